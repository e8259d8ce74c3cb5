"""How good probabilities were, once the result is known.

References
----------
Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78
(1950), p. 1. Gneiting and Raftery, "Strictly proper scoring rules, prediction, and estimation",
Journal of the American Statistical Association 102 (2007), p. 359. Ferro, "Fair scores for ensemble
forecasts", Quarterly Journal of the Royal Meteorological Society 140 (2014), p. 1917.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BANDS = (("safe", 0.95), ("likely", 0.75), ("leaning", 0.60), ("toss-up", 0.0))
"""Bands of a favourite's chance, by their lower end."""

MOST_PAIRED = 10_000
"""Draws of which the energy score compares every pair; of more, as many are taken evenly."""

ROWS = 500
"""Draws whose distances to all others are in memory together (40 MB)."""


def brier(chances: Floats, winner: Ints) -> float:
    """Return the mean multi-class Brier score, from 0 (certain and right) to 2.

    ``sum_p (chance_p - won_p)^2``, averaged over seats (Brier 1950, equation 2).

    Parameters
    ----------
    chances : ndarray, shape (seat, party)
    winner : ndarray of int, shape (seat,)
        Position on the party axis.
    """
    won = np.zeros_like(chances)
    won[np.arange(len(winner)), winner] = 1
    return float(((chances - won) ** 2).sum(1).mean())


def log_score(chances: Floats, winner: Ints, draws: int) -> float:
    """Return the mean of minus the logarithm of the winner's chance; smaller is better.

    A party that won in none of `draws` simulated elections counts as half a win in one more
    (Gneiting and Raftery 2007, section 4.1, with the mean under Jeffreys' prior).
    """
    given = chances[np.arange(len(winner)), winner]
    return float(-np.log((given * draws + 0.5) / (draws + 1)).mean())


def crps(draws: npt.NDArray[Any], actual: float) -> float:
    """Return the continuous ranked probability score of draws, in their unit; smaller is better.

    ``E|X - y| - E|X - X'| / 2`` (Gneiting and Raftery 2007, equation 21), where X and X' are two
    different draws, so that its mean does not depend on how many there are (Ferro 2014).

    Parameters
    ----------
    draws : ndarray, shape (draw,)
    actual : float
    """
    ordered = np.sort(draws.astype(float))
    n = len(ordered)
    # E|X - X'| over all pairs, from the order statistics.
    spread = 2 * (ordered * (2 * np.arange(1, n + 1) - n - 1)).sum() / (n * max(n - 1, 1))
    return float(np.abs(ordered - actual).mean() - spread / 2)


def energy_score(draws: npt.NDArray[Any], actual: npt.NDArray[Any]) -> float:
    """Return the energy score of draws of a vector, in their unit; smaller is better.

    ``E|X - y| - E|X - X'| / 2`` with the Euclidean distance (Gneiting and Raftery 2007, equation
    22 with beta = 1): the CRPS of many quantities that are forecast together. X and X' are two
    different draws, as in `crps`: every pair of them, or of `MOST_PAIRED` taken evenly if there
    are more.

    Parameters
    ----------
    draws : ndarray, shape (draw, quantity)
    actual : ndarray, shape (quantity,)
    """
    # Reports read `BANDS` here, and shall not wait for SciPy.
    from scipy.spatial.distance import cdist

    away = np.linalg.norm(draws - actual, axis=1).mean()
    paired = draws[:: -(-len(draws) // MOST_PAIRED)].astype(float)
    n = len(paired)
    total = sum(cdist(paired[i : i + ROWS], paired).sum() for i in range(0, n, ROWS))
    return float(away - total / (n * max(n - 1, 1)) / 2)


def inside(draws: npt.NDArray[Any], actual: float, level: float) -> bool:
    """Return whether the central interval of the draws at `level` holds the actual value."""
    low, high = np.quantile(draws, ((1 - level) / 2, (1 + level) / 2))
    return bool(low <= actual <= high)


def favourites(chances: Floats) -> Floats:
    """Return one for the largest chance of each row, shared by those that tie; zero for others."""
    level = chances == chances.max(1, keepdims=True)
    return np.asarray(level / level.sum(1, keepdims=True))


def called(chances: Floats, winner: Ints) -> float:
    """Return in how many seats the favourite won; one of two that tie is half a favourite."""
    number = float(favourites(chances)[np.arange(len(winner)), winner].sum())
    return int(number) if number.is_integer() else number


def band_rows(chances: Floats, winner: Ints) -> list[dict[str, Any]]:
    """Return a row per band of `BANDS`: seats, mean chance of the favourite, how many won."""
    chance = chances.max(1)
    right = favourites(chances)[np.arange(len(winner)), winner]
    rows, above = [], 1.01
    for name, lowest in BANDS:
        here = (chance >= lowest) & (chance < above)
        above = lowest
        rows.append(
            {
                "band": name,
                "seats": int(here.sum()),
                "forecast": float(chance[here].mean()) if here.any() else None,
                "observed": float(right[here].mean()) if here.any() else None,
            }
        )
    return rows


def reliability_rows(chances: Floats, winner: Ints, bins: int = 10) -> list[dict[str, Any]]:
    """Return a row per bin of forecast chances of all parties: how many, forecast and observed.

    Chances below a thousandth are left out: they are most, and tell nothing.
    """
    won = np.zeros_like(chances)
    won[np.arange(len(winner)), winner] = 1
    used = chances >= 0.001
    chance, came_true = chances[used], won[used]
    which = np.minimum((chance * bins).astype(int), bins - 1)
    rows = []
    for b in range(bins):
        here = which == b
        if here.any():
            p = float(chance[here].mean())
            rows.append(
                {
                    "from": b / bins,
                    "to": (b + 1) / bins,
                    "chances": int(here.sum()),
                    "forecast": p,
                    "observed": float(came_true[here].mean()),
                    "sampling_error": float(np.sqrt(p * (1 - p) / here.sum())),
                }
            )
    return rows
