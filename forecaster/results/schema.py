"""Check the contents of a run's manifest and tables when they are read.

A checksum shows that a file was not changed; these checks show that its contents can be used,
whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator
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

MANIFEST: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("title", "base", "boundaries", "start", "national_source"), str),
    **dict.fromkeys(("scenarios", "parties"), list),
    **dict.fromkeys(("draws", "draws_kept", "seed"), int),
    **dict.fromkeys(("config", "data", "versions", "timings", "rows"), dict),
    "config_digest": str,
}


def check_manifest(manifest: dict[str, Any]) -> None:
    """Raise ValueError with the mistake if something is not the manifest of a run."""
    for wrong in _mistakes(manifest):
        raise ValueError(wrong)


def _mistakes(manifest: dict[str, Any]) -> Iterator[str]:
    for key, kind in MANIFEST.items():
        value = manifest.get(key)
        if not isinstance(value, kind) or isinstance(value, bool):
            yield f"{key} is missing, or of another type"
    for key in ("scenarios", "parties"):
        names = manifest[key]
        if not all(isinstance(name, str) for name in names) or len({*names}) < len(names):
            yield f"{key} are not distinct names"
    if manifest["scenarios"][:1] != [NO_PACT]:
        yield f"the first of scenarios is not {NO_PACT}"
    if not {*manifest["parties"]} <= {*PARTIES}:
        yield "parties has one that is unknown"
    if manifest["base"] not in ELECTIONS:
        yield "base is no election of the data"
    if not 1 <= manifest["draws_kept"] <= manifest["draws"]:
        yield "draws_kept is not between 1 and draws"
    for key in ("national", "base", "parameters"):
        if not isinstance(manifest["config"].get(key), dict):
            yield f"config has no {key}"
    rows = manifest["rows"]
    if not {*ALWAYS} <= {*rows} <= {*ALWAYS, *SOMETIMES}:
        yield "rows do not name the tables of a run"
    if not all(isinstance(number, int) for number in rows.values()):
        yield "rows are not numbers"


def check_table(
    name: str, table: pa.Table, manifest: dict[str, Any], column: str | None = None
) -> None:
    """Raise ValueError with the mistake if a table, or one column, does not fit its run."""
    known = TABLES[name] if column is None else {column: TABLES[name][column]}
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
    _check_rows(name, table, manifest)


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


def _check_rows(name: str, table: pa.Table, manifest: dict[str, Any]) -> None:
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
