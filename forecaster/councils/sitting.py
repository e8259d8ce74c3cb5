"""Who sits in a council beside those who are elected now: councillors of its other parts.

Councils that vote by thirds do so in three of four years, those by halves in every second one.
Whoever was elected since then sits until the part's own turn. Changes of party and by-elections
are not in the data.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from forecaster.arrays import Ints
from forecaster.councils.data import COMPLETE, PARTIES, Wards, read_results, result_years

Elected = Mapping[int, Mapping[str, Ints]]
"""Councillors elected by year, council and party, shape (party,)."""

THIRDS, HALVES = 3, 2
"""Parts of a council that are elected in turn."""

WHOLE = 1.5
"""A council with so many times as many seats as at another election elected all of them
(judgement: a third or a half with some vacancies has fewer)."""


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


def not_up(up: Wards, year: int, known: Mapping[int, Wards], elected: Elected) -> Ints | None:
    """Return councillors by party who are not up for election, shape (party,).

    None if others sit there of whom the data do not say enough: elected before they begin, in a
    year that they do not hold, or with all others at once, when it is not known who is up.

    Parameters
    ----------
    up : Wards
        All wards of one council that elect in the year.
    year : int
    known : mapping of int to Wards
    elected : mapping
        By `elected_by`.
    """
    council, seats = str(up.council[0]), int(up.seats.sum())
    voted = {y for y in COMPLETE if council in elected[y]}
    parts = THIRDS if {2022, 2023} <= voted or {2023, 2024} <= voted else HALVES
    nobody = np.zeros(len(PARTIES), int)
    needed = _turns(year, parts)
    if parts == HALVES and not {2022, 2024} <= voted:
        return nobody
    if any(y in COMPLETE and council not in elected[y] for y in needed):
        # It has left the turn, as after an election of all seats.
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

    A ward by thirds has three seats; of what is more, those who were elected first have left.
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
