"""The embedded polls are plausible, in order and complete."""

from __future__ import annotations

import importlib
from datetime import date, timedelta

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
    "scotland": ["Con", "Lab", "LD", "Reform", "Green", "UKIP", "SNP"],
    "wales": ["Con", "Lab", "LD", "Reform", "Green", "UKIP", "PC"],
}

ELECTIONS = {
    date(2010, 5, 6),
    date(2015, 5, 7),
    date(2017, 6, 8),
    date(2019, 12, 12),
    date(2024, 7, 4),
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
    # A national poll of 2015 is dated to the election day itself.
    assert not ELECTIONS & set(ends) or name == "national"
    assert not {date(2019, 12, 12), date(2024, 7, 4)} & set(ends)


def test_national_polls_run_from_the_election_of_2010_to_october_2026(table):
    rows = table("polls/national.csv")
    assert rows[0]["end"] == "2010-05-13"
    assert rows[-1]["end"] == "2026-10-05"
    assert all(date.fromisoformat(row["start"]).isoformat() <= row["end"] for row in rows)


def test_national_polls_are_unique_and_well_described(table):
    rows = table("polls/national.csv")
    assert len({tuple(row.values()) for row in rows}) == len(rows) == 4765
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


@pytest.mark.parametrize(
    ("name", "end", "pollster", "shares"),
    [
        # YouGov's tables of 16 to 20 April 2015, and its last poll of that campaign in Wales.
        ("scotland", "2015-04-20", "YouGov", "17 25 5  1 3 49"),
        ("wales", "2015-05-06", "YouGov", "25 39 8  2 12 13"),
        # Survation's standard question; its mock ballot paper had the SNP at 45.9.
        ("scotland", "2015-05-06", "Survation", "15.5 24.8 5.9  2.4 2 48.9"),
        # The poll that put the Conservatives first in Wales.
        ("wales", "2017-04-21", "YouGov", "40 30 8   6 13"),
        ("scotland", "2019-11-25", "Ipsos", "26 16 11 0 2  44"),
        ("wales", "2025-12-10", "YouGov", "13 15 8 30 14  19"),
    ],
)
def test_a_poll_of_a_nation_is_as_published(table, name, end, pollster, shares):
    row = next(
        row
        for row in table(f"polls/{name}.csv")
        if (row["end"], row["pollster"]) == (end, pollster)
    )
    assert [row[party] for party in PARTIES[name]] == shares.split(" ")


@pytest.mark.parametrize("name", ["scotland", "wales"])
def test_every_election_has_polls_of_its_nations_in_the_last_three_months(table, name):
    ends = [date.fromisoformat(row["end"]) for row in table(f"polls/{name}.csv")]
    for day in ELECTIONS:
        last = [end for end in ends if day - timedelta(days=92) <= end < day]
        assert len(last) >= (2 if day.year == 2010 else 4), day


@pytest.mark.parametrize("name", ["scotland", "wales"])
def test_a_poll_names_where_it_was_read_and_its_shares_add_up(table, name):
    rows = table(f"polls/{name}.csv")
    by_hand = [row for row in rows if row["source"].startswith("http")]
    assert {row["source"] for row in rows if row not in by_hand} == {"Wikipedia tables"}
    known = {row["pollster"] for row in table("polls/national.csv")}
    assert {row["pollster"] for row in by_hand} <= known
    assert all(90 <= sum(float(row[p] or 0) for p in PARTIES[name]) <= 101 for row in by_hand)


@pytest.fixture
def builder(monkeypatch, repository):
    monkeypatch.syspath_prepend(str(repository / "data" / "builder"))
    return importlib.import_module("nations")


def test_a_poll_in_both_sources_is_kept_once_with_its_pollster(builder):
    def poll(end, con, pollster="", source="list", green=None):
        return builder.NationPoll(end, pollster, {"Con": con, "Green": green}, source)

    by_hand = [poll("2015-05-06", 14.0, "YouGov", "http://page", green=1.0)]
    same, other_day, other_share = (
        poll("2015-05-04", 14.0), poll("2015-05-03", 14.0), poll("2015-05-06", 15.0)
    )  # fmt: skip
    joined = builder.join(by_hand, [same, other_day, other_share])
    assert joined == [other_day, other_share, *by_hand]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("Wales,2015-05-07,YouGov,25,39,8,,2,12,13,http://page", "an election day"),
        ("Wales,2015-05-06,YouGov,25,39,8,,2,12,,http://page", "do not add up"),
        ("Wales,2015-05-06,YouGov,45,39,8,,2,12,13,http://page", "impossible shares"),
        ("Wales,2015-05-06,YouGov,25,39,8,,2,12,13,", "no address"),
        ("Wales,6 May,YouGov,25,39,8,,2,12,13,http://page", "malformed date"),
    ],
)
def test_a_poll_that_cannot_be_stops_the_build(builder, tmp_path, line, fault):
    header = "nation,end,pollster,Con,Lab,LD,Reform,Green,UKIP,PC,source"
    (tmp_path / builder.BY_HAND).write_text(f"{header}\n{line}\n", encoding="utf-8")
    with pytest.raises(Exception, match=fault) as error:
        builder.read_by_hand(tmp_path, "Wales")
    assert type(error.value).__name__ == "RawDataError"
    assert "nation-polls.csv" in str(error.value)
