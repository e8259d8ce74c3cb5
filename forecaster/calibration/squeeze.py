"""How much tactical voting changes from election to election, and what by-elections tell of it."""

from __future__ import annotations

import numpy as np

from forecaster.arrays import Floats
from forecaster.calibration.laws import random_mean
from forecaster.calibration.residuals import Past

FEWEST_PARLIAMENTS = 2


def kappa_sd(pasts: list[Past]) -> float:
    """Return the root mean square of the changes: as far from no change as they were before."""
    return float(np.mean([past.kappa**2 for past in pasts]) ** 0.5)


def squeeze_law(pasts: list[Past]) -> dict[str, float]:
    """Return the fields of `config.parameters.SqueezeLaw`.

    A by-election's squeeze divides by the part of the bloc's votes that its other parties were
    expected to have, and errs the more the smaller that is; so squeezes are weighted by it. What
    lies between parliaments is found as in `laws.random_mean`; kappa is regressed on the
    parliaments' squeezes, drawn towards their mean, through the origin: no squeeze, no change.

    Raises
    ------
    ValueError
        If fewer than two elections have by-elections before them.
    """
    known = [past for past in pasts if len(past.squeezes.moved)]
    if len(known) < FEWEST_PARLIAMENTS:
        raise ValueError("tactical voting follows by-elections: two parliaments with some needed")
    moved = [past.squeezes.moved for past in known]
    parts = [past.squeezes.part for past in known]
    means = np.array([part @ value / part.sum() for value, part in zip(moved, parts, strict=True)])
    squares = [
        part @ (value - mean) ** 2 for value, part, mean in zip(moved, parts, means, strict=True)
    ]
    # A parliament of one by-election says nothing of the spread within one.
    freedom = sum(len(value) - 1 for value in moved)
    within = (sum(squares) / max(freedom, 1)) ** 0.5
    noise = within / np.sqrt([part.sum() for part in parts])
    mean, between = random_mean(means, noise)
    weight = between**2 / (between**2 + noise**2) if between > 0 else np.zeros(len(means))
    slope, slope_error, sd = _through_origin(
        mean + weight * (means - mean), np.array([past.kappa for past in known])
    )
    return {
        "mean": mean,
        "between": between,
        "within": float(within),
        "slope": slope,
        "slope_error": slope_error,
        "sd": sd,
    }


def _through_origin(x: Floats, y: Floats) -> tuple[float, float, float]:
    """Return slope, its standard error and the residuals' standard deviation."""
    slope = float(x @ y / (x @ x))
    sd = float(((y - slope * x) ** 2).sum() / (len(x) - 1)) ** 0.5
    return slope, sd / float(x @ x) ** 0.5, sd
