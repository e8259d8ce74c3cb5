"""``forecast sensitivity``."""

from __future__ import annotations

import click

from forecaster.cli.output import format_option
from forecaster.cli.progress import progress_bar
from forecaster.cli.scale import COUNT, workers_options

DEFAULT = ("seats:Con", "seats:Lab", "seats:Reform")


@click.command("sensitivity")
@click.argument("config")
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
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="As in simulate.")
@click.option("--pact", "pacts", multiple=True, metavar="FILE", help="As in simulate.")
@format_option
def command(
    config: str,
    wanted: tuple[str, ...],
    draws: int | None,
    seed: int | None,
    threads: int | None,
    workers: int | None,
    scheduler: str | None,
    overrides: tuple[str, ...],
    pacts: tuple[str, ...],
    style: str,
) -> None:
    """Take the variance of outcomes of CONFIG apart by source of error.

    Sources: national shares, lambda, kappa, slopes, regions, seats, transfers. Outcomes are seats,
    majority, largest, hung, and against no-pact difference and fewer.
    """
    from forecaster.analysis.outcomes import all_outcomes, parse_outcome
    from forecaster.analysis.sensitivity import SOURCES, sensitivity, sensitivity_table
    from forecaster.cli.output import emit
    from forecaster.config.load import load_run
    from forecaster.pipeline import processors
    from forecaster.simulation.plan import build_plan
    from forecaster.simulation.scenarios import build_scenarios
    from forecaster.simulation.workers import open_workers

    given = (("draws", draws), ("seed", seed))
    numbers = tuple(f"{key}={value}" for key, value in given if value is not None)
    run = load_run(config, overrides + numbers, pacts)
    plan = build_plan(run)
    scenarios = build_scenarios(plan)
    known = all_outcomes(plan)
    outcomes = [parse_outcome(text, known) for text in wanted or DEFAULT]
    with (
        open_workers(workers, scheduler) as elsewhere,
        progress_bar("Simulating", (2 + len(SOURCES)) * run.draws, quiet=False) as advance,
    ):
        found = sensitivity(
            plan,
            scenarios,
            outcomes,
            threads=threads or processors(),
            workers=elsewhere,
            progress=advance,
        )
    emit(sensitivity_table(run.title, run.draws, outcomes, found), style)
