"""Check the contents of a run's manifest and tables when they are read.

A checksum shows that a file was not changed; these checks show that its contents can be used,
whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from forecaster.results.run import ALWAYS, SOMETIMES, column
from forecaster.vocabulary import ELECTIONS, NATIONS, NO_PACT, PARTIES, REGIONS


class Range(NamedTuple):
    """The numbers that a column may hold; NaN too if `missing`."""

    low: float
    high: float
    missing: bool = False


UNSEALED = 2
"""Schema version of runs without checksums, which can still be read."""

COUNT = Range(0, np.inf)
PART = Range(0, 1)
PART_OR_NONE = Range(0, 1, missing=True)

Column = Range | tuple[str, ...] | None
"""The numbers or the names that a column may hold; None for any names."""


def _columns(names: str, kind: Column) -> dict[str, Column]:
    return dict.fromkeys(names.split(), kind)


PLACE = {**_columns("seat name", None), "nation": NATIONS, "region": REGIONS}
CHANCES = "opponent_wins_without opponent_wins_with gain backfire"

TABLES: dict[str, dict[str, Column]] = {
    "seats": {
        **_columns("scenario", None),
        **PLACE,
        "party": PARTIES,
        **_columns("win_probability win_probability_mcse mean_share", PART),
        **_columns("share_p5 share_p50 share_p95", PART_OR_NONE),
    },
    "distribution": {
        "scenario": None,
        "party": PARTIES,
        **_columns("total elections elections_largest", COUNT),
    },
    "totals": {"scenario": None, "draw": COUNT, "party": PARTIES, "seats": COUNT},
    "national": {
        "draw": COUNT,
        "area": ("GB", *NATIONS),
        "party": PARTIES,
        "national_share": Range(-1e-6, 1 + 1e-6),
    },
    "tragedies": {
        **_columns("definition seat name", None),
        **_columns("tragedy tragedy_mcse", PART),
    },
    "tragedy_totals": {"draw": COUNT, "definition": None, "tragedies": COUNT},
    "pact_effects": {
        **_columns("scenario pact form seat name donors", None),
        "region": REGIONS,
        "flag_bearer": PARTIES,
        **_columns(" ".join(f"{name} {name}_mcse" for name in CHANCES.split()), PART),
        **_columns("exceeds exceeds_mcse", PART_OR_NONE),
        **_columns("break_even_p5 break_even_p50 break_even_p95", PART_OR_NONE),
    },
    "winners": {
        **_columns("scenario seat", None),
        "draw": COUNT,
        "winner": Range(0, len(PARTIES) - 1),
    },
    "shares": {"draw": COUNT, "seat": None, "party": PARTIES, "share": Range(-1e-6, 1 + 1e-6)},
}
"""Columns of every table. Rounding in float32 may take a drawn share just beyond 0 or 1."""


class Kind(NamedTuple):
    """How users know the runs of one kind."""

    name: str
    """Value of ``kind`` in the manifest; that of a run of the House lacks it."""
    what: str
    commands: str
    """The command whose subcommands read such runs."""
    example: str
    """What its ``simulate`` takes."""
    root: Path
    """Folder in which runs are stored unless a user names one."""


HOUSE_RUNS = Kind("house", "a run of general elections", "forecast", "next-election", Path("runs"))
COUNCIL_RUNS = Kind(
    *("councils", "a run of council elections", "forecast council", "london-2026"),
    root=Path("runs", "councils"),
)
KINDS = {kind.name: kind for kind in (HOUSE_RUNS, COUNCIL_RUNS)}


class Schema(NamedTuple):
    """What the runs of one kind hold."""

    kind: Kind
    versions: tuple[int, ...]
    """Schema versions that this program reads; it writes the last."""
    manifest: dict[str, type]
    """Types of the values of the manifest beside those of `MANIFEST`."""
    tables: dict[str, dict[str, Column]]
    mistakes: Callable[[dict[str, Any]], Iterator[str]]
    """Yields what else is wrong with a manifest."""
    check_rows: Callable[[str, pa.Table, dict[str, Any]], None]
    """Raises ValueError if a table has not as many rows as its manifest makes."""


MANIFEST: dict[str, type] = {
    "title": str,
    **dict.fromkeys(("scenarios", "parties"), list),
    **dict.fromkeys(("draws", "seed"), int),
    **dict.fromkeys(("data", "versions", "rows"), dict),
}
"""Types of the values of any run's manifest."""


def check_manifest(manifest: dict[str, Any], schema: Schema) -> None:
    """Raise ValueError with the mistake if something is not the manifest of a run."""
    for wrong in _mistakes(manifest, schema):
        raise ValueError(wrong)


