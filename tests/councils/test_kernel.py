"""The kernel against its twin, closed forms and its contracts."""

import numpy as np
import pytest

from forecaster.councils import kernel, reference
from forecaster.councils.kernel import count_draws, empty_counts, normal_quantiles
from forecaster.councils.simulate import simulate_wards
from forecaster.kernels import reference_random

DRAWS = 4_000


def test_random_words_are_those_of_the_engine():
    for counter in ((0, 0, 0), (2**40 + 5, 77, 3)):
        found = kernel.words(np.uint64(2**50 + 9), np.uint64(counter[0]), *counter[1:])
        expected = reference_random.words(2**50 + 9, counter[0], 0, *counter[1:])
        assert [int(word) for word in found] == expected


def test_quantiles_are_standard_normal():
    z = normal_quantiles().astype(float)
    assert abs(z.mean()) < 1e-7
    assert z.var() == pytest.approx(1, abs=2e-4)
    assert (z**4).mean() == pytest.approx(3, abs=5e-3)


@pytest.mark.parametrize("first", [0, 2**33])
def test_kernel_counts_as_its_twin(plan, london, first):
    counts = empty_counts(plan, len(london.councils), 2)
    count_draws(plan, np.uint64(3), np.int64(first), counts)
    won = np.zeros_like(counts.won)
    for draw in range(2):
        for w, council in enumerate(plan.council):
            for s, counted in enumerate(reference.simulate_ward(plan, 3, first + draw, w)):
                won[draw, s, council] += counted.won.astype(np.int16)
    assert (counts.won == won).all()


def test_shares_and_who_is_elected_at_them_are_the_twins(plan):
    wards = np.arange(0, len(plan.seats), 50)
    shares = np.empty((2, *plan.share.shape), np.float32)
    kernel.draw_shares(plan, np.uint64(3), shares)
    won = np.zeros((len(wards), plan.share.shape[1]), np.int64)
    kernel.elect_from(plan, np.uint64(3), np.ones_like(wards), wards, shares[1, wards], won)
    for w, found in zip(wards, won, strict=True):
        twin, luck = reference.voters(plan, 3, 1, w)
        np.testing.assert_allclose(shares[1, w], twin, atol=1e-6)
        assert (found == reference.elect(plan, w, plan.slates[0, w], twin, luck)).all()


def test_threads_and_blocks_change_no_bit(plan, london):
    one, two = (simulate_wards(plan, len(london.councils), 600, 5, n) for n in (1, 2))
    whole = empty_counts(plan, len(london.councils), 600)
    count_draws(plan, np.uint64(5), np.int64(0), whole)
    for first, second, third in zip(one, two, whole, strict=True):
        assert (first == second).all() and (first == third).all()


def test_every_seat_is_filled_in_every_draw(plan, london):
    counts = simulate_wards(plan, len(london.councils), 250, 1, 2)
    assert (counts.elected.sum(3) == 250).all()
    councillors = counts.elected @ np.arange(kernel.MOST + 1)
    assert (councillors.sum(2) == 250 * london.seats).all()
    assert (counts.won.sum((0, 2)) == councillors.sum(1)).all()


@pytest.mark.parametrize(("seats", "chance"), [(2, 2 / 3), (3, 9 / 10)])
def test_equal_slates_split_as_often_as_lots_would(toy, seats, chance):
    """Of 2n candidates alike, the n elected are of one party in 2 of C(2n, n) cases."""
    counts = simulate_wards(toy([0.5, 0.5], [seats, seats], seats), 1, DRAWS, 7, 2)
    error = np.sqrt(chance * (1 - chance) / DRAWS)
    assert counts.split[0, 0] / DRAWS == pytest.approx(chance, abs=4 * error)


def test_without_spread_the_larger_party_takes_all_its_candidates_can(toy):
    counts = simulate_wards(toy([0.6, 0.4], [2, 3], 3, spread=0.0), 1, 10, 1, 1)
    assert (counts.won[:, 0, 0, :2] == [2, 1]).all()


