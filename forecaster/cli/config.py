"""``forecast config``."""

from __future__ import annotations

import click

from forecaster.cli.output import format_option


@click.group("config")
def command() -> None:
    """Check a config file, explain every option."""


@command.command("check")
@click.argument("file")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help="As in simulate.")
def check(file: str, overrides: tuple[str, ...]) -> None:
    """Check FILE, and whether its parts fit together."""
    from forecaster.config.load import digest, load_run
    from forecaster.simulation.plan import build_plan

    run = load_run(file, overrides)
    plan = build_plan(run)
    click.echo(f"{file}: fine. {run.title}; {run.draws:,} draws; digest {digest(run)[:12]}.")
    click.echo(f"National shares: {plan.targets.source}.")


@command.command("explain")
@format_option
def explain(style: str) -> None:
    """Explain every option and parameter."""
    from forecaster.analysis.options import options_table, pact_options_table, parameters_table
    from forecaster.cli.output import emit_all

    emit_all([options_table(), pact_options_table(), parameters_table()], style)
