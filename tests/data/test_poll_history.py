"""Polls since 1945 and results in Great Britain since 1970, which polling error is learnt from."""

from __future__ import annotations

import csv
import os
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from forecaster.polls.data import read_shares


def test_history_is_sorted_unique_and_possible(table):
    rows = table("polls/history.csv")
    assert len({tuple(row.values()) for row in rows}) == len(rows)
    assert [row["end"] for row in rows] == sorted(row["end"] for row in rows)
    for row in rows:
        shares = [float(row[party]) for party in ("Con", "Lab", "LD")]
        assert row["start"] <= row["end"], row
        assert min(shares) > 0, row
        assert 50 <= sum(shares) <= 101, row


def test_history_ends_where_the_national_polls_begin(table):
    rows = table("polls/history.csv")
    assert rows[0]["end"] == "1945-06-27"
    assert rows[-1]["end"] == "2010-05-05" < table("polls/national.csv")[0]["end"]
    known = {row["pollster"] for row in table("polls/national.csv")}
    last = {row["pollster"] for row in rows if row["end"] > "2010-04-01"}
    assert {"YouGov", "Ipsos", "ICM", "ComRes", "Populus"} <= last & known


def test_every_election_since_1970_has_polls_in_its_last_week(table):
    polls = (*table("polls/history.csv"), *table("polls/national.csv"))
    ends = Counter(date.fromisoformat(row["end"]) for row in polls)
    days = [date.fromisoformat(row["date"]) for row in table("results/gb-shares.csv")]
    assert len(days) == 15
    for day in days:
        assert sum(ends[day - timedelta(days=k)] for k in range(1, 8)) >= 4, day


@pytest.mark.parametrize("year", ["2010", "2015", "2017", "2019", "2024"])
def test_shares_in_great_britain_are_those_of_our_own_elections(table, year):
    row = next(row for row in table("results/gb-shares.csv") if row["election"] == year)
    counted = read_shares(year).shares[0, :3]
    assert [float(row[party]) for party in ("Con", "Lab", "LD")] == pytest.approx(
        100 * counted, abs=0.0051
    )


def test_leads_are_the_published_ones(table):
    """Lead in Great Britain, Rallings and Thrasher, British Electoral Facts, table 24.01."""
    published = {
        "1970": 2.3, "1974-02": 0.82, "1974-10": -3.5, "1979": 7.1, "1983": 15.2, "1987": 11.8,
        "1992": 7.6, "1997": -12.8, "2001": -9.3, "2005": -2.9,
    }  # fmt: skip
    rows = {row["election"]: row for row in table("results/gb-shares.csv")}
    for year, lead in published.items():
        got = float(rows[year]["Con"]) - float(rows[year]["Lab"])
        assert got == pytest.approx(lead, abs=0.11), year


def test_published_shares_agree_with_the_votes_of_the_united_kingdom(table):
    """Con, Lab and the Alliance won next to nothing in Northern Ireland from 1974 on."""
    default = Path(__file__).resolve().parents[3] / "shared" / "data"
    path = Path(os.environ.get("FORECASTER_RAW", default)) / "results/vote-totals-1945-2019.csv"
    if not path.is_file():
        pytest.skip(f"no raw files in {path.parent.parent}: name their folder in FORECASTER_RAW")
    with path.open(encoding="utf-8") as file:
        votes = {row["date"]: row for row in csv.DictReader(file)}
    for row in table("results/gb-shares.csv"):
        if row["basis"] == "published" and row["date"] > "1974":
            kingdom = votes[row["date"]]
            ratio = float(row["Con"]) / float(row["Lab"])
            assert ratio == pytest.approx(int(kingdom["con"]) / int(kingdom["lab"]), rel=0.01)
