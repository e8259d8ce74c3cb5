"""Read a user's files of seat estimates: somebody's shares by seat, as CSV.

A file has a row per seat, with its ONS code or name, and a column per party with its share, in per
cent or as a fraction. All mistakes are reported together, with their lines. If several files are
averaged, each may leave out seats and parties that another has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecaster.arrays import Bools, Floats
from forecaster.config.config import SeatFile
from forecaster.elections.election import Election
from forecaster.elections.names import seat_of
from forecaster.errors import DataError, readable
from forecaster.files import SEAT_COLUMNS, Columns, CsvFile, Mistakes, Row, contents, listed, scale
from forecaster.vocabulary import (
    BALLOT,
    GB_PARTIES,
    NATIONS,
    NORTHERN_IRELAND,
    OWN_PARTY,
    PARTIES,
    letters,
)

REQUIRED = (*GB_PARTIES, *OWN_PARTY.values(), "Other")
"""Parties that must have a column: in a single file, or in one of the files with a seat."""

HINT = (
    "Seat estimates need a column of ONS codes or names, and one for each of "
    f"{', '.join(REQUIRED[:-1])}: a party that is left out would count as zero. Put all others "
    "together under Other."
)

OWN = "SNP or PC"
NAMES = {
    **SEAT_COLUMNS,
    OWN: (
        *("nat", "nats", "nationalist", "nationalists", "snpplaid", "plaidsnp", "snppc", "pcsnp"),
        *("snpplaidcymru", "snporpc", "snpandplaid", "snporplaid"),
    ),
}

REFORM_SINCE = "2017"
"""On a base before this election, a column UKIP is read as Reform."""

AREA_NAMES = frozenset(
    letters(name)
    for name in (
        *("GB", "Great Britain", "UK", "United Kingdom", "Britain", "National", *NATIONS[:3]),
        *("Total", "Totals", "Average", "Mean", "All", "All seats"),
    )
)
"""Rows that are not seats, with which some tables end."""

TOLERANCE = 2.5
"""Largest difference of a seat's sum of shares from 100 [pp]; rounding eight shares may give 2."""

OTHER = BALLOT[NATIONS[0]].index("Other")

LOCAL = frozenset(party for party in PARTIES if sum(party in BALLOT[n] for n in NATIONS) == 1)
"""Parties that stand in one nation only."""


@dataclass(frozen=True)
class SeatEstimates:
    """Shares of the parties on each nation's ballot paper, in the seats with an estimate."""

    shares: Floats
    """Shape (seat, column). Fractions that sum to one; zeros in seats without an estimate. Parties
    that are not on the nation's ballot paper count under Other."""
    given: Bools
    """Seats with an estimate, shape (seat,)."""
    notes: tuple[str, ...] = ()
    """What the user should know of how the files were read."""


def read_estimates(files: Sequence[SeatFile], election: Election) -> list[SeatEstimates]:
    """Read files of seat estimates on the boundaries of an election; all cover the same seats.

    `files`: gaps of a file are filled from the others; see `completed`. `election`: the files must
    have all its seats except those of Northern Ireland and the Speaker's.

    Raises DataError if a file cannot be read or was changed since the config was read, a seat is
    missing, repeated or on other boundaries, or a share or a seat's sum is out of range; with the
    line.
    """
    needed = REQUIRED[:-1] if len(files) == 1 else ()
    read = [_read(file, election, needed) for file in files]
    found = np.array([shares for shares, _, _ in read])
    paths = ", ".join(file.file for file in files)
    rows = np.any([row for _, row, _ in read], axis=0)
    _check_complete(rows, election, paths)
    _check_listed(found, election, paths)
    done = completed(found, np.array([file.weight for file in files]))
    left = rows & ~done[0].given
    notes = [note for _, _, of in read for note in of]
    if left.any():
        names = listed(election.seats.name[left].tolist())
        notes.append(f"{paths}: no figures for {names}; left to the swing of the others.")
    return [replace(done[0], notes=tuple(notes)), *done[1:]]


def completed(found: Floats, weights: Floats) -> list[SeatEstimates]:
    """Fill the gaps of some estimates from the others.

    A seat that is left out gets the average of the estimates that have it. A party that is not
    listed gets the average of the estimates that list it, at the cost of Other and at most all of
    Other.

    `found`, shape (estimate, seat, column): fractions; NaN for parties that are not listed, and for
    all in a seat that is left out. `weights` has shape (estimate,).
    """
    known, shares = ~np.isnan(found), np.nan_to_num(found)

    def mean(where: Bools) -> Floats:
        counted = weights[:, None, None] * where
        return np.asarray((counted * shares).sum(0) / np.maximum(counted.sum(0), weights.min()))

    missing = np.where(known, 0, mean(known))
    total = missing.sum(2)
    missing *= np.minimum(1, shares[:, :, OTHER] / np.where(total > 0, total, 1))[:, :, None]
    shares += missing
    shares[:, :, OTHER] -= missing.sum(2)
    given = np.asarray(known.any(2, keepdims=True))
    seats = np.any(given, axis=(0, 2))
    return [SeatEstimates(one, seats) for one in np.where(given, shares, mean(given))]


