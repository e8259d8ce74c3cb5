"""The summary of a run, as printed after a simulation and by ``forecast show``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from forecaster.results.build import Tables

CLOSEST = 15


def print_summary(tables: Tables) -> None:
    """Print shares assumed, seats by party and the closest seats."""
    from forecaster.answers.summary import closest_seats, national_table, outcome_table
    from forecaster.cli.output import emit
    from forecaster.vocabulary import FIXED_PARTIES, NO_PACT

    click.echo(f"\n{tables.manifest['title']}\n")
    national = national_table(tables)
    emit(
        national.where(lambda row: row["area"] == "GB" and row["party"] not in FIXED_PARTIES),
        "table",
    )
    emit(outcome_table(tables, NO_PACT), "table")
    emit(closest_seats(tables, NO_PACT, CLOSEST), "table")
