"""Score probabilities against the result.

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

from forecaster.arrays import Floats, Ints

BANDS = (("safe", 0.95), ("likely", 0.75), ("leaning", 0.60), ("toss-up", 0.0))
"""Bands of a favourite's chance, by their lower end."""

MOST_PAIRED = 10_000
"""Most draws of which the energy score compares all pairs; of more, evenly spaced ones are used."""

ROWS = 500
"""Draws whose distances to all others are held in memory at a time (40 MB)."""


def brier(chances: Floats, winner: Ints) -> float:
    """Return the mean multi-class Brier score, from 0 (certain and right) to 2.

    ``sum_p (chance_p - won_p)^2``, averaged over seats (Brier 1950, equation 2).

    `chances` has shape (seat, party). `winner`, shape (seat,): index on the party axis.
    """
    won = np.zeros_like(chances)
    won[np.arange(len(winner)), winner] = 1
    return float(((chances - won) ** 2).sum(1).mean())


def log_score(chances: Floats, winner: Ints, draws: int) -> float:
    """Return the mean negative logarithm of the winner's chance; smaller is better.

    Chances are means under Jeffreys' prior, so that a party that never won in `draws` simulated
    elections has half a win in one more (Gneiting and Raftery 2007, section 4.1).
    """
    given = chances[np.arange(len(winner)), winner]
    return float(-np.log((given * draws + 0.5) / (draws + 1)).mean())


def crps(draws: npt.NDArray[Any], actual: float) -> float:
    """Return the continuous ranked probability score of draws, in their unit; smaller is better.

    ``E|X - y| - E|X - X'| / 2`` (Gneiting and Raftery 2007, equation 21), where X and X' are two
    different draws, so that its expectation does not depend on their number (Ferro 2014).

    `draws` has shape (draw,).
    """
    ordered = np.sort(draws.astype(float))
    n = len(ordered)
    # E|X - X'| over all pairs, from the order statistics.
    spread = 2 * (ordered * (2 * np.arange(1, n + 1) - n - 1)).sum() / (n * max(n - 1, 1))
    return float(np.abs(ordered - actual).mean() - spread / 2)


def energy_score(draws: npt.NDArray[Any], actual: npt.NDArray[Any]) -> float:
    """Return the energy score of draws of a vector, in their unit; smaller is better.

    ``E|X - y| - E|X - X'| / 2`` with the Euclidean distance (Gneiting and Raftery 2007, equation
    22 with beta = 1): the CRPS of several quantities that are forecast together. X and X' are two
    different draws, as in `crps`; if there are more than `MOST_PAIRED`, of evenly spaced ones.

    `draws` has shape (draw, quantity). `actual` has shape (quantity,).
    """
    # Imported here so that reports, which use `BANDS`, need not load SciPy.
    from scipy.spatial.distance import cdist

    away = np.linalg.norm(draws - actual, axis=1).mean()
    paired = draws[:: -(-len(draws) // MOST_PAIRED)].astype(float)
    n = len(paired)
    total = sum(cdist(paired[i : i + ROWS], paired).sum() for i in range(0, n, ROWS))
    return float(away - total / (n * max(n - 1, 1)) / 2)


def inside(draws: npt.NDArray[Any], actual: float, level: float) -> bool:
    """Return whether the actual value lies in the central interval of the draws at `level`."""
    low, high = np.quantile(draws, ((1 - level) / 2, (1 + level) / 2))
    return bool(low <= actual <= high)


def favourites(chances: npt.NDArray[Any]) -> Floats:
    """Return 1 for the largest value of each row, divided equally between ties; 0 for others."""
    level = chances == chances.max(1, keepdims=True)
    return np.asarray(level / level.sum(1, keepdims=True))


def called(chances: Floats, winner: Ints) -> float:
    """Return the number of seats that the favourite won; each of two that tie counts as half."""
    number = float(favourites(chances)[np.arange(len(winner)), winner].sum())
    return int(number) if number.is_integer() else number


def band_rows(chances: Floats, winner: Ints) -> list[dict[str, Any]]:
    """Return a row per band of `BANDS`: seats, mean chance of the favourite, and part that won."""
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
    """Return a row per bin of chances of all parties: number, mean forecast, observed frequency.

    Chances below a thousandth, which are most of them, are left out.
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
