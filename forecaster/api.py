"""The Python interface: simulate or open a run, and ask it questions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

from forecaster.answers import proportional, tragedies
from forecaster.answers.coalitions import (
    House,
    absent_parties,
    coalitions_table,
    house_of_election,
    house_of_run,
    pivots_table,
    read_coalition,
)
from forecaster.answers.compare import changes_table, compare_table
from forecaster.answers.deals import deals_table
from forecaster.answers.polls import ask, houses_table, shares_table
from forecaster.answers.proportional import AreaResults
from forecaster.answers.run import Answering, AnyRun, Names, PathLike, expanded, runs_table, several
from forecaster.answers.summary import (
    chances_table,
    closest_table,
    favourites_table,
    national_table,
    outcome_table,
)
from forecaster.answers.targets import effects_table, targets_table
from forecaster.errors import ConfigError, readable
from forecaster.results.run import RunTables
from forecaster.table import Table, answer
from forecaster.vocabulary import PARTIES, VARIABLES, find_parties, find_party, one_of

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from forecaster.config.config import Config
    from forecaster.config.load import PactLike, Pacts
    from forecaster.config.pact import Pact
    from forecaster.simulation.workers import Execution, Workers


class Chance(NamedTuple):
    """The chance of something, and its Monte Carlo standard error.

    Examples
    --------
    >>> simulate("next-election", draws=64).chance("seats.Lab > 650")
    Chance(probability=0.0, error=0.01...)
    """

    probability: float
    error: float


class Counted(Answering, ABC):
    """Seats that were won, in every draw of a run or at an election."""

    @abstractmethod
    def area_results(self, level: str) -> AreaResults:
        """Return votes and seats by area, as the proportional counts take them."""

    @answer
    def proportional(
        self, system: str = "sainte-lague", level: str = "nation", threshold: float = 0.0
    ) -> Table:
        """Return votes, seats and votes per MP under a proportional system and as they are.

        Parameters
        ----------
        system : {"dhondt", "sainte-lague", "ams"}
        level : {"uk", "nation", "region"}
            Where lists are counted; for regions a run is simulated again.
        threshold : float
            Part of an area's votes below which a list gets no seat there.
        """
        return proportional.parties_table(self.area_results(level), system, threshold)

    @answer
    def disproportionality(
        self, system: str = "sainte-lague", level: str = "nation", threshold: float = 0.0
    ) -> Table:
        """Return the Gallagher index of a proportional system and of first past the post."""
        return proportional.disproportionality_table(self.area_results(level), system, threshold)


class Run(AnyRun[RunTables], Counted):
    """A run: many simulated elections, each counted without pacts and with those of the run.

    Every variable of the registry (`forecaster.vocabulary.VARIABLES`) is an attribute, as a
    labelled array: ``run.win_probability``, ``run.mean_share``, ``run.seats`` (seats won, draw by
    draw), ``run.national_share``, ``run.gain``, ``run.backfire``, ``run.tragedy``, … Axes carry
    seat names and party codes. Every answer is a method that returns a DataFrame. As ``tragedies``
    is one, the variable of that name is ``run.dataset.tragedies``.

    Attributes
    ----------
    folder : Path or None
        Folder in which the run is stored.
    title : str
        The run in words.
    draws : int
        Number of simulated elections.
    kept : int
        Number of draws, from the first, that are stored one by one.
    scenarios : list of str
        Ways in which the same elections are counted; ``"no-pact"`` is the first.
    parties : list of str
        Codes of the parties that stand anywhere.
    manifest : dict
        All that is needed to get the same run again: config, seed, versions, checksums.

    Examples
    --------
    >>> run = simulate("next-election", pacts=["progressive"], draws=512, keep_winners=True)
    >>> run
    <Run 'Next general election...': 512 draws, no-pact, progressive>
    >>> float(run.win_probability.sel(scenario="no-pact", seat="Lewes", party="LD")) > 0.5
    True
    >>> run.chance("seats.Lab + seats.LD >= 326").probability > 0.5
    True
    >>> seats = run.compare().set_index("group").difference
    >>> bool(seats["Lab+LD+Green"] > 0)
    True
    >>> run.table("totals").notes[0]
    'Majority: 326 of 650 seats. Hung parliament, no party has one: ...'
    """

    def __init__(self, tables: RunTables, folder: Path | None = None) -> None:
        super().__init__(tables, folder)
        self.kept = tables.kept

    def __getattr__(self, name: str) -> xr.DataArray:
        """Return a variable of the registry."""
        if name not in VARIABLES:
            raise AttributeError(f"a run has no {name!r}; see dir(run)")
        if name not in self.dataset:
            raise AttributeError(f"{name}: not kept by this run; it has no pacts, or no winners")
        return self.dataset[name]

    def __dir__(self) -> Iterable[str]:
        """Return the names of attributes, with those of variables."""
        return sorted({*super().__dir__(), *VARIABLES})

    @property
    def config(self) -> Config:
        """The checked config of the run.

        Raises
        ------
        ResultsError
            If it was stored by a version of the program that reads other configs.
        """
        from forecaster.pipeline import stored_config

        return stored_config(self._run)

    @cached_property
    def dataset(self) -> xr.Dataset:
        """All variables of the run with labelled axes, units and descriptions."""
        from forecaster.results.dataset import to_dataset

        return to_dataset(self._run)

    @answer
    def totals(self, scenario: str | None = None) -> Table:
        """Return seats by party: mean, median, 90 % interval, chances to be largest and to win."""
        return outcome_table(self._run, self._run.scenario(scenario))

    @answer
    def national(self) -> Table:
        """Return the national shares that were drawn: mean and 90 % interval by area and party."""
        return national_table(self._run)

    @answer
    def favourites(self, scenario: str | None = None) -> Table:
        """Return every seat's most likely winner and runner-up."""
        return favourites_table(self._run, self._run.scenario(scenario))

    @answer
    def closest(self, n: int = 15, scenario: str | None = None) -> Table:
        """Return the `n` seats with the smallest gap between favourite and runner-up."""
        return closest_table(self._run, self._run.scenario(scenario), n)

    @answer
    def chances(self, party: str | None = None, scenario: str | None = None) -> Table:
        """Return chance and share of every party in every seat, or of one party."""
        code = find_party(party, self.parties, "party") if party is not None else None
        return chances_table(self._run, self._run.scenario(scenario), code)

    @answer
    def seat(self, name: str) -> Table:
        """Return last result, chances and shares of one seat, found by name, old name or code."""
        from forecaster.answers.seat import seat_table

        return seat_table(self._run, name)

    @answer
    def why(self, name: str) -> Table:
        """Return the steps from the last shares of a seat to the expected ones, in points."""
        from forecaster.answers.seat import why_table

        return why_table(self._run, name)

    @answer
    def compare(self, scenario: Names = ()) -> Table:
        """Return seats by party and bloc without and with the pacts, paired draw by draw.

        Parameters
        ----------
        scenario : str or iterable of str
            All scenarios with pacts if left out, as in the methods below.
        """
        return Table.joined([compare_table(self._run, name) for name in self.with_pacts(scenario)])

    @answer
    def difference(self, other: Run, scenario: str | None = None) -> Table:
        """Return seats by party in this run and in another, and their difference.

        Parameters
        ----------
        other : Run
        scenario : str, optional
            In both runs, as in the methods below; no-pact if left out.
        """
        from forecaster.answers.difference import difference_table

        return difference_table(self._run, other._run, self._shared(other, scenario))

    @answer
    def moved(self, other: Run, scenario: str | None = None) -> Table:
        """Return all seats in descending order of how much their chances differ in another run."""
        from forecaster.answers.difference import moved_table

        return moved_table(self._run, other._run, self._shared(other, scenario))

    @answer
    def differs(self, other: Run) -> Table:
        """Return the differences from another run: national shares, model, pacts, data, draws."""
        from forecaster.answers.difference import why_table

        return why_table(self._run, other._run)

    def _shared(self, other: Run, scenario: str | None) -> str:
        """Return a scenario that both runs have."""
        return other._run.scenario(self._run.scenario(scenario))

    @answer
    def changes(self, scenario: Names = ()) -> Table:
        """Return how often the pacts change who has a majority, or cost their own side seats."""
        return changes_table(self._run, self.with_pacts(scenario))

    @answer
    def pact_effects(self, scenario: Names = ()) -> Table:
        """Return the effects of the pacts by seat: gain, backfire, opponent wins, break-even."""
        return Table.joined([effects_table(self._run, name) for name in self.with_pacts(scenario)])

    @answer
    def targets(self, scenario: Names = ()) -> Table:
        """Return whom to back in which seat, how clear that is, and where not to try it."""
        return Table.joined([targets_table(self._run, name) for name in self.with_pacts(scenario)])

    @answer
    def deals(self, scenario: Names = ()) -> Table:
        """Return what each member of the pacts gives and gains, by county and region."""
        return Table.joined([deals_table(self._run, name) for name in self.with_pacts(scenario)])

    @answer
    def tragedies(self, definition: str | None = None) -> Table:
        """Return the number of seats that a divided side loses by each definition, or their list.

        Parameters
        ----------
        definition : str, optional
            List the seats by this definition, such as ``"lab-ld-green"``.
        """
        if definition is None:
            return tragedies.run_counts(self._run)
        return tragedies.run_seats(self._run, tragedies.named_definition(definition))

    @answer
    def coalitions(
        self, named: Names = (), *, without: Names = ("SF",), scenario: str | None = None
    ) -> Table:
        """Return which coalitions have a majority, how often, and with how many seats to spare.

        Parameters
        ----------
        named : str or iterable of str
            Such as ``"Lab+LD+Green"``; all that are minimal in some draw if left out.
        without : str or iterable of str
            Parties whose MPs do not vote.
        scenario : str, optional
        """
        house = self.house(without, scenario)
        return coalitions_table(house, [read_coalition(text, house) for text in several(named)])

    @answer
    def pivots(self, *, without: Names = ("SF",), scenario: str | None = None) -> Table:
        """Return how often each party is pivotal, and its power (Banzhaf index)."""
        return pivots_table(self.house(without, scenario))

    def house(self, without: Names = ("SF",), scenario: str | None = None) -> House:
        """Return the seats of the parties that vote, draw by draw, as `coalitions` counts them."""
        return house_of_run(self._run, self._run.scenario(scenario), absent_parties(without))

    def area_results(self, level: str, **how: Unpack[Execution]) -> AreaResults:
        """Return votes and seats of every draw by area, as the proportional counts take them."""
        if level != "region":
            return proportional.results_of_run(self._run, level)
        from forecaster.pipeline import regional_shares

        return proportional.results_of_run(self._run, level, regional_shares(self._run, **how))

    @answer
    def query(self, condition: str, show: str = "totals", scenario: str | None = None) -> Table:
        """Return totals, seats or national shares over the draws in which a condition holds.

        Parameters
        ----------
        condition : str
            Such as ``"seats.Reform < 326 and winner['Lewes'] == 'LD'"``; see docs/choosing.md.
        show : {"totals", "seats", "national"}
        scenario : str, optional
            How the elections are counted, in the condition and in the table.
        """
        from forecaster.answers.query import query_table

        return query_table(self._run, self._run.scenario(scenario), condition, show)

    def chance(self, condition: str, scenario: str | None = None) -> Chance:
        """Return the part of the draws in which a condition holds, with its standard error."""
        from forecaster.answers.query import holds
        from forecaster.results.precision import probability

        happened = holds(self._run, self._run.scenario(scenario), condition)
        return Chance(*probability(happened, self._run.cluster))

    @answer
    def ledger(
        self, scenario: Names = (), *, regions: bool = False, threads: int | None = None
    ) -> Table:
        """Return the costs and gains of each member of the pacts, and its Shapley value.

        The run is simulated again, with the pact of every subset of the members.
        """
        return Table.joined(self.ledgers(scenario, regions=regions, threads=threads))

    def ledgers(
        self, scenario: Names = (), *, regions: bool = False, threads: int | None = None
    ) -> list[Table]:
        """Return the tables of `ledger`, one for each pact."""
        from forecaster.experiments.ledger import build_ledgers, parties_table, regions_table

        table = regions_table if regions else parties_table
        return [
            table(one)
            for name in self.with_pacts(scenario)
            for one in build_ledgers(self._run, name, threads=threads)
        ]

    def seat_shares(self, draws: int = 1_000) -> xr.DataArray:
        """Return every party's share of every seat in the first draws, without pacts.

        As they are not stored, the draws are simulated again. For a run with Sobol points, they are
        random draws with the same config and seed.

        Parameters
        ----------
        draws : int
            Number of draws; each takes some 45 kB.

        Returns
        -------
        xarray.DataArray
            Dimensions draw, seat (by name) and party; NaN where a party does not stand.

        Raises
        ------
        ResultsError
            If the run does not come out as stored, since data or program have changed.

        Examples
        --------
        >>> shares = simulate("next-election", draws=512).seat_shares(draws=512)
        >>> lewes = shares.sel(seat="Lewes").idxmax("party")
        >>> bool((lewes == "LD").mean() > 0.5)
        True
        """
        from forecaster.pipeline import drawn_seats

        return drawn_seats(self._run, draws).to_array()

    def sealed(self) -> dict[str, Any]:
        """Return the forecast without pacts, with its provenance and a digest of all of this.

        Written as JSON, as ``forecast register`` does, it is what `audit` reads.
        """
        from forecaster.answers.sealed import seal

        return seal(self._run)

    def report(
        self,
        path: PathLike = "report.html",
        *,
        force: bool = False,
        history: PathLike | None = None,
        url: str | None = None,
    ) -> Path:
        """Write the run as one page that opens in any browser, and return its path.

        Parameters
        ----------
        path : path
        force : bool
            Replace a file that this program wrote.
        history : path, optional
            Folder in which `history` kept days of the same config; drawn in the page.
        url : str, optional
            Address at which the page will be published: a PNG of the same name, the picture of
            links to it, is then written beside it.
        """
        from forecaster.report.page import write_report

        days = None if history is None else expanded(history)
        write_report(self._run, expanded(path), force=force, history=days, url=url)
        return expanded(path)

    def build(self, path: PathLike = "pact.html", *, force: bool = False) -> Path:
        """Write a page in which a pact is built and counted on this run, and return its path.

        Raises
        ------
        ResultsError
            If the file exists or cannot be written, or the run does not come out as stored.
        """
        from forecaster.report.building.page import write_builder

        write_builder(self._run, Path(path), force=force)
        return Path(path)

    def export(self, folder: PathLike, format: str = "csv", *, force: bool = False) -> list[str]:
        """Write the tables of the run as files for other programs, and return their names.

        Parameters
        ----------
        folder : path
        format : {"csv", "xlsx", "parquet", "geojson", "hexjson"}
        force : bool
            Replace a folder that this program wrote.
        """
        from forecaster.report.export import export

        return export(self._run, expanded(folder), format, force=force)

    def plot(
        self,
        name: str,
        path: PathLike,
        *,
        scenario: str | None = None,
        party: str | None = None,
        definition: str | None = None,
        force: bool = False,
    ) -> Path:
        """Write one picture of the run, as SVG or PNG by the ending of `path`.

        Parameters
        ----------
        name : str
            One of `forecaster.report.plots.PICTURES`, such as ``"map-winner"``.
        path : path
        scenario, party, definition : str, optional
            What it shows, for pictures that leave a choice.
        force : bool
            Replace a file that this program wrote.
        """
        from forecaster.report.plots import Choice, plot

        plot(self._run, name, Choice(scenario, party, definition), expanded(path), force=force)
        return expanded(path)

    def geojson(self) -> dict[str, Any]:
        """Return every seat's simplified outline with its chances in every scenario (RFC 7946).

        On the boundaries of 2010 it is a point at the seat's centroid.
        """
        from forecaster.report.export import geojson

        return geojson(self._run)


