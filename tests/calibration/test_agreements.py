"""What agreements in Northern Ireland brought: figures by hand, and the bundled pacts."""

import numpy as np
import pytest

from forecaster.calibration import agreements
from forecaster.calibration.agreements import AGREEMENTS, Gain, agreed_gain, gain_of
from forecaster.config.load import read_pact


def test_an_agreement_that_ended_by_hand():
    # Newry and Armagh 2017: the DUP came back with 24.6 %, the UUP fell from 32.7 to 8.3 %; in the
    # eleven seats where both stood both times the UUP lost six points on average.
    back = next(one for one in AGREEMENTS if one.seat.startswith("Newry") and one.ends)
    found = gain_of(back)
    assert found.would == pytest.approx(0.246, abs=0.001)
    assert found.gained == pytest.approx(0.327 - 0.083 - 0.06, abs=0.005)
    beyond = found.gained - found.arrives * found.would
    others = 1 - 0.327 + beyond
    assert found.gain == pytest.approx(beyond / others, abs=0.001)


def test_a_planted_gain_comes_back_and_an_election_can_be_left_out(monkeypatch):
    planted = {one: 0.3 if one.election == "2019" else 0.1 for one in AGREEMENTS}
    monkeypatch.setattr(
        agreements, "gain_of", lambda one: Gain(one, 0.1, 0.1, 0.5, planted[one], 0.01)
    )
    without = agreed_gain(without="2019")
    assert (without.low + without.high) / 2 == pytest.approx(0.1)
    number = sum(one.election != "2019" for one in AGREEMENTS)
    assert without.high - without.low == pytest.approx(2 * 1.645 * 0.01 / number**0.5, abs=1e-3)
    every = agreed_gain()
    assert every.high > 0.2 > without.high


@pytest.mark.parametrize("name", ["dup-uup-tuv", "sf-sdlp-alliance"])
def test_the_bundled_pacts_have_the_gain_that_is_estimated(name):
    assert read_pact(name).strength.gain == agreed_gain()


def test_the_table_says_what_the_range_is():
    table = agreements.agreements_table()
    assert len(table.rows) == len(AGREEMENTS)
    assert all(np.isfinite(row["gain"]) and row["error"] > 0 for row in table.rows)
    assert f"{agreed_gain().low} to {agreed_gain().high}" in table.notes[1]
