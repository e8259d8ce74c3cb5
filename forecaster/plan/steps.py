"""From the last result to what is expected of the seats, step by step."""

from __future__ import annotations

import numpy as np

from forecaster.arrays import Floats
from forecaster.kernels.rules import vote_tactically
from forecaster.plan.build import Plan

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
    base, arrays = plan.base, plan.arrays
    kappa = arrays.tactical_kappa[:, 0][arrays.tactical_bloc]
    amount = kappa[:, None] * arrays.tactical_clarity
    gathered = vote_tactically(plan.expected, arrays.tactical_best, np.asarray(amount, float))
    return {
        "last": base.last,
        "candidates": base.shares - base.last,
        "swing": plan.expected - plan.by_election - base.shares,
        "by_election": plan.by_election,
        "tactical": gathered - plan.expected,
        "sitting_mp": plan.sitting_mp,
    }
