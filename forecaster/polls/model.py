"""National shares on a day, from the last poll of every pollster.

The shares in Great Britain are the mean of those polls, in which newer ones have more weight.
Scotland and Wales have few polls. A Kalman filter estimates from them how far each nation lies from
Great Britain, and this distance is added to the shares of Great Britain on the day. Polls that
ended later are not read. `forecaster.polls.error` estimates the error of this rule.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise

import numpy as np

from forecaster.arrays import Floats
from forecaster.errors import ConfigError
from forecaster.kernels import exact
from forecaster.polls.data import AREAS, END, AreaShares, Poll, last_result, poll_days, with_own
from forecaster.vocabulary import BRITISH_PARTIES, OWN_PARTY, POLLED, places

ESTIMATED = (*POLLED, "Other")

FIRST_ELECTION = date(2005, 5, 5)
"""The first election with results by nation in the data, from which the estimate starts."""

HALF_LIFE = 7
"""Days in which the weight of a poll halves. Chosen with the elections of 2010 to 2024 in view:
between 5 and 10 days, errors up to a month ahead differ by at most .08 points, and 7 follows
movement best."""

START = 1e-3
"""Variance, on election day, of the difference between a nation's distance from Great Britain in
polls and in the result. This and the next two are multiples of ``share (1 - share)``, and were
chosen with all elections in view."""

NOISE = 2.4e-3
"""Variance of one poll's error. The maximum likelihood estimates from the polls of 2010 to 2025 are
2.0e-3 in Scotland and 2.8e-3 in Wales, and hardly change if any parliament is left out."""

WALK = {"Scotland": 4e-5, "Wales": 1e-5}
"""Variance that a day adds to the distance. From the mean square movement between elections from
2005 to 2024 it would be 4e-5 and 0.4e-5; the likelihood of the polls of 2020 to 2024 is highest at
2e-5 to 5e-5 and at 1e-5."""

FRESH = {"GB": 7, "Scotland": 60, "Wales": 60}
"""`cautions` mentions an area's newest poll if it is older than this [days]."""

HOLE, RECENT = 21, 60
"""`cautions` mentions a gap of over `HOLE` days without a poll of Great Britain, for `RECENT` days
after its end."""


@dataclass(frozen=True)
class PollEstimate:
    """What the polls say on a day."""

    as_of: date
    since: date
    """Day of the last election; no poll that ended earlier is used."""
    polls: dict[str, list[Poll]]
    """By area, in the order of their last day."""
    shares: Floats
    """Fraction by `AREAS` and `ESTIMATED`, shape (3, 9); zero where a party does not stand."""
    covariance: Floats
    """Shape (3, 9, 3, 9). Covariance from the distances of the nations. In Great Britain it is zero
    but for SNP, PC and Other; `forecaster.polls.error` adds the error of its polls."""
    own_steps: Floats
    """Covariance that each day adds, as nations move relative to Great Britain."""
    notes: tuple[str, ...] = ()
    """Which of the user's polls are not used, and why."""


def estimate(as_of: date, own: Sequence[Poll] = ()) -> PollEstimate:
    """Return national shares on a day, from the polls since the last election before it.

    `as_of`: polls that ended later, and elections on this day or later, are not read. `own`:
    further polls, in addition to the data.

    Raises ConfigError if the day lies outside the polls in the data, or no poll ended since the
    last election.
    """
    _check(as_of, own)
    since, last = last_result(as_of)
    polls, notes = with_own(own, since, as_of)
    if not polls["GB"]:
        raise ConfigError(
            f"as of {as_of}: no poll ended since the election of {since}; the next in the data "
            f"ended on {poll_days(since)[0]}. Choose that day or a later one."
        )
    shared = np.isin(POLLED, BRITISH_PARTIES)
    ends = {as_of, *(poll.end for nation in OWN_PARTY for poll in polls[nation])}
    level = {
        day: shared * shares
        for day, shares in britain_by_day(polls["GB"], ends, last.shares[0]).items()
    }
    shares, variance = np.array([level[as_of]] * len(AREAS)), {}
    for a, (nation, party) in enumerate(OWN_PARTY.items(), start=1):
        seen = [((poll.end - since).days, poll.shares - level[poll.end]) for poll in polls[nation]]
        start = last.shares[a] - shared * last.shares[0]
        lies, variance[nation] = distance(start, seen, (as_of - since).days, WALK[nation])
        shares[a] = np.maximum(shares[a] + lies, 0)
        own_party = POLLED.index(party)
        shares[0, own_party] = last.weight[nation] * shares[a, own_party]
    # Means over different polls may sum to more than one.
    shares = np.maximum(np.hstack([shares, 1 - shares.sum(axis=1, keepdims=True)]), 0)
    shares /= shares.sum(axis=1, keepdims=True)
    steps = {nation: np.full(len(POLLED), walk) for nation, walk in WALK.items()}
    covariance, own_steps = _covariance(last, variance), _covariance(last, steps)
    return PollEstimate(as_of, since, polls, shares, covariance, own_steps, notes)


