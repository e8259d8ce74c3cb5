"""The builder's estimators find what made-up votes were made with."""

import importlib

import numpy as np
import pytest


@pytest.fixture
def module(repository, monkeypatch):
    monkeypatch.syspath_prepend(repository / "data" / "builder")
    return importlib.import_module


@pytest.mark.parametrize("spread", [0.0, 0.1])
def test_spread_between_places_is_what_sampling_does_not_explain(module, spread):
    random = np.random.default_rng(1)
    ballots = random.integers(50, 400, 4000)
    counted = random.binomial(ballots, 0.4 + spread * random.uniform(-(3**0.5), 3**0.5, 4000))
    mean = counted.sum() / ballots.sum()
    found = module("rates").between(counted / ballots, ballots, mean, mean * (1 - mean))
    assert found == pytest.approx(spread, abs=0.01)


def test_error_of_a_pooled_rate_is_that_of_its_clusters(module):
    random = np.random.default_rng(2)
    of = np.repeat(np.arange(40), 5)
    found = []
    for _ in range(300):
        part = (0.4 + 0.1 * random.normal(size=40))[of] * 100
        found.append(module("rates").pooled(part, np.full(200, 100.0), of))
    rate, error = np.array(found).T
    assert rate.mean() == pytest.approx(0.4, abs=0.003)
    assert error.mean() == pytest.approx(rate.std(), rel=0.15)


@pytest.mark.parametrize("spread", [0.0, 0.3])
def test_wards_give_back_rate_error_and_spread(module, spread):
    random = np.random.default_rng(3)
    place = np.repeat(np.arange(150), 20)
    rates, errors, moments = [], [], []
    for _ in range(20):
        own = 0.5 + spread * random.normal(size=150)
        lost = np.where(random.random(3000) < 0.2, random.uniform(0.02, 0.2, 3000), 0)
        noise = random.normal(0, 0.05, 150)[place] + random.normal(0, 0.05, 3000)
        (slope,) = module("wards")._slopes(lost[:, None], own[place] * lost + noise, place, place)
        rates.append(slope.rate)
        errors.append(slope.error)
        moments.append(slope.shared)
    shared, room = np.sum(moments, 0)
    assert np.mean(rates) == pytest.approx(0.5, abs=0.03)
    assert np.mean(errors) == pytest.approx(np.std(rates), rel=0.4)
    assert shared / room == pytest.approx(spread**2, abs=0.015)
