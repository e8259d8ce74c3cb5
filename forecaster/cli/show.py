"""``forecast show``."""

from __future__ import annotations

from pathlib import Path

import click

from forecaster.cli.output import FORMATS, format_option

WHAT = ("summary", "seats", "totals", "national")


@click.command("show")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("what", type=click.Choice(WHAT), default="summary")
@click.option("--party", help="Seats: the chances of this party, such as LD.")
@click.option("--region", help='Seats: only this region or nation, such as "North East".')
@click.option("--scenario", default="no-pact", help="Totals and seats: counted with these pacts.")
@click.option("--sort", help="Column to sort by: numbers from the largest, text from A.")
@click.option("--limit", type=click.IntRange(min=1), help="Print only so many rows.")
@format_option
def command(
    run: Path,
    what: str,
    party: str | None,
    region: str | None,
    scenario: str,
    sort: str | None,
    limit: int | None,
    style: str,
) -> None:
    """Print a table of the stored run RUN.

    summary: the assumed shares, seats by party and the closest seats. seats: every seat's
    favourite and runner-up, or with --party that party's chances. totals: seats by party.
    national: the shares assumed, by nation.
    """
    from forecaster.answers import summary
    from forecaster.cli.output import emit
    from forecaster.cli.summary import print_summary
    from forecaster.results.store import read_tables
    from forecaster.table import one_of
    from forecaster.vocabulary import NATIONS, REGIONS

    if what != "seats" and (party or region):
        raise click.UsageError("--party and --region go with 'seats'.")
    tables = read_tables(run)
    scenario = one_of(scenario, tables.manifest["scenarios"], "--scenario")
    if what == "summary":
        if style != "table" or sort or limit:
            raise click.UsageError(
                f"the summary is text; for {', '.join(FORMATS[1:])} ask for seats, totals or "
                "national."
            )
        print_summary(tables)
        return
    if what == "totals":
        table = summary.outcome_table(tables, scenario)
    elif what == "national":
        table = summary.national_table(tables)
    elif party:
        code = one_of(party, tables.manifest["parties"], "--party")
        table = summary.party_table(tables, scenario, code)
    else:
        table = summary.seat_favourites(tables, scenario)
    if region:
        place = one_of(region, (*NATIONS, *REGIONS), "--region")
        table = table.where(lambda row: place in (row["region"], row["nation"]))
    if sort:
        table = table.sorted_by(sort)
    emit(table.first(limit), style)
