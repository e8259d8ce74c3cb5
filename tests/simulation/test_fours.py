"""Draws in fours whose seats err in directions a quarter turn apart, and errors that know it."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from forecaster.config.load import load_config, parse_changes
from forecaster.kernels.layout import COLUMNS, FOURS, LANES, TURNS
from forecaster.plan.build import build_plan
from forecaster.plan.scenarios import build_scenarios
from forecaster.results.precision import monte_carlo_error, standard_error
from forecaster.simulation.blocks import party_seats
from forecaster.simulation.simulate import simulate
from forecaster.vocabulary import PARTIES

pytestmark = pytest.mark.slow

SEEDS = 40
DRAWS = 32 * LANES
PACTS = ("pacts/progressive.toml",)
SHARED = ("national", "swing", "tactical", "slopes", "regions", "incumbency")
SHARED_OFF = [f"errors.{name}=0" for name in SHARED]


@pytest.fixture(scope="module", params=["seats alone", "all"])
def repeated(request, given_shares):
    """The counts of many seeds, with the errors of single seats alone, and with all."""
    off = SHARED_OFF if request.param == "seats alone" else []
    plan = build_plan(
        load_config("next-election", parse_changes([given_shares, f"draws={DRAWS}", *off]), PACTS)
    )
    scenarios = build_scenarios(plan)
    runs = [
        simulate(
            replace(plan, config=plan.config.model_copy(update={"seed": seed})),
            scenarios,
            shares_every=0,
        )
        for seed in range(SEEDS)
    ]
    return request.param, runs


def spread(values, claimed):
    """Return the variance over seeds against that of the claimed errors, where anything varies."""
    chance = values.mean(0)
    usual = (chance > 0.05) & (chance < 0.95)
    assert usual.sum() > 50
    ratio = values.var(0, ddof=1)[usual] / (claimed**2).mean(0)[usual]
    return ratio.mean()


@pytest.mark.slow
@pytest.mark.parametrize("counter", ["wins", "effects", "tragedies"])
def test_chances_spread_over_seeds_as_their_errors_say(repeated, counter):
    which, runs = repeated
    found = np.array([getattr(run.tally, counter) for run in runs])
    twice = np.array([getattr(run.tally, f"{counter}_twice") for run in runs])
    errors = np.array([monte_carlo_error(x, DRAWS, y) for x, y in zip(found, twice, strict=True)])
    ratio = spread(found / DRAWS, errors)
    # With shared errors seats move together, and their mean is known less well.
    assert ratio == pytest.approx(1, abs=0.1 if which == "seats alone" else 0.2)
    if which == "seats alone" and counter != "tragedies":
        # Errors of independent draws would be too large. What makes a tragedy, that the winner is
        # close, has no opposite direction.
        assert spread(found / DRAWS, monte_carlo_error(found, DRAWS)) < 0.9


def test_mean_seats_spread_over_seeds_as_their_errors_say(repeated):
    _, runs = repeated
    seats = np.array([party_seats(run.tally.seats_won) for run in runs]).astype(float)
    labour = seats[:, :, :, PARTIES.index("Lab")]
    for values in (labour[:, :, 0], labour[:, :, 1] - labour[:, :, 0]):
        claimed = np.mean([standard_error(own) ** 2 for own in values])
        # Chi-square with 39 degrees of freedom has a relative standard deviation of 0.23.
        assert 0.4 < values.mean(1).var(ddof=1) / claimed < 1.9


def test_draws_of_a_four_are_counted_in_pairs(given_shares):
    off = [*SHARED_OFF, "parameters.seat.spread.value=0"]
    plan = build_plan(
        load_config("next-election", parse_changes([given_shares, f"draws={LANES}", *off]))
    )
    tally = simulate(plan, build_scenarios(plan), keep_winners=True).tally
    fours = tally.winners[:, 0].reshape(TURNS, FOURS, -1)
    pairs = [(fours[i], fours[j]) for i, j in combinations(range(TURNS), 2)]
    twice = [sum(((x == c) & (y == c)).sum(0) for x, y in pairs) for c in range(COLUMNS)]
    np.testing.assert_array_equal(np.transpose(twice), tally.wins_twice[0])
