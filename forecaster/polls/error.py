"""The error of polls by days to the election, estimated from past elections.

The error is the result in Great Britain minus the shares expected from polls, by the same rule that
estimates shares today (`forecaster.polls.model.britain_by_day`). Polls that ended after the day in
question, and elections on that day or later, are never read.
"""

from __future__ import annotations

from bisect import bisect, bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from forecaster.arrays import Floats, Ints
from forecaster.config.config import LONGEST
from forecaster.config.parameters import NationalParameters
from forecaster.errors import ConfigError
from forecaster.kernels import exact
from forecaster.polls.data import AREAS, THREE, Poll, Result, polls_of, read_results, result_before
from forecaster.polls.model import ESTIMATED, PollEstimate, britain_by_day, closing
from forecaster.vocabulary import BRITISH_PARTIES, OWN_PARTY, POLLED, places, suggest

FINAL = 1
"""Days from the final polls to the election: the eve."""

OLDEST = 21
"""An election is left out at a horizon if its newest poll is older than this [days]: its error is
that of a longer horizon. Until the 1980s polls could be four weeks apart. Judgement."""

HORIZONS = (FINAL, 7, 14, 30, 90, 180, 365, 730)
"""Days before an election at which the error is estimated."""

FEWEST = 4
"""Fewest elections from which an error is estimated."""

OTHERS = tuple(p for p in ESTIMATED if p not in (*THREE, *OWN_PARTY.values()))
"""Parties of Great Britain that are not in all polls since 1970."""

NO_SHARES = np.full(len(THREE), np.nan)


@dataclass(frozen=True)
class ErrorModel:
    """The difference between the result in Great Britain and the shares expected from polls.

    Polls move further from the last election than votes do: the expected change of a party is the
    polled change times a *slope*, ``level - fall log(days)``. The remaining error has the
    covariance of one vote, ``share (1 - share)`` for a party and ``- share share`` for two, times
    the square of a *deviation* that grows with the days, ``base + growth log(days)``.
    """

    elections: tuple[str, ...]
    """The elections from which the error is estimated, oldest first."""
    final: Floats
    """Result minus final polls [fraction], shape (election, 3)."""
    counts: Ints
    """Number of elections with polls at each of `HORIZONS`, shape (horizon,)."""
    slopes: Floats
    """Slope fitted to each horizon alone, shape (horizon,)."""
    observed: Floats
    """Root mean square error, each with the slope estimated from the others, shape (horizon, 3)."""
    lead: Floats
    """The same for the lead of Con over Lab, shape (horizon,)."""
    level: float
    """Coefficients of the slope."""
    fall: float
    base: float
    """Coefficients of the deviation, in units of the standard deviation of one vote."""
    growth: float

    def slope(self, days: float) -> float:
        """Return the part of the polled change since the last election that is expected to last."""
        return float(np.clip(self.level - self.fall * float(exact.log(days)), 0, 1))

    def rms(self, shares: Floats, days: float) -> Floats:
        """Return the fitted root mean square errors of parties with these shares."""
        return np.asarray(self.deviation(days) * np.sqrt(shares * (1 - shares)))

    def deviation(self, days: float) -> float:
        """Return the error's standard deviation in units of that of one vote."""
        return float(self.base + self.growth * float(exact.log(days)))

    def correction(self, shares: Floats, last: Floats, days: float) -> Floats:
        """Return expected less polled shares in Great Britain, shape (9,); they sum to zero.

        The slope applies to `THREE`. `OTHERS`, for which past elections give no slope, share what
        `THREE` gain or lose in proportion; SNP and PC stay the same.

        `shares`, shape (9,): polled shares by party of `ESTIMATED`. `last`, shape (3,): shares of
        `THREE` at the last election. `days`: days to the election.
        """
        three = places(THREE, ESTIMATED)
        out = np.zeros(len(ESTIMATED))
        out[three] = (self.slope(days) - 1) * (shares[three] - last)
        rest = places(OTHERS, ESTIMATED)
        out[rest] = -out.sum() * shares[rest] / shares[rest].sum()
        return out

    def covariance(self, shares: Floats, days: float) -> Floats:
        """Return the covariance of the errors of all parties in Great Britain, shape (9, 9).

        The errors of all parties sum to zero. Those of SNP and PC are zero here and come from
        their nations.

        `shares`, shape (9,): expected shares by party of `ESTIMATED`. `days`: days to the election.
        """
        of_all = np.where(np.isin(ESTIMATED, list(OWN_PARTY.values())), 0, shares)
        of_all = of_all / of_all.sum()
        deviation = self.deviation(days)
        return deviation * deviation * (np.diag(of_all) - np.outer(of_all, of_all))


