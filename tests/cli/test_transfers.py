"""``forecast transfers`` and ``forecast calibrate transfers``, as people use them."""

import pytest

from forecaster.calibration import transfer_tables
from forecaster.calibration.transfer_evidence import KINDS


def test_every_rate_stands_beside_what_the_kinds_say(rows_of):
    rows = {
        (row["recipient"], row["against"]): row for row in rows_of("transfers", "--donor", "Green")
    }
    row = rows["Lab", "Con"]
    kinds = [row[f"by_{kind}"] for kind in KINDS]
    assert min(kinds) < row["arrive"] < max(kinds)
    assert row["source"].startswith("all evidence: ")


def test_all_kinds_of_evidence_are_listed(rows_of):
    rows = rows_of("transfers", "--evidence", "--donor", "Labour")
    assert {row["donor"] for row in rows} == {"Lab"}
    assert {row["kind"] for row in rows} == {*KINDS} - {"absence"}


@pytest.mark.slow
def test_polls_are_learnt_to_be_high_and_no_preference_not_to_be_abstention(rows_of):
    rows = {row["kind"]: row for row in rows_of("calibrate", "transfers")}
    assert rows["poll"]["own side"] > rows["all"]["own side"] > rows["ballot"]["own side"]
    assert rows["ballot"]["home"] > 2 * rows["all"]["home"]
    assert rows["entry"]["own side"] < rows["all"]["own side"] < rows["withdrawal"]["own side"]


@pytest.mark.slow
def test_without_a_kind_a_rate_moves_and_stays_a_part(rows_of, monkeypatch):
    monkeypatch.setattr(transfer_tables, "KINDS", ("ballot",))
    for row in rows_of("calibrate", "transfers", "--show", "without"):
        assert 0 < row["ballot"] < 1
        assert row["ballot"] != row["all"]
