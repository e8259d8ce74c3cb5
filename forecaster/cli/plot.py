"""``forecast plot``."""

from __future__ import annotations

from pathlib import Path

import click

PICTURES = (
    "seats",
    "party",
    "map-winner",
    "map-party",
    "map-pact",
    "map-tragedy",
    "reliability",
)


@click.command("plot")
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("name", type=click.Choice(PICTURES))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE.svg|FILE.png",
    help="File to write; it must not exist.",
)
@click.option("--scenario", help="Counted with these pacts [default: none; map-pact: the first].")
@click.option("--party", help="Party of party and map-party, such as LD.")
@click.option("--definition", help="Definition of map-tragedy [default: lab-ld-green].")
def command(
    run: Path,
    name: str,
    out: Path,
    scenario: str | None,
    party: str | None,
    definition: str | None,
) -> None:
    """Write one picture of the stored run RUN, at the size of a slide (1600 by 900).

    seats: every party's distribution. party: one party with and without the pacts. map-winner,
    map-party, map-pact, map-tragedy: a hexagon a seat. reliability: how chances came true.
    """
    from forecaster.files import refuse_existing
    from forecaster.report.plots import Choice, plot
    from forecaster.results.store import read_tables

    refuse_existing(out)
    plot(read_tables(run), name, Choice(scenario, party, definition), out)
    click.echo(f"Written: {out}")
