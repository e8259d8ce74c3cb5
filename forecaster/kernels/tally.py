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
    sizes = {
        "scenarios": pacts.scenarios,
        "seats": seats,
        "seats_and_one": seats + 1,
        "every_party": plan.party.max() + 1,
        "nations": len(plan.target),
        "regions": len(plan.region_nation),
        "actions": len(pacts.flag),
        "definitions": len(tragedies.winners),
        "histograms": pacts.scenarios if shares else 0,
        "draws": draws,
        "stored": draws if winners else 0,
        "voting": draws if regions else 0,
        "sharing": draws if seat_shares else 0,
    }
    declared = layout.outputs(columns).items()
    return layout.Tally(
        **{name: np.zeros(layout.sized(shape, sizes), dtype) for name, (dtype, shape) in declared}
    )
