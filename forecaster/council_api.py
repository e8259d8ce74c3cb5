"""What people call about councils: simulate them, open a run, and ask it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from forecaster.answers.run import AnyRun, Names, PathLike, expanded, several
from forecaster.config.load import read_pact
from forecaster.config.pact import Pact
from forecaster.councils import answers
from forecaster.councils.data import PARTIES
from forecaster.councils.ledger import ledger_table
from forecaster.councils.listing import councils_of, elections_table
from forecaster.councils.optimise import chosen_slates
from forecaster.councils.run import SCHEMA, CouncilTables, read_council_tables, tables_of
from forecaster.councils.score import score_tables
from forecaster.councils.simulate import DRAWS, SEED, Elections, ask
from forecaster.councils.slates import RULES, Slates
from forecaster.errors import ConfigError
from forecaster.files import new_folder
from forecaster.results.schema import COUNCIL_RUNS
from forecaster.results.store import find_run, write_tables
from forecaster.table import Table, answer
from forecaster.vocabulary import find_parties


class CouncilRun(AnyRun[CouncilTables]):
    """Many simulated elections of councils, each counted without pacts and with those of the run.

    Attributes
    ----------
    councils : list of str
    folder, title, draws, scenarios, parties, manifest
        As of `forecaster.Run`.

    Examples
    --------
    >>> run = simulate_councils("london-2026", pacts=["progressive"], draws=250)
    >>> run
    <CouncilRun 'London, 32 councils, May 2026...': 250 draws, no-pact, progressive>
    >>> int(run.councils_controlled().seats.sum())
    1817
    """

    def __init__(self, tables: CouncilTables, folder: Path | None = None) -> None:
        super().__init__(tables, folder)
        self.councils = tables.councils

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
    def compare(self, scenario: Names = ()) -> Table:
        """Return councillors and councils by party and side without and with the pacts."""
        each = (answers.compare_table(self._run, name) for name in self.with_pacts(scenario))
        return Table.joined(list(each))

    @answer
    def pact_effects(self, council: str | None = None, scenario: Names = ()) -> Table:
        """Return what the pacts change ward by ward: slates, councillors, more and fewer."""
        names = self.with_pacts(scenario)
        return Table.joined([answers.pact_effects_table(self._run, s, council) for s in names])

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
            [find_parties(text, PARTIES, "--coalition") for text in several(named)],
            [find_parties(text, PARTIES, "--apart", 2) for text in several(apart)],
            most,
        )

    def report(self, path: PathLike = "councils.html", *, force: bool = False) -> Path:
        """Write the run as one page that opens in any browser, and return its path."""
        from forecaster.report.councils import write_council_report

        write_council_report(self._run, expanded(path), force)
        return expanded(path)

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

        write_builder(self._run, expanded(path), force)
        return expanded(path)


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
        Further ways of counting: pacts of candidates by name, file, or built in code; several that
        are in force at once are joined by ``+``, as ``"progressive+right"``.
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
    rule, owed = str(slates), dict(guarantees or {})
    if not agreed and (owed or rule != RULES[0]):
        raise ConfigError("--slates and --guarantee say how a pact stands; give it with --pact.")
    asked = ask(
        name,
        councils=several(councils),
        candidates=candidates,
        results=results,
        swing=swing,
        shares=shares,
        sure=sure,
    )
    elections = asked.elections(draws, seed, threads)
    folder = None if out is None else expanded(out)
    with nullcontext() if folder is None else new_folder(folder, force) as partial:
        chosen = [_scenario(pact, rule, owed, elections) for pact in agreed]
        names = [one.name for one in chosen]
        if len(set(names)) < len(names):
            raise ConfigError(
                f"pacts: two are called the same ({', '.join(names)}); leave one out."
            )
        tables = tables_of(elections.simulate(chosen), asked, slates=rule, guarantees=owed)
        if partial is not None:
            write_tables(tables, partial, SCHEMA)
    return CouncilRun(tables, folder)


@answer
def list_councils(name: str | None = None) -> Table:
    """Return the elections that can be simulated, or the councils of one of them.

    Examples
    --------
    >>> bool((list_councils("london-2026").wards > 0).all())
    True
    """
    return elections_table() if name is None else councils_of(name)


@answer
def score_councils(
    name: str,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    threads: int | None = None,
    **how: Any,
) -> Table:
    """Forecast an election of councils that took place, and score it against the result.

    Parameters
    ----------
    name, draws, seed, threads, **how
        As in `simulate_councils`, but no pacts.

    Raises
    ------
    ConfigError
        If the data do not hold the result.

    Examples
    --------
    >>> score_councils("milton-keynes-2024", draws=250).wards.tolist()
    [19]
    """
    asked = ask(name, **how)
    return score_tables(asked, asked.elections(draws, seed, threads))[0]


@answer
def council_ledger(
    name: str,
    pact: PathLike | Pact,
    slates: str = "best-placed",
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    threads: int | None = None,
    **how: Any,
) -> Table:
    """Return what a pact costs and brings each member, and its Shapley value.

    Parameters
    ----------
    name, draws, seed, threads, **how
        As in `simulate_councils`.
    pact : str, path or Pact
    slates : {"best-placed", "proportional"}

    Examples
    --------
    >>> council_ledger("milton-keynes-2024", "progressive", draws=250).party.tolist()
    ['Lab', 'LD', 'Green']
    """
    agreed = pact if isinstance(pact, Pact) else read_pact(pact)
    return ledger_table(agreed, slates, ask(name, **how).elections(draws, seed, threads))


def _scenario(
    pacts: PathLike | Pact, rule: str, guarantees: Mapping[str, int], elections: Elections
) -> Slates:
    """Return the slates of a pact, or of several joined by ``+`` that are in force at once.

    Raises ConfigError if a party is a member of two, or a guarantee is for a member of none.
    """
    joined = not isinstance(pacts, Pact) and not Path(pacts).exists()
    each = [
        pact if isinstance(pact, Pact) else read_pact(pact)
        for pact in (str(pacts).split("+") if joined else [pacts])
    ]
    members = [party for pact in each for party in pact.members]
    if twice := [party for party in dict.fromkeys(members) if members.count(party) > 1]:
        raise ConfigError(f"{pacts}: {', '.join(twice)} cannot be in two pacts at once.")
    for party in set(guarantees) - set(members):
        raise ConfigError(f"--guarantee {party}: not a member of {pacts} ({', '.join(members)}).")
    found = []
    for pact in each:
        owed = {party: n for party, n in guarantees.items() if party in pact.members}
        found.append(chosen_slates(pact, rule, owed, elections))
    return replace(found[0], also=tuple(found[1:]))


def open_council_run(path: PathLike | None = None) -> CouncilRun:
    """Read a stored run of councils.

    Parameters
    ----------
    path : path, optional
        A run folder, or its name in ``runs/councils/``; the latest run there if left out.

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
    folder = find_run(None if path is None else str(expanded(path)), COUNCIL_RUNS)
    return CouncilRun(read_council_tables(folder), folder)
