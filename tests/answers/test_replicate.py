"""Published figures that our data give as well, and those that need somebody's polling."""

import re

import pytest

from forecaster.answers.replicate import ANSWERS, replication_table
from forecaster.resources import read_table

MISSING = {"curtice-steed-1997", "ec-consoc-2022", "b4b-2019", "ec-tactical-2025", "mic-jan-2026"}


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("blick-2021", "Con 309 Lab 241 LD 28 Green 1 SNP 48 PC 4"),
        ("votes-per-mp-2019", "Con 38,264 Lab 50,837 LD 336,038 Green 865,715"),
        ("lewes-2019", "2,202"),
        ("sw-surrey", "5th in 2015, 57th in 2017, 264th in 2019"),
        ("chesham-2021", "LD ahead of Con by 8,028, swing 25.1 points"),
    ],
)
def test_known_figures(name, ours):
    assert ANSWERS[name]().ours == ours


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("lab-needs", ["124;", "125 after"]),
        ("bloc-totals", ["behind in 1955;", "behind in 2015"]),
        ("coalition-2010", ["Lab 258 LD 57", ": 330;", "323 enough"]),
        ("onward-2021", ["Con 321 ", "; Con 301 Lab 246 LD 31 "]),
    ],
)
def test_figures_within_an_answer(name, parts):
    ours = ANSWERS[name]().ours
    assert [part for part in parts if part not in ours] == []


def test_swapped_shares_come_within_three_seats_of_the_published():
    published = {"Con": 227, "Lab": 323, "LD": 21, "Green": 1, "SNP": 55, "PC": 4}
    ours = dict(re.findall(r"(\w+) (\d+)", ANSWERS["ec-swap-2019"]().ours))
    assert {party for party, n in published.items() if abs(int(ours[party]) - n) > 3} == set()


def test_every_published_row_is_answered_or_says_what_is_missing():
    rows = replication_table().rows
    assert tuple(row["id"] for row in rows) == read_table("evidence/published-results.csv")["id"]
    assert {row["id"] for row in rows} == set(ANSWERS)
    assert {row["id"] for row in rows if row["ours"] is None} == MISSING
    assert all("eeds" in row["why"] for row in rows if row["ours"] is None)
    assert all(row["why"] for row in rows)
