"""Tactical voting: the move itself, and its estimate on five elections."""

import numpy as np
import pytest

from forecaster.calibration.squeeze import _least_squares, estimate_kappa
from forecaster.config.load import load_config
from forecaster.kernels.rules import vote_tactically
from forecaster.swing.tactical import PAIRS, clarity

PARAMETERS = load_config("next-election").parameters


def test_votes_move_to_the_best_placed_and_none_is_lost():
    shares = np.array([[0.4, 0.3, 0.2, 0.1], [0.5, 0.2, 0.2, 0.1]])
    amount = np.array([[0, 0, 0.5, 0.25], [0, 0, 0.5, 0.25]])
    got = vote_tactically(shares, np.array([1, -1]), amount)
    assert got == pytest.approx(np.array([[0.4, 0.425, 0.1, 0.075], shares[1]]))


def test_a_choice_grows_clearer_with_the_lead_and_is_half_clear_at_half():
    got = clarity(np.array([0.0, 0.05, 0.15]), 0.05)
    assert got == pytest.approx(np.array([0, 0.5, 0.75]))


def test_least_squares_and_its_error_are_those_of_a_mean():
    values = np.random.default_rng(3).normal(0.12, 0.3, 500)
    got, error = _least_squares(lambda kappa: (values - kappa) ** 2)
    assert got == pytest.approx(values.mean(), abs=1e-5)
    assert error == pytest.approx(values.std() / np.sqrt(500), rel=1e-3)


# The study measured the seats that Conservatives won and no clarity, and swung others as they were;
# its standard errors are unknown, ours enter twice.
@pytest.mark.parametrize(
    ("year", "known"), [("2010", -0.02), ("2017", 0.07), ("2019", -0.015), ("2024", 0.28)]
)
def test_kappa_agrees_with_an_independent_study(year, known):
    as_they_were = PARAMETERS.replaced({"seat.other_retention": 1.0})
    sides = ("Lab", "LD", "Green"), ("Con", "Reform")
    found = estimate_kappa(year, *sides, as_they_were, all_clear=True)
    assert abs(found.kappa - known) < 2 * np.sqrt(2) * found.kappa_se + 0.02


def test_2024_stands_out():
    kappas = {
        year: estimate_kappa(year, ("Lab", "LD", "Green"), ("Con", "Reform"), PARAMETERS)
        for year in PAIRS
    }
    others = [kappas[year].kappa for year in PAIRS if year != "2024"]
    assert kappas["2024"].kappa - max(others) > 4 * kappas["2024"].kappa_se