def simulate(
    config: PathLike | Config = "next-election",
    *,
    pacts: Pacts = (),
    options: Mapping[str, Any] | None = None,
    polls: Any = None,
    shares: Mapping[str, Any] | None = None,
    draws: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    workers: Workers | None = None,
    out: PathLike | None = None,
    force: bool = False,
    keep_draws: int | None = None,
    keep_winners: bool = False,
    keep_shares: bool = False,
    all_shares: bool = False,
    progress: Callable[[int], object] | None = None,
) -> Run:
    """Simulate many elections.

    Parameters
    ----------
    config : str, path or Config
        A TOML file, the name of an embedded config, or a checked config.
    pacts : iterable
        Further scenarios in which the same elections are counted. Each is the name of a bundled
        pact, a file, a `Pact`, several names joined by ``+``, or a tuple of pacts that are in force
        at once.
    options : mapping, optional
        Values by dotted key, such as ``{"national.as_of": "2026-06-15", "errors.seats": 0}``.
    polls : path, DataFrame or list of dict, optional
        Further polls, with the columns of ``data/polls/national.csv``.
    shares : mapping, optional
        National shares in per cent, in place of polls, by party, or by area and party. Parties that
        are not named divide the rest in the proportions of the config's forecast.
    draws, seed : int, optional
        These take precedence over the config.
    threads : int, optional
        Default: all processors. The result does not depend on it.
    workers : Workers, optional
        Processes that simulate instead of threads; see
        `forecaster.simulation.workers.open_workers`.
    out : path, optional
        Folder to store the run in. Without it nothing is stored.
    force : bool
        Replace a run that is stored there.
    keep_draws : int, optional
        Number of draws, from the first, whose totals and national shares are stored one by one.
        Default: 100,000.
    keep_winners : bool
        Also store the winner of every seat in these draws (one byte each).
    keep_shares : bool
        Also store every party's share of every seat in these draws, without pacts, in
        ``shares.parquet`` for other programs: some 28 kB per draw on disk, 100 kB in memory.
        `Run.seat_shares` simulates them again instead.
    all_shares : bool
        Take the quantiles of shares from all draws rather than from every fourth block of 128.
    progress : callable, optional
        Called with the number of draws just finished.

    Raises
    ------
    ConfigError
        If the config, a pact or an option is wrong; the message says where and how to mend it.
    DataError
        If a poll or a file of the user's is wrong, or an embedded table was changed.
    ResultsError
        If `out` exists or cannot be written.

    Examples
    --------
    >>> run = simulate("next-election", pacts=["progressive"], draws=512)
    >>> run.scenarios
    ['no-pact', 'progressive']
    """
    from forecaster.config.load import build_config, given
    from forecaster.pipeline import simulate_run, simulate_to

    checked = build_config(
        config, pacts=pacts, options=options, polls=polls, draws=draws, seed=seed
    )
    if shares is not None:
        from forecaster.experiments.whatif import with_shares

        if polls is not None:
            raise ConfigError("polls and shares: expected one of them; both give national shares.")
        checked = with_shares(checked, shares)
    how = given(threads=threads, workers=workers, keep_draws=keep_draws, progress=progress)
    how |= {"keep_winners": keep_winners, "keep_shares": keep_shares, "all_shares": all_shares}
    if out is None:
        return Run(simulate_run(checked, **how))
    return Run(simulate_to(expanded(out), checked, force=force, **how), expanded(out))


