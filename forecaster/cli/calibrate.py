"""``forecast calibrate``."""

from __future__ import annotations

import click

from forecaster.cli.output import format_option


@click.group("calibrate")
def command() -> None:
    """Estimate parameters of the model from the embedded data."""


@command.command("transfers")
@format_option
def transfers(style: str) -> None:
    """Estimate transfers from real absences of a party."""
    from forecaster.analysis.calibration import transfers_table
    from forecaster.cli.output import emit

    emit(transfers_table(), style)


@command.command("tactical")
@click.option(
    "--members", default="Lab,LD,Green", show_default=True, help="Parties whose voters move."
)
@click.option(
    "--opponents", default="Con,Reform", show_default=True, help="Parties that lead where they do."
)
@format_option
def tactical(members: str, opponents: str, style: str) -> None:
    """Estimate tactical voting at each election."""
    from forecaster.analysis.calibration import kappa_table
    from forecaster.analysis.table import one_of
    from forecaster.cli.output import emit
    from forecaster.vocabulary import PARTIES

    sides = [
        tuple(one_of(name.strip(), PARTIES, option) for name in text.split(","))
        for option, text in (("--members", members), ("--opponents", opponents))
    ]
    emit(kappa_table(*sides), style)
