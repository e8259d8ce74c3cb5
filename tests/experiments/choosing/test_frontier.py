"""The frontier: more seats never do less, and nobody beats hindsight."""

import numpy as np
import pytest

from forecaster.config.load import load_config, parse_changes
from forecaster.config.pact import Choose, Term
from forecaster.experiments.choosing.alternatives import count_options
from forecaster.experiments.choosing.frontier import (
    build_frontier,
    frontier_table,
    on_last_result,
    with_hindsight,
)
from forecaster.vocabulary import PARTIES

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def frontier_of(given_shares):
    def build(sizes=(5, 20, 60), **choose):
        overrides = [given_shares, "draws=600"]
        run = load_config("next-election", parse_changes(overrides), ["pacts/progressive.toml"])
        pact = run.scenarios[0].pacts[0].model_copy(update={"choose": Choose(**choose)})
        return build_frontier(run, pact, sizes, threads=2)

    return build


@pytest.fixture(scope="module")
def seats(frontier_of):
    return frontier_of(most_seats=3)


def test_more_seats_do_more_and_hindsight_most(seats):
    rows = frontier_table(seats).rows
    assert [row["size"] for row in rows] == [5, 20, 60, 574]
    assert [row["seats"] for row in rows][:3] == [5, 20, 60]
    for key in ("simulated", "hindsight"):
        gains = [row[key] for row in rows]
        assert gains == sorted(gains)
    for row in rows:
        assert row["hindsight"] >= row["simulated"]
        assert row["simulated"] >= row["last"] - 2 * row["last_mcse"]


def test_without_terms_the_best_of_a_size_are_the_seats_worth_most(seats):
    # A goal that adds up needs no programme: the greedy choice is the optimum.
    question = seats.question
    draws = count_options(question, question.plan.config.seed, threads=2)
    values = seats.goal.values(draws.chances, question.scope)
    held = question.holds.any(axis=0)
    possible = np.where(question.stands & (~held | question.holds), values, -1.0).max(axis=0)
    best = np.sort(possible)[::-1]
    for size, choice in zip(seats.sizes[:3], seats.choices[:3], strict=True):
        inside = choice > 0
        worth = values[choice[inside] - 1, np.flatnonzero(inside)].sum()
        assert worth == pytest.approx(best[:size].sum(), abs=1e-3)


def test_hindsight_flips_what_can_be_flipped(seats):
    none = seats.goal.outcome(seats.judged.winners[:, 0])
    np.testing.assert_array_equal(with_hindsight(seats, 0), none)
    gain = with_hindsight(seats, 7) - none
    assert gain.min() >= 0
    assert gain.max() == 7


def test_the_last_result_puts_marginal_seats_first(seats):
    question = seats.question
    ranked, option = on_last_result(question)
    shares = question.plan.base.last[question.scope]
    # Columns of England and Wales: Con, Lab, LD, Reform, Green.
    members, opponents = shares[:, [1, 2, 4]], shares[:, [0, 3]]
    gap = np.abs(members.max(1) - opponents.max(1))
    assert (np.diff(gap[ranked]) >= 0).all()
    codes = np.array([PARTIES.index(party) for party in ("Lab", "LD", "Green")])
    assert question.members == ("Lab", "LD", "Green")
    np.testing.assert_array_equal(codes[option - 1], codes[members.argmax(1)])


@pytest.mark.slow
def test_a_size_too_small_for_what_is_promised_is_left_empty(frontier_of):
    found = frontier_of(sizes=(2, 60), terms=(Term(party="LD", winnable_seats=8),))
    first, second, *_ = frontier_table(found).rows
    assert (first["simulated"], first["seats"], first["changes"]) == (None, None, None)
    assert second["simulated"] > 0


@pytest.mark.slow
def test_a_probability_is_in_points(frontier_of):
    found = frontier_of(sizes=(60,), goal="opponent-majority", against=("Reform",))
    rows = frontier_table(found).rows
    assert 0 < rows[0]["simulated"] <= rows[1]["simulated"] <= 100
    assert 0 < rows[0]["changes"] < 1
