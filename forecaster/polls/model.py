"""National shares on a day, from the last poll of every pollster.

Great Britain is the mean of those polls, the newer weighing more. Scotland and Wales have few polls
of their own, which say how far the nation lies from Great Britain; that distance is filtered, and
moves with Great Britain since. Polls that ended after the day are not read. This is what polls say;
`forecaster.polls.error` estimates how far the same rule has lain from votes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise

import numpy as np

from forecaster.arrays import Floats
from forecaster.errors import ConfigError
from forecaster.kernels import exact
from forecaster.polls.data import (
    AREAS,
    POLLED,
    AreaShares,
    Poll,
    last_result,
    poll_days,
    polls_of,
    unused,
)
from forecaster.vocabulary import BRITISH_PARTIES, OWN_PARTY

ESTIMATED = (*POLLED, "Other")

FIRST_ELECTION = date(2005, 5, 5)
"""The data hold results by nation, from which the estimate starts, from this election on."""

HALF_LIFE = 7
"""Days in which the weight of a poll halves. Chosen knowing the elections of 2010 to 2024: from 5
to 10 days their errors differ by .08 points at most up to a month ahead, and 7 follows movement
best."""

START = 1e-3
"""Variance of a nation's distance from Great Britain on election day, between what polls would say
and the result. This and the next two are multiples of ``share (1 - share)``, and were chosen
knowing all elections."""

NOISE = 2.4e-3
"""Variance of one poll's error. Likeliest of all polls of the nations from 2010 to 2025: 2.0e-3 in
Scotland, 2.8e-3 in Wales, hardly moved by leaving any parliament out."""

WALK = {"Scotland": 4e-5, "Wales": 1e-5}
"""Variance of one day's step. The mean square of the movement between elections from 2005 to 2024
was 4 and 0.4 in units of 1e-5; the likelihood of the polls of 2020 to 2024 is highest at 2 to 5 and
at 1."""

FRESH = {"GB": 7, "Scotland": 60, "Wales": 60}
"""Days after which `cautions` names the age of an area's newest poll."""

HOLE, RECENT = 21, 60
"""Days without a poll of Great Britain that `cautions` names, and for how many days after them."""

CLOSING = np.vstack([np.eye(len(POLLED)), -np.ones(len(POLLED))])
"""Effect of the parties of `POLLED` on those of `ESTIMATED`: Other gains what they lose."""


@dataclass(frozen=True)
class PollEstimate:
    """What the polls say on a day.

    Attributes
    ----------
    as_of : date
    since : date
        Day of the last election; no poll that ended earlier is used.
    polls : dict of str to list of Poll
        By area, in the order of their last day.
    shares : ndarray, shape (3, 9)
        Fraction by area of `AREAS` and party of `ESTIMATED`; a row sums to one. Zero where a
        party does not stand.
    covariance : ndarray, shape (3, 9, 3, 9)
        From the distances of the nations. In Great Britain only SNP, PC and Other have any: how far
        its polls lie from votes, `forecaster.polls.error` measures on the very same rule.
    own_steps : ndarray, shape (3, 9, 3, 9)
        Covariance that a day adds, through the nations' movement against Great Britain.
    notes : tuple of str
        Which of the user's polls are not used, and why.
    """

    as_of: date
    since: date
    polls: dict[str, list[Poll]]
    shares: Floats
    covariance: Floats
    own_steps: Floats
    notes: tuple[str, ...] = ()


def estimate(as_of: date, own: Sequence[Poll] = ()) -> PollEstimate:
    """Return national shares on a day from the polls of its parliament up to then.

    Parameters
    ----------
    as_of : date
        Polls that ended later, and elections on this day or later, are not read.
    own : sequence of Poll
        Further polls, besides those of the data.

    Raises
    ------
    ConfigError
        If the day lies outside the polls in the data, or no poll ended since the last election.
    """
    _check(as_of, own)
    since, last = last_result(as_of)
    polls = {area: polls_of(area, since, as_of, own) for area in AREAS}
    if not polls["GB"]:
        raise ConfigError(
            f"as of {as_of}: no poll ended since the election of {since}; the next in the data "
            f"ended on {poll_days(since)[0]}. Choose that day or a later one."
        )
    shared = np.isin(POLLED, BRITISH_PARTIES)

    def level(day: date) -> Floats:
        return shared * britain(polls["GB"], day, last.shares[0])

    shares, variance = np.array([level(as_of)] * len(AREAS)), {}
    for a, (nation, party) in enumerate(OWN_PARTY.items(), start=1):
        seen = [((poll.end - since).days, poll.shares - level(poll.end)) for poll in polls[nation]]
        start = last.shares[a] - shared * last.shares[0]
        lies, variance[nation] = distance(start, seen, (as_of - since).days, WALK[nation])
        shares[a] = np.maximum(shares[a] + lies, 0)
        own_party = POLLED.index(party)
        shares[0, own_party] = last.weight[nation] * shares[a, own_party]
    # Means of parties over different polls may add up to more than all votes.
    shares = np.maximum(np.hstack([shares, 1 - shares.sum(axis=1, keepdims=True)]), 0)
    shares /= shares.sum(axis=1, keepdims=True)
    steps = {nation: np.full(len(POLLED), walk) for nation, walk in WALK.items()}
    return PollEstimate(
        as_of,
        since,
        polls,
        shares,
        _covariance(last, variance),
        _covariance(last, steps),
        unused(own, since, as_of),
    )


