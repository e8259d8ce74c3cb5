"""The rule for national shares: known answers, an oracle, and no look into the future."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import forecaster.polls.data as reading
from forecaster.errors import ConfigError
from forecaster.polls.data import AREAS, Poll, last_result, polls_of, read_area
from forecaster.polls.error import fit_error
from forecaster.polls.model import (
    NOISE,
    START,
    britain_by_day,
    cautions,
    distance,
    estimate,
    house_effects,
)
from forecaster.vocabulary import POLLED

ELECTION = date(2024, 7, 4)
TODAY = date(2026, 10, 5)
UNLISTED = np.full(len(POLLED), 0.01)


def britain(polls, day):
    return britain_by_day(polls, [day], UNLISTED)[day]


def poll(pollster, days, *shares, area="GB"):
    """A poll that ended some days before today, with shares of the first parties."""
    listed = [*shares, *[np.nan] * (len(POLLED) - len(shares))]
    return Poll(area, TODAY - timedelta(days=days), pollster, np.array(listed, dtype=float))


def test_a_poll_weighs_half_as_much_every_week():
    polls = [
        poll("A", 30, 0.9, 0.05),  # not A's last
        poll("C", 14, 0.40, 0.20, 0.08),
        poll("B", 7, 0.25, 0.35),
        poll("A", 0, 0.30, 0.30, 0.12),
        poll("C", -1, 0.9, 0.05),  # later than the day
    ]
    # Weights 1, 1/2 and 1/4; B does not list the third party.
    expected = [(0.30 + 0.125 + 0.1) / 1.75, (0.30 + 0.175 + 0.05) / 1.75, (0.12 + 0.02) / 1.25]
    assert britain(polls, TODAY) == pytest.approx([*expected, *UNLISTED[3:]])
    # Only the ratio of weights counts: it is the same for as long as there is no new poll.
    later = TODAY + timedelta(days=200)
    assert britain(polls[:-1], later) == pytest.approx(britain(polls, TODAY))


def test_without_polls_there_is_the_last_result():
    assert np.array_equal(britain([], TODAY), UNLISTED)


polls_strategy = st.lists(
    st.tuples(
        st.sampled_from("ABCD"),
        st.integers(0, 400),
        st.lists(st.floats(0, 0.14), min_size=5, max_size=7),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda one: one[:2],
).map(lambda rows: [poll(house, days, *shares) for house, days, shares in rows])


@pytest.mark.slow
@given(polls_strategy, st.randoms())
def test_order_does_not_matter_and_no_share_lies_outside_the_polls(polls, random):
    found = britain(polls, TODAY)
    random.shuffle(polls)
    assert britain(polls, TODAY) == pytest.approx(found)
    shares = np.array([one.shares for one in polls])[:, :5]
    assert (found[:5] >= shares.min(axis=0) - 1e-12).all()
    assert (found[:5] <= shares.max(axis=0) + 1e-12).all()


@pytest.mark.slow
@settings(max_examples=20)
@given(polls_strategy, st.sampled_from(["GB", "UK", "Scotland", "Wales"]))
def test_shares_of_every_area_sum_to_one_whatever_polls_are_added(polls, area):
    own = [Poll(area, one.end, one.pollster, one.shares) for one in polls]
    found, backwards = estimate(TODAY, own), estimate(TODAY, own[::-1])
    assert found.shares.sum(axis=1) == pytest.approx(1)
    assert (found.shares >= 0).all()
    if area in ("GB", "UK"):
        assert backwards.shares == pytest.approx(found.shares)


def test_one_step_of_the_filter():
    start, seen = np.array([0.10, -0.05]), [(10, np.array([0.16, np.nan]))]
    mean, variance = distance(start, seen, 30, walk=4e-5)
    before = 1e-3 + 10 * 4e-5
    gain = before / (before + 2.4e-3)  # .368
    assert mean == pytest.approx([0.10 + gain * 0.06, -0.05])
    assert variance == pytest.approx([before * (1 - gain) + 20 * 4e-5, 1e-3 + 30 * 4e-5])


@pytest.mark.slow
def test_filter_agrees_with_the_local_level_of_statsmodels():
    structural = pytest.importorskip("statsmodels.tsa.statespace.structural")
    rng = np.random.default_rng(1)
    days, walk, start = 200, 4e-5, 0.25
    seen = start + np.cumsum(rng.normal(0, walk**0.5, days)) + rng.normal(0, NOISE**0.5, days)
    seen[rng.random(days) < 0.6] = np.nan
    oracle = structural.UnobservedComponents(seen, "llevel")
    oracle.ssm.initialize_known(np.array([start]), np.array([[START]]))
    expected = oracle.filter([NOISE, walk])
    polls = [(day, seen[[day]]) for day in np.flatnonzero(~np.isnan(seen))]
    mean, variance = distance(np.array([start]), polls, days - 1, walk)
    assert mean[0] == pytest.approx(expected.filtered_state[0, -1], rel=1e-9)
    assert variance[0] == pytest.approx(expected.filtered_state_cov[0, 0, -1], rel=1e-9)


def test_a_pollsters_effect_is_its_mean_distance_from_all():
    a, b = (0.30, 0.32, 0.34), 0.36
    polls = [poll("A", 9 - i, share) for i, share in enumerate(a)]
    polls += [poll("B", 9 - i, b, 0.2) for i in range(3)]
    effects = house_effects(polls)
    apart = (np.array(a) - b) / 2
    for pollster, sign in (("A", 1), ("B", -1)):
        effect, error = effects[pollster]
        assert effect[0] == pytest.approx(sign * apart.mean())
        assert error[0] == pytest.approx(apart.std(ddof=1) / 3**0.5)
    assert np.isnan(effects["A"][0][1:]).all()
    alone, error = house_effects(polls[:1])["A"]
    assert alone[0] == 0
    assert np.isnan(error).all()


@pytest.mark.parametrize(
    ("area", "days", "said"),
    [
        ("GB", [60, 8], ["last poll 8 days old", "no polls from 6 August to 27 September"]),
        ("GB", [28, 7], []),
        ("GB", [111, 61, 50, 40, 20, 1], []),
        ("Wales", [200, 61], ["last poll 61 days old"]),
        ("Scotland", [60], []),
        ("Wales", [], []),
    ],
)
def test_old_polls_and_long_gaps_are_named(area, days, said):
    assert cautions(area, [poll("", one, area=area) for one in days], TODAY) == said


@pytest.fixture
def tables(monkeypatch):
    """Let a test change the tables that are read: a function of name and table."""
    original = reading.read_table

    def change(how):
        monkeypatch.setattr(reading, "read_table", lambda name: how(name, original(name)))

    return change


@pytest.mark.parametrize("as_of", [date(2015, 5, 6), date(2024, 7, 3), TODAY])
def test_shares_sum_to_one_and_errors_to_zero(as_of):
    found = estimate(as_of)
    assert found.shares.sum(axis=1) == pytest.approx(1)
    assert (found.shares >= 0).all()
    for covariance in (found.covariance, found.own_steps):
        assert covariance.sum(axis=1) == pytest.approx(0, abs=1e-12)
        flat = covariance.reshape(27, 27)
        assert flat == pytest.approx(flat.T, abs=1e-15)
        assert np.linalg.eigvalsh(flat).min() > -1e-12
        # What England is left with sums to zero too: Great Britain has the SNP's and Plaid's parts.
        assert (covariance[0, :5] == 0).all()
        assert (covariance[1:, :, 1:].any(axis=(1, 2, 3))).all()


@pytest.mark.slow
@pytest.mark.parametrize("as_of", [date(2019, 12, 11), date(2024, 7, 4), date(2026, 6, 15)])
def test_no_later_poll_or_result_changes_an_estimate(as_of, tables, monkeypatch):
    before, error = estimate(as_of), fit_error(as_of)

    def poison(name, table):
        table = {key: list(values) for key, values in table.items()}
        days = table.get("end") or table["date"]
        on_the_day = name.startswith("results")
        for i, day in enumerate(days):
            if day > as_of or (on_the_day and day == as_of):
                for party in {*POLLED, "UKIP"} & set(table):
                    table[party][i] = 99.0
        return table

    def elections(name):
        assert name < str(as_of.year + (as_of.month > 7))
        return original(name)

    original = reading.read_election
    monkeypatch.setattr(reading, "read_election", elections)
    tables(poison)
    after, error_after = estimate(as_of), fit_error(as_of)
    assert np.array_equal(before.shares, after.shares)
    assert np.array_equal(before.covariance, after.covariance)
    assert np.array_equal(error.observed, error_after.observed)
    assert all(poll.end <= as_of for polls in after.polls.values() for poll in polls)


def test_without_polls_of_its_own_a_nation_moves_with_great_britain():
    then, now = estimate(date(2026, 4, 1)), estimate(date(2026, 8, 1))
    assert len(then.polls["Wales"]) == len(now.polls["Wales"])
    wales = AREAS.index("Wales")
    movement = now.shares - then.shares
    assert np.abs(movement[0, :5]).max() > 0.005
    assert movement[wales, :5] == pytest.approx(movement[0, :5])
    assert movement[wales, POLLED.index("PC")] == pytest.approx(0)
    steps = (now.as_of - then.as_of).days * now.own_steps
    grown = (now.covariance - then.covariance)[wales, :, wales]
    assert grown == pytest.approx(steps[wales, :, wales])


def test_on_the_eve_of_2015_scotland_is_where_its_last_polls_saw_it():
    """The sweep of the SNP: 20 % in 2010, and nothing in British polls would have shown it."""
    eve = date(2015, 5, 6)
    last = [poll.shares for poll in read_area("Scotland", date(2015, 4, 30), eve)]
    assert len(last) == 3
    found = estimate(eve)
    scotland = found.shares[AREAS.index("Scotland")]
    for k, party in enumerate(POLLED):
        if party not in ("PC", "Restore"):
            # A fortnight's polls, not three alone, stand behind the estimate.
            assert scotland[k] == pytest.approx(np.mean([poll[k] for poll in last]), abs=0.02)
    assert scotland.sum() == pytest.approx(1)
    assert found.polls["Scotland"][-1].end == eve


@pytest.mark.parametrize("day", [date(2015, 5, 7), date(2019, 12, 12)])
def test_a_nations_polls_count_to_the_parliament_they_were_taken_in(day):
    eve, after = estimate(day - timedelta(days=1)), estimate(day + timedelta(days=30))
    assert after.since == day
    for nation in ("Scotland", "Wales"):
        polls = eve.polls[nation]
        assert len(polls) >= 4
        assert eve.since < polls[0].end <= polls[-1].end < day
        assert after.polls[nation] == []


def test_a_welsh_poll_of_2015_has_ukip_in_the_line_of_reform():
    poll = read_area("Wales", date(2015, 5, 5), date(2015, 5, 6))[-1]
    assert poll.shares[POLLED.index("Reform")] == pytest.approx(0.12)
    assert poll.shares[POLLED.index("PC")] == pytest.approx(0.13)


def test_one_line_of_descent_and_a_poll_of_the_kingdom(tables):
    reform = POLLED.index("Reform")

    def table(name, original):
        if name != "polls/national.csv":
            return original
        one = {key: [None, None] for key in original}
        return one | {
            "start": [date(2018, 5, 1), date(2019, 5, 1)],
            "end": [date(2018, 5, 2), date(2019, 5, 2)],
            "pollster": ["A", "A"], "area": ["GB", "UK"], "mrp": [0, 0],
            "Con": [40, 30], "Lab": [40, 30], "UKIP": [5, 2], "Reform": [1, 15],
        }  # fmt: skip

    tables(table)
    polls = read_area("GB", date(2017, 6, 8), date(2020, 1, 1))
    assert [poll.shares[reform] for poll in polls] == [0.05, 0.15]
    assert [poll.area for poll in polls] == ["GB", "UK"]
    scaled = polls_of("GB", date(2017, 6, 8), date(2020, 1, 1))
    ireland = last_result(date(2019, 5, 2))[1].ireland
    assert ireland == pytest.approx(0.025, abs=1e-3)  # 812,000 of 32.2 million votes in 2017
    assert [poll.shares[0] for poll in scaled] == pytest.approx([0.4, 0.3 / (1 - ireland)])


def test_seat_models_and_unnamed_parties_stay_out():
    polls = read_area("GB", ELECTION, TODAY)
    assert len(polls) == 556
    newest = polls[-1]
    assert newest.pollster == "YouGov"
    assert newest.shares[POLLED.index("Restore")] == pytest.approx(0.03)
    assert np.nansum(newest.shares) == pytest.approx(0.98)


@pytest.mark.parametrize(
    ("day", "message"),
    [
        (date(1999, 1, 1), "before the first poll"),
        (date(2026, 10, 6), "from 2005-05-23 to 2026-10-05"),
        (date(2024, 7, 10), "no poll ended since the election of 2024-07-04"),
    ],
)
def test_a_day_without_polls_is_refused(day, message):
    with pytest.raises(ConfigError, match=message):
        estimate(day)