def open_run(path: PathLike | None = None) -> Run:
    """Read a stored run.

    Parameters
    ----------
    path : path, optional
        A run folder as written by ``forecast simulate`` or `simulate`, or its name in ``runs/``;
        the latest run in ``runs/`` if left out.

    Raises
    ------
    ResultsError
        If there is no run, it has another schema version, or a file is damaged.

    Examples
    --------
    >>> run = simulate("next-election", draws=64, out=folder / "mine")
    >>> open_run(folder / "mine").win_probability.equals(run.win_probability)
    True
    """
    from forecaster.results.store import find_run, read_tables

    found = find_run(None if path is None else str(expanded(path)))
    return Run(read_tables(found), found)


def list_runs(root: PathLike = "runs") -> pd.DataFrame:
    """Return the runs stored in a folder, the newest first.

    Examples
    --------
    >>> _ = simulate("next-election", draws=64, out=folder / "mine")
    >>> list_runs(folder).draws.tolist()
    [64]
    """
    return runs_table(expanded(root)).to_pandas()


def load_election(name: str | int) -> xr.Dataset:
    """Return an election of the embedded data.

    Parameters
    ----------
    name : str
        ``"2010"``, ``"2015"``, ``"2017"``, ``"2019"``, ``"2024"``, or one re-estimated on the
        next boundaries: ``"2005-notional"``, ``"2019-notional"``.

    Returns
    -------
    xarray.Dataset
        Dimensions seat (by name) and party, with units and descriptions.

    Raises
    ------
    DataError
        If there is no such election, or its files are damaged.

    Examples
    --------
    >>> load_election("2019").votes.sel(seat="Lewes", party="LD").item()
    23811
    """
    from forecaster.elections.election import election_dataset, read_election

    return election_dataset(read_election(str(name)))


