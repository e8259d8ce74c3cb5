"""Shares of every seat from the jitted core and its twin, also far out in draws and seeds."""

import numpy as np
import pytest

from forecaster.config.load import load_run
from forecaster.kernels import engine, layout, random, reference, reference_pacts
from forecaster.simulation.plan import build_plan
from forecaster.simulation.scenarios import build_scenarios
from forecaster.simulation.tally import empty_tally

SEED = 2**40 + 11


@pytest.mark.parametrize("draw", [77, 2**33 + 5])
@pytest.mark.parametrize(
    "rule", ["asymmetric", "uniform", "proportional", "logit", "strong-transition"]
)
def test_shares_are_those_of_the_twin(rule, draw, given_shares):
    plan = build_plan(load_run("next-election", [given_shares, f"swing.rule={rule}"]))
    scenarios = build_scenarios(plan)
    arrays = (plan.arrays, scenarios.arrays, scenarios.tragedies)
    tally = empty_tally(*arrays, 1)
    engine.simulate(*arrays, np.uint64(SEED), np.uint64(draw), np.int64(1), tally)
    # The sum over one draw is the share itself.
    found = tally.share_sum[0] / layout.SHARE_UNIT
    _, shares = reference.simulate_draw(plan.arrays, SEED, draw)
    np.testing.assert_allclose(found, shares, atol=1e-5)


@pytest.mark.parametrize(
    "source",
    [
        "target_loading",
        "lambda_sd",
        "tactical_kappa",
        "slope_cholesky",
        "region_cholesky",
        "seat_cholesky",
        "offset",
    ],
)
def test_no_source_of_error_is_idle(source, given_shares):
    # What moves no share could not be told apart in the comparison above.
    plan = build_plan(load_run("next-election", [given_shares])).arrays
    quiet = plan._replace(**{source: np.zeros_like(getattr(plan, source))})
    moved = np.subtract(*(reference.simulate_draw(p, SEED, 77)[1] for p in (plan, quiet)))
    assert np.abs(moved).max() > 0.002


def test_a_stream_follows_its_own_seed_and_no_other(given_shares):
    pacts = ["pacts/progressive-on-last-votes.toml", "pacts/tactical.toml"]
    plan = build_plan(load_run("next-election", [given_shares], pacts))
    scenarios = build_scenarios(plan)
    arrays = (plan.arrays, scenarios.arrays, scenarios.tragedies)

    def counted(seed):
        tally = empty_tally(*arrays, 1)
        engine.simulate(*arrays, seed, np.uint64(77), np.int64(1), tally)
        return tally

    one = counted(np.uint64(SEED))
    same = counted(np.full(random.STREAMS, SEED, np.uint64))
    for name in one._fields:
        np.testing.assert_array_equal(getattr(one, name), getattr(same, name), err_msg=name)
    seeds = SEED + np.arange(random.STREAMS, dtype=np.uint64) * np.uint64(2**33 + 7)
    tally = counted(seeds)
    national, shares = reference.simulate_draw(plan.arrays, seeds.tolist(), 77)
    np.testing.assert_allclose(tally.national[0], national, atol=1e-6)
    np.testing.assert_allclose(tally.share_sum[0] / layout.SHARE_UNIT, shares, atol=1e-5)
    for action in scenarios.actions[::20]:
        moved, lost = reference_pacts.move_votes(
            plan.arrays, scenarios.arrays, shares[action.seat], action.seat, action.scenario,
            seeds.tolist(), 77,
        )  # fmt: skip
        found = tally.share_sum[action.scenario, action.seat] / layout.SHARE_UNIT
        np.testing.assert_allclose(found, moved / (1 - lost), atol=1e-5)
