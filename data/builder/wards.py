"""Where votes go when a party withdraws from a ward, or enters it, between two elections."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from rates import Rate
from raw import decimal, read, whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from raw import Row

    from forecaster.arrays import Bools, Floats, Ints

CANDIDATES = "councils/candidates-2016-2026.csv.gz"
COLUMNS = (
    *("year", "source", "council", "ward_code", "ward", "type", "seats", "electorate", "ballots"),
    *("party", "votes"),
)
PARTIES = ("Con", "Lab", "LD", "Green", "UKIP", "Reform", "PC", "Ind", "Oth")
NAMED = PARTIES[:6]
"""Donors, receivers and opponents; the others are in the regressions but have no rates."""
PERIODS = {"2017-2019": (2017, 2019), "2021-2026": (2021, 2026), "2017-2026": (2017, 2026)}
"""Years of the later election; the last stands for both where one of them has too few events."""
MANY, FEWEST = 60, 30
"""Events for a row of its own by period or opponent and for a spread, and for any row."""
SLACK = 1e-6
"""Least freedom of a ward's residual; a ward with less is fitted exactly and tells nothing."""
COLLINEAR = 1e-10
"""Part of the largest singular value below which the others or the groups explain a regressor."""
SOURCE = "House of Commons Library, Greater London Authority, Local Elections Archive Project"
LICENCE = "Open Parliament Licence v3.0; none stated; CC BY-SA: derived rates only"


@dataclass(frozen=True)
class Election:
    """One election of a ward: share of each party's best placed candidate, and the turnout."""

    year: int
    council: str
    ward: str
    kind: str
    """Type of the council in the source."""
    share: Floats
    votes: int
    """Of the best placed candidates."""
    turnout: float


@dataclass(frozen=True)
class Pairs:
    """Two successive elections of the same wards; arrays by pair, and by party."""

    before: Floats
    """Shares, 0 for a party that did not stand."""
    after: Floats
    turnout: Floats
    """Of the electorate, NaN where not known, shape (pair, 2)."""
    place: Ints
    """Number of the council and its two years."""
    year: Ints
    """Of the later election."""


@dataclass(frozen=True)
class Event:
    """Wards in which a party withdrew or entered, in one situation."""

    kind: str
    donor: str
    against: str
    period: str
    inside: Bools


@dataclass(frozen=True)
class Slope:
    """A coefficient of a regression and its error."""

    rate: float
    error: float
    shared: Floats
    """By place: products of residuals of different wards, and what they would be if its own rate
    were off by one. The ratio of their sums is the variance between places."""


def ward_rates(raw: Path) -> list[Rate]:
    """Return where votes went and what the turnout lost, by donor, receiver, opponent, period."""
    pairs = _pairs(raw)
    both = (pairs.before > 0) & (pairs.after > 0)
    rates = []
    for receiver, to in enumerate(NAMED):
        change = pairs.after[:, receiver] - pairs.before[:, receiver]
        rates += _rates(pairs, change, both[:, receiver], to)
    lost = pairs.turnout[:, 0] - pairs.turnout[:, 1]
    return rates + _rates(pairs, lost, ~np.isnan(lost), "none")


def _pairs(raw: Path) -> Pairs:
    """Return all successive elections of the same ward, by its code."""
    wards: dict[str, list[Election]] = defaultdict(list)
    for code, election in ward_elections(raw):
        wards[code].append(election)
    found = [
        pair
        for _, elections in sorted(wards.items())
        for pair in pairwise(sorted(elections, key=lambda election: election.year))
    ]
    places = [f"{late.council} {early.year} {late.year}" for early, late in found]
    return Pairs(
        before=np.array([early.share for early, _ in found]),
        after=np.array([late.share for _, late in found]),
        turnout=np.array([(early.turnout, late.turnout) for early, late in found]),
        place=np.unique(places, return_inverse=True)[1],
        year=np.array([late.year for _, late in found]),
    )


@cache
def ward_elections(raw: Path) -> list[tuple[str, Election]]:
    """Return the contested elections with the code of their ward.

    Those of London in 2022 are in two sources, of which the Library's gives some wards the code of
    another; so the Greater London Authority's are taken. A code with two wards is left out.
    """
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in read(raw, CANDIDATES, COLUMNS):
        if row["ward_code"] and row["votes"] not in ("", "0"):
            found[row["ward_code"], row["year"]].append(row)
    elections = []
    for (code, _), rows in found.items():
        used = [row for row in rows if row["source"] == "GLA"] or rows
        if len({row["ward"] for row in used}) == 1:
            elections.append((code, ward_election(used)))
    return elections


def ward_election(rows: list[Row]) -> Election:
    """Return the election of a ward from its candidacies."""
    best = np.zeros(len(PARTIES), int)
    for row in rows:
        party = PARTIES.index(row["party"])
        best[party] = max(best[party], whole(row, "votes", CANDIDATES))
    year, council, ward, kind = (rows[0][key] for key in ("year", "council", "ward", "type"))
    total = int(best.sum())
    return Election(int(year), council, ward, kind, best / total, total, _turnout(rows))


def _turnout(rows: list[Row]) -> float:
    """Return ballots by electorate, or valid votes where a voter has one; NaN if not known."""
    electorate, ballots = (decimal(rows[0], name, CANDIDATES) for name in ("electorate", "ballots"))
    if ballots is None and rows[0]["seats"] == "1":
        ballots = sum(whole(row, "votes", CANDIDATES) for row in rows)
    return np.nan if electorate is None or ballots is None else ballots / electorate


