"""A table of answers: named columns, rows, and the notes needed to read them rightly."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from inspect import unwrap
from typing import TYPE_CHECKING, Any, Literal, ParamSpec

from forecaster.errors import ConfigError
from forecaster.vocabulary import suggest

if TYPE_CHECKING:
    import pandas as pd

P = ParamSpec("P")

Kind = Literal[
    "text",
    "integer",
    "number",
    "difference",
    "whole_difference",
    "fraction",
    "score",
    "share",
    "probability",
    "error",
    "unit_error",
]


FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Characters at the start of a text that make spreadsheets read it as a formula."""


@dataclass(frozen=True)
class Column:
    """A column: its key in data formats, its heading in print, and how to print its values.

    ``share``, ``probability`` and ``error`` are fractions from 0 to 1, printed in per cent. A
    ``unit_error`` is a standard error in the unit of its quantity.
    """

    key: str
    heading: str
    kind: Kind = "text"
    data_only: bool = False


@dataclass(frozen=True)
class Table:
    """A table of answers."""

    title: str
    columns: tuple[Column, ...]
    """A ``data_only`` column is written to CSV and JSON, not to a terminal."""
    rows: list[dict[str, Any]]
    """Values by column key."""
    notes: tuple[str, ...] = ()
    """Definitions and cautions, printed below the table."""

    def sorted_by(self, key: str) -> Table:
        """Return the table sorted by a column: numbers from the largest, text from A.

        Raises ConfigError if there is no such column.
        """
        columns = {column.key: column for column in self.columns}
        if key not in columns:
            raise ConfigError(f"--sort {key}: no such column. {suggest(key, columns)}")
        text = columns[key].kind == "text"
        filled = [row for row in self.rows if row[key] is not None]
        empty = [row for row in self.rows if row[key] is None]
        filled.sort(key=lambda row: row[key], reverse=not text)
        return replace(self, rows=filled + empty)

    def where(self, keep: Callable[[dict[str, Any]], bool]) -> Table:
        """Return the table with the rows for which `keep` is true."""
        return replace(self, rows=[row for row in self.rows if keep(row)])

    def first(self, n: int | None) -> Table:
        """Return the table with its first `n` rows; all of them for None."""
        return replace(self, rows=self.rows[:n])

    def shortened_by(self, left: int) -> Table:
        """Return the table with a note on the rows that are left out, if there are any."""
        more = f"… {left:,} more rows: --limit 0 shows all."
        return replace(self, notes=(more, *self.notes)) if left else self

    @staticmethod
    def joined(tables: list[Table]) -> Table:
        """Return tables of the same columns as one, with the rows of all."""
        return replace(tables[0], rows=[row for table in tables for row in table.rows])

    def to_pandas(self) -> pd.DataFrame:
        """Return a DataFrame of all columns by key; title, notes and headings are in ``attrs``."""
        import pandas as pd

        keys = [column.key for column in self.columns]
        frame = pd.DataFrame([[row[key] for key in keys] for row in self.rows], columns=keys)
        headings = {column.key: column.heading for column in self.columns}
        frame.attrs = {"title": self.title, "notes": list(self.notes), "headings": headings}
        return frame


def answer(table: Callable[P, Table]) -> Callable[P, pd.DataFrame]:
    """Turn a function or method that returns a Table into one that returns a DataFrame.

    `as_table`, and for methods `forecaster.answers.run.Answering.table`, return the Table.
    """

    @wraps(table)
    def frame(*args: P.args, **kwargs: P.kwargs) -> pd.DataFrame:
        return table(*args, **kwargs).to_pandas()

    return frame


def as_table(question: Callable[P, pd.DataFrame], *args: P.args, **kwargs: P.kwargs) -> Table:
    """Return the answer of a public function as a Table, with headings and notes as printed."""
    found: Table = unwrap(question)(*args, **kwargs)
    return found


def as_csv(table: Table) -> str:
    """Return a table as CSV: every column by its key, unrounded."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.key for column in table.columns])
    for row in table.rows:
        writer.writerow([_harmless(row[column.key]) for column in table.columns])
    return out.getvalue()


def _harmless(value: Any) -> Any:
    """Return a cell; a text that a spreadsheet would read as a formula gets an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
