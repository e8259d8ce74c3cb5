"""Apportionment against a library, hand calculation and published figures."""

import numpy as np
import pytest
from apportionment import methods
from hypothesis import given
from hypothesis import strategies as st

from forecaster.answers.proportional import (
    AreaResults,
    apportion,
    count_proportionally,
    gallagher_index,
    read_threshold,
    results_of_election,
)
from forecaster.elections.election import read_election
from forecaster.errors import ConfigError
from forecaster.vocabulary import PARTIES

LIBRARY = {"dhondt": "dhondt", "sainte-lague": "saintelague"}

SAINTE_LAGUE = {
    # By hand: votes of the whole country over one divisor, rounded to the nearest whole number.
    "2019": (
        48_640,
        {"Con": 287, "Lab": 211, "LD": 76, "Reform": 13, "Green": 18, "SNP": 26, "PC": 3}
        | {"DUP": 5, "SF": 4, "SDLP": 2, "UUP": 2, "Alliance": 3},
    ),
    "2024": (
        42_700,
        {"Con": 160, "Lab": 227, "LD": 82, "Reform": 96, "Green": 46, "SNP": 17, "PC": 5}
        | {"DUP": 4, "SF": 5, "SDLP": 2, "UUP": 2, "Alliance": 3, "TUV": 1},
    ),
}


def seats_of(counts):
    return {p: int(n) for p, n in zip(PARTIES, counts, strict=True) if n}


@pytest.mark.parametrize("name", SAINTE_LAGUE)
def test_one_national_list_by_hand(name):
    divisor, expected = SAINTE_LAGUE[name]
    election = read_election(name)
    votes = dict(zip(PARTIES, election.votes.sum(0).tolist(), strict=True))
    lists = set(votes) - {"Other", "Ind", "Spk"}
    rounded = {party: round(votes[party] / divisor) for party in lists}
    assert {party: seats for party, seats in rounded.items() if seats} == expected
    assert sum(expected.values()) == 650
    results = results_of_election(election, "uk")
    assert seats_of(count_proportionally(results, "sainte-lague", 0)[0]) == expected


@pytest.mark.parametrize("method", LIBRARY)
@given(
    votes=st.lists(st.integers(1, 10**6), min_size=2, max_size=8, unique=True),
    seats=st.integers(1, 60),
)
def test_against_a_library(method, votes, seats):
    try:
        expected = methods.compute(LIBRARY[method], votes, seats, tiesallowed=False, verbose=False)
    except methods.TiesException:
        return
    found = apportion(np.array([votes, votes[::-1]], float), seats, method)
    assert found[0].tolist() == expected
    assert found[1].tolist() == expected[::-1]


def test_list_seats_make_up_for_constituencies():
    # The Glasgow region at the Scottish election of 2021: SNP with all nine constituencies,
    # Labour, Conservatives and Greens share seven list seats.
    votes = np.array([[133_917.0, 74_088, 37_027, 36_114]])
    given_ = apportion(votes, 7, "dhondt", np.array([[9, 0, 0, 0]]))
    assert given_.tolist() == [[0, 4, 2, 1]]


@pytest.mark.parametrize(("name", "published"), [("2015", 15.02), ("2017", 6.47), ("2019", 11.80)])
def test_gallagher_index_as_published(name, published):
    election = read_election(name)
    keep = np.arange(len(PARTIES)) != PARTIES.index("Other")
    votes = election.votes.sum(0)[keep] / election.valid_votes.sum()
    seats = np.bincount(election.winner, minlength=len(PARTIES))[keep] / 650
    assert round(100 * float(gallagher_index(votes, seats)), 2) == published


@pytest.mark.parametrize("level", ["uk", "nation", "region"])
@pytest.mark.parametrize("system", ["dhondt", "sainte-lague", "ams"])
def test_every_seat_is_given_once(system, level):
    results = results_of_election(read_election("2024"), level)
    won = count_proportionally(results, system, 0.05)
    assert won.sum() == 650
    assert not won[0, PARTIES.index("Other")]


def test_a_threshold_counts_in_the_area_of_the_list():
    # 10.7 % of Great Britain and less than 15 % in most regions: the Lib Dems of 2019.
    results = results_of_election(read_election("2019"), "region")
    none, some = (count_proportionally(results, "dhondt", t)[0] for t in (0.0, 0.15))
    lib_dems = PARTIES.index("LD")
    over = results.shares[0, :, lib_dems] >= 0.15
    assert 0 < over.sum() < 4
    assert 0 < some[lib_dems] < none[lib_dems]


def test_additional_members_keep_constituencies_and_approach_proportion():
    results = results_of_election(read_election("2024"), "region")
    won = count_proportionally(results, "ams", 0)
    index = [
        float(gallagher_index(results.national, seats / 650)[0])
        for seats in (results.won.sum(1), won, count_proportionally(results, "dhondt", 0))
    ]
    assert index == sorted(index, reverse=True)


def test_a_threshold_that_nobody_reaches_is_refused():
    results = results_of_election(read_election("2019"), "nation")
    with pytest.raises(ConfigError, match=r"no list reaches 48 % in England in 1 of 1"):
        count_proportionally(results, "dhondt", 0.48)


@pytest.mark.parametrize("text", ["200%", "-1", "five", "100%", "nan", ""])
def test_a_threshold_is_a_percentage(text):
    with pytest.raises(ConfigError, match="from 0 % to below 100 %"):
        read_threshold(text)


def test_draws_do_not_meet():
    shares = np.zeros((2, 1, len(PARTIES)))
    shares[0, 0, :2], shares[1, 0, :2] = (0.6, 0.4), (0.3, 0.7)
    one = np.ones(1)
    results = AreaResults("two", "uk", shares, one, np.array([10]), np.zeros((2, 1, 17), int))
    assert count_proportionally(results, "dhondt", 0)[:, :2].tolist() == [[6, 4], [3, 7]]
