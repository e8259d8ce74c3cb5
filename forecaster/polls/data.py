"""Polls and results up to a day: whatever ended later is dropped as it is read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from forecaster.arrays import Floats, Ints
from forecaster.config.config import OwnPoll
from forecaster.elections.election import read_election
from forecaster.errors import DataError
from forecaster.resources import read_table
from forecaster.vocabulary import (
    BRITISH_PARTIES,
    ELECTIONS,
    NATIONS,
    NORTHERN_IRELAND,
    OWN_PARTY,
    places,
)

AREAS = ("GB", *OWN_PARTY)
POLLED = (*BRITISH_PARTIES, *OWN_PARTY.values())
"""Parties of a poll, in the order of its shares; the rest is Other's."""

NATIONAL_POLLS = ("polls/history.csv", "polls/national.csv")

THREE = ("Con", "Lab", "LD")
"""Parties that every poll since 1945 lists; 'LD' includes the earlier Liberals and Alliance."""

REFORM_AFTER_UKIP = date(2019, 1, 1)
"""Before this day 'Reform' is UKIP, from it on the Brexit Party and then Reform UK."""


@dataclass(frozen=True)
class Poll:
    """A poll of Great Britain, the United Kingdom, Scotland or Wales.

    Attributes
    ----------
    area : str
        ``"GB"``, ``"UK"``, ``"Scotland"`` or ``"Wales"``.
    end : date
        Last day of fieldwork.
    pollster : str
        Empty for polls of Scotland and Wales, most of which name none in the data.
    shares : ndarray of float, shape (8,)
        Fraction by party of `POLLED`; NaN where the poll does not list it.
    """

    area: str
    end: date
    pollster: str
    shares: Floats


@dataclass(frozen=True)
class Result:
    """Shares of `THREE` in Great Britain at a general election [fraction], shape (3,)."""

    election: str
    day: date
    shares: Floats


@dataclass(frozen=True)
class AreaShares:
    """A general election in Great Britain, Scotland and Wales.

    Attributes
    ----------
    shares : ndarray, shape (3, 8)
        Fraction of the area's valid votes by area of `AREAS` and party of `POLLED`.
    weight : dict of str to float
        Scotland's and Wales's parts of the votes of Great Britain.
    ireland : float
        Northern Ireland's part of the votes of the United Kingdom.
    """

    shares: Floats
    weight: dict[str, float]
    ireland: float

    def with_other(self) -> Floats:
        """Return the shares with those of all other parties in a last column, shape (3, 9)."""
        return np.hstack([self.shares, 1 - self.shares.sum(axis=1, keepdims=True)])


def as_polls(own: Iterable[OwnPoll]) -> tuple[Poll, ...]:
    """Return a user's polls as `Poll`."""
    out = []
    for one in own:
        shares = np.array([one.percent.get(party, np.nan) / 100 for party in POLLED])
        out.append(Poll(one.area, one.end, one.pollster, shares))
    return tuple(out)


def polls_of(area: str, after: date, as_of: date, own: Sequence[Poll] = ()) -> list[Poll]:
    """Return the polls of an area that ended after a day and no later than another.

    Polls of the United Kingdom become polls of Great Britain: Northern Ireland, with its part of
    the votes of the last election, is taken to have none for the parties of `POLLED`.

    Parameters
    ----------
    area : str
        Of `AREAS`.
    after, as_of : date
    own : sequence of Poll
        Further polls of any area; one that the data hold counts once.

    Returns
    -------
    list of Poll
        In the order of their last day.
    """
    found = read_britain(after, as_of) if area == "GB" else read_nation(area, after, as_of)
    known = {_identity(poll) for poll in (found if own else ())}
    found += [
        poll
        for poll in own
        if poll.area in (("GB", "UK") if area == "GB" else (area,))
        and after < poll.end <= as_of
        and _identity(poll) not in known
    ]
    return [_of_britain(poll) for poll in sorted(found, key=lambda poll: poll.end)]


def _of_britain(poll: Poll) -> Poll:
    if poll.area != "UK":
        return poll
    _, last = last_result(poll.end)
    return replace(poll, area="GB", shares=poll.shares / (1 - last.ireland))


def _identity(poll: Poll) -> tuple[object, ...]:
    return poll.pollster, poll.end, *np.nan_to_num(poll.shares, nan=-1).tolist()


