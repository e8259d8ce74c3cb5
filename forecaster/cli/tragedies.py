"""``forecast tragedies``."""

from __future__ import annotations

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
    from forecaster.answers import tragedies
    from forecaster.cli.output import emit
    from forecaster.cli.source import read_source
    from forecaster.elections.tragedy import DEFINITIONS
    from forecaster.results.build import Tables
    from forecaster.table import one_of

    chosen = None
    if definition is not None:
        chosen = DEFINITIONS[one_of(definition, DEFINITIONS, "--definition")]
    source = read_source(what)
    if isinstance(source, Tables):
        table = tragedies.run_seats(source, chosen) if chosen else tragedies.run_counts(source)
    elif chosen:
        table = tragedies.tragedy_seats(source, chosen)
    else:
        table = tragedies.tragedy_counts(source)
    emit(table, style)
