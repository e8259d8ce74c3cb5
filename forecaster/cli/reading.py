"""Commands that read a stored run, or an election that happened."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecaster.cli.options import (
    FILE,
    PARTY,
    RUN,
    SEAT,
    Party,
    RunName,
    Scenario,
    Scenarios,
    Threads,
    command,
    out_option,
    read_run,
    split_run,
    words_argument,
)
from forecaster.cli.output import FORMATS, Output, Printed, working
from forecaster.errors import ResultsError

if TYPE_CHECKING:
    from forecaster.api import PastElection, Run
    from forecaster.table import Table

SHOWN = ("summary", "seats", "totals", "national")
PICTURES = ("seats", "party", "map-winner", "map-party", "map-pact", "map-tragedy", "reliability")
CLOSEST = 15
SEATS = 20
"""Rows of a printed table of seats unless ``--limit`` is given."""


@command("list")
def list_(output: Printed) -> None:
    """List the runs stored in runs/, the newest first."""
    from forecaster.answers.run import runs_table

    output.write(runs_table())


@command("show")
@words_argument(f"[{'|'.join(SHOWN)}]")
@click.option("--region", help='Seats: only this region or nation, such as "North East".')
def show(
    words: tuple[str, ...], party: Party, region: str | None, scenario: Scenario, output: Printed
) -> None:
    """Print a table of the stored run RUN, or of the latest.

    summary: the assumed shares, seats by party and the closest seats. seats: every seat's favourite
    and runner-up, or with --party that party's chances. totals: seats by party. national: the
    shares assumed, by nation.
    """
    from forecaster.vocabulary import NATIONS, REGIONS, one_of

    run, rest = split_run(words, SHOWN)
    if len(rest) > 1:
        raise click.UsageError(f"one table at a time, not {' and '.join(rest)}.")
    what = one_of(rest[0], SHOWN, "table") if rest else SHOWN[0]
    if what != "seats" and (party is not None or region is not None):
        raise click.UsageError("--party and --region go with 'seats'.")
    if what == "summary":
        if output.style != "table" or output.sort or output.limit is not None:
            formats = ", ".join(FORMATS[1:])
            raise click.UsageError(
                f"the summary is text; for {formats} ask for seats, totals or national."
            )
        print_summary(run)
        return
    if what == "totals":
        table = totals(run, scenario)
    elif what == "national":
        table = run.table("national")
    elif party is not None:
        table = run.table("chances", party, scenario)
    else:
        table = run.table("favourites", scenario)
    if region is not None:
        place = one_of(region, dict.fromkeys((*NATIONS, *REGIONS)), "--region")
        table = table.where(lambda row: place in (row["region"], row["nation"]))
    output.write(table)


def totals(run: Run, scenario: str | None = None) -> Table:
    """Return seats by party, with a note on how often such ranges have held results."""
    from forecaster.report.record import ranges_held

    table = run.table("totals", scenario)
    held = ranges_held(run.manifest["config"]["parameters"])
    return replace(table, notes=(*table.notes, held))


def print_summary(run: Run) -> None:
    """Print shares assumed, seats by party and the closest seats."""
    from forecaster.answers.summary import age_note
    from forecaster.vocabulary import FIXED_PARTIES

    click.echo(f"\n{run.title}\n")
    national = run.table("national").where(
        lambda row: row["area"] == "GB" and row["party"] not in FIXED_PARTIES
    )
    ages = age_note(run.manifest["config"]["national"], date.today())
    national = replace(national, notes=(*national.notes, *ages))
    for table in (national, totals(run), run.table("closest", CLOSEST)):
        Output(None, None, "table").write(table)


@command("seat")
@words_argument("NAME", SEAT)
def seat(words: tuple[str, ...], output: Printed) -> None:
    """Print one seat of the stored run RUN, or of the latest: last result, chances, and why.

    NAME is a name, an old name, an ONS code, or a part of a name that fits one seat only.
    """
    run, name = split_run(words)
    if not name:
        raise click.UsageError("name a seat, such as Lewes.")
    wanted = " ".join(name)
    why = []
    try:
        why.append(run.table("why", wanted))
    except ResultsError as error:  # the figures of an old run are good, but cannot be explained
        click.echo(f"Why it comes out so: {error}", err=True)
    output.write(run.table("seat", wanted), beside=tuple(why))


@command("compare")
@click.argument("runs", nargs=-1, type=RUN, metavar="[RUN [RUN]]")
@click.option("--changes", is_flag=True, help="Only the table of what the pacts change.")
def compare(runs: tuple[str, ...], wanted: Scenarios, changes: bool, output: Printed) -> None:
    """Compare every scenario of the stored run RUN, or of the latest, with no-pact.

    Seats by party and bloc with paired differences, chances of a majority, and how often the
    pacts change who has a majority or cost their own side seats.

    Of two runs: seats in each, the seats whose chances moved most, and what differs between them;
    without pacts, or in the scenario that --scenario names.
    """
    if len(runs) > 2 or (len(runs) == 2 and (changes or len(wanted) > 1)):
        raise click.UsageError("compare one run, or two in one scenario without --changes.")
    if len(runs) == 2:
        first, second = map(read_run, runs)
        compare_runs(first, second, next(iter(wanted), None), output)
        return
    found = read_run(next(iter(runs), None))
    change = found.table("changes", wanted)
    if changes:
        output.write(change)
        return
    each = (found.table("compare", name) for name in found.with_pacts(wanted))
    output.write(*each, beside=(change,))


def compare_runs(first: Run, second: Run, scenario: str | None, output: Output) -> None:
    """Print seats in two runs, the seats that moved most, and why."""
    moved = first.table("moved", second, scenario).first(CLOSEST)
    output.write(
        first.table("difference", second, scenario), beside=(moved, first.table("differs", second))
    )


@command("register")
@out_option("The sealed file [default: RUN.sealed.json].")
def register(run: RunName, out: Path | None, force: bool) -> None:
    """Seal the forecast of the stored run RUN, or of the latest, before an election.

    Writes a small file with the chances in every seat, seats by party, the config and the digests
    of the data, and prints the digest of it all: publish that, and keep the file.
    """
    import json

    from forecaster.files import write_new

    found = read_run(run)
    sealed = found.sealed()
    target = out or Path(f"{found.folder}.sealed.json")
    write_new(target, force, lambda: json.dumps(sealed, indent=1, ensure_ascii=False))
    click.echo(f"Sealed: {target}. Digest: {sealed['digest']}")
    click.echo("Publish the digest before the election; 'forecast audit' scores the file after it.")


@command("audit")
@click.argument("file", type=FILE)
@click.argument("election", required=False)
@click.option("--digest", help="The digest that was published: refuse any other forecast.")
def audit(file: Path, election: str | None, digest: str | None, output: Printed) -> None:
    """Score a sealed forecast against ELECTION, or the first one after its polls.

    By-elections between the two are scored too, and alone while no election has come.
    A file that was changed since it was sealed is refused.
    """
    from forecaster.answers.sealed import audit_file

    first, *others = audit_file(file, election, digest)
    output.write(first, beside=tuple(others))


@command("pact")
@click.option("--deals", is_flag=True, help="By county instead: what each member gives and gains.")
def pact(run: RunName, wanted: Scenarios, deals: bool, output: Printed) -> None:
    """Print what the pacts of the stored run RUN, or of the latest, do seat by seat."""
    found, question = read_run(run), "deals" if deals else "pact_effects"
    tables = (found.table(question, name) for name in found.with_pacts(wanted))
    output.write(*tables, few=SEATS)


def election_called(what: str | None) -> PastElection | None:
    """Return the election of a name; None if the name is that of a run, or left out.

    Raises ConfigError if there is neither a run nor an election of that name.
    """
    from forecaster.api import PastElection
    from forecaster.results.store import is_run
    from forecaster.vocabulary import ELECTIONS, one_of

    if what is None or is_run(what) or Path(what).is_dir():
        return None
    return PastElection(one_of(what, ELECTIONS, "election or run"))


@command("tragedies")
@click.argument("what", type=RUN, required=False)
@click.option("--definition", help="List the seats that this definition counts.")
def tragedies(what: str | None, definition: str | None, output: Printed) -> None:
    """Count the seats that a divided side loses although it has more votes.

    WHAT is an election, such as 2019, or a run; the latest run if left out. Without --definition:
    the number of seats by each definition, and what the definition says.
    """
    election = election_called(what)
    asked = read_run(what) if election is None else election
    output.write(asked.table("tragedies", definition), few=SEATS)


@command("coalitions")
@click.argument("what", type=RUN, required=False)
@click.option(
    "--without",
    type=PARTY,
    multiple=True,
    default=("SF",),
    help="Its MPs do not vote; by code or name. May be repeated; 'nobody': all take part.",
)
@click.option(
    "--coalition",
    "named",
    multiple=True,
    metavar="A+B+…",
    help="Only this coalition, minimal or not. May be repeated.",
)
@click.option("--pivots", is_flag=True, help="Only the table of who is pivotal how often.")
def coalitions(
    what: str | None,
    without: tuple[str, ...],
    named: tuple[str, ...],
    pivots: bool,
    scenario: Scenario,
    output: Printed,
) -> None:
    """Which coalitions have a majority, and who is pivotal.

    WHAT is an election, such as 2010, or a run; the latest run if left out. The Speaker never
    votes.
    """
    from forecaster.answers import coalitions as answers

    election = election_called(what)
    house = election.house(without) if election else read_run(what).house(without, scenario)
    with working("Counting"):
        pivotal = answers.pivots_table(house)
    if pivots:
        output.write(pivotal)
        return
    chosen = [answers.read_coalition(text, house) for text in named]
    shorten = output.for_people and output.limit is None and output.sort is None
    with working("Counting"):
        table = answers.coalitions_table(house, chosen, answers.SHOWN if shorten else None)
    output.write(table, beside=() if named else (pivotal,))


@command("pr")
@click.argument("what", type=RUN, required=False)
@click.option(
    "--system",
    type=click.Choice(["dhondt", "sainte-lague", "ams"]),
    default="sainte-lague",
    help="Highest averages by d'Hondt or Sainte-Laguë, or additional members as in Scotland.",
)
@click.option(
    "--level",
    type=click.Choice(["uk", "nation", "region"]),
    default="nation",
    help="Where lists are counted.",
)
@click.option(
    "--threshold",
    default="0%",
    metavar="PERCENT",
    help="Part of an area's votes below which a list gets no seat there.",
)
@click.option("--index", is_flag=True, help="Only the table of disproportionality.")
def pr(
    what: str | None,
    system: str,
    level: str,
    threshold: str,
    index: bool,
    threads: Threads,
    output: Printed,
) -> None:
    """Count the same votes proportionally, beside first past the post.

    WHAT is an election, such as 2019, or a run; the latest run if left out. A run stores no votes
    of regions: for --level region it is simulated again.
    """
    from forecaster.answers import proportional
    from forecaster.cli.terminal import progress_bar

    least = proportional.read_threshold(threshold)
    election = election_called(what)
    if election is None:
        run = read_run(what)
        again = run.kept if level == "region" else 0
        with progress_bar(again, quiet=again == 0) as advance:
            results = run.area_results(level, threads=threads, progress=advance)
    else:
        results = election.area_results(level)
    unequal = proportional.disproportionality_table(results, system, least)
    if index:
        output.write(unequal)
    else:
        output.write(proportional.parties_table(results, system, least), beside=(unequal,))


@command("query")
@words_argument("CONDITION")
@click.option(
    "--show",
    type=click.Choice(["totals", "seats", "national"]),
    default="totals",
    help="Seats by party, every seat's favourite, or the shares of the nations.",
)
def query(words: tuple[str, ...], show: str, scenario: Scenario, output: Printed) -> None:
    """Print a table of the stored run RUN, or of the latest, where CONDITION holds.

    Such as "seats.Reform < 326 and winner['Lewes'] == 'LD'", or "share.Scotland.SNP > 30% or
    seats.Lab + seats.LD >= 326". Also: not, ( ), <=, >, !=, and -. A condition on single seats
    needs a run made with --keep-winners.
    """
    run, condition = split_run(words)
    if not condition:
        raise click.UsageError('say what must hold, such as "seats.Reform < 326".')
    output.write(run.table("query", " ".join(condition), show, scenario))


@command("ledger")
@click.option("--regions", is_flag=True, help="By region instead of by party.")
def ledger(
    run: RunName, wanted: Scenarios, regions: bool, threads: Threads, output: Printed
) -> None:
    """Print what the pacts of the stored run RUN, or of the latest, cost and bring each member.

    Seats it stands aside in, votes forgone, seats gained and lost, the chance of ending worse off,
    and its Shapley value: what it brings the pact. The run is simulated again for that.
    """
    with working("Simulating"):
        tables = read_run(run).ledgers(wanted, regions=regions, threads=threads)
    output.write(*tables)


@command("report")
@out_option("File to write.", default="report.html")
@click.option("--history", type=FILE, help="Folder of 'forecast history' whose days it draws.")
@click.option(
    "--url",
    metavar="ADDRESS",
    help="Where the page will be published: also writes NAME.png, which links to it show.",
)
def report(run: RunName, out: Path, force: bool, history: Path | None, url: str | None) -> None:
    """Write the stored run RUN, or the latest, as one page that opens in any browser.

    The answer, seats by party, a map, every seat, the target list of the pacts, and how far to
    trust it all. The file needs no network and can be sent by e-mail or printed.
    """
    with working("Writing"):
        written = read_run(run).report(out, force=force, history=history, url=url)
    click.echo(f"Written: {written}")


@command("build")
@out_option("File to write.", default="pact.html")
def build(run: RunName, out: Path, force: bool) -> None:
    """Write a page in which a pact is built on the stored run RUN, or on the latest.

    Members, seats, flag bearers and what voters do can be changed, and the page counts 1,024
    elections of the run again at once. It needs no network, and saves a pact as --pact reads it.
    Of a run of 'forecast council simulate' it is a pact in wards: who stands how many candidates.
    """
    from forecaster.results.schema import COUNCIL_RUNS
    from forecaster.results.store import find_run, glance

    if run is not None and glance(find_run(run, COUNCIL_RUNS)).get("kind") == COUNCIL_RUNS.name:
        from forecaster.council_api import open_council_run

        written = open_council_run(run).build(out, force=force)
    else:
        written = read_run(run).build(out, force=force)
    click.echo(f"Written: {written}")


@command("export")
@out_option("Folder to write.", required=True)
@click.option(
    "--format",
    "style",
    type=click.Choice(["csv", "xlsx", "parquet", "geojson", "hexjson"]),
    default="csv",
    help="A file a table (csv, parquet), one workbook (xlsx), or seats as outlines (geojson) or as "
    "hexagons (hexjson) with their chances.",
)
def export(run: RunName, out: Path, force: bool, style: str) -> None:
    """Write the tables of the stored run RUN, or of the latest, as files for other programs.

    Seats, totals, national shares and tragedies of every scenario, and what the pacts change,
    unrounded. In a workbook percentages are percentages and the headings stay in sight.
    """
    with working("Writing"):
        files = read_run(run).export(out, style, force=force)
    click.echo(f"Written to {out}: {', '.join(files)}")


@command("plot")
@words_argument(f"[{'|'.join(PICTURES)}]")
@out_option("File to write, ending in .svg or .png.", required=True)
@click.option("--definition", help="Whose tragedies map-tragedy shows, such as lab-ld-green.")
def plot(
    words: tuple[str, ...],
    out: Path,
    force: bool,
    scenario: Scenario,
    party: Party,
    definition: str | None,
) -> None:
    """Write one picture of the stored run RUN, or of the latest, at the size of a slide.

    seats: every party's distribution. party: one party with and without the pacts. map-winner,
    map-party, map-pact, map-tragedy: a hexagon a seat. reliability: how chances came true.
    """
    run, names = split_run(words, PICTURES)
    if len(names) != 1:
        raise click.UsageError("name one picture, such as map-winner.")
    choice = {"scenario": scenario, "party": party, "definition": definition}
    with working("Drawing"):
        written = run.plot(names[0], out, force=force, **choice)
    click.echo(f"Written: {written}")
