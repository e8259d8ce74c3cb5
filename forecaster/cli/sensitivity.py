"""``forecast sensitivity``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecaster.cli.options import format_option
from forecaster.cli.scale import COUNT, compute_points, workers_options
from forecaster.cli.terminal import progress_bar

if TYPE_CHECKING:
    from forecaster.config.config import Config
    from forecaster.simulation.workers import Workers
    from forecaster.table import Table

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
    from forecaster.cli.options import emit
    from forecaster.config.config import Config
    from forecaster.config.files import check
    from forecaster.config.load import load_config
    from forecaster.config.sweep import is_sweep
    from forecaster.pipeline import processors, stored_config
    from forecaster.results.store import read_manifest
    from forecaster.simulation.workers import open_workers

    stored = Path(what).is_dir()
    swept = not stored and is_sweep(what)
    if swept and (draws or overrides or pacts):
        raise click.UsageError("a sweep's draws, options and pacts stand in its file.")
    if stored and (overrides or pacts):
        raise click.UsageError("a run's options and pacts stand in its config.")
    if out and not swept:
        raise click.UsageError("--out goes with a sweep; else nothing is stored.")
    threads = threads or processors()
    with open_workers(workers, scheduler) as elsewhere:
        if swept:
            table = _of_sweep(what, wanted, seed, out, threads, elsewhere)
        else:
            given = {"draws": draws, "seed": seed}
            numbers = {key: value for key, value in given.items() if value is not None}
            if stored:
                run = stored_config(read_manifest(Path(what)))
            else:
                run = load_config(what, overrides, pacts)
            # The estimator compares two independent samples.
            changed = {**run.model_dump(), **numbers, "sampling": "random"}
            table = _of_run(check(Config, changed, what), wanted, threads, elsewhere)
    emit(table, style)


def _of_run(run: Config, wanted: tuple[str, ...], threads: int, workers: Workers | None) -> Table:
    from forecaster.experiments.outcomes import all_outcomes, parse_outcome
    from forecaster.experiments.sensitivity import SOURCES, sensitivity, sensitivity_table
    from forecaster.plan.build import build_plan
    from forecaster.plan.scenarios import build_scenarios

    plan = build_plan(run)
    scenarios = build_scenarios(plan)
    known = all_outcomes(plan)
    outcomes = [parse_outcome(text, known) for text in wanted or DEFAULT]
    samples = 2 + len(SOURCES)
    with progress_bar(samples * run.draws, quiet=False) as advance:
        found = sensitivity(
            plan, scenarios, outcomes, threads=threads, workers=workers, progress=advance
        )
    return sensitivity_table(run.title, run.draws, outcomes, found)


def _of_sweep(
    name: str,
    wanted: tuple[str, ...],
    seed: int | None,
    out: Path | None,
    threads: int,
    workers: Workers | None,
) -> Table:
    from forecaster.config.sweep import points_of, read_sweep
    from forecaster.experiments.outcomes import parse_outcome
    from forecaster.experiments.sensitivity import sweep_sensitivity_table
    from forecaster.experiments.sweep import first_outcomes, sweep_values

    sweep = read_sweep(name)
    points = points_of(sweep, seed)
    known = first_outcomes(points)
    outcomes = [parse_outcome(text, known) for text in wanted or sweep.show or DEFAULT]
    folder = out or Path("runs") / Path(name).stem
    compute_points(points, folder, threads, workers)
    return sweep_sensitivity_table(sweep, points, outcomes, sweep_values(points, folder, outcomes))
