"""``forecast sweep``."""

from __future__ import annotations

from pathlib import Path

import click

from forecaster.cli.options import format_option
from forecaster.cli.scale import compute_points, workers_options


@click.command("sweep")
@click.argument("sweep")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder of the points [default: runs/SWEEP]."
)
@click.option("--seed", type=int, help="Key of the random numbers [default: the config's].")
@click.option("--threads", type=click.IntRange(min=1), help="Threads [default: all processors].")
@workers_options
@click.option(
    "--outcome",
    "wanted",
    multiple=True,
    metavar="NAME:PARTY:SCENARIO",
    help="Print this outcome, as majority:Lab:progressive. May be repeated.",
)
@format_option
def command(
    sweep: str,
    out: Path | None,
    seed: int | None,
    threads: int | None,
    workers: int | None,
    scheduler: str | None,
    wanted: tuple[str, ...],
    style: str,
) -> None:
    """Simulate a config at every point of SWEEP and print what comes out.

    SWEEP is a TOML file, or the name of an embedded one (transfer-rate). A point is stored as soon
    as it is finished; the same command again computes only those that are missing. Outcomes are
    seats, majority, largest, hung, and against no-pact difference and fewer.
    """
    from forecaster.cli.options import emit
    from forecaster.config.sweep import points_of, read_sweep
    from forecaster.experiments.outcomes import parse_outcome
    from forecaster.experiments.sweep import first_outcomes, sweep_table
    from forecaster.pipeline import processors
    from forecaster.simulation.workers import open_workers

    described = read_sweep(sweep)
    points = points_of(described, seed)
    known = first_outcomes(points)
    shown = [parse_outcome(text, known) for text in wanted or described.show]
    folder = out or Path("runs") / Path(sweep).stem
    with open_workers(workers, scheduler) as elsewhere:
        compute_points(points, folder, threads or processors(), elsewhere)
    emit(sweep_table(described.title, points, folder, shown), style)
    if style == "table":
        click.echo(f"All outcomes of all points: {folder / 'outcomes'} (a Parquet dataset)")