class PastElection(Counted):
    """An election of the embedded data, asked as a `Run` is.

    Parameters
    ----------
    name : str
        As in `load_election`.

    Raises
    ------
    DataError
        If there is no such election, or its files are damaged.

    Examples
    --------
    >>> PastElection("2019").tragedies().set_index("definition").seats["lab-ld-green"].item()
    56
    >>> PastElection("2010").pivots().party.tolist()[:3]
    ['Con', 'Lab', 'LD']
    """

    def __init__(self, name: str | int) -> None:
        from forecaster.elections.election import read_election

        self._election = read_election(str(name))

    @answer
    def tragedies(self, definition: str | None = None) -> Table:
        """Return the number of tragedies by each definition, or the seats by one of them."""
        return tragedies.election_tragedies(self._election, definition)

    @answer
    def coalitions(self, named: Names = (), *, without: Names = ("SF",)) -> Table:
        """Return which coalitions have a majority; parameters as of `Run.coalitions`."""
        house = self.house(without)
        return coalitions_table(house, [read_coalition(text, house) for text in several(named)])

    @answer
    def pivots(self, *, without: Names = ("SF",)) -> Table:
        """Return which parties are pivotal, and their power (Banzhaf index)."""
        return pivots_table(self.house(without))

    def house(self, without: Names = ("SF",)) -> House:
        """Return the seats of the parties that vote, as `coalitions` counts them."""
        return house_of_election(self._election, absent_parties(without))

    def area_results(self, level: str) -> AreaResults:
        """Return votes and seats by area, as the proportional counts take them."""
        return proportional.results_of_election(self._election, level)


