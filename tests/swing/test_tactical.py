"""Tactical voting: the move itself, and its estimate on five elections."""

import numpy as np
import pytest

from forecaster.config.load import load_run
from forecaster.kernels.rules import vote_tactically
from forecaster.swing.tactical import GRID, PAIRS, _vertex, estimate_kappa

PARAMETERS = load_run("next-election").parameters


def test_votes_move_to_the_best_placed_and_none_is_lost():
    shares = np.array([[0.4, 0.3, 0.2, 0.1], [0.5, 0.2, 0.2, 0.1]])
    amount = np.array([[0, 0, 0.5, 0.25], [0, 0, 0.5, 0.25]])
    got = vote_tactically(shares, np.array([1, -1]), amount)
    assert got == pytest.approx(np.array([[0.4, 0.425, 0.1, 0.075], shares[1]]))


def test_the_minimum_of_a_parabola_is_found_between_the_points_of_the_grid():
    assert _vertex((GRID - 0.123) ** 2) == pytest.approx(0.123)


# The study measured the seats that Conservatives won and no clarity; its standard errors are
# unknown, ours enter twice.
@pytest.mark.parametrize(
    ("year", "known"), [("2010", -0.02), ("2017", 0.07), ("2019", -0.015), ("2024", 0.28)]
)
def test_kappa_agrees_with_an_independent_study(year, known):
    found = estimate_kappa(year, ("Lab", "LD", "Green"), ("Con", "Reform"), PARAMETERS)
    assert abs(found.plain - known) < 2 * np.sqrt(2) * found.plain_error + 0.02


def test_2024_stands_out():
    kappas = {
        year: estimate_kappa(year, ("Lab", "LD", "Green"), ("Con", "Reform"), PARAMETERS)
        for year in PAIRS
    }
    others = [kappas[year].kappa for year in PAIRS if year != "2024"]
    assert kappas["2024"].kappa - max(others) > 4 * kappas["2024"].error