def britain(polls: Iterable[Poll], day: date, unlisted: Floats) -> Floats:
    """Return the weighted mean of every pollster's last poll, by party over those that list it.

    Parameters
    ----------
    polls : iterable of Poll
        Of Great Britain and one parliament. Those that ended after `day` do not count.
    day : date
    unlisted : ndarray, shape (8,)
        Shares of parties of `POLLED` that none of them lists.

    Returns
    -------
    ndarray, shape (8,)
    """
    latest: dict[str, Poll] = {}
    for poll in polls:
        if latest.get(poll.pollster, poll).end <= poll.end <= day:
            latest[poll.pollster] = poll
    weight = np.array([_weight((day - poll.end).days) for poll in latest.values()])
    shares = np.reshape([poll.shares for poll in latest.values()], (-1, len(POLLED)))
    total = exact.dot(weight, ~np.isnan(shares))
    listed = exact.dot(weight, np.nan_to_num(shares))
    return np.asarray(np.divide(listed, total, out=unlisted.copy(), where=total > 0))


@cache
def _weight(age: int) -> float:
    return float(exact.power(0.5, age / HALF_LIFE))


def distance(
    start: Floats, seen: Iterable[tuple[int, Floats]], days: int, walk: float
) -> tuple[Floats, Floats]:
    """Return how far a nation lies from Great Britain, and the variance: a Kalman filter by party.

    R. E. Kalman, A New Approach to Linear Filtering and Prediction Problems (1960).

    Parameters
    ----------
    start : ndarray, shape (party,)
        Distance at the election [fraction].
    seen : iterable of (int, ndarray)
        Days from the election to a poll, in their order, and its distance; NaN where it does not
        list the party.
    days : int
        From the election to the day that is asked for.
    walk : float
        Variance of a day's step, as a multiple of ``share (1 - share)``, as the returned ones are.
    """
    mean, variance, today = start, np.full(len(start), START), 0
    for day, values in seen:
        variance = variance + walk * (day - today)
        gain = np.where(np.isnan(values), 0, variance / (variance + NOISE))
        mean = mean + gain * (np.nan_to_num(values) - mean)
        variance, today = variance * (1 - gain), day
    return mean, variance + walk * (days - today)


def house_effects(polls: Sequence[Poll]) -> dict[str, tuple[Floats, Floats]]:
    """Return by pollster how far its polls lie from `britain`, and the standard error.

    Parameters
    ----------
    polls : sequence of Poll
        Of Great Britain and one parliament.

    Returns
    -------
    dict of str to (ndarray, ndarray)
        Means over its polls of poll less `britain` on its last day, shape (8,) [fraction]; NaN for
        a party that it never lists. Standard errors of the means, NaN for one poll.
    """
    nothing = np.full(len(POLLED), np.nan)
    level = {day: britain(polls, day, nothing) for day in {poll.end for poll in polls}}
    out = {}
    for pollster in sorted({poll.pollster for poll in polls}):
        apart = [poll.shares - level[poll.end] for poll in polls if poll.pollster == pollster]
        lies = np.ma.masked_invalid(apart)
        error = lies.std(axis=0, ddof=1) / np.sqrt(np.maximum(lies.count(axis=0), 1))
        out[pollster] = lies.mean(axis=0).filled(np.nan), error.filled(np.nan)
    return out


def cautions(area: str, polls: Sequence[Poll], today: date) -> list[str]:
    """Say how old the newest poll of an area is, and when there were none, where that matters.

    Examples
    --------
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
    out = np.zeros((len(AREAS), len(ESTIMATED)) * 2)
    for a, (nation, party) in enumerate(OWN_PARTY.items(), start=1):
        moves, own = np.zeros((len(AREAS), *CLOSING.shape)), POLLED.index(party)
        moves[a] = CLOSING
        moves[0, :, own] = last.weight[nation] * CLOSING[:, own]
        votes = _binomial(last.shares[a], variance[nation])
        moves = moves.reshape(-1, moves.shape[2])
        out += exact.dot(exact.dot(moves, votes), moves.T).reshape(out.shape)
    return out


def _binomial(shares: Floats, multiples: Floats) -> Floats:
    """Return the covariance of a vote for one party, times multiples by party."""
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