def sweep(
    config: str,
    vary: Mapping[str, Any],
    *,
    pacts: Iterable[str] = (),
    options: Mapping[str, Any] | None = None,
    draws: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    out: PathLike | None = None,
) -> pd.DataFrame:
    """Simulate a config at every combination of the values of some options.

    All points are the same elections, so that differences between them are paired.

    Parameters
    ----------
    config : str
        A TOML file, or the name of an embedded config.
    vary : mapping
        By option: a list of values, or a span as in a sweep file,
        ``{"from": 0, "to": 1, "steps": 5}``.
    pacts : iterable of str
        As in `simulate`, by name or file.
    options : mapping, optional
        Options that are the same at every point.
    draws, seed, threads : int, optional
        As in `simulate`.
    out : path, optional
        Folder in which finished points are kept; the same call again computes the missing ones.

    Returns
    -------
    pandas.DataFrame
        A row per point, scenario, outcome, and party or bloc (``group``): mean (``value``) and
        Monte Carlo standard error (``mcse``).

    Examples
    --------
    >>> table = sweep("next-election", {"errors.national": [0, 1]}, draws=64)
    >>> lab = table.query("outcome == 'seats' and group == 'Lab'").set_index("errors.national")
    >>> bool(lab.mcse[0] < lab.mcse[1])
    True
    """
    from forecaster.config.sweep_file import Sweep, points_of
    from forecaster.config.toml import check, find_config
    from forecaster.experiments.sweep import read_points, run_sweep

    document = {
        "title": config,
        "config": str(find_config(config)),
        "pacts": tuple(pacts),
        "draws": draws,
        "set": dict(options or {}),
        "vary": dict(vary),
    }
    points = points_of(check(Sweep, document, "sweep"), seed)
    with TemporaryDirectory() as temporary:
        folder = Path(temporary, "points") if out is None else expanded(out)
        run_sweep(points, folder, threads=threads)
        stored = read_points(folder, [point.digest for point in points])
        return stored.drop_columns("point").to_pandas()


