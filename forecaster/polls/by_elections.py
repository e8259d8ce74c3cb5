"""By-elections since the last general election: how far a bloc's voters gathered behind one party.

By-elections show tactical voting before the general election does. The *squeeze* of one is the part
of the votes of a bloc's other parties that went to the best placed one, beyond what the national
shares of the day expected there. How far the next general election follows is estimated by
`forecaster.calibration`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from forecaster.arrays import Floats
from forecaster.config.config import Config, ElectionShares, Polls, SeatShares
from forecaster.config.parameters import Parameters, SqueezeLaw, TacticalBloc, TruncatedNormal
from forecaster.elections.election import Election, read_election
from forecaster.polls.data import (
    POLLED,
    Poll,
    day_of,
    last_day,
    mean_shares,
    read_britain,
    read_results,
)
from forecaster.resources import read_table
from forecaster.swing.base import Base, build_base, nation_shares
from forecaster.swing.nations import britain_weights, spread_britain
from forecaster.swing.spread import rule_named, swing_nation
from forecaster.vocabulary import BALLOT, ELECTIONS, NATIONS

CONTENTION = 0.10
"""Share by which an opponent may trail the first party and still be a threat (judgement)."""

LAST_POLLS = 10
"""Number of polls before a by-election that give the national shares of its day (judgement)."""

RULE = "strong-transition"
"""The swing to the day. It has no estimated parameters, so recalibrating never changes past
squeezes."""


@dataclass(frozen=True)
class ByElection:
    """A by-election in Great Britain.

    Attributes
    ----------
    day : date
    seat : str
        Code on the boundaries of its parliament.
    name : str
    votes : dict of str to int
        By party, as in `vocabulary.PARTIES`.
    """

    day: date
    seat: str
    name: str
    votes: dict[str, int]


@dataclass(frozen=True)
class Squeeze:
    """How far a bloc gathered at a by-election.

    Attributes
    ----------
    contest : ByElection
    best : str
        The bloc's party with most votes.
    expected, actual : float
        Part of the bloc's votes that its other parties were expected to get, and got.
    """

    contest: ByElection
    best: str
    expected: float
    actual: float

    @property
    def moved(self) -> float:
        """Part of the other parties' votes that moved to the best; negative if they gained."""
        return 1 - self.actual / self.expected


def by_elections(as_of: date) -> tuple[str, list[ByElection]]:
    """Return the last general election before a day, and the by-elections held from then to it."""
    last = read_results(as_of)[-1]
    table = read_table("results/by-elections.csv")
    found: dict[tuple[date, str], ByElection] = {}
    rows = zip(*(table[key] for key in ("date", "seat", "name", "party", "votes")), strict=True)
    for day, seat, name, party, votes in rows:
        if last.day < day <= as_of:
            contest = found.setdefault((day, seat), ByElection(day, seat, name, {}))
            contest.votes[party] = contest.votes.get(party, 0) + votes
    return last.election, list(found.values())


def squeezes(as_of: date, bloc: TacticalBloc, parameters: Parameters) -> list[Squeeze]:
    """Return the squeeze at each by-election held by a day in the parliament then sitting.

    A by-election counts if an opponent of the bloc held the seat, or led or was near in the
    expected shares, and if two of the bloc's parties stood.
    """
    name, contests = by_elections(as_of)
    if not contests or name not in ELECTIONS:
        return []
    election = read_election(name)
    base = build_base(election, None, parameters.seat)
    polls = read_britain(day_of(name), as_of)
    out = []
    for contest in contests:
        i = base.seats.code.tolist().index(contest.seat)
        ballot = BALLOT[NATIONS[base.seats.nation[i]]]
        target = _national_shares(contest.day, polls, election)
        share = dict(zip(ballot, _expected(base, i, target, parameters), strict=True))
        found = _squeeze(contest, share, ballot[base.holder[i]], bloc)
        if found is not None:
            out.append(found)
    return out


def _expected(base: Base, i: int, target: Floats, parameters: Parameters) -> list[float]:
    """Return the shares that a swing of its nation gives a seat."""
    nation, rule = int(base.seats.nation[i]), rule_named(RULE, parameters.swing)
    shares = swing_nation(base, nation, target[nation], rule, parameters.swing)
    place = np.flatnonzero(base.seats.nation == nation).tolist().index(i)
    return list(shares[place].tolist())


def _squeeze(
    contest: ByElection, share: dict[str, float], holder: str, bloc: TacticalBloc
) -> Squeeze | None:
    """Return the squeeze, or None if the bloc had no opponent to beat or nobody to gather."""
    members = [party for party in bloc.members if contest.votes.get(party, 0) > 0]
    opponents = [party for party in bloc.opponents if party in share]
    if len(members) < 2 or not opponents:
        return None
    threat = max(share[party] for party in opponents) + CONTENTION > max(share.values())
    if not threat and holder not in opponents:
        return None
    votes = {party: contest.votes[party] for party in members}
    best = max(members, key=lambda party: votes[party])
    return Squeeze(
        contest,
        best,
        expected=1 - share[best] / sum(share[party] for party in members),
        actual=1 - votes[best] / sum(votes.values()),
    )


def _national_shares(day: date, polls: Sequence[Poll], election: Election) -> Floats:
    """Return shares by nation on the eve of a day, shape (nation, column), from a mean of polls."""
    mean, times = mean_shares([poll for poll in polls if poll.end < day][-LAST_POLLS:])
    britain = {party: float(mean[k]) for k, party in enumerate(POLLED) if times[k]}
    return spread_britain(britain, {}, nation_shares(election), britain_weights(election))


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
    mean = float(parts @ [one.moved for one in found] / parts.sum())
    noise = law.within**2 / float(parts.sum())
    weight = law.between**2 / (law.between**2 + noise) if law.between else 0.0
    squeeze = law.mean + weight * (mean - law.mean)
    variance = law.sd**2 + (law.slope_error * squeeze) ** 2 + law.slope**2 * weight * noise
    return otherwise.model_copy(update={"mean": law.slope * squeeze, "sd": variance**0.5})


def kappa_laws(config: Config) -> list[TruncatedNormal]:
    """Return the law of kappa of every bloc, the change of tactical voting since a run's base.

    The first follows the by-elections since the base, if it could gather at any and the config
    allows it; the others keep the law of the model file.
    """
    swing = config.parameters.swing
    first, *others = swing.tactical.value
    laws = [bloc.kappa for bloc in others]
    as_of = _known_until(config)
    since, _ = by_elections(as_of)
    if not config.swing.by_elections or since != config.base.election.removesuffix("-notional"):
        return [first.kappa, *laws]
    found = squeezes(as_of, first, config.parameters)
    return [kappa_after(found, swing.squeeze.value, first.kappa), *laws]


def _known_until(config: Config) -> date:
    """Return the day up to which a run may know by-elections."""
    if isinstance(config.national, Polls | SeatShares) and config.national.as_of is not None:
        return config.national.as_of
    if isinstance(config.national, ElectionShares):
        return day_of(config.national.election) - timedelta(days=1)
    return last_day()
