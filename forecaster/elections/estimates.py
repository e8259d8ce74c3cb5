"""Seat estimates that a user brings: somebody's shares, seat by seat, from a CSV file.

The file has a row per seat: the seat's ONS code or name under ``seat``, and a column per party with
its share in per cent. Every problem is reported with its line.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from forecaster.arrays import Bools, Floats
from forecaster.config.config import SeatFile
from forecaster.elections.election import Election, Seats
from forecaster.elections.names import fold, other_boundaries
from forecaster.errors import DataError
from forecaster.vocabulary import BALLOT, GB_PARTIES, NATIONS, PARTIES, suggest

REQUIRED = (*GB_PARTIES, "SNP", "PC", "Other")
"""Columns that a file must have: a party left out would count as zero."""

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
    rows = csv.reader(_text(file).splitlines())
    parties = _parties(next(rows, []), file.path)
    seats = election.seats
    known = _positions(seats)
    shares = np.zeros((len(seats.code), len(BALLOT[NATIONS[0]])))
    line_of: dict[int, int] = {}
    for cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        where = f"{file.path}: line {rows.line_num}"
        if len(cells) != len(parties) + 1:
            raise DataError(
                f"{where}: {len(cells)} cells, but the header has {len(parties) + 1} columns."
            )
        i = _find(cells[0], known, seats, where)
        if i in line_of:
            raise DataError(f"{where}: {seats.name[i]} a second time, first in line {line_of[i]}.")
        line_of[i] = rows.line_num
        shares[i] = _columns(
            dict(zip(parties, cells[1:], strict=True)), NATIONS[seats.nation[i]], where
        )
    given = np.isin(np.arange(len(shares)), list(line_of))
    _check_complete(given, election, file.path)
    return SeatEstimates(shares, given)


def _text(file: SeatFile) -> str:
    try:
        content = Path(file.path).read_bytes()
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{file.path}: cannot be read as CSV in UTF-8: {error}") from None
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise DataError(f"{file.path}: the file was changed since the config was read. Run again.")
    return text


def _parties(header: list[str], path: str) -> list[str]:
    """Return the parties of the columns after ``seat``."""
    names = [name.strip() for name in header]
    where = f"{path}: line 1"
    if names[:1] != ["seat"]:
        raise DataError(
            f"{where}: the first column must be 'seat' (ONS code or name), the others party codes; "
            f"found {', '.join(names) or 'nothing'}."
        )
    for name in names[1:]:
        if name not in PARTIES:
            raise DataError(f"{where}: unknown party {name!r}. {suggest(name, PARTIES)}")
        if names.count(name) > 1:
            raise DataError(f"{where}: the column {name} is there twice.")
    missing = [party for party in REQUIRED if party not in names]
    if missing:
        raise DataError(
            f"{where}: no column for {', '.join(missing)}; a party that is left out would count as "
            "zero. Put all others together under Other."
        )
    return names[1:]


def _positions(seats: Seats) -> dict[str, int]:
    """Return the position of every seat by its code and by its name."""
    by_name = {fold(name): i for i, name in enumerate(seats.name.tolist())}
    return by_name | {code.lower(): i for i, code in enumerate(seats.code.tolist())}


def _find(text: str, known: dict[str, int], seats: Seats, where: str) -> int:
    keys = (text.strip().lower(), fold(text))
    found = [known[key] for key in keys if key in known]
    if found:
        return found[0]
    other = other_boundaries(seats)
    there = _positions(other)
    elsewhere = [there[key] for key in keys if key in there]
    if elsewhere:
        raise DataError(
            f"{where}: {text.strip()!r} is a seat of the {other.boundaries} boundaries "
            f"({other.name[elsewhere[0]]}); expected those of {seats.boundaries}, on which "
            "base.election lies. Take one on the boundaries of the file, or other estimates."
        )
    raise DataError(f"{where}: no seat {text.strip()!r}. {suggest(text, seats.name.tolist())}")


def percentage(cell: str, name: str, where: str) -> float:
    """Return the figure in a cell, zero if it is blank.

    Raises
    ------
    DataError
        If it is not a number from 0 to 100; the message names the figure and the line.
    """
    try:
        value = float(cell.strip() or 0)
    except ValueError:
        raise DataError(f"{where}: {name} is {cell!r}, expected a number.") from None
    if not 0 <= value <= 100:  # nan is refused, too
        raise DataError(f"{where}: {name} is {cell!r}, expected per cent, 0 to 100.")
    return value


def _columns(cells: dict[str, str], nation: str, where: str) -> Floats:
    """Return a row's shares on the nation's ballot paper, summing to one."""
    ballot = BALLOT[nation]
    out = np.zeros(len(ballot))
    for party, cell in cells.items():
        value = percentage(cell, party, where)
        if value > 0 and party in LOCAL and party not in ballot:
            raise DataError(f"{where}: {party} has {value:g} %, but does not stand in {nation}.")
        out[ballot.index(party if party in ballot else "Other")] += value
    total = float(out.sum())
    if abs(total - 100) > TOLERANCE:
        advice = (
            "write per cent, not fractions"
            if abs(total - 1) <= TOLERANCE / 100
            else f"expected 100, give or take {TOLERANCE:g}; what is missing belongs under Other"
        )
        raise DataError(f"{where}: the shares sum to {total:g}; {advice}.")
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
