"""Scores: worked by hand, and against their definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecaster.answers import scores

CHANCES = np.array([[0.7, 0.2, 0.1], [0.5, 0.5, 0.0], [0.0, 0.1, 0.9]])


def test_brier_by_hand():
    # (.3^2 + .2^2 + .1^2 + .5^2 + .5^2 + 0 + 0 + .9^2 + .9^2) / 3
    assert scores.brier(CHANCES, np.array([0, 1, 1])) == pytest.approx((0.14 + 0.5 + 1.62) / 3)


def test_a_hard_call_has_twice_its_part_of_wrong_seats():
    calls = np.eye(3)[[0, 1, 2, 0]]
    assert scores.brier(calls, np.array([0, 1, 2, 2])) == pytest.approx(2 / 4)


def test_log_score_by_hand_and_finite_where_the_winner_never_won():
    got = scores.log_score(CHANCES, np.array([0, 0, 0]), 99)
    expected = -np.log([(0.7 * 99 + 0.5) / 100, (0.5 * 99 + 0.5) / 100, 0.5 / 100]).mean()
    assert got == pytest.approx(expected)


@given(st.lists(st.integers(0, 400), min_size=1, max_size=12), st.integers(0, 400))
@settings(max_examples=100, deadline=None)
def test_crps_is_its_definition(draws, actual):
    x = np.array(draws, float)
    expected = np.abs(x - actual).mean() - np.abs(x[:, None] - x).mean() / 2
    assert scores.crps(x, actual) == pytest.approx(expected, abs=1e-9)


def test_crps_of_a_normal_has_its_closed_form():
    # A unit normal at its mean scores (sqrt 2 - 1) / sqrt pi (Gneiting and Raftery 2007, 4.2).
    draws = np.random.default_rng(0).normal(size=200_000)
    assert scores.crps(draws, 0.0) == pytest.approx((2**0.5 - 1) / np.pi**0.5, abs=0.004)


def test_bands_hold_every_seat_once():
    chances = np.random.default_rng(1).dirichlet([0.3] * 4, 500)
    rows = scores.band_rows(chances, chances.argmax(1))
    assert sum(row["seats"] for row in rows) == 500
    assert all(row["observed"] == 1.0 for row in rows if row["seats"])


def test_honest_chances_are_reliable():
    random = np.random.default_rng(2)
    chances = random.dirichlet([1, 1, 1], 20_000)
    winner = (random.random((20_000, 1)) > chances.cumsum(1)).sum(1)
    for row in scores.reliability_rows(chances, winner):
        assert abs(row["forecast"] - row["observed"]) < 4.5 * row["sampling_error"] + 1e-9


def test_intervals_hold_what_lies_between_their_quantiles():
    draws = np.arange(101)
    assert scores.inside(draws, 5, 0.90)
    assert not scores.inside(draws, 4, 0.90)
    assert not scores.inside(draws, 20, 0.50)
