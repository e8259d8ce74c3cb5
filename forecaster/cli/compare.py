"""``forecast compare``."""

from __future__ import annotations

from pathlib import Path

import click

from forecaster.cli.output import format_option


@click.command("compare")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--scenario", "wanted", multiple=True, help="Only this scenario. May be repeated.")
@click.option("--changes", is_flag=True, help="Only the table of what the pacts change.")
@format_option
def command(run: Path, wanted: tuple[str, ...], changes: bool, style: str) -> None:
    """Compare every scenario of the stored run RUN with no-pact.

    Seats by party and bloc with paired differences, chances of a majority, and how often the
    pacts change who has a majority or cost their own side seats.
    """
    from forecaster.answers.compare import changes_table, compare_table, scenarios_of
    from forecaster.cli.output import emit_all
    from forecaster.results.store import read_tables

    tables = read_tables(run)
    scenarios = scenarios_of(tables, wanted)
    answers = [] if changes else [compare_table(tables, name) for name in scenarios]
    if changes or style in ("table", "markdown"):
        answers.append(changes_table(tables, scenarios))
    emit_all(answers, style)