def with_pact(plan, arrive, opponent=0.0, refusal=-50.0, backlash=-50.0):
    """Return a toy plan where the second of three parties stands aside for the first."""
    member, against = np.zeros((2, 1, plan.share.shape[1]), np.uint8)
    member[0, :2], against[0, 2] = 1, 1
    slates = np.concatenate([plan.slates, plan.slates])
    slates[1, 0, 1] = 0
    rate = np.full((1, *plan.share.shape), -1, np.int32)
    rate[0, 0, 1] = 0
    rest = [arrive, opponent, 1 - arrive - opponent, 0]
    return plan._replace(
        slates=slates,
        scenario=np.zeros(1, np.int32),
        lead=np.zeros(1, np.int32),
        member=member,
        opponent=against,
        rate=rate,
        donor=np.ones(1, np.int32),
        weight=np.array([rest], np.float32),
        weight_sd=np.zeros((1, 3), np.float32),
        seat_sd=0.0,
        luck=np.zeros(1, np.int32),
        strength=np.array([[[refusal, 0], [backlash, 0]]], np.float32),
    )


@pytest.mark.parametrize(("arrive", "seats_won"), [(0.8, 2), (0.6, 0)])
def test_votes_that_arrive_decide(toy, arrive, seats_won):
    """30 + 20 a against 45: a majority from a = .75."""
    alone = toy([0.30, 0.20, 0.45], [2, 2, 2], 2, spread=0.0)
    counts = simulate_wards(with_pact(alone, arrive), 1, 10, 1, 1)
    assert (counts.won[:, 1, 0, 0] == seats_won).all()
    assert (counts.won[:, 0, 0, 2] == 2).all()


def test_squares_are_those_of_the_members_gain_draw_by_draw(toy):
    plan = with_pact(toy([0.30, 0.20, 0.42], [2, 2, 2], 2), 0.6)
    counts = simulate_wards(plan, 1, 500, 1, 1)
    members = plan.member[0] == 1
    won = counts.won[:, :, 0][..., members].sum(2).astype(int)
    gain = won[:, 1] - won[:, 0]
    assert counts.squares[1, 0] == (gain**2).sum() > counts.more[1, 0] > 0


def test_a_shared_slate_gets_the_votes_of_both(toy):
    """Two of 30 + 10 and one of 10 + 30, both above 35: all three places."""
    alone = toy([0.30, 0.10, 0.35], [3, 3, 3], 3, spread=0.0)
    plan = with_pact(alone, 0.99)
    slates, rate = plan.slates.copy(), plan.rate.copy()
    slates[1, 0, :2], rate[0, 0, :2] = (2, 1), 0
    counts = simulate_wards(plan._replace(slates=slates, rate=rate), 1, 10, 1, 1)
    assert (counts.won[:, 1, 0, :3] == [2, 1, 0]).all()


@pytest.mark.parametrize(("odds", "guests"), [(1.0, 0), (3.0, 1)])
def test_more_votes_arrive_if_their_party_stays_on_the_slate(toy, odds, guests):
    """A third of two parties' places: 10 and half of 40 lose to 35, but not with three quarters."""
    alone = toy([0.40, 0.10, 0.35], [3, 3, 3], 3, spread=0.0)
    plan = with_pact(alone, 0.5)
    slates, rate = plan.slates.copy(), plan.rate.copy()
    slates[1, 0, :2], rate[0, 0, :2] = (2, 1), 0
    plan = plan._replace(slates=slates, rate=rate, joint=odds)
    counts = simulate_wards(plan, 1, 10, 1, 1)
    assert (counts.won[:, 1, 0, :3] == [2, guests, 1 - guests]).all()


def test_a_party_that_always_refuses_changes_nothing(toy):
    alone = toy([0.30, 0.20, 0.45], [2, 2, 2], 2)
    counts = simulate_wards(with_pact(alone, 1.0, refusal=50.0), 1, 100, 1, 1)
    assert (counts.won[:, 0] == counts.won[:, 1]).all() and not counts.more.any()
