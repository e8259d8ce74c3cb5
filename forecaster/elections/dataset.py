"""An election as an xarray Dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from forecaster.elections.election import Election, Seats
from forecaster.resources import catalogue
from forecaster.vocabulary import NATIONS, PARTIES, PARTY_NAMES, REGIONS

if TYPE_CHECKING:
    import xarray as xr


def election_dataset(election: Election) -> xr.Dataset:
    """Return the arrays of an election with labelled axes, units and descriptions."""
    import xarray as xr

    seats = election.seats
    entry = catalogue()[f"elections/{election.name}/votes.csv"]

    def variable(
        dims: tuple[str, ...], values: np.ndarray, unit: str, text: str
    ) -> tuple[Any, ...]:
        return dims, values, {"units": unit, "long_name": text}

    by_party, by_seat = ("seat", "party"), ("seat",)
    return xr.Dataset(
        {
            "votes": variable(by_party, election.votes, "votes", "Valid votes"),
            "share": variable(by_party, election.shares, "1", "Share of the seat's valid votes"),
            "coverage": variable(
                by_party, election.coverage, "1", "Part of the seat in which the party stood"
            ),
            "sitting": variable(
                by_party, election.sitting, "1", "The seat's sitting MP stood for the party"
            ),
            "electorate": variable(by_seat, election.electorate, "voters", "Electorate"),
            "valid_votes": variable(by_seat, election.valid_votes, "votes", "Valid votes cast"),
            "winner": variable(
                by_seat, np.array(PARTIES)[election.winner], "party", "Party that won the seat"
            ),
            "best_other_votes": variable(
                by_seat,
                election.best_other_votes,
                "votes",
                "Votes of the strongest single candidate among Other",
            ),
        },
        coords={
            **seat_coordinates(seats),
            "party": list(PARTIES),
            "party_name": ("party", [PARTY_NAMES[party] for party in PARTIES]),
        },
        attrs={
            "title": entry["title"],
            "source": entry["source"],
            "licence": entry["licence"],
            "boundaries": seats.boundaries,
        },
    )


def seat_coordinates(seats: Seats) -> dict[str, Any]:
    """Return the coordinates of a seat axis: names, and beside them codes, places and regions."""
    return {
        "seat": seats.name,
        "seat_code": ("seat", seats.code),
        "nation": ("seat", np.array(NATIONS)[seats.nation]),
        "region": ("seat", np.array(REGIONS)[seats.region]),
        "latitude": ("seat", seats.latitude, {"units": "degrees_north"}),
        "longitude": ("seat", seats.longitude, {"units": "degrees_east"}),
    }
