"""What is known of the people of each seat: census figures and the referendum of 2016."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from catalogue import OGL, PARLIAMENT, Column, Table
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

    Parameters
    ----------
    raw : Path
        The raw folder.
    seats : mapping
        The seats of 2024.
    old : Values
        The covariates on 2010 boundaries, for what the newer file lacks.
    overlaps : list of Overlap
        How old seats lie in new ones.

    Returns
    -------
    Values
        The covariates; None where nothing is known.
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
    """Return the area of each 2024 seat, in Great Britain put together from that of the old ones.

    The geography's own areas are those of coarse outlines, which halve Bethnal Green and Stepney.
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
    notes = DESCRIPTIONS[boundaries]
    return Table(
        path=f"covariates/{boundaries}-boundaries.csv",
        title=f"People of the seats on {boundaries} boundaries",
        **SOURCES[boundaries],
        columns={"seat": Column("ONS code", f"Seat on the {boundaries} boundaries")}
        | {
            name: Column(
                "residents per hectare" if name == "density" else "fraction",
                f"{notes[name]}; {4 if name == 'density' else 5} digits",
            )
            for name in COVARIATES
        },
        rows=[
            [code, *(shown(known[name], 4 if name == "density" else 5) for name in COVARIATES)]
            for code, known in sorted(values.items())
        ],
    )


SOURCES = {
    "2010": {
        "source": "Leave: Chris Hanretty's estimates; all else: Census 2011 (Office for National"
        " Statistics, National Records of Scotland) as collected by parlitools",
        "licence": f"CC0 (Leave); {OGL} (census); MIT (parlitools)",
    },
    "2024": {
        "source": "Leave: Chris Hanretty's estimates; census of 2021 and 2022: House of Commons"
        " Library from the census offices; projected columns: the 2010 table",
        "licence": f"CC0 (Leave); {OGL} (census); {PARLIAMENT} (Library tables)",
    },
}

DESCRIPTIONS = {
    "2010": {
        "leave": "Estimated share for Leave in the referendum of 2016, of valid votes",
        "degree": "Adults with a qualification of level 4 or above, Census 2011; blank in Northern"
        " Ireland",
        "density": "Residents per hectare, Census 2011; blank in Northern Ireland",
        "muslim": "Residents whose religion is Islam, Census 2011; blank in Northern Ireland",
        "age_65_plus": "Residents aged 65 to 84 (the source does not count those of 85 and over,"
        " so it runs lower than on 2024 boundaries), Census 2011; blank in Northern Ireland",
        "students": "Full-time students among adults, Census 2011; blank in Northern Ireland",
        "white_british": "Residents who are White British, Census 2011; blank in Northern Ireland",
    },
    "2024": {
        "leave": "Estimated share for Leave in the referendum of 2016, of valid votes; in Northern"
        " Ireland projected from the 2010 seats by population overlap",
        "degree": "Adults with a qualification of level 4 or above, Census 2021; in Scotland a"
        " narrower degree-level definition, Census 2022",
        "density": "Residents (to the nearest hundred) per hectare, Census 2021, in Scotland 2022;"
        " the area is that of the 2010 seats in the census put together by area overlap, in"
        " Northern Ireland that of the seats table",
        "muslim": "Residents whose religion is Islam, Census 2021, in Scotland 2022",
        "age_65_plus": "Residents aged 65 and over, Census 2021, in Scotland 2022",
        "students": "Full-time students among adults of 2011: the 2010 table projected by"
        " population overlap, for the newer source has none; blank in Northern Ireland",
        "white_british": "Residents who are White British, Census 2021; in Scotland the 2010"
        " table (Census 2011) projected by population overlap, because the newer source repeats"
        " the country of birth there; blank in Northern Ireland",
    },
}