def history(
    config: PathLike | Config,
    first: date | str,
    every: str = "month",
    *,
    pacts: Pacts = (),
    options: Mapping[str, Any] | None = None,
    draws: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    out: PathLike | None = None,
) -> pd.DataFrame:
    """Return the forecast as it would have been on past days, from the polls of each.

    Parameters
    ----------
    config : str, path or Config
        Its day is the last one.
    first : date or str
        The first day.
    every : {"month", "week", "day"}
        Later months begin on their first day.
    pacts, options, draws, seed, threads
        As in `simulate`.
    out : path, optional
        Folder in which finished days are kept; the same call again computes the missing ones, and
        `Run.report` draws them.

    Returns
    -------
    pandas.DataFrame
        A row per day, scenario and party: mean, median and 90 % interval of seats, and chances of a
        majority and of being the largest party.

    Examples
    --------
    >>> table = history("next-election", "2026-09-15", draws=64)
    >>> table.day.unique().tolist()
    ['2026-09-15', '2026-10-01', '2026-10-05']
    """
    import pandas as pd

    from forecaster.config.load import build_config
    from forecaster.experiments import history as past

    checked = build_config(config, pacts=pacts, options=options, draws=draws, seed=seed)
    days = past.history_days(checked, _day(first), one_of(every, past.STEPS, "every"))
    with TemporaryDirectory() as temporary:
        folder = Path(temporary, "days") if out is None else expanded(out)
        return pd.DataFrame(past.history(checked, days, folder, threads=threads))


def audit(
    file: PathLike, election: str | int | None = None, *, digest: str | None = None
) -> pd.DataFrame:
    """Score a sealed forecast, as `Run.sealed` returns it, against what came.

    Parameters
    ----------
    file : path
        The forecast as JSON.
    election : str, optional
        The first one after its polls if left out; while there is none, by-elections since.
    digest : str, optional
        The digest that was published: refuse any other forecast.

    Raises
    ------
    ConfigError
        If there is no such election, or nothing in the data to score it against.
    ResultsError
        If the file is no sealed forecast, was changed since it was sealed, or is another one.

    Examples
    --------
    >>> import json
    >>> sealed = simulate("next-election", draws=64).sealed()
    >>> _ = (folder / "sealed.json").write_text(json.dumps(sealed))
    >>> bool(audit(folder / "sealed.json", "2024", digest=sealed["digest"]).called[0] > 300)
    True
    """
    from forecaster.answers.sealed import audit_file

    name = None if election is None else str(election)
    return audit_file(expanded(file), name, digest)[0].to_pandas()


def sensitivity(
    what: PathLike | Run,
    outcomes: Names = (),
    *,
    pacts: Iterable[str] = (),
    options: Mapping[str, Any] | None = None,
    draws: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
) -> pd.DataFrame:
    """Return the parts of the variance of outcomes that come from each source of error.

    They are Sobol indices by pick-freeze, for which the run is simulated again several times.

    Parameters
    ----------
    what : path or Run
        A config, a stored run, or a sweep.
    outcomes : str or iterable of str
        As ``"majority:Lab:progressive"``; the seats of Con, Lab and Reform if left out.
    pacts, options, draws, seed, threads
        As in `simulate`.

    Examples
    --------
    >>> table = sensitivity("next-election", ["seats:Lab"], draws=512)
    >>> table.source[0]
    'national'
    """
    from forecaster.experiments.sensitivity import run_sensitivity

    asked = (what.folder or what.config) if isinstance(what, Run) else what
    return run_sensitivity(
        asked,
        several(outcomes),
        options=options,
        pacts=pacts,
        draws=draws,
        seed=seed,
        threads=threads,
    ).to_pandas()


