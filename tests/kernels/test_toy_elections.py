"""Elections of eight seats: chances of several seats at once against the closed form.

Two parties, A and B, in eight seats of one nation. The swing is uniform and the expected national
shares are those of the base, so A wins a seat if its lead there plus an error is above zero.
"""

from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, stats

from forecaster.config.load import load_config, parse_changes
from forecaster.kernels import engine, layout, random, reference
from forecaster.kernels.tally import empty_tally
from forecaster.plan.build import build_plan, pack
from forecaster.plan.scenarios import build_scenarios
from forecaster.simulation.simulate import simulate

DRAWS = 200_000
LEAD = np.array([-0.10, -0.06, -0.03, -0.01, 0.0, 0.02, 0.05, 0.12])
SD = 0.04
FACTORS = layout.COLUMNS


def diagonal(*sd):
    return np.diag([*sd, *[0.0] * (layout.COLUMNS - len(sd))])


def toy(**changes):
    """A plan without any error, but for `changes`."""
    seats = len(LEAD)
    base = np.zeros((seats, layout.COLUMNS))
    base[:, 0], base[:, 1] = (1 + LEAD) / 2, (1 - LEAD) / 2
    nation = base.mean(0, keepdims=True)
    fields = {
        "nation": np.zeros(seats),
        "region": np.arange(seats) // 2,
        "party": [np.arange(layout.COLUMNS)],
        "stands": base > 0,
        "base": base,
        "weight": np.full(seats, 1 / seats),
        "nation_base": np.maximum(nation, 1e-6),
        "nation_weak": np.minimum(nation, 0.2),
        "swings": np.ones((1, layout.COLUMNS)),
        "target": nation,
        "target_floor": nation * 0.1,
        "target_loading": np.zeros((1, layout.COLUMNS, FACTORS)),
        "target_dof": 0,
        "rule": layout.MIXTURE,
        "rakes": 2,
        "weak_threshold": 0.2,
        "lambda_row": np.arange(layout.COLUMNS)[None],
        "lambda_mean": np.ones(2),
        "lambda_sd": np.zeros(2),
        "lambda_bounds": np.ones((2, 2)),
        "covariates": np.ones((seats, 1)),
        "slope_cholesky": np.zeros((1, 1, layout.COLUMNS, layout.COLUMNS)),
        "slope_centre": np.zeros((1, layout.COLUMNS, 1)),
        "region_cholesky": np.zeros((1, layout.COLUMNS, layout.COLUMNS)),
        "region_nation": np.zeros(seats // 2),
        "region_centre": np.zeros((seats // 2, layout.COLUMNS)),
        "offset": np.zeros_like(base),
        "sitting": np.zeros_like(base),
        "sitting_centre": np.zeros((1, layout.COLUMNS)),
        "incumbency_sd": np.zeros((1, layout.COLUMNS)),
        "strength_sd": np.zeros((1, layout.COLUMNS)),
        "size": np.ones_like(base),
        "seat_cholesky": np.zeros((1, layout.COLUMNS, layout.COLUMNS)),
        "seat_dof": 0,
        "seat_spread": 0.0,
        "share_floor": 0.001,
        "win_factor": np.ones_like(base),
        "tactical_best": np.full(seats, -1),
        "tactical_bloc": np.zeros(seats),
        "tactical_clarity": np.zeros_like(base),
        "tactical_kappa": np.zeros((1, 4)),
    }
    return pack(layout.KernelPlan, {**fields, **changes})


@pytest.fixture(scope="module")
def wins(given_shares):
    """Return a function that simulates a toy: whether A won, of shape ``(draw, seat)``."""
    plan = build_plan(load_config("next-election", parse_changes([given_shares, f"draws={DRAWS}"])))
    scenarios = build_scenarios(plan)
    start = np.zeros(len(LEAD) + 1, np.int32)
    nothing = replace(scenarios, arrays=scenarios.arrays._replace(start=start))

    def run(**changes):
        small = replace(plan, arrays=toy(**changes))
        return simulate(small, nothing, threads=2, keep_winners=True).tally.winners[:, 0] == 0

    return run


@pytest.mark.slow
def test_a_ballot_paper_of_three_columns_is_counted_as_the_twin_counts_it():
    columns, seats = 3, len(LEAD)
    wide = toy(
        seat_cholesky=[diagonal(SD, SD)],
        tactical_best=np.zeros(seats),
        tactical_kappa=[[0.4, 0.1, 0, 1]],
        tactical_clarity=np.full((seats, layout.COLUMNS), 0.5),
    )

    def cut(array):
        axes = (slice(columns if n == layout.COLUMNS else None) for n in array.shape)
        return array[tuple(axes)].copy()

    small = layout.KernelPlan(*(cut(x) if isinstance(x, np.ndarray) else x for x in wide))
    given = np.zeros((0, columns), np.int32)
    nothing = np.zeros(0, np.int32)
    pacts = layout.PactPlan(
        1, np.zeros(seats + 1, np.int32), nothing, nothing, nothing, given,
        given.astype(np.float32), given, given, np.zeros((0, 4, 2), np.float32), nothing,
        np.zeros((0, 4), np.float32), np.zeros((0, 3), np.float32), np.zeros(0, np.float32),
        nothing,
    )  # fmt: skip
    tragedies = layout.TragedyPlan(*(np.zeros((0, 1, columns), np.int32) for _ in range(3)))
    counted = small, pacts, tragedies
    election = engine.Election(*counted, random.independent(5))
    tally = empty_tally(*counted, 1)
    # The tally of another plan, which agrees with itself, is refused at the first call and later.
    wrong = empty_tally(small._replace(base=small.base[1:]), pacts, tragedies, 1)
    with pytest.raises(TypeError, match="wins"):
        election.simulate(70, 1, wrong)
    election.simulate(70, 1, tally)
    with pytest.raises(TypeError, match="wins"):
        election.simulate(70, 1, wrong)
    _, shares = reference.simulate_draw(small, 5, 70)
    np.testing.assert_allclose(tally.share_sum[0] / layout.SHARE_UNIT, shares, atol=1e-5)
    assert tally.wins.sum() == seats


def agrees(found, expected):
    """Whether frequencies lie within 4 standard errors of their probabilities."""
    error = np.sqrt(expected * (1 - expected) / DRAWS)
    return bool((np.abs(found - expected) < 4 * error).all())


def test_without_error_the_leader_always_wins_and_a_tie_goes_to_the_first(wins):
    np.testing.assert_array_equal(wins().mean(0), LEAD >= 0)


def test_errors_of_seats_are_independent_of_one_another(wins):
    # The other draws of a four have the same numbers, turned.
    won = wins(seat_cholesky=[diagonal(SD, SD)])
    won = won[np.arange(len(won)) % layout.LANES < layout.FOURS]
    assert np.abs(np.corrcoef(won.T) - np.eye(len(LEAD))).max() < 4 / np.sqrt(len(won))


def test_seat_errors_correlate_as_their_cholesky_factor_says(wins):
    rho = -0.6
    factor = diagonal(SD, SD * np.sqrt(1 - rho**2))
    factor[1, 0] = SD * rho
    sd = SD * np.sqrt(2 - 2 * rho)
    assert agrees(wins(seat_cholesky=[factor]).mean(0), stats.norm.cdf(LEAD / sd))


@pytest.mark.parametrize("dof", [6, 8])
def test_heavy_tailed_seat_errors_have_unit_variance(wins, dof):
    won = wins(seat_cholesky=[diagonal(SD, SD)], seat_dof=dof)
    scale = SD * np.sqrt(2) * np.sqrt((dof - 2) / dof)
    assert agrees(won.mean(0), stats.t(dof).cdf(LEAD / scale))


def test_spread_widens_all_seat_errors_of_an_election_by_a_lognormal_factor(wins):
    spread = 0.5
    won = wins(seat_cholesky=[diagonal(SD, SD)], seat_spread=spread)

    def chance(lead):
        def given(z):
            return stats.norm.cdf(lead / (SD * np.sqrt(2) * np.exp(spread * z))) * stats.norm.pdf(z)

        return integrate.quad(given, -8, 8)[0]

    assert agrees(won.mean(0), np.array([chance(lead) for lead in LEAD]))


def test_a_national_error_moves_all_seats_together(wins):
    # One factor moves A up and B down. Seats are in the order of their lead: whoever wins one wins
    # all that are safer, so the number of wins says which.
    loading = np.zeros((1, layout.COLUMNS, FACTORS))
    loading[0, :2, 0] = SD, -SD
    won = wins(target_loading=loading).astype(int)
    assert (np.diff(won, axis=1) >= 0).all()
    assert len(np.unique(won.sum(1))) == len(LEAD) + 1


@pytest.mark.parametrize("source", ["region", "slope"])
def test_shared_and_own_errors_add_up_to_a_binormal_chance_of_winning_two_seats(wins, source):
    shared, own = 0.05, 0.03
    if source == "region":
        changes = {"region_cholesky": [diagonal(shared)]}
        neighbours, apart = 1.0, 0.0
    else:
        # The second seat of every pair lies at -1 on the covariate.
        x = np.where(np.arange(len(LEAD)) % 2, -1.0, 1.0)[:, None]
        changes = {"slope_cholesky": [[diagonal(shared)]], "covariates": x}
        neighbours, apart = -1.0, 1.0
    won = wins(seat_cholesky=[diagonal(own)], **changes)
    variance = shared**2 + own**2
    assert agrees(won.mean(0), stats.norm.cdf(LEAD / np.sqrt(variance)))

    rho = shared**2 / variance
    pairs = [(4, 5, neighbours * rho), (4, 6, apart * rho)]
    both = np.array([(won[:, i] & won[:, j]).mean() for i, j, _ in pairs])
    expected = [
        stats.multivariate_normal(cov=[[1, r], [r, 1]]).cdf(LEAD[[i, j]] / np.sqrt(variance))
        for i, j, r in pairs
    ]
    assert agrees(both, np.array(expected))


def test_size_scales_the_error(wins):
    size = np.full((len(LEAD), layout.COLUMNS), 1.5)
    won = wins(seat_cholesky=[diagonal(SD)], size=size)
    assert agrees(won.mean(0), stats.norm.cdf(LEAD / (1.5 * SD)))


def test_tactical_voters_move_the_drawn_part_of_their_votes(wins):
    # C, with 20 % everywhere, gives kappa of its votes to A where they see a clear choice.
    seats = len(LEAD)
    base = np.zeros((seats, layout.COLUMNS))
    base[:, 0], base[:, 1], base[:, 2] = 0.4 + LEAD / 2, 0.4 - LEAD / 2, 0.2
    nation = base.mean(0, keepdims=True)
    clarity = np.zeros_like(base)
    clarity[:, 2] = 0.8
    mean, sd, low, high = 0.1, 0.2, -0.15, 0.5
    won = wins(
        base=base,
        stands=base > 0,
        nation_base=np.maximum(nation, 1e-6),
        target=nation,
        rakes=0,
        tactical_best=np.zeros(seats),
        tactical_clarity=clarity,
        tactical_kappa=[[mean, sd, low, high]],
    )
    needed = -LEAD / (0.8 * 0.2)
    chance = np.where(needed > high, 0, np.where(needed < low, 1, stats.norm.sf(needed, mean, sd)))
    certain = (chance == 0) | (chance == 1)
    assert certain.sum() == 3
    np.testing.assert_array_equal(won.mean(0)[certain], chance[certain])
    assert agrees(won.mean(0)[~certain], chance[~certain])
