"""The embedded polls are plausible, in order and complete."""

from __future__ import annotations

from datetime import date

import pytest

PARTIES = {
    "national": [
        "Con",
        "Lab",
        "LD",
        "Green",
        "UKIP",
        "Reform",
        "SNP",
        "PC",
        "Restore",
        "ChangeUK",
        "BNP",
    ],
    "scotland": ["Con", "Lab", "LD", "Reform", "Green", "SNP"],
    "wales": ["Con", "Lab", "LD", "Reform", "Green", "PC"],
}


@pytest.mark.parametrize("name", PARTIES)
def test_shares_are_percentages_of_at_most_a_whole(table, name):
    for row in table(f"polls/{name}.csv"):
        shares = [float(row[party]) for party in PARTIES[name] if row[party]]
        assert min(shares) >= 0, row
        assert 60 <= sum(shares) <= 101, row
        assert row["Con"], row
        assert row["Lab"], row


@pytest.mark.parametrize("name", PARTIES)
def test_polls_are_sorted_and_none_is_an_election_result(table, name):
    ends = [date.fromisoformat(row["end"]) for row in table(f"polls/{name}.csv")]
    assert ends == sorted(ends)
    assert not {date(2019, 12, 12), date(2024, 7, 4)} & set(ends)


def test_national_polls_run_from_the_election_of_2010_to_october_2026(table):
    rows = table("polls/national.csv")
    assert rows[0]["end"] == "2010-05-13"
    assert rows[-1]["end"] == "2026-10-05"
    assert all(date.fromisoformat(row["start"]).isoformat() <= row["end"] for row in rows)


def test_national_polls_are_unique_and_well_described(table):
    rows = table("polls/national.csv")
    assert len({tuple(row.values()) for row in rows}) == len(rows) == 4697
    assert {row["area"] for row in rows} == {"GB", "UK"}
    assert {row["mrp"] for row in rows} == {"0", "1"}
    assert not [row for row in rows if row["pollster"] != " ".join(row["pollster"].split())]


def test_sample_sizes_of_2022_are_not_tenfold(table):
    sizes = sorted(
        int(row["sample"])
        for row in table("polls/national.csv")
        if row["end"].startswith("2022") and row["sample"]
    )
    assert sizes[0] >= 900
    assert sizes[len(sizes) // 2] < 2_500
