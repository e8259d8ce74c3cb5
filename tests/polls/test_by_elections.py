"""What by-elections say of tactical voting, on real ones and in closed form."""

from datetime import date

import pytest

from forecaster.config.load import load_config, parse_changes
from forecaster.config.parameters import SqueezeLaw, TruncatedNormal
from forecaster.polls.by_elections import (
    ByElection,
    Squeeze,
    by_elections,
    kappa_after,
    kappa_laws,
    squeezes,
)

PARAMETERS = load_config("next-election").parameters
BLOC = PARAMETERS.swing.tactical.value[0]
NO_LAW = TruncatedNormal(mean=0.0, sd=0.3, low=-0.2, high=0.7)
LAW = SqueezeLaw(mean=0.3, between=0.3, within=0.2, slope=0.5, slope_error=0.1, sd=0.1)


@pytest.fixture(scope="module")
def before_2024():
    return {one.contest.name: one for one in squeezes(date(2024, 7, 3), BLOC, PARAMETERS)}


def test_the_by_elections_of_a_parliament_end_on_the_day():
    since, found = by_elections(date(2021, 6, 17))
    assert since == "2019"
    # Hartlepool, Airdrie and Shotts, Chesham and Amersham, as they were.
    assert [one.day.isoformat() for one in found] == ["2021-05-06", "2021-05-13", "2021-06-17"]
    assert found[-1].votes["LD"] == 21517
    assert len(by_elections(date(2021, 6, 16))[1]) == 2


def test_known_tactical_by_elections_are_seen(before_2024):
    for name, best in (
        ("Chesham and Amersham", "LD"),
        ("North Shropshire", "LD"),
        ("Tiverton and Honiton", "LD"),
        ("Somerton and Frome", "LD"),
        ("Wakefield", "Lab"),
        ("Selby and Ainsty", "Lab"),
        ("Tamworth", "Lab"),
    ):
        assert before_2024[name].best == best
        assert before_2024[name].moved > 0.3
    # Labour and Lib Dems fought each other there.
    assert before_2024["Mid Bedfordshire"].moved < 0


def test_chesham_and_amersham_by_hand(before_2024):
    # Lib Dem 21,517, Green 1,480, Labour 622: the other two had 2,102 of 23,619.
    assert before_2024["Chesham and Amersham"].actual == pytest.approx(2102 / 23619)


@pytest.mark.parametrize(
    "name",
    [
        "Birmingham, Erdington",  # no opponent near
        "Southend West",  # no other party of the bloc stood
        "Airdrie and Shotts",  # between SNP and Labour
    ],
)
def test_seats_without_anything_to_gather_for_do_not_count(before_2024, name):
    assert name not in before_2024


def squeeze(moved, expected):
    contest = ByElection(date(2020, 1, 1), "E14000001", "Somewhere", {})
    return Squeeze(contest, "Lab", expected, expected * (1 - moved))


def test_kappa_by_the_closed_form():
    # Noise of the mean: .04 / .8 = .05, so its weight is .09 / .14 = 9/14.
    found = [squeeze(0.5, 0.6), squeeze(0.1, 0.2)]
    got = kappa_after(found, LAW, NO_LAW)
    parliament = 0.3 + 9 / 14 * (0.4 - 0.3)
    assert got.mean == pytest.approx(0.5 * parliament)
    assert got.sd**2 == pytest.approx(0.01 + (0.1 * parliament) ** 2 + 0.25 * 9 / 14 * 0.05)
    assert (got.low, got.high) == (-0.2, 0.7)


def test_without_by_elections_nothing_is_learnt():
    assert kappa_after([], LAW, NO_LAW) == NO_LAW


@pytest.mark.parametrize(
    "options",
    [
        ["swing.by_elections=false"],
        ["base.election=2017"],  # those of the data's last parliament are not since that base
        ["base.election=2019", 'national={source="election", election="2019"}'],
    ],
)
def test_only_by_elections_since_the_base_count(options):
    run = load_config("next-election", parse_changes(options))
    assert kappa_laws(run)[0] == run.parameters.swing.tactical.value[0].kappa


def test_the_next_election_follows_its_by_elections():
    law = kappa_laws(load_config("next-election"))[0]
    assert law != PARAMETERS.swing.tactical.value[0].kappa
    assert law.sd > PARAMETERS.swing.squeeze.value.sd