def _rates(pairs: Pairs, outcome: Floats, used: Bools, to: str) -> list[Rate]:
    """Regress one outcome on the votes of the parties that withdrew or entered."""
    opponent = _strongest(pairs, to)
    scale = pairs.turnout if to == "none" else np.ones((len(used), 2))
    events = list(_events(pairs, opponent, used, to))
    votes = [
        pairs.before[:, PARTIES.index(event.donor)] * scale[:, 0]
        if event.kind == "withdrawal"
        else -pairs.after[:, PARTIES.index(event.donor)] * scale[:, 1]
        for event in events
    ]
    design = np.column_stack(
        [np.where(e.inside, v, 0)[used] for e, v in zip(events, votes, strict=True)]
    )
    group = np.unique(pairs.place * len(PARTIES) + opponent, return_inverse=True)[1]
    slopes = list(_slopes(design, outcome[used], group[used], pairs.place[used]))
    return [
        Rate(
            kind=event.kind,
            donor=event.donor,
            to=to,
            against=event.against,
            period=event.period,
            rate=slope.rate,
            error=slope.error,
            spread=_spread(event, events, slopes),
            cases=int(event.inside.sum()),
            source=SOURCE,
            licence=LICENCE,
        )
        for event, slope in zip(events, slopes, strict=True)
        if event.donor in NAMED and event.inside.sum() >= FEWEST
    ]


def _spread(event: Event, events: list[Event], slopes: list[Slope]) -> float | None:
    """Return the spread between places for all opponents and periods together, None if few."""
    alike = [
        (other.inside.sum(), slope.shared)
        for other, slope in zip(events, slopes, strict=True)
        if (other.kind, other.donor) == (event.kind, event.donor)
    ]
    if sum(wards for wards, _ in alike) < MANY:
        return None
    shared, room = np.sum([moments for _, moments in alike], 0)
    return float(np.sqrt(max(shared / room, 0)))


def _strongest(pairs: Pairs, receiver: str) -> Ints:
    """Return who was strongest of the others that stood both times."""
    share = np.where((pairs.before > 0) & (pairs.after > 0), pairs.before, 0)
    if receiver in PARTIES:
        share[:, PARTIES.index(receiver)] = 0
    return np.asarray(np.argmax(share, 1))


def _events(pairs: Pairs, opponent: Ints, used: Bools, to: str) -> Iterator[Event]:
    """Yield withdrawals and entries, by period and opponent where both have events enough."""
    kinds = {
        "withdrawal": (pairs.before > 0) & (pairs.after == 0),
        "entry": (pairs.before == 0) & (pairs.after > 0),
    }
    in_period = {
        name: (pairs.year >= start) & (pairs.year <= end) for name, (start, end) in PERIODS.items()
    }
    *parts, whole_time = PERIODS
    for kind, moved in kinds.items():
        for column, donor in enumerate(PARTIES):
            inside = moved[:, column] & used
            found = [part for part in parts if (inside & in_period[part]).any()]
            split = len(found) == 1 or all((inside & in_period[p]).sum() >= MANY for p in found)
            for period in found if split else [whole_time]:
                at_the_time = inside & in_period[period]
                rest = at_the_time.copy()
                for number, against in enumerate(NAMED if to != "none" else ()):
                    here = at_the_time & (opponent == number)
                    if here.sum() >= MANY:
                        yield Event(kind, donor, against, period, here)
                        rest &= ~here
                if rest.any():
                    yield Event(kind, donor, "", period, rest)


def _slopes(design: Floats, outcome: Floats, group: Ints, place: Ints) -> Iterator[Slope]:
    """Yield the coefficients within groups, with errors by cluster (Liang and Zeger 1986).

    The variance of a slope between places comes from pairs of wards: two wards i and j of a place
    have its slope in common, so that ``x_i e_i x_j e_j`` has the mean ``τ² x_i² x_j²``, where x is
    the regressor with the others taken out (Frisch and Waugh 1933) and e the residual. Squares of
    one ward, which hold its own noise, are taken off, corrected for the fit (HC2, MacKinnon and
    White 1985).
    """
    x, y = _within(design, group), _within(outcome[:, None], group)[:, 0]
    inverse = np.linalg.pinv(x.T @ x, rcond=COLLINEAR, hermitian=True)
    rate = inverse @ x.T @ y
    residual = y - x @ rate
    leverage = 1 / np.bincount(group)[group] + ((x @ inverse) * x).sum(1)
    variance = residual**2 / np.maximum(1 - leverage, SLACK)
    for i, moved in enumerate(design.T):
        part = x @ inverse[i]
        score = np.bincount(place, part * residual)
        some = np.bincount(place, moved != 0) > 0
        alone = part / max((part**2).sum(), SLACK)
        square = np.bincount(place, alone**2)
        common = np.bincount(place, alone * residual) ** 2 - np.bincount(place, alone**2 * variance)
        room = square**2 - np.bincount(place, alone**4)
        shared = np.array([common[some].sum(), room[some].sum()])
        yield Slope(float(rate[i]), float(np.sqrt((score**2).sum())), shared)


def _within(values: Floats, group: Ints) -> Floats:
    """Return values less the mean of their group."""
    size = np.maximum(np.bincount(group), 1)
    mean = np.column_stack([np.bincount(group, column) / size for column in values.T])
    return values - mean[group]
