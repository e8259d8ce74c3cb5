"""``forecast query``."""

from __future__ import annotations

from pathlib import Path

import click

from forecaster.cli.output import format_option


@click.command("query")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("condition")
@click.option(
    "--show",
    type=click.Choice(["totals", "seats", "national"]),
    default="totals",
    show_default=True,
    help="Seats by party, every seat's favourite, or the shares of the nations.",
)
@click.option("--scenario", default="no-pact", help="Counted with these pacts.")
@click.option("--sort", help="Column to sort by: numbers from the largest, text from A.")
@click.option("--limit", type=click.IntRange(min=1), help="Print only so many rows.")
@format_option
def command(
    run: Path,
    condition: str,
    show: str,
    scenario: str,
    sort: str | None,
    limit: int | None,
    style: str,
) -> None:
    """Print a table of the stored run RUN over the elections in which CONDITION holds.

    Such as "seats.Reform < 326 and winner['Lewes'] == 'LD'", or "share.Scotland.SNP > 30% or
    seats.Lab + seats.LD >= 326". Also: not, ( ), <=, >, !=, and -. A condition on single seats
    needs a run made with --keep-winners.
    """
    from forecaster.answers.query import query_table
    from forecaster.cli.output import emit
    from forecaster.results.store import read_tables
    from forecaster.table import one_of

    tables = read_tables(run)
    scenario = one_of(scenario, tables.manifest["scenarios"], "--scenario")
    table = query_table(tables, scenario, condition, show)
    emit((table.sorted_by(sort) if sort else table).first(limit), style)
