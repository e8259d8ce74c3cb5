"""``forecast tragedies``."""

from __future__ import annotations

import click

from forecaster.cli.output import format_option


@click.command("tragedies")
@click.argument("what", required=False)
@click.option("--definition", help="List the seats that this definition counts.")
@click.option("--list", "listing", is_flag=True, help="List the definitions.")
@format_option
def command(what: str | None, definition: str | None, listing: bool, style: str) -> None:
    """Count the seats of the election WHAT that a divided side lost although it had more votes.

    WHAT is an election, such as 2019, or 2019-notional for its votes on the boundaries of 2024.
    Without --definition: the number of seats by each definition.
    """
    from forecaster.analysis.table import one_of
    from forecaster.analysis.tragedies import definitions_table, tragedy_counts, tragedy_seats
    from forecaster.cli.output import emit
    from forecaster.elections.read import read_election
    from forecaster.elections.tragedies import DEFINITIONS
    from forecaster.vocabulary import ELECTIONS

    if listing:
        emit(definitions_table(), style)
        return
    if what is None:
        raise click.UsageError("name an election, such as 2019, or ask for --list.")
    election = read_election(one_of(what, ELECTIONS, "WHAT"))
    if definition is None:
        emit(tragedy_counts(election), style)
    else:
        name = one_of(definition, DEFINITIONS, "--definition")
        emit(tragedy_seats(election, DEFINITIONS[name]), style)
