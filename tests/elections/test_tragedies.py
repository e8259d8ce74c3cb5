"""Tragedies: known counts, how the definitions lie within each other, and what they leave out."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecaster.elections.election import read_election
from forecaster.elections.names import find_seat
from forecaster.elections.tragedy import DEFINITIONS, combined_lead, tragic, tragic_seats
from forecaster.vocabulary import ELECTIONS, NATIONS, PARTIES

WITHIN = [
    ("over-bloc", "lab-ld-green"),
    ("england", "lab-ld-green"),
    ("lab-ld-green", "with-nationalists"),
]


@pytest.mark.parametrize(
    ("election", "name", "seats"),
    [
        ("2019", "lab-ld-green", 56),
        ("2019", "with-nationalists", 65),
        ("2019", "over-bloc", 41),
        ("2019", "england", 53),
        ("2017", "lab-ld-green", 45),
        ("2017", "with-nationalists", 61),
        ("2017", "over-bloc", 36),
        ("2017", "england", 43),
    ],
)
def test_known_counts(election, name, seats):
    assert tragic_seats(DEFINITIONS[name], read_election(election)).sum() == seats


def test_one_more_over_the_bloc_without_the_own_candidates_of_ukip():
    definition = replace(DEFINITIONS["over-bloc"], against=("Con", "Reform"))
    assert tragic_seats(definition, read_election("2019")).sum() == 42


def test_lewes_was_lost_to_a_combined_lead_of_2202():
    election = read_election("2019")
    lewes = find_seat(election.seats, "Lewes").index
    lead = combined_lead(DEFINITIONS["lab-ld-green"], election.votes, election.winner)
    assert lead[lewes] == 2202


@pytest.mark.parametrize("name", DEFINITIONS)
def test_shares_give_the_same_seats_as_votes(name):
    election = read_election("2019")
    by_share = tragic(DEFINITIONS[name], election.shares, election.winner, election.seats.nation)
    np.testing.assert_array_equal(by_share, tragic_seats(DEFINITIONS[name], election))


@pytest.mark.parametrize("name", ELECTIONS)
def test_only_seats_in_britain_that_a_named_party_won(name):
    election = read_election(name)
    for definition in DEFINITIONS.values():
        seats = tragic_seats(definition, election)
        assert {PARTIES[i] for i in election.winner[seats]} <= set(definition.winners)
        assert {NATIONS[i] for i in election.seats.nation[seats]} <= set(definition.nations)


@given(arrays(np.int64, (30, len(PARTIES)), elements=st.integers(0, 50_000)))
def test_definitions_lie_within_each_other(votes):
    nation, winner = np.arange(30) % len(NATIONS), votes.argmax(axis=1)
    seats = {name: tragic(d, votes, winner, nation) for name, d in DEFINITIONS.items()}
    for narrow, wide in WITHIN:
        assert not (seats[narrow] & ~seats[wide]).any()
