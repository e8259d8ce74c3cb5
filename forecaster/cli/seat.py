"""``forecast seat``."""

from __future__ import annotations

from pathlib import Path

import click

from forecaster.cli.output import format_option


@click.command("seat")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("name", nargs=-1, required=True)
@format_option
def command(run: Path, name: tuple[str, ...], style: str) -> None:
    """Print one seat of the stored run RUN: last result, expected shares, chances.

    NAME is a name, an old name, an ONS code, or a part of a name that fits one seat only.
    """
    from forecaster.answers.seat import seat_table
    from forecaster.cli.output import emit
    from forecaster.results.store import read_tables

    emit(seat_table(read_tables(run), " ".join(name)), style)
