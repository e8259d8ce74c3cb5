"""Read forecasts published by others from a folder of the user's; none is shipped.

A file is a CSV, possibly gzipped, of one of two kinds.

- A row per seat: the seat's code under ``ons`` or ``code``, shares or chances by party [percent],
  and columns that identify the forecast: ``election``, ``model``, ``snapshot``, ``published``,
  ``quantity`` (``share``, the default, or ``win_probability``).
- A row per seat and party: ``provider``, ``date``, ``code``, ``party``, ``prob`` [fraction].
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
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
"""Party of each column with figures; UKIP and the Brexit Party count as Reform."""

QUANTITIES = ("share", "win_probability")

CHANCE = ("provider", "date", "code", "party", "prob")
"""Columns of a file with a row per seat and party."""

FEWEST_COLUMNS = 3
"""A file with fewer party columns is not a forecast."""

FEWEST_SEATS = 600
"""A forecast of shares with fewer seats is incomplete; most leave out Northern Ireland."""

FEWEST_CHANCES = 100
"""Fewest seats of a forecast of chances. Some archives hold only part of one, which is enough, as
our chances are scored on the same seats."""

LARGEST_SUM = 1.1
"""Largest sum of a seat's figures; rounded ones reach 1.05. There is no smallest sum, because a
table may have only a few parties."""


@dataclass(frozen=True)
class Published:
    """A forecast published by somebody else."""

    election: str
    name: str
    """Who made it and, if known, the day of publication."""
    chances: bool
    """Whether `values` are chances to win rather than shares."""
    values: Floats
    """Fractions; zero where the forecast says nothing of a party, shape (seat, party)."""
    covered: np.ndarray
    """Shape (seat,)."""

    @property
    def day(self) -> date | None:
        """Day of publication, from the end of the name; None if there is none."""
        try:
            return date.fromisoformat(self.name[-10:])
        except ValueError:
            return None

    @property
    def provider(self) -> str:
        """Who made it: the name without the day."""
        return self.name[:-10].rstrip() if self.day else self.name


def read_published(folder: Path, elections: tuple[str, ...]) -> list[Published]:
    """Read all forecasts of some elections in a folder, ignoring tables of another kind.

    Raises DataError if the folder does not exist or holds no forecast, or a file of forecasts is
    damaged.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; --published takes one with forecasts in CSV.")
    paths = sorted((*folder.glob("*.csv"), *folder.glob("*.csv.gz")))
    files = [_read_file(path, elections) for path in paths]
    if all(file is None for file in files):
        raise DataError(
            f"{folder}: no forecasts here; expected CSV files with a column ons or code and at "
            f"least {FEWEST_COLUMNS} of {', '.join(PARTY_OF_COLUMN)}, or with the columns "
            f"{', '.join(CHANCE)}."
        )
    found = [one for file in files for one in file or ()]
    return sorted(found, key=lambda one: (one.election, one.name))


def last_until(day: date, forecasts: list[Published]) -> list[Published]:
    """Return the last forecast of each provider, election and kind published by a day.

    Forecasts without a day are left out.

    `forecasts`: sorted by name.
    """
    known = [one for one in forecasts if one.day and one.day <= day]
    return list({(one.election, one.provider, one.chances): one for one in known}.values())


def _read_file(path: Path, elections: tuple[str, ...]) -> list[Published] | None:
    """Return the forecasts in a file; None if it is a table of another kind."""
    file = CsvFile(path)
    by_chance = set(CHANCE) <= set(file.header)
    header = PARTY_OF_COLUMN if by_chance else file.header
    code = next((c for c in ("ons", "code") if c in file.header), None)
    used = {c: PARTIES.index(p) for c, p in PARTY_OF_COLUMN.items() if c in header}
    if code is None or len(used) < FEWEST_COLUMNS:
        return None
    out: dict[tuple[str, str, bool], Published] = {}
    for row in _seats_of_chances(file) if by_chance else file.rows():
        _enter(out, row, elections, code, used)
    for one in out.values():
        fewest = FEWEST_CHANCES if one.chances else FEWEST_SEATS
        if one.covered.sum() < fewest:
            raise DataError(
                f"{path}: {one.name}: {one.covered.sum()} seats of the election of "
                f"{one.election}, expected at least {fewest}. Is the file cut off, or on "
                "other boundaries? Mend it or take it out of the folder."
            )
    return list(out.values())


def _seats_of_chances(file: CsvFile) -> Iterator[Row]:
    """Turn rows per seat and party into rows per seat, as the other kind of file has them.

    A seat in which all chances are zero is left out: that of the Speaker.
    """
    seats: dict[tuple[str, ...], tuple[str, dict[str, float]]] = {}
    for row in file.rows():
        key = provider, day, code = tuple(row.text(column) for column in CHANCE[:3])
        _, chances = seats.setdefault(key, (row.where, {}))
        party = row.one_of("party", PARTY_OF_COLUMN, "")
        if party in chances:
            raise row.error(f"{provider} {day} has {party} in the seat {code} a second time.")
        chances[party] = 100 * (row.fraction("prob") or 0)
    for (provider, day, code), (where, chances) in seats.items():
        names = {"model": provider, "published": day, "code": code, "quantity": "win_probability"}
        if any(chances.values()):
            yield Row(where, {**names, **chances})


def _enter(
    out: dict[tuple[str, str, bool], Published],
    row: Row,
    elections: tuple[str, ...],
    code: str,
    used: dict[str, int],
) -> None:
    """Add a row to its forecast in `out`, or start a new forecast."""
    election = row.text("election") or row.text("published")[:4]
    if election not in elections:
        return
    name = " ".join(filter(None, (row.text(k) for k in ("model", "snapshot", "published"))))
    if not row.text("model"):
        name = f"Electoral Calculus {name}"
    key = (election, name, row.one_of("quantity", QUANTITIES, "share") == "win_probability")
    if key not in out:
        made = "snapshot" if row.text("snapshot") else "published"
        if row.text(made) and row.day(made) > day_of(election):
            return  # it is a forecast of the next election, on the boundaries of this one
        n = len(read_election(election).seats.code)
        out[key] = Published(*key, np.zeros((n, len(PARTIES))), np.zeros(n, bool))
    place = _positions(election).get(row.text(code))
    if place is None:
        return  # the seat is of other boundaries
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
    """Return the index of every seat by its code, and by an older code of the same seat."""
    seats = read_election(election).seats
    known = {code: i for i, code in enumerate(seats.code.tolist())}
    if seats.boundaries == "2024":
        table = read_table("seats/overlaps-2010-to-2024.csv")
        keys = ("old_code", "new_code", "population_share")
        for old, new, part in zip(*(table[key] for key in keys), strict=True):
            if part == 1:
                known.setdefault(old, known[new])
    return known
