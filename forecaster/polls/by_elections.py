"""By-elections since the last general election: what they say of their seats, and of all seats.

The *surprise* of a by-election is by how much its shares lie beside those that the national shares
of the day made expect there; part of it is still there at the next general election. The *squeeze*
is the part of the votes of a bloc's other parties that went to the one that came out best, beyond
the expected: by-elections show tactical voting before the general election does. How far the next
general election follows is estimated by `forecaster.calibration`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

import numpy as np

from forecaster.arrays import Bools, Floats
from forecaster.config.config import Config, ElectionShares, Polls, SeatShares
from forecaster.config.parameters import Parameters, SqueezeLaw, TacticalBloc, TruncatedNormal
from forecaster.elections.election import Election, overlap_parts, read_election
from forecaster.elections.members import ByElection, Members, by_elections, members
from forecaster.kernels import exact
from forecaster.polls.data import (
    POLLED,
    Poll,
    day_of,
    last_day,
    mean_shares,
    read_britain,
    result_before,
)
from forecaster.swing.base import Base, build_base, nation_shares
from forecaster.swing.nations import britain_weights, spread_britain
from forecaster.swing.spread import rule_named, swing_nation
from forecaster.vocabulary import BALLOT, ELECTIONS, NATIONS

CONTENTION = 0.15
"""Share by which an opponent may trail the first party and still be a threat (judgement; .10 takes
the same by-elections of the parliaments to 2024)."""

CONTESTED = 0.8
"""A by-election that parties with more than a fifth of the expected votes left to the others, as
after a murder, says nothing of swing (judgement; four of 62 since 2010)."""

LAST_POLLS = 10
"""Number of polls before a by-election that give the national shares of its day (judgement)."""

RULE = "strong-transition"
"""The swing to the day. It has no estimated parameters, so recalibrating never changes what past
by-elections say."""


@dataclass(frozen=True)
class Contest:
    """A by-election in Great Britain beside what was expected of it.

    Attributes
    ----------
    by_election : ByElection
    seat : int
        Position among the seats of its parliament.
    ballot : tuple of str
        Party by column.
    holder : str
        Party that won the seat at the general election.
    stood : ndarray of bool, shape (column,)
    expected : ndarray, shape (column,)
        Shares that the national shares of the day give the seat, had all parties stood.
    actual : ndarray, shape (column,)
    """

    by_election: ByElection
    seat: int
    ballot: tuple[str, ...]
    holder: str
    stood: Bools
    expected: Floats
    actual: Floats

    @property
    def contested(self) -> bool:
        """Whether parties with most of the expected votes stood."""
        return float(self.expected[self.stood].sum()) >= CONTESTED

    @property
    def surprise(self) -> Floats:
        """Actual less expected share of who stood, shape (column,); zeros if not contested."""
        expected = np.where(self.stood, self.expected, 0)
        return np.asarray((self.actual - expected / expected.sum()) * self.contested)


@dataclass(frozen=True)
class Squeeze:
    """How far a bloc gathered at a by-election.

    Attributes
    ----------
    contest : Contest
    best : str
        The bloc's party with most votes.
    expected, actual : float
        Part of the bloc's votes that its other parties were expected to get, and got.
    """

    contest: Contest
    best: str
    expected: float
    actual: float

    @property
    def moved(self) -> float:
        """Part of the other parties' votes that moved to the best; negative if they gained."""
        return 1 - self.actual / self.expected


def contests(as_of: date, parameters: Parameters) -> list[Contest]:
    """Return the by-elections of Great Britain in the parliament that sits on a day, up to it."""
    last = result_before(as_of)
    held = by_elections(last.day, as_of)
    if not held or last.election not in ELECTIONS:
        return []
    election = read_election(last.election)
    base = build_base(election, None, parameters.seat)
    polls = read_britain(last.day, as_of)
    place = {code: i for i, code in enumerate(base.seats.code.tolist())}
    britain = [one for one in held if base.seats.in_britain[place[one.seat]]]
    return [_contest(one, place[one.seat], base, election, polls, parameters) for one in britain]


def _contest(
    one: ByElection,
    i: int,
    base: Base,
    election: Election,
    polls: Sequence[Poll],
    parameters: Parameters,
) -> Contest:
    nation = int(base.seats.nation[i])
    ballot = BALLOT[NATIONS[nation]]
    target = _national_shares(one.day, polls, election)[nation]
    rule = rule_named(RULE, parameters.swing)
    shares = swing_nation(base, nation, target, rule, parameters.swing)
    place = np.flatnonzero(base.seats.nation == nation).tolist().index(i)
    votes = np.array([one.votes.get(party, 0) for party in ballot], dtype=float)
    holder = ballot[base.holder[i]]
    return Contest(one, i, ballot, holder, votes > 0, shares[place], votes / votes.sum())


def _national_shares(day: date, polls: Sequence[Poll], election: Election) -> Floats:
    """Return shares by nation on the eve of a day, shape (nation, column), from a mean of polls."""
    mean, times = mean_shares([poll for poll in polls if poll.end < day][-LAST_POLLS:])
    britain = {party: float(mean[k]) for k, party in enumerate(POLLED) if times[k]}
    return spread_britain(britain, {}, nation_shares(election), britain_weights(election))


