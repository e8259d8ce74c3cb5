"""Transfers estimated from real absences: known figures, and a planted transfer recovered."""

import numpy as np
import pytest

from forecaster.calibration import natural_experiments
from forecaster.calibration.natural_experiments import EVENTS, _fit, estimate

BY_NAME = {event.name: event for event in EVENTS}


# An independent study of the same absences, and its standard errors.
@pytest.mark.parametrize(
    ("name", "seats", "known"),
    [
        ("UKIP 2017", 205, {"Con": (0.34, 0.08), "Lab": (0.36, 0.11), "LD": (0.23, 0.07)}),
        (
            "Reform 2024, failed nominations",
            22,
            {"Con": (0.20, 0.04), "Lab": (0.14, 0.07), "abstain": (0.37, 0.07)},
        ),
        ("Brexit Party 2019", 312, {"Con": (0.65, 0.16), "Lab": (0.53, 0.28)}),
        ("Green 2019, no pact", 51, {"Con": (0.32, 0.18), "Lab": (0.79, 0.33)}),
    ],
)
def test_estimates_agree_with_an_independent_study(name, seats, known):
    found = estimate(BY_NAME[name])
    assert found.seats == seats
    for receiver, (part, error) in known.items():
        both = np.hypot(error, found.error[receiver])
        assert abs(found.part[receiver] - part) < 2 * both, receiver


def test_a_planted_transfer_is_recovered():
    random = np.random.default_rng(1)
    seats = 600
    controls = np.column_stack([np.ones(seats), random.normal(size=(seats, 3))])
    would = 0.10 + controls[:, 1:] @ np.array([0.01, -0.01, 0.005])
    missing = random.random(seats) < 0.3
    own = np.where(missing, 0, would + random.normal(0, 0.004, seats))
    parts = np.array([0.6, 0.15])
    noise = random.normal(0, 0.01, (seats, 2))
    gained = np.where(missing, would, 0)[:, None] * parts + noise
    turnout = -np.where(missing, would, 0) * 0.25 + random.normal(0, 0.01, seats)
    got = _fit(controls, own, np.column_stack([gained, turnout]), missing)
    # The error of a mean difference over some 180 seats: 0.01 / sqrt(180) / 0.10, and a third more.
    assert got == pytest.approx([0.6, 0.15, 0.25], abs=4 * 0.01)


def test_too_few_absences_give_no_estimate(monkeypatch):
    monkeypatch.setattr(natural_experiments, "FEWEST", 23)
    assert estimate(BY_NAME["Reform 2024, failed nominations"]) is None


def test_the_same_seats_are_resampled_every_time():
    event = BY_NAME["LD 2019, for Green"]
    assert estimate(event, 20) == estimate(event, 20)
