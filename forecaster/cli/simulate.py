"""``forecast simulate``."""

from __future__ import annotations

from pathlib import Path

import click

from forecaster.cli.progress import progress_bar
from forecaster.cli.scale import COUNT, workers_options
from forecaster.cli.summary import print_summary


@click.command("simulate")
@click.argument("config")
@click.option(
    "--draws", type=COUNT, help="Number of simulated elections, as 1e6 [default: the config's]."
)
@click.option("--seed", type=int, help="Key of the random numbers [default: the config's].")
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    help="Threads to use [default: all processors]; the result does not depend on it.",
)
@workers_options
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder of the run [default: runs/CONFIG-N]."
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change an option of the config, as swing.rule=uniform. May be repeated.",
)
@click.option(
    "--pact",
    "pacts",
    multiple=True,
    metavar="FILE",
    help="Count the same elections with this pact too. May be repeated; A+B joins two in one.",
)
@click.option(
    "--keep-draws",
    type=COUNT,
    help="So many draws are stored one by one, the first [default: 100,000].",
)
@click.option(
    "--keep-winners", is_flag=True, help="Store for each of them who wins each seat (one byte)."
)
@click.option(
    "--all-shares",
    is_flag=True,
    help="Take quantiles of seats' shares from all draws [default: every fourth block of 128].",
)
@click.option("-q", "--quiet", is_flag=True, help="Print only the folder of the run.")
def command(
    config: str,
    draws: int | None,
    seed: int | None,
    threads: int | None,
    workers: int | None,
    scheduler: str | None,
    out: Path | None,
    overrides: tuple[str, ...],
    pacts: tuple[str, ...],
    keep_draws: int | None,
    keep_winners: bool,
    all_shares: bool,
    quiet: bool,
) -> None:
    """Simulate elections as CONFIG describes them, store the run and print a summary.

    CONFIG is a TOML file, or the name of an embedded one (next-election).
    """
    from forecaster.config.load import load_run
    from forecaster.pipeline import simulate_to
    from forecaster.results.store import default_folder
    from forecaster.simulation.run import KEEP_DRAWS
    from forecaster.simulation.workers import open_workers

    given = (("draws", draws), ("seed", seed))
    numbers = tuple(f"{key}={value}" for key, value in given if value is not None)
    run = load_run(config, overrides + numbers, pacts)
    folder = out or default_folder(config)
    with (
        open_workers(workers, scheduler) as elsewhere,
        progress_bar(run.draws, quiet) as advance,
    ):
        tables = simulate_to(
            folder,
            run,
            threads=threads,
            workers=elsewhere,
            keep_draws=KEEP_DRAWS if keep_draws is None else keep_draws,
            keep_winners=keep_winners,
            all_shares=all_shares,
            progress=advance,
        )
    if quiet:
        click.echo(str(folder))
        return
    print_summary(tables)
    seconds = tables.manifest["timings"]["simulate_s"]
    click.echo(f"{run.draws:,} elections simulated in {seconds:.1f} s, stored in {folder}")
    further = f", forecast compare {folder}, forecast pact {folder}" if run.scenarios else ""
    click.echo(
        f"Next: forecast report {folder}, forecast show {folder} seats, forecast seat {folder} "
        f"NAME{further}"
    )
