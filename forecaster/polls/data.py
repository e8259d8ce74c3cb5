"""Read polls and results up to a day; whatever is later is never read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from forecaster.arrays import Floats, Ints
from forecaster.config.config import OwnPoll
from forecaster.elections.election import read_election
from forecaster.errors import ConfigError, DataError
from forecaster.resources import read_table
from forecaster.vocabulary import (
    ELECTIONS,
    NATIONS,
    NORTHERN_IRELAND,
    OWN_PARTY,
    POLLED,
    REFORM_AFTER_UKIP,
    aliases,
    letters,
    nearest,
    places,
)

AREAS = ("GB", *OWN_PARTY)

NATIONAL_POLLS = ("polls/history.csv", "polls/national.csv")

THREE = ("Con", "Lab", "LD")
"""Parties that every poll since 1945 lists; 'LD' includes the earlier Liberals and Alliance."""

ROUNDING = 0.005
"""Largest error of a share that is rounded to a whole per cent [fraction]."""

NEAR = 3
"""Two polls of one pollster with the same figures within so many days are probably one poll."""


class Poll(NamedTuple):
    """A poll of Great Britain, the United Kingdom, Scotland or Wales."""

    area: str
    """``"GB"``, ``"UK"``, ``"Scotland"`` or ``"Wales"``."""
    end: date
    """Last day of fieldwork."""
    pollster: str
    """As spelt in the data; empty for many polls of Scotland and Wales."""
    shares: Floats
    """Fraction by party of `POLLED`; NaN where the poll does not list it, shape (8,)."""


END = attrgetter("end")
"""Key by which polls are ordered."""


@dataclass(frozen=True)
class Result:
    """Shares of `THREE` in Great Britain at a general election [fraction], shape (3,)."""

    election: str
    day: date
    shares: Floats


@dataclass(frozen=True)
class AreaShares:
    """A general election in Great Britain, Scotland and Wales."""

    shares: Floats
    """Fraction of the area's valid votes by area of `AREAS` and party of `POLLED`, shape (3, 8)."""
    weight: dict[str, float]
    """Scotland's and Wales's parts of the votes of Great Britain."""
    ireland: float
    """Northern Ireland's part of the votes of the United Kingdom."""

    def with_other(self) -> Floats:
        """Return the shares with those of all other parties in a last column, shape (3, 9)."""
        return np.hstack([self.shares, 1 - self.shares.sum(axis=1, keepdims=True)])


def as_polls(own: Iterable[OwnPoll]) -> tuple[Poll, ...]:
    """Return a user's polls as `Poll`, each pollster under the first of its spellings."""
    out, spelt = [], dict[str, str]()
    for one in own:
        shares = np.array([one.percent.get(party, np.nan) / 100 for party in POLLED])
        name = pollster_name(one.pollster)
        out.append(Poll(one.area, one.end, spelt.setdefault(letters(name), name), shares))
    return tuple(out)


@cache
def _pollsters() -> dict[str, str]:
    """Return the spelling of the data for the `letters` of each name of a pollster."""
    known = {name: name for name in read_table(NATIONAL_POLLS[-1])["pollster"]}
    return {letters(name): means for name, means in (*aliases("pollster").items(), *known.items())}


def pollster_name(text: str) -> str:
    """Return a pollster as spelt in the data, without a client after a slash, or unchanged.

    >>> pollster_name("yougov / The Times"), pollster_name("We Think"), pollster_name("Me")
    ('YouGov', 'WeThink', 'Me')
    """
    for name in (text, text.partition("/")[0].strip()):
        if letters(name) in _pollsters():
            return _pollsters()[letters(name)]
    return text


def polls_of(area: str, after: date, as_of: date) -> list[Poll]:
    """Return the polls of an area that ended after `after` and not later than `as_of`, in order.

    Polls of the United Kingdom become polls of Great Britain, assuming that the parties of `POLLED`
    get no votes in Northern Ireland, whose part of the votes is that of the last election.
    """
    return _in_britain(read_area(area, after, as_of))


def with_own(
    own: Sequence[Poll], after: date, as_of: date
) -> tuple[dict[str, list[Poll]], tuple[str, ...]]:
    """Return `polls_of` each area with a user's polls, and notes on these.

    A poll that is in the data already, or given twice, counts once. The notes say which polls are
    not used, and which resemble one in the data.
    """
    late, early, held, again = (
        f"ended after {as_of}",
        f"ended by {after}, the election",
        "in the data already",
        "there a second time",
    )
    reasons, doubts = dict.fromkeys((late, early, held, again), 0), list[str]()
    found = {area: read_area(area, after, as_of) for area in AREAS}
    known = {area: _by_day(polls if own else ()) for area, polls in found.items()}
    seen: dict[str, dict[date, list[Poll]]] = {area: {} for area in AREAS}
    spelt = {*_pollsters().values()} if own else set()
    for poll in own:
        if not after < poll.end <= as_of:
            reasons[late if poll.end > as_of else early] += 1
            continue
        area = "GB" if poll.area == "UK" else poll.area
        here, before = known[area], seen[area]
        if _held(poll, here) or _held(poll, before):
            reasons[held if _held(poll, here) else again] += 1
            continue
        before.setdefault(poll.end, []).append(poll)
        found[area].append(poll)
        doubts += _doubts(poll, here, spelt)
    said = "; ".join(f"{n} {why}" for why, n in reasons.items() if n)
    left = sum(reasons.values())
    number = f"{len(own)} own poll{'s' * (len(own) != 1)}, {len(own) - left} of them used"
    notes = (*([f"{number}: {said}."] if said else ()), *dict.fromkeys(doubts))
    return {area: _in_britain(polls) for area, polls in found.items()}, notes


