"""Forecasts published by others, read from a folder of the user's; none is shipped.

A file is a CSV with a row per seat: the seat's code under ``ons`` or ``code``, shares or chances
by party [percent], and columns that tell forecasts apart: ``election``, ``model``, ``snapshot``,
``published``, ``quantity`` (``share`` unless given, or ``win_probability``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from forecaster.arrays import Floats
from forecaster.elections.election import read_election
from forecaster.errors import DataError
from forecaster.files import CsvFile, Row
from forecaster.polls.data import day_of
from forecaster.resources import read_table
from forecaster.vocabulary import PARTIES

PARTY_OF_COLUMN = {
    **{party: party for party in ("Con", "Lab", "LD", "Reform", "Green", "SNP", "PC", "Other")},
    "UKIP": "Reform",
    "Brexit": "Reform",
    "OTH": "Other",
}
"""Party of each column that holds figures; UKIP and the Brexit Party are Reform's line."""

QUANTITIES = ("share", "win_probability")

FEWEST_COLUMNS = 3
"""A file with fewer party columns is a table of another kind."""

FEWEST_SEATS = 600
"""A forecast of fewer seats is cut off; most leave out Northern Ireland."""

LARGEST_SUM = 1.1
"""Of a seat's figures, which reach 105 % when rounded. There is no smallest sum, because a table
may name only a few parties."""


@dataclass(frozen=True)
class Published:
    """A forecast published by somebody else.

    Attributes
    ----------
    election, name : str
    chances : bool
        Whether `values` are chances to win; shares if not.
    values : ndarray, shape (seat, party)
        Fractions; zero where the forecast says nothing of a party.
    covered : ndarray of bool, shape (seat,)
    """

    election: str
    name: str
    chances: bool
    values: Floats
    covered: np.ndarray


def read_published(folder: Path, elections: tuple[str, ...]) -> list[Published]:
    """Read all forecasts of some elections in a folder, ignoring tables of another kind.

    Raises
    ------
    DataError
        If the folder does not exist or holds no forecast, or a file of forecasts is damaged.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; --published takes one with forecasts in CSV.")
    files = [_read_file(path, elections) for path in sorted(folder.glob("*.csv"))]
    if all(file is None for file in files):
        raise DataError(
            f"{folder}: no forecasts here; expected CSV files with a column ons or code and at "
            f"least {FEWEST_COLUMNS} of {', '.join(PARTY_OF_COLUMN)}."
        )
    found = [one for file in files for one in file or ()]
    return sorted(found, key=lambda one: (one.election, one.name))


def _read_file(path: Path, elections: tuple[str, ...]) -> list[Published] | None:
    """Return the forecasts in a file; None if it is a table of another kind."""
    file = CsvFile(path)
    code = next((c for c in ("ons", "code") if c in file.header), None)
    used = {c: PARTIES.index(p) for c, p in PARTY_OF_COLUMN.items() if c in file.header}
    if code is None or len(used) < FEWEST_COLUMNS:
        return None
    out: dict[tuple[str, str, bool], Published] = {}
    for row in file.rows():
        _enter(out, row, elections, code, used)
    for one in out.values():
        if one.covered.sum() < FEWEST_SEATS:
            raise DataError(
                f"{path}: {one.name}: {one.covered.sum()} seats of the election of "
                f"{one.election}, expected at least {FEWEST_SEATS}. Is the file cut off, or on "
                "other boundaries? Mend it or take it out of the folder."
            )
    return list(out.values())


def _enter(
    out: dict[tuple[str, str, bool], Published],
    row: Row,
    elections: tuple[str, ...],
    code: str,
    used: dict[str, int],
) -> None:
    """Enter a row into the forecast it belongs to, which is begun if it is the first."""
    election = row.text("election") or row.text("published")[:4]
    if election not in elections:
        return
    made = "snapshot" if row.text("snapshot") else "published"
    if row.text(made) and row.day(made) > day_of(election):
        return  # a forecast of the next election, on the boundaries of this one
    name = " ".join(filter(None, (row.text(k) for k in ("model", "snapshot", "published"))))
    if not row.text("model"):
        name = f"Electoral Calculus {name}"
    key = (election, name, row.one_of("quantity", QUANTITIES, "share") == "win_probability")
    if key not in out:
        n = len(read_election(election).seats.code)
        out[key] = Published(*key, np.zeros((n, len(PARTIES))), np.zeros(n, bool))
    place = _positions(election).get(row.text(code))
    if place is None:
        return  # a seat of other boundaries
    if out[key].covered[place]:
        raise row.error(f"{name} has the seat {row.text(code)} a second time.")
    out[key].values[place] = _values(row, used)
    out[key].covered[place] = True


def _values(row: Row, used: dict[str, int]) -> Floats:
    """Return a row's figures as fractions, shape (party,); a blank cell is zero."""
    out = np.zeros(len(PARTIES))
    for column, party in used.items():
        out[party] += (row.percent(column) or 0) / 100
    if not 0 < out.sum() <= LARGEST_SUM:
        raise row.error(f"the figures sum to {100 * out.sum():g}, expected about 100.")
    return out


@cache
def _positions(election: str) -> dict[str, int]:
    """Return the position of every seat by its code, and by an older code of the same seat."""
    seats = read_election(election).seats
    known = {code: i for i, code in enumerate(seats.code.tolist())}
    if seats.boundaries == "2024":
        table = read_table("seats/overlaps-2010-to-2024.csv")
        keys = ("old_code", "new_code", "population_share")
        for old, new, part in zip(*(table[key] for key in keys), strict=True):
            if part == 1:
                known.setdefault(old, known[new])
    return known
