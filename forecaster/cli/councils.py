"""Commands about council elections."""

from __future__ import annotations

import csv
import shlex
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import click

from forecaster.cli.options import (
    COUNCIL_RUN,
    COUNCIL_SCENARIO,
    DRAWS,
    FILE,
    PACT,
    SEED,
    command,
    out_option,
    pacts_option,
    scenario_option,
    scenarios_option,
    simulation_options,
    threads_option,
)
from forecaster.cli.output import Output, Printed
from forecaster.cli.simulating import say_next, stored
from forecaster.errors import ConfigError
from forecaster.table import as_table
from forecaster.vocabulary import fold

if TYPE_CHECKING:
    from forecaster.council_api import CouncilRun
    from forecaster.councils.simulate import Asked, Elections

WARDS = 20
"""Rows of a table of wards that a person gets without ``--limit``."""

FOLDER = Path("runs", "councils")

RunName = Annotated[str | None, click.argument("run", type=COUNCIL_RUN, required=False)]
Election = Annotated[str, click.argument("election")]
Council = Annotated[str | None, click.option("--council", help="Only this council.")]
OnePact = Annotated[
    str, click.option("--pact", type=PACT, required=True, help="The pact: a file or a name.")
]
Scenario = Annotated[str | None, scenario_option(COUNCIL_SCENARIO)]
Scenarios = Annotated[tuple[str, ...], scenarios_option(COUNCIL_SCENARIO)]


@dataclass(frozen=True)
class Asking:
    """The options of every command that simulates councils: who votes, for whom, and how often."""

    councils: tuple[str, ...]
    candidates: Path | None
    results: Path | None
    swing: str
    given: tuple[str, ...]
    shares: Path | None
    sure: bool
    draws: int
    seed: int
    threads: int | None

    @property
    def options(self) -> dict[str, Any]:
        """What `forecaster.simulate_councils` takes of them."""
        if self.given and self.shares:
            raise click.UsageError("--share and --shares: give one of them.")
        options = asdict(self)
        given = options.pop("given")
        return options | {"shares": self.shares or _numbers(given, "--share") or None}

    def elections(self, name: str) -> tuple[Asked, Elections]:
        """Return what is asked of an election, and the elections to be simulated."""
        from forecaster.councils.simulate import ask

        options = self.options
        drawn = {key: options.pop(key) for key in ("draws", "seed", "threads")}
        asked = ask(name, **options)
        return asked, asked.elections(**drawn)


How = Annotated[
    Asking,
    simulation_options(
        threads_option,
        click.option("--seed", type=SEED, default=1),
        click.option("--draws", type=DRAWS, default=10_000),
        click.option("--sure", is_flag=True, help="Without the error of the polls."),
        click.option("--shares", type=FILE, help="List: council, party, share in per cent."),
        click.option(
            "--share",
            "given",
            multiple=True,
            metavar="PARTY=PERCENT",
            help="Share of a party; others fill the rest as polled. May be repeated.",
        ),
        click.option(
            "--swing",
            type=click.Choice(["polls", "actual", "none"]),
            default="polls",
            help="Shares of all wards together: from the polls of the day, as they came out, or as "
            "last time.",
        ),
        click.option(
            "--results",
            type=FILE,
            help="List of further elections: year, council, code, ward, party, votes, seats.",
        ),
        click.option("--candidates", type=FILE, help="List: council, ward, party, candidates."),
        click.option("--council", "councils", multiple=True, help="Only it. May be repeated."),
        kind=Asking,
    ),
]


@click.group("council")
def council() -> None:
    """Simulate council elections: wards of one or more seats, slates of candidates, who governs."""


@command("list", council)
@click.argument("election", required=False)
def list_(election: str | None, output: Printed) -> None:
    """List the elections that can be simulated, or the councils of ELECTION."""
    from forecaster.council_api import list_councils

    output.write(as_table(list_councils, election))


@command("simulate", council)
@pacts_option
@click.option(
    "--slates",
    default="best-placed",
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
    election: Election,
    how: How,
    pacts: tuple[str, ...],
    slates: str,
    guarantees: tuple[str, ...],
    out: Path | None,
    force: bool,
    quiet: bool,
) -> None:
    """Simulate ELECTION, such as london-2026, store the run and print a summary."""
    from forecaster.council_api import simulate_councils

    simulate_into = partial(
        simulate_councils,
        election,
        pacts=pacts,
        slates=slates,
        guarantees=_places(guarantees),
        force=force,
        **how.options,
    )
    run = stored(simulate_into, out, _file_name(election), FOLDER)
    folder = run.folder
    if quiet:
        click.echo(str(folder))
        return
    print_summary(run)
    click.echo(f"{run.draws:,} elections simulated, stored in {folder}")
    further = (f"council compare {folder}", f"council pact {folder}") if run.scenarios[1:] else ()
    one = f"{folder} --council {shlex.quote(run.councils[0])}"
    say_next(
        *(f"council report {folder}", f"council show {one} --wards", f"council coalitions {one}"),
        *further,
    )


