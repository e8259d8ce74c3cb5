"""Commands that simulate elections."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import click

from forecaster.cli.options import (
    CONFIG,
    DRAWS,
    FILE,
    PACT,
    RUN,
    SWEEP,
    Anywhere,
    AtPoints,
    Changes,
    Choosing,
    ConfigName,
    Count,
    WithPacts,
    command,
    out_option,
)
from forecaster.cli.output import Output, Printed, check_picture, write_picture
from forecaster.cli.terminal import progress_bar
from forecaster.table import as_table

T = TypeVar("T")

BACKTESTS = ("summary", "published", "bands", "reliability")
CHOICES = ("comparison", "members", "promises", "seats")

Outcomes = Annotated[
    tuple[str, ...],
    click.option(
        "--outcome",
        "outcomes",
        multiple=True,
        metavar="NAME:PARTY:SCENARIO",
        help="This outcome, as majority:Lab:progressive. May be repeated.",
    ),
]
ChosenPact = Annotated[
    str,
    click.option(
        "--pact", type=PACT, required=True, help="The pact to be chosen: a file or a name."
    ),
]


@command("simulate")
@out_option("Folder of the run [default: runs/CONFIG-N].")
@click.option(
    "--keep-draws",
    type=Count(),
    help="So many draws are stored one by one, the first [default: 100,000].",
)
@click.option(
    "--keep-winners", is_flag=True, help="Store for each of them who wins each seat (one byte)."
)
@click.option(
    "--keep-shares",
    is_flag=True,
    help="Store for each of them every party's share of each seat, without pacts, for other "
    "programs, as shares.parquet (28 kB a draw on disk, 100 in memory: --keep-draws takes fewer).",
)
@click.option(
    "--all-shares",
    is_flag=True,
    help="Take quantiles of seats' shares from all draws [default: every fourth block of 128].",
)
@click.option("-q", "--quiet", is_flag=True, help="Print only the folder of the run.")
def simulate(
    config: ConfigName,
    how: Anywhere,
    out: Path | None,
    force: bool,
    keep_draws: int | None,
    keep_winners: bool,
    keep_shares: bool,
    all_shares: bool,
    quiet: bool,
) -> None:
    """Simulate elections as CONFIG describes them, store the run and print a summary.

    CONFIG is a TOML file, or the name of an embedded one (next-election).
    """
    from forecaster import api

    checked = how.config(config)
    with how.machines() as machines, progress_bar(checked.draws, quiet) as advance:
        simulate_into = partial(
            api.simulate,
            checked,
            force=force,
            keep_draws=keep_draws,
            keep_winners=keep_winners,
            keep_shares=keep_shares,
            all_shares=all_shares,
            progress=advance,
            **machines,
        )
        run = stored(simulate_into, out, config)
    folder = run.folder
    if quiet:
        click.echo(str(folder))
        return
    from forecaster.cli.reading import print_summary

    print_summary(run)
    seconds = run.manifest["timings"]["simulate_s"]
    click.echo(f"{run.draws:,} elections simulated in {seconds:.1f} s, stored in {folder}")
    further = (f"compare {folder}", f"pact {folder}") if run.scenarios[1:] else ()
    say_next(f"report {folder}", f"show {folder} seats", f"seat {folder} NAME", *further)


def stored(
    simulate_into: Callable[..., T], out: Path | None, name: str, root: Path = Path("runs")
) -> T:
    """Simulate into a folder; if none is given, into the first free one of the run's name."""
    from forecaster.partial import TakenError
    from forecaster.results.store import default_folder

    while out is None:
        # Another process may take the folder between the look and the simulation.
        with suppress(TakenError):
            return simulate_into(out=default_folder(name, root))
    return simulate_into(out=out)


