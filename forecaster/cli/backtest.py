"""``forecast backtest``."""

from __future__ import annotations

from pathlib import Path

import click

from forecaster.cli.output import format_option

WHAT = ("summary", "bands", "reliability")


@click.command("backtest")
@click.argument("years", nargs=-1)
@click.option(
    "--from",
    "source",
    default="polls",
    show_default=True,
    help="National shares: polls (of the eve), truth, or the polls of a day, YYYY-MM-DD.",
)
@click.option("--draws", type=click.IntRange(min=1), default=10_000, show_default=True)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="As in simulate: errors.slopes=0 shows what that part earns.",
)
@click.option(
    "--published",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Score the forecasts by others found in this folder beside ours.",
)
@click.option(
    "--table",
    "what",
    type=click.Choice(WHAT),
    help="Only this table [default: all three; csv and json write the summary].",
)
@format_option
def command(
    years: tuple[str, ...],
    source: str,
    draws: int,
    overrides: tuple[str, ...],
    published: Path | None,
    what: str | None,
    style: str,
) -> None:
    """Forecast past elections with what was known before them, and score the forecasts.

    YEARS are 2010, 2015, 2017, 2019 and 2024; all of them if none is named.
    """
    from forecaster.cli.output import emit
    from forecaster.config.load import parse_changes
    from forecaster.experiments import backtest

    results = backtest.backtest(years, source, draws, published, parse_changes(overrides))
    tables = backtest.tables(results, source)
    whole = style in ("table", "markdown")
    for name in [what] if what else (WHAT if whole else WHAT[:1]):
        emit(tables[name], style)
