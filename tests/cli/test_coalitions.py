"""``forecast coalitions``, as people use it."""

import pytest

from forecaster.cli.main import run
from forecaster.vocabulary import PARTIES


def test_an_election_lists_minimal_coalitions(rows_of):
    rows = {row["coalition"]: row for row in rows_of("coalitions", "2010", "--limit", "200")}
    assert rows["Con+LD"]["seats"] == 363
    assert all(row["spare_p50"] >= 0 and row["minimal"] == 1 for row in rows.values())


def test_with_sinn_fein_more_is_needed(rows_of):
    asked = ("coalitions", "2010", "--coalition", "Con+LD")
    assert rows_of(*asked)[0]["needed"] == 323
    assert rows_of(*asked, "--without", "nobody")[0]["needed"] == 325
    assert rows_of(*asked, "--without", "Sinn Féin", "--without", "DUP")[0]["needed"] == 319


def test_a_run_counts_the_scenario_asked_for(stored_with_pacts, rows_of):
    asked = ("coalitions", stored_with_pacts, "--coalition", "Lab+LD+Green")
    without, with_pact = rows_of(*asked)[0], rows_of(*asked, "--scenario", "progressive")[0]
    assert with_pact["seats"] > without["seats"]
    assert with_pact["majority"] >= without["majority"]
    assert 0 < without["majority_mcse"] < 0.03


def test_people_see_both_tables_and_programs_one(stored_with_pacts, rows_of, capsys):
    assert run(["coalitions", stored_with_pacts]) == 0
    assert "Who is pivotal" in capsys.readouterr().out
    assert {"pivotal", "power"} <= set(rows_of("coalitions", stored_with_pacts, "--pivots")[0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["2011"], "Known: "),
        (["2010", "--without", "Sinn Fine"], "--without"),
        (["2010", "--coalition", "Con+"], "--coalition"),
        (["2005-notional", *(f"--without={p}" for p in PARTIES)], "nobody is left to vote"),
    ],
)
def test_wrong_use_ends_with_what_would_be_right(arguments, message, capsys):
    assert run(["coalitions", *arguments]) == 2
    assert message in capsys.readouterr().err
