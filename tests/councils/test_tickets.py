"""Joint tickets: what voters do whose party stays on the slate."""

import pytest

from forecaster.councils.data import read_wards
from forecaster.councils.model import council_model
from forecaster.councils.tickets import joint_odds, shared_wards


@pytest.fixture(scope="module")
def richmond():
    return list(shared_wards(read_wards(2022), council_model()))


def test_the_wards_that_both_parties_shared_are_those_of_richmond(richmond):
    assert {ward.ticket for ward in richmond} == {"Richmond upon Thames 2022"}
    assert len(richmond) == 6 and all(0.6 < ward.came < 0.95 for ward in richmond)


@pytest.mark.parametrize("odds", [0.5, 1.0, 4.0])
def test_odds_that_made_the_votes_come_back(richmond, odds):
    made = [ward._replace(came=ward.expected(odds)) for ward in richmond]
    assert joint_odds(made) == pytest.approx(odds, rel=1e-3)


def test_on_joint_tickets_more_votes_arrive_than_when_a_party_stands_aside(richmond):
    """By formal rates the Green would have .6 of the Lib Dem's votes; it had .8."""
    assert all(ward.expected(1.0) < ward.came for ward in richmond)
    assert joint_odds(richmond) == pytest.approx(council_model().candidates.joint.value, abs=0.01)


def test_without_joint_tickets_nothing_is_assumed():
    assert joint_odds([]) == 1.0 and not list(shared_wards(read_wards(2024), council_model()))
