"""Polls since 1945 and results in Great Britain since 1970, to estimate the polls' error."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from catalogue import Table, table_of
from polls import SAME_POLLSTER
from raw import RawDataError, decimal, read, shown, whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from elections import Election

POLLBASE = "polls/pollbase-1945-2021.csv"
VOTES = "results/general-elections-1997-2019.tsv"
PARTIES = {"Con": "con", "Lab": "lab", "LD": "lib"}

SPELLING = {
    "Bpix": "BPIX",
    "Comres": "ComRes",
    "Mori": "MORI",
    "Onepoll": "OnePoll",
    "TNS": "TNS BMRB",
    "Yougov": "YouGov",
    "Angus Reid Public Opinion": "Angus RS",
}
"""The source's spelling, and the one of the table of later polls before `SAME_POLLSTER`."""

# Here the table of national polls takes over, which lists more parties.
LAST_ELECTION = "2010-05-06"

PUBLISHED = {
    "1970": ("1970-06-18", 46.2, 43.9, 7.6),
    "1974-02": ("1974-02-28", 38.8, 38.0, 19.8),
    "1974-10": ("1974-10-10", 36.7, 40.2, 18.8),
    "1979": ("1979-05-03", 44.9, 37.8, 14.1),
    "1983": ("1983-06-09", 43.5, 28.3, 26.0),
    "1987": ("1987-06-11", 43.3, 31.5, 23.1),
    "1992": ("1992-04-09", 42.8, 35.2, 18.3),
}
"""Election, its day, and the shares of Con, Lab and LD in Great Britain as published [percent]."""

COUNTED = {
    "1997": "1997-05-01",
    "2001": "2001-06-07",
    "2005": "2005-05-05",
    "2010": "2010-05-06",
    "2015": "2015-05-07",
    "2017": "2017-06-08",
    "2019": "2019-12-12",
    "2024": "2024-07-04",
}
LABELS = {
    "Conservative": "Con",
    "Labour": "Lab",
    "Liberal Democrat": "LD",
    "Liberal Democrats": "LD",
}


def history_tables(raw: Path, elections: Mapping[str, Election]) -> list[Table]:
    """Return the polls since 1945 and the results in Great Britain since 1970.

    `elections`: results of 2010 and later by name.
    """
    return [_polls_table(raw), _shares_table(raw, elections)]


def _polls_table(raw: Path) -> Table:
    rows: dict[tuple[str, ...], None] = {}
    dropped: Counter[str] = Counter()
    for row in read(raw, POLLBASE, ("start", "end", "pollster", "n", *PARTIES.values())):
        if row["end"] > LAST_ELECTION:
            continue
        shares = [decimal(row, column, POLLBASE) for column in PARTIES.values()]
        known = [100 * share for share in shares if share is not None]
        spelt = SPELLING.get(row["pollster"], row["pollster"])
        pollster = SAME_POLLSTER.get(spelt, spelt)
        size = str(whole(row, "n", POLLBASE)) if row["n"] else ""
        poll = (row["start"], row["end"], pollster, size, *(shown(share, 1) for share in known))
        if len(known) < len(PARTIES) or sum(known) > 101 or row["start"] > row["end"]:
            dropped["not possible"] += 1
        elif poll in rows:
            dropped["exact duplicate"] += 1
        else:
            rows[poll] = None
    for fault, count in sorted(dropped.items()):
        print(f"{POLLBASE}: dropped {count} polls ({fault})")
    return table_of(
        "polls/history.csv",
        sorted((list(row) for row in rows), key=lambda row: (row[1], row[0], *row[2:])),
    )


def _shares_table(raw: Path, elections: Mapping[str, Election]) -> Table:
    rows = [
        [name, day, *(shown(share, 1) for share in shares), "published"]
        for name, (day, *shares) in PUBLISHED.items()
    ]
    early = _votes_by_day(raw)
    for name, day in COUNTED.items():
        votes = _votes_of(elections[name]) if name in elections else early[day]
        if min(votes[party] for party in PARTIES) == 0:
            raise RawDataError(f"{VOTES}: no votes of a party on {day}: fetch it again")
        total = sum(votes.values())
        rows.append([name, day, *(shown(100 * votes[p] / total, 2) for p in PARTIES), "counted"])
    return table_of("results/gb-shares.csv", rows)


def _votes_by_day(raw: Path) -> dict[str, Counter[str]]:
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for row in read(raw, VOTES, ("location", "date", "party", "votes"), delimiter="\t"):
        nation = row["location"].split("|")[3]
        if nation != "Northern Ireland" and row["votes"]:
            votes[row["date"]][LABELS.get(row["party"], "Other")] += whole(row, "votes", VOTES)
    return votes


def _votes_of(election: Election) -> Counter[str]:
    votes: Counter[str] = Counter()
    for candidate in election.candidates:
        if not candidate.seat.startswith("N"):
            votes[candidate.party] += candidate.votes
    return votes
