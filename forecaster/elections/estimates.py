"""Seat estimates that a user brings: somebody's shares, seat by seat, from a CSV file.

The file has a row per seat: the seat's ONS code or name under ``seat``, and a column per party with
its share in per cent. Every problem is reported with its line.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from forecaster.arrays import Bools, Floats
from forecaster.config.config import SeatFile
from forecaster.elections.election import Election, Seats
from forecaster.elections.names import other_boundaries, positions
from forecaster.errors import DataError
from forecaster.files import CsvFile, Row
from forecaster.vocabulary import BALLOT, GB_PARTIES, NATIONS, PARTIES, fold, suggest

REQUIRED = (*GB_PARTIES, "SNP", "PC", "Other")
"""Parties that a file must have a column for."""

HINT = (
    "Seat estimates need the column seat (ONS code or name) and one for each of "
    f"{', '.join(REQUIRED)}: a party that is left out would count as zero. Put all others together "
    "under Other."
)

TOLERANCE = 2.5
"""How far a seat's shares may lie from 100 [pp]: the rounded shares of eight parties reach 2."""

SHOWN = 5

LOCAL = frozenset(party for party in PARTIES if sum(party in BALLOT[n] for n in NATIONS) == 1)
"""Parties that stand in one nation only."""


@dataclass(frozen=True)
class SeatEstimates:
    """Shares of the parties on each nation's ballot paper, in the seats with an estimate.

    Attributes
    ----------
    shares : ndarray of float, shape (seat, column)
        Fractions that sum to one; zeros where nothing is given. Parties that are not on the
        nation's ballot paper count under Other.
    given : ndarray of bool, shape (seat,)
    """

    shares: Floats
    given: Bools


def read_estimates(file: SeatFile, election: Election) -> SeatEstimates:
    """Read a file of seat estimates on the boundaries of an election.

    Parameters
    ----------
    file : SeatFile
    election : Election
        Whose seats the file must hold; those of Northern Ireland and the Speaker's may be missing.

    Raises
    ------
    DataError
        If the file cannot be read or was changed since the config was read, a seat is missing,
        repeated or on other boundaries, or a share or a seat's sum is out of range; with the line.
    """
    table = CsvFile(file.path, _content(file))
    seats = election.seats
    shares = np.zeros((len(seats.code), len(BALLOT[NATIONS[0]])))
    row_of: dict[int, Row] = {}
    for row in table.rows(("seat", *PARTIES), ("seat", *REQUIRED), HINT):
        i = _find(row, seats)
        if i in row_of:
            raise row.error(f"{seats.name[i]} a second time, first in {row_of[i].place}.")
        row_of[i] = row
        shares[i] = _shares(row, NATIONS[seats.nation[i]])
    given = np.isin(np.arange(len(shares)), list(row_of))
    _check_complete(given, election, file.path)
    return SeatEstimates(shares, given)


def _content(file: SeatFile) -> bytes:
    try:
        content = Path(file.path).read_bytes()
    except OSError as error:
        raise DataError(f"{file.path}: cannot be read as CSV in UTF-8: {error}") from None
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise DataError(f"{file.path}: the file was changed since the config was read. Run again.")
    return content


def _find(row: Row, seats: Seats) -> int:
    text = row.text("seat")
    here = positions(seats.boundaries).get(fold(text))
    if here is not None:
        return here
    other = other_boundaries(seats)
    elsewhere = positions(other.boundaries).get(fold(text))
    if elsewhere is not None:
        raise row.error(
            f"{text!r} is a seat of the {other.boundaries} boundaries "
            f"({other.name[elsewhere]}); expected those of {seats.boundaries}, on which "
            "base.election lies. Take one on the boundaries of the file, or other estimates."
        )
    raise row.error(f"no seat {text!r}. {suggest(text, seats.name.tolist())}")


def _shares(row: Row, nation: str) -> Floats:
    """Return a row's shares on the nation's ballot paper, summing to one."""
    ballot = BALLOT[nation]
    out = np.zeros(len(ballot))
    for party in row.cells:
        if party == "seat":
            continue
        value = row.percent(party) or 0.0
        if value > 0 and party in LOCAL and party not in ballot:
            raise row.error(f"{party} has {value:g} %, but does not stand in {nation}.")
        out[ballot.index(party if party in ballot else "Other")] += value
    total = float(out.sum())
    if abs(total - 100) > TOLERANCE:
        advice = (
            "write per cent, not fractions"
            if abs(total - 1) <= TOLERANCE / 100
            else f"expected 100, give or take {TOLERANCE:g}; what is missing belongs under Other"
        )
        raise row.error(f"the shares sum to {total:g}; {advice}.")
    return np.asarray(out / total)


def _check_complete(given: Bools, election: Election, path: str) -> None:
    seats = election.seats
    missing = seats.name[~given & seats.in_britain & ~election.speaker].tolist()
    if missing:
        more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
        raise DataError(
            f"{path}: no row for {', '.join(missing[:SHOWN])}{more}, of the {seats.boundaries} "
            "boundaries. Only Northern Ireland and the Speaker's seat may be left out; they then "
            "start from the result of base.election."
        )
