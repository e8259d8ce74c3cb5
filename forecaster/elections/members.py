"""Who holds each seat on a day, after by-elections and MPs' changes of party."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from forecaster.arrays import Bools, Ints
from forecaster.elections.election import Election
from forecaster.resources import read_table
from forecaster.vocabulary import PARTIES


@dataclass(frozen=True)
class ByElection:
    """A by-election."""

    day: date
    seat: str
    """Code on the boundaries of its parliament."""
    name: str
    boundaries: str
    votes: dict[str, int]
    """Votes by party code."""
    winner: str
    """Code of the winner's party."""


@dataclass(frozen=True)
class Members:
    """Who holds each seat."""

    party: Ints
    """Index in `vocabulary.PARTIES` of the party that holds the seat, shape (seat,)."""
    whip: Bools
    """False if the party has suspended the MP, who then cannot be its candidate, shape (seat,)."""


def by_elections(after: date, until: date) -> list[ByElection]:
    """Return the by-elections after `after` and not later than `until`, oldest first."""
    table = read_table("results/by-elections.csv")
    keys = ("date", "seat", "name", "boundaries", "party", "votes", "won")
    found: dict[tuple[date, str], list[tuple[str, int, int]]] = {}
    places: dict[tuple[date, str], tuple[str, str]] = {}
    for day, seat, name, boundaries, *candidate in zip(*(table[k] for k in keys), strict=True):
        if after < day <= until:
            found.setdefault((day, seat), []).append((candidate[0], candidate[1], candidate[2]))
            places[day, seat] = name, str(boundaries)
    return [
        ByElection(
            *key,
            *places[key],
            {party: votes for party, votes, _ in candidates},
            next(party for party, _, won in candidates if won),
        )
        for key, candidates in sorted(found.items())
    ]


def members(election: Election, after: date, until: date) -> Members:
    """Return who holds each seat on a day, according to the data.

    `election`: the last general election; changes on other boundaries are ignored. `after` and
    `until`: its day, and the day in question.
    """
    party, whip = election.winner.copy(), np.ones(len(election.winner), bool)
    changes = [
        (one.day, one.seat, one.winner, True)
        for one in by_elections(after, until)
        if one.boundaries == election.seats.boundaries
    ]
    table = read_table("results/mp-changes.csv")
    rows = zip(*(table[key] for key in ("date", "seat", "to", "kind")), strict=True)
    # The table begins after the election of 2024, so its seats are on those boundaries.
    changes += [
        (day, seat, to or "Ind", kind != "suspended")
        for day, seat, to, kind in rows
        if after < day <= until and election.seats.boundaries == "2024"
    ]
    for _, seat, to, has_whip in sorted(changes):
        i = election.seats.place[seat]
        if has_whip:
            party[i] = PARTIES.index(to)
        whip[i] = has_whip
    return Members(party, whip)
