"""Read an election, its seats and their covariates into aligned arrays.

Seats are in the order of their ONS codes, parties in the order of `vocabulary.PARTIES`; every
array of an `Election` shares those axes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from forecaster.arrays import Bools, Floats, Ints, Names
from forecaster.errors import DataError
from forecaster.resources import catalogue, read_table
from forecaster.vocabulary import (
    BALLOT,
    BOUNDARIES,
    ELECTIONS,
    NATIONS,
    NORTHERN_IRELAND,
    PARTIES,
    PARTY_NAMES,
    REGIONS,
    places,
    suggest,
)

if TYPE_CHECKING:
    import xarray as xr

LABELS = {
    "votes": ("votes", "Valid votes"),
    "share": ("1", "Share of the seat's valid votes"),
    "coverage": ("1", "Part of the seat in which the party stood"),
    "sitting": ("1", "The seat's sitting MP stood for the party"),
    "electorate": ("voters", "Electorate"),
    "valid_votes": ("votes", "Valid votes cast"),
    "winner": ("party", "Party that won the seat"),
    "best_other_votes": ("votes", "Votes of the strongest single candidate among Other"),
}
"""Unit and description of the variables of an election's dataset."""


@dataclass(frozen=True)
class Seats:
    """The 650 seats of a boundary set, in the order of their codes; arrays of shape (seat,)."""

    boundaries: str
    code: Names
    name: Names
    nation: Ints
    """Index of `vocabulary.NATIONS`."""
    region: Ints
    """Index of `vocabulary.REGIONS`."""
    latitude: Floats
    """Of the centroid [degrees]."""
    longitude: Floats

    @cached_property
    def place(self) -> dict[str, int]:
        """The place of each seat in the arrays, by its code."""
        return {code: i for i, code in enumerate(self.code.tolist())}

    def ballot(self, seat: int) -> tuple[str, ...]:
        """Return the parties of a seat's ballot paper, by column."""
        return BALLOT[NATIONS[self.nation[seat]]]

    @property
    def in_britain(self) -> Bools:
        """Whether each seat lies in Great Britain, shape (seat,)."""
        return np.asarray(self.nation != NORTHERN_IRELAND)

    @property
    def of_nation(self) -> Bools:
        """Whether each seat lies in each nation, shape (nation, seat)."""
        return np.asarray(np.arange(len(NATIONS))[:, None] == self.nation)

    @property
    def of_region(self) -> Bools:
        """Whether each seat lies in each region, shape (region, seat)."""
        return np.asarray(np.arange(len(REGIONS))[:, None] == self.region)


@dataclass(frozen=True)
class Election:
    """The actual or notional result of an election: arrays of shape (seat, party) or (seat,)."""

    name: str
    """One of `vocabulary.ELECTIONS`."""
    seats: Seats
    votes: Ints
    """Shape (seat, party)."""
    coverage: Floats
    """Part of the seat in which the party stood: 0 or 1, but fractions in notional results."""
    sitting: Bools
    """Whether a sitting MP stands for the party."""
    electorate: Ints
    """Shape (seat,), as all below."""
    valid_votes: Ints
    winner: Ints
    """Index of `vocabulary.PARTIES`."""
    best_other_votes: Ints
    """Votes of the strongest single candidate pooled in ``Other``."""
    best_other_candidate: Names
    best_other_party: Names
    candidate: Names
    """Name of the Speaker or independent who won; empty elsewhere."""

    @property
    def shares(self) -> Floats:
        """Fraction of the seat's valid votes, shape (seat, party)."""
        return np.asarray(self.votes / self.valid_votes[:, None])

    @property
    def speaker(self) -> Bools:
        """Whether the Speaker stands in each seat, shape (seat,)."""
        return np.asarray(self.votes[:, PARTIES.index("Spk")] > 0)


@cache
def read_seats(boundaries: str) -> Seats:
    """Return the seats of the boundary set ``"2010"`` or ``"2024"``."""
    table = read_table(f"seats/{boundaries}-boundaries.csv")
    return Seats(
        boundaries=boundaries,
        code=np.array(table["code"]),
        name=np.array(table["name"]),
        nation=np.array(places(table["nation"], NATIONS)),
        region=np.array(places(table["region"], REGIONS)),
        latitude=np.array(table["latitude"], dtype=float),
        longitude=np.array(table["longitude"], dtype=float),
    )


