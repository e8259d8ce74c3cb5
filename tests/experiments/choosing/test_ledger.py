"""The ledger against games whose value is known, and against the run that it belongs to."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecaster.answers.compare import compare_table
from forecaster.config.load import load_config, parse_changes
from forecaster.config.pact import Choice, FlagBearer, Guarantee, Pact
from forecaster.experiments.ledger import (
    build_ledgers,
    pact_of,
    parties_table,
    regions_table,
    shapley_values,
)
from forecaster.pipeline import simulate_run
from forecaster.plan.build import build_plan
from forecaster.plan.scenarios import build_scenarios
from forecaster.resources import root

ABC = ("A", "B", "C")


def subsets(members):
    return [s for n in range(len(members) + 1) for s in combinations(members, n)]


def test_the_glove_game():
    # A has a left glove, B and C right ones; a pair is worth 1 (Shapley 1953; any textbook).
    worth = {s: np.array([float("A" in s and len(s) > 1)]) for s in subsets(ABC)}
    np.testing.assert_allclose(shapley_values(ABC, worth)[:, 0], [2 / 3, 1 / 6, 1 / 6])


@given(st.lists(st.integers(-9, 9), min_size=8, max_size=8), st.integers(-9, 9))
def test_values_share_out_the_whole_and_a_bystander_gets_its_own(numbers, own):
    worth = {s: np.array([float(x)]) for s, x in zip(subsets(ABC), numbers, strict=True)}
    worth[()] = np.zeros(1)
    values = shapley_values(ABC, worth)[:, 0]
    assert values.sum() == pytest.approx(worth[ABC][0])
    wider = dict(worth)
    for subset in subsets(ABC):
        wider[(*subset, "D")] = worth[subset] + own
    again = shapley_values((*ABC, "D"), wider)[:, 0]
    np.testing.assert_allclose(again, [*values, own], atol=1e-9)


@pytest.fixture(scope="module")
def tables(given_shares):
    overrides = [given_shares, "draws=500"]
    pacts = ["pacts/progressive.toml", "pacts/progressive.toml+pacts/right.toml"]
    return simulate_run(load_config("next-election", parse_changes(overrides), pacts))


@pytest.fixture(scope="module")
def ledger(tables):
    (one,) = build_ledgers(tables, "progressive", threads=2)
    return one


def test_differences_are_those_of_the_run(ledger, tables):
    rows = {row["party"]: row for row in parties_table(ledger).rows}
    compared = {row["group"]: row for row in compare_table(tables, "progressive").rows}
    for party in ledger.pact.members:
        assert rows[party]["difference"] == pytest.approx(compared[party]["difference"])
        assert rows[party]["worse"] == compared[party]["fewer"]
    assert rows["together"]["difference"] == pytest.approx(compared["Lab+LD+Green"]["difference"])


def test_shapley_values_share_out_the_gain(ledger):
    rows = {row["party"]: row for row in parties_table(ledger).rows}
    members = [rows[party] for party in ledger.pact.members]
    gain = rows["together"]["difference"]
    assert sum(row["shapley"] for row in members) == pytest.approx(gain)
    assert sum(row["beyond"] for row in members) == pytest.approx(0, abs=1e-9)
    assert min(row["shapley"] for row in members) > 0


def test_a_smaller_pact_is_worth_what_simulating_it_gives(ledger, given_shares, tmp_path):
    path = tmp_path / "pair.toml"
    text = (root() / "configs/pacts/progressive.toml").read_text()
    path.write_text(text.replace('members = ["Lab", "LD", "Green"]', 'members = ["Lab", "LD"]'))
    run = simulate_run(
        load_config("next-election", parse_changes([given_shares, "draws=500"]), [str(path)])
    )
    rows = run.tables["totals"].to_pylist()
    seats = {
        name: sum(
            row["seats"]
            for row in rows
            if row["scenario"] == name and row["party"] in ledger.pact.members
        )
        for name in ("no-pact", "pair")
    }
    assert ledger.worth["Lab", "LD"].sum() == seats["pair"] - seats["no-pact"]


def test_regions_add_up_to_parties(ledger):
    parties = {row["party"]: row for row in parties_table(ledger).rows}
    regions = regions_table(ledger).rows
    assert {row["region"] for row in regions} == {
        row["region"] for row in regions if row["party"] == "Green"
    }
    for party in ledger.pact.members:
        mine = [row for row in regions if row["party"] == party]
        for key in ("bearer", "aside", "gained", "lost", "difference"):
            assert sum(row[key] for row in mine) == pytest.approx(parties[party][key])


def test_who_gives_way_gives_most_of_its_votes_up(ledger, tables):
    seats = [row for row in tables.tables["seats"].to_pylist() if row["scenario"] == "no-pact"]
    effects = tables.tables["pact_effects"].to_pylist()
    bears = {row["seat"] for row in effects if row["flag_bearer"] == "Green"}
    green = sum(
        row["mean_share"] for row in seats if row["party"] == "Green" and row["seat"] not in bears
    )
    votes = ledger.forgone[ledger.pact.members.index("Green")].sum()
    # Refusals keep a few per cent; a seat has some 44,000 votes.
    assert 0.8 < votes / (green * 44_300) < 1.0


def test_beside_another_pact_the_difference_is_that_of_one(tables, ledger):
    first, second = build_ledgers(tables, "progressive+right", threads=2)
    assert (first.pact.name, second.pact.name) == ("progressive", "right")
    # The right's pact holds with and without: more to be won against it than without it.
    assert first.before.sum() < ledger.before.sum()
    assert (second.before.sum((0, 2)) > 0).all()


LIST = FlagBearer(
    rule="file",
    file=(
        Choice(seat="Lewes", party="LD", aside=("Green",)),
        Choice(seat="Aldershot", party="Lab"),
        Choice(seat="Brighton Pavilion", party="Green", aside=("Lab",)),
    ),
)


@pytest.mark.parametrize(
    ("bearer", "subset", "expected"),
    [
        (FlagBearer(rule="most-likely"), ("Lab", "LD"), FlagBearer(rule="most-likely")),
        (
            FlagBearer(rule="one-in-n", party="Green", n=16),
            ("Lab", "LD"),
            FlagBearer(rule="best-placed", incumbents_keep=True),
        ),
        (
            FlagBearer(rule="guaranteed", guarantees=(Guarantee(party="Green", seats=1),)),
            ("Lab", "LD"),
            FlagBearer(rule="best-placed"),
        ),
        (
            LIST,
            ("LD", "Green"),
            FlagBearer(rule="file", file=LIST.file[:1]),
        ),
        (LIST, ("Lab", "LD"), FlagBearer(rule="file", file=LIST.file[1:2])),
        (LIST, ("Lab",), None),
    ],
)
def test_the_rule_among_fewer_members(bearer, subset, expected, given_shares):
    run = load_config(
        "next-election", parse_changes([given_shares, "draws=64"]), ["pacts/progressive.toml"]
    )
    pact: Pact = run.scenarios[0].pacts[0].model_copy(update={"flag_bearer": bearer})
    scenario = run.scenarios[0].model_copy(update={"pacts": (pact,)})
    plan = build_plan(run.model_copy(update={"scenarios": (scenario,)}))
    smaller = pact_of(pact, subset, plan, build_scenarios(plan).pacts[0])
    if expected is None:
        assert smaller is None
    else:
        assert (smaller.members, smaller.flag_bearer) == (subset, expected)