def backtest(
    *years: str | int,
    source: str = "polls",
    draws: int = 10_000,
    options: Mapping[str, Any] | None = None,
    published: PathLike | None = None,
    table: str = "summary",
) -> pd.DataFrame:
    """Forecast past elections with what was known before them, and score the forecasts.

    Parameters
    ----------
    *years : str
        Some of 2010, 2015, 2017, 2019 and 2024; all of them if left out.
    source : str
        ``"polls"`` of the eve, ``"truth"``, or the polls of a day, as ``"2019-11-01"``.
    draws : int
    options : mapping, optional
        As in `simulate`: ``{"errors.slopes": 0}`` shows what that part of the model is worth.
    published : path, optional
        Folder of forecasts by others, to be scored with ours on the same seats.
    table : str
        ``"summary"``, ``"published"`` (those by others), ``"bands"`` or ``"reliability"``.

    Examples
    --------
    >>> table = backtest("2019", source="truth", draws=256)
    >>> bool(table.set_index("method").called["forecaster"] > 560)
    True
    """
    from forecaster.experiments.backtest import TABLES, backtest, tables

    what = one_of(table, TABLES, "table")
    folder = None if published is None else expanded(published)
    scored = backtest(tuple(map(str, years)), source, draws, folder, options)
    return tables(scored, source)[what].to_pandas()


def backtest_pacts(
    *years: str | int,
    draws: int = 1_000,
    options: Mapping[str, Any] | None = None,
    transfers: str | None = None,
) -> pd.DataFrame:
    """Predict the seats in which a party actually had no candidate, and score the predictions.

    Parameters
    ----------
    *years : str
        As in `backtest`.
    draws : int
    options : mapping, optional
        As in `simulate`.
    transfers : str, optional
        Rates as a pact file names them: "formal", "informal" or a file. If left out, they are
        estimated for each case without it: formal where a flag bearer was named, else informal.

    Returns
    -------
    DataFrame
        A row per case, recipient and rule: the law of the rates, and naive rules.

    Examples
    --------
    >>> rows = backtest_pacts("2024", draws=64)
    >>> rows.query("rule == 'law'").recipient.tolist()
    ['Con', 'Lab', 'LD']
    """
    import pandas as pd

    from forecaster.experiments.pact_record import pact_record, score

    found = pact_record(tuple(map(str, years)), draws, options, transfers)
    return pd.DataFrame([row for one in found for row in score(one)])


def optimise(
    pact: PactLike,
    config: PathLike | Config = "next-election",
    *,
    options: Mapping[str, Any] | None = None,
    draws: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
) -> Pact:
    """Return a pact with the best flag bearers for its goal, under its terms.

    Parameters
    ----------
    pact : str, path or Pact
        Its ``choose`` table states the goal and the promises to members.
    config, options, draws, seed, threads
        As in `simulate`. The pact is chosen on the draws of `seed`.

    Raises
    ------
    ConfigError
        If the promises cannot be kept, or the pact is worth nothing in any seat.

    Examples
    --------
    >>> best = optimise("negotiated", draws=512)
    >>> len(best.flag_bearer.file) <= 120
    True
    """
    from forecaster.experiments.choosing.alternatives import read_question
    from forecaster.experiments.choosing.optimise import optimise

    asked, chosen = read_question(config, pact, options=options, draws=draws, seed=seed)
    best = optimise(asked, chosen, threads=threads)
    return best.question.allocation(best.choice)


@answer
def frontier(
    pact: PactLike,
    config: PathLike | Config = "next-election",
    *,
    sizes: Sequence[int] = (),
    options: Mapping[str, Any] | None = None,
    draws: int | None = None,
    seed: int | None = None,
    **how: Unpack[Execution],
) -> Table:
    """Return what a pact does by the number of seats in which anybody stands aside.

    Parameters
    ----------
    pact, config, options, draws, seed
        As in `optimise`.
    sizes : sequence of int
        Numbers of seats; 5, 10, 20, … 320 if left out.
    **how
        ``threads``, ``workers`` and ``progress``, as in `simulate`.

    Examples
    --------
    >>> frontier("negotiated", sizes=[20], draws=512).shape[0] > 1
    True
    """
    from forecaster.experiments.choosing import frontier as choosing
    from forecaster.experiments.choosing.alternatives import read_question

    asked = read_question(config, pact, options=options, draws=draws, seed=seed)
    return choosing.frontier_table(choosing.build_frontier(*asked, sizes or choosing.SIZES, **how))


@answer
def transfers(name: str = "formal", donor: str | None = None, *, evidence: bool = False) -> Table:
    """Return where the votes of a party that stands aside go, and how that is known.

    Parameters
    ----------
    name : str
        Rates as a pact file names them: ``"formal"``, ``"informal"`` or a file.
    donor : str, optional
        Only this party's voters.
    evidence : bool
        Return the evidence itself instead of the rates in force.

    Examples
    --------
    >>> transfers(donor="Lib Dem").donor.unique().tolist()
    ['LD']
    """
    party = None if donor is None else find_party(donor, PARTIES, "--donor")
    if evidence:
        from forecaster.calibration.transfer_evidence import evidence_table

        table = evidence_table()
    else:
        from forecaster.answers.transfers import rates_table

        table = rates_table(name)
    return table.where(lambda row: party in (None, row["donor"]))


