"""What members of a pact give and gain, county by county, counted again by other means."""

import pytest

from forecaster.answers.compare import paired_row
from forecaster.answers.deals import deals_table
from forecaster.answers.targets import targets_table
from forecaster.config.load import load_config, parse_changes
from forecaster.elections.election import read_counties, read_seats
from forecaster.pipeline import simulate_run
from forecaster.results.run import RunTables

PACT = "configs/pacts/progressive.toml"
MEMBERS = ("Lab", "LD", "Green")


@pytest.fixture(scope="module")
def run():
    config = load_config("next-election", parse_changes(["draws=256"]), (PACT,))
    return simulate_run(config, keep_winners=True)


def test_kent_is_the_sum_of_its_seats(run):
    names, county = read_counties(read_seats("2024"))
    codes = read_seats("2024").code
    kent = {code for code, c in zip(codes, county, strict=True) if c == names.index("Kent")}
    effects = [row for row in targets_table(run, "progressive").rows if row["seat"] in kent]
    chances = [row for row in run.tables["seats"].to_pylist() if row["seat"] in kent]
    rows = [row for row in deals_table(run, "progressive").rows if row["county"] == "Kent"]
    assert [row["member"] for row in rows] == list(MEMBERS)
    for row in rows:
        backed = sum(e["flag_bearer"] == row["member"] and e["donors"] != "" for e in effects)
        aside = sum(row["member"] in e["donors"].split("+") for e in effects)
        assert (row["bearer"], row["aside"], row["balance"]) == (backed, aside, backed - aside)
        for key, scenario in (("without", "no-pact"), ("with", "progressive")):
            assert row[key] == pytest.approx(
                sum(
                    c["win_probability"]
                    for c in chances
                    if (c["party"], c["scenario"]) == (row["member"], scenario)
                )
            )


@pytest.mark.parametrize("key", ["bearer", "aside", "balance", "difference"])
def test_counties_add_up_to_regions_and_these_to_the_country(run, key):
    rows = deals_table(run, "progressive").rows
    for member in MEMBERS:
        own = [row for row in rows if row["member"] == member]
        whole = next(row for row in own if row["region"] == "all")
        regions = {row["region"]: row for row in own if row["county"] == "all"} | {"all": None}
        del regions["all"]
        assert whole[key] == pytest.approx(sum(row[key] for row in regions.values()))
        kent = [row for row in own if row["region"] == "South East" and row["county"] != "all"]
        assert len(kent) > 5
        assert regions["South East"][key] == pytest.approx(sum(row[key] for row in kent))


def test_what_members_gain_is_the_gain_of_the_side(run):
    rows = deals_table(run, "progressive").rows
    change = sum(row["difference"] for row in rows if row["region"] == "all")
    targets = targets_table(run, "progressive").rows
    assert targets[-1]["cumulated"] == pytest.approx(change, abs=0.01)


def without_winners(run, **manifest):
    tables = {name: table for name, table in run.tables.items() if name != "winners"}
    return RunTables(run.manifest | manifest, tables)


def test_errors_are_those_of_paired_sums_whether_winners_are_stored_or_not(run):
    rows = deals_table(run, "progressive").rows
    for row in rows[: len(MEMBERS)]:
        paired = paired_row(run, "progressive", (row["member"],))
        for key in ("without_mcse", "with_mcse", "difference_mcse"):
            assert row[key] == pytest.approx(paired[key])
    assert deals_table(without_winners(run), "progressive").rows == rows


def test_errors_of_a_run_that_cannot_be_simulated_again_are_bounds(run):
    other = without_winners(run, config=run.manifest["config"] | {"seed": 2})
    exact, bounds = (deals_table(one, "progressive") for one in (run, other))
    assert set(bounds.notes) - set(exact.notes) == {bounds.notes[-1]}
    assert "upper bounds" in bounds.notes[-1]
    for one, bound in zip(exact.rows, bounds.rows, strict=True):
        assert one["difference"] == bound["difference"]
        if one["bearer"] + one["aside"]:
            assert one["difference_mcse"] < bound["difference_mcse"]


def test_ranks_and_parts_of_the_gain(run):
    rows = targets_table(run, "progressive").rows
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    gained = sum(max(row["net"], 0) for row in rows)
    first = [row for row in rows if row["priority"] == "first half"]
    assert first[-2]["cumulated"] < gained / 2 <= first[-1]["cumulated"]
    named = [row["priority"] for row in rows]
    assert named == sorted(named, key=["first half", "to nine tenths", "the rest", "–"].index)
    for row in rows:
        assert row["per_donor"] * (row["donors"].count("+") + 1) == pytest.approx(row["net"])