@command("whatif")
@click.argument("shares", nargs=-1, required=True, metavar="PARTY=PERCENT…")
@click.option("--config", type=CONFIG, default="next-election", help="The forecast of the day.")
@click.option("--sure", is_flag=True, help="These shares and no others: without polling error.")
@out_option("Folder of the run [default: runs/whatif-N].")
def whatif(
    shares: tuple[str, ...], config: str, how: WithPacts, sure: bool, out: Path | None, force: bool
) -> None:
    """Simulate national shares of your own, and say what they change.

    PARTY=PERCENT is a share of Great Britain, as Lab=30, or of a nation, as Scotland:SNP=33. Other
    parties share what is left, and other nations move, as in the forecast. The run is stored; its
    elections have the same random numbers as the forecast's.
    """
    from forecaster import api
    from forecaster.config.load import change
    from forecaster.experiments.whatif import read_shares, with_shares

    day = how.config(config)
    assumed = with_shares(day, read_shares(shares))
    if sure:
        assumed = change(assumed, {"errors.national": 0})
    with progress_bar(2 * day.draws) as advance:
        # First, as an --out that cannot be written is refused before anything is simulated.
        simulate_into = partial(
            api.simulate, assumed, threads=how.threads, force=force, progress=advance
        )
        run = stored(simulate_into, out, "whatif")
        forecast = api.simulate(day, threads=how.threads, progress=advance)
    folder = run.folder
    from forecaster.cli.reading import compare_runs, print_summary

    print_summary(run)
    output = Output(None, None, "table")
    compare_runs(forecast, run, None, output)
    if run.scenarios[1:]:
        output.write(*(run.table("compare", name) for name in run.with_pacts()))
    click.echo(f"Stored in {folder}")
    say_next(f"report {folder}", f"show {folder} seats")


def say_next(*commands: str) -> None:
    """Print the commands to try next, one per line."""
    click.echo("\n  forecast ".join(["Next:", *commands]))


@command("sweep")
@click.argument("sweep", type=SWEEP)
@click.option("--out", type=FILE, help="Folder of the points [default: runs/SWEEP].")
def sweep(sweep: str, out: Path | None, how: AtPoints, outcomes: Outcomes, output: Printed) -> None:
    """Simulate a config at every point of SWEEP and print what comes out.

    SWEEP is a TOML file, or the name of an embedded one (transfer-rate). A point is stored as soon
    as it is finished; the same command again computes only those that are missing. Outcomes are
    seats, majority, largest, hung, and against no-pact difference and fewer.
    """
    from forecaster.experiments import sweep as sweeps

    folder = out or sweeps.sweep_folder(sweep)
    with how.machines() as machines, _points_kept(folder):
        points = partial(progress_bar, label="Points")
        swept = sweeps.sweep(
            sweep, outcomes, out=folder, seed=how.seed, progress=points, **machines
        )
    output.write(sweeps.sweep_table(*swept))
    if output.style == "table":
        click.echo(f"All outcomes of all points: {folder / 'outcomes'} (a Parquet dataset)")


