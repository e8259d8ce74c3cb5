"""``forecast tragedies``."""

from __future__ import annotations

from pathlib import Path

import click

from forecaster.cli.output import format_option


@click.command("tragedies")
@click.argument("what")
@click.option("--definition", help="List the seats that this definition counts.")
@format_option
def command(what: str, definition: str | None, style: str) -> None:
    """Count the seats that a divided side loses although it has more votes.

    WHAT is an election, such as 2019, or the folder of a run. Without --definition: the number of
    seats by each definition, and what the definition says.
    """
    from forecaster.analysis import tragedies
    from forecaster.analysis.table import one_of
    from forecaster.cli.output import emit
    from forecaster.elections.read import read_election
    from forecaster.elections.tragedies import DEFINITIONS
    from forecaster.results.store import read_tables
    from forecaster.vocabulary import ELECTIONS

    chosen = None
    if definition is not None:
        chosen = DEFINITIONS[one_of(definition, DEFINITIONS, "--definition")]
    if Path(what).is_dir():
        run = read_tables(Path(what))
        emit(tragedies.run_seats(run, chosen) if chosen else tragedies.run_counts(run), style)
        return
    election = read_election(one_of(what, ELECTIONS, "election or run folder"))
    table = (
        tragedies.tragedy_seats(election, chosen) if chosen else tragedies.tragedy_counts(election)
    )
    emit(table, style)
