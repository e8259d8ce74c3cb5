"""The record that every report shows: how the forecasts of five past elections came out.

It is stored beside this module, because making it takes longer than a report may. ``make record``
writes it anew after the model has changed.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from forecaster.errors import DataError

FILE = Path(__file__).with_name("record.json")
DRAWS = 10_000
SOURCE = "polls"


def read_record() -> dict[str, Any]:
    """Return the stored record.

    Returns
    -------
    dict
        ``parameters`` (digest of the model scored), ``draws``, and the rows of the tables
        ``summary``, ``bands`` and ``reliability`` of ``forecast backtest``.

    Raises
    ------
    DataError
        If it is missing or damaged.
    """
    try:
        record: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(
            f"{FILE}: the record cannot be read ({error}). Reinstall the package, or write it "
            "anew with 'make record'."
        ) from None
    return record


def digest_of(parameters: dict[str, Any]) -> str:
    """Return the digest of a model's parameters, as a run's manifest holds them."""
    return hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()


def digest_in_force() -> str:
    """Return the digest of the default model's parameters."""
    from forecaster.config.load import load_config

    return digest_of(load_config("next-election").model_dump(mode="json")["parameters"])


def build_record() -> dict[str, Any]:
    """Forecast and score the past elections, as ``forecast backtest`` does."""
    # A report only reads the record, and shall not wait for what makes it.
    from forecaster.experiments import backtest

    scored = backtest.backtest((), SOURCE, DRAWS)
    return {
        "parameters": digest_in_force(),
        "draws": DRAWS,
        "source": SOURCE,
        "summary": [
            row
            for row in backtest.summary_table(scored, SOURCE).rows
            if row["method"] == backtest.OURS
        ],
        "bands": backtest.bands_table(scored).rows,
        "reliability": backtest.reliability_table(scored).rows,
    }


if __name__ == "__main__":
    text = json.dumps(build_record(), indent=1, ensure_ascii=False)
    FILE.write_text(text + "\n", encoding="utf-8")
