"""Count the same votes by proportional systems, and compare with first past the post."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from forecaster.answers.summary import MAJORITY_NOTE, precision_note
from forecaster.arrays import Floats, Ints
from forecaster.columns import table_of
from forecaster.elections.election import Election
from forecaster.errors import ConfigError, ResultsError
from forecaster.results.precision import average, chance, interval
from forecaster.results.run import RunTables
from forecaster.table import Table
from forecaster.vocabulary import (
    MAJORITY,
    NATIONS,
    NO_ONE_PARTY,
    PARTIES,
    REGIONS,
    SEATS_IN_THE_COMMONS,
    one_of,
    places,
)

FIRST_DIVISOR = {"dhondt": 1.0, "sainte-lague": 0.5}
"""A party with s seats competes for the next one with ``votes / (s + first divisor)``: d'Hondt's
1, 2, 3, … and Sainte-Laguë's 1, 3, 5, … (Balinski and Young 1982, Fair Representation, ch. 5)."""

SYSTEMS = {"dhondt": "d'Hondt", "sainte-lague": "Sainte-Laguë", "ams": "Additional member system"}

LEVELS = {"uk": ("United Kingdom",), "nation": NATIONS, "region": REGIONS}

CONSTITUENCIES = 73 / 129
"""Part of the Scottish Parliament that constituencies elect (Scotland Act 1998, schedule 1)."""


@dataclass(frozen=True)
class AreaResults:
    """Votes and seats of one or many elections, by area."""

    title: str
    level: str
    """One of `LEVELS`."""
    shares: Floats
    """Parts of the area's votes, shape (draw, area, party); parties as in `vocabulary.PARTIES`."""
    votes: Floats
    """Valid votes cast, shape (area,)."""
    seats: Ints
    """Number of constituencies, shape (area,)."""
    won: Ints
    """Constituencies won by area, shape (draw, area, party), or in total, (draw, 1, party)."""
    cluster: int = 1
    """See `forecaster.config.config.Config.cluster`."""

    @property
    def draws(self) -> int:
        """Number of elections; 1 for an actual one."""
        return len(self.shares)

    @property
    def national(self) -> Floats:
        """Shares of the whole country's votes, shape (draw, party)."""
        return np.asarray(np.einsum("dap,a->dp", self.shares, self.votes / self.votes.sum()))


def results_of_election(election: Election, level: str) -> AreaResults:
    """Return votes and seats of an actual election, by area of a level."""
    area = _areas(election, level)
    votes = np.zeros((len(LEVELS[level]), len(PARTIES)))
    np.add.at(votes, area, election.votes)
    total = np.bincount(area, election.valid_votes).astype(float)
    won = _won_by_area(election.winner[None], area)
    return AreaResults(
        election.name, level, (votes / total[:, None])[None], total, np.bincount(area), won
    )


def results_of_run(run: RunTables, level: str, regional: Floats | None = None) -> AreaResults:
    """Return every simulated election of a run without pacts, by area of a level.

    Turnout is that of the run's base.

    `level`: one of `LEVELS`. `regional`, shape (draw, region, party): shares by region, which a run
    does not store; `forecaster.pipeline.regional_shares` simulates them again. Required for the
    level ``"region"``.
    """
    election = run.base
    area = _areas(election, level)
    shares = _nation_shares(run) if regional is None else regional
    if level == "uk":
        votes = np.bincount(election.seats.nation, election.valid_votes)
        shares = np.einsum("dap,a->dp", shares, votes / votes.sum())[:, None]
    if "winners" in run.tables:
        won = _won_by_area(run.winners[:, 0], area)
    else:
        won = np.zeros((run.kept, 1, len(PARTIES)), np.int64)
        won[:, 0, places(run.parties)] = run.won()
    total = np.bincount(area, election.valid_votes).astype(float)
    return AreaResults(run.title, level, shares, total, np.bincount(area), won, run.cluster)


def _areas(election: Election, level: str) -> Ints:
    """Return the area of every seat, as an index of its level in `LEVELS`."""
    one_of(level, LEVELS, "--level")
    if level == "uk":
        return np.zeros(len(election.winner), np.int64)
    return np.asarray(getattr(election.seats, level))


def _won_by_area(winner: npt.NDArray[Any], area: Ints) -> Ints:
    """Return constituencies won, shape (draw, area, party), from the winners by draw and seat."""
    won = np.zeros((len(winner), area.max() + 1, len(PARTIES)), np.int64)
    np.add.at(won, (np.arange(len(winner))[:, None], area, winner), 1)
    return won


