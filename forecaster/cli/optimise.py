"""``forecast optimise``."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from forecaster.cli.output import format_option

TABLES = ("comparison", "members", "promises", "seats")


@click.command("optimise")
@click.argument("config")
@click.option("--pact", "file", required=True, metavar="FILE", help="The pact to be chosen.")
@click.option("--draws", type=int, help="Elections to choose on, and to judge on.")
@click.option("--seed", type=int, help="Key of the elections to choose on; the next one judges.")
@click.option("--threads", type=click.IntRange(min=1), help="Threads [default: all processors].")
@click.option(
    "--set", "overrides", multiple=True, metavar="KEY=VALUE", help="Change an option of the config."
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="File to write [default: PACT-optimised.toml]."
)
@click.option(
    "--show",
    type=click.Choice(TABLES),
    help="Only this table [default: all but the seats; csv and json: the comparison].",
)
@format_option
def command(
    config: str,
    file: str,
    draws: int | None,
    seed: int | None,
    threads: int | None,
    overrides: tuple[str, ...],
    out: Path | None,
    show: str | None,
    style: str,
) -> None:
    """Choose the flag bearer of every seat, or nobody standing aside, and write the pact.

    What for, and what is promised to whom, stands in the pact file under [choose]: see
    docs/choosing.md. The pact is chosen on one set of simulated elections and judged on another.
    'forecast simulate CONFIG --pact' takes the file that is written.
    """
    from forecaster.cli.output import emit
    from forecaster.cli.progress import progress_bar
    from forecaster.config.load import parse_changes
    from forecaster.experiments.choosing import optimise
    from forecaster.experiments.choosing.alternatives import read_question
    from forecaster.files import new_file

    run, pact = read_question(
        config, file, options=parse_changes(overrides), draws=draws, seed=seed
    )
    target = out or Path(f"{pact.name}-optimised.toml")
    with new_file(target) as partial, progress_bar(2 * run.draws, quiet=False) as advance:
        best = optimise.optimise(run, pact, threads, advance)
        partial.write_text(optimise.optimised_file(best, config), encoding="utf-8")
    tables = optimise.tables(best)
    people = style in ("table", "markdown")
    wanted = [show] if show else ["comparison", "members", "promises"] if people else ["comparison"]
    for name in wanted:
        table = tables[name]
        if table.rows or show:
            emit(table, style)
    again = ["forecast", "simulate", config, "--draws", str(run.draws)]
    again += ["--seed", str(optimise.judging_seed(run.seed)), "--pact", str(target)]
    again += [word for change in overrides for word in ("--set", change)]
    click.echo(f"Written: {target}. The judged figures again: {shlex.join(again)}", err=not people)
