"""Forecasts that others published, read from a folder that the user has; none is shipped.

A file is a CSV with a row per seat: the seat's code under ``ons`` or ``code``, shares or chances
by party [percent], and what tells forecasts apart: ``election``, ``model``, ``snapshot``,
``published``, ``quantity`` (``share`` unless given, or ``win_probability``).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np

from forecaster.elections.read import Floats, read_election, read_table
from forecaster.errors import DataError
from forecaster.polls.read import read_results
from forecaster.vocabulary import PARTIES

COLUMNS = {
    **{party: party for party in ("Con", "Lab", "LD", "Reform", "Green", "SNP", "PC", "Other")},
    "UKIP": "Reform",
    "Brexit": "Reform",
    "OTH": "Other",
}
"""Columns that hold figures, and the party each is: UKIP and Brexit Party are Reform's line."""

FEWEST_SEATS = 600
"""A file of fewer seats is no forecast of the election."""


@dataclass(frozen=True)
class Published:
    """A forecast by somebody else.

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
    """Read all forecasts of some elections in a folder.

    Raises
    ------
    DataError
        If there is no such folder, or a file's figure is no number.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; --published takes one with forecasts in CSV.")
    out: dict[tuple[str, str, bool], Published] = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            code = next((c for c in ("ons", "code") if c in (rows.fieldnames or ())), None)
            used = {c: PARTIES.index(p) for c, p in COLUMNS.items() if c in (rows.fieldnames or ())}
            if code is None or len(used) < 3:
                continue  # a table of another kind
            for line, row in enumerate(rows, start=2):
                election = row.get("election") or row.get("published", "")[:4]
                if election in elections:
                    _enter(out, row, election, row[code], used, f"{path.name}, line {line}")
    found = [one for one in out.values() if one.covered.sum() >= FEWEST_SEATS]
    return sorted(found, key=lambda one: (one.election, one.name))


def _enter(
    out: dict[tuple[str, str, bool], Published],
    row: dict[str, str],
    election: str,
    code: str,
    used: dict[str, int],
    where: str,
) -> None:
    made = row.get("snapshot") or row.get("published") or ""
    if made and date.fromisoformat(made) > _day(election):
        return  # of the next election, on the boundaries of this one
    name = " ".join(row[key] for key in ("model", "snapshot", "published") if row.get(key))
    chances = row.get("quantity", "share") not in ("share", "")
    if not row.get("model"):
        name = f"Electoral Calculus {name}"
    places = _places(election)
    place = places.get(code)
    if place is None:
        return  # Northern Ireland, or a seat of other boundaries
    key = (election, name, chances)
    if key not in out:
        n = len(read_election(election).seats.code)
        out[key] = Published(
            election, name, chances, np.zeros((n, len(PARTIES))), np.zeros(n, bool)
        )
    try:
        for column, party in used.items():
            out[key].values[place, party] += float(row[column] or 0) / 100
    except ValueError:
        raise DataError(f"{where}: {column} is {row[column]!r}, expected a number.") from None
    out[key].covered[place] = True


@cache
def _day(election: str) -> date:
    return next(one.day for one in read_results(date.max) if one.election == election)


@cache
def _places(election: str) -> dict[str, int]:
    """Return the position of every seat by its code, and by an older code of the same seat."""
    seats = read_election(election).seats
    places = {code: i for i, code in enumerate(seats.code.tolist())}
    if seats.boundaries == "2024":
        table = read_table("seats/overlaps-2010-to-2024.csv")
        for old, new, part in zip(
            table["old_code"], table["new_code"], table["population_share"], strict=True
        ):
            if part == 1 and old not in places:
                places[old] = places[new]
    return places
