"""What by-elections say of tactical voting, on real ones and in closed form."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from forecaster.config.load import load_config, parse_changes
from forecaster.config.parameters import SqueezeLaw, TruncatedNormal
from forecaster.elections.election import overlap_parts, read_election
from forecaster.elections.members import ByElection, by_elections, members
from forecaster.plan.build import build_plan
from forecaster.polls.by_elections import (
    ComparedByElection,
    Squeeze,
    compared_by_elections,
    kappa_after,
    kappa_laws,
    since_base,
    squeezes,
    surprises,
)
from forecaster.vocabulary import BALLOT, PARTIES

PARAMETERS = load_config("next-election").parameters
GENERAL = date(2019, 12, 12)
BLOC = PARAMETERS.swing.tactical.value[0]
NO_LAW = TruncatedNormal(mean=0.0, sd=0.3, low=-0.2, high=0.7)
LAW = SqueezeLaw(mean=0.3, between=0.3, within=0.2, slope=0.5, slope_error=0.1, sd=0.1)


@pytest.fixture(scope="module")
def before_2024():
    every = compared_by_elections(date(2024, 7, 3), PARAMETERS)
    return {one.by_election.name: found[0] for one in every if (found := squeezes([one], BLOC))}


def test_the_by_elections_of_a_parliament_end_on_the_day():
    found = by_elections(GENERAL, date(2021, 6, 17))
    # Hartlepool, Airdrie and Shotts, Chesham and Amersham, as they were.
    assert [one.day.isoformat() for one in found] == ["2021-05-06", "2021-05-13", "2021-06-17"]
    assert found[-1].votes["LD"] == 21517
    assert len(by_elections(GENERAL, date(2021, 6, 16))) == 2


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


def contest(expected, actual, votes=None):
    expected, actual = (np.pad(shares, (0, 9 - len(shares))) for shares in (expected, actual))
    one = ByElection(date(2020, 1, 1), "E14000001", "Somewhere", "2010", votes or {}, "Lab")
    return ComparedByElection(one, 0, BALLOT["England"], "Con", actual > 0, expected, actual)


def squeeze(moved, expected):
    return Squeeze("Lab", expected, expected * (1 - moved))


def test_a_surprise_is_beside_what_was_expected_of_those_who_stood():
    expected = [0.4, 0.3, 0.1, 0.1, 0.05, 0.05, 0, 0]
    got = contest(expected, [0.2, 0.5, 0.1, 0.2, 0, 0, 0, 0])
    # Green and others, who did not stand, had a tenth of the expected votes.
    assert got.contested
    assert got.surprise[:4] == pytest.approx(
        np.array([0.2, 0.5, 0.1, 0.2]) - np.array(expected[:4]) / 0.9
    )
    assert not got.surprise[4:].any()
    aside = contest(expected, [0, 0.9, 0, 0, 0.1, 0, 0, 0])
    assert not aside.contested
    assert not aside.surprise.any()


def test_seats_on_new_boundaries_have_the_surprises_of_their_old_parts():
    old = read_election("2019")
    parts = overlap_parts(old)
    assert parts.sum(1) == pytest.approx(1)
    base = build_plan(
        load_config("next-election", parse_changes(["base.election=2019-notional"]))
    ).base
    i = old.seats.name.tolist().index("Chesham and Amersham")
    one = contest([0.5, 0.2, 0.3, 0, 0, 0, 0, 0], [0.3, 0.1, 0.6, 0, 0, 0, 0, 0])
    got = surprises([replace(one, seat=i)], base, "2019-notional")
    k = base.seats.name.tolist().index("Chesham and Amersham")
    assert got[k] == pytest.approx(parts[k, i] * one.surprise)
    assert parts[k, i] > 0.8


def test_a_by_election_that_says_nothing_leaves_what_an_earlier_one_said():
    base = build_plan(load_config("next-election")).base
    one = contest([0.5, 0.5, 0, 0, 0, 0, 0, 0], [0.3, 0.7, 0, 0, 0, 0, 0, 0])
    aside = contest([0.5, 0.5, 0, 0, 0, 0, 0, 0], [1.0, 0, 0, 0, 0, 0, 0, 0])
    assert surprises([one, aside], base, "2024")[0] == pytest.approx(one.surprise)


def test_nobody_sits_for_seats_that_are_only_notional():
    options = ["base.election=2019-notional", 'national={source="election", election="2024"}']
    known = since_base(load_config("next-election", parse_changes(options)))
    assert known.members is None
    assert len(known.by_elections) > 20


def test_the_mps_of_a_day_are_known():
    election, general = read_election("2024"), date(2024, 7, 4)
    at = {name: i for i, name in enumerate(election.seats.name.tolist())}
    now = members(election, general, date(2026, 10, 5))
    for name, party in (
        ("Gorton and Denton", "Green"),
        ("Aberdeen South", "Con"),
        ("Runcorn and Helsby", "Reform"),
        ("Newark", "Reform"),
        ("Great Yarmouth", "Ind"),
        ("Lewes", "LD"),
    ):
        assert PARTIES[now.party[at[name]]] == party
    eve = members(election, general, date(2026, 2, 25))
    assert PARTIES[eve.party[at["Gorton and Denton"]]] == "Lab"
    assert not now.whip[at["Hackney North and Stoke Newington"]]
    first = members(election, general, general)
    assert (first.party == election.winner).all()
    assert first.whip.all()


def test_the_next_election_knows_of_gorton_and_denton():
    plan = build_plan(load_config("next-election"))
    i = plan.base.seats.name.tolist().index("Gorton and Denton")
    labour, green = BALLOT["England"].index("Lab"), BALLOT["England"].index("Green")
    assert plan.base.holder[i] == green
    assert plan.base.sitting[i, labour] == 0
    assert plan.by_election[i, green] > 0.05 > -0.02 > plan.by_election[i, labour]
    # Clacton's by-election, from which the large parties stood aside, says nothing.
    clacton = plan.base.seats.name.tolist().index("Clacton")
    assert plan.by_election[clacton] == pytest.approx(0, abs=0.001)
    # Nothing is added to the nations' shares.
    assert plan.base.weight @ plan.by_election == pytest.approx(0, abs=1e-9)


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
    found = since_base(run).by_elections
    assert not found
    assert kappa_laws(run, found)[0] == run.parameters.swing.tactical.value[0].kappa


def test_the_next_election_follows_its_by_elections():
    config = load_config("next-election")
    law = kappa_laws(config, since_base(config).by_elections)[0]
    assert law != PARAMETERS.swing.tactical.value[0].kappa
    assert law.sd > PARAMETERS.swing.squeeze.value.sd
