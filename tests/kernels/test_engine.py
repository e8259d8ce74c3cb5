"""The jitted core against its plain twin, and against elections solved on paper."""

import numpy as np
import pytest
from scipy import stats

from forecaster.config.load import load_config, parse_changes
from forecaster.kernels import engine, layout, random, reference
from forecaster.kernels.tally import empty_tally
from forecaster.plan.build import build_plan, pack
from forecaster.plan.scenarios import build_scenarios
from forecaster.simulation.simulate import simulate

NO_PACTS = pack(
    layout.PactPlan,
    {
        "scenarios": 1, "start": np.zeros(2), "scenario": [], "pact": [], "flag": [],
        "transfer": np.zeros((0, 8)), "clarity": np.zeros((0, 8)), "opponents": np.zeros((0, 8)),
        "members": np.zeros((0, 8)), "strength": np.zeros((0, 4, 2)), "luck": [],
        "transfer_weight": np.zeros((0, 4)), "transfer_sd": np.zeros((0, 3)),
        "transfer_seat_sd": [], "transfer_donor": [],
    },
)  # fmt: skip
NO_TRAGEDIES = pack(
    layout.TragedyPlan,
    {name: np.zeros((0, 1, 8)) for name in ("winners", "together", "against")},
)


def test_kernel_and_twin_agree_draw_by_draw(rule, given_shares):
    changes = [given_shares, "draws=4", f"swing.rule={rule}", "seed=99"]
    run = load_config("next-election", parse_changes(changes))
    plan = build_plan(run)
    tally = simulate(plan, build_scenarios(plan), keep_winners=True).tally
    clear = 0
    for draw in range(4):
        national, shares = reference.simulate_draw(plan.arrays, run.seed, draw)
        assert tally.national[draw] == pytest.approx(national, abs=1e-6)
        votes = shares * plan.arrays.win_factor
        ranked = np.sort(votes, axis=1)
        sure = ranked[:, -1] - ranked[:, -2] > 1e-5
        clear += sure.sum()
        assert (tally.winners[draw, 0] == votes.argmax(1))[sure].all()
    assert clear > 2500


def test_raked_shares_come_out_at_the_drawn_national_shares():
    run = load_config("next-election", parse_changes(["draws=1"]))
    plan = build_plan(run)
    quiet = plan.arrays._replace(
        seat_cholesky=0 * plan.arrays.seat_cholesky,
        slope_cholesky=0 * plan.arrays.slope_cholesky,
        region_cholesky=0 * plan.arrays.region_cholesky,
        offset=0 * plan.arrays.offset,
        incumbency_sd=0 * plan.arrays.incumbency_sd,
        strength_sd=0 * plan.arrays.strength_sd,
    )
    national, shares = reference.simulate_draw(quiet, run.seed, 0)
    for a in range(4):
        seats = plan.base.seats.nation == a
        mean = plan.base.weight[seats] @ shares[seats]
        # Raking moves only what swings: independents give a little when their seat is closed to 1,
        # and parties near the floor of a share are lifted by it.
        swings = plan.arrays.swings[a] == 1
        assert mean[swings] == pytest.approx(national[a][swings], abs=5e-4)


def test_another_window_of_draws_gives_the_same_elections():
    run = load_config("next-election", parse_changes(["draws=512"]))
    plan = build_plan(run)
    scenarios = build_scenarios(plan)
    arrays = (plan.arrays, scenarios.arrays, scenarios.tragedies)
    whole = simulate(plan, scenarios, keep_winners=True).tally
    tail = empty_tally(*arrays, 100, True)
    engine.simulate(
        *arrays, random.independent(run.seed), np.uint64(layout.LANES), np.int64(100), tail
    )
    part = slice(layout.LANES, layout.LANES + 100)
    assert (tail.winners == whole.winners[part]).all()
    assert (tail.national == whole.national[part]).all()
    assert tail.wins.sum() == 650 * 100


