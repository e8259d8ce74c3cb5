"""Seats of both boundary sets, and how the old ones lie in the new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalogue import Table, table_of
from raw import RawDataError, Row, decimal, read, shown

from forecaster.vocabulary import NATIONS, REGIONS, SEATS_IN_THE_COMMONS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

OVERLAPS = "results/constituency-overlaps-2010-to-2024.csv"
REVISED = "results/revised-constituency-ids.csv"
COUNTIES = "geography/seat-county-2024.csv"


@dataclass(frozen=True)
class Overlap:
    """How much of an old seat lies in a new one, and how many of the new one's people it brings."""

    old: str
    new: str
    population: float
    residential: float
    area: float
    share_of_new: float


def read_seats(raw: Path, boundaries: str) -> dict[str, Row]:
    """Return geography and region of each seat by ONS code.

    `boundaries`: ``"2010"`` or ``"2024"``. The official name is ``name``.
    """
    places = f"geography/centroids-{boundaries}-boundaries.csv"
    results = f"results/constituencies-{boundaries}.csv"
    geography = read(raw, places, ("code", "name", "cent_e", "cent_n", "lat", "lon", "km2"))
    regions = {row["ONS ID"]: row for row in read_results(raw, boundaries)}
    seats = {row["code"]: {**row, **regions.get(row["code"], {})} for row in geography}
    if len(seats) != SEATS_IN_THE_COMMONS or seats.keys() != regions.keys():
        raise RawDataError(f"{places} and {results} do not hold the same 650 seats: fetch again")
    for seat in seats.values():
        if seat["Country name"] not in NATIONS or seat["Region name"] not in REGIONS:
            raise RawDataError(f"{results}: {seat['name']} lies in no known region: mend the file")
        # The geography lost the accent of Glyndŵr in 2024; the results capitalise
        # "Of", "On" and "Upon" in 2010.
        if boundaries == "2024":
            seat["name"] = seat["Constituency name"]
    return seats


def read_results(raw: Path, year: str) -> list[Row]:
    """Return the results of a general election by seat."""
    path, newest = f"results/constituencies-{year}.csv", "results/constituencies-2024.csv"
    return read(raw, path, ("ONS ID", "Electorate", "Valid votes"), like=newest)


def read_revised_codes(raw: Path) -> dict[str, str]:
    """Return the new code of each Scottish seat that kept its old code in some raw files."""
    rows = read(raw, REVISED, ("old", "name", "new"), header=False)
    return {row["old"]: row["new"] for row in rows}


def read_overlaps(raw: Path) -> list[Overlap]:
    """Return every piece that an old seat shares with a new one, by old and new code."""
    revised = read_revised_codes(raw)
    columns = ("id", "old", "old name", "new", "new name")
    # Each kind of share comes twice: of the old seat, then of the new one.
    shares = ("residential", "residential new", "area", "area new", "population", "share_of_new")
    rows = read(raw, OVERLAPS, columns + shares, header=False)

    def share(row: Row, column: str) -> float:
        return decimal(row, column, OVERLAPS) or 0.0

    overlaps = [
        Overlap(
            row["old"],
            revised.get(row["new"], row["new"]),
            *(share(row, name) for name in ("population", "residential", "area", "share_of_new")),
        )
        for row in rows
    ]
    return sorted(overlaps, key=lambda piece: (piece.old, piece.new))


def seats_table(seats: Mapping[str, Row], boundaries: str) -> Table:
    """Return the table of seats on one set of boundaries."""
    path = f"geography/centroids-{boundaries}-boundaries.csv"
    return table_of(
        f"seats/{boundaries}-boundaries.csv",
        [
            [
                code,
                seat["name"],
                seat["Country name"],
                seat["Region name"],
                shown(decimal(seat, "lat", path), 5),
                shown(decimal(seat, "lon", path), 5),
                shown(decimal(seat, "cent_e", path), 0),
                shown(decimal(seat, "cent_n", path), 0),
                shown(decimal(seat, "km2", path), 2),
            ]
            for code, seat in sorted(seats.items())
        ],
        boundaries=boundaries,
    )


def counties_table(raw: Path, seats: Mapping[str, Row]) -> Table:
    """Return the ceremonial county in which most of each English seat of 2024 lies."""
    best: dict[str, tuple[float, str]] = {}
    for row in read(raw, COUNTIES, ("seat", "county", "share_of_seat")):
        share = decimal(row, "share_of_seat", COUNTIES) or 0.0
        if row["seat"].startswith("E"):
            best[row["seat"]] = max(best.get(row["seat"], (0.0, "")), (share, row["county"]))
    english = [code for code in sorted(seats) if code.startswith("E")]
    if sorted(best) != english:
        raise RawDataError(f"{COUNTIES} does not hold the English seats of 2024: fetch it again")
    return table_of(
        "seats/2024-counties.csv", [[code, best[code][1].replace("&", "and")] for code in english]
    )


def overlaps_table(overlaps: list[Overlap]) -> Table:
    """Return the table of overlaps; shares are those of the old seat."""
    return table_of(
        "seats/overlaps-2010-to-2024.csv",
        [
            [
                piece.old,
                piece.new,
                *(shown(share, 6) for share in (piece.population, piece.residential, piece.area)),
            ]
            for piece in overlaps
        ],
    )
