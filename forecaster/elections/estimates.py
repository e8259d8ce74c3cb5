"""Seat estimates that a user brings: somebody's shares, seat by seat, from CSV files.

A file has a row per seat: the seat's ONS code or name under ``seat``, and a column per party with
its share in per cent. Every problem is reported with its line. Where several files are averaged,
each may leave out seats and parties that another has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
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
"""Parties that a file must have a column for; of several files, one of those with the seat."""

HINT = (
    "Seat estimates need the column seat (ONS code or name) and one for each of "
    f"{', '.join(REQUIRED)}: a party that is left out would count as zero. Put all others together "
    "under Other."
)

TOLERANCE = 2.5
"""How far a seat's shares may lie from 100 [pp]: the rounded shares of eight parties reach 2."""

SHOWN = 5

OTHER = BALLOT[NATIONS[0]].index("Other")

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


def read_estimates(files: Sequence[SeatFile], election: Election) -> list[SeatEstimates]:
    """Read files of seat estimates on the boundaries of an election.

    Parameters
    ----------
    files : sequence of SeatFile
        What one leaves out is filled from the others; see `completed`.
    election : Election
        Whose seats the files must hold; those of Northern Ireland and the Speaker's may be missing.

    Returns
    -------
    list of SeatEstimates
        Of each file, all of the same seats.

    Raises
    ------
    DataError
        If a file cannot be read or was changed since the config was read, a seat is missing,
        repeated or on other boundaries, or a share or a seat's sum is out of range; with the line.
    """
    needed = REQUIRED if len(files) == 1 else ("Other",)
    found = np.array([_read(file, election, needed) for file in files])
    paths = ", ".join(file.file for file in files)
    _check_complete(~np.isnan(found).all((0, 2)), election, paths)
    _check_listed(found, election, paths)
    return completed(found, np.array([file.weight for file in files]))


def completed(found: Floats, weights: Floats) -> list[SeatEstimates]:
    """Fill what some estimates leave out from the others.

    A seat gets the average of those that have it. A party that is not listed is among Other, and
    gets the average of those that list it out of Other, as far as that reaches.

    Parameters
    ----------
    found : ndarray, shape (estimate, seat, column)
        Fractions; NaN where a party is not listed, and throughout in a seat that is left out.
    weights : ndarray, shape (estimate,)
    """
    listed, shares = ~np.isnan(found), np.nan_to_num(found)

    def mean(where: Bools) -> Floats:
        counted = weights[:, None, None] * where
        return np.asarray((counted * shares).sum(0) / np.maximum(counted.sum(0), weights.min()))

    missing = np.where(listed, 0, mean(listed))
    total = missing.sum(2)
    missing *= np.minimum(1, shares[:, :, OTHER] / np.where(total > 0, total, 1))[:, :, None]
    shares += missing
    shares[:, :, OTHER] -= missing.sum(2)
    given = np.asarray(listed.any(2, keepdims=True))
    seats = np.any(given, axis=(0, 2))
    return [SeatEstimates(one, seats) for one in np.where(given, shares, mean(given))]


def _read(file: SeatFile, election: Election, needed: tuple[str, ...]) -> Floats:
    """Return the shares of a file, NaN where it says nothing, shape (seat, column)."""
    seats = election.seats
    shares = np.full((len(seats.code), len(BALLOT[NATIONS[0]])), np.nan)
    row_of: dict[int, Row] = {}
    table = CsvFile(file.file, _content(file))
    for row in table.rows(("seat", *PARTIES), ("seat", *needed), HINT):
        i = _find(row, seats)
        if i in row_of:
            raise row.error(f"{seats.name[i]} a second time, first in {row_of[i].place}.")
        row_of[i] = row
        shares[i] = _shares(row, NATIONS[seats.nation[i]])
    return shares


def _content(file: SeatFile) -> bytes:
    try:
        content = Path(file.file).read_bytes()
    except OSError as error:
        raise DataError(f"{file.file}: cannot be read as CSV in UTF-8: {error}") from None
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise DataError(f"{file.file}: the file was changed since the config was read. Run again.")
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
    """Return a row's shares on the nation's ballot paper, summing to one; NaN if not listed."""
    ballot = BALLOT[nation]
    out = np.where([party in row.cells for party in ballot], 0.0, np.nan)
    out[OTHER] = 0.0
    for party in row.cells:
        if party == "seat":
            continue
        value = row.percent(party) or 0.0
        if value > 0 and party in LOCAL and party not in ballot:
            raise row.error(f"{party} has {value:g} %, but does not stand in {nation}.")
        out[ballot.index(party if party in ballot else "Other")] += value
    total = float(np.nansum(out))
    if abs(total - 100) > TOLERANCE:
        advice = (
            "write per cent, not fractions"
            if abs(total - 1) <= TOLERANCE / 100
            else f"expected 100, give or take {TOLERANCE:g}; what is missing belongs under Other"
        )
        raise row.error(f"the shares sum to {total:g}; {advice}.")
    return np.asarray(out / total)


def _check_complete(given: Bools, election: Election, paths: str) -> None:
    seats = election.seats
    missing = seats.name[~given & seats.in_britain & ~election.speaker].tolist()
    if missing:
        more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
        raise DataError(
            f"{paths}: no row for {', '.join(missing[:SHOWN])}{more}, of the {seats.boundaries} "
            "boundaries. Only Northern Ireland and the Speaker's seat may be left out; they then "
            "start from the result of base.election."
        )


def _check_listed(found: Floats, election: Election, paths: str) -> None:
    """Refuse a seat all of whose estimates leave out a party that they must list."""
    unlisted, seats = np.asarray(np.isnan(found).all(0)), election.seats
    for a, nation in enumerate(NATIONS):
        for column, party in enumerate(BALLOT[nation]):
            lacking = (seats.nation == a) & ~np.all(unlisted, axis=1) & unlisted[:, column]
            if party in REQUIRED and lacking.any():
                raise DataError(
                    f"{paths}: no column {party} in any of the files that hold "
                    f"{seats.name[lacking][0]}. A party may be left out only where another file "
                    f"has it. {HINT}"
                )
