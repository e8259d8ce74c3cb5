"""Read a user's CSV file of candidates and MPs, or say which rows are wrong.

The file lists one of three things: changes to who stands, every candidate nominated in the seats
that it names, or the present MPs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecaster.files import SEAT_COLUMNS, Columns, CsvFile, Mistakes, Row, listed
from forecaster.vocabulary import (
    BALLOT,
    BRITISH_PARTIES,
    FIXED_PARTIES,
    OWN_PARTY,
    SEATS_IN_THE_COMMONS,
    party_code,
    words,
)

ANSWERS = ("stands", "sitting", "holds")
HINT = (
    "Candidates need seat (name or ONS code) and party, and stands, sitting or holds: yes or no, "
    "blank where nothing changes; note may say why."
)
ALONE = (
    "A list of nominations names all who stand in a seat; a column stands, sitting or holds says "
    "what a list of some people is."
)
COLUMNS = Columns(
    {
        **SEAT_COLUMNS,
        "party": ("partyname", "currentparty", "partyabbreviation"),
        "stands": (),
        "sitting": ("standsagain",),
        "holds": (),
        "note": (),
        "elected": ("won",),
        "person": (
            *("personname", "candidatename", "candidate", "personid", "firstname", "lastname"),
            *("mp", "mpname", "member", "membername", "namedisplayas", "namelistas", "displayname"),
            *("mnisid", "surname", "fullname"),
        ),
    },
    ("code|seat", "party"),
    hint=HINT,
)
LOCAL = frozenset(BALLOT["Northern Ireland"]) - {*BRITISH_PARTIES, "Other", *FIXED_PARTIES}
"""Parties that stand in Northern Ireland only."""


def read_candidates(path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Return a file's rows as values of `forecaster.config.config.Candidacy`, and notes on it.

    A table of people is read as a list of MPs if it says who was elected, or if it has exactly one
    person per seat in more than half of all seats. Otherwise it is a list of nominations.

    Raises DataError naming every wrong row by file and line.
    """
    table = CsvFile(path, columns=COLUMNS)
    rows = list(table.rows())
    if "person" not in table.header or {*ANSWERS} & {*table.header}:
        found = _differences(rows)
    else:
        people = _by_seat(rows)
        elected = {seat: [p for p in of if p.elected] for seat, of in people.items()}
        members = {seat: of for seat, of in elected.items() if of}
        if not members and len(rows) == len(people) > SEATS_IN_THE_COMMONS / 2:
            members = people
        number = len(members or people)
        what = "{} present MP{}" if members else "nominations in {} seat{}"
        what = what.format(number, "s" * (number != 1))
        table.notes.append(f"{path}: read as a list of {what}.")
        found = _holding(members) if members else _nominated(people)
        others = {p.party for of in people.values() for p in of if party_code(p.party) is None}
        if others:
            table.notes.append(f"{path}: counted under Other: {listed(sorted(others))}.")
    return found, table.notes


def _differences(rows: list[Row]) -> list[dict[str, Any]]:
    """Return the rows of a list of changes."""
    out: list[dict[str, Any]] = []
    first: dict[tuple[str, ...], Row] = {}
    wrong = Mistakes()
    for row in rows:
        with wrong.kept():
            seat, party = row.text("code") or row.text("seat"), row.party("party")
            key = *words(seat), party
            if key in first:
                again = f"{seat}, {party} again, as in {first[key].place}"
                raise row.error(f"{again}; remove one of them.")
            first[key] = row
            entry = {name: row.answer(name) for name in ANSWERS}
            if not seat or set(entry.values()) == {None}:
                raise row.error(f"says nothing. {HINT}")
            if entry["sitting"] and entry["stands"] is False:
                raise row.error("a sitting MP who is no candidate: sitting means standing again.")
            out.append({"seat": seat, "party": party, "place": row.where, **entry})
    wrong.check()
    return out


@dataclass(frozen=True)
class _Person:
    """A row of a list of people."""

    row: Row
    seat: str
    party: str
    elected: bool


def _by_seat(rows: list[Row]) -> dict[tuple[str, ...], list[_Person]]:
    """Return the people of each seat, by the `words` of its code or name."""
    people: dict[tuple[str, ...], list[_Person]] = {}
    wrong = Mistakes()
    for row in rows:
        with wrong.kept():
            seat, party = row.text("code") or row.text("seat"), row.text("party")
            if not seat or not party:
                raise row.error("expected a seat and a party beside the name.")
            one = _Person(row, seat, party, bool(row.answer("elected")))
            people.setdefault(words(seat), []).append(one)
    wrong.check()
    return people


def _holding(members: dict[tuple[str, ...], list[_Person]]) -> list[dict[str, Any]]:
    """Return who holds each seat, from a list of MPs."""
    Mistakes(
        str(one.row.error(f"{one.seat} has an MP already, in {first.row.place}."))
        for first, *more in members.values()
        for one in more
    ).check()
    return [
        _entry(one, party_code(one.party) or "Other", holds=True) for one, *_ in members.values()
    ]


def _entry(one: _Person, party: str, **known: bool) -> dict[str, Any]:
    return {"seat": one.seat, "party": party, "place": one.row.where, **known}


def _nominated(people: dict[tuple[str, ...], list[_Person]]) -> list[dict[str, Any]]:
    """Return who stands in each listed seat, and which of the usual parties do not.

    Independents and parties without a ballot column count as Other. The SNP and Plaid are never
    marked as absent: the list does not say whether the seat is in their nation.
    """
    out: list[dict[str, Any]] = []
    Mistakes(
        str(first.row.error(f"{first.seat} has no other candidate. {ALONE}"))
        for first, *more in people.values()
        if not more
    ).check()
    for first, *more in people.values():
        codes = {party_code(one.party) for one in (first, *more)}
        own = (*LOCAL, *BRITISH_PARTIES, *OWN_PARTY.values(), "Spk")
        standing = {str(code) if code in own else "Other" for code in codes}
        usual = LOCAL if standing & LOCAL else {*BRITISH_PARTIES}
        out += [_entry(first, party, stands=True) for party in sorted(standing - {"Spk"})]
        absent = sorted({*usual, "Other"} - standing)
        out += [_entry(first, party, stands=False) for party in absent]
    return out
