"""Commands about council elections."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forecaster.cli.options import (
    FILE,
    PACT,
    Count,
    out_option,
    threads_option,
)
from forecaster.cli.output import Output, table_options
from forecaster.cli.simulating import stored
from forecaster.errors import ConfigError
from forecaster.vocabulary import fold

if TYPE_CHECKING:
    from forecaster.council_api import CouncilRun

WARDS = 20
"""Rows of a table of wards that a person gets without ``--limit``."""

FOLDER = Path("runs", "councils")

council_option = click.option("--council", help="Only this council.")
scenario_option = click.option(
    "--scenario", help="With this pact in force [default: none, or every one in turn]."
)
run_argument = click.argument("run", required=False)


@click.group("council")
def council() -> None:
    """Simulate council elections: wards of one or more seats, slates of candidates, who governs."""


@council.command("list")
@click.argument("election", required=False)
@table_options
def list_(election: str | None, output: Output) -> None:
    """List the elections that can be simulated, or the councils of ELECTION."""
    from forecaster.councils.listing import councils_of, elections_table

    output.write(councils_of(election) if election else elections_table())


def contest_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which wards elect, who stands, and at which shares."""
    for option in reversed(
        (
            click.option("--council", "councils", multiple=True, help="Only it. May be repeated."),
            click.option("--candidates", type=FILE, help="List: council, ward, party, candidates."),
            click.option(
                "--results",
                type=FILE,
                help="List of further elections: year, council, code, ward, party, votes, seats.",
            ),
            click.option(
                "--swing",
                type=click.Choice(["polls", "actual", "none"]),
                default="polls",
                show_default=True,
                help="Shares of all wards together: from the polls of the day, as they came out, "
                "or as last time.",
            ),
            click.option(
                "--share",
                "given",
                multiple=True,
                metavar="PARTY=PER CENT",
                help="Share of a party; others fill the rest as polled. May be repeated.",
            ),
            click.option("--shares", type=FILE, help="List: council, party, share in per cent."),
            click.option("--sure", is_flag=True, help="Without the error of the polls."),
            click.option("--draws", type=Count(), default=10_000, show_default=True),
            click.option("--seed", type=Count(0), default=1, show_default=True),
            threads_option,
        )
    ):
        command = option(command)
    return command


