"""A progress bar on the terminal, and notices of what takes time."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def progress_bar(
    total: int, quiet: bool, label: str = "Simulating"
) -> Iterator[Callable[[int], object]]:
    """Yield what is called with the number just finished: a bar on a terminal, else nothing."""
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


class Notices(logging.Handler):
    """Print what the program logs: warnings always, all else on a terminal only."""

    def __init__(self) -> None:
        super().__init__()
        # A progress bar will put another stream in this one's place, which knows no terminal.
        self._terminal = sys.stderr.isatty()

    def emit(self, record: logging.LogRecord) -> None:
        """Print a line on standard error, above a progress bar if there is one."""
        if record.levelno >= logging.WARNING or self._terminal:
            click.echo(self.format(record), err=True)


def show_notices() -> None:
    """Print from now on what the program logs."""
    logger = logging.getLogger("forecaster")
    if not logger.handlers:
        logger.addHandler(Notices())
        logger.setLevel(logging.INFO)