def two_parties(**changes):
    """One seat, one nation, two parties at 52 to 48; every error off unless changed."""
    zero = np.zeros((1, 8))
    shares = np.zeros((1, 8))
    shares[0, :2] = 0.52, 0.48
    fields = {
        "nation": [0], "region": [0], "party": [np.arange(8)],
        "stands": shares > 0, "base": shares, "weight": [1.0],
        "nation_base": np.maximum(shares, 1e-6), "nation_weak": np.minimum(shares, 0.2),
        "swings": np.ones((1, 8)), "target": shares, "target_floor": zero,
        "target_loading": np.zeros((1, 8, 4)), "target_dof": 0, "rule": layout.MIXTURE,
        "rakes": 3, "weak_threshold": 0.2, "lambda_row": [np.arange(8)],
        "lambda_mean": [1, 1], "lambda_sd": [0, 0], "lambda_bounds": [[0, 1], [0, 1]],
        "covariates": np.zeros((1, 1)), "slope_cholesky": np.zeros((1, 1, 8, 8)),
        "slope_centre": np.zeros((1, 8, 1)), "region_cholesky": np.zeros((1, 8, 8)),
        "region_nation": [0], "region_centre": zero, "offset": zero, "sitting": zero,
        "sitting_centre": zero, "incumbency_sd": zero, "strength_sd": zero,
        "size": np.ones((1, 8)),
        "seat_cholesky": np.zeros((1, 8, 8)), "seat_dof": 0, "seat_spread": 0.0,
        "share_floor": 1e-6, "win_factor": np.ones((1, 8)), "tactical_best": [-1],
        "tactical_bloc": [0], "tactical_clarity": zero, "tactical_kappa": np.zeros((1, 4)),
        **changes,
    }  # fmt: skip
    return pack(layout.KernelPlan, fields)


def chance(plan, draws=200_000):
    tally = empty_tally(plan, NO_PACTS, NO_TRAGEDIES, draws)
    engine.simulate(
        plan, NO_PACTS, NO_TRAGEDIES, random.independent(5), np.uint64(0), np.int64(draws), tally
    )
    return tally.wins[0, 0, 0] / draws


SD = 0.03
OWN = np.zeros((1, 8, 8))
OWN[0, 0, 0] = OWN[0, 1, 1] = SD
OPPOSED = np.zeros((1, 8, 4))
OPPOSED[0, :2, 0] = SD, -SD


# The first party leads by 4 points. Errors of the two parties of SD 3 points: independent, their
# difference has SD 3 sqrt(2); opposed (one gains what the other loses), 6.
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"seat_cholesky": OWN}, stats.norm.cdf(0.04 / (SD * 2**0.5))),
        ({"region_cholesky": OWN}, stats.norm.cdf(0.04 / (SD * 2**0.5))),
        (
            {"slope_cholesky": OWN[None, 0][:, None], "covariates": [[1.5]]},
            stats.norm.cdf(0.04 / (1.5 * SD * 2**0.5)),
        ),
        ({"target_loading": OPPOSED}, stats.norm.cdf(0.04 / (2 * SD))),
        (
            {"target_loading": OPPOSED, "target_dof": 6},
            stats.t(6).cdf(0.04 / (2 * SD) * (6 / 4) ** 0.5),
        ),
        (
            {"seat_cholesky": OWN, "seat_dof": 4},
            stats.t(4).cdf(0.04 / (SD * 2**0.5) * (4 / 2) ** 0.5),
        ),
        ({"seat_cholesky": OWN, "offset": [[-0.04] + [0] * 7]}, 0.5),
        ({"seat_cholesky": OWN, "win_factor": [[48 / 52] + [1] * 7]}, None),
    ],
)
def test_a_two_party_seat_has_the_chance_solved_on_paper(changes, expected):
    got = chance(two_parties(**changes))
    if expected is None:
        # 48/52 (.52 + e1) > .48 + e2: a normal with mean zero.
        expected = 0.5
    error = np.sqrt(expected * (1 - expected) / 200_000)
    assert abs(got - expected) < 4 * error
