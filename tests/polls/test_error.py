"""How far polls were out: known figures, growth with the days, and what is never read."""

from __future__ import annotations

import csv
import tomllib
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from forecaster.config.parameters import NationalParameters
from forecaster.errors import ConfigError
from forecaster.polls.data import polls_of, read_results
from forecaster.polls.error import HORIZONS, _polled, fit_error, on_election_day
from forecaster.polls.model import ESTIMATED, estimate
from forecaster.vocabulary import OWN_PARTY, places

TODAY = date(2026, 10, 5)
ROOT = Path(__file__).resolve().parents[2]

# Result minus final polls in points (Con, Lab, LD), PollBase, one poll a pollster of the last four
# days; a study of nine elections made for this project. 2024 there: 18 polls of the British
# Polling Council, of which our table has 14.
KNOWN = {
    "1992": (4.5, -4.2, -0.7), "1997": (0.7, -2.3, 0.8), "2001": (1.2, -3.3, 1.1),
    "2005": (0.7, -1.5, 0.1), "2010": (1.2, 2.1, -3.7), "2015": (4.0, -1.9, -0.8),
    "2017": (0.2, 4.7, -0.1), "2019": (1.6, -0.6, -0.1), "2024": (2.8, -4.0, 1.4),
}  # fmt: skip
LOOSER = {"2015": 0.55, "2024": 0.65}


@pytest.fixture(scope="module")
def error():
    return fit_error(TODAY)


@pytest.fixture(scope="module")
def found():
    return estimate(TODAY)


@pytest.fixture(scope="module")
def national():
    path = ROOT / "configs" / "models" / "default.toml"
    return NationalParameters.model_validate(tomllib.loads(path.read_text())["national"])


@pytest.mark.parametrize("name", KNOWN)
def test_final_polls_were_out_by_the_known_figures(name):
    result = next(one for one in read_results(TODAY) if one.election == name)
    eve = result.day - timedelta(days=1)
    polls = polls_of("GB", eve - timedelta(days=4), eve)
    got = 100 * (result.shares - _polled(polls, [eve])[0])
    assert got == pytest.approx(KNOWN[name], abs=LOOSER.get(name, 0.15))


