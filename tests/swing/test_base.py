"""The base of a swing: who has a share to start from, and who stands."""

import numpy as np
import pytest

from forecaster.config.config import Candidacy
from forecaster.config.load import load_config
from forecaster.elections.election import read_election
from forecaster.errors import ConfigError
from forecaster.swing.base import OTHER, build_base, nation_means, nation_shares, to_columns
from forecaster.vocabulary import BALLOT, ELECTIONS, GB_PARTIES, NATIONS

MAIN = len(GB_PARTIES)
AS_IT_WAS = {"parameters.seat.other_retention.value": 1.0}
WITH_DONORS = load_config("next-election", AS_IT_WAS).parameters.seat
SEAT = load_config(
    "next-election", {**AS_IT_WAS, "parameters.seat.imputed_from.value": {}}
).parameters.seat


# Five seats of 2005-notional give a party that stood no votes, so it has no base there.
@pytest.mark.parametrize("name", ELECTIONS[1:])
def test_every_main_party_has_a_base_wherever_the_speaker_does_not_stand(name):
    election = read_election(name)
    base = build_base(election, None, SEAT)
    contested = (election.seats.nation < 3) & ~election.speaker
    assert (base.shares[contested, :MAIN] > 0).all()
    assert base.shares.min() >= 0
    np.testing.assert_allclose(base.shares.sum(1), 1)


@pytest.mark.parametrize("name", ELECTIONS)
def test_a_seat_that_everybody_fought_keeps_its_result(name):
    election = read_election(name)
    base = build_base(election, None, SEAT)
    voted = to_columns(election, election.votes)[:, :MAIN].min(1) > 0
    full = voted & (to_columns(election, election.coverage)[:, :MAIN].min(1) >= 1)
    unmoved = full | (election.seats.nation == 3)
    assert unmoved.sum() > 18
    np.testing.assert_allclose(base.shares[unmoved], base.last[unmoved], atol=1e-12)


def test_imputed_votes_are_taken_from_the_donors_in_their_proportion():
    election = read_election("2019")
    base = build_base(election, None, WITH_DONORS)
    stood = to_columns(election, election.coverage)[:, :MAIN] >= 1
    only_reform = (stood == [True, True, True, False, True]).all(1) & (base.seats.nation < 3)
    assert only_reform.sum() > 150
    taken = base.last[only_reform] - base.shares[only_reform]
    gained = base.shares[only_reform, 3]
    np.testing.assert_allclose(taken[:, 0], 0.7 * gained, atol=1e-12)
    np.testing.assert_allclose(taken[:, 1], 0.3 * gained, atol=1e-12)


def test_without_donors_all_others_give_in_proportion():
    election = read_election("2019")
    base = build_base(election, None, SEAT)
    stood = to_columns(election, election.coverage)[:, :MAIN] >= 1
    only_reform = (stood == [True, True, True, False, True]).all(1) & (base.seats.nation < 3)
    others = np.delete(np.arange(base.shares.shape[1]), 3)
    before, after = (x[np.ix_(only_reform, others)] for x in (base.last, base.shares))
    np.testing.assert_allclose(after / after.sum(1, keepdims=True), before, atol=1e-12)


def test_strong_seats_of_other_come_nearer_to_their_nation_and_all_else_keeps_its_proportions():
    election = read_election("2019")
    half = load_config("next-election", {"parameters.seat.other_retention.value": 0.5})
    before, after = (build_base(election, None, of) for of in (WITH_DONORS, half.parameters.seat))
    britain = before.seats.in_britain
    mean = nation_means(before, before.shares)[before.seats.nation, OTHER]
    moved, was = (of.shares[:, OTHER] - mean for of in (after, before))
    clear = britain & ~election.speaker
    np.testing.assert_allclose(moved[clear], 0.5 * was[clear], atol=2e-4)
    np.testing.assert_array_equal(after.shares[~britain], before.shares[~britain])
    np.testing.assert_allclose(
        after.shares[clear, 0] * before.shares[clear, 1],
        before.shares[clear, 0] * after.shares[clear, 1],
        atol=1e-12,
    )