def fit_error(as_of: date, exclude: Collection[str] = (), regression: float = 1.0) -> ErrorModel:
    """Estimate the polls' error from the elections before a day.

    `as_of`: elections on this day or later, and polls that ended later, are not read. `exclude`:
    elections to leave out, such as ``"2019"`` or ``"1974-02"``. `regression`: how much of the
    correction by past slopes to apply, from 0 (polls unchanged) to 1.

    Raises ConfigError if an excluded election is not known, or fewer than four remain.
    """
    known = read_results(as_of)
    names = [result.election for result in known]
    for name in exclude:
        if name not in names:
            raise ConfigError(
                f"exclude: no election {name!r} before {as_of}. {suggest(name, names)}"
            )
    results = [one for one in known if one.election not in exclude]
    if len(results) < FEWEST:
        raise ConfigError(
            f"polling error: {len(results)} elections from 1970 on lie before {as_of}; at least "
            f"{FEWEST} are needed, and the data hold results since 1970."
        )
    before = {after.election: one for one, after in pairwise(known)}
    last = [before.get(one.election, Result("", date.min, NO_SHARES)) for one in results]
    every = polls_of("GB", min(one.day for one in last), as_of)
    ends = [poll.end for poll in every]
    polled = []
    for result, first in zip(results, last, strict=True):
        polls = every[bisect(ends, first.day) : bisect_left(ends, result.day)]
        polled.append(_polled(polls, [result.day - timedelta(days=h) for h in HORIZONS]))
    shares = np.array([one.shares for one in last])
    return _fit(results, np.swapaxes(polled, 0, 1), shares, regression)


def _polled(polls: Sequence[Poll], days: Sequence[date]) -> Floats:
    """Return shares of `THREE` on some days, shape (day, 3); NaN where all polls are old.

    The polls are those of a parliament, in the order of their last day.
    """
    shares = britain_by_day(polls, days, np.full(len(POLLED), np.nan))
    ends, out = [poll.end for poll in polls], []
    for day in days:
        past = bisect(ends, day)
        fresh = past and (day - ends[past - 1]).days <= OLDEST
        out.append(shares[day][places(THREE, POLLED)] if fresh else NO_SHARES)
    return np.array(out)


def _fit(results: list[Result], polled: Floats, last: Floats, regression: float) -> ErrorModel:
    """Fit slope and error to polled shares (horizon, election, 3) and last ones (election, 3)."""
    actual = np.array([result.shares for result in results])
    moved, came = polled - last, actual - last
    as_they_are = (1 - regression) * np.array([1.0, 0.0])
    whole = as_they_are + regression * _slope(moved, came)
    every = np.arange(len(results))
    without = [
        as_they_are + regression * _slope(moved[:, every != i], came[every != i]) for i in every
    ]
    slopes = np.array([_slope_at(one) for one in without])
    errors = came - slopes.T[:, :, None] * moved
    known = [rows[~np.isnan(rows).any(axis=1)] for rows in errors]
    vote = (actual * (1 - actual)).mean(axis=0)
    observed = np.array([_rms(rows) for rows in known])
    base, growth = _growth(np.sqrt((observed**2 / vote).mean(axis=1)))
    each = np.nansum(moved * came, axis=(1, 2)) / np.nansum(moved**2, axis=(1, 2))
    return ErrorModel(
        elections=tuple(result.election for result in results),
        final=actual - polled[0],
        counts=np.array([len(rows) for rows in known]),
        slopes=each,
        observed=observed,
        lead=np.array([_rms(rows[:, 0] - rows[:, 1]) for rows in known]),
        level=float(whole[0]),
        fall=float(whole[1]),
        base=base,
        growth=growth,
    )


