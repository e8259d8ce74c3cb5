"""``forecast sweep``."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from forecaster.cli.output import format_option
from forecaster.cli.progress import progress_bar
from forecaster.cli.scale import points_kept, workers_options


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
    from forecaster.cli.output import emit
    from forecaster.experiments import sweep as sweeps
    from forecaster.simulation.workers import open_workers

    folder = out or sweeps.sweep_folder(sweep)
    with open_workers(workers, scheduler) as elsewhere, points_kept(folder):
        table = sweeps.sweep(
            sweep,
            wanted,
            out=folder,
            seed=seed,
            threads=threads,
            workers=elsewhere,
            progress=partial(progress_bar, quiet=False, label="Points"),
        )
    emit(table, style)
    if style == "table":
        click.echo(f"All outcomes of all points: {folder / 'outcomes'} (a Parquet dataset)")
