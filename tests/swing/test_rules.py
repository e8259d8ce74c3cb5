"""Swing rules: worked examples, what must always hold, and five real elections."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecaster.config.load import load_config
from forecaster.elections.election import read_election
from forecaster.kernels import rules
from forecaster.swing.base import OTHER, build_base, nation_shares, to_columns
from forecaster.swing.spread import rule_named, swing_seats
from forecaster.vocabulary import BALLOT, NATIONS, PARTIES

RULES = ["mixture", "logit", "strong-transition"]
PARAMETERS = load_config("next-election").parameters
PAIRS = {
    "2010": "2005-notional", "2015": "2010", "2017": "2015", "2019": "2017",
    "2024": "2019-notional",
}  # fmt: skip


def swing(rule, base, target, weight=None, stands=None, lambda_=1.0, rakes=60):
    base, target = np.array(base, float), np.array(target, float)
    seats, parties = base.shape
    return rules.swing(
        rule,
        base,
        np.ones(base.shape, bool) if stands is None else np.array(stands, bool),
        np.full(seats, 1 / seats) if weight is None else np.array(weight, float),
        target,
        np.ones(parties, bool),
        np.full(parties, lambda_),
        0.2,
        rakes,
    )


def test_uniform_swing_adds_the_same_points_everywhere():
    got = swing("mixture", [[0.5, 0.3, 0.2], [0.3, 0.5, 0.2]], [0.35, 0.45, 0.2])
    assert got == pytest.approx(np.array([[0.45, 0.35, 0.2], [0.25, 0.55, 0.2]]), abs=1e-6)


def test_proportional_change_multiplies_odds_between_parties():
    base = np.array([[0.6, 0.4], [0.2, 0.8]])
    got = swing("mixture", base, [0.5, 0.5], lambda_=0.0)
    ratio = got[:, 0] / got[:, 1] / (base[:, 0] / base[:, 1])
    assert ratio[0] == pytest.approx(ratio[1], rel=1e-6)


def test_logit_moves_the_log_odds_of_a_two_party_seat_alike():
    base = np.array([[0.6, 0.4], [0.2, 0.8]])
    got = swing("logit", base, [0.5, 0.5])
    moved = np.log(got[:, 0] / got[:, 1]) - np.log(base[:, 0] / base[:, 1])
    assert moved[0] == pytest.approx(moved[1], abs=1e-4)


def test_strong_transition_takes_weak_voters_first():
    # The first party falls from 30 to 24 %. Its weak voters (up to 20 % of the seat) are 20 and 10,
    # 15 on average, so each seat loses 6/15 of them: 8 and 4. The second party gains all of it.
    got = rules.strong_transition(
        np.array([[0.5, 0.5], [0.1, 0.9]]),
        np.array([0.3, 0.7]),
        np.array([0.15, 0.2]),
        np.array([0.24, 0.76]),
        0.2,
    )
    assert got == pytest.approx(np.array([[0.42, 0.58], [0.06, 0.94]]), abs=1e-7)


@st.composite
def elections(draw):
    seats, parties = draw(st.integers(2, 6)), draw(st.integers(2, 5))
    share = st.floats(0.05, 1)
    rows = st.lists(share, min_size=parties, max_size=parties)
    base = np.array(draw(st.lists(rows, min_size=seats, max_size=seats)))
    base /= base.sum(1, keepdims=True)
    change = np.array(draw(st.lists(st.floats(0.7, 1.4), min_size=parties, max_size=parties)))
    target = base.mean(0) * change
    return base, target / target.sum()


@given(elections(), st.sampled_from(RULES), st.floats(0, 1))
@settings(max_examples=150, deadline=None)
def test_shares_are_shares_and_their_mean_is_the_target(election, rule, lambda_):
    base, target = election
    got = swing(rule, base, target, lambda_=lambda_)
    assert (got >= 0).all()
    assert got.sum(1) == pytest.approx(1)
    assert got.mean(0) == pytest.approx(target, abs=2e-3)


@given(elections(), st.sampled_from(RULES))
@settings(max_examples=50, deadline=None)
def test_parties_may_be_listed_in_any_order(election, rule):
    base, target = election
    turned = swing(rule, base[:, ::-1], target[::-1])
    assert turned[:, ::-1] == pytest.approx(swing(rule, base, target), abs=1e-9)


@pytest.mark.parametrize("rule", RULES)
def test_without_change_nothing_moves(rule):
    base = np.array([[0.5, 0.3, 0.2], [0.25, 0.55, 0.2]])
    assert swing(rule, base, base.mean(0)) == pytest.approx(base, abs=1e-6)


def test_a_party_that_does_not_stand_gets_nothing():
    stands = [[True, True, False], [True, True, True]]
    got = swing("mixture", [[0.5, 0.3, 0.2], [0.3, 0.5, 0.2]], [0.4, 0.45, 0.15], stands=stands)
    assert got[0, 2] == 0
    assert got.mean(0) == pytest.approx([0.4, 0.45, 0.15], abs=1e-6)


def called(year, rule):
    """Seats of Great Britain, without the Speaker's, that a swing to the true shares calls."""
    before, after = read_election(PAIRS[year]), read_election(year)
    base = build_base(before, after, PARAMETERS.seat)
    shares = swing_seats(
        base,
        nation_shares(after, names_from=before),
        rule_named(rule, PARAMETERS.swing),
        PARAMETERS.swing,
    )
    shares[:, OTHER] *= PARAMETERS.seat.best_other.value
    won = np.zeros(after.votes.shape)
    won[np.arange(650), after.winner] = 1
    right = to_columns(after, won)[np.arange(650), shares.argmax(1)] == 1
    scored = (after.seats.nation < 3) & (after.votes[:, PARTIES.index("Spk")] == 0)
    return int((right & scored).sum()), int(scored.sum())


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("uniform", (573, 595, 578, 585, 480)),
        ("strong-transition", (575, 595, 576, 585, 481)),
        ("asymmetric", (576, 592, 577, 586, 501)),
    ],
)
def test_rules_call_as_many_real_seats_as_an_independent_study_found(rule, expected):
    got = [called(year, rule) for year in PAIRS]
    assert {n for _, n in got} == {631}
    assert max(abs(n - e) for (n, _), e in zip(got, expected, strict=True)) <= 4, got


def test_a_party_that_was_absent_gets_a_base_and_takes_it_from_where_its_voters_were():
    before, after = read_election("2019-notional"), read_election("2024")
    base = build_base(before, after, PARAMETERS.seat)
    reform = PARTIES.index("Reform")
    absent = (before.coverage[:, reform] == 0) & base.stands[:, reform]
    assert absent.sum() > 250
    assert (base.shares[absent, reform] > 0).all()
    stood = before.coverage[:, reform] == 1
    assert 0.5 < base.shares[absent, reform].mean() / base.last[stood, reform].mean() < 2
    taken = base.last[absent] - base.shares[absent]
    assert taken[:, 0].mean() == pytest.approx(0.7 / 0.3 * taken[:, 1].mean(), rel=0.15)
    assert base.shares.sum(1) == pytest.approx(1)


def test_a_retired_speakers_seat_starts_from_its_neighbours():
    before, after = read_election("2017"), read_election("2019")
    base = build_base(before, after, PARAMETERS.seat)
    i = before.seats.name.tolist().index("Buckingham")
    assert BALLOT[NATIONS[0]][int(base.shares[i].argmax())] == "Con"
    assert 0.4 < base.shares[i].max() < 0.7
