"""Scores: worked by hand, and against the library scoringrules."""

import importlib
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecaster.answers import scores

CHANCES = np.array([[0.7, 0.2, 0.1], [0.5, 0.5, 0.0], [0.0, 0.1, 0.9]])


def test_brier_by_hand():
    # (.3^2 + .2^2 + .1^2 + .5^2 + .5^2 + 0 + 0 + .9^2 + .9^2) / 3
    assert scores.brier(CHANCES, np.array([0, 1, 1])) == pytest.approx((0.14 + 0.5 + 1.62) / 3)


def test_a_tie_is_shared():
    chances = np.array([[0.5, 0.5, 0.0], [0.2, 0.2, 0.6], [0.4, 0.3, 0.3]])
    assert scores.called(chances, np.array([1, 2, 0])) == 2.5
    assert scores.called(chances, np.array([2, 0, 1])) == 0
    np.testing.assert_array_equal(scores.favourites(chances).sum(1), 1)
    toss_up = scores.band_rows(chances, np.array([0, 2, 0]))[-1]
    assert (toss_up["seats"], toss_up["observed"]) == (2, 0.75)


def test_a_hard_call_has_twice_its_part_of_wrong_seats():
    calls = np.eye(3)[[0, 1, 2, 0]]
    assert scores.brier(calls, np.array([0, 1, 2, 2])) == pytest.approx(2 / 4)


def test_log_score_by_hand_and_finite_where_the_winner_never_won():
    got = scores.log_score(CHANCES, np.array([0, 0, 0]), 99)
    expected = -np.log([(0.7 * 99 + 0.5) / 100, (0.5 * 99 + 0.5) / 100, 0.5 / 100]).mean()
    assert got == pytest.approx(expected)


@pytest.fixture(scope="module")
def scoringrules():
    """Return the library, without what it would compile when it is loaded."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "numba", None)
        return importlib.import_module("scoringrules")


def seats(*shape):
    return arrays(np.int16, shape, elements=st.integers(0, 400))


@given(st.integers(2, 12).flatmap(seats), st.integers(0, 400))
def test_crps_agrees_with_scoringrules(scoringrules, draws, actual):
    expected = scoringrules.crps_ensemble(actual, draws.astype(float), estimator="fair")
    assert scores.crps(draws, actual) == pytest.approx(expected, abs=1e-9)


@given(st.integers(2, 12).flatmap(lambda n: seats(n, 3)), seats(3))
def test_energy_score_agrees_with_scoringrules(scoringrules, draws, actual):
    expected = scoringrules.es_ensemble(actual.astype(float), draws.astype(float), estimator="fair")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scores, "ROWS", 5)
        assert scores.energy_score(draws, actual) == pytest.approx(expected, abs=1e-9)


def test_energy_score_by_hand():
    draws = np.array([[0, 0], [3, 4]])
    assert scores.energy_score(draws, np.array([0, 0])) == pytest.approx((0 + 5) / 2 - 5 / 2)
    assert scores.energy_score(draws, np.array([3, 0])) == pytest.approx((3 + 4) / 2 - 5 / 2)


def test_of_many_draws_the_energy_score_pairs_some_taken_evenly(monkeypatch):
    draws, actual = np.random.default_rng(0).integers(0, 400, (30, 3)), np.full(3, 200)
    every = scores.energy_score(draws, actual)
    monkeypatch.setattr(scores, "MOST_PAIRED", 30)
    assert scores.energy_score(draws.repeat(4, axis=0), actual) == pytest.approx(every)


def test_of_a_single_draw_only_its_distance_is_left():
    assert scores.crps(np.array([3]), 5) == 2
    assert scores.energy_score(np.array([[3, 4]]), np.array([0, 0])) == 5


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
