"""The Kalman filter: the distribution of a state that moves, seen through noisy polls."""

from __future__ import annotations

import numpy as np

from forecaster.arrays import Floats


class Filter:
    """A normal distribution of a state, updated in the order of time.

    R. E. Kalman, A New Approach to Linear Filtering and Prediction Problems (1960), in the
    notation of Durbin and Koopman, Time Series Analysis by State Space Methods (2012), 4.3.

    Parameters
    ----------
    mean : ndarray, shape (state,)
    covariance : ndarray, shape (state, state)
        What is known before the first observation. Both are copied.

    Attributes
    ----------
    mean, covariance : ndarray
        What is known after the last observation seen.
    """

    def __init__(self, mean: Floats, covariance: Floats) -> None:
        self.mean = np.array(mean, dtype=float)
        self.covariance = np.array(covariance, dtype=float)

    def move(self, variance: Floats, days: int) -> None:
        """Let the first states walk at random for some days.

        Parameters
        ----------
        variance : ndarray, shape (moving, moving)
            Covariance of one day's steps; the states after the first `moving` stand still.
        days : int
        """
        n = len(variance)
        self.covariance[:n, :n] += days * variance

    def see(self, rows: Floats, values: Floats, noise: Floats) -> None:
        """Learn from ``values = rows @ state + error``.

        Parameters
        ----------
        rows : ndarray, shape (value, state)
        values : ndarray, shape (value,)
        noise : ndarray, shape (value, value)
            Covariance of the error.
        """
        innovation = values - rows @ self.mean
        seen = self.covariance @ rows.T
        expected = rows @ seen + noise
        gain = np.linalg.solve(expected, seen.T).T
        self.mean += gain @ innovation
        self.covariance -= gain @ seen.T
