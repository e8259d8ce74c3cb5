"""Covariates of each seat: census figures and the referendum of 2016."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from catalogue import Table, table_of
from raw import RawDataError, decimal, read, shown

from forecaster.vocabulary import COVARIATES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from raw import Row
    from seats import Overlap

Values = dict[str, dict[str, float | None]]
"""Seat, then covariate."""

PATH_2010 = "covariates/covariates-2010-boundaries.csv"
PATH_2024 = "covariates/covariates-2024-boundaries.csv"

COLUMNS_2010 = {
    "degree": "qual_level_4",
    "muslim": "muslim",
    "students": "fulltime_student",
    "white_british": "ethnicity_white_british",
}
COLUMNS_2024 = {
    "leave": "leave_share_2016_est",
    "degree": "degree_share",
    "muslim": "Religion: Muslim",
    "age_65_plus": "Age: Aged 65 years and over",
    "white_british": "Ethnic group: White British",
}
HECTARES_PER_KM2 = 100


def read_2010(raw: Path, seats: Mapping[str, Row]) -> Values:
    """Return the covariates on 2010 boundaries, from the Census of 2011."""
    ages = ("age_65_to_74", "age_75_to_84")
    wanted = ("ons_const_id", "leave_share", "population_density", *ages, *COLUMNS_2010.values())
    values: Values = {}
    for row in read(raw, PATH_2010, wanted):
        known = {name: decimal(row, column, PATH_2010) for name, column in COLUMNS_2010.items()}
        older = [decimal(row, column, PATH_2010) for column in ages]
        known["age_65_plus"] = None if None in older else sum(age or 0.0 for age in older)
        values[row["ons_const_id"]] = {
            # The census columns are in percent, the Leave share is a fraction.
            **{name: None if value is None else value / 100 for name, value in known.items()},
            "leave": decimal(row, "leave_share", PATH_2010),
            "density": decimal(row, "population_density", PATH_2010),
        }
    return _checked(values, seats, PATH_2010)


def read_2024(raw: Path, seats: Mapping[str, Row], old: Values, overlaps: list[Overlap]) -> Values:
    """Return the covariates on 2024 boundaries, from the Censuses of 2021 and 2022.

    `old`: covariates on 2010 boundaries, which supply what the newer file lacks.
    """
    students, white_british, leave = (
        _projected(old, overlaps, name) for name in ("students", "white_british", "leave")
    )
    hectares = _hectares(raw, seats, overlaps)
    values: Values = {}
    for row in read(raw, PATH_2024, ("ons", "Total population", *COLUMNS_2024.values())):
        code = row["ons"]
        known = {name: decimal(row, column, PATH_2024) for name, column in COLUMNS_2024.items()}
        people = decimal(row, "Total population", PATH_2024)
        area = hectares.get(code)
        known["density"] = people / area if people and area else None
        known["students"] = students.get(code)
        if code.startswith("S"):
            # The file repeats "born in the United Kingdom" as "White British" in Scotland.
            known["white_british"] = white_british.get(code)
        if code.startswith("N"):
            known["leave"] = leave.get(code)
        values[code] = known
    return _checked(values, seats, PATH_2024)


def _hectares(raw: Path, seats: Mapping[str, Row], overlaps: list[Overlap]) -> dict[str, float]:
    """Return the area of each 2024 seat, in Great Britain summed from pieces of the old seats.

    The geography's own areas are of coarse outlines and a half off in Bethnal Green and Stepney.
    """
    area = {
        code: (decimal(seat, "km2", "centroids-2024-boundaries.csv") or 0.0) * HECTARES_PER_KM2
        for code, seat in seats.items()
    }
    old: dict[str, float] = {}
    for row in read(raw, PATH_2010, ("ons_const_id", "population", "population_density")):
        people = decimal(row, "population", PATH_2010)
        density = decimal(row, "population_density", PATH_2010)
        if people and density:
            old[row["ons_const_id"]] = people / density
    pieces: dict[str, float] = defaultdict(float)
    for piece in overlaps:
        if piece.old in old:
            pieces[piece.new] += piece.area * old[piece.old]
    return area | pieces


def _projected(old: Values, overlaps: list[Overlap], name: str) -> dict[str, float]:
    """Return a covariate of the old seats on the new ones, weighted by the people of each piece."""
    sums: dict[str, float] = defaultdict(float)
    weights: dict[str, float] = defaultdict(float)
    for piece in overlaps:
        value = old[piece.old][name]
        if value is not None and piece.share_of_new > 0:
            sums[piece.new] += piece.share_of_new * value
            weights[piece.new] += piece.share_of_new
    return {code: sums[code] / weights[code] for code in sums}


def _checked(values: Values, seats: Mapping[str, Row], path: str) -> Values:
    if values.keys() != seats.keys():
        raise RawDataError(f"{path} does not hold the 650 seats: fetch it again")
    for code, known in values.items():
        for name, value in known.items():
            if value is not None and not 0 <= value <= (1 if name != "density" else 1000):
                raise RawDataError(f"{path}: {name} of {code} is {value}, out of range: mend it")
    return values


def covariates_table(values: Values, boundaries: str) -> Table:
    """Return the table of covariates on one set of boundaries."""
    return table_of(
        f"covariates/{boundaries}-boundaries.csv",
        [
            [code, *(shown(known[name], 4 if name == "density" else 5) for name in COVARIATES)]
            for code, known in sorted(values.items())
        ],
    )
