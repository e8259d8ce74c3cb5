"""Monte Carlo forecaster of UK general elections and of what an electoral pact would change.

>>> import forecaster
>>> run = forecaster.simulate("next-election", pacts=["progressive"], draws=512)
>>> seats = run.compare().set_index("group").difference
>>> bool(seats["Lab+LD+Green"] > 0)
True

Names are imported when they are first used, so that the command line starts at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from forecaster.api import (
        Chance,
        PastElection,
        Run,
        audit,
        backtest,
        backtest_pacts,
        calibrate,
        export_data,
        frontier,
        history,
        list_data,
        list_runs,
        load_election,
        national_shares,
        open_run,
        optimise,
        replicate,
        schema,
        sensitivity,
        simulate,
        sweep,
        transfers,
    )
    from forecaster.config.pact import Pact
    from forecaster.council_api import (
        CouncilRun,
        council_ledger,
        list_councils,
        open_council_run,
        score_councils,
        simulate_councils,
    )
    from forecaster.errors import ConfigError, DataError, ForecastError, ResultsError

    __version__: str

__all__ = [
    "Chance",
    "ConfigError",
    "CouncilRun",
    "DataError",
    "ForecastError",
    "Pact",
    "PastElection",
    "ResultsError",
    "Run",
    "__version__",
    "audit",
    "backtest",
    "backtest_pacts",
    "calibrate",
    "council_ledger",
    "export_data",
    "frontier",
    "history",
    "list_councils",
    "list_data",
    "list_runs",
    "load_election",
    "national_shares",
    "open_council_run",
    "open_run",
    "optimise",
    "replicate",
    "schema",
    "score_councils",
    "sensitivity",
    "simulate",
    "simulate_councils",
    "sweep",
    "transfers",
]

_ELSEWHERE = (
    {"Pact": "config.pact"}
    | dict.fromkeys(("ConfigError", "DataError", "ForecastError", "ResultsError"), "errors")
    | dict.fromkeys(
        (
            "CouncilRun",
            "council_ledger",
            "list_councils",
            "open_council_run",
            "score_councils",
            "simulate_councils",
        ),
        "council_api",
    )
)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name == "__version__":
        from forecaster.version import VERSION

        return VERSION
    if name not in __all__:
        raise AttributeError(f"module 'forecaster' has no attribute {name!r}")
    return getattr(import_module(f"forecaster.{_ELSEWHERE.get(name, 'api')}"), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return __all__
