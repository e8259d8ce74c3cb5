"""``forecast simulate``."""

from __future__ import annotations

from pathlib import Path

import click

from forecaster.cli.progress import progress_bar
from forecaster.cli.summary import print_summary


@click.command("simulate")
@click.argument("config")
@click.option("--draws", type=int, help="Number of simulated elections [default: the config's].")
@click.option("--seed", type=int, help="Key of the random numbers [default: the config's].")
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    help="Threads to use [default: all processors]; the result does not depend on it.",
)
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
    "--keep-winners", is_flag=True, help="Store who wins each seat in each draw (one byte each)."
)
@click.option("-q", "--quiet", is_flag=True, help="Print only the folder of the run.")
def command(
    config: str,
    draws: int | None,
    seed: int | None,
    threads: int | None,
    out: Path | None,
    overrides: tuple[str, ...],
    pacts: tuple[str, ...],
    keep_winners: bool,
    quiet: bool,
) -> None:
    """Simulate elections as CONFIG describes them, store the run and print a summary.

    CONFIG is a TOML file, or the name of an embedded one (next-election).
    """
    from forecaster.config.load import load_run
    from forecaster.pipeline import simulate_to
    from forecaster.results.store import default_folder

    given = (("draws", draws), ("seed", seed))
    numbers = tuple(f"{key}={value}" for key, value in given if value is not None)
    run = load_run(config, overrides + numbers, pacts)
    folder = out or default_folder(config)
    with progress_bar("Simulating", run.draws, quiet) as advance:
        tables = simulate_to(
            folder, run, threads=threads, keep_winners=keep_winners, progress=advance
        )
    if quiet:
        click.echo(str(folder))
        return
    print_summary(tables)
    seconds = tables.manifest["timings"]["simulate_s"]
    click.echo(f"{run.draws:,} elections simulated in {seconds:.1f} s, stored in {folder}")
    further = f", forecast compare {folder}, forecast pact {folder}" if run.scenarios else ""
    click.echo(f"Next: forecast show {folder} seats, forecast seat {folder} NAME{further}")