@cache
def read_election(name: str) -> Election:
    """Return an election of the embedded data.

    `name`: one of `vocabulary.ELECTIONS`.

    Raises DataError if there is no such election, or its files are missing or changed.
    """
    if name not in ELECTIONS:
        raise DataError(f"no election {name!r} in the data. {suggest(name, ELECTIONS)}")
    seats = read_seats(BOUNDARIES[name])
    by_seat = read_table(f"elections/{name}/seats.csv")
    votes = read_table(f"elections/{name}/votes.csv")
    row = np.array([seats.place[code] for code in votes["seat"]])
    column = np.array(places(votes["party"]))
    order = np.array([seats.place[code] for code in by_seat["seat"]])

    def scatter(values: list[Any], dtype: type) -> npt.NDArray[Any]:
        out: npt.NDArray[Any] = np.zeros((len(seats.code), len(PARTIES)), dtype)
        out[row, column] = values
        return out

    def aligned(values: list[Any], dtype: type) -> npt.NDArray[Any]:
        filled = np.array(["" if v is None else v for v in values] if dtype is str else values)
        out = np.empty(len(seats.code), filled.dtype)
        out[order] = filled
        return out

    candidate = np.full(len(seats.code), "", dtype=object)
    for i, person in zip(row, votes["candidate"], strict=True):
        candidate[i] = person or candidate[i]
    return Election(
        name=name,
        seats=seats,
        votes=scatter(votes["votes"], np.int64),
        coverage=scatter(votes["coverage"], np.float64),
        sitting=scatter(votes["sitting"], np.bool_),
        electorate=aligned(by_seat["electorate"], int),
        valid_votes=aligned(by_seat["valid_votes"], int),
        winner=aligned(places(by_seat["winner"]), int),
        best_other_votes=aligned([v or 0 for v in by_seat["best_other_votes"]], int),
        best_other_candidate=aligned(by_seat["best_other_candidate"], str),
        best_other_party=aligned(by_seat["best_other_party"], str),
        candidate=candidate.astype(str),
    )


def overlap_parts(old: Election) -> Floats:
    """Return the part of each seat's electors that was in each old seat, shape (seat, old seat).

    `old`: an election on the boundaries of 2010; the seats are those of 2024.
    """
    table = read_table("seats/overlaps-2010-to-2024.csv")
    new, before = read_seats("2024").place, old.seats.place
    parts = np.zeros((len(new), len(before)))
    rows = zip(*(table[k] for k in ("new_code", "old_code", "residential_share")), strict=True)
    for to, of, share in rows:
        parts[new[to], before[of]] = share * old.electorate[before[of]]
    return np.asarray(parts / parts.sum(1, keepdims=True))


@cache
def read_covariates(boundaries: str) -> dict[str, Floats]:
    """Return seat covariates by name, each of shape (seat,); NaN if not available.

    They are fractions of the population, except for ``density``, in residents per hectare.
    """
    table = read_table(f"covariates/{boundaries}-boundaries.csv")
    place = read_seats(boundaries).place
    order = np.array([place[code] for code in table.pop("seat")])
    columns = {}
    for name, values in table.items():
        out = np.empty(len(order))
        out[order] = np.array([np.nan if v is None else v for v in values], dtype=float)
        columns[name] = out
    return columns


def read_counties(seats: Seats) -> tuple[list[str], list[int]]:
    """Return the counties of a boundary set by name, and which each seat lies in.

    Those of England on the boundaries of 2024 are known; elsewhere it is -1.
    """
    file = f"seats/{seats.boundaries}-counties.csv"
    if file not in catalogue():
        return [], [-1] * len(seats.code)
    table = read_table(file)
    county_of = dict(zip(table["seat"], table["county"], strict=True))
    names = sorted(set(table["county"]))
    return names, [names.index(county_of[c]) if c in county_of else -1 for c in seats.code.tolist()]


def election_dataset(election: Election) -> xr.Dataset:
    """Return the arrays of an election with labelled axes, units and descriptions."""
    import xarray as xr

    seats = election.seats
    entry = catalogue()[f"elections/{election.name}/votes.csv"]
    values = {name: getattr(election, name) for name in LABELS if name != "share"}
    values |= {"share": election.shares, "winner": np.array(PARTIES)[election.winner]}
    return xr.Dataset(
        {
            name: (
                ("seat", "party")[: values[name].ndim],
                values[name],
                {"units": unit, "long_name": text},
            )
            for name, (unit, text) in LABELS.items()
        },
        coords={
            **seat_coordinates(seats),
            "party": list(PARTIES),
            "party_name": ("party", list(PARTY_NAMES.values())),
        },
        attrs={key: entry[key] for key in ("title", "source", "licence")}
        | {"boundaries": seats.boundaries},
    )


def seat_coordinates(seats: Seats) -> dict[str, Any]:
    """Return the coordinates of a seat axis: names, codes, nations, regions and centroids."""
    return {
        "seat": seats.name,
        "seat_code": ("seat", seats.code),
        "nation": ("seat", np.array(NATIONS)[seats.nation]),
        "region": ("seat", np.array(REGIONS)[seats.region]),
        "latitude": ("seat", seats.latitude, {"units": "degrees_north"}),
        "longitude": ("seat", seats.longitude, {"units": "degrees_east"}),
    }
