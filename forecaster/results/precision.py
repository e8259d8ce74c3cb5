"""Monte Carlo standard errors of means over simulated elections."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from forecaster.arrays import Floats
from forecaster.kernels.layout import FOURS, LANES, TURNS
from forecaster.vocabulary import MAJORITY


def standard_error(values: Any, cluster: int = 1) -> float:
    """Return the Monte Carlo standard error of the mean over draws.

    The error comes from the spread of the means of clusters (see `Config.cluster`), which are
    independent (Owen, *Monte Carlo theory, methods and examples*, chapter 17). With clusters of 1,
    it comes from the means of fours, which share the seats' random numbers, if there is at least a
    block of them. A selection of draws, and the draws of councils, have no fours; their error is
    still right on average.
    """
    values = np.asarray(values)
    if cluster == 1:
        if len(values) < LANES:  # too few fours to estimate their spread
            return float(np.std(values) / np.sqrt(len(values)))
        whole = _fours(values[: len(values) // LANES * LANES])
        return float(np.std(whole.mean(1), ddof=1) / np.sqrt(len(values) / TURNS))
    means = np.reshape(values, (-1, cluster)).mean(1)
    return float(np.std(means, ddof=1) / np.sqrt(len(means)))


def probability(happened: Any, cluster: int = 1) -> tuple[float, float]:
    """Return the mean over draws of an event (0, 1, or a part), and its standard error."""
    total = float(happened.sum())
    fours = _fours(np.asarray(happened, float))
    twice = (fours.sum(1) ** 2 - (fours**2).sum(1)).sum() / 2
    error = float(monte_carlo_error(np.array(total), len(happened), twice))
    if cluster > 1 and 0 < total < len(happened):
        error = standard_error(happened, cluster)
    return total / len(happened), error


def chance(key: str, happened: Any, cluster: int = 1) -> dict[str, float]:
    """Return `probability` as the cells ``key`` and ``key_mcse`` of a row."""
    part, error = probability(happened, cluster)
    return {key: part, f"{key}_mcse": error}


def average(key: str, values: Any, cluster: int = 1) -> dict[str, float]:
    """Return the mean over draws and its standard error as the cells ``key`` and ``key_mcse``."""
    return {key: float(values.mean()), f"{key}_mcse": standard_error(values, cluster)}


def interval(values: Any, key: str = "") -> dict[str, int]:
    """Return the 90 % interval over draws, rounded, as the cells ``key_p5`` and ``key_p95``."""
    low, high = np.quantile(values, (0.05, 0.95))
    return {f"{key}_p5".lstrip("_"): round(low), f"{key}_p95".lstrip("_"): round(high)}


def holder(seats: Any) -> Any:
    """Return the index of the party or side with a majority in each draw; -1 if none has one.

    `seats` has shape (draw, party or side).
    """
    return np.where((seats >= MAJORITY).any(axis=1), seats.argmax(axis=1), -1)


def monte_carlo_error(successes: Any, draws: Any, twice: Any = None) -> Floats:
    """Return the standard error of a probability estimated by counting draws.

    ``sqrt(p (1 - p) / n)`` with ``p = (successes + 1/2) / (n + 1)`` (the mean under Jeffreys'
    prior), so that it is not zero if the event always or never happened.

    `twice`: pairs of draws of a four in which it happened twice, which give the covariance within
    fours; without it, draws count as independent.
    """
    p = (successes + 0.5) / (draws + 1)
    variance = p * (1 - p)
    if twice is not None and draws >= LANES:
        blocks, rest = divmod(draws, LANES)
        pairs = sum(
            blocks * (LANES - turn * FOURS) + max(rest - turn * FOURS, 0)
            for turn in range(1, TURNS)
        )
        # The square of an estimate is too large by its variance, about that of independent draws.
        covariance = twice / pairs - (successes / draws) ** 2 + variance / draws
        variance = np.maximum(variance + 2 * pairs / draws * covariance, 0)
    return np.asarray(np.sqrt(variance / np.maximum(draws, 1)))


def _fours(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the values of draws that share seats' random numbers, shape (four, turn).

    A last block that is not whole is filled up with zeros.
    """
    filled = np.pad(values, (0, -len(values) % LANES))
    return filled.reshape(-1, TURNS, FOURS).swapaxes(1, 2).reshape(-1, TURNS)


def cluster_error(successes: npt.NDArray[Any], trials: Any) -> Floats:
    """Return the standard error of a ratio of sums over clusters of draws.

    It comes from the residuals of the clusters (Cochran, *Sampling Techniques*, 1977, equation
    6.13), or is that of independent draws if the event always or never happened.

    `successes` has shape (cluster, …). `trials`: number of draws, or of those in which it could
    happen.
    """
    clusters = len(successes)
    trials = np.broadcast_to(trials, successes.shape)
    total, every = successes.sum(0), trials.sum(0)
    residual = successes - trials * (total / np.maximum(every, 1))
    spread = np.sqrt(clusters / (clusters - 1) * (residual**2).sum(0)) / np.maximum(every, 1)
    certain = (total == 0) | (total == every)
    return np.asarray(np.where(certain, monte_carlo_error(total, every), spread))
