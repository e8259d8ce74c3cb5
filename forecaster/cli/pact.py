"""``forecast pact``."""

from __future__ import annotations

from pathlib import Path

import click

from forecaster.cli.output import format_option


@click.command("pact")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--scenario", "wanted", multiple=True, help="Only this scenario. May be repeated.")
@click.option("--sort", help="Column to sort by: numbers from the largest, text from A.")
@click.option("--limit", type=click.IntRange(min=1), help="Print only so many seats a scenario.")
@format_option
def command(
    run: Path, wanted: tuple[str, ...], sort: str | None, limit: int | None, style: str
) -> None:
    """Print what the pacts of the stored run RUN do, seat by seat."""
    from forecaster.answers.compare import scenarios_of
    from forecaster.answers.pact import pact_table
    from forecaster.cli.output import emit_all
    from forecaster.results.store import read_tables

    tables = read_tables(run)
    scenarios = scenarios_of(tables, wanted)
    answers = [pact_table(tables, name) for name in scenarios]
    if sort:
        answers = [table.sorted_by(sort) for table in answers]
    emit_all([table.first(limit) for table in answers], style)
