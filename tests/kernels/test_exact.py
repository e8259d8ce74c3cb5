"""Arithmetic that gives the same bits everywhere, beside the libraries that do not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from forecaster.kernels import exact


@given(st.lists(st.floats(-700, 700), min_size=1))
def test_exponential_and_logarithm(values):
    x = np.array(values)
    assert exact.exp(x) == pytest.approx(np.exp(x), rel=1e-15, abs=0)
    assert exact.log(np.exp(x)) == pytest.approx(np.log(np.exp(x)), rel=1e-15, abs=2e-16)


def test_ends_of_the_scale():
    assert exact.exp([-np.inf, -800.0, 0.0]).tolist() == [0, 0, 1]
    assert exact.log([0.0, 1.0]).tolist() == [-np.inf, 0]
    assert np.isnan(exact.log([np.nan])).all()
    assert exact.power([0.0, 4.0], 0.5) == pytest.approx([0, 2])


def test_normal_distribution():
    z = np.linspace(-40, 40, 5001)
    assert exact.normal_cdf(z) == pytest.approx(ndtr(z), abs=2e-15)


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 10_000))
def test_singular_values_and_vectors(rows, columns, seed):
    matrix = np.random.default_rng(seed).normal(size=(rows, columns))
    values, vectors = exact.singular(matrix)
    expected = np.zeros(columns)
    expected[: min(rows, columns)] = np.linalg.svd(matrix)[1]
    assert values == pytest.approx(expected, abs=1e-13)
    assert vectors.T @ vectors == pytest.approx(np.eye(columns), abs=1e-13)
    assert np.linalg.norm(matrix @ vectors, axis=0) == pytest.approx(values, abs=1e-13)


@given(st.integers(1, 10), st.integers(1, 10), st.integers(0, 10_000))
def test_root_of_a_covariance_that_may_lack_rank(rank, size, seed):
    parts = np.random.default_rng(seed).normal(size=(rank, size))
    covariance = parts.T @ parts
    root = exact.symmetric_root(covariance)
    assert root == pytest.approx(root.T, abs=1e-12)
    assert root @ root == pytest.approx(covariance, abs=1e-10)


def test_cholesky_factor():
    sound = np.array([[2.0, 1.0], [1.0, 3.0]])
    assert exact.cholesky(sound) == pytest.approx(np.linalg.cholesky(sound))
    assert exact.cholesky(np.ones((2, 2))).tolist() == [[1, 0], [1, 0]]
    for wrong in ([[1.0, 2.0], [2.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]], [[-1.0]]):
        with pytest.raises(ValueError, match="semidefinite"):
            exact.cholesky(np.array(wrong))


@given(st.integers(0, 10_000))
def test_least_squares(seed):
    random = np.random.default_rng(seed)
    design, wanted = random.normal(size=(60, 5)), random.normal(size=60)
    design[:, 2] = 0
    expected = np.linalg.lstsq(design, wanted, rcond=None)[0]
    assert exact.least_squares(design, wanted) == pytest.approx(expected, abs=1e-12)
