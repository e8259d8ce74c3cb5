"""Transfer rates from ranked ballots: Scottish councils, and the Northern Ireland Assembly."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
from rates import Rate, between, pooled
from raw import read, whole

if TYPE_CHECKING:
    from pathlib import Path

    from raw import Row

SCOTLAND = "transfers/scotland-stv-two-left-by-ward.csv.gz"
NORTHERN_IRELAND = "transfers/northern-ireland-exclusions.csv"
SCOTTISH = ("Con", "Lab", "LD", "SNP", "Green", "UKIP")
"""Parties with ballots enough; Alba, independents and others are left out."""
NORTHERN_IRISH = ("Alliance", "SDLP", "SF", "Green", "UUP", "DUP", "TUV")
FEWEST = 5
"""A rate needs so many councils or exclusions; the ballots of 2007 are Glasgow's alone."""


def scottish_rates(raw: Path) -> list[Rate]:
    """Return where ballots would go with only two parties left, by first preference and year."""
    found: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    columns = ("year", "council", "donor", "party_a", "party_b", "prefer_a", "prefer_b", "neither")
    for row in read(raw, SCOTLAND, columns):
        if {row["donor"], row["party_a"], row["party_b"]} <= set(SCOTTISH):
            found[row["year"], row["donor"], row["party_a"], row["party_b"]].append(row)
    return [
        rate
        for (year, donor, one, two), rows in found.items()
        if len({row["council"] for row in rows}) >= FEWEST
        for rate in _two_left(year, donor, (one, two), rows)
    ]


def _two_left(year: str, donor: str, left: tuple[str, str], rows: list[Row]) -> list[Rate]:
    """Return the rates to each of the two parties left, and to neither."""
    names = ("prefer_a", "prefer_b", "neither")
    count = np.array([[whole(row, name, SCOTLAND) for name in names] for row in rows], float)
    ballots = count.sum(1)
    council = np.unique([row["council"] for row in rows], return_inverse=True)[1]
    situation = ((left[0], left[1]), (left[1], left[0]), ("none", f"{left[0]} v {left[1]}"))
    rates = []
    for (to, against), part in zip(situation, count.T, strict=True):
        rate, error = pooled(part, ballots, council)
        rates.append(
            Rate(
                kind="ballot",
                donor=donor,
                to=to,
                against=against,
                period=year,
                rate=rate,
                error=error,
                spread=between(part / ballots, ballots, rate, rate * (1 - rate)),
                cases=len(rows),
                source="Ballots of Scottish council elections, published by the councils",
                licence="None stated: derived rates only",
            )
        )
    return rates


def northern_irish_rates(raw: Path) -> list[Rate]:
    """Return where votes went at the exclusion of the last candidate of a party.

    A rate to a party is over the exclusions in which it was still in; so they need not sum to one.
    """
    columns = ("year", "donor", "last_of_party", "votes", "parties_continuing", "non_transferable")
    last = [row for row in read(raw, NORTHERN_IRELAND, columns) if row["last_of_party"] == "1"]
    years = sorted({row["year"] for row in last})
    rates = []
    for donor in NORTHERN_IRISH:
        own = [row for row in last if row["donor"] == donor]
        for to in (*NORTHERN_IRISH, "none"):
            rows = [row for row in own if to in (*row["parties_continuing"].split("|"), "none")]
            if to != donor and len(rows) >= FEWEST:
                rates.append(_excluded(donor, to, rows, f"{years[0]}-{years[-1]}"))
    return rates


def _excluded(donor: str, to: str, rows: list[Row], period: str) -> Rate:
    name = "non_transferable" if to == "none" else f"to_{to}"
    part, votes = np.array([[float(row[n]) for n in (name, "votes")] for row in rows]).T
    rate, error = pooled(part, votes, np.arange(len(rows)))
    return Rate(
        kind="exclusion",
        donor=donor,
        to=to,
        against="",
        period=period,
        rate=rate,
        error=error,
        spread=between(part / votes, votes, rate, rate * (1 - rate)),
        cases=len(rows),
        source="Counts of the Northern Ireland Assembly elections",
        licence="ODbL: derived rates only",
    )