def surprises(found: Sequence[Contest], base: Base, since: str) -> Floats:
    """Return the surprise of the last contested by-election in each seat, shape (seat, column).

    Parameters
    ----------
    found : sequence of Contest
        Oldest first.
    base : Base
    since : str
        Result that the base is made of. A seat on new boundaries has the surprises of the old ones
        that it is made of, weighed by their electors.
    """
    out = np.zeros_like(base.shares)
    for one in found:
        if one.contested:
            out[one.seat] = one.surprise
    if found and since.endswith("-notional"):
        parts = overlap_parts(read_election(since.removesuffix("-notional")))
        held = np.flatnonzero(out.any(1))
        return exact.dot(parts[:, held], out[held])
    return out


def squeezes(found: Sequence[Contest], bloc: TacticalBloc) -> list[Squeeze]:
    """Return the squeeze of a bloc at by-elections.

    A by-election counts if an opponent of the bloc held the seat, or led or was near in the
    expected shares, and if two of the bloc's parties stood.
    """
    return [squeeze for one in found if (squeeze := _squeeze(one, bloc)) is not None]


def _squeeze(contest: Contest, bloc: TacticalBloc) -> Squeeze | None:
    """Return the squeeze, or None if the bloc had no opponent to beat or nobody to gather."""
    share = dict(zip(contest.ballot, contest.expected.tolist(), strict=True))
    votes = {party: contest.by_election.votes.get(party, 0) for party in bloc.members}
    votes = {party: count for party, count in votes.items() if count > 0}
    opponents = [party for party in bloc.opponents if party in share]
    if len(votes) < 2 or not opponents:
        return None
    threat = max(share[party] for party in opponents) + CONTENTION > max(share.values())
    if not threat and contest.holder not in opponents:
        return None
    best = max(votes, key=lambda party: votes[party])
    return Squeeze(
        contest,
        best,
        expected=1 - share[best] / sum(share[party] for party in votes),
        actual=1 - votes[best] / sum(votes.values()),
    )


def kappa_after(
    found: Sequence[Squeeze], law: SqueezeLaw, otherwise: TruncatedNormal
) -> TruncatedNormal:
    """Return the law of kappa at the next general election, given the by-elections before it.

    The parliament's mean squeeze is shrunk towards that of all parliaments, the more the fewer its
    by-elections (best linear prediction of a random mean); kappa follows it in part.

    Parameters
    ----------
    found : sequence of Squeeze
    law : SqueezeLaw
    otherwise : TruncatedNormal
        The law if there were no by-elections; its bounds hold in either case.
    """
    if not found:
        return otherwise
    parts = np.array([one.expected for one in found])
    mean = float(exact.dot(parts, [one.moved for one in found]) / parts.sum())
    noise = law.within**2 / float(parts.sum())
    weight = law.between**2 / (law.between**2 + noise) if law.between else 0.0
    squeeze = law.mean + weight * (mean - law.mean)
    variance = law.sd**2 + (law.slope_error * squeeze) ** 2 + law.slope**2 * weight * noise
    return otherwise.model_copy(update={"mean": law.slope * squeeze, "sd": sqrt(variance)})


@dataclass(frozen=True)
class SinceBase:
    """What is known on a day of the parliament that a run's base elected.

    Attributes
    ----------
    members : Members or None
        None where the base is not the last election, or notional: nobody sits for its seats.
    contests : list of Contest
        Empty where the config leaves by-elections out.
    """

    members: Members | None
    contests: list[Contest]


def since_base(config: Config) -> SinceBase:
    """Return by-elections and MPs since the base of a run, as of the day up to which it may know.

    Nothing is known if the base is not the last general election before that day.
    """
    as_of, base = known_until(config), config.base.election
    last = result_before(as_of)
    if last.election != base.removesuffix("-notional"):
        return SinceBase(None, [])
    sitting = None
    if base == last.election:
        sitting = members(read_election(base), last.day, as_of)
    found = contests(as_of, config.parameters) if config.swing.by_elections else []
    return SinceBase(sitting, found)


def kappa_laws(config: Config, found: Sequence[Contest]) -> list[TruncatedNormal]:
    """Return the law of kappa of every bloc, the change of tactical voting since a run's base.

    The first follows the by-elections since the base, if it could gather at any; the others keep
    the law of the model file.
    """
    swing = config.parameters.swing
    first, *others = swing.tactical.value
    gathered = squeezes(found, first)
    law = kappa_after(gathered, swing.squeeze.value, first.kappa)
    return [law, *(bloc.kappa for bloc in others)]


def known_until(config: Config) -> date:
    """Return the day up to which a run may know by-elections."""
    if isinstance(config.national, Polls | SeatShares) and config.national.as_of is not None:
        return config.national.as_of
    if isinstance(config.national, ElectionShares):
        return day_of(config.national.election) - timedelta(days=1)
    return last_day()