@contextmanager
def _points_kept(folder: Path) -> Iterator[None]:
    """On an interrupt, say that finished points are kept."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo(
            f"\nInterrupted. Finished points are kept in {folder}; the same command goes on.",
            err=True,
        )
        raise SystemExit(130) from None


@command("history")
@click.argument("config", type=CONFIG, default="next-election")
@click.option(
    "--from",
    "first",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m"]),
    required=True,
    help="First day, as 2024-08 or 2024-08-15.",
)
@click.option("--every", type=click.Choice(["month", "week", "day"]), default="month")
@click.option("--folder", type=FILE, help="Where the days are kept [default: runs/history].")
@out_option("Write a picture too: a file ending in .svg or .png.")
def history(
    config: str,
    first: datetime,
    every: str,
    folder: Path | None,
    how: WithPacts,
    out: Path | None,
    force: bool,
    output: Printed,
) -> None:
    """Print the forecast as it would have been on past days, from the polls of each.

    A day is stored as soon as it is finished; the same command again computes only those that are
    missing.
    """
    from forecaster.experiments import history as past
    from forecaster.vocabulary import NO_PACT

    checked = how.config(config)
    days = past.history_days(checked, first.date(), every)
    check_picture(out, force)
    kept = folder or Path("runs/history")
    with _points_kept(kept), progress_bar(len(days), label="Days") as advance:
        rows = past.history(checked, days, kept, threads=how.threads, progress=advance)
    scenarios = {NO_PACT: ""} | {one.name: one.words for one in checked.scenarios}
    output.write(*(past.history_table(rows, *scenario) for scenario in scenarios.items()))
    last, words = list(scenarios.items())[-1]
    own = [row for row in rows if row["scenario"] == last]
    write_picture(lambda plots: plots.history(own, words), out, force)


@command("sensitivity")
@click.argument("what", type=RUN, required=False)
@click.option(
    "--out", type=FILE, help="Of a sweep: the folder of its points [default: runs/SWEEP]."
)
def sensitivity(
    what: str | None, outcomes: Outcomes, how: Anywhere, out: Path | None, output: Printed
) -> None:
    """Take the variance of outcomes of a run apart by source of error, or of a sweep by option.

    WHAT is a run, or a config or a sweep, a file or an embedded one; the latest run if left out. A
    run is simulated again, several times over and with random draws; the points that a sweep lacks
    are computed first, as 'forecast sweep' does. Without --outcome: the seats of Con, Lab and
    Reform.

    Sources: national shares, lambda, kappa, slopes, regions, seats, transfers. Outcomes are seats,
    majority, largest, hung, and against no-pact difference and fewer.
    """
    from forecaster.experiments.sensitivity import run_sensitivity
    from forecaster.results.store import find_run, is_run

    asked = str(find_run(what)) if what is None or is_run(what) else what
    with how.machines() as machines:
        table = run_sensitivity(
            asked,
            outcomes,
            pacts=how.pacts,
            out=out,
            progress=progress_bar,
            **how.changed,
            **machines,
        )
    output.write(table)


@command("optimise")
@out_option("File to write [default: PACT-optimised.toml].")
@click.option(
    "--show",
    type=click.Choice(CHOICES),
    help="Only this table [default: all but the seats; csv and json: the comparison].",
)
def optimise(
    config: ConfigName,
    pact: ChosenPact,
    how: Choosing,
    out: Path | None,
    force: bool,
    show: str | None,
    output: Printed,
) -> None:
    """Choose the flag bearer of every seat, or nobody standing aside, and write the pact.

    What for, and what is promised to whom, stands in the pact file under [choose]: see
    docs/choosing.md. The pact is chosen on one set of simulated elections and judged on another.
    'forecast simulate CONFIG --pact' takes the file that is written.
    """
    from forecaster.experiments.choosing import optimise as choosing
    from forecaster.files import new_file

    asked, chosen = how.question(config, pact)
    target = out or Path(f"{chosen.name}-optimised.toml")
    with new_file(target, force) as partly, progress_bar(2 * asked.draws) as advance:
        best = choosing.optimise(asked, chosen, threads=how.threads, progress=advance)
        partly.write_text(choosing.optimised_file(best, config), encoding="utf-8")
    tables = choosing.tables(best)
    if show:
        output.write(tables[show])
    else:
        beside = tuple(tables[name] for name in ("members", "promises") if tables[name].rows)
        output.write(tables["comparison"], beside=beside)
    again = ["forecast", "simulate", config, "--draws", str(asked.draws)]
    again += ["--seed", str(choosing.judging_seed(asked.seed)), "--pact", str(target)]
    again += [word for change in how.changes for word in ("--set", change)]
    click.echo(
        f"Written: {target}. The judged figures again: {shlex.join(again)}",
        err=not output.for_people,
    )


@command("frontier")
@click.option(
    "--seats",
    "sizes",
    type=Count(),
    multiple=True,
    help="A size to look at. May be repeated [default: 5, 10, 20, 40, 80, 160, 320].",
)
@out_option("Write the picture too: a file ending in .svg or .png.")
def frontier(
    config: ConfigName,
    pact: ChosenPact,
    sizes: tuple[int, ...],
    how: Choosing,
    out: Path | None,
    force: bool,
    output: Printed,
) -> None:
    """Print what a pact does by the number of seats in which anybody stands aside.

    For every size the best pact under the goal and terms of the file (see 'forecast optimise'),
    beside a list made from the last result, and one made knowing the result to come.
    """
    from forecaster import api

    check_picture(out, force)
    asked, chosen = how.question(config, pact)
    with progress_bar(2 * asked.draws) as advance:
        table = as_table(
            api.frontier, chosen, asked, sizes=sizes, threads=how.threads, progress=advance
        )
    write_picture(lambda plots: plots.frontier(table), out, force)
    output.write(table)


@command("backtest")
@click.argument("years", nargs=-1)
@click.option(
    "--from",
    "source",
    default="polls",
    help="National shares: polls (of the eve), truth, or the polls of a day, YYYY-MM-DD.",
)
@click.option("--draws", type=DRAWS, help="[default: 10,000; with --pacts 1,000]")
@click.option(
    "--published",
    type=FILE,
    metavar="DIR",
    help="Score the forecasts by others found in this folder beside ours, on the same seats. With "
    "a day in --from: the last of each provider published by then.",
)
@click.option(
    "--pacts",
    is_flag=True,
    help="Score instead where the votes went of parties that really had no candidate, as a pact "
    "would have moved them; from true national shares.",
)
@click.option(
    "--wards",
    type=FILE,
    metavar="CSV",
    help="With --pacts: score council elections instead, from candidacies with year, council, "
    "ward_code, party and votes.",
)
@click.option(
    "--france",
    type=FILE,
    metavar="DIR",
    help="With --pacts: score the French second round of 2024 instead, from first-round.csv and "
    "second-round.csv in DIR.",
)
@click.option(
    "--transfers",
    metavar="NAME",
    help="With --pacts: these rates, as in a pact file [default: estimated for each case without "
    "it; formal where a flag bearer was named, else informal].",
)
@click.option(
    "--table",
    "what",
    type=click.Choice(BACKTESTS),
    help="Only this table [default: all that apply; csv and json write the summary].",
)
def backtest(
    years: tuple[str, ...],
    source: str,
    draws: int | None,
    changes: Changes,
    published: Path | None,
    pacts: bool,
    wards: Path | None,
    france: Path | None,
    transfers: str | None,
    what: str | None,
    output: Printed,
) -> None:
    """Forecast past elections with what was known before them, and score the forecasts.

    YEARS are 2010, 2015, 2017, 2019 and 2024; all of them if none is named. --set
    errors.slopes=0 shows what that part of the model earns.
    """
    from forecaster.config.load import parse_changes
    from forecaster.experiments import backtest as record
    from forecaster.experiments.french_record import french_rows, french_table
    from forecaster.experiments.pact_record import cases_of, pact_record, pact_tables
    from forecaster.experiments.ward_record import ward_record, ward_tables

    if (transfers or wards or france) and not pacts:
        raise click.UsageError("--transfers, --wards and --france go with --pacts.")
    if pacts and (source != "polls" or published or what):
        raise click.UsageError("--pacts does not go with --from, --published or --table.")
    if (wards or france) and (years or changes):
        raise click.UsageError("--wards and --france do not go with YEARS or --set.")
    if france:
        output.write(french_table(french_rows(france, transfers, draws or 1_000)))
        return
    if wards:
        with progress_bar(None, label="Wards"):
            cases, rules = ward_tables(ward_record(wards, transfers, draws or 1_000))
        output.write(cases, beside=(rules,))
        return
    if pacts:
        with progress_bar(len(cases_of(years)), label="Cases") as advance:
            found = pact_record(
                years, draws or 1_000, parse_changes(changes), transfers, progress=advance
            )
        cases, rules = pact_tables(found)
        output.write(cases, beside=(rules,))
        return
    if what == "published" and published is None:
        raise click.UsageError("--table published needs --published DIR.")
    with progress_bar(len(record.known_elections(years)), label="Elections") as advance:
        results = record.backtest(
            years, source, draws or 10_000, published, parse_changes(changes), progress=advance
        )
    tables = record.tables(results, source)
    if what:
        output.write(tables[what])
    else:
        shown = BACKTESTS[1:] if published else BACKTESTS[2:]
        output.write(tables["summary"], beside=tuple(tables[name] for name in shown))