def _doubts(poll: Poll, here: dict[date, list[Poll]], spelt: set[str]) -> Iterator[str]:
    """Yield notes on a poll of the user's that resembles a poll or pollster in the data."""
    days = (poll.end + timedelta(days=k) for k in range(-NEAR, NEAR + 1))
    near = [day for day in days if _held(poll._replace(end=day), here)]
    if near:
        yield (
            f"{poll.pollster}, {poll.end}: the figures of its poll of {near[0]}, which the data "
            "hold; both are used. Is the day right?"
        )
    twins = [one for one in here.get(poll.end, ()) if _same(poll._replace(pollster=""), one)]
    if twins and not near:
        yield (
            f"{poll.pollster}, {poll.end}: the figures of the poll of {twins[0].pollster} that "
            "ended on the same day, which the data hold; both are used."
        )
    slip = None if poll.pollster in spelt else nearest(poll.pollster, spelt)
    if slip:
        yield f"{poll.pollster}: a pollster of its own here. Did you mean {slip!r}?"


def _by_day(polls: Iterable[Poll]) -> dict[date, list[Poll]]:
    """Return polls by their last day."""
    found: dict[date, list[Poll]] = {}
    for poll in polls:
        found.setdefault(poll.end, []).append(poll)
    return found


def _held(poll: Poll, known: dict[date, list[Poll]]) -> bool:
    """Return whether the known polls include this one."""
    return any(_same(poll, one) for one in known.get(poll.end, ()))


def _same(poll: Poll, other: Poll) -> bool:
    """Return whether two polls have the same pollster and the same shares of parties in both.

    One of them may lack a pollster, or have whole per cents where the other has decimals.
    """
    if poll.pollster and other.pollster and poll.pollster != other.pollster:
        return False
    both = ~np.isnan(poll.shares) & ~np.isnan(other.shares)
    one, two = poll.shares[both], other.shares[both]
    whole = [np.isclose(100 * x, np.round(100 * x), atol=1e-6) for x in (one, two)]
    apart = np.where(whole[0] ^ whole[1], ROUNDING, 0) + 1e-9
    return len(one) > 1 and bool((np.abs(one - two) <= apart).all())


def _in_britain(polls: Iterable[Poll]) -> list[Poll]:
    """Return polls in order, those of the United Kingdom as polls of Great Britain."""
    return [
        poll._replace(area="GB", shares=poll.shares / (1 - last_result(poll.end)[1].ireland))
        if poll.area == "UK"
        else poll
        for poll in sorted(polls, key=END)
    ]


def read_area(area: str, after: date, as_of: date) -> list[Poll]:
    """Return the polls of an area in the data that ended after `after` and not later than `as_of`.

    They are in the order of their last day; those of Great Britain include polls of the United
    Kingdom. Seat models (MRP) are not ordinary polls and are left out. Parties that are not in
    `POLLED` count as Other.
    """
    polls = []
    files = NATIONAL_POLLS if area == "GB" else (f"polls/{area.lower()}.csv",)
    for table in map(read_table, files):
        blank = (None,) * len(table["end"])
        keys = ("area", "mrp", "end", "pollster")
        rows = zip(*(table.get(key, blank) for key in keys), _shares(table), strict=True)
        polls += [
            Poll(of or area, end, pollster or "", shares)
            for of, seat_model, end, pollster, shares in rows
            if after < end <= as_of and not seat_model
        ]
    return sorted(polls, key=END)


def read_results(before: date) -> list[Result]:
    """Return the results of general elections held before a day (not on it), oldest first."""
    table = read_table("results/gb-shares.csv")
    shares = np.array([table[party] for party in THREE], dtype=float).T / 100
    rows = zip(table["election"], table["date"], shares, strict=True)
    return [Result(str(name), day, of_three) for name, day, of_three in rows if day < before]


def result_before(before: date) -> Result:
    """Return the result of the last general election held before a day.

    Raises ConfigError if there is none in the data.
    """
    held = read_results(before)
    if not held:
        raise ConfigError(f"as of {before}: the data hold no election before that day.")
    return held[-1]


def day_of(election: str) -> date:
    """Return the day of a general election; a notional result has the day of its election.

    Raises DataError if the election is not in the data.
    """
    name = election.removesuffix("-notional")
    for result in read_results(date.max):
        if result.election == name:
            return result.day
    raise DataError(f"no day of the election {name!r} in results/gb-shares.csv.")


def last_result(before: date) -> tuple[date, AreaShares]:
    """Return the day and the shares of the last general election held before a day (not on it)."""
    result = result_before(before)
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
    day: date = max(end for name in NATIONAL_POLLS for end in read_table(name)["end"])
    return day


def poll_days(after: date) -> list[date]:
    """Return the last days of fieldwork, in order, of national polls that ended after a day."""
    return sorted(end for name in NATIONAL_POLLS for end in read_table(name)["end"] if end > after)


def _shares(table: dict[str, Any]) -> Floats:
    """Return the shares of a table's polls, shape (poll, 8)."""
    blank = (None,) * len(table["end"])
    shares = np.array([table.get(party, blank) for party in POLLED], dtype=float).T / 100
    if "UKIP" in table:
        old = np.array([end < REFORM_AFTER_UKIP for end in table["end"]])
        ukip = np.array(table["UKIP"], dtype=float) / 100
        shares[old, POLLED.index("Reform")] = ukip[old]
    return shares
