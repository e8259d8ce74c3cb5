"""What by-elections since the last general election say of their own seats and of all seats.

The *surprise* of a by-election is its shares less those expected from the national shares of the
day; part of it lasts until the next general election. The *squeeze* is the part of the votes of a
bloc's other parties that went to its best placed one, beyond what was expected: by-elections show
tactical voting before the general election does. `forecaster.calibration` estimates how far the
next general election follows both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from math import sqrt

import numpy as np

from forecaster.arrays import Bools, Floats
from forecaster.config.config import Config, ElectionShares, Polls, SeatShares
from forecaster.config.parameters import (
    Parameters,
    SeatParameters,
    SqueezeLaw,
    SwingParameters,
    TacticalBloc,
    TruncatedNormal,
)
from forecaster.elections.election import Election, overlap_parts, read_election
from forecaster.elections.local import LocalElections, local_elections
from forecaster.elections.members import ByElection, Members, by_elections, members
from forecaster.kernels import exact
from forecaster.polls.data import Poll, day_of, last_day, mean_shares, read_area, result_before
from forecaster.swing.base import Base, build_base, nation_shares
from forecaster.swing.nations import britain_weights, spread_britain
from forecaster.swing.spread import rule_named, swing_nation
from forecaster.vocabulary import ELECTIONS, POLLED

CONTENTION = 0.15
"""An opponent is a threat if it trails the first party by less than this share (judgement; .10
selects the same by-elections of the parliaments to 2024)."""

CONTESTED = 0.8
"""A by-election counts as contested if the parties that stand have at least this part of the
expected votes (judgement). Four of 62 since 2010 were not: parties left them to others, as after a
murder, so they say nothing of swing."""

LAST_POLLS = 10
"""Number of polls before a by-election whose mean is the national shares of its day (judgement)."""

RULE = "strong-transition"
"""The swing rule that gives the expected shares. It has no estimated parameters, so recalibrating
never changes what past by-elections say."""


@dataclass(frozen=True)
class ComparedByElection:
    """A by-election in Great Britain, with the shares that were expected."""

    by_election: ByElection
    seat: int
    """Position among the seats of its parliament."""
    ballot: tuple[str, ...]
    """Party by column."""
    holder: str
    """Party that won the seat at the general election."""
    stood: Bools
    """Shape (column,)."""
    expected: Floats
    """Shares expected from the national shares of the day if all parties had stood."""
    actual: Floats

    @property
    def contested(self) -> bool:
        """Whether parties with most of the expected votes stood."""
        return float(self.expected[self.stood].sum()) >= CONTESTED

    @property
    def surprise(self) -> Floats:
        """Actual less expected shares of those who stood, shape (column,); 0 if not contested."""
        expected = np.where(self.stood, self.expected, 0)
        return np.asarray((self.actual - expected / expected.sum()) * self.contested)


@dataclass(frozen=True)
class Squeeze:
    """How far a bloc gathered at a by-election."""

    best: str
    """The bloc's party with most votes."""
    expected: float
    """Expected part of the bloc's votes for its other parties."""
    actual: float
    """The same as counted."""

    @property
    def moved(self) -> float:
        """Part of the other parties' votes that moved to the best; negative if they gained."""
        return 1 - self.actual / self.expected


def compared_by_elections(as_of: date, parameters: Parameters) -> list[ComparedByElection]:
    """Return the by-elections in Great Britain since the last general election before a day."""
    swing, seat = parameters.swing.model_dump_json(), parameters.seat.model_dump_json()
    return list(_compared_until(as_of, swing, seat))


@lru_cache(maxsize=32)
def _compared_until(as_of: date, swing: str, seat: str) -> tuple[ComparedByElection, ...]:
    """Return the by-elections, cached: plans with the same parameters (JSON) share them."""
    last = result_before(as_of)
    held = by_elections(last.day, as_of)
    if not held or last.election not in ELECTIONS:
        return ()
    election = read_election(last.election)
    base = build_base(election, None, SeatParameters.model_validate_json(seat))
    rules = SwingParameters.model_validate_json(swing)
    polls = read_area("GB", last.day, as_of)
    britain = [one for one in held if base.seats.in_britain[base.seats.place[one.seat]]]
    return tuple(_compared(one, base, election, polls, rules) for one in britain)


