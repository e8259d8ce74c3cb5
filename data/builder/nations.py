"""Published polls of Scotland and Wales: those of the raw files, and those entered by hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from catalogue import Table, table_of
from polls import SAME_POLLSTER, fault_of, report
from raw import RawDataError, decimal, read, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FILES = {
    "Scotland": ("polls/scotland-2020-2024.csv", "polls/scotland-2024-2025.csv"),
    "Wales": ("polls/wales-2020-2024.csv",),
}
RECENT = "polls/scotland-wales-2025-03-to-2026-08.csv"
"""Polls of both nations, with pollsters. Where the source gave no Green share, it is what the
others leave of 100."""

LISTED = "Wikipedia tables"
"""What the raw files were collected from."""

BY_HAND = "nation-polls.csv"
"""Polls that no raw file holds, each with the page it was read on; lies beside this module."""

SOURCE_NAMES = {"LD": "Lib Dem", "PC": "Plaid Cymru"}
"""A party's name in the raw files where it is not our code."""

PARTIES = {
    "Scotland": ("Con", "Lab", "LD", "Reform", "Green", "UKIP", "SNP"),
    "Wales": ("Con", "Lab", "LD", "Reform", "Green", "UKIP", "PC"),
}
UNLISTED = "UKIP"
"""Not in the raw files, which begin after its last election."""

# The last line of each raw list is the result of the election before.
GENERAL_ELECTIONS = ("2010-05-06", "2015-05-07", "2017-06-08", "2019-12-12", "2024-07-04")

LOWEST_SUM = 90.0  # of a poll entered by hand, which may leave out small parties
SAME_POLL = 2  # days by which two sources may date one poll apart


@dataclass(frozen=True)
class NationPoll:
    """A poll of one nation."""

    end: str
    """Last day of fieldwork, or the day of publication."""
    pollster: str
    """Blank if not known."""
    shares: Mapping[str, float | None]
    """Percent by party code; None where the poll does not list the party."""
    source: str

    def is_same(self, other: NationPoll) -> bool:
        """Return whether both are one poll: nearly the same day, and no share differs.

        The Green share does not count, for one source reckons it from the others.
        """
        apart = date.fromisoformat(self.end) - date.fromisoformat(other.end)
        pairs = [
            (self.shares[party], other.shares[party]) for party in self.shares if party != "Green"
        ]
        return abs(apart.days) <= SAME_POLL and all(a == b for a, b in pairs if None not in (a, b))

    def row(self) -> list[str]:
        """Return the poll as a row of its nation's table."""
        shares = (shown(share, 1) for share in self.shares.values())
        return [self.end, self.pollster, *shares, self.source]


def nation_tables(raw: Path) -> list[Table]:
    """Return the tables of Scottish and Welsh polls."""
    return [
        table_of(
            f"polls/{nation.lower()}.csv",
            [poll.row() for poll in _polls(raw, nation)],
            ("end", "pollster", *PARTIES[nation], "source"),
            nation=nation,
        )
        for nation in FILES
    ]


def _polls(raw: Path, nation: str) -> list[NationPoll]:
    known = join(read_by_hand(Path(__file__).parent, nation), read_listed(raw, nation))
    return join(known, read_recent(raw, nation))


def read_listed(raw: Path, nation: str) -> list[NationPoll]:
    """Return the polls of one nation in the raw files, without election results and duplicates."""
    names = {party: SOURCE_NAMES.get(party, party) for party in PARTIES[nation]}
    del names[UNLISTED]
    polls: dict[tuple[object, ...], NationPoll] = {}
    for path in FILES[nation]:
        dropped: Counter[str] = Counter()
        for row in read(raw, path, ("Date", *names.values())):
            shares = {
                party: decimal(row, names[party], path) if party in names else None
                for party in PARTIES[nation]
            }
            key = (row["Date"], *shares.values())
            fault = fault_of(row["Date"], row["Date"], shares)
            if row["Date"] in GENERAL_ELECTIONS:
                fault = "an election result"
            elif key in polls:
                fault = "exact duplicate"
            if fault:
                dropped[fault] += 1
            else:
                polls[key] = NationPoll(row["Date"], "", shares, LISTED)
        report(path, dropped)
    if not polls:
        raise RawDataError(f"{FILES[nation][0]} holds no poll: fetch it again")
    return list(polls.values())


def read_recent(raw: Path, nation: str) -> list[NationPoll]:
    """Return the polls of one nation in the list of both."""
    columns = {p: p.lower() for p in PARTIES[nation] if p != UNLISTED}
    polls = []
    for row in read(raw, RECENT, ("end", "pollster", "nation", *columns.values())):
        if row["nation"] == nation:
            shares = {
                p: decimal(row, columns[p], RECENT) if p in columns else None
                for p in PARTIES[nation]
            }
            if fault := fault_of(row["start"], row["end"], shares):
                raise RawDataError(f"{RECENT}: {fault}: mend the poll {nation},{row['end']},…")
            pollster = SAME_POLLSTER.get(row["pollster"], row["pollster"])
            polls.append(NationPoll(row["end"], pollster, shares, LISTED))
    return polls


def read_by_hand(folder: Path, nation: str) -> list[NationPoll]:
    """Return the polls of one nation that were entered by hand.

    Raises RawDataError if a poll has impossible shares, ends on an election day, is there twice, or
    names no pollster or page.
    """
    polls: list[NationPoll] = []
    for row in read(folder, BY_HAND, ("nation", "end", "pollster", *PARTIES[nation], "source")):
        if row["nation"] != nation:
            continue
        shares = {party: decimal(row, party, BY_HAND) for party in PARTIES[nation]}
        fault = fault_of(row["end"], row["end"], shares)
        poll = NationPoll(row["end"], row["pollster"], shares, row["source"])
        if row["end"] in GENERAL_ELECTIONS:
            fault = "an election day"
        elif sum(share or 0 for share in shares.values()) < LOWEST_SUM:
            fault = "shares that do not add up"
        elif not poll.pollster or not poll.source.startswith("http"):
            fault = "no pollster or no address"
        elif not fault and any(poll.is_same(other) for other in polls):
            fault = "entered twice"
        if fault:
            raise RawDataError(f"{BY_HAND}: {fault}: mend the poll {nation},{row['end']},…")
        polls.append(poll)
    return polls


def join(first: Sequence[NationPoll], second: Iterable[NationPoll]) -> list[NationPoll]:
    """Return all polls in the order of their last day; of a poll in both, that of the first."""
    rest = [poll for poll in second if not any(poll.is_same(other) for other in first)]
    return sorted([*first, *rest], key=lambda poll: poll.row())
