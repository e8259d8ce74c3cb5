"""Sobol points: how evenly they lie, and that their errors are what they are said to be."""

import numpy as np
import pytest
from scipy import stats

from forecaster.config.load import load_run
from forecaster.config.run import SCRAMBLES
from forecaster.errors import ConfigError
from forecaster.kernels import random
from forecaster.kernels import reference_random as twin
from forecaster.kernels.jit import jit
from forecaster.simulation.plan import build_plan
from forecaster.simulation.run import simulate
from forecaster.simulation.sampling import log_t_scale, sampling_of
from forecaster.simulation.scenarios import build_scenarios

DRAWS = 8_192
EACH = DRAWS // SCRAMBLES


@jit
def call_factors(out, sampling, first, item, stream):
    k0, k1 = random.keys(sampling.seeds)
    random.fill_factors(out, sampling, first, item, stream, k0, k1)


@jit
def call_scale(out, dof, sampling, stream):
    k0, k1 = random.keys(sampling.seeds)
    random.fill_factor_t_scale(out, dof, sampling, np.uint64(0), stream, k0, k1)


@pytest.fixture(scope="module")
def plan(given_shares):
    sobol = ["sampling=sobol", f"draws={DRAWS}"]
    return build_plan(load_run("next-election", [given_shares, *sobol], ["pacts/progressive.toml"]))


@pytest.fixture(scope="module")
def sampling(plan):
    return sampling_of(plan)


def ranks(sampling, scramble, item, stream):
    """Return the ranks of four coordinates of a scramble, shape (4, EACH)."""
    out = np.empty((4, EACH), np.float32)
    first = np.uint64(scramble * EACH)
    call_factors(out, sampling, first, np.uint32(item), np.uint32(stream))
    return stats.norm.cdf(out.astype(float))


@pytest.mark.parametrize("scramble", [0, SCRAMBLES - 1])
@pytest.mark.parametrize(("item", "stream"), [(0, random.NATIONAL), (11, random.REGIONS)])
def test_a_scramble_has_one_point_in_every_interval(sampling, scramble, item, stream):
    for rank in ranks(sampling, scramble, item, stream):
        assert sorted((rank * EACH).astype(int)) == list(range(EACH))


def test_the_scale_by_ranks_is_that_of_students_t(sampling):
    for dof in (4, 6, 8):
        points = sampling._replace(log_scale=log_t_scale(dof))
        out = np.empty(EACH, np.float32)
        call_scale(out, dof, points, np.uint32(random.NATIONAL_SCALE))
        stream = random.NATIONAL_SCALE
        expected = [twin.factor_t_scale(dof, points, draw, stream) for draw in range(EACH)]
        np.testing.assert_allclose(out, expected, rtol=1e-5)
        chi2 = (dof - 2) / out.astype(float) ** 2
        rank = stats.chi2(dof).cdf(chi2)
        assert np.abs(np.sort(rank) - (np.arange(EACH) + 0.5) / EACH).max() < 1 / EACH