def _nation_shares(run: RunTables) -> Floats:
    """Return the shares drawn for the nations, shape (draw, nation, party)."""
    areas, parties, drawn = run.drawn_shares
    out = np.zeros((len(drawn), len(NATIONS), len(PARTIES)))
    for i, (area, party) in enumerate(zip(areas, parties, strict=True)):
        if area in NATIONS:
            out[:, NATIONS.index(area), PARTIES.index(party)] = drawn[:, i]
    return out


def read_threshold(text: str) -> float:
    """Return a percentage such as ``"5%"`` as a fraction.

    Raises ConfigError if it is not a percentage from 0 to below 100.
    """
    try:
        percent = float(text.removesuffix("%"))
    except ValueError:
        percent = np.nan
    if not 0 <= percent < 100:
        raise ConfigError(
            f"--threshold {text!r}: expected a percentage of an area's votes from 0 % to below "
            "100 %, for example 5%."
        )
    return percent / 100


def count_proportionally(results: AreaResults, system: str, threshold: float) -> Ints:
    """Return the seats of every party under a proportional system, shape (draw, party).

    Every area has as many members as constituencies. Under the additional member system, the part
    `CONSTITUENCIES` of them is elected in constituencies and divided in proportion to those that
    each party won. The others go to lists by d'Hondt, taking account of constituencies won.

    `system`: one of `SYSTEMS`. `threshold`: smallest part of an area's votes with which a list gets
    seats there.

    Raises ConfigError if there is no such system, the threshold is no fraction, or no list of an
    area reaches it. Raises ResultsError if constituencies won are needed by area but not stored.
    """
    one_of(system, SYSTEMS, "--system")
    if not 0 <= threshold < 1:
        raise ConfigError(f"--threshold {threshold:g}: expected a fraction from 0 to below 1.")
    if system == "ams" and results.won.shape[1] != results.shares.shape[1]:
        raise ResultsError(
            f"--system ams --level {results.level}: the run does not store who won which seat, "
            "which is counted by area. Simulate it again with --keep-winners, or take --level uk."
        )
    lists = np.array([party not in NO_ONE_PARTY for party in PARTIES])
    total = np.zeros((results.draws, len(PARTIES)), np.int64)
    for a, area in enumerate(LEVELS[results.level]):
        shares = results.shares[:, a]
        eligible = np.where(lists & (shares >= threshold), shares, 0.0)
        short = ~eligible.any(1)
        if short.any():
            raise ConfigError(
                f"--threshold: no list reaches {100 * threshold:g} % in {area} in "
                f"{short.sum()} of {results.draws} elections. Take a lower one."
            )
        seats = int(results.seats[a])
        if system == "ams":
            direct = round(CONSTITUENCIES * seats)
            kept = apportion(results.won[:, a].astype(float), direct, "sainte-lague")
            total += kept + apportion(eligible, seats - direct, "dhondt", kept)
        else:
            total += apportion(eligible, seats, system)
    return total


def parties_table(results: AreaResults, system: str, threshold: float) -> Table:
    """Return a row per party: votes, seats and votes per MP under either system."""
    before = results.won.sum(1)
    after = count_proportionally(results, system, threshold)
    shares = results.national
    votes = shares * results.votes.sum()
    rows: list[dict[str, Any]] = []
    for p, party in enumerate(PARTIES):
        if not votes[:, p].any():
            continue
        row: dict[str, Any] = {"party": party, "share": float(shares[:, p].mean())}
        for key, won in (("fptp", before[:, p]), ("pr", after[:, p])):
            row |= average(key, won, results.cluster) | interval(won, key)
            row[f"{key}_votes_per_mp"] = _votes_per_mp(votes[:, p], won)
        row |= average("difference", after[:, p] - before[:, p], results.cluster)
        rows.append(row)
    rows.sort(key=lambda row: -row["share"])
    return table_of(
        f"{SYSTEMS[system]} beside first past the post, {results.title}",
        "party | share=Votes | fptp | ?fptp_p5 | ?fptp_p95 | pr | ?pr_p5 | ?pr_p95 | "
        "difference! | fptp_votes_per_mp | pr_votes_per_mp",
        rows,
        *_notes(results, system, threshold),
        hide=results.draws == 1,
    )


