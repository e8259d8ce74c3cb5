"""The columns of the answer tables: ``columns.csv`` declares heading, kind and standard error.

A table lists keys and gets its columns from `columns`. An undeclared key is a column of texts with
the key as its heading: ``"members"`` becomes ``"Members"``.
"""

from __future__ import annotations

from typing import Any, cast

from forecaster.table import Column, Kind, Table
from forecaster.vocabulary import declared

Row = dict[str, Any]

DECLARED: dict[str, tuple[str, Kind, bool]] = {
    row["key"]: (row["heading"], cast(Kind, row["kind"]), row["error"] == "yes")
    for row in declared("columns.csv")
}
"""By key: heading, kind, and whether the column is followed by its standard error."""

FOR_PROGRAMS = frozenset({"seat"})
"""Columns that are never printed."""


def columns(wanted: str, hide: bool = False) -> tuple[Column, ...]:
    """Return the columns of a table.

    `wanted`: columns separated by ``" | "``, each as ``[-|?]key[:kind][+|~|!][=heading]``. ``-``
    means that the column is not printed; ``?`` the same if `hide` is true. ``+`` adds its standard
    error, under the key ``KEY_mcse``, ``~`` adds it without printing it (the default if one is
    declared), ``!`` leaves it out. `kind` and `heading` replace the declared ones.

    >>> [column.key for column in columns("party | mean | -p5 | p95=to at most")]
    ['party', 'mean', 'mean_mcse', 'p5', 'p95']
    """
    out: list[Column] = []
    for spec in wanted.split(" | "):
        name, _, heading = spec.lstrip("-?").partition("=")
        key, _, other = name.rstrip("+!~").partition(":")
        usual = DECLARED.get(key, (key.replace("_", " ").capitalize(), "text", False))
        kind = cast(Kind, other) if other else usual[1]
        hidden = spec[0] == "-" or (hide and spec[0] == "?") or key in FOR_PROGRAMS
        out.append(Column(key, heading or usual[0], kind, hidden))
        if (usual[2] or name[-1] in "+~") and name[-1] != "!":
            out.append(error_of(out[-1], shown=name[-1] == "+"))
    return tuple(out)


def table_of(
    title: str, wanted: str | tuple[Column, ...], rows: list[Row], *notes: str, hide: bool = False
) -> Table:
    """Return a table with its columns as `columns` takes them, or as they are."""
    shown = columns(wanted, hide) if isinstance(wanted, str) else wanted
    return Table(title, shown, rows, notes)


def error_of(column: Column, shown: bool = False) -> Column:
    """Return the column of another's standard error, which is printed only if `shown`."""
    kind: Kind = "error" if column.kind in ("share", "probability") else "unit_error"
    return Column(f"{column.key}_mcse", "Standard error", kind, data_only=not shown)
