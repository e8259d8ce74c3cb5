"""How fast opinion moves, how far pollsters differ, and how much polls err beyond their samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecaster.arrays import Floats
from forecaster.polls.data import POLLED, Poll
from forecaster.vocabulary import GB_PARTIES

POLLS = 300
"""Polls before the day that are used: about a year's in most parliaments."""

USUAL_SAMPLE = 1500
"""Respondents of a poll that states no sample size; the median of those that do is 1,700."""

LISTED = 0.95
"""A party that a smaller part of the polls list takes the other parties' mean."""

TYPICAL = (2e-5, 1.5e-3, 6e-4)
"""Walk, house and excess in most parliaments since 2010; judgement."""

DOUBT = 1.0
"""Standard deviation of the logarithm about `TYPICAL`, which allows a factor of seven either way.
A year of polls outweighs this prior, which keeps variances from vanishing when polls are few."""

ROUNDS = 50


@dataclass(frozen=True)
class Variances:
    """Three variances by party, each as a multiple of ``share (1 - share)``.

    Multiples of the binomial variance are nearly the same for large and small parties, so a party
    that few polls list can take the mean of the others.

    Attributes
    ----------
    walk : ndarray, shape (7,)
        Of one day's step.
    house : ndarray, shape (7,)
        Between pollsters.
    excess : ndarray, shape (7,)
        Of a poll beyond sampling: rounding, weighting, varying methods.
    """

    walk: Floats
    house: Floats
    excess: Floats


def estimate_variances(polls: Sequence[Poll]) -> Variances:
    """Estimate the variances of the last `POLLS` polls by restricted maximum likelihood.

    Every party is estimated on its own; the polls may come from several parliaments.

    Parameters
    ----------
    polls : sequence of Poll
        Polls of Great Britain in the order of time; at least three.
    """
    chosen = polls[-POLLS:]
    shares = np.array([poll.shares for poll in chosen])
    sizes = np.array([poll.sample or USUAL_SAMPLE for poll in chosen], dtype=float)
    days = np.array([poll.middle for poll in chosen], dtype=float)
    names = sorted({poll.pollster for poll in chosen})
    houses = np.array([[poll.pollster == name for name in names] for poll in chosen], dtype=float)
    out = np.full((len(POLLED), 3), np.nan)
    for k in range(len(GB_PARTIES)):
        listed = ~np.isnan(shares[:, k])
        if listed.mean() >= LISTED:
            share = shares[listed, k].mean()
            scaled = shares[listed, k] / np.sqrt(share * (1 - share))
            out[k] = fit(scaled, days[listed], houses[listed], 1 / sizes[listed])
    out = np.where(np.isnan(out), np.nanmean(out, axis=0), out)
    return Variances(*out.T)


def fit(values: Floats, days: Floats, houses: Floats, sampling: Floats) -> Floats:
    """Return the likeliest variances of step, house and excess, given the values.

    The values are a random walk from an unknown start, plus a random effect of the pollster, plus
    noise. The method is average-information REML (Gilmour, Thompson and Cullis 1995) on the
    logarithms, with a log-normal prior about `TYPICAL`.

    Parameters
    ----------
    values, days : ndarray, shape (poll,)
    houses : ndarray, shape (poll, pollster)
        1 where the poll is the pollster's.
    sampling : ndarray, shape (poll,)
        Known part of the noise variance.

    Returns
    -------
    ndarray, shape (3,)
    """
    elapsed = days - days.min()
    parts = (np.minimum.outer(elapsed, elapsed), houses @ houses.T, np.eye(len(values)))
    typical = np.log(TYPICAL)
    logs = typical
    for _ in range(ROUNDS):
        scaled = [np.exp(log) * part for log, part in zip(logs, parts, strict=True)]
        inverse = np.linalg.inv(np.diag(sampling) + sum(scaled))
        ones = inverse.sum(axis=1)
        projection = inverse - np.outer(ones, ones) / ones.sum()
        weights = projection @ values
        pulls = np.array([part @ weights for part in scaled])
        slope = pulls @ weights / 2 - [np.sum(projection * part) / 2 for part in scaled]
        curvature = pulls @ projection @ pulls.T / 2
        step = np.linalg.solve(
            curvature + np.eye(3) / DOUBT**2, slope - (logs - typical) / DOUBT**2
        )
        logs = logs + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-3:
            break
    return np.exp(logs)
