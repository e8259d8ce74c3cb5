"""When councils vote, and who sits in one beside those who are elected now.

Councils by thirds vote in three of four years, councils by halves in every second year; each part
sits until its own turn. Changes of party and by-elections are not in the data.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from forecaster.arrays import Ints
from forecaster.councils.data import (
    COMPLETE,
    PARTIES,
    WELSH,
    Wards,
    read_results,
    result_years,
    slug,
)

Elected = Mapping[int, Mapping[str, Ints]]
"""Councillors elected by year, council and party, shape (party,)."""

THIRDS, HALVES = 3, 2
"""Parts of a council that are elected in turn."""

TERM, WELSH_TERM = 4, 5
"""Years between elections of all seats of a council; Welsh ones were elected in 2017 and 2022."""

COUNTIES = 1
"""Remainder by four of the years in which counties vote and councils by thirds do not."""

TURN = max(year for year in COMPLETE if year % 4 != COUNTIES)
"""The last year of the data in which councils by thirds voted. One that did not vote then has
changed to elections of all seats."""

FIRST_OF_NEW = dict.fromkeys(
    ("cumberland", "north-yorkshire", "somerset", "westmorland-and-furness"), 2027
)
"""Second elections of the councils that were new in 2022, by their Structural Changes Orders."""

WHOLE = 1.5
"""A council elected all its seats at once if it elected so many times as many as at another
election (judgement: a third or a half with vacancies is less)."""


def elected_by(known: Mapping[int, Wards]) -> Elected:
    """Return who was elected: the official results, and those of years of a user's list."""
    out: dict[int, dict[str, Ints]] = {
        year: {name: result.won for name, result in read_results(year).items()}
        for year in result_years()
    }
    for year in known.keys() - out.keys():
        wards = known[year]
        out[year] = {
            name: wards.won[wards.council == name].sum(0) for name in set(wards.council.tolist())
        }
    return out


def history(elected: Elected) -> dict[str, dict[int, int]]:
    """Return the councillors that each council, by slug, elected in each year."""
    out: dict[str, dict[int, int]] = {}
    for year, of in elected.items():
        for council, won in of.items():
            out.setdefault(slug(council), {})[year] = int(won.sum())
    return out


def parts_of(voted: set[int]) -> int:
    """Return the number of parts in which a council is elected, by the years in which it voted."""
    if {2022, 2023} <= voted or {2023, 2024} <= voted:
        return THIRDS
    return HALVES if {2022, 2024} <= voted else 1


def next_due(council: str, kind: str, voted: set[int], year: int) -> int | None:
    """Return the first year, from `year` on, in which a council is due to vote.

    None if it was due in a year of the data and did not vote: its election was put off.

    `council`: by slug. `voted`: years before `year` in which it voted.
    """
    last, parts = max(voted), parts_of(voted)
    if parts == HALVES:
        return year + year % 2
    if parts == THIRDS and last >= TURN:
        return year + (year % 4 == COUNTIES)
    term = WELSH_TERM if kind == WELSH else TERM
    first = FIRST_OF_NEW.get(council, last + term) if last == 2022 else last + term
    if first <= max(COMPLETE):
        return None
    return first + max(0, -(-(year - first) // term)) * term


def not_up(up: Wards, year: int, known: Mapping[int, Wards], elected: Elected) -> Ints | None:
    """Return councillors by party who are not up for election, shape (party,).

    None if the data do not tell: they were elected before the data begin, in a year that is
    missing, or all at once, so that it is not known who is up.

    `up`: all wards of one council that elect in the year. `elected`: by `elected_by`.
    """
    council, seats = str(up.council[0]), int(up.seats.sum())
    parts = parts_of({y for y in COMPLETE if council in elected[y]})
    nobody = np.zeros(len(PARTIES), int)
    if parts == 1:
        return nobody
    needed = _turns(year, parts)
    if any(y in COMPLETE and council not in elected[y] for y in needed):
        # It has changed to elections of all seats.
        return nobody
    found = [elected[y][council] for y in needed if council in elected.get(y, {})]
    if found and seats > WHOLE * max(won.sum() for won in found):
        return nobody
    if len(found) < len(needed) or any(won.sum() > WHOLE * seats for won in found):
        return None
    gone = _twice(up, needed, known) if parts == THIRDS else nobody
    return np.asarray(np.sum(found, axis=0) - gone)


def _twice(up: Wards, needed: list[int], known: Mapping[int, Wards]) -> Ints:
    """Return councillors whose seats were filled again before their turn, by party.

    A ward by thirds has three seats. If more were elected in its last three elections, those
    elected first have left.
    """
    seats = dict(zip(up.code.tolist(), up.seats.tolist(), strict=True))
    for y in needed:
        for code, number in zip(known[y].code.tolist(), known[y].seats.tolist(), strict=True):
            if code in seats:
                seats[code] += number
    first = known[needed[-1]]
    gone = np.zeros(len(PARTIES), int)
    for code, won in zip(first.code.tolist(), first.won, strict=True):
        if won.any() and seats.get(code, 0) > THIRDS:
            gone[won.argmax()] += seats[code] - THIRDS
    return gone


def _turns(year: int, parts: int) -> list[int]:
    """Return the years in which the other parts were elected; that of 2020 was a year late."""
    every = range(year - 1, year - 5, -1)
    votes = [y for y in every if (y % 4 != 1 if parts == THIRDS else y % 2 == 0)]
    return [2021 if y == 2020 else y for y in votes[: parts - 1]]
