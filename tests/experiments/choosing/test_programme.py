"""The optimum against trying every pact of a small country, and promises that contradict."""

import numpy as np
import pytest

from forecaster.errors import ConfigError
from forecaster.experiments.choosing.goals import Goal, best_choice, fewest_seats
from forecaster.experiments.choosing.programme import (
    Promise,
    explain_conflict,
    smallest_conflict,
    solve,
)
from forecaster.vocabulary import PARTIES

SIDE = ("Lab", "LD")


def sums(weights, every):
    """Return a sum over the seats for every choice."""
    options = np.vstack([np.zeros(weights.shape[1]), weights])
    return options[every, np.arange(weights.shape[1])].sum(1)


def tried(every, promises):
    """Return which of all choices keep the promises."""
    keep = np.ones(len(every), bool)
    for promise in promises:
        total = promise.without + sums(promise.weights, every)
        keep &= (total >= promise.low - 1e-9) & (total <= promise.high + 1e-9)
    return keep


def limits(question, draws):
    chances = draws.chances
    labour = Goal(("Lab",), 1, False).values(chances, question.scope)
    without = float(chances[0, :, PARTIES.index("Lab")].sum())
    lab, lib_dem = np.zeros((2, 2, 12))
    lab[0], lib_dem[1] = 1, 1
    return [
        Promise("few", lab + lib_dem, high=7),
        Promise("LD gives up", lab, high=3),
        Promise("Lab wins", labour, low=without + 0.3, without=without),
        Promise("Lab gives up", lib_dem, high=3),
    ]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("kept", [0, 1, 2, 4])
def test_the_optimum_is_that_of_trying_every_pact(sign, kept, country):
    question, draws, every = country
    goal = Goal(SIDE if sign > 0 else ("Con",), sign, False)
    values = goal.values(draws.chances, question.scope)
    promises = limits(question, draws)[:kept]
    found = solve(values, question.stands, promises)
    best = sums(values, every)[tried(every, promises)].max()
    assert sums(values, found.choice[None])[0] == pytest.approx(best, abs=2e-5)
    assert tried(found.choice[None], promises).all()
    assert found.gap <= 1e-6


def test_limits_bind(country):
    # Otherwise the test above would say little.
    question, draws, _ = country
    goal = Goal(SIDE, 1, False)
    values = goal.values(draws.chances, question.scope)
    found = [solve(values, question.stands, limits(question, draws)[:k]) for k in range(5)]
    worth = [float(sums(values, one.choice[None])[0]) for one in found]
    assert worth == sorted(worth, reverse=True)
    assert len({round(w, 6) for w in worth}) == 5


def majorities(goal, draws, every):
    """Return the chance of a majority under every choice, with the sign of the goal."""
    hits = goal.hits(draws.winners)
    seats = np.zeros((len(every), len(hits)), np.int8)
    for i in range(12):
        seats += hits[:, every[:, i], i].T
    return goal.sign * (seats >= goal.majority_at).mean(1)


@pytest.mark.slow
@pytest.mark.parametrize("side", [SIDE, ("Con",)])
def test_a_majority_is_as_likely_as_any_pact_makes_it(side, country):
    question, draws, every = country
    goal = Goal(side, 1 if side == SIDE else -1, True, majority_at=7)
    found = best_choice(question, draws, goal, [])
    best = majorities(goal, draws, every).max()
    assert goal.worth(draws.compose(found.choice)) == pytest.approx(best)


@pytest.mark.slow
def test_under_limits_the_search_betters_the_optimum_for_seats(country):
    question, draws, every = country
    goal = Goal(SIDE, 1, True, majority_at=7)
    promises = [Promise("few", np.ones((2, 12)), high=4)]
    seats = Goal(SIDE, 1, False).values(draws.chances, question.scope)
    start, found = (
        goal.worth(draws.compose(one.choice))
        for one in (
            solve(seats, question.stands, promises),
            best_choice(question, draws, goal, promises),
        )
    )
    best = majorities(goal, draws, every)[tried(every, promises)].max()
    assert start < found <= best + 1e-9


@pytest.mark.slow
def test_the_fewest_seats_that_reach_a_probability(country):
    question, draws, every = country
    goal = Goal(SIDE, 1, True, majority_at=7)
    found = fewest_seats(question, draws, goal, [], reach=0.4)
    number = (found.choice > 0).sum()
    assert goal.worth(draws.compose(found.choice)) >= 0.4
    fewer = every[(every > 0).sum(1) < number]
    assert (majorities(goal, draws, fewer) < 0.4).all()


def test_a_probability_out_of_reach_is_refused(country):
    question, draws, _ = country
    goal = Goal(SIDE, 1, True, majority_at=7)
    with pytest.raises(ConfigError, match=r"choose.reach: 99.9 % is out of reach"):
        fewest_seats(question, draws, goal, [], reach=0.999)


def test_the_smallest_conflict_is_named(country):
    question, draws, _ = country
    few, gives, _, _ = limits(question, draws)
    harmless = Promise("harmless", np.ones((2, 12)), high=12)
    greedy = Promise("LD flag bearer often", np.array([[0.0], [1.0]]).repeat(12, 1), low=9)
    promises = [harmless, few, gives, greedy]
    assert solve(np.zeros((2, 12)), question.stands, promises) is None
    conflict = smallest_conflict(question.stands, promises)
    assert [promise.name for promise in conflict] == ["few", "LD flag bearer often"]
    for promise in conflict:
        rest = [other for other in conflict if other is not promise]
        assert solve(np.zeros((2, 12)), question.stands, rest) is not None
    text = explain_conflict(question.stands, promises)
    assert "few (the least possible is 9)" in text
    assert "LD flag bearer often (the most possible is 7)" in text
    assert "harmless" not in text


def test_of_equal_choices_the_smaller_pact_is_taken():
    found = solve(np.zeros((2, 5)), np.ones((2, 5), bool), [])
    assert not found.choice.any()
