"""``forecast ledger``, as people use it."""

import pytest

from forecaster.cli.main import run


def test_members_and_all_together(stored_with_pacts, rows_of):
    rows = {row["party"]: row for row in rows_of("ledger", stored_with_pacts)}
    assert list(rows) == ["Lab", "LD", "Green", "together"]
    assert rows["Green"]["aside"] > rows["Lab"]["aside"]
    assert rows["Lab"]["gained_p5"] <= rows["Lab"]["gained"] <= rows["Lab"]["gained_p95"]


def test_by_region(stored_with_pacts, rows_of):
    rows = rows_of("ledger", stored_with_pacts, "--regions", "--scenario", "progressive")
    assert {row["region"] for row in rows} >= {"London", "Wales"}
    assert "Scotland" not in {row["region"] for row in rows}


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["RUN", "--scenario", "progresive"], 2, "Did you mean 'progressive'?"),
        (["no-such-run"], 4, "no run is stored here"),
    ],
)
def test_wrong_use_ends_with_what_would_be_right(
    arguments, code, message, stored_with_pacts, capsys
):
    assert run(["ledger", *(stored_with_pacts if a == "RUN" else a for a in arguments)]) == code
    assert message in capsys.readouterr().err
