"""``forecast replicate``."""

from __future__ import annotations

import click

from forecaster.cli.output import format_option


@click.command("replicate")
@format_option
def command(style: str) -> None:
    """Print published results on pacts and tactical voting beside our own figures.

    Each row says why the two differ, or what we would need to compute it.
    """
    from forecaster.answers.replicate import replication_table
    from forecaster.cli.output import emit

    emit(replication_table(), style)
