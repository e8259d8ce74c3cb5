"""Sobol points: how evenly they lie, and that their errors are what they are said to be."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from forecaster.config.config import SCRAMBLES
from forecaster.config.load import load_config, parse_changes
from forecaster.errors import ConfigError
from forecaster.kernels import random, reference
from forecaster.kernels import reference_random as twin
from forecaster.kernels.layout import FOURS
from forecaster.kernels.machine import word
from forecaster.plan.build import build_plan
from forecaster.plan.scenarios import build_scenarios
from forecaster.results.precision import cluster_error, standard_error
from forecaster.simulation.blocks import ADDED, BY_DRAW, party_seats
from forecaster.simulation.sampling import log_t_scale, sampling_of
from forecaster.simulation.simulate import simulate
from forecaster.vocabulary import MAJORITY, PARTIES

DRAWS = 8_192
EACH = DRAWS // SCRAMBLES


def national(m):
    return random.factors(m, 4, random.NATIONAL, m.item)


def regional(m):
    return random.factors(m, 4, random.REGIONS, m.item)


def national_scale(m):
    return [random.factor_t_scale(m, word(m.dof), random.NATIONAL_SCALE)]


@pytest.fixture(scope="module")
def plan(given_shares):
    sobol = ["sampling=sobol", f"draws={DRAWS}"]
    return build_plan(
        load_config(
            "next-election", parse_changes([given_shares, *sobol]), ["pacts/progressive.toml"]
        )
    )


@pytest.fixture(scope="module")
def sampling(plan):
    return sampling_of(plan)


@pytest.mark.parametrize("scramble", [0, SCRAMBLES - 1])
@pytest.mark.parametrize(("item", "factor"), [(0, national), (11, regional)])
def test_a_scramble_has_one_point_in_every_interval(sampling, scramble, item, factor, drawn):
    z = drawn(factor, 4, EACH, sampling, item=item, first=scramble * EACH)
    for rank in stats.norm.cdf(z.astype(float)):
        assert sorted((rank * EACH).astype(int)) == list(range(EACH))


def test_the_scale_by_ranks_is_that_of_students_t(sampling, drawn):
    for dof in (4, 6, 8):
        points = sampling._replace(log_scale=log_t_scale(dof))
        (out,) = drawn(national_scale, 1, EACH, points, dof=dof)
        stream = random.NATIONAL_SCALE
        expected = [twin.factor_t_scale(dof, points, draw, stream) for draw in range(EACH)]
        np.testing.assert_allclose(out, expected, rtol=1e-5)
        chi2 = (dof - 2) / out.astype(float) ** 2
        rank = stats.chi2(dof).cdf(chi2)
        assert np.abs(np.sort(rank) - (np.arange(EACH) + 0.5) / EACH).max() < 1 / EACH


@pytest.fixture(scope="module")
def counts(plan):
    return simulate(plan, build_scenarios(plan), threads=2, keep_winners=True)


def test_seats_two_turns_apart_err_in_opposite_directions(plan, sampling):
    arrays = plan.arrays._replace(
        slope_cholesky=0 * plan.arrays.slope_cholesky,
        region_cholesky=0 * plan.arrays.region_cholesky,
        incumbency_sd=0 * plan.arrays.incumbency_sd,
        strength_sd=0 * plan.arrays.strength_sd,
        seat_spread=0.0,
    )
    one, other = (reference.errors(arrays, sampling, draw) for draw in (5, 5 + 2 * FOURS))
    assert np.abs(one - other).max() > 0.05
    np.testing.assert_allclose((one + other) / 2, arrays.offset, atol=1e-12)


@pytest.mark.slow
def test_the_result_is_the_same_for_any_number_of_threads(plan, counts):
    once = simulate(plan, build_scenarios(plan), threads=1, keep_winners=True)
    for name in (*ADDED, *BY_DRAW):
        np.testing.assert_array_equal(getattr(once.tally, name), getattr(counts.tally, name))
    for name, counter in counts.scrambles.items():
        np.testing.assert_array_equal(counter, once.scrambles[name])
        np.testing.assert_array_equal(counter.sum(0), getattr(counts.tally, name))


@pytest.mark.slow
def test_elections_without_pacts_do_not_depend_on_the_pacts(plan, counts):
    alone = build_plan(plan.config.model_copy(update={"scenarios": ()}))
    tally = simulate(alone, build_scenarios(alone)).tally
    np.testing.assert_array_equal(tally.wins[0], counts.tally.wins[0])


@pytest.mark.slow
def test_means_are_those_of_random_draws_and_errors_are_honest(plan):
    """Compare means with many random draws, and their spread over seeds with the errors given."""
    random_ = plan.config.model_copy(update={"sampling": "random", "draws": 200_000})
    many = build_plan(random_)
    # Who is to bear the flag in a close seat follows the seed, and shall be the same here.
    scenarios = build_scenarios(plan)
    whole = simulate(many, scenarios, threads=2, keep_draws=200_000, shares_every=0)
    truth = outcomes(whole)
    found, errors = [], []
    for seed in range(12):
        own = replace(plan, config=plan.config.model_copy(update={"seed": seed}))
        drawn = outcomes(simulate(own, scenarios, threads=2, shares_every=0))
        found.append(drawn.mean(0))
        errors.append([standard_error(values, EACH) for values in drawn.T])
    found, squares = np.array(found), (np.array(errors) ** 2).mean(0)
    independent = truth.var(0) / DRAWS
    # Means agree with those of random draws ...
    spread = np.sqrt(squares / len(found) + truth.var(0) / len(truth))
    assert (np.abs(found.mean(0) - truth.mean(0)) < 4 * spread).all()
    # ... come out as near one another as is claimed (chi-square of 11, 99.9 % on either side) ...
    ratio = ((found - found.mean(0)) ** 2).sum(0) / squares
    assert ((ratio > stats.chi2(11).ppf(0.001)) & (ratio < stats.chi2(11).ppf(0.999))).all()
    # ... and nearer than those of as many random draws: means by much, chances by less.
    assert (squares * [10, 4, 1, 1] < independent).all()


def outcomes(counts):
    """Return seats, the pact's effect on them, and majorities with and without, of Labour."""
    without, with_pact = party_seats(counts.tally.seats_won)[:, :, PARTIES.index("Lab")].T
    pairs = without, with_pact - without, without >= MAJORITY, with_pact >= MAJORITY
    return np.array(pairs, float).T


@pytest.mark.slow
def test_seat_probabilities_err_less_than_those_of_independent_draws(plan, counts):
    by_scramble = counts.scrambles["wins"]
    chance = counts.tally.wins / DRAWS
    usual = (chance > 0.05) & (chance < 0.95)
    errors = cluster_error(by_scramble, EACH)[usual]
    independent = np.sqrt(chance * (1 - chance) / DRAWS)[usual]
    assert (errors**2).sum() < (independent**2).sum() / 1.5


def test_as_many_draws_as_points_can_be_even_with_and_all_of_them_kept(plan):
    with pytest.raises(ConfigError, match="16,384"):
        load_config("next-election", parse_changes(["sampling=sobol", "draws=10000"]))
    with pytest.raises(ConfigError, match="keep-draws"):
        simulate(plan, build_scenarios(plan), keep_draws=1_000)