@council.command("simulate")
@click.argument("election")
@contest_options
@click.option("--pact", "pacts", type=PACT, multiple=True, help="Count also with this pact.")
@click.option(
    "--slates",
    default="best-placed",
    show_default=True,
    help="Who stands where in a pact: best-placed (alone), proportional, optimised, or a list.",
)
@click.option(
    "--guarantee",
    "guarantees",
    multiple=True,
    metavar="PARTY=PLACES",
    help="So many places in every council where the pact holds. May be repeated.",
)
@out_option("Folder of the run [default: runs/councils/ELECTION-N].")
@click.option("-q", "--quiet", is_flag=True, help="Print only the folder of the run.")
def simulate(
    election: str,
    given: tuple[str, ...],
    shares: Path | None,
    guarantees: tuple[str, ...],
    out: Path | None,
    force: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Simulate ELECTION, such as london-2026, store the run and print a summary."""
    from forecaster.council_api import simulate_councils

    simulate_into = partial(
        simulate_councils,
        election,
        shares=_shares(given, shares),
        guarantees=_places(guarantees),
        force=force,
        **options,
    )
    run = stored(simulate_into, out, _file_name(election), FOLDER)
    if not quiet:
        print_summary(run)
    click.echo(f"Stored in {run.folder}")


def _file_name(election: str) -> str:
    """Return the name of an election as a file may be called."""
    return fold(election).replace(" ", "-")


def _shares(given: tuple[str, ...], shares: Path | None) -> dict[str, float] | Path | None:
    if given and shares:
        raise click.UsageError("--share and --shares: give one of them.")
    return shares or (_numbers(given, "--share") if given else None)


def _numbers(texts: tuple[str, ...], option: str) -> dict[str, float]:
    """Return ``PARTY=NUMBER`` texts as numbers by party code."""
    from forecaster.councils.data import PARTIES
    from forecaster.vocabulary import find_party

    out: dict[str, float] = {}
    for text in texts:
        name, sign, number = text.partition("=")
        try:
            value = float(number.removesuffix("%"))
        except ValueError:
            value = -1.0
        if not sign or not 0 <= value <= 100:
            raise ConfigError(f"{option} {text!r}: expected PARTY=NUMBER from 0 to 100.")
        party = find_party(name.strip(), PARTIES, option)
        if party in out:
            raise ConfigError(f"{option} {text!r}: {party} is given twice.")
        out[party] = value
    return out


def _places(texts: tuple[str, ...]) -> dict[str, int]:
    """Return ``PARTY=PLACES`` texts as whole numbers by party code."""
    found = _numbers(texts, "--guarantee")
    for party, number in found.items():
        if not number.is_integer():
            raise ConfigError(f"--guarantee {party}={number:g}: expected a whole number of places.")
    return {party: int(number) for party, number in found.items()}


def print_summary(run: CouncilRun) -> None:
    """Print councillors by party, the councils, and what the pacts change."""
    click.echo(f"\n{run.title}\n")
    if len(run.councils) > 1:
        tables = [run.table("totals"), run.table("councils_controlled")]
    else:
        tables = [run.table("totals", run.councils[0])]
    if len(run.scenarios) > 1:
        tables += [run.table("compare", name) for name in run.with_pacts()]
    notes = dict.fromkeys(note for table in tables for note in table.notes)
    for table in tables:
        last = table is tables[-1]
        Output(None, None, "table").write(replace(table, notes=tuple(notes) if last else ()))


def read_run(name: str | None) -> CouncilRun:
    """Return a run by its folder, or its name in ``runs/councils``; the latest for None."""
    from forecaster.council_api import open_council_run
    from forecaster.errors import ResultsError
    from forecaster.results.store import stored_runs

    if name is not None:
        return open_council_run(name)
    stored = stored_runs(FOLDER)
    if not stored:
        raise ResultsError(
            f"no run is stored in {FOLDER}/ yet: 'forecast council simulate london-2026' makes one."
        )
    return open_council_run(stored[0])


@council.command("show")
@run_argument
@council_option
@click.option("--wards", is_flag=True, help="Ward by ward.")
@scenario_option
@table_options
def show(
    run: str | None, council: str | None, wards: bool, scenario: str | None, output: Output
) -> None:
    """Print councillors and control by council of RUN, or of the latest; or ward by ward."""
    found = read_run(run)
    if wards:
        output.write(found.table("wards", council, scenario), few=None if council else WARDS)
    elif council:
        output.write(found.table("totals", council, scenario))
    else:
        output.write(found.table("councils_controlled", scenario))


@council.command("compare")
@run_argument
@scenario_option
@table_options
def compare(run: str | None, scenario: str | None, output: Output) -> None:
    """Compare councillors and control with each pact of RUN and without."""
    found = read_run(run)
    output.write(*(found.table("compare", name) for name in found.with_pacts(scenario)))


@council.command("pact")
@run_argument
@council_option
@scenario_option
@table_options
def pact(run: str | None, council: str | None, scenario: str | None, output: Output) -> None:
    """Print what the pacts of RUN change ward by ward, the largest gain first."""
    found = read_run(run)
    tables = (found.table("pact_effects", council, name) for name in found.with_pacts(scenario))
    output.write(*tables, few=WARDS)


@council.command("tragedies")
@run_argument
@table_options
def tragedies(run: str | None, output: Output) -> None:
    """Print the wards that a divided side loses although it has more votes, of either side."""
    output.write(read_run(run).table("tragedies"), few=WARDS)


@council.command("coalitions")
@run_argument
@click.option("--council", required=True, help="The council to be governed.")
@click.option("--coalition", "named", multiple=True, metavar="A+B+…", help="Only this one.")
@click.option(
    "--apart",
    multiple=True,
    metavar="A+B",
    default=("Lab+Con",),
    show_default=True,
    help="Parties that do not govern together. May be repeated; 'nobody': all may.",
)
@scenario_option
@table_options
def coalitions(
    run: str | None,
    council: str,
    named: tuple[str, ...],
    apart: tuple[str, ...],
    scenario: str | None,
    output: Output,
) -> None:
    """Print which coalitions could govern a council of RUN, and how often."""
    kept = tuple(text for text in apart if text != "nobody")
    table = read_run(run).table("coalitions", council, named, apart=kept, scenario=scenario)
    output.write(table, few=WARDS)


@council.command("report")
@run_argument
@out_option("The page [default: RUN.html].")
def report(run: str | None, out: Path | None, force: bool) -> None:
    """Write RUN as one page: the answer, every council, its wards, who could govern it."""
    found = read_run(run)
    target = found.report(out or Path(f"{found.folder}.html"), force=force)
    click.echo(f"{target}: written. Open it in a browser.")


@council.command("score")
@click.argument("election")
@contest_options
@table_options
def score(
    election: str, given: tuple[str, ...], shares: Path | None, output: Output, **options: Any
) -> None:
    """Forecast ELECTION, which took place, and score the forecast against the result."""
    from forecaster.council_api import score_councils

    scores, parties = score_councils(election, shares=_shares(given, shares), **options)
    output.write(scores, beside=(parties,))


@council.command("ledger")
@click.argument("election")
@contest_options
@click.option("--pact", type=PACT, required=True, help="The pact: a file or a name.")
@click.option(
    "--slates", default="best-placed", show_default=True, help="best-placed or proportional."
)
@table_options
def ledger(
    election: str,
    pact: str,
    slates: str,
    given: tuple[str, ...],
    shares: Path | None,
    output: Output,
    **options: Any,
) -> None:
    """Print what a pact costs and brings each member in ELECTION, and its Shapley value."""
    from forecaster.council_api import ledger_councils

    table = ledger_councils(election, pact, slates=slates, shares=_shares(given, shares), **options)
    output.write(table)


@council.command("optimise")
@click.argument("election")
@contest_options
@click.option("--pact", type=PACT, required=True, help="Whose slates are chosen.")
@click.option(
    "--for",
    "goal",
    default="councillors",
    show_default=True,
    help="What the members together are to win most of: councillors, or control of councils.",
)
@click.option(
    "--losses",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="Councillors that a member may lose.",
)
@out_option("List of slates, for --slates [default: ELECTION.slates.csv].")
def optimise(
    election: str,
    pact: str,
    losses: float,
    goal: str,
    given: tuple[str, ...],
    shares: Path | None,
    out: Path | None,
    force: bool,
    **options: Any,
) -> None:
    """Choose slates with which the members of a pact win most councillors, and nobody loses any.

    The slates are judged by draws other than those that chose them.
    """
    from forecaster.council_api import best_slates
    from forecaster.files import new_file

    target = out or Path(f"{_file_name(election)}.slates.csv")
    with new_file(target, force) as path, path.open("w", newline="", encoding="utf-8") as file:
        run, rows = best_slates(
            election,
            pact,
            losses=losses,
            goal=goal,
            shares=_shares(given, shares),
            **options,
        )
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    Output(None, None, "table").write(run.table("compare"))
    click.echo(f"{target}: written. Count with it: --pact {pact} --slates {target}")
