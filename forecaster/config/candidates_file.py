"""Read a user's own candidates and sitting MPs from a CSV file, or say which row is wrong.

The file is a list of differences, or of all who are nominated in the seats that it names.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from forecaster.files import SEAT_COLUMNS, Columns, CsvFile, Mistakes, Row
from forecaster.vocabulary import (
    BALLOT,
    BRITISH_PARTIES,
    FIXED_PARTIES,
    OWN_PARTY,
    party_code,
    words,
)

HINT = (
    "Candidates need seat (name or ONS code) and party, and stands or sitting: yes or no, blank "
    "where nothing changes; note may say why."
)
COLUMNS = Columns(
    {
        **SEAT_COLUMNS,
        "party": ("partyname",),
        "stands": (),
        "sitting": (),
        "note": (),
        "person": ("personname", "candidatename", "candidate", "personid"),
    },
    ("code|seat", "party"),
    hint=HINT,
)
LOCAL = frozenset(BALLOT["Northern Ireland"]) - {*BRITISH_PARTIES, "Other", *FIXED_PARTIES}
"""Parties that are nominated in Northern Ireland alone."""


def read_candidates(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a file, as `forecaster.config.config.Candidacy` takes them.

    Raises
    ------
    DataError
        Naming every wrong row by file and line.
    """
    out: list[dict[str, Any]] = []
    first: dict[tuple[str, ...], Row] = {}
    wrong = Mistakes()
    rows = list(CsvFile(path, columns=COLUMNS).rows())
    if rows and "person" in rows[0].cells and not {"stands", "sitting"} & rows[0].cells.keys():
        return list(_nominated(rows))
    for row in rows:
        with wrong.kept():
            seat, party = row.text("code") or row.text("seat"), row.party("party")
            key = *words(seat), party
            if key in first:
                again = f"{seat}, {party} again, as in {first[key].place}"
                raise row.error(f"{again}; remove one of them.")
            first[key] = row
            entry = {name: row.answer(name) for name in ("stands", "sitting")}
            if not seat or set(entry.values()) == {None}:
                raise row.error(f"says nothing. {HINT}")
            if entry["sitting"] and entry["stands"] is False:
                raise row.error("a sitting MP who is no candidate: sitting means standing again.")
            out.append({"seat": seat, "party": party, **entry})
    wrong.check()
    return out


def _nominated(rows: list[Row]) -> Iterator[dict[str, Any]]:
    """Yield who stands, and which of the usual parties do not, in the seats of a list of people.

    Independents and parties without a column are others. SNP and Plaid, which a list does not tell
    from parties that never stand there, are only ever added.
    """
    seats: dict[tuple[str, ...], tuple[str, set[str]]] = {}
    wrong = Mistakes()
    for row in rows:
        with wrong.kept():
            seat, party = row.text("code") or row.text("seat"), party_code(row.text("party"))
            if not seat or not row.text("party"):
                raise row.error("a candidate needs a seat and a party.")
            name, standing = seats.setdefault(words(seat), (seat, set()))
            known = party in (*LOCAL, *BRITISH_PARTIES, *OWN_PARTY.values(), "Spk")
            standing.add(str(party) if known else "Other")
    wrong.check()
    for name, standing in seats.values():
        usual = LOCAL if standing & LOCAL else {*BRITISH_PARTIES}
        for party in sorted(standing - {"Spk"}):
            yield {"seat": name, "party": party, "stands": True, "sitting": None}
        for party in sorted({*usual, "Other"} - standing):
            yield {"seat": name, "party": party, "stands": False, "sitting": None}
