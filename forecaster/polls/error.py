"""How far polls lie from votes, by days to the election, estimated from past elections.

The error is the result in Great Britain minus the mean of each pollster's last poll. Polls that
ended after the day in question, and elections on that day or later, are never read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from forecaster.arrays import Floats
from forecaster.config.config import LONGEST
from forecaster.config.parameters import NationalParameters
from forecaster.errors import ConfigError
from forecaster.polls.data import AREAS, POLLED, THREE, Poll, Result, read_britain, read_results
from forecaster.polls.model import ESTIMATED, PollEstimate
from forecaster.vocabulary import GB_PARTIES, OWN_PARTY, places, suggest

FINAL = 1
"""Days from the final polls to the election: the eve."""

FINAL_WINDOW = 4
LONGEST_WINDOW = 21
"""Bounds of the window, in days, in which each pollster's last poll counts. It is as long as the
time to the election within them: four days for final polls, three weeks for polls a year ahead, of
which there would be too few otherwise."""

HORIZONS = (FINAL, 7, 14, 30, 90, 180, 365, 730)
FAR = 90
"""Days to the election from which errors count as movement in estimating its correlation."""

FEWEST = 4
"""Elections needed to estimate a correlation."""

DECAYS = np.geomspace(3, 1500, 300)


@dataclass(frozen=True)
class ErrorModel:
    """Error of the polls of Great Britain.

    ``rms(h)^2 = base^2 + growth^2 (1 - exp(-h / decay))`` for each party of `THREE`. The two parts
    have separate correlations: final polls mistake Conservatives for Labour, but movement over a
    year is of all kinds.

    Attributes
    ----------
    elections : tuple of str
        From which the error is estimated, oldest first.
    final : ndarray, shape (election, 3)
        Result minus final polls [fraction].
    counts : ndarray, shape (horizon,)
        Number of elections with polls at each of `HORIZONS`.
    observed : ndarray, shape (horizon, 3)
        Root mean square error.
    lead : ndarray, shape (horizon,)
        The same for the lead of Con over Lab.
    base, growth, decay : ndarray, shape (3,)
        The fitted curve [fraction, fraction, days].
    base_correlation, growth_correlation : ndarray, shape (3, 3)
        About zero, not about the mean: an error common to all elections is error too.
    relative, relative_growth : float
        Mean over `THREE` of ``base^2 / (share (1 - share))`` and ``growth^2 / (share (1 - share))``
        at the mean result, used for all other parties.
    """

    elections: tuple[str, ...]
    final: Floats
    counts: Floats
    observed: Floats
    lead: Floats
    base: Floats
    growth: Floats
    decay: Floats
    base_correlation: Floats
    growth_correlation: Floats
    relative: float
    relative_growth: float

    def rms(self, days: float) -> Floats:
        """Return the fitted root mean square error some days before an election, shape (3,)."""
        return np.asarray(np.sqrt(self.base**2 + self.growth**2 * _spent(days, self.decay)))

    def three(self, days: float) -> Floats:
        """Return the covariance of the errors of `THREE`, shape (3, 3)."""
        moved = self.growth * np.sqrt(_spent(days, self.decay))
        base = self.base_correlation * np.outer(self.base, self.base)
        return np.asarray(base + self.growth_correlation * np.outer(moved, moved))

    def covariance(self, shares: Floats, days: float) -> Floats:
        """Return the covariance of the errors of all parties in Great Britain, shape (8, 8).

        Too few elections tell of the other parties, so these share the gains and losses of `THREE`
        in proportion to their shares, and err among themselves so that their mean square, in units
        of ``share (1 - share)``, is that of `THREE`. The errors of all parties sum to zero. Those
        of SNP and PC are zero here and come from their nations.

        Parameters
        ----------
        shares : ndarray, shape (8,)
            Expected shares by party of `ESTIMATED`.
        days : float
            To the election.
        """
        rest, part, passed_on = _passed_on(shares)
        three = self.three(days)
        out = passed_on @ three @ passed_on.T
        relative = self.relative + self.relative_growth * _spent(days, float(self.decay.mean()))
        wanted = relative * np.sum(shares[rest] * (1 - shares[rest]))
        among = max(float(wanted - three.sum() * np.sum(part**2)), 0) / (1 - np.sum(part**2))
        out[np.ix_(rest, rest)] += among * (np.diag(part) - np.outer(part, part))
        return np.asarray(out)

    def bias(self, shares: Floats) -> Floats:
        """Return the mean error of the final polls for all parties in Great Britain, shape (8,).

        Others gain what `THREE` lose, in proportion to their expected `shares`.
        """
        _, _, passed_on = _passed_on(shares)
        return np.asarray(passed_on @ np.nanmean(self.final, axis=0))


def _passed_on(shares: Floats) -> tuple[list[int], Floats, Floats]:
    """Return who shares what `THREE` gain or lose, in which parts, and the effect on all (8, 3)."""
    left_out = (*THREE, *OWN_PARTY.values())
    rest = [i for i, party in enumerate(ESTIMATED) if party not in left_out]
    part = shares[rest] / shares[rest].sum()
    out = np.zeros((len(ESTIMATED), len(THREE)))
    out[places(THREE, ESTIMATED)] = np.eye(len(THREE))
    out[rest] = -part[:, None]
    return rest, part, out


def fit_error(as_of: date, exclude: Collection[str] = (), since: int = 1970) -> ErrorModel:
    """Estimate the polls' error from the elections before a day.

    Parameters
    ----------
    as_of : date
        Elections on this day or later, and polls that ended later, are not read.
    exclude : collection of str
        Elections to leave out, such as ``"2019"`` or ``"1974-02"``.
    since : int
        Year of the first election; the data begin in 1970.

    Raises
    ------
    ConfigError
        If an excluded election is not known, or fewer than four remain.
    """
    known = read_results(as_of)
    names = [result.election for result in known]
    for name in exclude:
        if name not in names:
            raise ConfigError(
                f"exclude: no election {name!r} before {as_of}. {suggest(name, names)}"
            )
    start = {result.election: before.day for before, result in pairwise(known)}
    results = [one for one in known if one.day.year >= since and one.election not in exclude]
    if len(results) < FEWEST:
        raise ConfigError(
            f"polling error: {len(results)} elections from {since} on lie before {as_of}; at least "
            f"{FEWEST} are needed, and the data hold results since 1970."
        )
    polls = read_britain(date.min, as_of)
    ends = [poll.end for poll in polls]
    starts = [start.get(one.election, date.min) for one in results]
    pairs = list(zip(results, starts, strict=True))
    errors = [np.array([_error(*pair, days, polls, ends) for pair in pairs]) for days in HORIZONS]
    return _fit(results, errors)


def _error(result: Result, after: date, days: int, polls: list[Poll], ends: list[date]) -> Floats:
    """Return result minus polls some days before an election, NaN if there are no polls.

    `ends` are the last days of the polls, which are in that order.
    """
    day = result.day - timedelta(days=days)
    window = min(max(days, FINAL_WINDOW), LONGEST_WINDOW)
    columns = places(THREE, POLLED)
    first = bisect_right(ends, max(after, day - timedelta(days=window)))
    latest = {
        poll.pollster: poll.shares[columns] for poll in polls[first : bisect_right(ends, day)]
    }
    if not latest:
        return np.full(len(THREE), np.nan)
    return np.asarray(result.shares - np.mean(list(latest.values()), axis=0))


def _fit(results: list[Result], errors: list[Floats]) -> ErrorModel:
    known = [rows[~np.isnan(rows).any(axis=1)] for rows in errors]
    observed = np.array([_rms(rows) for rows in known])
    base = observed[0]
    growth, decay = np.array([_curve(base[k], observed[1:, k]) for k in range(len(THREE))]).T
    far = [rows / _rms(rows) for rows, days in zip(known, HORIZONS, strict=True) if days >= FAR]
    share = np.array([result.shares for result in results]).mean(axis=0)
    return ErrorModel(
        elections=tuple(result.election for result in results),
        final=errors[0],
        counts=np.array([len(rows) for rows in known]),
        observed=observed,
        lead=np.array([_rms(rows[:, 0] - rows[:, 1]) for rows in known]),
        base=base,
        growth=growth,
        decay=decay,
        base_correlation=_correlation(known[0]),
        growth_correlation=_correlation(np.concatenate(far)),
        relative=float(np.mean(base**2 / (share * (1 - share)))),
        relative_growth=float(np.mean(growth**2 / (share * (1 - share)))),
    )


def _curve(base: float, observed: Floats) -> tuple[float, float]:
    """Return the growth and decay that best fit the mean squares, each relative to its size."""
    excess = np.maximum(observed**2 - base**2, 0)
    weight = observed**-4
    spent = _spent(np.array(HORIZONS[1:], dtype=float), DECAYS[:, None])
    squared = (spent * weight) @ excess / (spent**2 @ weight)
    loss = ((squared[:, None] * spent - excess) ** 2) @ weight
    best = int(np.argmin(loss))
    return float(np.sqrt(squared[best])), float(DECAYS[best])


def _spent(days: float | Floats, decay: float | Floats) -> Floats:
    return np.asarray(1 - np.exp(-np.asarray(days) / decay))


def _rms(errors: Floats) -> Floats:
    return np.asarray(np.sqrt(np.mean(errors**2, axis=0)))


def _correlation(errors: Floats) -> Floats:
    scaled = errors / _rms(errors)
    return np.asarray(scaled.T @ scaled / len(scaled))


@dataclass(frozen=True)
class ElectionDay:
    """Shares on a future election day.

    Attributes
    ----------
    day : date
    shares : ndarray, shape (3, 8)
        By area of `AREAS` and party of `ESTIMATED`: those of the estimate, corrected for the part
        `national.bias_correction` of the polls' past mean error.
    covariance : ndarray, shape (3, 8, 3, 8)
        Of the shares of all areas together.
    """

    day: date
    shares: Floats
    covariance: Floats


def on_election_day(
    estimate: PollEstimate, error: ErrorModel, day: date, national: NationalParameters
) -> ElectionDay:
    """Return the distribution of shares on an election day after the estimate's day.

    Parameters
    ----------
    estimate : PollEstimate
    error : ErrorModel
        Estimated from elections before the estimate's day.
    day : date
    national : NationalParameters
        Of a model file.

    Raises
    ------
    ConfigError
        If the day is not later than the estimate's, or more than five years later.
    """
    days = (day - estimate.as_of).days
    if not 0 < days <= LONGEST:
        raise ConfigError(
            f"election on {day}: expected a day after {estimate.as_of}, on which the polls are "
            "read, and within five years of it."
        )
    covariance = estimate.covariance + polling_error(estimate.shares, error, days, national)
    for a in range(len(AREAS)):
        covariance[a, :, a] += days * estimate.own_steps[a]
    correction = national.bias_correction.value
    shares = estimate.shares.copy()
    if correction:
        shares += correction * _nations_share(national) @ error.bias(shares[0])
        shares = np.maximum(shares, 0)
        shares /= shares.sum(axis=1, keepdims=True)
    return ElectionDay(day, shares, covariance)


def polling_error(
    shares: Floats, error: ErrorModel, days: float, national: NationalParameters
) -> Floats:
    """Return the covariance of the polls' errors in all areas, shape (3, 8, 3, 8).

    Scotland and Wales share in Great Britain's error (`national.response`) and have errors of their
    own; Great Britain's figures for SNP and Plaid follow those of their nations.

    Parameters
    ----------
    shares : ndarray, shape (3, 8)
        Expected shares by area of `AREAS` and party of `ESTIMATED`.
    error : ErrorModel
    days : float
        To the election.
    national : NationalParameters
    """
    size = len(ESTIMATED)
    britain = error.covariance(shares[0], days)
    passed_on = _nations_share(national)
    alone = []
    for a, nation in enumerate(AREAS[1:], start=1):
        sd = (national.scotland_sd if nation == "Scotland" else national.wales_sd).value
        parties = (*GB_PARTIES, OWN_PARTY[nation])
        for column, party in zip(_closing(parties).T, parties, strict=True):
            moves = np.zeros((len(AREAS), size))
            moves[a] = column * sd.get(party, 0) / 100
            if party == OWN_PARTY[nation]:
                own = ESTIMATED.index(party)
                moves[0] = moves[a] * shares[0, own] / max(shares[a, own], 1e-9)
            alone.append(moves)
    shared = np.einsum("apr,rs,bqs->apbq", passed_on, britain, passed_on)
    return np.asarray(shared + np.einsum("kap,kbq->apbq", alone, alone))


def _nations_share(national: NationalParameters) -> Floats:
    """Return the effect of an error in Great Britain on the areas, shape (area, party, party)."""
    out = np.zeros((len(AREAS), len(ESTIMATED), len(ESTIMATED)))
    out[0] = np.eye(len(ESTIMATED))
    for a, nation in enumerate(AREAS[1:], start=1):
        response = getattr(national.response.value, nation)
        out[a, :, : len(GB_PARTIES)] = _closing(GB_PARTIES) * response
    return out


def _closing(parties: tuple[str, ...]) -> Floats:
    """Return the effect of parties' errors on all, shape (8, party): Other gains what they lose."""
    out = np.zeros((len(ESTIMATED), len(parties)))
    out[places(parties, ESTIMATED), range(len(parties))] = 1
    out[-1] = -1
    return out
