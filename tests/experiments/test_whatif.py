"""What-ifs: what is named holds, the rest follows the forecast, contradictions are refused."""

import doctest

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from forecaster import simulate
from forecaster.config.load import change, digest, load_config
from forecaster.elections.election import read_election
from forecaster.errors import ConfigError
from forecaster.experiments import whatif
from forecaster.experiments.whatif import read_shares, with_shares
from forecaster.plan.build import build_plan
from forecaster.swing.nations import britain_weights
from forecaster.vocabulary import BALLOT, NATIONS

DAY = load_config("next-election")
FORECAST = build_plan(DAY).targets.shares
CLOSE = 2e-4
"""The Speaker and independents are given what they have in the base, at the cost of all others."""
WEIGHTS = britain_weights(read_election("2024"))


def expected(shares):
    return build_plan(with_shares(DAY, shares)).targets.shares


def britain(shares, party):
    here = [a for a in range(3) if party in BALLOT[NATIONS[a]]]
    return sum(WEIGHTS[a] * shares[a, BALLOT[NATIONS[a]].index(party)] for a in here)


def test_examples():
    assert doctest.testmod(whatif).failed == 0


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(
    some.dictionaries(
        some.sampled_from(["Lab", "Con", "LD", "Reform"]), some.floats(8, 25), min_size=1
    )
)
def test_shares_named_of_great_britain_are_what_is_simulated(shares):
    found = expected(shares)
    for party, percent in shares.items():
        assert britain(found, party) == pytest.approx(percent / 100, abs=CLOSE)
    assert found.sum(1) == pytest.approx(np.ones(4), abs=CLOSE)
    # The others keep their proportions.
    left = [p for p in ("Con", "Lab", "LD", "Reform", "Green") if p not in shares]
    ratios = [britain(found, p) / britain(FORECAST, p) for p in left]
    assert ratios == pytest.approx([ratios[0]] * len(ratios), rel=0.01)


def test_the_forecasts_own_share_changes_nothing():
    assert expected({"Lab": 100 * britain(FORECAST, "Lab")}) == pytest.approx(FORECAST, abs=CLOSE)


def test_a_nation_is_as_named_and_the_others_stay():
    found = expected({"Scotland": {"SNP": 40}})
    assert found[1, BALLOT["Scotland"].index("SNP")] == pytest.approx(0.4)
    assert found[[0, 2, 3]] == pytest.approx(FORECAST[[0, 2, 3]], abs=CLOSE)


def test_great_britain_and_a_nation_hold_at_once():
    found = expected({"GB": {"Lab": 30}, "Scotland": {"SNP": 33, "Lab": 20}})
    assert britain(found, "Lab") == pytest.approx(0.3, abs=CLOSE)
    assert found[1, BALLOT["Scotland"].index("Lab")] == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("SNP=30",), "SNP: 30.0 % of Great Britain is more than all votes of Scotland"),
        (("Lab=70", "Con=40"), "GB: the shares named sum to 110 %"),
        (("Lab=5", "England:Lab=30"), "Lab: 5.0 % of Great Britain contradicts"),
        (("England:SNP=5",), "England: SNP does not stand there. Known: Con, Lab"),
        (("Mars:Lab=5",), "area 'Mars': not known"),
        (("Lab=31", "Lab=30"), "Lab in GB is named twice"),
        (("Lab",), "expected PARTY=PERCENT"),
        (("Lab=nan",), "expected PARTY=PERCENT"),
        (("Lab=130",), "expected PARTY=PERCENT"),
    ],
)
def test_what_cannot_be_is_refused(words, said):
    with pytest.raises(ConfigError, match=said):
        with_shares(DAY, read_shares(words))


def test_whole_tables_contradict_each_other_too():
    whole = {"Con": 25, "Lab": 30, "LD": 10, "Reform": 20, "Green": 10, "Other": 5}
    config = with_shares(DAY, {"GB": whole, "England": whole | {"Lab": 10, "Con": 45}})
    with pytest.raises(ConfigError, match="of Great Britain contradicts what else is given"):
        build_plan(config)


def test_a_what_if_is_the_run_of_the_same_config_with_those_shares():
    named = simulate(DAY, shares={"Lab": 30, "Reform": 25}, draws=300)
    percent = named.config.national.percent
    same = change(DAY, {"national": {"source": "shares", "percent": percent}, "draws": 300})
    assert digest(same) == digest(named.config)
    np.testing.assert_array_equal(simulate(same).seats, named.seats)
    assert named.title == "Next general election, with national shares assumed by hand"


def test_shares_of_code_take_any_name_of_a_party_and_area():
    by_code = with_shares(DAY, {"GB": {"Lab": 30}, "Scotland": {"SNP": 33}})
    by_name = with_shares(DAY, {"gb": {"Labour": 30}, "scotland": {"Scottish National Party": 33}})
    assert by_name == by_code
    with pytest.raises(ConfigError, match="Labour: Lab in GB is named twice"):
        with_shares(DAY, {"Lab": 30, "Labour": 31})
