"""The state-space model of national shares: oracles, known truths, and no look into the future."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

import forecaster.polls.data as reading
from forecaster.errors import ConfigError
from forecaster.polls.data import (
    AREAS,
    POLLED,
    read_britain,
    read_nation,
    read_shares,
)
from forecaster.polls.error import fit_error
from forecaster.polls.model import ESTIMATED, Filter, estimate
from forecaster.polls.variance import DOUBT, TYPICAL, estimate_variances, fit
from forecaster.vocabulary import GB_PARTIES

ELECTION = date(2024, 7, 4)
SHARES = ("Con", "Lab", "LD", "Green", "UKIP", "Reform", "SNP", "PC", "Restore", "ChangeUK", "BNP")


def test_filter_agrees_with_the_local_level_of_statsmodels():
    structural = pytest.importorskip("statsmodels.tsa.statespace.structural")
    rng = np.random.default_rng(1)
    days, walk, noise, start = 200, 0.3, 2.0, 25.0
    level = start + np.cumsum(rng.normal(0, walk**0.5, days))
    seen = level + rng.normal(0, noise**0.5, days)
    seen[rng.random(days) < 0.6] = np.nan
    oracle = structural.UnobservedComponents(seen, "llevel")
    oracle.ssm.initialize_known(np.array([start]), np.array([[4.0]]))
    expected = oracle.filter([noise, walk])

    state = Filter(np.array([start]), np.array([[4.0]]))
    yesterday = 0
    for day in np.flatnonzero(~np.isnan(seen)):
        state.move(np.array([[walk]]), int(day) - yesterday)
        yesterday = int(day)
        state.see(np.eye(1), seen[[day]], np.array([[noise]]))
        assert state.mean[0] == pytest.approx(expected.filtered_state[0, day], rel=1e-9)
        assert state.covariance[0, 0] == pytest.approx(
            expected.filtered_state_cov[0, 0, day], rel=1e-9
        )


def _likelihood(logs, values, days, houses, sampling):
    """Restricted likelihood by its definition: the density of contrasts free of the start."""
    walk, house, excess = np.exp(logs)
    elapsed = days - days.min()
    covariance = (
        walk * np.minimum.outer(elapsed, elapsed)
        + house * houses @ houses.T
        + np.diag(sampling + excess)
    )
    contrasts = np.linalg.qr(np.ones((len(values), 1)), mode="complete")[0][:, 1:]
    inner = contrasts.T @ covariance @ contrasts
    rest = contrasts.T @ values
    likelihood = -(np.linalg.slogdet(inner)[1] + rest @ np.linalg.solve(inner, rest)) / 2
    return likelihood - np.sum((logs - np.log(TYPICAL)) ** 2) / (2 * DOUBT**2)


def _one_party(rng, polls=300, pollsters=12, truth=TYPICAL):
    days = np.sort(rng.integers(0, 500, polls)).astype(float)
    walk = np.cumsum(rng.normal(0, truth[0] ** 0.5, 501))
    houses = np.eye(pollsters)[rng.integers(0, pollsters, polls)]
    effects = rng.normal(0, truth[1] ** 0.5, pollsters)
    sampling = 1 / rng.integers(1000, 3000, polls)
    noise = rng.normal(0, np.sqrt(sampling + truth[2]))
    return walk[days.astype(int)] + houses @ effects + noise, days, houses, sampling


def test_variances_are_where_the_restricted_likelihood_is_greatest():
    data = _one_party(np.random.default_rng(2), polls=120)
    best = np.log(fit(*data))
    top = _likelihood(best, *data)
    for k in range(3):
        for sign in (-1, 1):
            step = np.zeros(3)
            step[k] = sign * 0.05
            assert _likelihood(best + step, *data) < top


def test_variances_of_simulated_polls_are_recovered():
    truth = np.array([6e-5, 5e-4, 2e-4])
    rng = np.random.default_rng(3)
    trials = 16
    found = [fit(*_one_party(rng, polls=200, truth=truth)) for _ in range(trials)]
    errors = np.log(found) - np.log(truth)
    # Three standard errors, and the prior's pull: its part of the information times the distance.
    spread = errors.std(axis=0, ddof=1)
    pull = spread**2 / (spread**2 + DOUBT**2) * np.abs(np.log(TYPICAL) - np.log(truth))
    allowed = 3 * spread / trials**0.5 + pull
    assert (np.abs(errors.mean(axis=0)) < allowed).all()


class World:
    """Simulated polls of a parliament whose shares and house effects are known."""

    def __init__(self, seed, polls=250, pollsters=8, days=500):
        rng = np.random.default_rng(seed)
        base = np.append(read_shares("2024").shares[0], 0)
        base[-1] = 1 - base.sum()
        root = np.linalg.cholesky(np.diag(base[:5]) - np.outer(base[:5], base[:5]))
        steps = rng.normal(0, 5e-3, (days, 5)) @ root.T
        self.level = base[:5] + np.cumsum(steps, axis=0)
        self.effects = rng.normal(0, 0.035, (pollsters, 5)) @ root.T
        self.effects -= self.effects.mean(axis=0)
        middle = np.sort(rng.integers(10, days - 1, polls))
        house = np.append(np.arange(pollsters), rng.integers(0, pollsters, polls - pollsters))
        sample = rng.integers(1000, 3000, polls)
        error = rng.normal(0, 1, (polls, 5)) @ root.T * np.sqrt(1 / sample + 4e-4)[:, None]
        shares = self.level[middle] + self.effects[house] + error
        self.as_of = ELECTION + timedelta(days=days - 1)
        middle[-1] = days - 1
        ends = [ELECTION + timedelta(days=int(day)) for day in middle]
        self.table = {name: [None] * polls for name in SHARES} | {
            "end": ends, "start": ends, "pollster": [f"house {j}" for j in house],
            "sample": sample.tolist(), "area": ["GB"] * polls, "mrp": [0] * polls,
        }  # fmt: skip
        for k, party in enumerate(GB_PARTIES):
            self.table[party] = (100 * shares[:, k]).tolist()


@pytest.fixture
def tables(monkeypatch):
    """Let a test change the tables that are read: a function of name and table."""
    original = reading.read_table

    def change(how):
        monkeypatch.setattr(reading, "read_table", lambda name: how(name, original(name)))

    return change


def test_known_shares_and_house_effects_lie_in_their_intervals(tables):
    worlds, inside, inside_houses = 60, [], []
    for seed in range(worlds):
        world = World(seed)
        tables(lambda name, table, w=world: w.table if name == "polls/national.csv" else table)
        found = estimate(world.as_of)
        reach = 1.645 * found.sd()[0, :5]
        inside.append(np.abs(found.shares[0, :5] - world.level[-1]) < reach)
        effects = np.array([house.effect for house in found.houses])
        sds = np.array([house.sd for house in found.houses])
        inside_houses.append(np.abs(effects - world.effects) < 1.645 * sds)
    # 90 % of the worlds, with the binomial error of 60 independent worlds (parties are not).
    allowed = 3 * (0.9 * 0.1 / worlds) ** 0.5
    assert np.mean(inside) == pytest.approx(0.9, abs=allowed)
    assert np.mean(inside_houses) == pytest.approx(0.9, abs=allowed)


@pytest.mark.parametrize("as_of", [date(2015, 5, 6), date(2024, 7, 3), date(2026, 10, 5)])
def test_house_effects_sum_to_zero_and_shares_to_one(as_of):
    found = estimate(as_of)
    effects = np.array([house.effect for house in found.houses])
    listed_by_all = ~np.isnan(effects).any(axis=0)
    assert listed_by_all[:3].all()
    assert effects[:, listed_by_all].sum(axis=0) == pytest.approx(0, abs=1e-9)
    assert found.shares.sum(axis=1) == pytest.approx(1)
    assert (found.shares >= 0).all()
    assert found.covariance.sum(axis=1) == pytest.approx(0, abs=1e-9)
    flat = found.covariance.reshape(24, 24)
    assert flat == pytest.approx(flat.T, abs=1e-12)
    assert np.linalg.eigvalsh(flat).min() > -1e-10


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
    assert all(source.last <= as_of for source in after.sources.values() if source.last)


def test_variance_grows_evenly_across_the_summer_without_polls():
    days = [date(2026, 6, 25), date(2026, 7, 15), date(2026, 8, 4)]
    found = [estimate(day) for day in days]
    for later in found[1:]:
        assert later.shares == pytest.approx(found[0].shares, abs=1e-12)
    variance = np.array([one.sd()[0, :5] ** 2 for one in found])
    steps = np.diff(variance, axis=0)
    assert (steps > 0).all()
    assert steps[0] == pytest.approx(steps[1])


def test_an_old_scottish_poll_moves_with_great_britain_and_its_interval_widens():
    then, now = estimate(date(2025, 9, 21)), estimate(date(2026, 6, 15))
    assert then.sources["Scotland"] == now.sources["Scotland"]
    movement = now.shares[:, :5] - then.shares[:, :5]
    own = np.sqrt((now.as_of - then.as_of).days * np.diag(now.own_steps[1])[:5])
    assert (np.abs(movement[1] - movement[0]) < own).all()
    assert np.corrcoef(movement)[0, 1] > 0.9
    assert (now.sd()[1, :5] > 1.5 * then.sd()[1, :5]).all()


def test_on_the_eve_of_2015_scotland_is_where_its_last_polls_saw_it():
    """The sweep of the SNP: 20 % in 2010, and nothing in British polls would have shown it."""
    eve = date(2015, 5, 6)
    last = [poll.shares for poll in read_nation("Scotland", date(2015, 4, 30), eve)]
    assert len(last) == 3
    found = estimate(eve)
    scotland = found.shares[AREAS.index("Scotland")]
    for k, party in enumerate(POLLED):
        if party != "PC":
            # A fortnight's polls, not three alone, stand behind the estimate.
            assert scotland[k] == pytest.approx(np.mean([poll[k] for poll in last]), abs=0.02)
    assert scotland.sum() == pytest.approx(1)
    assert found.sources["Scotland"].last == eve


@pytest.mark.parametrize("day", [date(2015, 5, 7), date(2019, 12, 12)])
def test_a_nations_polls_count_to_the_parliament_they_were_taken_in(day):
    eve, after = estimate(day - timedelta(days=1)), estimate(day + timedelta(days=30))
    assert after.since == day
    for nation in ("Scotland", "Wales"):
        source = eve.sources[nation]
        assert source.polls >= 4
        assert eve.since < source.first <= source.last < day
        assert after.sources[nation].polls == 0


def test_a_welsh_poll_of_2015_has_ukip_in_the_line_of_reform():
    poll = read_nation("Wales", date(2015, 5, 5), date(2015, 5, 6))[-1]
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
    polls = read_britain(date(2017, 6, 8), date(2020, 1, 1))
    assert [poll.shares[reform] for poll in polls] == [0.05, 0.15]
    assert [poll.area for poll in polls] == ["GB", "UK"]


def test_seat_models_and_unnamed_parties_stay_out():
    polls = read_britain(ELECTION, date(2026, 10, 5))
    assert len(polls) == 492
    newest = polls[-1]
    assert newest.pollster == "YouGov"
    assert np.nansum(newest.shares) == pytest.approx(0.95)


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


def test_few_polls_take_typical_variances():
    polls = read_britain(date(2005, 5, 5), date(2005, 5, 25))
    variances = estimate_variances(polls)
    assert variances.walk[0] == pytest.approx(TYPICAL[0], rel=0.5)
    assert len(ESTIMATED) == len(POLLED) + 1
