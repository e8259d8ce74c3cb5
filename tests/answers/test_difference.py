"""Two runs side by side: differences by hand, and every difference of their configs in words."""

import numpy as np
import pytest

from forecaster import simulate
from forecaster.errors import ConfigError

DRAWS = 512


@pytest.fixture(scope="module")
def day():
    return simulate("next-election", pacts=["progressive"], draws=DRAWS)


@pytest.fixture(scope="module")
def moved(day):
    changes = {"errors.seats": 0.5, "parameters.seat.by_election.value": 0.3}
    return simulate("next-election", pacts=["right"], options=changes, draws=DRAWS)


def test_seats_are_paired_draw_by_draw(day, moved):
    rows = day.difference(moved).set_index("group")
    seats = [run.seats.sel(scenario="no-pact", party="Lab") for run in (day, moved)]
    apart = seats[1].astype(int) - seats[0]
    assert rows.difference["Lab"] == pytest.approx(float(apart.mean()))
    assert rows.difference_p5["Lab"] == round(float(np.quantile(apart, 0.05)))
    independent = simulate("next-election", seed=2, draws=DRAWS)
    other = day.difference(independent).set_index("group")
    assert "difference_p5" not in other
    assert other.difference_mcse["Lab"] > 2 * rows.difference_mcse["Lab"] / 3
    assert abs(other.difference["Lab"]) < 4 * other.difference_mcse["Lab"]


def test_a_run_does_not_differ_from_itself(day):
    assert (day.difference(day).difference == 0).all()
    assert (day.moved(day).moved == 0).all()
    assert day.differs(day).empty


def test_chances_that_moved_are_half_the_sum_of_changes(day, moved):
    found = day.moved(moved)
    assert found.moved.is_monotonic_decreasing and len(found) == 650
    assert (found[["chance_first_mcse", "chance_second_mcse"]] > 0).all(axis=None)
    name = found.name[0]
    apart = (
        moved.win_probability.sel(scenario="no-pact", seat=name)
        - day.win_probability.sel(scenario="no-pact", seat=name)
    ).fillna(0)
    assert found.moved[0] == pytest.approx(float(abs(apart).sum() / 2), abs=1e-6)


def test_why_names_what_was_changed_and_nothing_else(day, moved):
    rows = day.differs(moved).set_index("option")
    assert set(rows.index) == {
        "errors.seats", "parameters.seat.by_election", "scenarios.names",
    } | ({"national.shares"} & set(rows.index))  # fmt: skip
    assert rows.about["errors.seats"] == "model" and rows.about["scenarios.names"] == "pacts"
    assert (rows["first"]["errors.seats"], rows["second"]["errors.seats"]) == ("1.0", "0.5")


def test_shares_that_moved_are_told_in_points(day):
    other = simulate("next-election", shares={"Lab": 35}, draws=DRAWS)
    rows = day.differs(other).set_index("option")
    assert rows.about["national.shares"] == "national shares"
    assert (
        "Lab +5." in rows["second"]["national.shares"]
        or "Lab +6." in rows["second"]["national.shares"]
    )


def test_a_scenario_has_to_be_in_both_runs(day, moved):
    with pytest.raises(ConfigError, match="progressive"):
        day.difference(moved, "progressive")
