"""The target list: its advice, and how clear it is whom to back."""

import pytest

from forecaster.answers.targets import TOGETHER, advice, targets_table
from forecaster.config.load import load_config, parse_changes
from forecaster.pipeline import simulate_run

PACT = "configs/pacts/progressive.toml"


@pytest.mark.parametrize(
    ("gain", "backfire", "draws", "words"),
    [
        (0.20, 0.02, 10_000, "work together"),
        (0.02, 0.20, 10_000, "do not"),
        (0.005, 0.0, 10_000, "little difference"),
        (0.05, 0.04, 100, "little difference"),
        (0.05, 0.03, 1_000_000, "work together"),
    ],
)
def test_advice(gain, backfire, draws, words):
    errors = {f"{name}_mcse": 1.0 for name in ("gain", "backfire")}
    assert advice({"gain": gain, "backfire": backfire, **errors}, draws) == words


def test_advice_trusts_draws_that_err_less_than_independent_ones():
    chances = {"gain": 0.05, "backfire": 0.035}
    even = {"gain_mcse": 0.002, "backfire_mcse": 0.002}
    assert advice(chances | dict.fromkeys(even, 1.0), 1_000) == "little difference"
    assert advice(chances | even, 1_000) == "work together"


def test_lead_is_over_the_next_member_in_expected_shares():
    tables = simulate_run(load_config("next-election", parse_changes(["draws=64"]), (PACT,)))
    table = targets_table(tables, "progressive")
    shares = {
        (row["seat"], row["party"]): row["mean_share"]
        for row in tables.tables["seats"].to_pylist()
        if row["scenario"] == "no-pact"
    }
    assert len(table.rows) > 500
    for row in table.rows:
        rivals = {"Lab", "LD", "Green"} - {row["flag_bearer"]}
        best = max(shares.get((row["seat"], party), 0) for party in rivals)
        lead = 100 * (shares[row["seat"], row["flag_bearer"]] - best)
        assert row["lead_pp"] == pytest.approx(lead)
        assert (row["clarity"] == "behind") == (lead < 0)
        assert (row["clarity"] == "clear") == (lead >= 10)
    net = [row["gain"] - row["backfire"] for row in table.rows]
    assert net == sorted(net, reverse=True)


def test_no_advice_where_several_pacts_are_counted_at_once():
    both = f"{PACT}+configs/pacts/right.toml"
    tables = simulate_run(load_config("next-election", parse_changes(["draws=64"]), (both,)))
    table = targets_table(tables, tables.manifest["scenarios"][1])
    assert {row["pact"] for row in table.rows} == {"progressive", "right"}
    assert {row["advice"] for row in table.rows} == {None}
    assert TOGETHER in table.notes
