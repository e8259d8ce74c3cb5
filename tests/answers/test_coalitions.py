"""Coalitions and power against parliaments whose figures are known, and against enumeration."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecaster.answers.coalitions import (
    House,
    absent_parties,
    coalitions_table,
    house_of_election,
    minimal_counts,
    pivots_table,
    read_coalition,
)
from forecaster.elections.election import read_election
from forecaster.errors import ConfigError

ALLIANCE = "Lab+LD+SNP+PC+SDLP+Alliance+Green+Ind"


def house(*draws, needed=None):
    seats = np.array(draws, np.int16)
    names = tuple("ABCDEFG"[: seats.shape[1]])
    quota = seats.sum(1) // 2 + 1 if needed is None else np.array(needed)
    return House("test", names, seats, quota, ())


def test_the_labour_led_alliance_of_2010():
    commons = house_of_election(read_election("2010"), ["SF"])
    table = coalitions_table(commons, [read_coalition(ALLIANCE, commons)])
    (row,) = table.rows
    assert (row["seats"], row["needed"], row["spare_p50"]) == (330, 323, 7)
    assert "Without them 321 would be enough" in table.notes[0]


@pytest.mark.slow
def test_the_coalitions_that_were_possible_in_2010_with_everybody_voting():
    commons = house_of_election(read_election("2010"), [])
    minimal, _ = minimal_counts(commons)
    # 306 + 57 was the coalition; 258 + 57 needed all but one of the 14 others outside SF and DUP.
    assert ("Con", "LD") in minimal
    assert ("Con", "LD", "SNP") not in minimal
    assert not [c for c in minimal if set(c) <= {"Lab", "LD", "SNP"}]


def test_a_majority_has_all_the_power():
    commons = house_of_election(read_election("2019"), ["SF"])
    power = {row["party"]: row["power"] for row in pivots_table(commons).rows}
    assert power.pop("Con") == 1
    assert set(power.values()) == {0}


def test_banzhaf_of_a_textbook_parliament():
    # Three parties of 50, 49 and 1 of 100: the quota of 51 makes the last as strong as the second.
    minimal, power = minimal_counts(house([50, 49, 1]))
    assert minimal == {("A", "B"): 1, ("A", "C"): 1}
    np.testing.assert_allclose(power[0], [3 / 5, 1 / 5, 1 / 5])


@given(st.lists(st.lists(st.integers(0, 40), min_size=5, max_size=5), min_size=1, max_size=4))
def test_against_enumeration(draws):
    draws = [seats for seats in draws if sum(seats)] or [[1, 0, 0, 0, 0]]
    commons = house(*draws)
    expected, swings = {}, np.zeros((len(draws), 5))
    for d, seats in enumerate(draws):
        quota = sum(seats) // 2 + 1
        for size in range(1, 6):
            for parties in combinations(range(5), size):
                total = sum(seats[j] for j in parties)
                critical = [j for j in parties if total >= quota > total - seats[j]]
                swings[d, critical] += 1
                if total >= quota and len(critical) == size:
                    key = tuple("ABCDE"[j] for j in parties)
                    expected[key] = expected.get(key, 0) + 1
    minimal, power = minimal_counts(commons)
    assert minimal == expected
    rows = coalitions_table(commons, []).rows
    found = {tuple(row["coalition"].split("+")): row["minimal"] for row in rows}
    assert found == {parties: n / len(draws) for parties, n in expected.items()}
    np.testing.assert_allclose(power, swings / swings.sum(1, keepdims=True), atol=1e-6)


def test_errors_are_those_of_clusters():
    # In every other draw A wins alone, so that clusters of two do not differ from one another.
    draws = house([51, 49], [49, 51], [51, 49], [49, 51])
    for cluster, exact in ((1, False), (2, True)):
        (row,) = coalitions_table(replace(draws, cluster=cluster), [("A",)]).rows
        assert (row["minimal_mcse"] == 0, row["majority_mcse"] == 0) == (exact, exact)


def test_those_who_do_not_vote_are_known_by_code_and_name():
    assert absent_parties(["sinn fein", "lab"]) == ("SF", "Lab")
    assert absent_parties(["nobody"]) == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Lab+LibDm", "no such party here"),
        ("Lab+LD+Lab", "Lab is named twice"),
        ("Lab+SF", "SF does not vote. '--without nobody'"),
        ("Lab+Speaker", "Spk does not vote"),
        ("UUP+TUV", "no seat for any of them in 2010"),
    ],
)
def test_a_wrong_coalition_is_refused(text, message):
    commons = house_of_election(read_election("2010"), ["SF"])
    with pytest.raises(ConfigError) as error:
        read_coalition(text, commons)
    assert message in str(error.value)
