"""Slates: rules, guarantees, lists, and the search for the best."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecaster.config.pact import Transfer
from forecaster.councils.contest import read_contest
from forecaster.councils.data import PARTIES
from forecaster.councils.ledger import ledger_table
from forecaster.councils.model import council_model
from forecaster.councils.optimise import _worth_for_control, optimise_slates
from forecaster.councils.plan import build_plan
from forecaster.councils.simulate import Elections
from forecaster.councils.slates import _share_out, among, slates_of
from forecaster.errors import ConfigError, DataError, ForecastError


def members_of(slates):
    return slates.candidates[:, slates.members]


@pytest.mark.parametrize("rule", ["best-placed", "proportional"])
def test_members_fill_the_places_of_every_ward_together(rule, pact, london, expected):
    slates = slates_of(pact, rule, {}, london, expected.shares)
    assert (members_of(slates).sum(1) == london.seats)[slates.holds].all()
    assert (slates.candidates[~slates.holds] == london.candidates[~slates.holds]).all()
    assert (slates.candidates[:, ~slates.members] == london.candidates[:, ~slates.members]).all()
    alone = (members_of(slates) > 0).sum(1)[slates.holds]
    assert (alone == 1).all() == (rule == "best-placed")


@given(st.lists(st.floats(0.01, 1), min_size=2, max_size=5), st.integers(1, 5))
def test_proportional_places_are_never_worse_shared_by_moving_one(votes, seats):
    """Sainte-Laguë: no seat is worth more votes elsewhere."""
    shares = np.array(votes)
    out = _share_out(shares, seats, "proportional")
    assert out.sum() == seats
    for i, j in np.argwhere((out[:, None] > 0) & np.ones((1, len(out)), bool)):
        if i != j:
            assert shares[i] / (2 * out[i] - 1) >= shares[j] / (2 * out[j] + 1) - 1e-12


def test_one_rate_for_everybody_is_every_donors(pact, london, expected):
    strength = pact.strength.model_copy(update={"transfers": Transfer(arrive=0.6, opponent=0.1)})
    slates = slates_of(
        pact.model_copy(update={"strength": strength}), "best-placed", {}, london, expected.shares
    )
    plan = build_plan(london, council_model(), expected, [slates])
    assert sorted(PARTIES[p] for p in plan.donor) == ["Green", "LD", "Lab"]
    np.testing.assert_allclose(plan.weight, np.tile([0.6, 0.1, 0, 0.3], (3, 1)), atol=1e-6)
    assert plan.seat_sd == 0 and (plan.weight_sd == 0).all()


def test_guaranteed_places_are_winnable_and_missing_ones_are_said(pact, london, expected):
    slates = slates_of(pact, "best-placed", {"Green": 3, "LD": 1}, london, expected.shares)
    together = np.where(slates.members, expected.shares, 0).sum(1)
    ahead = together > np.where(slates.members, 0, expected.shares).max(1)
    winnable = slates.holds & ahead
    short = []
    for council in london.councils:
        here = winnable & (london.last.council == council)
        if slates.candidates[here, PARTIES.index("Green")].sum() < 3:
            short.append(council)
            assert london.seats[here].sum() < 3
    assert f"fewer than 3 winnable places for Green in {short[0]}" in slates.notes[0]
    assert (members_of(slates).sum(1) == london.seats)[slates.holds].all()


def test_a_guarantee_is_for_members(pact, london, expected):
    with pytest.raises(ConfigError, match="not a member of progressive"):
        slates_of(pact, "best-placed", {"Con": 1}, london, expected.shares)


def test_the_best_slates_lose_nobody_a_councillor(pact, london, expected):
    best = optimise_slates(pact, Elections(london, expected, 250, 1, 2))
    assert best.holds.any() and (members_of(best).sum(1) == london.seats)[best.holds].all()


LIST = "council,ward,party,candidates\n"


def listed(tmp_path, text):
    path = tmp_path / "slates.csv"
    path.write_text(LIST + text, encoding="utf-8")
    return path


def test_a_list_of_slates_is_used_as_it_says(tmp_path, pact, london, expected):
    path = listed(tmp_path, "Wandsworth,Balham,LD,2\nWandsworth,Balham,Greens,1\n,Balham,Lab,0\n")
    slates = slates_of(pact, str(path), {}, london, expected.shares)
    assert slates.holds.sum() == 1
    assert slates.candidates[slates.holds][0, among(("Lab", "LD", "Green"))].tolist() == [0, 2, 1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Wandsworth,Balham,LD,4\n", "no more than there are places"),
        ("Wandsworth,Balham,LD,2\n", "more candidates than there are places in Balham"),
        ("Wandsworth,Balhem,LD,2\n", "Balham"),
        (",Abbey,LD,2\n", "add a column council"),
        ("Wandswort,Balham,LD,2\n", "no council of london-2026. Did you mean 'Wandsworth'"),
        ("", "no rows"),
        ("Wandsworth,Balham,LD,2\nWandsworth,Balham,LD,1\n", "named twice"),
        ("Wandsworth,Balham,LD,two\n", "whole number"),
        ("Wandsworth,Balham,Whigs,2\n", "no party"),
    ],
)
def test_wrong_lists_say_what_to_mend(tmp_path, pact, london, expected, text, message):
    with pytest.raises(ForecastError, match=message):
        slates_of(pact, str(listed(tmp_path, text)), {}, london, expected.shares)


def test_a_by_election_fills_one_of_the_places(tmp_path):
    path = tmp_path / "stands.csv"
    path.write_text("ward,party,candidates,seats\nBalham,LD,1,1\n", encoding="utf-8")
    contest = read_contest("wandsworth-2026", candidates=path)
    i = contest.last.name.tolist().index("Balham")
    assert contest.seats[i] == 1 and contest.candidates[i].max() == 1
    path.write_text("ward,party,candidates,seats\nBalham,LD,1,4\n", encoding="utf-8")
    with pytest.raises(DataError, match="no more than the ward has"):
        read_contest("wandsworth-2026", candidates=path)
    path.write_text(
        "ward,party,candidates,seats\nBalham,LD,1,1\nBalham,Lab,1,2\n", encoding="utf-8"
    )
    with pytest.raises(DataError, match="2 seats, but 1 before"):
        read_contest("wandsworth-2026", candidates=path)


def test_a_pact_without_candidates_is_refused(london, expected):
    from forecaster.config.load import read_pact

    with pytest.raises(ConfigError, match="stand-aside"):
        slates_of(read_pact("tactical"), "best-placed", {}, london, expected.shares)
    with pytest.raises(ConfigError, match="gain: wards do not know it; leave it out"):
        slates_of(read_pact("dup-uup-tuv"), "best-placed", {}, london, expected.shares)


def test_shapley_values_sum_to_what_the_pact_brings_its_members(pact, london, expected):
    table = ledger_table(pact, "best-placed", Elections(london, expected, 250, 1, 2))
    rows = {row["party"]: row for row in table.rows}
    assert list(rows) == ["Lab", "LD", "Green"]
    gain = sum(row["difference"] for row in table.rows)
    assert sum(row["shapley"] for row in table.rows) == pytest.approx(gain)
    slates = slates_of(pact, "best-placed", {}, london, expected.shares)
    change = slates.candidates - london.candidates
    for party, row in rows.items():
        assert row["candidates"] == change[:, PARTIES.index(party)].sum()


def test_a_party_that_brings_nothing_has_no_shapley_value(pact, london, expected):
    """The Greens stand nowhere, so that they can give way to nobody."""
    candidates = london.candidates.copy()
    candidates[:, PARTIES.index("Green")] = 0
    without = replace(london, candidates=candidates)
    shares = np.where(candidates > 0, expected.shares, 0)
    alone = replace(expected, shares=shares / shares.sum(1, keepdims=True))
    table = ledger_table(pact, "best-placed", Elections(without, alone, 250, 1, 2))
    rows = {row["party"]: row for row in table.rows}
    assert rows["Green"]["shapley"] == pytest.approx(0) and rows["Lab"]["shapley"] != 0


def test_councillors_count_for_control_where_the_members_are_just_short(london):
    """Of 51 seats 26 are needed: the first council is one short in every draw, others never."""
    won = np.zeros((10, len(london.councils), len(PARTIES)), int)
    won[:, :, PARTIES.index("Con")] = 51
    won[:, 0, PARTIES.index("Con")], won[:, 0, PARTIES.index("Lab")] = 26, 25
    worth = _worth_for_control(won, among(("Lab", "LD")), london)
    first = london.last.council == london.councils[0]
    assert worth[first] == pytest.approx(1 / 3) and worth[~first] == pytest.approx(0.01)


def test_slates_for_control_lose_nobody_a_councillor_either(pact, london, expected):
    best = optimise_slates(pact, Elections(london, expected, 250, 1, 2), goal="control")
    assert best.holds.any() and (members_of(best).sum(1) == london.seats)[best.holds].all()