def _slope(moved: Floats, came: Floats) -> Floats:
    """Return level and fall of the slope by least squares, weighted by 1 / MSE of each horizon."""
    rows = ~np.isnan(moved)
    weight = 1 / np.nanmean((came - moved) ** 2, axis=(1, 2))
    log = exact.log(HORIZONS)[:, None, None]
    design = np.stack([moved, -log * moved], axis=-1) * np.sqrt(weight)[:, None, None, None]
    wanted = (came * np.sqrt(weight)[:, None, None])[rows]
    return exact.least_squares(design[rows], wanted)


def _slope_at(coefficients: Floats) -> Floats:
    return np.asarray(np.clip(coefficients[0] - coefficients[1] * exact.log(HORIZONS), 0, 1))


def _growth(observed: Floats) -> tuple[float, float]:
    """Return base (the value on the eve) and growth (by least squares) of the deviation."""
    log = exact.log(HORIZONS)
    rise = exact.dot(log, observed - observed[0])
    return float(observed[0]), float(rise / exact.dot(log, log))


def _rms(errors: Floats) -> Floats:
    return np.asarray(np.sqrt(np.mean(errors**2, axis=0)))


@dataclass(frozen=True)
class ElectionDay:
    """Shares on a future election day."""

    day: date
    shares: Floats
    """By `AREAS` and `ESTIMATED`: the estimate with `ErrorModel.correction`, shape (3, 9)."""
    covariance: Floats
    """Covariance of the shares of all areas, shape (3, 9, 3, 9)."""


def on_election_day(
    estimate: PollEstimate, error: ErrorModel, day: date, national: NationalParameters
) -> ElectionDay:
    """Return the distribution of shares on an election day after the estimate's day.

    `error`: estimated from elections before the estimate's day.

    Raises ConfigError if the day is not later than the estimate's, or more than five years later.
    """
    days = (day - estimate.as_of).days
    if not 0 < days <= LONGEST:
        raise ConfigError(
            f"election on {day}: expected a day after {estimate.as_of}, on which the polls are "
            "read, and within five years of it."
        )
    moved = estimate.covariance + days * estimate.own_steps
    covariance = moved + polling_error(estimate.shares, error, days, national)
    last = result_before(estimate.as_of).shares
    correction = error.correction(estimate.shares[0], last, days)
    shares = np.maximum(estimate.shares + exact.dot(_nations_share(national), correction), 0)
    return ElectionDay(day, shares / shares.sum(axis=1, keepdims=True), covariance)


def polling_error(
    shares: Floats, error: ErrorModel, days: float, national: NationalParameters
) -> Floats:
    """Return the covariance of the polls' errors in all areas, shape (3, 9, 3, 9).

    Scotland and Wales have part of Great Britain's error (`national.response`) and errors of their
    own. The errors of SNP and Plaid in Great Britain follow from those in their nations.

    `shares`, shape (3, 9): expected shares by area of `AREAS` and party of `ESTIMATED`. `days`:
    days to the election.
    """
    size = len(ESTIMATED)
    britain = error.covariance(shares[0], days)
    passed_on = _nations_share(national)
    alone = []
    for a, nation in enumerate(AREAS[1:], start=1):
        sd = (national.scotland_sd if nation == "Scotland" else national.wales_sd).value
        parties = (*BRITISH_PARTIES, OWN_PARTY[nation])
        for column, party in zip(closing(parties).T, parties, strict=True):
            moves = np.zeros((len(AREAS), size))
            moves[a] = column * sd.get(party, 0) / 100
            if party == OWN_PARTY[nation]:
                own = ESTIMATED.index(party)
                moves[0] = moves[a] * shares[0, own] / max(shares[a, own], 1e-9)
            alone.append(moves)
    flat, own_moves = passed_on.reshape(-1, size), np.reshape(alone, (len(alone), -1))
    covariance = exact.dot(exact.dot(flat, britain), flat.T) + exact.dot(own_moves.T, own_moves)
    return covariance.reshape(len(AREAS), size, len(AREAS), size)


def _nations_share(national: NationalParameters) -> Floats:
    """Return the effect of an error in Great Britain on the areas, shape (area, party, party)."""
    out = np.zeros((len(AREAS), len(ESTIMATED), len(ESTIMATED)))
    out[0] = np.eye(len(ESTIMATED))
    for a, nation in enumerate(AREAS[1:], start=1):
        response = getattr(national.response.value, nation)
        out[a, :, : len(BRITISH_PARTIES)] = closing(BRITISH_PARTIES) * response
    return out
