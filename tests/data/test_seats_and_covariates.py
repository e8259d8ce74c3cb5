"""The embedded seats, overlaps and covariates fit together."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from forecaster.vocabulary import COVARIATES, NATIONS, REGIONS

BOUNDARY_SETS = ("2010", "2024")
SEATS_BY_NATION = {"2010": (533, 59, 40, 18), "2024": (543, 57, 32, 18)}
NAMES = [
    ("2010", "W07000041", "Ynys Môn"),
    ("2010", "E14000597", "Brighton, Kemptown"),
    ("2024", "W07000102", "Montgomeryshire and Glyndŵr"),
    ("2024", "S14000107", "Ayr, Carrick and Cumnock"),
]

# Boundary set, covariate, nations for which nothing is known.
BLANK = {
    ("2010", "leave"): "",
    ("2010", "degree"): "N",
    ("2010", "density"): "N",
    ("2010", "muslim"): "N",
    ("2010", "age_65_plus"): "N",
    ("2010", "students"): "N",
    ("2010", "white_british"): "N",
    ("2024", "students"): "N",
    ("2024", "white_british"): "N",
}


@pytest.fixture
def codes(table):
    return {
        boundaries: {row["code"] for row in table(f"seats/{boundaries}-boundaries.csv")}
        for boundaries in BOUNDARY_SETS
    }


@pytest.mark.parametrize("boundaries", BOUNDARY_SETS)
def test_650_seats_lie_in_their_nation_and_region(table, boundaries):
    seats = table(f"seats/{boundaries}-boundaries.csv")
    assert len({row["code"] for row in seats}) == len({row["name"] for row in seats}) == 650
    nations = Counter(row["nation"] for row in seats)
    assert tuple(nations[nation] for nation in NATIONS) == SEATS_BY_NATION[boundaries]
    assert {row["region"] for row in seats} == set(REGIONS)
    assert {row["code"][0] + row["nation"][0] for row in seats} == {"EE", "SS", "WW", "NN"}


@pytest.mark.parametrize("boundaries", BOUNDARY_SETS)
def test_seats_lie_in_the_united_kingdom(table, boundaries):
    for row in table(f"seats/{boundaries}-boundaries.csv"):
        assert 49.8 < float(row["latitude"]) < 60.9, row["name"]
        assert -8.2 < float(row["longitude"]) < 1.8, row["name"]
        assert 0 < int(row["easting"]) < 660_000, row["name"]
        assert 0 < int(row["northing"]) < 1_220_000, row["name"]
        assert 1 < float(row["area_km2"]) < 15_000, row["name"]


@pytest.mark.parametrize(("boundaries", "code", "name"), NAMES)
def test_names_are_official(table, boundaries, code, name):
    seats = table(f"seats/{boundaries}-boundaries.csv")
    assert [row["name"] for row in seats if row["code"] == code] == [name]


def test_overlaps_join_both_boundary_sets(table, codes):
    overlaps = table("seats/overlaps-2010-to-2024.csv")
    assert {row["old_code"] for row in overlaps} == codes["2010"]
    assert {row["new_code"] for row in overlaps} == codes["2024"]


@pytest.mark.parametrize("share", ["population_share", "residential_share", "area_share"])
def test_overlaps_share_out_every_old_seat(table, share):
    sums = defaultdict(float)
    for row in table("seats/overlaps-2010-to-2024.csv"):
        sums[row["old_code"]] += float(row[share])
    assert all(abs(total - 1) < 1e-4 for total in sums.values())


@pytest.mark.parametrize("boundaries", BOUNDARY_SETS)
@pytest.mark.parametrize("name", COVARIATES)
def test_covariates_are_in_range_and_blank_only_where_stated(table, codes, boundaries, name):
    rows = table(f"covariates/{boundaries}-boundaries.csv")
    assert {row["seat"] for row in rows} == codes[boundaries]
    known = [float(row[name]) for row in rows if row[name]]
    low, high = (0.05, 200) if name == "density" else (0, 1)
    assert low <= min(known) <= max(known) <= high
    blank = {row["seat"][0] for row in rows if not row[name]}
    assert blank == set(BLANK.get((boundaries, name), ""))


@pytest.mark.parametrize("name", ["leave", "students", "white_british"])
def test_covariates_hardly_move_where_the_boundaries_stayed(table, name):
    old, new = (
        {row["seat"]: row[name] for row in table(f"covariates/{boundaries}-boundaries.csv")}
        for boundaries in BOUNDARY_SETS
    )
    differences = [
        abs(float(old[row["old_code"]]) - float(new[row["new_code"]]))
        for row in table("seats/overlaps-2010-to-2024.csv")
        if row["population_share"] == "1" and old[row["old_code"]] and new[row["new_code"]]
    ]
    assert len(differences) > 100
    assert sorted(differences)[len(differences) // 2] < 0.05
