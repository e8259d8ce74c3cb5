"""From shares in Great Britain to shares in each nation."""

import numpy as np
import pytest

from forecaster.elections.election import read_election
from forecaster.swing.base import nation_shares
from forecaster.swing.nations import MOVED, britain_weights, spread_britain
from forecaster.vocabulary import BALLOT, GB_PARTIES, NATIONS

ENGLAND, SCOTLAND, WALES, NORTHERN_IRELAND = range(4)
BRITAIN = {
    "Con": 0.17, "Lab": 0.19, "LD": 0.13, "Reform": 0.28, "Green": 0.14, "SNP": 0.03, "PC": 0.01,
    "Other": 0.05,
}  # fmt: skip
WELSH = {"Con": 0.1, "Lab": 0.2, "LD": 0.05, "Reform": 0.3, "Green": 0.05, "PC": 0.28}


@pytest.fixture(scope="module")
def base():
    return nation_shares(read_election("2024"))


@pytest.fixture(scope="module")
def weights():
    return britain_weights(read_election("2024"))


def in_britain(shares, weights):
    parties = [BALLOT["England"][column] for column in MOVED]
    return dict(zip(parties, weights @ shares[:3][:, MOVED], strict=True))


@pytest.mark.parametrize("nations", [{}, {"Wales": WELSH}])
def test_shares_are_shares(base, weights, nations):
    found = spread_britain(BRITAIN, nations, base, weights)
    assert found.min() >= 0
    assert found.sum(1) == pytest.approx(1)


def test_northern_ireland_stays_at_the_base(base, weights):
    found = spread_britain(BRITAIN, {}, base, weights)
    assert found[NORTHERN_IRELAND] == pytest.approx(base[NORTHERN_IRELAND])


def test_a_nation_that_is_given_comes_back_as_given(base, weights):
    found = spread_britain(BRITAIN, {"Wales": WELSH}, base, weights)[WALES]
    expected = [WELSH.get(party, 0) for party in BALLOT["Wales"]]
    expected[BALLOT["Wales"].index("Other")] = 1 - sum(WELSH.values())
    assert found == pytest.approx(expected)


def test_the_speaker_and_independents_keep_their_votes(base, weights):
    found = spread_britain(BRITAIN, {}, base, weights)
    for column, party in enumerate(BALLOT["England"]):
        if party in ("Spk", "Ind"):
            assert found[ENGLAND, column] == base[ENGLAND, column] > 0


def test_england_is_what_a_given_scotland_and_wales_leave(base, weights):
    scottish = {"Con": 0.1, "Lab": 0.2, "LD": 0.1, "Reform": 0.15, "Green": 0.08}
    own = {"SNP": BRITAIN["SNP"] / weights[SCOTLAND], "PC": BRITAIN["PC"] / weights[WALES]}
    nations = {
        "Scotland": {**scottish, "SNP": own["SNP"]},
        "Wales": {**WELSH, "PC": own["PC"]},
    }
    found = in_britain(spread_britain(BRITAIN, nations, base, weights), weights)
    assert [found[party] for party in GB_PARTIES] == pytest.approx(
        [BRITAIN[party] for party in GB_PARTIES]
    )


def test_england_is_what_scotland_and_wales_leave_of_great_britain(base, weights):
    found = in_britain(spread_britain(BRITAIN, {}, base, weights), weights)
    for party in GB_PARTIES:
        assert found[party] == pytest.approx(BRITAIN[party], abs=1e-6), party


@pytest.mark.parametrize(("nation", "party"), [(SCOTLAND, "SNP"), (WALES, "PC")])
def test_a_nations_own_party_has_its_british_share_over_the_weight(base, weights, nation, party):
    found = spread_britain({**BRITAIN, "SNP": 0.04, "Other": 0.04}, {}, base, weights)
    share = found[nation, BALLOT[NATIONS[nation]].index(party)]
    assert share == pytest.approx({"SNP": 0.04, "PC": 0.01}[party] / weights[nation], abs=1e-6)


def test_a_party_left_out_of_shares_that_sum_to_one_gets_none(base, weights):
    found = in_britain(
        spread_britain({"Con": 0.4, "Lab": 0.4, "LD": 0.2}, {}, base, weights), weights
    )
    assert found["Con"] == pytest.approx(0.4, abs=0.005)


@pytest.mark.parametrize("name", ["2010", "2024"])
def test_weights_are_the_nations_votes(name):
    election = read_election(name)
    votes = [election.valid_votes[election.seats.nation == a].sum() for a in range(3)]
    assert britain_weights(election) == pytest.approx(np.array(votes) / sum(votes))