def test_the_error_of_2019_from_the_table_itself(error):
    """Every pollster's last poll since 2017, weighted by hand from the file."""
    eve, latest = date(2019, 12, 11), {}
    with (ROOT / "data/polls/national.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            end = date.fromisoformat(row["end"])
            newer = end >= latest.get(row["pollster"], (end,))[0]
            if date(2017, 6, 8) < end <= eve and row["mrp"] != "1" and newer:
                latest[row["pollster"]] = end, float(row["Con"])
    weights = {name: 0.5 ** ((eve - end).days / 7) for name, (end, _) in latest.items()}
    con = sum(weights[name] * share for name, (_, share) in latest.items()) / sum(weights.values())
    assert 100 * error.final[error.elections.index("2019"), 0] == pytest.approx(
        44.7 - con, abs=0.05
    )


def test_polls_that_are_three_weeks_old_say_nothing():
    day = date(2019, 12, 11)
    polls = polls_of("GB", date(2019, 10, 1), date(2019, 11, 1))
    last, old = _polled(polls, [polls[-1].end + timedelta(days=days) for days in (21, 22)])
    assert not np.isnan(last).any()
    assert np.isnan(old).all()
    assert np.isnan(_polled([], [day])).all()


def test_the_fitted_deviation_rises_from_the_final_one_and_stays_near_what_was_seen(error):
    shares = np.array([one.shares for one in read_results(TODAY)])
    vote = (shares * (1 - shares)).mean(axis=0)
    fitted = np.array([error.deviation(days) for days in HORIZONS])
    seen = np.sqrt((error.observed**2 / vote).mean(axis=1))
    assert (np.diff(fitted) > 0).all()
    assert fitted[0] == pytest.approx(seen[0])
    assert fitted / seen == pytest.approx(1, abs=0.3)
    slopes = [error.slope(days) for days in HORIZONS]
    assert (np.diff(slopes) < 0).all()


def test_leaving_the_last_election_out_is_standing_before_it():
    without, before = fit_error(TODAY, exclude=("2024",)), fit_error(date(2024, 7, 4))
    assert without.elections == before.elections
    assert np.array_equal(without.observed, before.observed)
    assert "2024" not in without.elections
    assert fit_error(date(2024, 7, 5)).elections[-1] == "2024"


@pytest.mark.parametrize("days", [1, 90, 700])
def test_covariance_sums_to_zero_and_is_one(error, found, days):
    shares = found.shares[0]
    covariance = error.covariance(shares, days)
    assert covariance.sum(axis=0) == pytest.approx(0, abs=1e-12)
    assert np.linalg.eigvalsh(covariance).min() > -1e-12
    # Among the votes that are not SNP's or Plaid's.
    three = shares[:3] / (1 - shares[places(OWN_PARTY.values(), ESTIMATED)].sum())
    assert np.sqrt(np.diag(covariance))[:3] == pytest.approx(error.rms(three, days))


def test_an_election_day_is_wider_the_further_it_is(error, found, national):
    near = on_election_day(found, error, date(2026, 10, 6), national)
    far = on_election_day(found, error, date(2028, 5, 4), national)
    spread = [np.sqrt(np.einsum("apap->ap", one.covariance)) for one in (near, far)]
    standing = found.shares > 0
    polled = np.sqrt(np.einsum("apap->ap", found.covariance))
    assert (spread[0][standing] > polled[standing]).all()
    assert (spread[1][standing] > spread[0][standing]).all()
    for one in (near, far):
        assert np.linalg.eigvalsh(one.covariance.reshape(27, 27)).min() > -1e-12
        assert one.covariance.sum(axis=1) == pytest.approx(0, abs=1e-12)


def test_votes_lie_nearer_to_the_last_result_than_polls(error, found, national):
    then = on_election_day(found, error, date(2026, 10, 6), national)
    last = read_results(TODAY)[-1].shares
    moved = then.shares - found.shares
    assert moved[0, :3] == pytest.approx((error.slope(1) - 1) * (found.shares[0, :3] - last))
    # The others share what these three win; SNP and Plaid answer to their nations alone.
    assert moved[0].sum() == pytest.approx(0)
    assert moved[0, places(OWN_PARTY.values(), ESTIMATED)] == pytest.approx(0)
    response = national.response.value.Scotland
    assert moved[1, 0] == pytest.approx(response * moved[0, 0])


@pytest.mark.slow
def test_the_results_of_five_elections_lie_where_they_should(national):
    # 15 shares, of which 13.5 should be inside: less than 11 has a chance of 1 in 80 if they were
    # independent. Errors are learnt from earlier elections only.
    inside = 0
    for name in ("2010", "2015", "2017", "2019", "2024"):
        result = next(r for r in read_results(TODAY) if r.election == name)
        eve = date.fromordinal(result.day.toordinal() - 1)
        found = estimate(eve)
        then = on_election_day(found, fit_error(eve), result.day, national)
        sd = np.sqrt(np.diag(then.covariance[0, :, 0]))[:3]
        inside += int((np.abs(result.shares - then.shares[0, :3]) < 1.645 * sd).sum())
    assert 11 <= inside <= 15


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fit_error(TODAY, exclude=("2018",)), "no election '2018'"),
        (lambda: fit_error(date(1975, 1, 1)), "3 elections from 1970 on"),
    ],
)
def test_too_little_to_learn_from_is_refused(call, message):
    with pytest.raises(ConfigError, match=message):
        call()


@pytest.mark.parametrize("day", [TODAY, date(2026, 1, 1), date(2040, 1, 1)])
def test_an_election_day_must_lie_ahead(error, found, national, day):
    with pytest.raises(ConfigError, match="expected a day after 2026-10-05"):
        on_election_day(found, error, day, national)
