"""``forecast tragedies`` and ``forecast replicate``, as people use them."""

import json

import pytest

from forecaster.cli.main import run
from forecaster.elections.tragedy import DEFINITIONS


def rows_of(capsys, *arguments):
    assert run([*arguments, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_an_election_gives_a_count_by_definition(capsys):
    rows = rows_of(capsys, "tragedies", "2019")
    seats = {row["definition"]: row["seats"] for row in rows}
    assert list(seats) == list(DEFINITIONS)
    assert (seats["lab-ld-green"], seats["with-nationalists"]) == (56, 65)


def test_a_definition_lists_its_seats_by_combined_lead(capsys):
    rows = rows_of(capsys, "tragedies", "2019", "--definition", "Lab-LD-Green")
    leads = [row["combined_lead"] for row in rows]
    assert len(rows) == 56
    assert leads == sorted(leads, reverse=True)
    lewes = next(row for row in rows if row["name"] == "Lewes")
    assert lewes | {"winner": "Con", "winner_votes": 26268, "second": "LD"} == lewes
    assert (lewes["combined_votes"], lewes["combined_lead"]) == (28470, 2202)


def test_a_table_names_its_definition(capsys):
    assert run(["tragedies", "2017", "--definition", "over-bloc", "--format", "markdown"]) == 0
    assert f"36 seats. {DEFINITIONS['over-bloc'].statement}" in capsys.readouterr().out


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("tragedies") / "run")
    assert run(["simulate", "next-election", "--draws", "64", "-q", "--out", folder]) == 0
    return folder


def test_a_run_gives_the_same_expected_number_by_seat_and_in_all(stored, capsys):
    capsys.readouterr()
    for row in rows_of(capsys, "tragedies", stored):
        seats = rows_of(capsys, "tragedies", stored, "--definition", row["definition"])
        assert sum(seat["tragedy"] for seat in seats) == pytest.approx(row["mean"])


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["2018"], 2, "Known: "),
        (["2019", "--definition", "con-refrm"], 2, "Did you mean 'con-reform'?"),
        ([], 4, "no run is stored in runs/ yet"),
    ],
)
def test_wrong_use_ends_with_what_would_be_right(
    arguments, code, message, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert run(["tragedies", *arguments]) == code
    assert message in capsys.readouterr().err


def test_replicate_prints_every_figure_beside_ours(capsys):
    rows = {row["id"]: row for row in rows_of(capsys, "replicate")}
    assert rows["lewes-2019"]["ours"] == "2,202"
    assert run(["replicate"]) == 0
    # A cell that does not fit is cut with an ellipsis, and then says nothing.
    assert "…" not in capsys.readouterr().out
