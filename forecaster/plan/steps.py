"""From the last result to what is expected of the seats, step by step."""

from __future__ import annotations

import numpy as np

from forecaster.arrays import Floats
from forecaster.kernels.rules import close
from forecaster.plan.build import Plan
from forecaster.swing.spread import swing_seats

STEPS = ("last", "candidates", "swing", "by_election", "tactical", "sitting_mp")


def steps(plan: Plan) -> dict[str, Floats]:
    """Return what brings the seats from their last shares to the expected ones.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    dict of str to ndarray, each of shape (seat, column)
        By name of `STEPS`: the last shares; what other candidates change, with others who were
        strong and with seat estimates; the swing to the national shares; a by-election since;
        tactical voting at its mean; a sitting MP. They add up to the expected shares.
    """
    base, arrays, swing = plan.base, plan.arrays, plan.config.parameters.swing
    kappa = arrays.tactical_kappa[:, 0][arrays.tactical_bloc]
    amount = np.asarray(kappa[:, None] * arrays.tactical_clarity, float)
    without, gathered = (
        swing_seats(base, plan.targets.shares, plan.rule, swing, moves)
        for moves in (None, (arrays.tactical_best.astype(np.int64), amount))
    )
    before = plan.expected + gathered - without
    # What sitting MPs win is lost by the others of their seats.
    floored = np.maximum(before + plan.sitting_mp, arrays.share_floor)
    return {
        "last": base.last,
        "candidates": base.shares - base.last,
        "swing": plan.expected - plan.by_election - base.shares,
        "by_election": plan.by_election,
        "tactical": gathered - without,
        "sitting_mp": close(floored, base.stands) - before,
    }
