"""The record of pacts: what is planted is found, and rules are scored as by hand."""

from dataclasses import replace

import numpy as np
import pytest

from forecaster.calibration.agreements import agreed_gain
from forecaster.calibration.published_matrices import published_matrix
from forecaster.config.pact import TransferTable, read_transfers
from forecaster.elections.election import read_election
from forecaster.experiments import absences
from forecaster.experiments.absences import LAW, Case, Prediction, predict
from forecaster.experiments.backtest import run_before
from forecaster.experiments.pact_record import (
    CASES,
    law_of_case,
    others_for,
    pact_tables,
    score,
)
from forecaster.swing.base import nation_means

pytestmark = pytest.mark.slow

GREENS = next(case for case in CASES if case.recipient == "Green")
AMONG = CASES[GREENS](read_election("2019"))
CERTAIN = TransferTable(
    title="all known",
    seat_sd=0,
    seat_sd_source="a test",
    row=[
        {"donor": donor, "arrive": 0.6, "opponent": 0.1, "abstain": 0.3, "source": "a test"}
        for donor in ("LD", "PC", "Reform")
    ],
)


@pytest.fixture(scope="module")
def config():
    return run_before("2019", "truth", 200, None, {})  # the model file's own parameters will do


@pytest.fixture(scope="module")
def stood_aside(config):
    return predict(GREENS, AMONG, config, read_transfers("formal"), read_election("2019"))


def law(prediction):
    return next(row for row in score(prediction) if row["rule"] == LAW)


def test_a_planted_stand_aside_is_predicted_within_its_intervals(stood_aside):
    rows = [law(replace(stood_aside, actual=drawn)) for drawn in stood_aside.shares[LAW]]
    held = [np.mean([row[key] for row in rows]) for key in ("coverage_90", "mean_inside")]
    assert held == pytest.approx([0.9, 0.9], abs=0.02)
    assert np.mean([row["error"] for row in rows]) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("rule", "part"), [("every vote", 1), ("no vote", 0)])
def test_the_part_that_came_is_the_one_planted(stood_aside, rule, part):
    planted = replace(stood_aside, actual=stood_aside.shares[rule].mean(0))
    assert law(planted)["part_actual"] == pytest.approx(part)


@pytest.mark.slow
def test_a_law_may_be_given_and_moves_the_part_that_it_says(config):
    found = predict(GREENS, AMONG, config, CERTAIN, read_election("2019"))
    # Who stays at home makes the others' shares larger, of the recipient's by a few hundredths.
    assert law(found)["part"] == pytest.approx(0.6, abs=0.1)
    # Between no vote and every vote lie the votes of the absent, but for what the nation's other
    # seats give back.
    gap = (found.shares["every vote"] - found.shares["no vote"]).mean()
    assert gap == pytest.approx(found.donated.mean(), rel=0.05)


def test_after_the_move_national_shares_are_the_true_ones(config):
    case = next(case for case in CASES if case.name.startswith("Brexit"))
    after = read_election("2019")
    asked = absences._with_donors(case, CASES[case](after), config, {LAW: CERTAIN}, after)
    plan, true = absences.balanced(asked)
    scenarios = absences.build_scenarios(plan)
    kernel = absences._kernel(plan, scenarios)
    moved = nation_means(plan.base, absences._simulated(kernel, plan, scenarios, 0, 256)[1])
    assert moved == pytest.approx(true, abs=1e-3)
    reform = 3
    assert plan.targets.shares[0, reform] > 1.5 * true[0, reform]


def test_the_law_of_a_case_does_not_know_it():
    case = next(case for case in CASES if case.name == "failed nominations")
    known, gain, left_out = law_of_case(case)
    assert (gain, left_out) == (0, 6)  # Con, Lab, LD, Green, others, at home
    north = next(case for case in CASES if case.recipient == "SDLP")
    assert law_of_case(north)[1:] == (agreed_gain(without="2019"), 2)
    assert agreed_gain(without="2019").high < agreed_gain().high
    assert known.find("Reform", "Con", None) != read_transfers("informal").find(
        "Reform", "Con", None
    )
    before = next(case for case in CASES if case.election == "2010")
    assert law_of_case(before) == (read_transfers("informal"), 0, 0)


