"""``forecast query``, as people use it, and against counting the stored draws directly."""

from pathlib import Path

import numpy as np
import pytest

from forecaster.answers.query import query_table
from forecaster.answers.summary import favourites_table, outcome_table
from forecaster.cli.main import run
from forecaster.errors import ResultsError
from forecaster.kernels.layout import LANES
from forecaster.results.run import RunTables
from forecaster.results.store import read_tables
from forecaster.vocabulary import PARTIES


@pytest.fixture(scope="module")
def tables(stored_with_pacts):
    return read_tables(Path(stored_with_pacts))


@pytest.mark.parametrize("scenario", ["no-pact", "progressive"])
def test_totals_are_those_of_the_draws_that_meet_the_condition(scenario, tables):
    condition = "seats.Reform < 100 and winner['Lewes'] == 'LD'"
    rows = {row["party"]: row for row in query_table(tables, scenario, condition, "totals").rows}
    parties, names = tables.manifest["parties"], tables.manifest["scenarios"]
    won = tables.won(scenario)
    winners = tables.tables["winners"].column("winner").to_numpy().reshape(600, 2, 650)
    seat = tables.tables["winners"].column("seat").slice(0, 650).to_pylist().index("E14001330")
    lewes = winners[:, names.index(scenario), seat] == PARTIES.index("LD")
    keep = (won[:, parties.index("Reform")] < 100) & lewes
    assert 0 < keep.sum() < 600
    for party in ("Con", "Lab", "LD", "Reform"):
        assert rows[party]["mean"] == won[keep, parties.index(party)].mean()


def test_what_always_holds_changes_nothing(tables):
    always = "seats.Lab >= 0"
    assert (
        query_table(tables, "no-pact", always, "totals").rows
        == outcome_table(tables, "no-pact").rows
    )
    given_ = {r["seat"]: r for r in query_table(tables, "progressive", always, "seats").rows}
    for row in favourites_table(tables, "progressive").rows:
        assert given_[row["seat"]]["win_probability"] == row["win_probability"]


def test_shares_move_with_the_condition(tables):
    def share(condition):
        rows = query_table(tables, "no-pact", condition, "national").rows
        return next(r for r in rows if (r["area"], r["party"]) == ("GB", "Lab"))

    high = share("share.GB.Lab > 27%")
    assert high["mean"] > 0.27
    assert high["p5"] > 0.27
    assert high["mean_mcse"] < 0.005


def test_the_note_counts_the_draws_left(stored_with_pacts, capsys):
    assert run(["query", stored_with_pacts, "seats.Lab > seats.Con"]) == 0
    out = capsys.readouterr().out
    assert "Given seats.Lab > seats.Con:" in out
    assert "of 600 elections" in out


def test_without_stored_winners_seats_are_refused_and_totals_are_not(tables):
    kept = {name: table for name, table in tables.tables.items() if name != "winners"}
    bare = RunTables(tables.manifest, kept)
    assert query_table(bare, "no-pact", "seats.Lab > 100", "totals").rows
    for condition, show in (("winner['Lewes'] == 'LD'", "totals"), ("seats.Lab > 9", "seats")):
        with pytest.raises(ResultsError, match="--keep-winners"):
            query_table(bare, "no-pact", condition, show)


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("seats.Lab > 650", "in none of the 600 simulated elections"),
        ("seats.UKIP > 0", "party 'UKIP': no such party here"),
        ("share.Scotland.PC > 1%", "share in Scotland 'PC': no such party here"),
        ("share.Britain.Lab > 1%", "area 'Britain': not known here"),
        ("winner['Lewis'] == 'LD'", "fits 3 seats: Lewisham East"),
        ("winner['South West Surrey'] == 'LD'", "not a seat of this run"),
    ],
)
def test_a_condition_that_says_nothing_is_refused(condition, message, stored_with_pacts, capsys):
    assert run(["query", stored_with_pacts, condition]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err


def test_rare_draws_have_large_errors(tables):
    few = query_table(tables, "no-pact", "seats.Lab > 420", "totals").rows
    many = query_table(tables, "no-pact", "seats.Lab > 0", "totals").rows
    errors = [next(r["mean_mcse"] for r in rows if r["party"] == "LD") for rows in (few, many)]
    won = tables.won("no-pact")
    labour, lib_dems = (won[:, tables.parties.index(party)] for party in ("Lab", "LD"))
    chosen = lib_dems[labour > 420]
    assert len(chosen) < LANES  # fewer than a block, so no fours: the textbook error
    assert errors[0] == pytest.approx(chosen.std() / np.sqrt(len(chosen)))
    assert errors[0] > errors[1] > 0
