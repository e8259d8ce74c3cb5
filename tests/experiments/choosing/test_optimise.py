"""The optimised pact: never worse than rules, promises kept where it is judged, reproducible."""

import numpy as np
import pytest

from forecaster.config.load import load_config, parse_changes
from forecaster.config.pact import Choose, Term
from forecaster.errors import ConfigError
from forecaster.experiments.choosing.optimise import (
    comparison_table,
    judging_seed,
    members_table,
    optimise,
    optimised_file,
    promises_table,
    seats_table,
)
from forecaster.pipeline import simulate_run

pytestmark = pytest.mark.slow

DRAWS = 1000


@pytest.fixture(scope="module")
def overrides(given_shares):
    return [given_shares, f"draws={DRAWS}"]


@pytest.fixture(scope="module")
def best_of(overrides):
    """Return a function that optimises a pact of three for a goal and under terms."""

    def best(**choose):
        run = load_config("next-election", parse_changes(overrides), ["pacts/progressive.toml"])
        pact = run.scenarios[0].pacts[0]
        free = pact.flag_bearer.model_copy(update={"incumbents_keep": False})
        changed = {"choose": Choose(**choose), "flag_bearer": free}
        return optimise(run, pact.model_copy(update=changed), threads=2)

    return best


@pytest.fixture(scope="module")
def free(best_of):
    return best_of()


@pytest.fixture(scope="module")
def fair(best_of):
    return best_of(
        most_seats=120,
        terms=(
            Term(most_lost=0.0),
            Term(party="Green", winnable_seats=3),
            Term(party="LD", region="South West", most_asides=4),
        ),
    )


def rows(table, key):
    return {row[key]: row for row in table.rows}


def test_without_limits_no_rule_is_better(free):
    compared = rows(comparison_table(free), "pact")
    assert {"the file's rule", "best placed last time", "1 in 16 to the Greens"} < set(compared)
    for row in compared.values():
        assert row["better"] >= -2 * row["better_mcse"]
    assert compared["no-pact"]["better"] > 20


@pytest.mark.parametrize(
    ("goal", "against"),
    [("opponent-seats", ("Reform",)), ("majority", ()), ("opponent-majority", ())],
)
def test_nor_for_another_goal(goal, against, best_of):
    for row in comparison_table(best_of(goal=goal, against=against)).rows:
        assert row["better"] >= -2 * row["better_mcse"]


def test_nobody_is_worse_off_where_it_is_judged(fair):
    for row in members_table(fair).rows:
        assert row["difference"] >= -3 * row["difference_mcse"]


def test_limits_are_kept(fair, free):
    assert (fair.choice > 0).sum() <= 120 < (free.choice > 0).sum()
    region = fair.question.plan.base.seats.region[fair.question.scope]
    names = fair.question.members
    south_west = fair.withdrawn[names.index("LD"), region == 8].sum()
    assert south_west <= 4 < free.withdrawn[names.index("LD"), region == 8].sum()
    for row in promises_table(fair).rows:
        sign = 1 if row["kind"] == "at least" else -1
        assert sign * row["chosen"] >= sign * row["bound"] - 1e-6


def test_the_written_pact_gives_what_was_judged(fair, overrides, tmp_path):
    path = tmp_path / "fair.toml"
    path.write_text(optimised_file(fair, "next-election"), encoding="utf-8")
    seed = judging_seed(fair.question.plan.config.seed)
    run = load_config("next-election", parse_changes([*overrides, f"seed={seed}"]), [str(path)])
    (pact,) = run.scenarios[0].pacts
    assert pact.title == "Best for most seats of Lab + LD + Green, chosen seat by seat"
    totals = simulate_run(run).tables["totals"].to_pylist()
    ours = sum(
        row["seats"]
        for row in totals
        if row["scenario"] == "fair" and row["party"] in ("Lab", "LD", "Green")
    )
    judged = rows(comparison_table(fair), "pact")["optimised"]["judged"]
    assert ours / DRAWS == pytest.approx(judged, abs=1e-9)


def test_seat_by_seat_worth_adds_up_to_the_gain(fair):
    table = seats_table(fair)
    gain = rows(comparison_table(fair), "pact")["optimised"]["gain_judged"]
    assert sum(row["value"] for row in table.rows) == pytest.approx(gain)
    nobody = [row for row in table.rows if row["flag_bearer"] == "nobody"]
    assert {(row["value"], row["aside"]) for row in nobody} == {(0.0, "")}
    assert all(row["next_best"] != row["flag_bearer"] for row in table.rows)
    assert np.isfinite([row["next_value"] for row in table.rows]).all()


@pytest.mark.slow
def test_contradicting_promises_are_named(best_of):
    with pytest.raises(ConfigError) as error:
        best_of(most_seats=5, terms=(Term(party="Green", expected_seats=60),))
    assert "Green: at least 60 expected seats (the most possible is" in str(error.value)
    assert "most_seats: the pact in at most 5 seats (the least possible is" in str(error.value)