def disproportionality_table(results: AreaResults, system: str, threshold: float) -> Table:
    """Return a row per system: the Gallagher index, and whether one party has a majority."""
    listed = np.arange(len(PARTIES)) != PARTIES.index("Other")
    counts = {
        "first past the post": results.won.sum(1),
        SYSTEMS[system]: count_proportionally(results, system, threshold),
    }
    rows: list[dict[str, Any]] = []
    for name, won in counts.items():
        seats = won / SEATS_IN_THE_COMMONS
        index = 100 * gallagher_index(results.national[:, listed], seats[:, listed])
        low, high = np.quantile(index, (0.05, 0.95))
        row = {"system": name, "gallagher": float(index.mean())}
        row |= {"gallagher_p5": float(low), "gallagher_p95": float(high)}
        row |= chance("majority", (won >= MAJORITY).any(1), results.cluster)
        rows.append(row | ({"majority_mcse": None} if results.draws == 1 else {}))
    return table_of(
        f"Disproportionality, {results.title}",
        "system | gallagher | ?gallagher_p5 | ?gallagher_p95 | ?majority=A party has a majority",
        rows,
        *(() if results.draws == 1 else (MAJORITY_NOTE,)),
        "Gallagher index: root of half the sum of squared differences between parts of votes "
        "and of seats, in points; 0 is proportional. The pooled others, who are many and "
        "small, are left out of the sum.",
        hide=results.draws == 1,
    )


def _votes_per_mp(votes: Floats, seats: Ints) -> int | None:
    """Return the median over draws; None if there is no MP in half the draws or more."""
    each = np.divide(votes, seats, out=np.full(len(votes), np.inf), where=seats > 0)
    median = np.sort(each)[len(each) // 2]
    return round(float(median)) if np.isfinite(median) else None


def _notes(results: AreaResults, system: str, threshold: float) -> tuple[str, ...]:
    areas = {
        "uk": "one list for the United Kingdom",
        "nation": "a list in each nation",
        "region": "a list in each nation or region",
    }
    rule = f"{areas[results.level]}, as many members as it has constituencies"
    if threshold:
        rule += f"; lists below {100 * threshold:g} % of its votes get nothing"
    notes = [f"{SYSTEMS[system]}: {rule}."]
    if system == "ams":
        notes.append(
            f"{100 * CONSTITUENCIES:.0f} % of the members are elected in constituencies, as in "
            "Scotland, and every party keeps its part of those it won, as if neighbouring ones "
            "were merged; the rest are given to lists by d'Hondt, with constituencies won counted."
        )
    notes.append(
        "Votes as cast under first past the post: under another system people would vote, and "
        "parties stand, differently. Independents, the Speaker and the pooled others have no list."
    )
    if results.draws > 1:
        notes += [
            "Without pacts. Votes per MP: median; – where most elections give no MP. Turnout is "
            "that of the base.",
            precision_note(results.draws),
        ]
    return tuple(notes)


def apportion(votes: Floats, seats: int, method: str, held: Ints | None = None) -> Ints:
    """Divide seats by the method of highest averages; return those given, shape (draw, party).

    If averages are equal, the first party gets the seat.

    `votes`, shape (draw, party): votes or shares; a party with none gets no seat. `seats`: number
    to give in every draw. `method`: one of `FIRST_DIVISOR`. `held`, shape (draw, party): seats that
    the parties hold already; they count in the divisors only.
    """
    first = FIRST_DIVISOR[method]
    rows = np.arange(len(votes))
    before = np.zeros(votes.shape, np.int64) if held is None else held
    given = np.zeros(votes.shape, np.int64)
    average = votes / (before + first)
    for _ in range(seats):
        next_ = average.argmax(1)
        given[rows, next_] += 1
        now = before[rows, next_] + given[rows, next_]
        average[rows, next_] = votes[rows, next_] / (now + first)
    return given


def gallagher_index(vote_shares: npt.NDArray[Any], seat_shares: npt.NDArray[Any]) -> Floats:
    """Return the least squares index of disproportionality over the last axis.

    ``sqrt(sum (v - s)^2 / 2)`` on shares (Gallagher 1991, Electoral Studies 10, 33-51); published
    figures are in per cent.
    """
    return np.asarray(np.sqrt(((vote_shares - seat_shares) ** 2).sum(-1) / 2))
