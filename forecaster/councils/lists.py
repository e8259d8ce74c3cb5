"""Users' lists: candidates, results of further elections, shares of councils."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from forecaster.arrays import Bools, Ints
from forecaster.councils.data import OTHER, PARTIES, SWINGS, Wards, column_of, slug, stacked
from forecaster.councils.kernel import MOST
from forecaster.errors import ConfigError, DataError
from forecaster.files import Columns, CsvFile, Mistakes, Row
from forecaster.vocabulary import find_party, fold, party_code, suggest

if TYPE_CHECKING:
    from forecaster.councils.contest import Contest

SLATE_COLUMNS = Columns(
    {
        "council": ("authority", "borough"),
        "ward": ("wardname", "division", "code", "wardcode"),
        "party": (),
        "candidates": ("candidate", "places", "number"),
        "seats": ("vacancies",),
    },
    ("ward", "party", "candidates"),
    hint="A list of slates has ward, party and candidates; it may have council and seats.",
)

VOTE_COLUMNS = Columns(
    {
        "year": (),
        "council": ("authority", "borough"),
        "code": ("wardcode",),
        "ward": ("wardname", "division"),
        "party": (),
        "votes": (),
        "seats": ("vacancies",),
        "elected": ("won",),
    },
    ("year", "council", "code", "ward", "party", "votes", "seats"),
    hint="A row for each candidate: year, council, code, ward, party, votes, seats, elected.",
)

SHARE_COLUMNS = Columns(
    {"council": ("authority", "borough"), "party": (), "share": ("percent", "votes")},
    ("council", "party", "share"),
    hint="A list of shares has council, party and share, in per cent.",
)


def read_shares(
    given: Mapping[str, float] | str | Path | None, swing: str
) -> tuple[dict[str, float] | None, dict[str, dict[str, float]] | None]:
    """Return shares by party and by council as fractions; None for what is not given.

    `given`: per cent by party, or a list by council.

    Raises ConfigError if a party is not known, or `swing` is not from the polls, which shares by
    party replace. Raises DataError if the list is wrong.
    """
    if given is None:
        return None, None
    if isinstance(given, Mapping):
        if swing != SWINGS[0]:
            raise ConfigError(
                f"--swing {swing} and shares by party both say how all wards together vote; give "
                "one of them."
            )
        return {find_party(party, PARTIES, "--share"): x / 100 for party, x in given.items()}, None
    table, wrong = CsvFile(given, columns=SHARE_COLUMNS), Mistakes()
    by_council: dict[str, dict[str, float]] = {}
    for row in table.rows():
        with wrong.kept():
            party = PARTIES[column_of(row.party("party"))]
            of = by_council.setdefault(slug(row.text("council")), {})
            if party in of:
                raise row.error(f"{row.text('council')}: {party} is named twice.")
            share = row.percent("share")
            if share is None:
                raise row.error("no share; expected per cent, a number from 0 to 100.")
            of[party] = share / 100
    wrong.check()
    if not by_council:
        raise DataError(f"{given}: no rows. {SHARE_COLUMNS.hint}")
    return None, by_council


def read_votes(path: Path, known: Mapping[int, Wards]) -> dict[int, Wards]:
    """Read a list of candidates and votes of further years, or of further wards of a year.

    A council is of the kind that the data know it by, else a district. Elected are those marked in
    the column ``elected`` or, if these are more or fewer than there are seats, those with most
    votes.

    Raises DataError if the list is wrong.
    """
    table, wrong = CsvFile(path, columns=VOTE_COLUMNS), Mistakes()
    wards: dict[tuple[int, str], list[tuple[Row, int, int]]] = {}
    for row in table.rows():
        with wrong.kept():
            year = _number(row, "year", 1970, 2100, "a year")
            party = column_of(party_code(row.text("party")))
            votes = _number(row, "votes", 0, 10**7, "votes")
            if not row.text("code"):
                raise row.error("no code of the ward, by which its elections are matched.")
            wards.setdefault((year, row.text("code")), []).append((row, party, votes))
    wrong.check()
    if not wards:
        raise DataError(f"{path}: no rows. {VOTE_COLUMNS.hint}")
    kinds = {c: k for w in known.values() for c, k in zip(w.council, w.kind, strict=True)}
    names = {slug(council): council for council in kinds}
    every = sorted(wards.items())
    return {
        year: stacked(
            [_ward_of(year, rows, names, kinds) for (when, _), rows in every if when == year]
        )
        for year in {when for when, _ in wards}
    }


def _ward_of(
    year: int,
    rows: list[tuple[Row, int, int]],
    names: Mapping[str, str],
    kinds: Mapping[str, str],
) -> Wards:
    """Return one ward of a list of candidates and votes."""
    first = rows[0][0]
    for row, *_ in rows:
        for key in ("council", "ward", "seats"):
            if row.text(key) != first.text(key):
                raise row.error(
                    f"{first.text('code')}: {key} {row.text(key)!r}, but {first.text(key)!r} in an "
                    "earlier row of the ward."
                )
    council = names.get(slug(first.text("council")), first.text("council"))
    seats = _number(first, "seats", 1, MOST, "councillors of a ward")
    top, candidates, won = np.zeros((3, 1, len(PARTIES)))
    elected = _elected(rows, seats)
    label = ""
    of_label: dict[str, list[int]] = {}
    for i, (row, p, votes) in enumerate(rows):
        won[0, p] += i in elected
        if p == OTHER:
            of_label.setdefault(row.text("party"), []).append(votes)
            continue
        top[0, p], candidates[0, p] = max(top[0, p], votes), candidates[0, p] + 1
    if of_label:
        label = max(of_label, key=lambda name: max(of_label[name]))
        top[0, OTHER], candidates[0, OTHER] = max(of_label[label]), len(of_label[label])
    return Wards(
        year=year,
        code=np.array([first.text("code")]),
        name=np.array([first.text("ward")]),
        council=np.array([council]),
        kind=np.array([kinds.get(council, "district")]),
        seats=np.array([seats]),
        top=top,
        candidates=candidates.astype(int),
        won=won.astype(int),
        label=np.array([label]),
    )


def _elected(rows: list[tuple[Row, int, int]], seats: int) -> set[int]:
    """Return who was elected, by place: as the list says or, if that cannot be right, by votes."""
    said = {i for i, (row, *_) in enumerate(rows) if row.answer("elected")}
    if len(said) == min(seats, len(rows)):
        return said
    return set(sorted(range(len(rows)), key=lambda i: -rows[i][2])[:seats])


def find_ward(contest: Contest, ward: str, council: str | None, row: Row) -> int:
    """Return the row of a ward by name or code.

    Raises DataError if there is none of that name, or several and no council is given.
    """
    last, wanted = contest.last, fold(ward)
    here = list(range(len(last)))
    if council is not None:
        here = [i for i in here if slug(last.council[i]) == slug(council)]
        if not here:
            known = suggest(council, contest.councils)
            raise row.error(f"{council}: no council of {contest.name}. {known}")
    found = [i for i in here if wanted in (fold(last.code[i]), fold(last.name[i]))]
    if len(found) == 1:
        return found[0]
    if found:
        where = ", ".join(last.council[found])
        raise row.error(f"{ward}: there are several ({where}); add a column council.")
    raise row.error(f"{ward}: no such ward. {suggest(ward, last.name[here].tolist())}")


def read_slates(path: Path, contest: Contest, given: Ints) -> tuple[Ints, Ints, Bools]:
    """Read a list of slates: how many candidates a party has in a ward.

    Return candidates, shape (ward, party), seats, and a mask of the wards that the list names.

    `given`, shape (ward, party): candidates where the list says nothing.

    Raises DataError if the list is wrong, with every mistake on a line of its own.
    """
    table, wrong = CsvFile(path, columns=SLATE_COLUMNS), Mistakes()
    candidates, seats = given.copy(), contest.seats.copy()
    named = np.zeros(len(seats), bool)
    seen: set[tuple[int, int]] = set()
    vacant: dict[int, int] = {}
    for row in table.rows():
        with wrong.kept():
            council = row.text("council") or None
            i = find_ward(contest, row.text("ward"), council, row)
            party = column_of(row.party("party"))
            if (i, party) in seen:
                raise row.error(f"{row.text('ward')}: {PARTIES[party]} is named twice.")
            seen.add((i, party))
            named[i] = True
            if row.text("seats"):
                there = int(contest.last.seats[i])
                number = _number(row, "seats", 1, there, "no more than the ward has")
                if vacant.setdefault(i, number) != number:
                    raise row.error(f"{row.text('ward')}: {number} seats, but {vacant[i]} before.")
                seats[i] = number
            number = _number(row, "candidates", 0, int(seats[i]), "no more than there are places")
            candidates[i, party] = number
    wrong.check()
    if not seen:
        raise DataError(f"{path}: no rows. A row says how many candidates a party has in a ward.")
    return np.minimum(candidates, seats[:, None]), seats, named


def _number(row: Row, key: str, least: int, most: int, what: str) -> int:
    text = row.text(key).replace(",", "")
    if not text.isdigit() or not least <= int(text) <= most:
        raise row.error(f"{key} {text!r}: expected {what}, a whole number from {least} to {most}.")
    return int(text)
