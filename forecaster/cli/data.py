"""``forecast data``."""

from __future__ import annotations

import click

from forecaster.cli.output import format_option


@click.group("data")
def command() -> None:
    """List and verify the embedded data."""


@command.command("list")
@format_option
def list_(style: str) -> None:
    """List every embedded table with its rows, source and licence."""
    from forecaster.cli.output import emit
    from forecaster.columns import columns
    from forecaster.resources import catalogue
    from forecaster.table import Table

    shown = columns("path | title | rows | source | licence | -sha256")
    emit(Table("Embedded data", shown, list(catalogue().values())), style)


@command.command("verify")
def verify() -> None:
    """Compare every embedded table with its checksum; exit code 3 if one was changed."""
    from forecaster.errors import DataError
    from forecaster.resources import catalogue, data_file

    wrong = []
    for name in catalogue():
        try:
            data_file(name)
        except DataError as error:
            wrong.append(str(error))
    if wrong:
        raise DataError("\n".join(wrong))
    click.echo(f"{len(catalogue())} tables, every checksum as in the catalogue.")
