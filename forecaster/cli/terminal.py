"""Print a table to a terminal: aligned, with bars for probabilities and the parties' colours.

Numbers are never broken. If a table is wider than the terminal, bars are left out; then headings
and texts wrap at blanks; then columns are left out from the last; and if fewer than half of them
would be left, each row is printed as a record. A pipe has unlimited width. Bars and colours are
also left out if they cannot be encoded, and colours if the terminal has none or ``NO_COLOR`` is
set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal

from forecaster.report.wording import cell
from forecaster.table import Column, Table
from forecaster.vocabulary import PARTY_COLOURS, PARTY_NAMES

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table as Grid
    from rich.text import Text

BOUNDLESS = 100_000
"""Width of a table in a pipe."""

GAP = 2
"""Blanks between columns."""

SHORTEST = 16
"""Texts of at most so many characters do not wrap, and longer words are not cut to fewer."""

BAR_WIDTH = 8
WIDEST = len(">99 %")
"""Width of every probability beside a bar, so that bars are aligned."""

EIGHTHS = " ▏▎▍▌▋▊▉"
MARK = "■ "

PARTY_OF = {name: code for code, name in PARTY_NAMES.items()} | {code: code for code in PARTY_NAMES}


def print_table(table: Table) -> None:
    """Print a table and its notes to standard output."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = BOUNDLESS
    console.print(Text(visible(table.title), "bold"))
    console.print()
    every = [column for column in table.columns if not column.data_only]
    bars = console.is_terminal and _can_write(console, EIGHTHS + "█")
    sizes = _sizes(table, every, console, bars)
    if bars and sum(size.natural for size in sizes) - GAP > console.width:
        bars, sizes = False, _sizes(table, every, console, bars=False)
    totals = accumulate(size.least for size in sizes)
    shown = every[: sum(total - GAP <= console.width for total in totals)]
    missing = ", ".join(column.heading for column in every[len(shown) :])
    if len(shown) < len(every) / 2:
        _print_records(table, every, console)
    else:
        widths = _widths(sizes[: len(shown)], console.width)
        _print_grid(_grid(table, shown, widths, console, bars), console)
        if missing:
            console.print(
                f"Not shown for want of width: {missing}. A wider terminal or csv has it."
            )
    for note in table.notes:
        console.print(visible(note))
    console.print()


def visible(text: str) -> str:
    """Return a text with a mark in place of each control character."""
    return "".join(one if one.isprintable() else "�" for one in text)


def bar(p: float) -> str:
    """Return a probability as a bar of full and part blocks.

    >>> bar(0.5), bar(0.1), bar(1)
    ('████    ', '▊       ', '████████')
    """
    eighths = round(8 * BAR_WIDTH * p)
    part = EIGHTHS[eighths % 8] if eighths % 8 else ""
    return ("█" * (eighths // 8) + part).ljust(BAR_WIDTH)


@dataclass(frozen=True)
class Size:
    """Widths of a column, each with the gap after it.

    They are those with nothing wrapped (`natural`), with only the heading wrapped (`cells`), and
    with texts wrapped too (`least`).
    """

    natural: int
    cells: int
    least: int


def _sizes(table: Table, columns: list[Column], console: Console, bars: bool) -> list[Size]:
    marked = _marked(table, columns, console)
    out = []
    for column in columns:
        barred = bars and column.kind == "probability"
        texts = [cell(column, row).rjust(WIDEST * barred) for row in table.rows]
        beside = len(MARK) * (column.key in marked) + (BAR_WIDTH + 1) * barred
        longest = beside + max(map(len, texts), default=0) + GAP
        word = max(map(len, column.heading.split())) + GAP
        shortest = longest
        if column.kind == "text" and longest > SHORTEST + GAP:
            words = max(len(word) for text in texts for word in text.split())
            shortest = beside + min(words, SHORTEST) + GAP
        natural = max(len(column.heading) + GAP, longest)
        out.append(Size(natural, max(longest, word), max(shortest, word)))
    return out


def _widths(sizes: list[Size], width: int) -> list[int]:
    """Return the width of each column: headings wrap before cells, the widest column first."""
    widths = [size.natural for size in sizes]
    for floors in ([size.cells for size in sizes], [size.least for size in sizes]):
        while sum(widths) - GAP > width:
            free = [k for k, floor in enumerate(floors) if widths[k] > floor]
            if not free:
                break
            widths[max(free, key=widths.__getitem__)] -= 1
    return [one - GAP for one in widths]


def _print_grid(grid: Grid, console: Console) -> None:
    if console.is_terminal:
        console.print(grid)
    else:
        with console.capture() as written:
            console.print(grid)
        for line in written.get().splitlines():
            console.print(line.rstrip())
    console.print()


def _print_records(table: Table, columns: list[Column], console: Console) -> None:
    """Print each row as its first value, followed by lines of heading and value."""
    first, *others = columns
    for row in table.rows:
        console.print(visible(cell(first, row)))
        for column in others:
            if row[column.key] is not None:
                console.print(f"  {column.heading}: {visible(cell(column, row))}")
    console.print()


def _grid(
    table: Table, shown: list[Column], widths: list[int], console: Console, bars: bool
) -> Grid:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table as Grid

    # The box adds one blank between columns.
    grid = Grid(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0))
    for column, width in zip(shown, widths, strict=True):
        justify: Literal["left", "right"] = "left" if column.kind == "text" else "right"
        grid.add_column(column.heading, justify=justify, overflow="ellipsis", width=width)
    marked = _marked(table, shown, console)
    for row in table.rows:
        grid.add_row(*(_cell(column, row, bars, column.key in marked) for column in shown))
    return grid


def _cell(column: Column, row: dict[str, Any], bars: bool, marked: bool) -> Text:
    from rich.text import Text

    value, words = row[column.key], visible(cell(column, row))
    if marked:
        colour = PARTY_COLOURS.get(PARTY_OF.get(value, ""))
        mark = (MARK, colour) if colour else " " * len(MARK)
        return Text.assemble(mark, words)
    if bars and column.kind == "probability" and value is not None:
        return Text.assemble((bar(value), "dim"), f" {words:>{WIDEST}}")
    return Text(words)


def _marked(table: Table, shown: list[Column], console: Console) -> set[str]:
    """Return the columns of parties, whose colours are printed before their names."""
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
    total: int | None, quiet: bool = False, label: str = "Simulating"
) -> Iterator[Callable[[int], object]]:
    """Yield a function to call with the number just finished; it moves a bar on a terminal.

    Without a `total` the bar moves to and fro until the work is done.
    """
    from rich.console import Console

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda done: None
        return

    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.progress import TimeRemainingColumn as Remaining

    told = (TimeElapsedColumn(),) if total is None else (MofNCompleteColumn(), Remaining())
    with Progress(TextColumn(label), BarColumn(), *told, console=console, transient=True) as bar:
        task = bar.add_task(label, total=total)
        yield lambda done: bar.advance(task, done)
