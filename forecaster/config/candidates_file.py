"""Read a user's own candidates and sitting MPs from a CSV file, or say which row is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from forecaster.files import SEAT_COLUMNS, Columns, CsvFile, Mistakes, Row
from forecaster.vocabulary import words

ANSWERS = {"yes": True, "no": False, "1": True, "0": False, "true": True, "false": False}
HINT = (
    "Candidates need seat (name or ONS code) and party, and stands or sitting: yes or no, blank "
    "where nothing changes; note may say why."
)
COLUMNS = Columns(
    {**SEAT_COLUMNS, "party": ("partyname",), "stands": (), "sitting": (), "note": ()},
    ("code|seat", "party"),
    hint=HINT,
)


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
    for row in CsvFile(path, columns=COLUMNS).rows():
        with wrong.kept():
            seat, party = row.text("code") or row.text("seat"), row.party("party")
            key = *words(seat), party
            if key in first:
                again = f"{seat}, {party} again, as in {first[key].place}"
                raise row.error(f"{again}; remove one of them.")
            first[key] = row
            entry = {name: _answer(row, name) for name in ("stands", "sitting")}
            if not seat or set(entry.values()) == {None}:
                raise row.error(f"says nothing. {HINT}")
            if entry["sitting"] and entry["stands"] is False:
                raise row.error("a sitting MP who is no candidate: sitting means standing again.")
            out.append({"seat": seat, "party": party, **entry})
    wrong.check()
    return out


def _answer(row: Row, column: str) -> bool | None:
    text = row.text(column).lower()
    if text and text not in ANSWERS:
        raise row.error(f"{column}: {text!r}: expected yes or no, or nothing.")
    return ANSWERS.get(text)