def _read(
    file: SeatFile, election: Election, needed: tuple[str, ...]
) -> tuple[Floats, Bools, list[str]]:
    """Return the shares of a file, a mask of the seats that have a row, and notes.

    Shares have shape (seat, column), and are NaN where the file has none.
    """
    seats, old = election.seats, election.name < REFORM_SINCE
    needed = tuple({"Reform": "Reform|UKIP" if old else "Reform"}.get(n, n) for n in needed)
    needed = tuple(f"{n}|{OWN}" if n in OWN_PARTY.values() else n for n in needed)
    columns = Columns(NAMES, ("code|seat", *needed), PARTIES, HINT)
    table, wrong = CsvFile(file.file, _content(file), columns), Mistakes()
    cells: dict[int, tuple[Row, dict[str, float]]] = {}
    for row in table.rows():
        with wrong.kept():
            if letters(row.text("code") or row.text("seat")) in AREA_NAMES:
                table.notes.append(f"{row.where}: {row.text('code') or row.text('seat')}: no seat.")
                continue
            i = seat_of(row, seats)
            if i in cells:
                raise row.error(f"{seats.name[i]} a second time, first in {cells[i][0].place}.")
            cells[i] = row, {}  # kept even if its shares are wrong
            cells[i] = row, _by_party(row, NATIONS[seats.nation[i]], old, table.header)
    factor = scale(sum(values.values()) for _, values in cells.values() if values)
    shares = np.full((len(seats.code), len(BALLOT[NATIONS[0]])), np.nan)
    named = {key.partition(" ")[0] for key in table.header} | ({"Reform"} if old else set())
    for i, (row, values) in cells.items():
        nation = NATIONS[seats.nation[i]]
        own = {OWN_PARTY.get(nation, "")} if OWN in table.header else set()
        with wrong.kept():
            if values and not _not_asked(values, nation):
                shares[i] = _shares(row, values, nation, named | own, factor)
    wrong.check()
    if "Other" not in table.header:
        table.notes.append(f"{file.file}: no column of other parties; they count as zero.")
    return shares, np.isin(np.arange(len(shares)), list(cells)), table.notes


def _not_asked(values: dict[str, float], nation: str) -> bool:
    """Say if all votes are Other's in a seat whose own parties the file does not tell apart."""
    named = any(value for party, value in values.items() if party != "Other")
    return nation == NATIONS[NORTHERN_IRELAND] and not named


def _by_party(row: Row, nation: str, old: bool, header: tuple[str, ...]) -> dict[str, float]:
    """Return a row's shares by party as they are written, or an empty dict."""
    values, own = row.shares(), row.percent(OWN)
    if own is not None:
        party = OWN_PARTY.get(nation, "Other")
        values[party] = values.get(party, 0) + own
    if old and "Reform" not in header and "UKIP" in values:
        values["Reform"] = values.pop("UKIP")
    return values


def _content(file: SeatFile) -> bytes:
    with readable(file.file, DataError):
        content = contents(file.file)
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise DataError(f"{file.file}: the file was changed since the config was read. Run again.")
    return content


def _shares(
    row: Row, values: dict[str, float], nation: str, named: set[str], factor: float
) -> Floats:
    """Return a row's shares by ballot column, which sum to one; NaN for parties not listed."""
    ballot = BALLOT[nation]
    out = np.where([party in named for party in ballot], 0.0, np.nan)
    out[OTHER] = 0.0
    for party, value in values.items():
        if value > 0 and party in LOCAL and party not in ballot:
            raise row.error(f"{party} has {factor * value:g} %, but does not stand in {nation}.")
        out[ballot.index(party if party in ballot else "Other")] += factor * value
    total = float(np.nansum(out))
    if abs(total - 100) > TOLERANCE:
        advice = (
            "write per cent, not fractions"
            if abs(total - 1) <= TOLERANCE / 100
            else f"expected 100, give or take {TOLERANCE:g}; what is missing belongs under Other"
        )
        raise row.error(f"the shares sum to {total:g}; {advice}.")
    return np.asarray(out / total)


def _check_complete(rows: Bools, election: Election, paths: str) -> None:
    seats = election.seats
    missing = seats.name[~rows & seats.in_britain & ~election.speaker].tolist()
    if missing:
        raise DataError(
            f"{paths}: no row for {listed(missing)}, of the {seats.boundaries} boundaries. Only "
            "Northern Ireland and the Speaker's seat may be left out; they then start from the "
            "result of base.election."
        )


def _check_listed(found: Floats, election: Election, paths: str) -> None:
    """Raise an error if a required party is missing from all estimates of a seat."""
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