def britain_by_day(
    polls: Iterable[Poll], days: Iterable[date], unlisted: Floats
) -> dict[date, Floats]:
    """Return the weighted mean of every pollster's last poll on each of some days.

    A party's is over the polls that list it.

    `polls`: polls of Great Britain in one parliament. `unlisted`, shape (8,): shares to return for
    parties of `POLLED` that no poll lists.
    """
    latest: dict[str, Poll] = {}
    ordered, taken, out = sorted(polls, key=END), 0, {}
    for day in sorted({*days}):
        until = bisect(ordered, day, key=END)
        latest |= {poll.pollster: poll for poll in ordered[taken:until]}
        taken = until
        weight = np.array([_weight((day - poll.end).days) for poll in latest.values()])
        shares = np.reshape([poll.shares for poll in latest.values()], (-1, len(POLLED)))
        total = exact.dot(weight, ~np.isnan(shares))
        listed = exact.dot(weight, np.nan_to_num(shares))
        out[day] = np.divide(listed, total, out=unlisted.copy(), where=total > 0)
    return out


@cache
def _weight(age: int) -> float:
    return float(exact.power(0.5, age / HALF_LIFE))


def distance(
    start: Floats, seen: Iterable[tuple[int, Floats]], days: int, walk: float
) -> tuple[Floats, Floats]:
    """Return a nation's distance from Great Britain and its variance, by a Kalman filter by party.

    R. E. Kalman, A New Approach to Linear Filtering and Prediction Problems (1960). Variances are
    multiples of ``share (1 - share)``.

    `start`, shape (party,): distance at the election [fraction]. `seen`: for each poll, in order,
    days since the election, and the distance (NaN for parties that it does not list). `days`: from
    the election to the day of the estimate. `walk`: variance that a day adds.
    """
    mean, variance, today = start, np.full(len(start), START), 0
    for day, values in seen:
        variance = variance + walk * (day - today)
        gain = np.where(np.isnan(values), 0, variance / (variance + NOISE))
        mean = mean + gain * (np.nan_to_num(values) - mean)
        variance, today = variance * (1 - gain), day
    return mean, variance + walk * (days - today)


def house_effects(polls: Sequence[Poll]) -> dict[str, tuple[Floats, Floats]]:
    """Return each pollster's house effect and its standard error, each of shape (8,).

    The effect is the mean over its polls of poll less `britain_by_day` on its last day [fraction];
    NaN for parties that it never lists. The error is NaN with one poll.

    `polls`: polls of Great Britain in one parliament.
    """
    nothing = np.full(len(POLLED), np.nan)
    level = britain_by_day(polls, (poll.end for poll in polls), nothing)
    out = {}
    for pollster in sorted({poll.pollster for poll in polls}):
        apart = [poll.shares - level[poll.end] for poll in polls if poll.pollster == pollster]
        lies = np.ma.masked_invalid(apart)
        error = lies.std(axis=0, ddof=1) / np.sqrt(np.maximum(lies.count(axis=0), 1))
        out[pollster] = lies.mean(axis=0).filled(np.nan), error.filled(np.nan)
    return out


def cautions(area: str, polls: Sequence[Poll], today: date) -> list[str]:
    """Return warnings of an area's newest poll being old, and of recent gaps between polls.

    >>> cautions("GB", [Poll("GB", date(2026, 10, 5), "", np.zeros(7))], date(2026, 11, 28))
    ['last poll 54 days old']
    """
    ends = [poll.end for poll in polls]
    ages = [(today - end).days for end in ends[-1:]]
    out = [f"last poll {age} days old" for age in ages if age > FRESH[area]]
    return out + [
        f"no polls from {first.day} {first:%B} to {then.day} {then:%B}"
        for first, then in pairwise(ends if area == "GB" else ())
        if (then - first).days > HOLE and (today - then).days <= RECENT
    ]


def _covariance(last: AreaShares, variance: Mapping[str, Floats]) -> Floats:
    """Return the covariance of all shares, (3, 9, 3, 9), from the variances of both distances."""
    out, effect = np.zeros((len(AREAS), len(ESTIMATED)) * 2), closing(POLLED)
    for a, (nation, party) in enumerate(OWN_PARTY.items(), start=1):
        moves, own = np.zeros((len(AREAS), *effect.shape)), POLLED.index(party)
        moves[a] = effect
        moves[0, :, own] = last.weight[nation] * effect[:, own]
        votes = _binomial(last.shares[a], variance[nation])
        moves = moves.reshape(-1, moves.shape[2])
        out += exact.dot(exact.dot(moves, votes), moves.T).reshape(out.shape)
    return out


def closing(parties: Sequence[str]) -> Floats:
    """Return the effect of changes of parties on `ESTIMATED`, shape (9, party).

    Other gains what the parties lose.
    """
    out = np.zeros((len(ESTIMATED), len(parties)))
    out[places(parties, ESTIMATED), range(len(parties))] = 1
    out[-1] = -1
    return out


def _binomial(shares: Floats, multiples: Floats) -> Floats:
    """Return the covariance of one vote, each party's part scaled by a multiple of its variance."""
    root = np.sqrt(multiples)
    return np.asarray((np.diag(shares) - np.outer(shares, shares)) * np.outer(root, root))


def _check(as_of: date, own: Sequence[Poll]) -> None:
    days = poll_days(FIRST_ELECTION)
    first, last = days[0], max([days[-1], *(poll.end for poll in own)])
    if not first <= as_of <= last:
        where = "before the first" if as_of < first else "after the last"
        raise ConfigError(
            f"as of {as_of}: {where} poll that national shares are estimated from; the data hold "
            f"them from {first} to {last}. Choose a day between the two, or add later polls with "
            "national.file ('forecast polls --file')."
        )
