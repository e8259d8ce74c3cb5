"""``forecast sensitivity``."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from forecaster.cli.output import format_option
from forecaster.cli.progress import progress_bar
from forecaster.cli.scale import COUNT, workers_options

DEFAULT = ("seats:Con", "seats:Lab", "seats:Reform")


@click.command("sensitivity")
@click.argument("what")
@click.option(
    "--outcome",
    "wanted",
    multiple=True,
    metavar="NAME:PARTY:SCENARIO",
    help=f"As majority:Lab:progressive [default: {', '.join(DEFAULT)}]. May be repeated.",
)
@click.option("--draws", type=COUNT, help="Elections of a sample [default: the config's].")
@click.option("--seed", type=int, help="Key of the random numbers [default: the config's].")
@click.option("--threads", type=click.IntRange(min=1), help="Threads [default: all processors].")
@workers_options
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Of a sweep: the folder of its points [default: runs/SWEEP].",
)
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="As in simulate.")
@click.option("--pact", "pacts", multiple=True, metavar="FILE", help="As in simulate.")
@format_option
def command(
    what: str,
    wanted: tuple[str, ...],
    draws: int | None,
    seed: int | None,
    threads: int | None,
    workers: int | None,
    scheduler: str | None,
    out: Path | None,
    overrides: tuple[str, ...],
    pacts: tuple[str, ...],
    style: str,
) -> None:
    """Take the variance of outcomes of a run apart by source of error, or of a sweep by option.

    WHAT is the folder of a run, or a config or a sweep, a file or an embedded one. A run is
    simulated again, several times over and with random draws; the points that a sweep lacks are
    computed first, as 'forecast sweep' does.

    Sources: national shares, lambda, kappa, slopes, regions, seats, transfers. Outcomes are seats,
    majority, largest, hung, and against no-pact difference and fewer.
    """
    from forecaster.cli.output import emit
    from forecaster.config.load import parse_changes
    from forecaster.experiments.sensitivity import run_sensitivity
    from forecaster.simulation.workers import open_workers

    with open_workers(workers, scheduler) as elsewhere:
        table = run_sensitivity(
            what,
            wanted,
            options=parse_changes(overrides),
            pacts=pacts,
            draws=draws,
            seed=seed,
            out=out,
            threads=threads,
            workers=elsewhere,
            progress=partial(progress_bar, quiet=False),
        )
    emit(table, style)
