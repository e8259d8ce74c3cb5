"""Standard errors of averages over draws that share random numbers in fours."""

import numpy as np
import pytest

from forecaster.kernels.layout import FOURS, LANES
from forecaster.results.precision import monte_carlo_error, probability, standard_error

LENGTHS = (2 * LANES, 6 * LANES, 6 * LANES + 3 * FOURS + 7)


def turned_by_half(draws):
    return np.arange(draws) % LANES >= 2 * FOURS


@pytest.mark.parametrize("draws", LENGTHS)
def test_fours_that_cancel_perfectly_leave_no_error(draws):
    values = np.where(turned_by_half(draws), -1.0, 1.0)
    assert standard_error(values) == pytest.approx(0)
    happened = values > 0
    assert probability(happened)[1] < 0.3 * monte_carlo_error(happened.sum(), draws)


@pytest.mark.parametrize("draws", [20, LANES + 2, *LENGTHS])
def test_independent_draws_have_the_error_of_independent_draws(draws):
    happened = np.random.default_rng(5).random((400, draws)) < 0.3
    squares = np.array([[probability(row)[1], standard_error(row)] for row in happened]) ** 2
    # A covariance of so few fours is uncertain, and right on average.
    assert squares.mean(0) * draws == pytest.approx(0.21, rel=0.05)
