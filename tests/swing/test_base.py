"""The base of a swing: who has a share to start from, and who stands."""

import numpy as np
import pytest

from forecaster.config.load import load_config
from forecaster.elections.election import read_election
from forecaster.errors import ConfigError
from forecaster.swing.base import build_base, nation_shares, to_columns
from forecaster.vocabulary import BALLOT, ELECTIONS, GB_PARTIES, NATIONS

MAIN = len(GB_PARTIES)
SEAT = load_config("next-election", {"parameters.seat.imputed_from.value": {}}).parameters.seat
WITH_DONORS = load_config("next-election").parameters.seat


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
    others = np.delete(np.arange(8), 3)
    before, after = (x[np.ix_(only_reform, others)] for x in (base.last, base.shares))
    np.testing.assert_allclose(after / after.sum(1, keepdims=True), before, atol=1e-12)


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
