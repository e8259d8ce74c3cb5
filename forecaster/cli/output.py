"""Print tables for a person, or write them as CSV, JSON or Markdown; and print what is logged."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import click

from forecaster.cli.options import Count

if TYPE_CHECKING:
    from forecaster.table import Table

FORMATS = ("table", "csv", "json", "markdown")
FOR_PEOPLE = ("table", "markdown")


@dataclass(frozen=True)
class Output:
    """Writes the tables of a command according to ``--sort``, ``--limit`` and ``--format``."""

    sort: str | None
    limit: int | None
    style: str

    @property
    def for_people(self) -> bool:
        """Whether the format is for people rather than programs."""
        return self.style in FOR_PEOPLE

    def write(self, *tables: Table, beside: tuple[Table, ...] = (), few: int | None = None) -> None:
        """Write tables of the same columns: one after the other, or joined for programs.

        `beside`: further tables with other columns, written in formats for people only. `few`:
        default of ``--limit`` in formats for people; all rows if left out.
        """
        shaped = [self._shaped(table, few if self.for_people else None) for table in tables]
        if not self.for_people:
            shaped = [shaped[0].joined(shaped)]
        for table in (*shaped, *(beside if self.for_people else ())):
            _write(table, self.style)

    def _shaped(self, table: Table, few: int | None) -> Table:
        every = table if self.sort is None else table.sorted_by(self.sort)
        limit = few if self.limit is None else self.limit or None
        shown = every.first(limit)
        return shown.shortened_by(self.for_people * (len(every.rows) - len(shown.rows)))


@contextmanager
def working(label: str) -> Iterator[None]:
    """Show on a terminal that work of unknown length is being done."""
    from forecaster.cli.terminal import progress_bar

    with progress_bar(None, label=label):
        yield


def table_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--sort``, ``--limit`` and ``--format``; the command gets them as one `Output`."""

    @click.option("--sort", help="Column to sort by: numbers from the largest, text from A.")
    @click.option(
        "--limit", type=Count(0), help="Print only so many rows of a table; 0 prints all."
    )
    @click.option(
        "--format",
        "style",
        type=click.Choice(FORMATS),
        default="table",
        help="How to write the table; csv and json carry every column, unrounded.",
    )
    @wraps(command)
    def with_output(*, sort: str | None, limit: int | None, style: str, **others: Any) -> Any:
        return command(output=Output(sort, limit, style), **others)

    return with_output


Printed = Annotated[Output, table_options]
"""Parameter of a command that prints tables."""


def check_picture(out: Path | None, force: bool) -> None:
    """Refuse a name that no picture can have, before anything is computed for it."""
    if out is not None:
        from forecaster.report.plots import check_name

        check_name(out, force)


def write_picture(draw: Callable[[Any], str], out: Path | None, force: bool) -> None:
    """Write the picture that a command is asked for beside its tables, if it is, and say so.

    `draw`: takes the module of pictures and returns one of them.
    """
    if out is not None:
        from forecaster.report import plots

        plots.write_picture(draw(plots), out, force)
        click.echo(f"Written: {out}", err=True)


def _write(table: Table, style: str) -> None:
    """Print a table in one of `FORMATS`."""
    if style == "table":
        from forecaster.cli.terminal import print_table

        print_table(table)
    elif style == "csv":
        from forecaster.table import as_csv

        sys.stdout.write(as_csv(table))
    elif style == "json":
        keys = [column.key for column in table.columns]
        rows = [{key: row[key] for key in keys} for row in table.rows]
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
    else:
        click.echo(_markdown(table))


def _markdown(table: Table) -> str:
    from forecaster.report.wording import cell

    shown = [column for column in table.columns if not column.data_only]
    lines = [
        f"**{table.title}**\n",
        "| " + " | ".join(column.heading for column in shown) + " |",
        "|" + "|".join("---" if column.kind == "text" else "---:" for column in shown) + "|",
    ]
    for row in table.rows:
        cells = (cell(column, row).replace("|", "\\|") for column in shown)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", *(f"{note}  " for note in table.notes)])


class Notices(logging.Handler):
    """Print log messages: warnings always, all others on a terminal only."""

    def __init__(self) -> None:
        super().__init__()
        # Asked now, because a progress bar replaces the stream by one that is not a terminal.
        self._terminal = sys.stderr.isatty()

    def emit(self, record: logging.LogRecord) -> None:
        """Print a line on standard error, above a progress bar if there is one."""
        if record.levelno >= logging.WARNING or self._terminal:
            click.echo(self.format(record), err=True)


def show_notices() -> None:
    """Print log messages from now on."""
    logger = logging.getLogger("forecaster")
    if not logger.handlers:
        logger.addHandler(Notices())
        logger.setLevel(logging.INFO)
