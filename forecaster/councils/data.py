"""Council elections that took place: wards, candidacies by party, and where the wards lie."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cache

import numpy as np

from forecaster import vocabulary
from forecaster.arrays import Bools, Floats, Ints, Names
from forecaster.elections.election import read_election, read_seats
from forecaster.resources import read_table
from forecaster.vocabulary import fold

PARTIES = ("Con", "Lab", "LD", "Green", "Reform", "PC", "Ind", "Other")
"""The party axis of everything about councils. Independents count as a party; ``Other`` is the
strongest of all other parties in a ward."""

NATIONAL = (0, 1, 2, 3, 4)
"""Places of the parties that fight councils all over England."""

SWINGS = ("polls", "actual", "none")
"""Where the shares of all wards together come from."""

LONDON, WELSH = "London borough", "Welsh"
"""Kinds of councils apart: candidates differ less in London, and Wales has polls of its own."""

IND, OTHER = PARTIES.index("Ind"), PARTIES.index("Other")

STANDING = 2
"""Candidates of independents, or of another party, in a ward of several seats where the data hold
only the best one's votes. The mean of other years is 1.3 to 1.7."""

COMPLETE = (2021, 2022, 2023, 2024, 2025)
"""Years of which the data hold the results of all English councils that voted; of 2026 London's."""

GENERAL_ELECTIONS = {2024: "2024", 2019: "2019-notional"}
"""General elections on the boundaries of 2024, by year. That of 2024 was after the council
elections of that year."""


def column_of(party: str | None) -> int:
    """Return a party's place in `PARTIES`; one that is not among them counts under Other."""
    return PARTIES.index(party) if party in PARTIES else OTHER


@dataclass(frozen=True)
class Wards:
    """Wards that elect councillors on one day; every array begins with the ward."""

    year: int
    code: Names
    name: Names
    council: Names
    kind: Names
    seats: Ints
    """Councillors to be elected, shape (ward,)."""
    top: Floats
    """Votes of the best candidate of each party, 0 where none stood, shape (ward, party)."""
    candidates: Ints
    """Of each party, shape (ward, party). In wards of several seats in 2023 they are not known, and
    full slates are assumed."""
    won: Ints
    """Candidates who were elected, shape (ward, party); zero where it is not known."""
    label: Names
    """Which party the strongest ``Other`` is; blank where there is none, shape (ward,)."""

    def __len__(self) -> int:
        """Return the number of wards."""
        return len(self.code)

    @property
    def stands(self) -> Bools:
        """Which parties stand, shape (ward, party)."""
        return self.candidates > 0

    @property
    def counted(self) -> Bools:
        """In which wards it is known who was elected, shape (ward,)."""
        return np.asarray(self.won.any(1))

    @property
    def shares(self) -> Floats:
        """Votes of each party's best candidate as part of those of all parties' best ones."""
        return np.asarray(self.top / np.maximum(self.top.sum(1, keepdims=True), 1))

    def take(self, rows: Ints | Bools) -> Wards:
        """Return some of the wards."""
        each = {field.name: getattr(self, field.name)[rows] for field in fields(self)[1:]}
        return replace(self, **each)


def stacked(parts: Sequence[Wards]) -> Wards:
    """Return wards of several years one after the other, under the latest of the years."""
    first = max(parts, key=lambda part: part.year)
    names = [field.name for field in fields(first)[1:]]
    each = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return Wards(year=first.year, **each)


TITLES = re.compile(
    r"^(?:the )?(?:(?:london |royal |metropolitan )?borough|city|district) of |^county "
    r"|(?: (?:metropolitan borough|borough|city|county|district))? council$"
    r"| city of$"
)
"""What a council may be called beside its name."""


@cache
def slug(name: str) -> str:
    """Return a council's name as it stands in the name of an election.

    >>> slug("Bristol, City of"), slug("St. Helens Council"), slug("London Borough of Sutton")
    ('bristol', 'st-helens', 'sutton')
    """
    return TITLES.sub("", fold(name)).replace(" ", "-")


@cache
def years() -> tuple[int, ...]:
    """Return the years of which the data hold candidacies."""
    return tuple(sorted(set(read_table("councils/wards.csv")["year"])))


