"""``forecast coalitions``."""

from __future__ import annotations

import click

from forecaster.cli.output import format_option


@click.command("coalitions")
@click.argument("what")
@click.option(
    "--without",
    multiple=True,
    default=("SF",),
    show_default=True,
    metavar="PARTY",
    help="Its MPs do not vote; by code or name. May be repeated; 'nobody': all take part.",
)
@click.option(
    "--coalition",
    "named",
    multiple=True,
    metavar="A+B+…",
    help="Only this coalition, minimal or not. May be repeated.",
)
@click.option("--pivots", is_flag=True, help="Only the table of who is pivotal how often.")
@click.option("--scenario", default="no-pact", help="A run: counted with these pacts.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="Coalitions to print.",
)
@format_option
def command(
    what: str,
    without: tuple[str, ...],
    named: tuple[str, ...],
    pivots: bool,
    scenario: str,
    limit: int,
    style: str,
) -> None:
    """Which coalitions have a majority, and who is pivotal.

    WHAT is an election, such as 2010, or the folder of a run. The Speaker never votes.
    """
    from forecaster.answers import coalitions
    from forecaster.cli.output import emit_all
    from forecaster.cli.source import read_source
    from forecaster.results.build import Tables
    from forecaster.table import one_of

    absent = tuple(
        coalitions.party_called(name, "--without")
        for name in without
        if name.lower() != coalitions.NOBODY
    )
    source = read_source(what)
    if isinstance(source, Tables):
        scenario = one_of(scenario, source.manifest["scenarios"], "--scenario")
        house = coalitions.house_of_run(source, scenario, absent)
    else:
        house = coalitions.house_of_election(source, absent)
    parties = [coalitions.read_coalition(text, house) for text in named]
    answers = [] if pivots else [coalitions.coalitions_table(house, parties).first(limit)]
    if pivots or (not named and style in ("table", "markdown")):
        answers.append(coalitions.pivots_table(house))
    emit_all(answers, style)
