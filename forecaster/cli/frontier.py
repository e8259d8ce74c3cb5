"""``forecast frontier``."""

from __future__ import annotations

from pathlib import Path

import click

from forecaster.cli.output import format_option


@click.command("frontier")
@click.argument("config")
@click.option("--pact", "file", required=True, metavar="FILE", help="The pact to be chosen.")
@click.option(
    "--seats",
    "sizes",
    type=click.IntRange(min=1),
    multiple=True,
    help="A size to look at. May be repeated [default: 5, 10, 20, 40, 80, 160, 320].",
)
@click.option("--draws", type=int, help="Elections to choose on, and to judge on.")
@click.option("--seed", type=int, help="Key of the elections to choose on; the next one judges.")
@click.option("--threads", type=click.IntRange(min=1), help="Threads [default: all processors].")
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change an option of the config."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE.svg|FILE.png",
    help="Write the picture too; the file must not exist.",
)
@format_option
def command(
    config: str,
    file: str,
    sizes: tuple[int, ...],
    draws: int | None,
    seed: int | None,
    threads: int | None,
    overrides: tuple[str, ...],
    out: Path | None,
    style: str,
) -> None:
    """Print what a pact does by the number of seats in which anybody stands aside.

    For every size the best pact under the goal and terms of the file (see 'forecast optimise'),
    beside a list made from the last result, and one made knowing the result to come.
    """
    from forecaster.cli.output import emit
    from forecaster.cli.progress import progress_bar
    from forecaster.config.load import parse_changes
    from forecaster.experiments.choosing import frontier
    from forecaster.experiments.choosing.alternatives import read_question
    from forecaster.report import plots

    if out is not None:
        plots.check_name(out)
    run, pact = read_question(
        config, file, options=parse_changes(overrides), draws=draws, seed=seed
    )
    with progress_bar(2 * run.draws, quiet=False) as advance:
        found = frontier.build_frontier(run, pact, sizes or frontier.SIZES, threads, advance)
    table = frontier.frontier_table(found)
    if out is not None:
        plots.write_picture(plots.frontier(table), out)
        click.echo(f"Written: {out}", err=True)
    emit(table, style)
