"""Words that a table must not leave open: which majority, whose pact, how good such ranges were."""

import doctest

import pytest

import forecaster
from forecaster.answers import summary
from forecaster.answers.coalitions import coalitions_table, pivots_table
from forecaster.answers.proportional import disproportionality_table
from forecaster.answers.summary import MAJORITY_NOTE
from forecaster.config.load import load_config
from forecaster.config.pact import pact_words
from forecaster.report.record import ranges_held, read_record
from forecaster.resources import root

BUNDLED = sorted(path.stem for path in (root() / "configs" / "pacts").glob("*.toml"))
OF_VOTERS = "of those who vote"
RULES = {"best placed": "best-placed", "better placed": "best-placed", "likel": "most-likely"}


@pytest.fixture(scope="module")
def run():
    return forecaster.simulate("next-election", pacts=["progressive", "right"], draws=256)


def test_examples():
    assert doctest.testmod(summary).failed == 0


def test_every_table_names_the_one_majority_that_it_means(run):
    house = run.house(("SF",))
    tables = [
        run.table("totals"),
        run.table("compare", "progressive"),
        run.table("changes"),
        run.table("difference", run),
        coalitions_table(house, [], 10),
        pivots_table(house),
        disproportionality_table(run.area_results("uk"), "sainte-lague", 0.0),
    ]
    for table in tables:
        notes = " ".join(table.notes)
        headings = " ".join(column.heading for column in table.columns)
        assert "ajority" in headings
        assert (MAJORITY_NOTE in notes) != (OF_VOTERS in headings), table.title
        assert (OF_VOTERS in notes) == (OF_VOTERS in headings), table.title


def test_titles_name_a_pact_by_its_members_and_by_what_is_typed(run):
    assert run.table("totals", "right").title == "Seats, Con + Reform stand aside (right)"
    for name, members in (("progressive", "Lab + LD + Green"), ("right", "Con + Reform")):
        named = f"{members} stand aside ({name})"
        for question in ("compare", "pact_effects"):
            assert run.table(question, name).title.startswith(named)
        (note,) = (n for n in run.table("seat", "Lewes").notes if n.startswith(f"{name}:"))
        assert note == f"{name}: {members} stand aside."


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_pacts_title_begins_with_its_members(name):
    ((pact,),) = (one.pacts for one in load_config("next-election", {}, [name]).scenarios)
    assert pact.title.startswith(pact_words(pact.members, pact.strength.form))
    for words, rule in RULES.items():
        assert words not in pact.title or pact.flag_bearer.rule == rule


def test_the_past_of_ranges_comes_from_the_record(run):
    record = read_record()
    rows = [row for row in record["summary"] if row["election"] != "all"]
    mean = 100 * sum(row["totals_coverage_90"] for row in rows) / len(rows)
    parameters = run.manifest["config"]["parameters"]
    sentence = ranges_held(parameters)
    assert f" {mean:.0f} of 100 held" in sentence
    assert f"{len(rows)} general elections from {rows[0]['election']}" in sentence
    assert "other parameters" not in sentence
    assert "by other parameters" in ranges_held({**parameters, "seat": {}})
