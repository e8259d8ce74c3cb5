"""Commands that read the embedded data, estimate the model from them, or explain options."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import click

from forecaster.cli.options import CONFIG, FILE, PARTY, Changes, Pacts, command, out_option
from forecaster.cli.output import Output, Printed, check_picture, working, write_picture
from forecaster.table import as_table

if TYPE_CHECKING:
    from forecaster.table import Table

DAY = click.DateTime(["%Y-%m-%d"])
USE_OF_MODEL = "Name it under 'model' in a config, or --set model={}."


@command("polls")
@click.option("--as-of", type=DAY, metavar="DATE", help="Read no later poll; default: read all.")
@click.option("--election", metavar="YEAR", help="As of the eve of an election, with its result.")
@click.option("--on", "day", type=DAY, metavar="DATE", help="Shares on an election on that day.")
@click.option("--houses", is_flag=True, help="Only the table of the pollsters.")
@click.option(
    "--file", type=FILE, help="CSV of further polls, with the columns of data/polls/national.csv."
)
@out_option("Write the tracker too, each poll a point: a file ending in .svg or .png.")
def polls(
    as_of: datetime | None,
    election: str | None,
    day: datetime | None,
    houses: bool,
    file: Path | None,
    out: Path | None,
    force: bool,
    output: Printed,
) -> None:
    """Estimate national shares from the polls: Great Britain, Scotland, Wales, the pollsters.

    Beside what the polls say stands the vote that they lead one to expect on election day, by
    default the day after, with an interval from how far polls have been out since 1970. csv and
    json hold the shares, or with --houses the pollsters.
    """
    from forecaster.answers.polls import ask, ask_before, houses_table, shares_table

    if election and (as_of or day or file):
        raise click.UsageError("--election names both days and its polls; leave out the others.")
    check_picture(out, force)
    answer = ask_before(election) if election else ask(_day(as_of), _day(day), file)
    if houses:
        output.write(houses_table(answer))
    else:
        output.write(shares_table(answer), beside=(houses_table(answer),))
    write_picture(lambda plots: plots.tracker(answer), out, force)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def write_estimate(estimate: Callable[[], Table], output: Output) -> None:
    """Write a table that takes some time to estimate."""
    with working("Estimating"):
        table = estimate()
    output.write(table)


def _estimated(what: str, **given: Any) -> Table:
    from forecaster.api import calibrate

    return as_table(calibrate, what, **given)


def write_file(estimate: Callable[[], str], out: Path, force: bool, use: str = "") -> None:
    """Write a file of estimates, and say how to use it."""
    from forecaster.files import write_new

    with working("Estimating"):
        write_new(out, force, estimate)
    click.echo(f"{out}: written. {use.format(out)}".rstrip())


@command("transfers")
@click.argument("name", default="formal")
@click.option("--evidence", is_flag=True, help="The evidence itself, not the rates in force.")
@click.option("--donor", type=PARTY, help="Only this party's voters, such as LD.")
@out_option("Write a picture of the rates too: a file ending in .svg or .png.")
def transfers(
    name: str, evidence: bool, donor: str | None, out: Path | None, force: bool, output: Printed
) -> None:
    """Print where the votes of a party that stands aside go, and how that is known.

    NAME is formal (the party recommends the flag bearer), informal, or a file.
    """
    from forecaster import api

    check_picture(out, force)
    rates = as_table(api.transfers, name, donor)
    write_picture(lambda plots: plots.transfers(rates), out, force)
    if evidence:
        write_estimate(partial(as_table, api.transfers, name, donor, evidence=True), output)
    else:
        output.write(rates)


@command("replicate")
def replicate(output: Printed) -> None:
    """Print published results on pacts and tactical voting beside our own figures.

    Each row says why the two differ, or what we would need to compute it.
    """
    from forecaster.api import replicate

    output.write(as_table(replicate))


@click.group("calibrate")
def calibrate() -> None:
    """Estimate parameters of the model from the embedded data."""


LeaveOut = Annotated[
    str | None,
    click.option("--leave-out", metavar="YEAR", help="Do not use the result of this election."),
]
model_out_option = out_option("Write a model file, to be named in a config.")


@command("transfers", calibrate)
@click.argument("name", type=click.Choice(["formal", "informal"]), default="formal")
@click.option(
    "--show",
    type=click.Choice(["kinds", "without", "absences", "agreements"]),
    default="kinds",
    help="How the kinds of evidence differ; what pacts come to without each of them; only what "
    "real absences of a party at general elections say; or what agreements in Northern Ireland "
    "brought beyond the votes of who stood aside.",
)
@out_option("Write the file of transfer rates.")
def calibrate_transfers(
    name: str, show: str, out: Path | None, force: bool, output: Printed
) -> None:
    """Estimate transfers from polls, ballots, wards and general elections together.

    NAME says which file --out writes: formal rates, from all evidence, or informal ones, from real
    absences in which nobody was recommended.
    """
    if out is None:
        write_estimate(partial(_estimated, show), output)
    else:
        from forecaster.calibration.transfer_file import rates_file

        use = "Name it under 'strength.transfers' in a pact."
        write_file(partial(rates_file, name), out, force, use)


@command("tactical", calibrate)
@click.option("--members", default="Lab+LD+Green", help="Parties whose voters move.")
@click.option("--opponents", default="Con+Reform", help="Parties that lead where they do.")
def calibrate_tactical(members: str, opponents: str, output: Printed) -> None:
    """Estimate tactical voting at each election."""
    sides = {"members": members, "opponents": opponents}
    write_estimate(partial(_estimated, "tactical", **sides), output)


@command("by-elections", calibrate)
def calibrate_by_elections(output: Printed) -> None:
    """Compare every by-election since 2010 with what its polls made expect."""
    write_estimate(partial(_estimated, "by-elections"), output)


@command("model", calibrate)
@model_out_option
def calibrate_model(leave_out: LeaveOut, out: Path | None, force: bool, output: Printed) -> None:
    """Estimate the swing, tactical voting, and the error of nations and seats."""
    if out is None:
        write_estimate(partial(_estimated, "model", leave_out=leave_out), output)
    else:
        from forecaster.calibration.model_file import model_file

        write_file(partial(model_file, leave_out), out, force, USE_OF_MODEL)


@command("mrp", calibrate)
@click.argument("folder", metavar="DIR", type=FILE)
@click.option(
    "--forecast",
    "names",
    multiple=True,
    metavar="NAME",
    help="Use this forecast, named as in the table. May be repeated [default: all of shares].",
)
@model_out_option
def calibrate_mrp(
    folder: Path,
    names: tuple[str, ...],
    leave_out: LeaveOut,
    out: Path | None,
    force: bool,
    output: Printed,
) -> None:
    """Estimate the error of seat estimates from the published ones in DIR.

    DIR is a folder as for backtest --published.
    """
    given: dict[str, Any] = {"folder": folder, "names": names, "leave_out": leave_out}
    if out is None:
        write_estimate(partial(_estimated, "mrp", **given), output)
    else:
        from forecaster.calibration.mrp import misses, mrp_model

        write_file(lambda: mrp_model(misses(**given), leave_out), out, force, USE_OF_MODEL)


@command("councils", calibrate)
@out_option("Write the file of parameters.", required=True)
def calibrate_councils(out: Path, force: bool) -> None:
    """Estimate swing, errors and candidates of council elections from the embedded candidacies."""
    from forecaster.councils.calibrate import model_file

    write_file(model_file, out, force)


@click.group("config")
def config() -> None:
    """Check a config file, explain every option, print the schema of a file."""


@command("check", config)
@click.argument("file", type=CONFIG)
def check(file: str, changes: Changes, pacts: Pacts) -> None:
    """Check FILE and its pacts, and whether the parts fit together."""
    from forecaster.config.load import digest, load_config, parse_changes
    from forecaster.plan.build import build_plan
    from forecaster.plan.scenarios import build_scenarios
    from forecaster.results.manifest import file_notes

    checked = load_config(file, parse_changes(changes), pacts)
    plan = build_plan(checked)
    scenarios = build_scenarios(plan)
    click.echo(
        f"{file}: fine. {checked.headline}; {checked.draws:,} draws; digest {digest(checked)[:12]}."
    )
    click.echo(f"National shares: {plan.targets.source}.")
    click.echo(f"Seats start from {checked.base.start}.")
    for seats in scenarios.pacts:
        click.echo(f"Pact {seats.pact.name}: {int((seats.flag >= 0).sum())} seats.")
    for note in file_notes(plan, scenarios):
        click.echo(note)


@command("explain", config)
def explain(output: Printed) -> None:
    """Explain every option and parameter."""
    from forecaster.answers.explain import all_tables

    output.write(*all_tables())


@command("schema", config)
@click.argument("kind", type=click.Choice(["config", "pact"]), default="config")
def schema(kind: str) -> None:
    """Print the JSON Schema of config files, or of pact files, by which editors complete them."""
    from forecaster.api import schema

    click.echo(json.dumps(schema(kind), indent=2, ensure_ascii=False))


@click.group("data")
def data() -> None:
    """List, verify and export the embedded data."""


@command("list", data)
def list_(output: Printed) -> None:
    """List every embedded table with its rows, source and licence."""
    from forecaster.api import list_data

    output.write(as_table(list_data))


@command("verify", data)
def verify() -> None:
    """Compare every embedded table with its checksum; exit code 3 if one was changed."""
    from forecaster.resources import catalogue, verify_all

    verify_all()
    click.echo(f"{len(catalogue())} tables, every checksum as in the catalogue.")


@command("export", data)
@click.argument("folder", type=FILE)
def export_(folder: Path) -> None:
    """Write every embedded table into the new FOLDER, as a Data Package for other programs.

    datapackage.json describes each table and column: type, unit, source and licence. Programs that
    know Data Packages (frictionless, R, Open Refine) read it as it is.
    """
    from forecaster.api import export_data

    click.echo(f"Written to {folder}: {export_data(folder)} tables and datapackage.json")
