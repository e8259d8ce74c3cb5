"""How much of a seat's distance from its nation's share of Other is still there next time."""

from __future__ import annotations

import numpy as np

from forecaster.arrays import Floats
from forecaster.calibration.estimate import ParameterEstimate
from forecaster.calibration.laws import jackknife
from forecaster.config.parameters import Parameters
from forecaster.polls.by_elections import RULE
from forecaster.swing.base import OTHER, column_shares, nation_means, nation_shares
from forecaster.swing.spread import rule_named, swing_seats
from forecaster.swing.tactical import read_pair

KEY = "seat.other_retention"


def calibrate_other(elections: list[str], parameters: Parameters) -> ParameterEstimate:
    """Estimate `seat.other_retention` from the seats of Great Britain.

    Parameters
    ----------
    elections : list of str
        Those whose results are evaluated, of `swing.tactical.PAIRS`.
    parameters : Parameters
        Supplies the donors of imputed votes.
    """
    moments = np.array([_moments(name, parameters.replaced({KEY: 1.0})) for name in elections])
    towards, squares = moments.sum(0)
    without = (towards - moments[:, 0]) / (squares - moments[:, 1])
    return ParameterEstimate(
        KEY,
        round(float(np.clip(towards / squares, 0, 1)), 2),
        round(jackknife(without), 2),
        len(elections),
        0,
        "regression, through the origin, of a seat's distance from its nation's share of Other on "
        "the distance that a swing of the last shares gives",
    )


def _moments(election: str, parameters: Parameters) -> tuple[float, float]:
    """Return the sum of products with the actual distances, and of squares, of the expected."""
    before, after, base = read_pair(election, parameters.seat)
    rule = rule_named(RULE, parameters.swing)
    target = nation_shares(after, names_from=before)
    used = base.seats.in_britain & ~before.speaker & ~after.speaker

    def distance(shares: Floats) -> Floats:
        mean = nation_means(base, shares)[base.seats.nation]
        return np.asarray((shares - mean)[used, OTHER])

    expected = distance(swing_seats(base, target, rule, parameters.swing))
    return float(expected @ distance(column_shares(after))), float(expected @ expected)