@pytest.mark.parametrize(
    ("before", "after", "seat"),
    [("2005-notional", "2010", "Buckingham"), ("2017", "2019", "Chorley")],
)
def test_a_new_speaker_has_the_votes_of_those_who_make_way(before, after, seat):
    base = build_base(read_election(before), read_election(after), SEAT)
    i, speaker = base.seats.name.tolist().index(seat), BALLOT["England"].index("Spk")
    assert base.stands[i, speaker]
    assert not base.stands[i, :3].any()
    assert base.shares[i, speaker] == pytest.approx(base.last[i, :3].sum(), abs=0.02)
    assert base.shares[i].argmax() == speaker


def test_a_users_changes_decide_who_stands_and_sits():
    election = read_election("2024")
    rows = [
        Candidacy(seat="Clacton", party="Reform", sitting=False),
        Candidacy(seat="Gorton and Denton", party="Green", stands=False),
        Candidacy(seat="Islington North", party="Lab", sitting=True),
    ]
    base = build_base(election, None, SEAT, changes=rows)
    at = base.seats.name.tolist().index
    assert base.sitting[at("Clacton")].sum() == 0
    assert not base.stands[at("Gorton and Denton"), GB_PARTIES.index("Green")]
    labour = GB_PARTIES.index("Lab")
    assert base.sitting[at("Islington North"), labour] == 1
    assert base.holder[at("Islington North")] == labour


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"seat": "Clacton", "party": "SNP", "stands": True}, "not on the ballot paper"),
        ({"seat": "Clacton", "party": "Ind", "stands": True}, "no votes to start from"),
        ({"seat": "Clacto nowhere", "party": "Lab", "stands": True}, "none fits"),
    ],
)
def test_changes_that_cannot_be_are_refused(row, message):
    with pytest.raises(ConfigError, match=message):
        build_base(read_election("2024"), None, SEAT, changes=[Candidacy(**row)])


@pytest.mark.parametrize(("name", "ballot"), [("2015", "2017"), ("2019-notional", "2024")])
def test_a_ballot_paper_has_the_nominations_of_its_election(name, ballot):
    base = build_base(read_election(name), read_election(ballot), SEAT)
    stood = to_columns(read_election(ballot), read_election(ballot).coverage) > 0
    np.testing.assert_array_equal(base.stands[:, :MAIN][base.seats.nation < 3],
                                  stood[:, :MAIN][base.seats.nation < 3])  # fmt: skip
    assert (base.sitting[~base.stands] == 0).all()


def test_main_parties_stand_everywhere_and_the_winner_perhaps_again():
    election = read_election("2024")
    base = build_base(election, None, SEAT)
    contested = (election.seats.nation < 3) & ~election.speaker
    assert base.stands[contested, :MAIN].all()
    assert base.stands[election.seats.nation == 1, BALLOT["Scotland"].index("SNP")].all()
    assert base.stands[election.seats.nation == 2, BALLOT["Wales"].index("PC")].all()
    np.testing.assert_allclose(base.sitting.sum(1), SEAT.stand_again.value)
    np.testing.assert_array_equal(base.sitting.argmax(1), base.holder)


def test_nation_shares_count_a_new_independent_as_other():
    election = read_election("2024")
    plain = nation_shares(election)
    ahead = nation_shares(election, names_from=read_election("2019-notional"))
    other, independent = (BALLOT["England"].index(party) for party in ("Other", "Ind"))
    assert plain[0, independent] > 0 == ahead[0, independent]
    gained = ahead[0, other] - plain[0, other]
    speaker = BALLOT["England"].index("Spk")
    assert gained == pytest.approx(plain[0, [independent, speaker]].sum() - ahead[0, speaker])
    np.testing.assert_allclose(ahead.sum(1), 1)


def test_a_ballot_paper_of_other_boundaries_is_refused():
    with pytest.raises(ConfigError, match="Take '2019-notional'"):
        build_base(read_election("2019"), read_election("2024"), SEAT)


def test_weights_of_a_nation_sum_to_one():
    base = build_base(read_election("2024"), None, SEAT)
    sums = np.bincount(base.seats.nation, weights=base.weight)
    assert sums == pytest.approx(np.ones(len(NATIONS)))
