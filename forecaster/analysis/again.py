"""A stored run simulated again, for what it does not store: the same elections, from its seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from forecaster.analysis.summary import seats_won
from forecaster.config.run import Run
from forecaster.elections.read import Floats
from forecaster.errors import ResultsError
from forecaster.results.tables import Tables, seats_by_party
from forecaster.simulation.plan import Plan, build_plan
from forecaster.simulation.run import simulate
from forecaster.simulation.scenarios import build_scenarios
from forecaster.vocabulary import BALLOT, NATIONS, NO_PACT, PARTIES, REGIONS


def stored_config(manifest: dict[str, Any]) -> Run:
    """Return the config of a stored run from its manifest.

    Raises
    ------
    ResultsError
        If this version of the program reads other configs.
    """
    from pydantic import ValidationError

    try:
        return Run.model_validate(manifest["config"])
    except ValidationError as error:
        key = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise ResultsError(
            f"the run was stored by another version of the program (its config differs at {key}). "
            "Simulate it again."
        ) from None


def plan_again(run: Run) -> Plan:
    """Return the plan of a stored run, without its pacts."""
    return build_plan(run.model_copy(update={"scenarios": ()}))


def check_same(found: Any, stored: Any) -> None:
    """Raise ResultsError if seats won do not come out as the run stored them."""
    if np.any(found != stored):
        raise ResultsError(
            "the run does not come out as it was stored: data or program have changed since. "
            "Simulate it again."
        )


def regional_shares(
    tables: Tables, threads: int, progress: Callable[[int], object] | None = None
) -> Floats:
    """Return the shares of every region in every draw, without pacts.

    Parameters
    ----------
    tables : Tables
    threads : int
    progress : callable, optional
        Called with the number of draws just finished.

    Returns
    -------
    ndarray, shape (draw, region, party)
        Of the region's valid votes at the turnout of the base; parties as in
        `vocabulary.PARTIES`.

    Raises
    ------
    ResultsError
        If the run does not come out as stored, since data or program have changed.
    """
    stored = seats_won(tables, NO_PACT)
    plan = plan_again(stored_config(tables.manifest).model_copy(update={"draws": len(stored)}))
    counts = simulate(
        plan,
        build_scenarios(plan),
        threads=threads,
        keep_draws=len(stored),
        keep_regions=True,
        shares=False,
        progress=progress,
    )
    parties = tables.manifest["parties"]
    check_same(seats_by_party(counts.tally, parties)[:, 0], stored)
    votes = counts.tally.regional.astype(float)
    total = np.bincount(plan.base.seats.region, plan.arrays.weight)
    out = np.zeros((len(stored), len(REGIONS), len(PARTIES)))
    for r, a in enumerate(plan.arrays.region_nation):
        for column, party in enumerate(BALLOT[NATIONS[a]]):
            out[:, r, PARTIES.index(party)] += votes[:, r, column] / total[r]
    return out