def _mistakes(manifest: dict[str, Any], schema: Schema) -> Iterator[str]:
    for key, kind in (MANIFEST | schema.manifest).items():
        value = manifest.get(key)
        if not isinstance(value, kind) or isinstance(value, bool):
            yield f"{key} is missing, or of another type"
    for key in ("scenarios", "parties"):
        names = manifest[key]
        if not all(isinstance(name, str) for name in names) or len({*names}) < len(names):
            yield f"{key} are not distinct names"
    if manifest["scenarios"][:1] != [NO_PACT]:
        yield f"the first of scenarios is not {NO_PACT}"
    if not all(isinstance(number, int) for number in manifest["rows"].values()):
        yield "rows are not numbers"
    yield from schema.mistakes(manifest)


def _house_mistakes(manifest: dict[str, Any]) -> Iterator[str]:
    if not {*manifest["parties"]} <= {*PARTIES}:
        yield "parties has one that is unknown"
    if manifest["base"] not in ELECTIONS:
        yield "base is no election of the data"
    if not 1 <= manifest["draws_kept"] <= manifest["draws"]:
        yield "draws_kept is not between 1 and draws"
    for key in ("national", "base", "parameters"):
        if not isinstance(manifest["config"].get(key), dict):
            yield f"config has no {key}"
    if not {*ALWAYS} <= {*manifest["rows"]} <= {*ALWAYS, *SOMETIMES}:
        yield "rows do not name the tables of a run"


def check_table(
    name: str, table: pa.Table, manifest: dict[str, Any], schema: Schema, column: str | None = None
) -> None:
    """Raise ValueError with the mistake if a table, or one column, does not fit its run."""
    every = schema.tables[name]
    known = every if column is None else {column: every[column]}
    if sorted(table.column_names) != sorted(known):
        raise ValueError("its columns are not those of a run")
    for key, kind in known.items():
        array = table.column(key)
        if array.null_count:
            raise ValueError(f"{key} has blanks")
        if isinstance(kind, Range):
            _check_numbers(key, array, kind)
        else:
            names = tuple(manifest["scenarios"]) if key == "scenario" else kind
            _check_names(key, array, names)
    schema.check_rows(name, table, manifest)


def _check_numbers(key: str, array: pa.ChunkedArray, within: Range) -> None:
    if not (pa.types.is_integer(array.type) or pa.types.is_floating(array.type)):
        raise ValueError(f"{key} are not numbers")
    for chunk in array.chunks:
        if not len(chunk):
            continue
        values = np.from_dlpack(chunk)
        # With a NaN, np.min and np.max are NaN, and the comparison below fails.
        extremes = np.fmin.reduce, np.fmax.reduce
        low, high = (of(values) for of in (extremes if within.missing else (np.min, np.max)))
        nothing = within.missing and np.isnan(low)
        if not nothing and not within.low <= low <= high <= within.high:
            raise ValueError(f"{key} lies outside {within.low:g} to {within.high:g}")


def _check_names(key: str, array: pa.ChunkedArray, known: tuple[str, ...] | None) -> None:
    if not pa.types.is_dictionary(array.type) or not pa.types.is_string(array.type.value_type):
        raise ValueError(f"{key} are not names")
    for chunk in array.chunks:
        names = chunk.dictionary.to_pylist()
        if None in names or (known is not None and not {*names} <= {*known}):
            raise ValueError(f"{key} has a name that is not one of the run's")


def _check_house_rows(name: str, table: pa.Table, manifest: dict[str, Any]) -> None:
    """Check the number of rows, and the number of elections in a distribution."""
    scenarios, kept = len(manifest["scenarios"]), manifest["draws_kept"]
    every = {"totals": kept * scenarios * len(manifest["parties"])}
    whole = {"national": kept, "tragedy_totals": kept, "winners": kept * scenarios}
    rows = table.num_rows
    if rows != every.get(name, rows) or rows % whole.get(name, 1):
        raise ValueError("it has not as many rows as the draws of the run make")
    if name == "distribution":
        counted = int(column(table, "elections").sum())
        parties = {*column(table, "party").tolist()}
        if counted != manifest["draws"] * scenarios * len(parties):
            raise ValueError("it does not count as many elections as the run has")


HOUSE = Schema(
    kind=HOUSE_RUNS,
    versions=(UNSEALED, 3),
    manifest={
        **dict.fromkeys(("base", "boundaries", "start", "national_source", "config_digest"), str),
        "draws_kept": int,
        **dict.fromkeys(("config", "timings"), dict),
    },
    tables=TABLES,
    mistakes=_house_mistakes,
    check_rows=_check_house_rows,
)
