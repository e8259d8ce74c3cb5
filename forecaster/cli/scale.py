"""Options of commands that simulate much: large numbers, and who does the work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click


class _Count(click.ParamType):  # type: ignore[type-arg]  # generic in newer versions only
    """A whole number that may be written as 1e6."""

    name = "integer"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number, or end with what is wrong with it."""
        try:
            return value if isinstance(value, int) else int(value)
        except ValueError:
            pass
        try:
            number = float(value)
        except ValueError:
            self.fail(f"{value!r} is no number.", param, ctx)
        if not number.is_integer():
            self.fail(f"{value!r} is no whole number.", param, ctx)
        return int(number)


COUNT = _Count()


def workers_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--workers`` and ``--scheduler`` to a command."""
    here = click.option(
        "--workers",
        type=click.IntRange(min=1),
        help="Simulate in so many processes, by Dask; the result does not depend on it.",
    )
    there = click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="Simulate on the workers of this Dask scheduler, as tcp://host:8786.",
    )
    return here(there(command))


@contextmanager
def points_kept(folder: Path) -> Iterator[None]:
    """Say, if a sweep is interrupted, that finished points are kept."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo(
            f"\nInterrupted. Finished points are kept in {folder}; the same command goes on.",
            err=True,
        )
        raise SystemExit(130) from None