def read_britain(after: date, as_of: date) -> list[Poll]:
    """Return polls of Great Britain or the UK that ended after a day and no later than another.

    Seat models (MRP) are not ordinary polls and are left out. Parties that `POLLED` does not name
    stay in Other, whether a poll lists them or not.

    Returns
    -------
    list of Poll
        In the order of their last day.
    """
    polls = []
    for table in map(read_table, NATIONAL_POLLS):
        blank = (None,) * len(table["end"])
        keys = ("area", "mrp", "end", "pollster")
        rows = zip(*(table.get(key, blank) for key in keys), _shares(table), strict=True)
        polls += [
            Poll(area or "GB", end, pollster, shares)
            for area, seat_model, end, pollster, shares in rows
            if after < end <= as_of and not seat_model
        ]
    return sorted(polls, key=lambda poll: poll.end)


def read_nation(nation: str, after: date, as_of: date) -> list[Poll]:
    """Return the polls of Scotland or Wales between two days; see `read_britain`."""
    table = read_table(f"polls/{nation.lower()}.csv")
    return [
        Poll(nation, end, "", shares)
        for end, shares in zip(table["end"], _shares(table), strict=True)
        if after < end <= as_of
    ]


def read_results(before: date) -> list[Result]:
    """Return the results of general elections held before a day (not on it), oldest first."""
    table = read_table("results/gb-shares.csv")
    return [
        Result(str(name), day, np.array([table[party][i] / 100 for party in THREE]))
        for i, (name, day) in enumerate(zip(table["election"], table["date"], strict=True))
        if day < before
    ]


def day_of(election: str) -> date:
    """Return the day of a general election in the data; that of ``"2019"`` for a notional result.

    Raises
    ------
    DataError
        If the data do not know its day.
    """
    name = election.removesuffix("-notional")
    for result in read_results(date.max):
        if result.election == name:
            return result.day
    raise DataError(f"no day of the election {name!r} in results/gb-shares.csv.")


def last_result(before: date) -> tuple[date, AreaShares]:
    """Return the day and the shares of the last general election held before a day (not on it)."""
    result = read_results(before)[-1]
    name = result.election if result.election in ELECTIONS else f"{result.election}-notional"
    return result.day, read_shares(name)


def read_shares(name: str) -> AreaShares:
    """Return the shares by area of an election in `vocabulary.ELECTIONS`."""
    election = read_election(name)
    britain_only, column = election.seats.of_nation[:NORTHERN_IRELAND], places(POLLED)
    votes = np.array([election.votes[seats][:, column].sum(axis=0) for seats in britain_only])
    valid = np.bincount(election.seats.nation, weights=election.valid_votes)
    britain = valid[:NORTHERN_IRELAND].sum()
    position = {nation: NATIONS.index(nation) for nation in OWN_PARTY}
    shares = [votes.sum(axis=0) / britain, *(votes[a] / valid[a] for a in position.values())]
    return AreaShares(
        shares=np.array(shares),
        weight={nation: float(valid[a] / britain) for nation, a in position.items()},
        ireland=float(valid[NORTHERN_IRELAND] / valid.sum()),
    )


def mean_shares(polls: Sequence[Poll]) -> tuple[Floats, Ints]:
    """Return each party's mean share over the polls that list it, and how many do, shape (8,)."""
    shares = np.array([poll.shares for poll in polls])
    listed = ~np.isnan(shares)
    times = listed.sum(axis=0)
    return np.where(listed, shares, 0).sum(axis=0) / np.maximum(times, 1), times


def last_day() -> date:
    """Return the last day of fieldwork of the newest national poll in the data."""
    return poll_days(date.min)[-1]


def poll_days(after: date) -> list[date]:
    """Return the last days of fieldwork, in order, of national polls that ended after a day."""
    return sorted(end for name in NATIONAL_POLLS for end in read_table(name)["end"] if end > after)


def _shares(table: dict[str, Any]) -> Floats:
    """Return the shares of a table's polls, shape (poll, 7)."""
    blank = (None,) * len(table["end"])
    shares = np.array([table.get(party, blank) for party in POLLED], dtype=float).T / 100
    if "UKIP" in table:
        old = np.array([end < REFORM_AFTER_UKIP for end in table["end"]])
        ukip = np.array(table["UKIP"], dtype=float) / 100
        shares[old, POLLED.index("Reform")] = ukip[old]
    return shares
