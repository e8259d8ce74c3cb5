"""The plan: parameters become arrays that keep what they promise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import special_ortho_group

from forecaster.config.load import load_config
from forecaster.errors import ConfigError
from forecaster.plan.build import build_plan, cholesky, principal_axes, truncation_shift


@given(st.floats(0.003, 0.6), st.floats(0.001, 0.08))
@settings(max_examples=60, deadline=None)
def test_a_share_cut_at_its_floor_keeps_its_mean(mean, sd):
    shift = truncation_shift(np.array([mean]), np.array([sd]), 0.001)[0]
    # Gauss-Hermite would ring at the kink; a fine grid of the normal law is exact enough.
    z = np.linspace(-8, 8, 40_001)
    law = np.exp(-(z**2) / 2)
    got = (np.maximum(mean + shift + sd * z, 0.001) * law).sum() / law.sum()
    assert got == pytest.approx(mean, abs=2e-5)


def test_correlations_that_no_distribution_has_are_refused():
    with pytest.raises(ConfigError, match="no distribution has these correlations"):
        cholesky(
            ("Con", "Lab", "LD"),
            {"Con": 1, "Lab": 1, "LD": 1},
            {"Con-Lab": -0.9, "Con-LD": -0.9, "Lab-LD": -0.9},
            "seat",
        )


def test_a_cholesky_factor_is_one_of_its_covariance():
    factor = cholesky(("Con", "Lab", "LD"), {"Con": 2, "Lab": 3}, {"Con-Lab": -0.5}, "seat")
    expected = np.array([[4, -3, 0], [-3, 9, 0], [0, 0, 0]]) * 1e-4
    assert factor @ factor.T == pytest.approx(expected)


def test_another_library_of_linear_algebra_draws_the_same_national_shares(monkeypatch):
    """Which way an eigenvector points is left to the library, and differs between processors."""
    run = load_config("next-election")
    loading = build_plan(run).arrays.target_loading
    usual, generator = np.linalg.eigh, np.random.default_rng(3)

    def other_way(matrix):
        values, vectors = usual(matrix)
        return values, vectors * generator.choice([-1, 1], len(values))

    monkeypatch.setattr(np.linalg, "eigh", other_way)
    np.testing.assert_allclose(build_plan(run).arrays.target_loading, loading, atol=1e-8)


def test_principal_axes_depend_on_the_law_of_the_shares_alone():
    """Also where parties err alike, as in Northern Ireland, by whatever factors it is given."""
    plan = build_plan(load_config("next-election"))
    loading = plan.arrays.target_loading.astype(float)
    seats = np.bincount(plan.base.seats.nation)
    turn = special_ortho_group(loading.shape[2], seed=4).rvs()
    axes = principal_axes(loading, seats)
    np.testing.assert_allclose(principal_axes(loading @ turn, seats), axes, atol=1e-8)
    covariance = np.einsum("acf,bdf->acbd", loading, loading)
    np.testing.assert_allclose(np.einsum("acf,bdf->acbd", axes, axes), covariance, atol=1e-12)
    moved = (axes**2 * seats[:, None, None] ** 2).sum((0, 1))
    assert (moved[:-1] > 0.99 * moved[1:] - 1e-12).all()
