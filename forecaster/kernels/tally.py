"""Counters of zeros, of the shapes that a call of the kernel needs."""

from __future__ import annotations

import numpy as np

from forecaster.kernels import layout


def empty_tally(
    plan: layout.KernelPlan,
    pacts: layout.PactPlan,
    tragedies: layout.TragedyPlan,
    draws: int,
    winners: bool = False,
    shares: bool = True,
    regions: bool = False,
    seat_shares: bool = False,
) -> layout.Tally:
    """Return a tally of zeros for `draws` draws, with or without what is optional."""
    seats, columns = plan.base.shape
    nations = len(plan.target)
    scenarios, actions, definitions = pacts.scenarios, len(pacts.flag), len(tragedies.winners)
    return layout.Tally(
        wins=np.zeros((scenarios, seats, columns), np.int64),
        share_sum=np.zeros((scenarios, seats, columns), np.int64),
        histogram=np.zeros((scenarios if shares else 0, seats, columns, layout.BINS), np.uint16),
        totals=np.zeros((scenarios, plan.party.max() + 1, seats + 1), np.int64),
        largest=np.zeros((scenarios, plan.party.max() + 1, seats + 1), np.int64),
        seats_won=np.zeros((draws, scenarios, nations, columns), np.int16),
        national=np.zeros((draws, nations, columns), np.float32),
        winners=np.zeros((draws if winners else 0, scenarios, seats), np.int8),
        regional=np.zeros((draws if regions else 0, len(plan.region_nation), columns), np.float32),
        seat_shares=np.zeros((draws if seat_shares else 0, seats, columns), np.float32),
        effects=np.zeros((actions, 5), np.int64),
        break_even=np.zeros((actions, layout.BREAK_EVEN_BINS), np.uint32),
        tragedies=np.zeros((definitions, seats), np.int64),
        tragedies_in_draw=np.zeros((draws, definitions), np.int16),
        wins_twice=np.zeros((scenarios, seats, columns), np.int64),
        effects_twice=np.zeros((actions, 5), np.int64),
        tragedies_twice=np.zeros((definitions, seats), np.int64),
    )