def by_hand():
    """Two seats, three draws; the recipient had 30 and 40 %, and 10 % were given away."""
    case = Case("by hand", "2019", ("Green",), "LD", True)
    draws = np.array([[0.28, 0.38], [0.30, 0.40], [0.32, 0.42]])
    shares = {LAW: draws + 0.06, "every vote": draws + 0.1, "no vote": draws}
    wins = {"standing": 0.2, LAW: 0.6, "every vote": 1.0, "no vote": 0.3}
    actual = np.array([0.34, 0.455])
    return Prediction(case, np.array([0.1, 0.1]), shares, wins, actual, 1, np.array([3, 7]))


def test_scores_are_those_computed_by_hand():
    row = law(by_hand())
    assert (row["seats"], row["wins"], row["wins_expected"]) == (2, 1, 0.6)
    assert row["part"] == pytest.approx(0.6)
    assert row["part_actual"] == pytest.approx(0.475)  # 4.75 points of the 10 that were given
    assert (row["gain"], row["gain_actual"]) == pytest.approx((6, 4.75))
    assert row["error"] == pytest.approx(1.25)
    assert row["absolute_error"] == pytest.approx(1.25)  # 36 for 34 %, 46 for 45.5 %
    # Half of the draws lie from 35 to 37 % and from 45 to 47 %, nine tenths from 34.2 to 37.8 %.
    assert (row["coverage_50"], row["coverage_90"]) == (0.5, 0.5)
    assert row["mean_inside"] == 1


def test_naive_rules_by_hand():
    error = {row["rule"]: row["error"] for row in score(by_hand())}
    assert error["every vote"] == pytest.approx(5.25)
    assert error["no vote"] == pytest.approx(-4.75)


def test_a_published_matrix_holds_what_was_asked_and_means_elsewhere():
    matrix = published_matrix("YouGov 2026")
    asked = matrix.find("Green", "Lab", "Reform")
    assert (asked.arrive, asked.opponent, asked.abstain) == (0.57, 0.03, 0.35)
    assert matrix.find("Green", "Lab", "LD").arrive == pytest.approx((0.57 + 0.44) / 2)
    # Who was never asked of a recipient: the mean over all that the donor was asked of.
    arrive = [row.arrive for row in matrix.row if row.donor == "Green" and row.against]
    assert matrix.find("Green", "PC", None).arrive == pytest.approx(np.mean(arrive))
    assert published_matrix("YouGov 2024").find("Reform", "Con", "Lab").arrive == 0.36
    assert set(others_for(["Reform"], "Con")) == {"YouGov 2026", "YouGov 2024", "judged rates"}
    assert set(others_for(["Green"], "LD")) == {"YouGov 2026", "judged rates"}
    assert set(others_for(["SF"], "SDLP")) == {"judged rates"}


def test_other_rates_are_rules_beside_the_law(config):
    others = {"known": CERTAIN}
    found = predict(GREENS, AMONG, config, CERTAIN, read_election("2019"), others)
    np.testing.assert_allclose(found.shares["known"], found.shares[LAW], atol=1e-6)


def test_rules_are_compared_with_the_law_over_their_own_cases():
    one = by_hand()
    more = one.shares | {"published": one.shares["no vote"]}
    two = replace(one, case=replace(one.case, name="two"), shares=more, actual=one.actual - 0.1)
    alone, both = (
        {row["rule"]: row for row in pact_tables(found)[1].rows} for found in ([one], [one, two])
    )
    assert alone[LAW]["class"] == "named, Great Britain"
    # The law errs 2 and .5 points, "no vote" -4 and -5.5; without either seat, 5 and 2 more.
    assert (alone["no vote"]["more"], alone["no vote"]["more_error"]) == pytest.approx((3.5, 1.5))
    assert alone["no vote"]["seat_more"] == pytest.approx(3.5)
    assert both[LAW]["case_error"] == pytest.approx((1.25 + 11.25) / 2)
    assert both["published"]["more"] == pytest.approx(5.25 - 11.25)
    assert (both["published"]["cases"], both["published"]["nearer"]) == (1, "0 of 1")


def test_a_gain_is_added_to_what_the_law_moves(config):
    after = read_election("2019")
    alone, more = (
        predict(GREENS, AMONG, config, CERTAIN, after, gain=gain).shares for gain in (0.0, 0.1)
    )
    # A tenth of the votes of all others, but for what the nation's other seats give back.
    others = 1 - alone[LAW].mean()
    assert (more[LAW] - alone[LAW]).mean() == pytest.approx(0.1 * others, rel=0.05)
    # Shares come to the nation's true ones after the law's move, which naive rules feel a little.
    assert abs((more["every vote"] - alone["every vote"]).mean()) < 0.1 * 0.1 * others