def _compared(
    one: ByElection, base: Base, election: Election, polls: Sequence[Poll], swing: SwingParameters
) -> ComparedByElection:
    i = base.seats.place[one.seat]
    nation, ballot = int(base.seats.nation[i]), base.seats.ballot(i)
    target = _national_shares(one.day, polls, election)[nation]
    shares = swing_nation(base, nation, target, rule_named(RULE, swing), swing)
    place = np.flatnonzero(base.seats.nation == nation).tolist().index(i)
    votes = np.array([one.votes.get(party, 0) for party in ballot], dtype=float)
    holder = ballot[base.holder[i]]
    return ComparedByElection(one, i, ballot, holder, votes > 0, shares[place], votes / votes.sum())


def _national_shares(day: date, polls: Sequence[Poll], election: Election) -> Floats:
    """Return shares by nation on the eve of a day, shape (nation, column), from a mean of polls."""
    mean, times = mean_shares([poll for poll in polls if poll.end < day][-LAST_POLLS:])
    britain = {party: float(mean[k]) for k, party in enumerate(POLLED) if times[k]}
    return spread_britain(britain, {}, nation_shares(election), britain_weights(election))


def surprises(found: Sequence[ComparedByElection], base: Base, since: str) -> Floats:
    """Return the surprise of the last contested by-election in each seat, shape (seat, column).

    `found`: oldest first. `since`: result that the base is made of. On new boundaries, a seat has
    the mean surprise of the old seats that it is made of, weighted by electors.
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


def squeezes(found: Sequence[ComparedByElection], bloc: TacticalBloc) -> list[Squeeze]:
    """Return the squeeze of a bloc at by-elections.

    A by-election counts if an opponent of the bloc held the seat, or led or was near in the
    expected shares, and if two of the bloc's parties stood.
    """
    return [squeeze for one in found if (squeeze := _squeeze(one, bloc)) is not None]


def _squeeze(at: ComparedByElection, bloc: TacticalBloc) -> Squeeze | None:
    """Return the squeeze; None without an opponent to beat or without two parties of the bloc."""
    share = dict(zip(at.ballot, at.expected.tolist(), strict=True))
    votes = {party: at.by_election.votes.get(party, 0) for party in bloc.members}
    votes = {party: count for party, count in votes.items() if count > 0}
    opponents = [party for party in bloc.opponents if party in share]
    if len(votes) < 2 or not opponents:
        return None
    threat = max(share[party] for party in opponents) + CONTENTION > max(share.values())
    if not threat and at.holder not in opponents:
        return None
    best = max(votes, key=lambda party: votes[party])
    return Squeeze(
        best,
        expected=1 - share[best] / sum(share[party] for party in votes),
        actual=1 - votes[best] / sum(votes.values()),
    )


def kappa_after(
    found: Sequence[Squeeze], law: SqueezeLaw, otherwise: TruncatedNormal
) -> TruncatedNormal:
    """Return the distribution of kappa at the next general election, given by-elections before it.

    The mean squeeze of the parliament is shrunk towards that of all parliaments, more so with fewer
    by-elections (best linear prediction of a random mean). Kappa is proportional to it.

    `otherwise`: the distribution without by-elections; its bounds always hold.
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
    """What has happened in the parliament that a run's base elected."""

    members: Members | None
    """None if the base is not the last election or is notional: nobody sits for its seats."""
    by_elections: list[ComparedByElection]
    """Empty if the config leaves by-elections out."""
    local: LocalElections


def since_base(config: Config) -> SinceBase:
    """Return what has happened since the base of a run, as of the day `known_until`.

    Nothing has if the base is not the last general election before that day.
    """
    as_of, base = known_until(config), config.base.election
    last = result_before(as_of)
    if last.election != base.removesuffix("-notional"):
        return SinceBase(None, [], local_elections(read_election(base), day_of(base)))
    sitting = None
    if base == last.election:
        sitting = members(read_election(base), last.day, as_of)
    found = compared_by_elections(as_of, config.parameters) if config.swing.by_elections else []
    return SinceBase(sitting, found, local_elections(read_election(base), as_of))


def kappa_laws(config: Config, found: Sequence[ComparedByElection]) -> list[TruncatedNormal]:
    """Return the distribution of kappa, the change of tactical voting since the base, by bloc.

    The first bloc's follows the by-elections since the base, if any of them shows its squeeze; the
    others are those of the model file.
    """
    swing = config.parameters.swing
    first, *others = swing.tactical.value
    gathered = squeezes(found, first)
    law = kappa_after(gathered, swing.squeeze.value, first.kappa)
    return [law, *(bloc.kappa for bloc in others)]


def known_until(config: Config) -> date:
    """Return the last day whose by-elections a run may use."""
    if isinstance(config.national, Polls | SeatShares) and config.national.as_of is not None:
        return config.national.as_of
    if isinstance(config.national, ElectionShares):
        return day_of(config.national.election) - timedelta(days=1)
    return last_day()
