"""The tables described as a Data Package, which other programs read: https://datapackage.org."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from catalogue import Column, Table

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
LICENCES = {
    "CC0": "CC0-1.0",
    "MIT": "MIT",
    "Open Government Licence v3.0": "OGL-UK-3.0",
    "Open Parliament Licence v3.0": "OPL-UK-3.0",
}
"""SPDX identifiers of the licences; what else stands under licence says that there is none."""
WORDS = ("text", "ONS code", "party", "party code")
"""Units of columns that hold words, whatever those look like."""
TYPES: dict[str, Callable[[str], object]] = {
    "integer": int,
    "number": float,
    "date": date.fromisoformat,
}
"""Types of the Table Schema by what reads their values, the narrowest first."""


def datapackage(
    entries: Iterable[Mapping[str, object]], tables: Sequence[Table]
) -> dict[str, object]:
    """Return the descriptor of all tables.

    `entries`: what the catalogue says of each table. `tables`: the same tables, in that order.
    """
    return {
        "$schema": PROFILE,
        "name": "uk-election-forecaster-data",
        "title": "Elections, polls and seats of the United Kingdom",
        "resources": [_resource(*both) for both in zip(entries, tables, strict=True)],
    }


def _resource(entry: Mapping[str, object], table: Table) -> dict[str, object]:
    licences = [
        {"name": LICENCES[name], "title": name} for name in LICENCES if name in table.licence
    ]
    columns = zip(table.columns.items(), zip(*table.rows, strict=True), strict=True)
    return {
        "name": re.sub(r"[^a-z0-9]+", "-", table.path.removesuffix(".csv").lower()),
        "path": table.path,
        "title": table.title,
        "description": f"Licence: {table.licence}",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "hash": f"sha256:{entry['sha256']}",
        "sources": [{"title": table.source}],
        **({"licenses": licences} if licences else {}),
        "schema": {
            "fields": [_field(name, column, values) for (name, column), values in columns],
            "missingValues": [""],
        },
    }


def _field(name: str, column: Column, values: Iterable[str]) -> dict[str, str]:
    kind = "string" if column.unit in WORDS else _type({value for value in values if value})
    described = {"name": name, "type": kind, "description": column.description}
    return described if column.unit in WORDS else {**described, "unit": column.unit}


def _type(values: set[str]) -> str:
    """Return the narrowest type that all values have."""
    for name, read in TYPES.items():
        try:
            for value in values:
                read(value)
        except ValueError:
            continue
        return name
    return "string"
