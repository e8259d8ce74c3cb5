"""``forecast calibrate``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from forecaster.cli.output import format_option


@click.group("calibrate")
def command() -> None:
    """Estimate parameters of the model from the embedded data."""


@command.command("transfers")
@format_option
def transfers(style: str) -> None:
    """Estimate transfers from real absences of a party."""
    from forecaster.calibration.natural_experiments import transfers_table
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
    from forecaster.calibration.squeeze import kappa_table
    from forecaster.cli.output import emit
    from forecaster.table import one_of
    from forecaster.vocabulary import PARTIES

    sides = [
        tuple(one_of(name.strip(), PARTIES, option) for name in text.split(","))
        for option, text in (("--members", members), ("--opponents", opponents))
    ]
    emit(kappa_table(*sides), style)


@command.command("by-elections")
@format_option
def by_elections(style: str) -> None:
    """Estimate tactical voting at each by-election since 2010."""
    from forecaster.calibration.squeeze import squeeze_table
    from forecaster.cli.output import emit

    emit(squeeze_table(), style)


leave_out_option = click.option(
    "--leave-out", metavar="YEAR", help="Do not use the result of this election."
)
out_option = click.option(
    "--out", type=click.Path(path_type=Path), help="Write a model file, to be named in a config."
)


@command.command("model")
@leave_out_option
@out_option
@format_option
def model(leave_out: str | None, out: Path | None, style: str) -> None:
    """Estimate the swing, tactical voting, and the error of nations and seats."""
    from forecaster.calibration.model_file import estimates_table, model_file
    from forecaster.cli.output import emit

    if out is None:
        emit(estimates_table(leave_out), style)
    else:
        _write(out, lambda: model_file(leave_out))


@command.command("mrp")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--forecast",
    "names",
    multiple=True,
    metavar="NAME",
    help="Use this forecast, named as in the table. May be repeated [default: all of shares].",
)
@leave_out_option
@out_option
@format_option
def mrp(
    folder: Path, names: tuple[str, ...], leave_out: str | None, out: Path | None, style: str
) -> None:
    """Estimate the error of seat estimates from the published ones in DIR.

    DIR is a folder as for backtest --published.
    """
    from forecaster.calibration.mrp import misses, mrp_model, mrp_table
    from forecaster.cli.output import emit

    found = misses(folder, names, leave_out)
    if out is None:
        emit(mrp_table(found), style)
    else:
        _write(out, lambda: mrp_model(found, leave_out))


def _write(out: Path, text: Callable[[], str]) -> None:
    from forecaster.errors import ConfigError

    if out.exists():
        raise ConfigError(f"{out}: exists already. Choose another --out, or remove it.")
    try:
        out.write_text(text(), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{out}: cannot be written ({error.strerror}).") from None
    click.echo(f"{out}: written. Name it under 'model' in a config, or --set model={out}.")