@cache
def read_wards(year: int) -> Wards:
    """Read all wards of a year, in the order of council and name."""
    table = read_table("councils/wards.csv")
    rows = [i for i, of in enumerate(table["year"]) if of == year]
    rows.sort(key=lambda i: (table["council"][i], table["name"][i], table["ward"][i]))
    place = {table["ward"][i]: n for n, i in enumerate(rows)}
    shape = len(rows), len(PARTIES)
    top, candidates, won = np.zeros(shape), np.zeros(shape, int), np.zeros(shape, int)
    label = np.full(len(rows), "", object)
    seats = np.array([table["seats"][i] for i in rows])
    given = read_table("councils/candidacies.csv")
    for of, ward, party, name, votes, elected in zip(*given.values(), strict=True):
        if of == year:
            n, p = place[ward], PARTIES.index(party)
            each = [int(number) for number in str(votes).split()]
            number = len(each)
            if elected is None:
                number = seats[n] if p in NATIONAL else min(seats[n], STANDING)
            won[n, p] += elected or 0
            if p != OTHER or each[0] >= top[n, p]:
                top[n, p], candidates[n, p] = each[0], number
                label[n] = name or label[n]
    text = {key: np.array([table[key][i] for i in rows]) for key in ("name", "council", "kind")}
    return Wards(
        year=year,
        code=np.array([table["ward"][i] for i in rows]),
        seats=seats,
        top=top,
        candidates=candidates,
        won=won,
        label=label.astype(str),
        **text,
    )


@dataclass(frozen=True)
class Result:
    """What a council election gave, by its official figures."""

    seats: int
    votes: Floats
    """Of all candidates, shape (party,)."""
    won: Ints
    """Councillors, shape (party,)."""
    label: str
    """The strongest of the other parties that won a seat."""


@cache
def result_years() -> set[int]:
    """Return the years of which the data hold results by council."""
    return set(read_table("councils/results.csv")["year"])


@cache
def read_results(year: int) -> dict[str, Result]:
    """Read the official results of a year, by council."""
    out: dict[str, Result] = {}
    best: dict[str, int] = {}
    table = read_table("councils/results.csv")
    for of, council, seats, party, label, votes, won in zip(*table.values(), strict=True):
        if of != year:
            continue
        nothing = Result(seats, np.zeros(len(PARTIES)), np.zeros(len(PARTIES), int), "")
        found = out.setdefault(council, nothing)
        found.votes[PARTIES.index(party)] += votes
        found.won[PARTIES.index(party)] += won
        if label and won > best.get(council, 0):
            best[council] = won
            out[council] = replace(found, label=label)
    return out


@cache
def _constituencies() -> dict[str, dict[str, float]]:
    """Return the parts of each ward and council that lie in each constituency.

    A council has those of all of its wards, each with the same weight.
    """
    of: dict[str, dict[str, float]] = {}
    for ward, seat, part in zip(*read_table("councils/constituencies.csv").values(), strict=True):
        of.setdefault(ward, {})[seat] = part
    table = read_table("councils/wards.csv")
    councils: dict[str, dict[str, dict[str, float]]] = {}
    for ward, council in zip(table["ward"], table["council"], strict=True):
        if ward in of:
            councils.setdefault(council, {})[ward] = of[ward]
    for council, wards in councils.items():
        total = of.setdefault(council, {})
        for parts in wards.values():
            for seat, part in parts.items():
                total[seat] = total.get(seat, 0.0) + part / len(wards)
    return of


def general_election(wards: Wards, year: int) -> Floats:
    """Return shares at a general election in the constituencies of wards, shape (ward, party).

    A ward whose constituencies are not known has those of its council; NaN if those are not known
    either.
    """
    parts, shares, place = _constituencies(), _in_constituencies(year), read_seats("2024").place
    out = np.full((len(wards), len(PARTIES)), np.nan)
    for n, (ward, council) in enumerate(zip(wards.code, wards.council, strict=True)):
        if found := parts.get(ward) or parts.get(council):
            out[n] = sum(part * shares[place[seat]] for seat, part in found.items())
    return out


@cache
def _in_constituencies(year: int) -> Floats:
    """Return shares at a general election, shape (constituency, party)."""
    column = np.array([column_of(party) for party in vocabulary.PARTIES])
    votes = read_election(GENERAL_ELECTIONS[year]).votes
    votes = votes @ (column[:, None] == np.arange(len(PARTIES)))
    return np.asarray(votes / votes.sum(1, keepdims=True))


@cache
def usual_shares(year: int, kind: str) -> Floats:
    """Return each party's mean share in the wards of a kind where it stood, shape (party,).

    It is that of the nearest year in the data, and zero if the party stood nowhere.
    """
    wards = read_wards(min(years(), key=lambda known: abs(known - year)))
    here = wards.kind == kind
    of = wards.take(here) if here.any() else wards
    return np.asarray(of.shares.sum(0) / np.maximum(of.stands.sum(0), 1))
