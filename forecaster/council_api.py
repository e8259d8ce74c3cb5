"""What people call about councils: simulate them, open a run, and ask it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TypedDict, Unpack

from forecaster.config.load import read_pact
from forecaster.config.pact import Pact
from forecaster.councils import answers
from forecaster.councils.contest import Contest, read_contest, slug
from forecaster.councils.data import OTHER, PARTIES
from forecaster.councils.ledger import ledger_table
from forecaster.councils.optimise import GOALS, JUDGING, OPTIMISED, optimise_slates, slates_rows
from forecaster.councils.plan import SWINGS, Expectation, Shares
from forecaster.councils.run import CouncilTables, load, tables_of, write_tables
from forecaster.councils.score import came, score_tables
from forecaster.councils.simulate import DRAWS, SEED, expect, simulate_contest
from forecaster.councils.slates import RULES, Slates, slates_of
from forecaster.errors import ConfigError, DataError
from forecaster.files import Columns, CsvFile, Mistakes, new_folder
from forecaster.pipeline import processors
from forecaster.results.store import council_folder
from forecaster.table import Answering, Table, answer
from forecaster.vocabulary import find_party, one_of

Names = str | Iterable[str]
PathLike = str | Path


class Asked(TypedDict, total=False):
    """What wards elect, who stands, and at which shares: as of `simulate_councils`."""

    councils: Names
    candidates: PathLike | None
    results: PathLike | None
    swing: str
    shares: Mapping[str, float] | PathLike | None
    sure: bool


SHARE_COLUMNS = Columns(
    {"council": ("authority", "borough"), "party": (), "share": ("percent", "votes")},
    ("council", "party", "share"),
    hint="A list of shares has council, party and share, in per cent.",
)


class CouncilRun(Answering):
    """Many simulated elections of councils, each counted without pacts and with those of the run.

    Attributes
    ----------
    folder : Path or None
        Where the run is stored.
    title : str
    draws : int
    scenarios, councils, parties : list of str
    manifest : dict
        What it takes to get the same run again.

    Examples
    --------
    >>> run = simulate_councils("london-2026", pacts=["progressive"], draws=250)
    >>> run
    <CouncilRun 'London, 32 councils, May 2026...': 250 draws, no-pact, progressive>
    >>> int(run.councils_controlled().seats.sum())
    1817
    """

    def __init__(self, tables: CouncilTables, folder: Path | None = None) -> None:
        self._run = tables
        self.folder = folder
        self.title = str(tables.manifest["title"])
        self.draws = tables.draws
        self.scenarios = tables.scenarios
        self.councils = tables.councils
        self.parties = list(PARTIES)
        self.manifest = tables.manifest

    def __repr__(self) -> str:
        """Return what was simulated, how often, and how it was counted."""
        return f"<CouncilRun {self.title!r}: {self.draws:,} draws, {', '.join(self.scenarios)}>"

    @answer
    def councils_controlled(self, scenario: str | None = None) -> Table:
        """Return mean councillors by council and party, and who is in control how often."""
        return answers.councils_table(self._run, self._run.scenario(scenario))

    @answer
    def totals(self, council: str | None = None, scenario: str | None = None) -> Table:
        """Return councillors by party in all councils together or in one: mean, range, control."""
        return answers.totals_table(self._run, self._run.scenario(scenario), council)

    @answer
    def wards(self, council: str | None = None, scenario: str | None = None) -> Table:
        """Return every ward: who leads most often, mean councillors, how often parties share it."""
        return answers.wards_table(self._run, self._run.scenario(scenario), council)

    @answer
    def compare(self, scenario: str | None = None) -> Table:
        """Return councillors and councils by party and side without and with the pacts."""
        places = self._run.with_pacts(scenario)
        return Table.joined([answers.compare_table(self._run, s) for s in places])

    @answer
    def pact_effects(self, council: str | None = None, scenario: str | None = None) -> Table:
        """Return what the pacts change ward by ward: slates, councillors, more and fewer."""
        places = self._run.with_pacts(scenario)
        return Table.joined([answers.pact_effects_table(self._run, s, council) for s in places])

    @answer
    def tragedies(self) -> Table:
        """Return the wards that each side loses most often although it has more votes."""
        return answers.tragedies_table(self._run)

    @answer
    def coalitions(
        self,
        council: str,
        named: Names = (),
        *,
        apart: Names = (),
        scenario: str | None = None,
        most: int | None = None,
    ) -> Table:
        """Return which coalitions could govern a council, and how often.

        Parameters
        ----------
        council : str
        named : str or iterable of str
            Such as ``"Lab+LD+Green"``; all that are minimal in some draw if left out.
        apart : str or iterable of str
            Parties that do not govern together, such as ``"Lab+Con"``.
        scenario : str, optional
        most : int, optional
            At most so many coalitions that are not named.
        """
        return answers.council_coalitions_table(
            self._run,
            self._run.scenario(scenario),
            council,
            [_together(text, "--coalition", 1) for text in _several(named)],
            [_together(text, "--apart", 2) for text in _several(apart)],
            most,
        )

    def report(self, path: PathLike = "councils.html", *, force: bool = False) -> Path:
        """Write the run as one page that opens in any browser, and return its path."""
        from forecaster.report.councils import write_council_report

        write_council_report(self._run, Path(path), force)
        return Path(path)

    def build(self, path: PathLike = "pact.html", *, force: bool = False) -> Path:
        """Write a page in which slates are built and counted on this run, and return its path.

        Raises
        ------
        ConfigError
            If there are too many wards for a page.
        ResultsError
            If the file exists or cannot be written, or the run does not come out as stored.
        """
        from forecaster.report.building.page import write_builder

        write_builder(self._run, Path(path), force)
        return Path(path)

    def with_pacts(self, scenario: str | None = None) -> list[str]:
        """Return the scenarios with pacts, or the one that is named."""
        return [self.scenarios[s] for s in self._run.with_pacts(scenario)]


def _several(names: Names) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _together(text: str, option: str, least: int) -> tuple[str, ...]:
    found = tuple(find_party(part, PARTIES, option) for part in text.split("+"))
    if len(set(found)) < max(least, len(found)):
        raise ConfigError(f"{option} {text}: expected {least} or more parties, each once.")
    return found


def simulate_councils(
    name: str,
    *,
    pacts: Iterable[PathLike | Pact] | PathLike = (),
    slates: PathLike = "best-placed",
    guarantees: Mapping[str, int] | None = None,
    councils: Names = (),
    candidates: PathLike | None = None,
    results: PathLike | None = None,
    swing: str = "polls",
    shares: Mapping[str, float] | PathLike | None = None,
    sure: bool = False,
    draws: int = DRAWS,
    seed: int = SEED,
    threads: int | None = None,
    out: PathLike | None = None,
    force: bool = False,
) -> CouncilRun:
    """Simulate many elections of councils.

    Parameters
    ----------
    name : str
        PLACE-YEAR, such as ``"london-2026"``, ``"counties-2025"`` or ``"milton-keynes-2024"``.
    pacts : iterable
        Further ways of counting: pacts of candidates by name, file, or built in code.
    slates : str or path
        How the members of a pact share the places of a ward: ``"best-placed"``,
        ``"proportional"``, ``"optimised"``, or a list of slates.
    guarantees : mapping, optional
        So many places in every council for a party, where the pact holds.
    councils : str or iterable of str
        Only these councils.
    candidates : path, optional
        List of slates without a pact: who stands, where that differs.
    results : path, optional
        List of candidates and votes of elections that the data do not hold.
    swing : {"polls", "actual", "none"}
        Where the shares of all wards together come from: the polls of the day, the result (where
        the data hold it), or the last election.
    shares : mapping or path, optional
        Shares in per cent by party, or a list of council, party and share. Parties that are not
        named share what is left as the polls have them.
    sure : bool
        Take these shares as known, without an error of the polls.
    draws, seed, threads : int, optional
        The result does not depend on the number of threads.
    out : path, optional
        Folder to store the run in.
    force : bool
        Replace a run that is stored there.

    Raises
    ------
    ConfigError
        If there is no such place, council, pact or share, saying how to mend it.
    DataError
        If a list is wrong.
    ResultsError
        If `out` exists or cannot be written.

    Examples
    --------
    >>> run = simulate_councils("milton-keynes-2024", draws=250)
    >>> run.councils
    ['Milton Keynes']
    """
    agreed: list[PathLike | Pact]
    agreed = [pacts] if isinstance(pacts, str | Path | Pact) else list(pacts)
    _check_slates(agreed, str(slates), guarantees)
    contest, expected, wanted = _expected(
        name,
        councils=councils,
        candidates=candidates,
        results=results,
        swing=swing,
        shares=shares,
        sure=sure,
    )
    with nullcontext() if out is None else new_folder(Path(out), force) as partial:
        threads = threads or processors()
        chosen = tuple(
            _slates(
                _pact(pact),
                str(slates),
                dict(guarantees or {}),
                contest,
                expected,
                draws,
                seed,
                threads,
            )
            for pact in agreed
        )
        names = [slates.pact.name for slates in chosen]
        if len(set(names)) < len(names):
            raise ConfigError(
                f"pacts: two are called the same ({', '.join(names)}); leave one out."
            )
        found = simulate_contest(contest, expected, chosen, draws, seed, threads)
        given = {
            "name": name,
            "councils": list(_several(councils)),
            "candidates": str(candidates) if candidates else None,
            "results": str(results) if results else None,
            "slates": str(slates),
            "guarantees": dict(guarantees or {}),
            **asdict(wanted),
        }
        tables = tables_of(found, draws, seed, given)
        if partial is not None:
            write_tables(tables, partial)
    return CouncilRun(tables, Path(out) if out is not None else None)


def best_slates(
    name: str,
    pact: PathLike | Pact,
    *,
    losses: float = 0.0,
    goal: str = GOALS[0],
    draws: int = DRAWS,
    seed: int = SEED,
    threads: int | None = None,
    **asked: Unpack[Asked],
) -> tuple[CouncilRun, list[dict[str, object]]]:
    """Return a run with the best slates of a pact, and the slates as rows of a list.

    Parameters
    ----------
    name, draws, seed, threads, **asked
        As of `simulate_councils`.
    pact : str, path or Pact
    losses : float
        Mean councillors that a member may lose at most.
    goal : {"councillors", "control"}
        What the members together are to win most of: councillors, or majorities of councils.

    Raises
    ------
    ConfigError, DataError
        As `simulate_councils`, or if no slates are better than none.
    """
    if not losses >= 0:  # also of what is no number
        raise ConfigError(f"--losses {losses:g}: expected a number of councillors from 0.")
    contest, expected, wanted = _expected(name, **asked)
    threads = threads or processors()
    best = optimise_slates(
        _pact(pact), contest, expected, draws, seed, threads, losses, one_of(goal, GOALS, "--for")
    )
    found = simulate_contest(contest, expected, (best,), draws, seed + JUDGING, threads)
    given = {"name": name, "slates": "optimised", "guarantees": {}, **asdict(wanted)}
    run = CouncilRun(tables_of(found, draws, seed + JUDGING, given))
    return run, slates_rows(best, contest)


def ledger_councils(
    name: str,
    pact: PathLike | Pact,
    *,
    slates: str = RULES[0],
    draws: int = DRAWS,
    seed: int = SEED,
    threads: int | None = None,
    **asked: Unpack[Asked],
) -> Table:
    """Return what a pact costs and brings each member, and what each brings the pact.

    Parameters
    ----------
    name, draws, seed, threads, **asked
        As of `simulate_councils`.
    pact : str, path or Pact
    slates : {"best-placed", "proportional"}

    Raises
    ------
    ConfigError, DataError
        As `simulate_councils`.
    """
    contest, expected, _ = _expected(name, **asked)
    rule = one_of(slates, RULES, "--slates")
    return ledger_table(_pact(pact), rule, contest, expected, draws, seed, threads or processors())


def score_councils(
    name: str,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    threads: int | None = None,
    **asked: Unpack[Asked],
) -> tuple[Table, Table]:
    """Return how a forecast of an election that took place came out, as two tables.

    Parameters
    ----------
    name, draws, seed, threads, **asked
        As of `simulate_councils`.

    Raises
    ------
    ConfigError, DataError
        As `simulate_councils`, or if the data do not hold the result.
    """
    contest, expected, wanted = _expected(name, **asked)
    came(contest)
    found = simulate_contest(contest, expected, (), draws, seed, threads or processors())
    given = {"name": name, "slates": None, "guarantees": {}, **asdict(wanted)}
    return score_tables(tables_of(found, draws, seed, given), contest)


def _expected(name: str, **asked: Unpack[Asked]) -> tuple[Contest, Expectation, Shares]:
    """Return the contest of a name, what is expected of it, and the shares that were asked for."""
    paths = (asked.get("candidates"), asked.get("results"))
    lists = (None if path is None else Path(path) for path in paths)
    contest = read_contest(name, _several(asked.get("councils", ())), *lists)
    swing = one_of(asked.get("swing", SWINGS[0]), SWINGS, "--swing")
    wanted = read_shares(asked.get("shares"), swing, asked.get("sure", False))
    return contest, expect(contest, wanted), wanted


def _check_slates(
    pacts: list[PathLike | Pact], rule: str, guarantees: Mapping[str, int] | None
) -> None:
    """Refuse slates and guarantees that nothing would come of."""
    if not pacts and (guarantees or rule != RULES[0]):
        raise ConfigError("--slates and --guarantee say how a pact stands; give it with --pact.")
    if guarantees and rule not in RULES:
        raise ConfigError(
            f"--guarantee: --slates {rule} says itself who stands; take {' or '.join(RULES)}."
        )


def _pact(pact: PathLike | Pact) -> Pact:
    return pact if isinstance(pact, Pact) else read_pact(pact)


def _slates(
    pact: Pact,
    rule: str,
    guarantees: dict[str, int],
    contest: Contest,
    expected: Expectation,
    draws: int,
    seed: int,
    threads: int,
) -> Slates:
    if rule == OPTIMISED:
        return optimise_slates(pact, contest, expected, draws, seed, threads)
    if rule not in RULES and not Path(rule).is_file():
        raise ConfigError(
            f"--slates {rule}: expected {', '.join(RULES)}, {OPTIMISED}, or a file of slates."
        )
    return slates_of(pact, rule, guarantees, contest, expected.shares)


def read_shares(given: Mapping[str, float] | PathLike | None, swing: str, sure: bool) -> Shares:
    """Return shares in per cent, by party or from a list by council, as fractions.

    Raises
    ------
    ConfigError
        If a party is not known.
    DataError
        If the list is wrong.
    """
    if given is None:
        return Shares(swing, None, None, sure)
    if isinstance(given, Mapping):
        if swing != SWINGS[0]:
            raise ConfigError(
                f"--swing {swing} and shares by party both say how all wards together vote; give "
                "one of them."
            )
        parts = {find_party(party, PARTIES, "--share"): x / 100 for party, x in given.items()}
        return Shares(swing, parts, None, sure)
    table, wrong = CsvFile(Path(given), columns=SHARE_COLUMNS), Mistakes()
    by_council: dict[str, dict[str, float]] = {}
    for row in table.rows():
        with wrong.kept():
            code = row.party("party")
            party = code if code in PARTIES else PARTIES[OTHER]
            of = by_council.setdefault(slug(row.text("council")), {})
            if party in of:
                raise row.error(f"{row.text('council')}: {party} is named twice.")
            share = row.percent("share")
            if share is None:
                raise row.error("no share; expected per cent, a number from 0 to 100.")
            of[party] = share / 100
    wrong.check()
    if not by_council:
        raise DataError(f"{given}: no rows. {SHARE_COLUMNS.hint}")
    return Shares(swing, None, by_council, sure)


def open_council_run(path: PathLike) -> CouncilRun:
    """Read a stored run of councils.

    Raises
    ------
    ResultsError
        If there is none in the folder, or it is damaged.

    Examples
    --------
    >>> run = simulate_councils("milton-keynes-2024", draws=250, out=folder / "mk")
    >>> open_council_run(folder / "mk").totals().equals(run.totals())
    True
    """
    folder = council_folder(path)
    return CouncilRun(load(folder), folder)
