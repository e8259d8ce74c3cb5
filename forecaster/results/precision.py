"""How far an average over simulated elections may be from that over infinitely many."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from forecaster.arrays import Floats


def standard_error(values: Any, cluster: int = 1) -> float:
    """Return the Monte Carlo standard error of the mean over draws.

    Parameters
    ----------
    values : array_like, shape (draw,)
    cluster : int
        As `Config.cluster`: the means of the clusters are independent of one
        another, so it is they that are compared (Owen, *Monte Carlo theory, methods and examples*,
        chapter 17).
    """
    means = np.reshape(values, (-1, cluster)).mean(1)
    # Of few means the variance would come out too small.
    return float(np.std(means, ddof=0 if cluster == 1 else 1) / np.sqrt(len(means)))


def probability(happened: Any, cluster: int = 1) -> tuple[float, float]:
    """Return the mean over draws of something that happens (or in part), and its standard error."""
    total = float(happened.sum())
    error = float(monte_carlo_error(np.array(total), len(happened)))
    if cluster > 1 and 0 < total < len(happened):
        error = standard_error(happened, cluster)
    return total / len(happened), error


def monte_carlo_error(successes: npt.NDArray[Any], draws: Any) -> Floats:
    """Return the standard error of a probability estimated by counting independent draws.

    ``sqrt(p (1 - p) / n)`` with ``p = (successes + 1/2) / (n + 1)`` (the mean under Jeffreys'
    prior), so that it is not zero where something always or never happened.
    """
    p = (successes + 0.5) / (draws + 1)
    return np.asarray(np.sqrt(p * (1 - p) / np.maximum(draws, 1)))


def cluster_error(successes: npt.NDArray[Any], trials: Any) -> Floats:
    """Return the standard error of a ratio of sums over clusters of draws.

    Parameters
    ----------
    successes : ndarray, shape (cluster, …)
    trials : int or ndarray of that shape
        Draws, or those in which it could happen.

    Returns
    -------
    ndarray, shape (…)
        From the residuals of the clusters (Cochran, *Sampling Techniques*, 1977, equation 6.13);
        as of independent draws where something always or never happened.
    """
    clusters = len(successes)
    trials = np.broadcast_to(trials, successes.shape)
    total, every = successes.sum(0), trials.sum(0)
    residual = successes - trials * (total / np.maximum(every, 1))
    spread = np.sqrt(clusters / (clusters - 1) * (residual**2).sum(0)) / np.maximum(every, 1)
    certain = (total == 0) | (total == every)
    return np.asarray(np.where(certain, monte_carlo_error(total, every), spread))