def _file_name(election: str) -> str:
    """Return the name of an election as a file may be called."""
    return fold(election).replace(" ", "-")


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

    return open_council_run(name)


@command("show", council)
@click.option("--wards", is_flag=True, help="Ward by ward.")
def show(run: RunName, council: Council, wards: bool, scenario: Scenario, output: Printed) -> None:
    """Print councillors and control by council of RUN, or of the latest; or ward by ward."""
    found = read_run(run)
    if wards:
        output.write(found.table("wards", council, scenario), few=None if council else WARDS)
    elif council:
        output.write(found.table("totals", council, scenario))
    else:
        output.write(found.table("councils_controlled", scenario))


@command("compare", council)
def compare(run: RunName, wanted: Scenarios, output: Printed) -> None:
    """Compare councillors and control with each pact of RUN, or of the latest, and without."""
    found = read_run(run)
    output.write(*(found.table("compare", name) for name in found.with_pacts(wanted)))


@command("pact", council)
def pact(run: RunName, council: Council, wanted: Scenarios, output: Printed) -> None:
    """Print what the pacts of RUN, or of the latest, change ward by ward, by gain."""
    found = read_run(run)
    tables = (found.table("pact_effects", council, name) for name in found.with_pacts(wanted))
    output.write(*tables, few=WARDS)


@command("tragedies", council)
def tragedies(run: RunName, output: Printed) -> None:
    """Print the wards that a divided side loses although it has more votes, of either side."""
    output.write(read_run(run).table("tragedies"), few=WARDS)


@command("coalitions", council)
@click.option("--council", required=True, help="The council to be governed.")
@click.option("--coalition", "named", multiple=True, metavar="A+B+…", help="Only this one.")
@click.option(
    "--apart",
    multiple=True,
    metavar="A+B",
    default=("Lab+Con",),
    help="Parties that do not govern together. May be repeated; 'nobody': all may.",
)
def coalitions(
    run: RunName,
    council: str,
    named: tuple[str, ...],
    apart: tuple[str, ...],
    scenario: Scenario,
    output: Printed,
) -> None:
    """Print which coalitions could govern a council of RUN, or of the latest, and how often."""
    kept = tuple(text for text in apart if text != "nobody")
    table = read_run(run).table("coalitions", council, named, apart=kept, scenario=scenario)
    output.write(table, few=WARDS)


@command("report", council)
@out_option("The page [default: RUN.html].")
def report(run: RunName, out: Path | None, force: bool) -> None:
    """Write RUN, or the latest, as one page: the answer, every council, who could govern it."""
    found = read_run(run)
    target = found.report(out or Path(f"{found.folder}.html"), force=force)
    click.echo(f"{target}: written. Open it in a browser.")


@command("score", council)
def score(election: Election, how: How, output: Printed) -> None:
    """Forecast ELECTION, which took place, and score the forecast against the result."""
    from forecaster.councils.score import score_tables

    scores, parties = score_tables(*how.elections(election))
    output.write(scores, beside=(parties,))


@command("ledger", council)
@click.option("--slates", default="best-placed", help="best-placed or proportional.")
def ledger(election: Election, how: How, pact: OnePact, slates: str, output: Printed) -> None:
    """Print what a pact costs and brings each member in ELECTION, and its Shapley value."""
    from forecaster.council_api import council_ledger

    output.write(as_table(council_ledger, election, pact, slates, **how.options))


@command("optimise", council)
@click.option(
    "--for",
    "goal",
    default="councillors",
    help="What the members together are to win most of: councillors, or control of councils.",
)
@click.option(
    "--losses", type=click.FloatRange(0), default=0.0, help="Councillors that a member may lose."
)
@out_option("List of slates, for --slates [default: ELECTION.slates.csv].")
def optimise(
    election: Election,
    how: How,
    pact: OnePact,
    goal: str,
    losses: float,
    out: Path | None,
    force: bool,
) -> None:
    """Choose slates with which the members of a pact win most councillors, and nobody loses any.

    The slates are judged by draws other than those that chose them.
    """
    from forecaster.config.load import read_pact
    from forecaster.councils.answers import compare_table
    from forecaster.councils.optimise import judged_slates, slates_rows
    from forecaster.files import new_file

    target = out or Path(f"{_file_name(election)}.slates.csv")
    with new_file(target, force) as path, path.open("w", newline="", encoding="utf-8") as file:
        asked, elections = how.elections(election)
        best, run = judged_slates(read_pact(pact), asked, elections, losses, goal)
        rows = slates_rows(best, elections.contest)
        # A list is read from its header on; by the line above it --force knows the file.
        file.write("Slates written by 'forecast council optimise'\n")
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    Output(None, None, "table").write(compare_table(run, best.pact.name))
    click.echo(f"{target}: written. Count with it: --pact {pact} --slates {target}")
