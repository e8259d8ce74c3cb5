"""Split the way from the last result to the expected shares into steps."""

from __future__ import annotations

import numpy as np

from forecaster.arrays import Floats
from forecaster.kernels.rules import close
from forecaster.plan.build import Plan
from forecaster.swing.spread import swing_seats

STEPS = ("last", "candidates", "swing", "by_election", "local", "tactical", "sitting_mp")


def steps(plan: Plan) -> dict[str, Floats]:
    """Return the steps from the last shares of the seats to the expected ones, by name of `STEPS`.

    Each has shape (seat, column), and they add up to the expected shares. ``last`` is the last
    shares, ``candidates`` the effect of other candidates, of moving a strong Other towards its
    nation and of seat estimates, ``swing`` that of the national shares; the others are those of
    by-elections, of local elections, of tactical voting at its mean, and of sitting MPs.
    """
    base, arrays, swing = plan.base, plan.arrays, plan.config.parameters.swing
    kappa = arrays.tactical_kappa[:, 0][arrays.tactical_bloc]
    amount = np.asarray(kappa[:, None] * arrays.tactical_clarity, float)
    without, gathered = (
        swing_seats(base, plan.targets.shares, plan.rule, swing, moves)
        for moves in (None, (arrays.tactical_best.astype(np.int64), amount))
    )
    before = plan.expected + gathered - without
    # Closing takes what a sitting MP gains from the other parties of the seat.
    floored = np.maximum(before + plan.sitting_mp, arrays.share_floor)
    return {
        "last": base.last,
        "candidates": base.shares - base.last,
        "swing": plan.expected - plan.by_election - plan.local_elections - base.shares,
        "by_election": plan.by_election,
        "local": plan.local_elections,
        "tactical": gathered - without,
        "sitting_mp": close(floored, base.stands) - before,
    }
