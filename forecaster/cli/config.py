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
@click.option("--pact", "pacts", multiple=True, metavar="FILE", help="As in simulate.")
def check(file: str, overrides: tuple[str, ...], pacts: tuple[str, ...]) -> None:
    """Check FILE and its pacts, and whether the parts fit together."""
    from forecaster.config.load import digest, load_config, parse_changes
    from forecaster.plan.build import build_plan
    from forecaster.plan.scenarios import build_scenarios

    run = load_config(file, parse_changes(overrides), pacts)
    plan = build_plan(run)
    scenarios = build_scenarios(plan)
    click.echo(f"{file}: fine. {run.title}; {run.draws:,} draws; digest {digest(run)[:12]}.")
    click.echo(f"National shares: {plan.targets.source}.")
    click.echo(f"Seats start from {run.base.start}.")
    for seats in scenarios.pacts:
        click.echo(f"Pact {seats.pact.name}: {int((seats.flag >= 0).sum())} seats.")


@command.command("explain")
@format_option
def explain(style: str) -> None:
    """Explain every option and parameter."""
    from forecaster.answers import explain as options
    from forecaster.cli.output import emit_all

    tables = (
        options.options_table,
        options.pact_options_table,
        options.sweep_options_table,
        options.parameters_table,
    )
    emit_all([table() for table in tables], style)
