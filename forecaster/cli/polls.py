"""``forecast polls``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from forecaster.cli.output import format_option

DAY = click.DateTime(["%Y-%m-%d"])


@click.command("polls")
@click.option("--as-of", type=DAY, metavar="DATE", help="Read no later poll; default: read all.")
@click.option("--election", metavar="YEAR", help="As of the eve of an election, with its result.")
@click.option("--on", "day", type=DAY, metavar="DATE", help="Shares on an election on that day.")
@click.option("--houses", is_flag=True, help="Only the table of the pollsters.")
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    help="CSV of further polls, with the columns of data/polls/national.csv.",
)
@format_option
def command(
    as_of: datetime | None,
    election: str | None,
    day: datetime | None,
    houses: bool,
    file: Path | None,
    style: str,
) -> None:
    """Estimate national shares from the polls: Great Britain, Scotland, Wales, the pollsters.

    Without --on or --election the intervals are of what the polls say; with them, of the votes
    on election day, from how far polls have been out since 1970. csv and json hold the shares, or
    with --houses the pollsters.
    """
    from forecaster.answers.polls import ask, ask_before, houses_table, shares_table
    from forecaster.cli.output import emit_all

    if election and (as_of or day or file):
        raise click.UsageError("--election names both days and its polls; leave out the others.")
    if election:
        answer = ask_before(election)
    else:
        answer = ask(as_of.date() if as_of else None, day.date() if day else None, file)
    tables = [houses_table(answer)] if houses else [shares_table(answer)]
    if not houses and style in ("table", "markdown"):
        tables.append(houses_table(answer))
    emit_all(tables, style)