@answer
def replicate() -> Table:
    """Return published results on pacts and tactical voting beside our own figures.

    Examples
    --------
    >>> replicate().id[0]
    'b4b-2019'
    """
    from forecaster.answers.replicate import replication_table

    return replication_table()


@answer
def calibrate(what: str, **given: Any) -> Table:
    """Estimate parameters of the model from the embedded data.

    Parameters
    ----------
    what : str
        Of transfers: ``"kinds"``, ``"without"``, ``"absences"`` or ``"agreements"``, the tables of
        ``forecast calibrate transfers``; or ``"tactical"``, ``"by-elections"``, ``"model"`` or
        ``"mrp"``.
    **given
        ``members`` and ``opponents`` of ``"tactical"``, as ``"Lab+LD"``; ``leave_out`` of
        ``"model"`` and ``"mrp"``, the election whose result is not used; ``folder`` and ``names``
        of ``"mrp"``, the published forecasts and which of them to use.

    Raises
    ------
    ConfigError
        If there is no such estimate, party or election.

    Examples
    --------
    >>> calibrate("by-elections").name[0]
    'Oldham East and Saddleworth'
    """
    from forecaster.calibration import agreements, model_file, mrp, natural_experiments, squeeze
    from forecaster.calibration.transfer_law import kinds_table
    from forecaster.experiments.headline import headline_table

    estimates: dict[str, Callable[..., Table]] = {
        "kinds": kinds_table,
        "without": headline_table,
        "absences": natural_experiments.transfers_table,
        "agreements": agreements.agreements_table,
        "tactical": _tactical,
        "by-elections": squeeze.by_elections_table,
        "model": model_file.estimates_table,
        "mrp": lambda folder, names=(), leave_out=None: mrp.mrp_table(
            mrp.misses(expanded(folder), names, leave_out)
        ),
    }
    return estimates[one_of(what, estimates, "what")](**given)


def _tactical(members: str = "Lab+LD+Green", opponents: str = "Con+Reform") -> Table:
    from forecaster.calibration.squeeze import kappa_table

    joined = find_parties(members, PARTIES, "--members", 2)
    others = [party for party in PARTIES if party not in joined]
    return kappa_table(joined, find_parties(opponents, others, "--opponents"))


def schema(kind: str = "config") -> dict[str, Any]:
    """Return the JSON Schema of config files, or of pact files (``"pact"``).

    Examples
    --------
    >>> schema("pact")["required"]
    ['members', 'opponents', 'strength']
    """
    from forecaster.config.schema import config_schema, pact_schema

    kinds = {"config": config_schema, "pact": pact_schema}
    return kinds[one_of(kind, kinds, "kind")]()


@answer
def list_data() -> Table:
    """Return the embedded tables with their rows, sources and licences.

    Examples
    --------
    >>> "polls/national.csv" in set(list_data().path)
    True
    """
    from forecaster.answers.explain import data_table

    return data_table()


def export_data(path: PathLike) -> int:
    """Write the embedded tables into a new folder as a Data Package, and return their number.

    Raises
    ------
    ResultsError
        If the folder exists or cannot be written.

    Examples
    --------
    >>> export_data(folder / "data") > 20
    True
    """
    from forecaster.report.export import export_data

    return export_data(expanded(path))


@answer
def national_shares(
    as_of: date | str | None = None,
    on: date | str | None = None,
    file: PathLike | None = None,
    *,
    houses: bool = False,
) -> Table:
    """Return national shares from the polls, and the expected vote with its 90 % interval.

    Parameters
    ----------
    as_of : date or str, optional
        Read no later poll.
    on : date or str, optional
        Election day to predict; the day after `as_of` if left out.
    file : path, optional
        CSV of further polls.
    houses : bool
        Return how far each pollster is from the others instead.

    Raises
    ------
    ConfigError
        If a day is none, or outside the polls.
    DataError
        If the file is wrong.

    Examples
    --------
    >>> table = national_shares("2024-07-03", on="2024-07-04").set_index(["area", "party"])
    >>> bool(0.35 < table.share["GB", "Lab"] < 0.45)
    True
    """
    read, day = (None if one is None else _day(one) for one in (as_of, on))
    found = ask(read, day, None if file is None else expanded(file))
    return houses_table(found) if houses else shares_table(found)


def _day(given: date | str) -> date:
    """Return a day; raise ConfigError if a text is none."""
    with readable(f"day {given!r}", ConfigError):
        return date.fromisoformat(given) if isinstance(given, str) else given
