"""Changes of parties at local elections since a general election, beyond those expected.

The change in a seat is the later local share less what a regression over seats expects from the
earlier local share and from the general election between them. It has a mean of zero over the seats
of a nation that voted in a year, so it says nothing of the national swing.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from catalogue import Table, table_of
from councils import BEST, LABELS, OVERLAPS, council_key
from raw import decimal, read, shown
from wards import PARTIES, ward_election, ward_elections

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from elections import Election
    from seats import Overlap
    from wards import Election as WardElection

    from forecaster.arrays import Floats

JUDGED = ("Con", "Lab", "LD", "Green")
"""Parties that stood in most wards before and after a general election."""
BASES = {
    "2017": (2016, 2017, 2019),
    "2019-notional": (2016, 2019, 2024),
    "2024": (2021, 2024, 9999),
}
"""First and last year of the earlier local elections, a term of councillors before the general
election, and last year of the later ones (no end yet for the last). The raw data begin in 2016."""
DIVISIONS = ("SC", "CC")
"""Types of county divisions, whose elections are of other places than those of wards."""
LEAST_VOTES = 8000
"""Votes for the best placed candidates of the parties in a seat (judgement)."""
STOOD = 0.8
"""A party counts where it stood in wards with this part of the votes, both times (judgement)."""
SAME_GROUND = 2.0
"""Factor by which the votes of the two years may differ, or other wards voted (judgement)."""
FEWEST_SEATS = 20
"""Fewer seats give no regression (judgement)."""
LEAST_COVERED = 0.8
"""Part of an old seat that must lie in new seats with a change (judgement)."""
THURSDAY = 3

Votes = dict[int, "Floats"]
"""By year: votes of each party of `JUDGED` and of all, and below them the votes of the wards where
each stood, shape (2, party + 1)."""


def local_table(raw: Path, elections: Mapping[str, Election], overlaps: list[Overlap]) -> Table:
    """Return a row per general election, later year, seat and party."""
    found = _votes(raw)
    rows: list[tuple[str, ...]] = []
    for base, (first, last, end) in BASES.items():
        shares = _shares(elections[base], overlaps if base == "2017" else [])
        for year in sorted({year for votes in found.values() for year in votes}):
            if last < year <= end:
                changes = _changes(found, year, range(first, last + 1), shares)
                if base == "2017":
                    changes = _on_old_boundaries(changes, overlaps)
                rows += [
                    (base, _polling_day(year).isoformat(), seat, party, shown(100 * change, 2))
                    for (seat, party), change in sorted(changes.items())
                ]
    return table_of("results/local-elections.csv", rows)


def _polling_day(year: int) -> date:
    """Return the first Thursday of May, the ordinary day of local elections."""
    may = date(year, 5, 1)
    return may + timedelta(days=(THURSDAY - may.weekday()) % 7)


def _votes(raw: Path) -> dict[tuple[str, str], Votes]:
    """Return the votes in the wards of a council that lie in a seat, by seat and council."""
    parts = _parts(raw)
    found: dict[tuple[str, str], Votes] = defaultdict(dict)
    wards = sorted(ward_elections(raw), key=lambda ward: (ward[1].year, ward[0]))
    codes = {
        (council_key(ward.council), council_key(ward.ward)): code
        for code, ward in wards
        if code in parts
    }
    for code, ward in [*wards, *_wards_of_2023(raw, codes)]:
        if code not in parts or ward.kind in DIVISIONS:
            continue
        years = parts[code]
        share = np.append(ward.share[[PARTIES.index(party) for party in JUDGED]], 1.0)
        both = ward.votes * np.stack([share, share > 0])
        for seat, part in years[min(years, key=lambda year: abs(year - ward.year))].items():
            votes = found[seat, council_key(ward.council)]
            votes[ward.year] = votes.get(ward.year, 0.0) + part * both
    return found


def _parts(raw: Path) -> dict[str, dict[int, dict[str, float]]]:
    """Return the part of a ward's area that lies in each seat, by ward and year of its drawing."""
    parts: dict[str, dict[int, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for row in read(raw, OVERLAPS, ("wards_of", "ward_code", "seat", "share_of_ward_area")):
        part = decimal(row, "share_of_ward_area", OVERLAPS) or 0.0
        parts[row["ward_code"]][int(row["wards_of"])][row["seat"]] = part
    return parts


def _wards_of_2023(
    raw: Path, codes: Mapping[tuple[str, str], str]
) -> Iterator[tuple[str, WardElection]]:
    """Yield elections of 2023, whose wards come without a code, where another year names one."""
    wards = defaultdict(list)
    for row in read(raw, BEST, ("council", "ward", "seats", "type", "party", "top_votes")):
        party = LABELS.get(row["party"], "Oth")
        full = {**row, "year": "2023", "party": party, "votes": row["top_votes"]}
        key = council_key(row["council"]), council_key(row["ward"])
        wards[key].append({**full, "electorate": "", "ballots": ""})
    for key, rows in wards.items():
        if key in codes and any(float(row["votes"]) for row in rows):
            yield codes[key], ward_election(rows)


def _shares(election: Election, overlaps: list[Overlap]) -> dict[tuple[str, str], float]:
    """Return the shares of a general election by seat and party.

    `overlaps`: pieces of its seats in those of 2024, if it was held on older boundaries.
    """
    votes: dict[tuple[str, str], float] = defaultdict(float)
    for one in election.candidates:
        votes[one.seat, one.party] += one.votes / election.valid[one.seat]
    if not overlaps:
        return votes
    out: dict[tuple[str, str], float] = defaultdict(float)
    people: dict[str, float] = defaultdict(float)
    for piece in overlaps:
        electors = piece.residential * election.electorate[piece.old]
        people[piece.new] += electors
        for party in JUDGED:
            out[piece.new, party] += electors * votes[piece.old, party]
    return {(seat, party): share / people[seat] for (seat, party), share in out.items()}


def _changes(
    found: Mapping[tuple[str, str], Votes],
    year: int,
    before: Iterable[int],
    shares: Mapping[tuple[str, str], float],
) -> dict[tuple[str, str], float]:
    """Return the changes to a year by seat and party, less those expected [fraction]."""
    earlier: dict[str, Floats] = defaultdict(lambda: np.zeros((2, len(JUDGED) + 1)))
    later: dict[str, Floats] = defaultdict(lambda: np.zeros((2, len(JUDGED) + 1)))
    for (seat, _), votes in sorted(found.items()):
        last = max((one for one in before if one in votes), default=None)
        if year in votes and last is not None:
            ratio = votes[year][0, -1] / votes[last][0, -1]
            if 1 / SAME_GROUND < ratio < SAME_GROUND:
                earlier[seat] += votes[last]
                later[seat] += votes[year]
    enough = [s for s in later if min(earlier[s][0, -1], later[s][0, -1]) >= LEAST_VOTES]
    out = {}
    for nation in sorted({seat[0] for seat in enough}):
        for k, party in enumerate(JUDGED):
            seats = [
                seat
                for seat in enough
                if seat[0] == nation
                and shares.get((seat, party), 0) > 0
                and all(one[seat][1, k] >= STOOD * one[seat][1, -1] for one in (earlier, later))
            ]
            if len(seats) >= FEWEST_SEATS:
                was, came = (
                    np.array([one[seat][0, k] / one[seat][0, -1] for seat in seats])
                    for one in (earlier, later)
                )
                base = [shares[seat, party] for seat in seats]
                design = np.column_stack([np.ones(len(seats)), was, base])
                rest = came - design @ np.linalg.lstsq(design, came)[0]
                out |= {(seat, party): float(left) for seat, left in zip(seats, rest, strict=True)}
    return out


def _on_old_boundaries(
    changes: Mapping[tuple[str, str], float], overlaps: list[Overlap]
) -> dict[tuple[str, str], float]:
    """Return the changes of the old seats that lie mostly in new ones with a change."""
    sums: dict[tuple[str, str], float] = defaultdict(float)
    covered: dict[tuple[str, str], float] = defaultdict(float)
    for piece in overlaps:
        for party in JUDGED:
            if (piece.new, party) in changes:
                sums[piece.old, party] += piece.residential * changes[piece.new, party]
                covered[piece.old, party] += piece.residential
    return {key: sums[key] / part for key, part in covered.items() if part >= LEAST_COVERED}
