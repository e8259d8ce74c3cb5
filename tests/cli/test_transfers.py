"""``forecast transfers`` and ``forecast calibrate transfers``, as people use them."""

import pytest

from forecaster.calibration.transfer_evidence import KINDS
from forecaster.experiments import headline


def test_every_rate_stands_beside_what_the_kinds_say(rows_of):
    rows = {
        (row["recipient"], row["against"]): row for row in rows_of("transfers", "--donor", "Green")
    }
    row = rows["Lab", "Con"]
    kinds = [row[f"by_{kind}"] for kind in KINDS]
    assert min(kinds) < row["arrive"] < max(kinds)
    assert row["source"].startswith("all evidence: ")


@pytest.mark.slow
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
def test_pacts_are_stated_without_one_kind_of_evidence(monkeypatch):
    monkeypatch.setattr(headline, "KINDS", ("ballot",))
    monkeypatch.setattr(headline, "FIGURES", {"seats_2019": headline.FIGURES["seats_2019"]})
    table = headline.headline_table(draws=128)
    seats = {row["evidence"]: row["seats_2019"] for row in table.rows}
    assert [*seats] == ["all evidence", "no ballot", "judged rates"]
    assert 365 > seats["all evidence"] != seats["no ballot"]
