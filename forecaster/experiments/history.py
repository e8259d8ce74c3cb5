"""The forecast as it would have been on past days, each from the polls until then.

The days are kept in a folder like the points of a sweep, so that each is simulated once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from forecaster.answers.scores import favourites
from forecaster.answers.summary import MAJORITY_NOTE
from forecaster.columns import columns, table_of
from forecaster.config.config import Config, Polls
from forecaster.config.load import change, digest
from forecaster.errors import ConfigError, ResultsError, readable
from forecaster.experiments.sweep import (
    MEND,
    missing_points,
    open_sweep,
    read_point,
    read_points,
    write_point,
)
from forecaster.pipeline import simulate_run
from forecaster.results.precision import average, chance, interval
from forecaster.results.run import RunTables
from forecaster.simulation.workers import Machines
from forecaster.table import Column, Kind, Table
from forecaster.vocabulary import MAJORITY, PARTIES

STEPS = {"month": 1, "week": 7, "day": 1}
KINDS: dict[str, Kind] = {
    "mean": "number",
    "mean_mcse": "number",
    "p5": "integer",
    "p95": "integer",
    "majority": "probability",
    "largest": "probability",
}
SHOWN = 6
"""Number of parties in the table: those with most seats on the last day."""


def history_days(config: Config, first: date, every: str = "month") -> list[date]:
    """Return the days of a history: from the first one to that of the config's polls.

    `every`: one of `STEPS`. Later months begin on their first day; the config's day is always the
    last.

    Raises ConfigError if the config reads no polls, or the first day is not before its day.
    """
    if not isinstance(config.national, Polls):
        raise ConfigError("a history needs a config with national.source = 'polls'.")
    last = config.national.as_of
    if first >= last:
        raise ConfigError(f"--from {first}: expected a day before the config's, {last}.")
    days = [first]
    while days[-1] < last:
        day = days[-1]
        if every == "month":
            days.append((day.replace(day=1) + timedelta(days=31)).replace(day=1))
        else:
            days.append(day + timedelta(days=STEPS[every]))
    return [*(day for day in days if day < last), last]


def history(
    config: Config,
    days: Sequence[date],
    folder: Path,
    *,
    progress: Callable[[int], object] | None = None,
    **machines: Unpack[Machines],
) -> list[dict[str, Any]]:
    """Simulate the days that the folder does not hold yet, and return the rows of all days.

    There is a row per day, scenario and party: mean, median and 90 % interval of seats, chances to
    have a majority and to be the largest.

    `days`: last days of the polls; an election day in the config stays the same. `folder`: made if
    it does not exist; a day is added as soon as it is finished. `progress`: called with the number
    of days just finished.

    Raises ConfigError if there are no polls to read on a day. Raises ResultsError if the folder
    holds something else, or cannot be written.
    """
    import pyarrow as pa

    configs = [change(config, {"national.as_of": day}) for day in days]
    names = [digest(then) for then in configs]
    with open_sweep(folder):
        missing = missing_points(folder, names)
        for day, then, name in zip(days, configs, names, strict=True):
            if name in missing:
                run = simulate_run(then, keep_draws=then.draws, **machines)
                write_point(folder, name, pa.Table.from_pylist(_rows(run, day)))
            if progress is not None:
                progress(1)
    return _in_order(read_points(folder, names).to_pylist())


def kept_days(config: Config, folder: Path) -> list[dict[str, Any]]:
    """Return the rows of the days of a config that a history's folder holds; see `history`.

    Raises ResultsError if it holds none, or one is damaged.
    """
    rows = []
    for path in sorted((folder / "outcomes").glob("point=*")):
        name, table = read_point(path)
        with readable(path, ResultsError, MEND):
            if "day" not in table.column_names:
                raise ValueError("it holds no day of a history")
            then = date.fromisoformat(table.column("day")[0].as_py())
        if digest(change(config, {"national.as_of": then})) == name:
            rows += table.to_pylist()
    if not rows:
        raise ResultsError(
            f"{folder}: holds no day of this run. Make them with 'forecast history', from its "
            "config, pacts, draws and seed."
        )
    return _in_order(rows)


def _in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["scenario"], row["day"], PARTIES.index(row["party"])))


def _rows(run: RunTables, day: date) -> list[dict[str, Any]]:
    """Return the rows of a day."""
    out = []
    for scenario in run.scenarios:
        won = run.won(scenario)
        largest = favourites(won)
        for j, party in enumerate(run.parties):
            row: dict[str, Any] = {"day": day.isoformat(), "scenario": scenario, "party": party}
            row |= average("mean", won[:, j], run.cluster) | {"median": int(np.median(won[:, j]))}
            row |= interval(won[:, j]) | chance("majority", won[:, j] >= MAJORITY, run.cluster)
            out.append(row | chance("largest", largest[:, j], run.cluster))
    return out


def history_table(rows: list[dict[str, Any]], scenario: str, pacts: str = "") -> Table:
    """Return a row per day with the mean seats of the `SHOWN` largest parties.

    Data formats also get intervals and chances. `pacts` describes the scenario in the title.
    """
    own = [row for row in rows if row["scenario"] == scenario]
    days = list(dict.fromkeys(row["day"] for row in own))
    last = sorted((r for r in own if r["day"] == days[-1]), key=lambda row: -row["mean"])
    by = {(row["day"], row["party"]): row for row in own}
    parties = [row["party"] for row in last]
    wide = [
        {"day": day, "scenario": scenario}
        | {f"{p}_{key}": by.get((day, p), {}).get(key) for p in parties[:SHOWN] for key in KINDS}
        | {"hung": 1 - sum(by[day, p]["majority"] for p in parties if (day, p) in by)}
        for day in days
    ]
    return table_of(
        "Seats as they would have been forecast" + (f", {pacts} ({scenario})" if pacts else ""),
        (
            *columns("day | -scenario"),
            *(
                Column(f"{party}_{key}", party, kind, data_only=key != "mean")
                for party in parties[:SHOWN]
                for key, kind in KINDS.items()
            ),
            *columns("hung:probability=Hung"),
        ),
        wide,
        "Mean seats, with the polls to that day and nothing later; the model's parameters are "
        "those of today.",
        f"{MAJORITY_NOTE} Hung: no party has one.",
        "CSV and JSON hold intervals and chances too; the folder's Parquet files all parties.",
    )
