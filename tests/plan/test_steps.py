"""From the last result to what is expected: the steps add up to what is simulated."""

import numpy as np

from forecaster.config.load import load_config, parse_changes
from forecaster.kernels import layout
from forecaster.plan.build import STEPS, build_plan, steps
from forecaster.plan.scenarios import build_scenarios
from forecaster.simulation.simulate import simulate

WITHOUT_ERROR = (
    "draws=128",
    *(f"errors.{name}=0" for name in ("national", "swing", "slopes", "regions", "seats")),
    "parameters.seat.incumbency_sd.value={}",
    "parameters.swing.squeeze.value={mean=0.3, between=0, within=0, slope=1, slope_error=0, sd=0}",
    "parameters.swing.tactical.value.1.kappa.sd=0",
)


def test_the_steps_of_every_seat_add_up_to_the_share_that_comes_out_without_error(given_shares):
    plan = build_plan(load_config("next-election", parse_changes([given_shares, *WITHOUT_ERROR])))
    found = steps(plan)
    assert tuple(found) == STEPS
    simulated = simulate(plan, build_scenarios(plan)).tally.share_sum[0] / layout.SHARE_UNIT / 128
    off = np.abs(sum(found.values()) - simulated)[plan.base.stands]
    # Closing a seat to one is in no step.
    assert np.quantile(off, 0.99) < 0.003
    assert off.max() < 0.005
    for name in STEPS:
        assert np.abs(found[name]).max() > 0.02, name
