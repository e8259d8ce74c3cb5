"""A table in a terminal: aligned, with a bar for each probability and the parties' colours.

Bars and colours are left out where nobody sees them: in a pipe, where they do not fit or cannot be
encoded, and colours where the terminal has none or ``NO_COLOR`` is set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from forecaster.report.palette import PARTY_COLOURS
from forecaster.report.wording import cell
from forecaster.table import Column, Table
from forecaster.vocabulary import PARTY_NAMES

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table as Grid
    from rich.text import Text

PIPE_WIDTH = 140
"""A pipe has no width; do not cut columns to 80."""

BOUNDLESS = 10_000
BAR_WIDTH = 8
EIGHTHS = " ▏▎▍▌▋▊▉"
MARK = "■ "

PARTY_OF = {name: code for code, name in PARTY_NAMES.items()} | {code: code for code in PARTY_NAMES}


def print_table(table: Table) -> None:
    """Print a table and its notes to standard output."""
    from rich.console import Console

    console = Console(soft_wrap=False, highlight=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    bars = console.is_terminal and _can_write(console, EIGHTHS + "█")
    grid = _grid(table, console, bars)
    if bars and _width(grid, console) > console.width:
        grid = _grid(table, console, bars=False)
    console.print(grid)
    for note in table.notes:
        console.print(note, markup=False)
    console.print()


def bar(p: float, width: int = BAR_WIDTH) -> str:
    """Return a probability as a bar of full and part blocks.

    Examples
    --------
    >>> bar(0.5), bar(0.1), bar(1)
    ('████    ', '▊       ', '████████')
    """
    eighths = round(8 * width * p)
    part = EIGHTHS[eighths % 8] if eighths % 8 else ""
    return ("█" * (eighths // 8) + part).ljust(width)


def _width(grid: Grid, console: Console) -> int:
    return console.measure(grid, options=console.options.update(width=BOUNDLESS)).maximum


def _grid(table: Table, console: Console, bars: bool) -> Grid:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table as Grid

    grid = Grid(title=table.title, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    shown = [column for column in table.columns if not column.data_only]
    for column in shown:
        justify: Literal["left", "right"] = "left" if column.kind == "text" else "right"
        grid.add_column(column.heading, justify=justify, overflow="fold")
    marked = _marked(table, shown, console)
    for row in table.rows:
        grid.add_row(*(_cell(column, row, bars, column.key in marked) for column in shown))
    return grid


def _cell(column: Column, row: dict[str, Any], bars: bool, marked: bool) -> Text:
    from rich.text import Text

    value, words = row[column.key], cell(column, row)
    if marked:
        colour = PARTY_COLOURS.get(PARTY_OF.get(value, ""))
        mark = (MARK, colour) if colour else " " * len(MARK)
        return Text.assemble(mark, words)
    if bars and column.kind == "probability" and value is not None:
        return Text.assemble((bar(value), "dim"), f" {words:>5}")
    return Text(words)


def _marked(table: Table, shown: list[Column], console: Console) -> set[str]:
    """Return the columns in whose cells a party's colour stands before its name."""
    if not console.color_system or console.no_color or not _can_write(console, MARK):
        return set()
    return {
        column.key
        for column in shown
        if column.kind == "text" and any(row[column.key] in PARTY_OF for row in table.rows)
    }


def _can_write(console: Console, text: str) -> bool:
    try:
        text.encode(console.encoding)
    except UnicodeEncodeError:
        return False
    return True


@contextmanager
def progress_bar(
    total: int, quiet: bool, label: str = "Simulating"
) -> Iterator[Callable[[int], object]]:
    """Yield a function to call with the number just finished: a bar on a terminal, else nothing."""
    from rich.console import Console

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda done: None
        return

    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (TextColumn(label), BarColumn(), MofNCompleteColumn(), Remaining())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda done: bar.advance(task, done)
