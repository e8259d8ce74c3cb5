"""The record that every report shows: how the forecasts of five past elections came out.

It is stored beside this module, because making it takes longer than a report may. ``make record``
writes it anew after the model has changed. Of forecasts published by others it holds the scores,
not the forecasts.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from forecaster.errors import DataError

FILE = Path(__file__).with_name("record.json")
DRAWS = 10_000
SOURCE = "polls"
FEWER_DRAWS = 3_000
"""Draws of our forecasts beside published ones, one for each day of publication, and of the model
without each of its parts."""
PACT_DRAWS, WARD_DRAWS = 300, 1_000
"""Draws for absences at general elections, and for those in wards and in France, where only the
transfers are drawn."""


def read_record() -> dict[str, Any]:
    """Return the stored record.

    Raises DataError if it is missing or damaged.

    Returns
    -------
    dict
        ``parameters`` (digest of the model scored), ``draws``, and the rows of the tables
        ``summary``, ``bands`` and ``reliability`` of ``forecast backtest``; ``truth``, the summary
        from true national shares; ``parts``, what the model scores without each of its parts;
        ``published``, rows of the table of that name, but with ours from the polls of the day of
        each forecast; ``pacts``, a row per absence of a party and recipient, ``pact_rules``, a row
        per class of absences and rule; ``wards`` and ``ward_rules``, the same for council
        elections; ``france``, a row per rule for the second round of 2024; ``headline``, what
        pacts come to by the evidence on transfers.
    """
    try:
        record: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(
            f"{FILE}: the record cannot be read ({error}). Reinstall the package, or write it "
            "anew with 'make record'."
        ) from None
    return record


def ranges_held(parameters: dict[str, Any]) -> str:
    """Return a sentence on how many 90 % ranges of seats held the result at past elections.

    `parameters`: those of the model, as a run's manifest holds them. The sentence says so if the
    record was made with others.
    """
    record = read_record()
    elections = [row["election"] for row in record["summary"] if row["election"] != "all"]
    every = next(row for row in record["summary"] if row["election"] == "all")
    others = "" if digest_of(parameters) == record["parameters"] else ", by other parameters,"
    return (
        f"Of such 90 % ranges{others} {100 * every['totals_coverage_90']:.0f} of 100 held the "
        f"seats that a party came to win at the {len(elections)} general elections from "
        f"{elections[0]} to {elections[-1]}, forecast from the polls of their eve."
    )


def digest_of(parameters: dict[str, Any]) -> str:
    """Return the digest of a model's parameters, as a run's manifest holds them."""
    return hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()


def digest_in_force() -> str:
    """Return the digest of the default model's parameters."""
    from forecaster.config.load import load_config

    return digest_of(load_config("next-election").model_dump(mode="json")["parameters"])


def build_record(
    published: Path | None = None, wards: Path | None = None, france: Path | None = None
) -> dict[str, Any]:
    """Forecast and score the past elections, as ``forecast backtest`` does.

    `published`: folder of forecasts by others; without it, the stored scores of them stay. `wards`:
    candidacies of council elections; without it, the stored scores stay. `france`: folder of French
    results; without it, the stored scores stay.

    Raises DataError if `published` is no folder, or a file is damaged.
    """
    # Imported here, as reports, which only read the record, need none of it.
    from forecaster.experiments import backtest
    from forecaster.experiments.french_record import french_rows
    from forecaster.experiments.headline import headline_table
    from forecaster.experiments.pact_record import pact_record, pact_tables
    from forecaster.experiments.ward_record import ward_record, ward_tables

    stored = {} if published and wards and france else read_record()
    of_pacts = pact_tables(pact_record(draws=PACT_DRAWS))
    of_wards = ward_tables(ward_record(wards, None, WARD_DRAWS)) if wards else None
    scored = backtest.backtest((), SOURCE, DRAWS)

    def summary(of: list[backtest.Scored], *methods: str) -> list[dict[str, Any]]:
        rows = backtest.summary_table(of, SOURCE).rows
        return [row for row in rows if row["method"] in methods]

    return {
        "parameters": digest_in_force(),
        "draws": DRAWS,
        "source": SOURCE,
        "summary": summary(scored, backtest.OURS),
        "uniform": summary(scored, "uniform"),
        "truth": summary(backtest.backtest((), "truth", DRAWS), backtest.OURS),
        "parts": backtest.backtest_parts(FEWER_DRAWS),
        "bands": backtest.bands_table(scored).rows,
        "reliability": backtest.reliability_table(scored).rows,
        "published": [one.row for one in backtest.backtest_published(published, FEWER_DRAWS)]
        if published
        else stored["published"],
        "pacts": of_pacts[0].rows,
        "pact_rules": of_pacts[1].rows,
        "wards": of_wards[0].rows if of_wards else stored["wards"],
        "ward_rules": of_wards[1].rows if of_wards else stored["ward_rules"],
        "france": french_rows(france, None, WARD_DRAWS) if france else stored["france"],
        "headline": headline_table().rows,
    }


if __name__ == "__main__":
    text = json.dumps(build_record(*map(Path, sys.argv[1:])), indent=1, ensure_ascii=False)
    FILE.write_text(text + "\n", encoding="utf-8")
