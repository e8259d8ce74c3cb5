"""Published polls: voting intention for the Commons in Great Britain."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

from aliases import read_aliases
from catalogue import Table, table_of
from raw import Row, decimal, read, shown, whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

NATIONAL = "polls/national-2010-2026.csv"
SUMMER = "polls/national-2026-06-15-to-2026-09-02.csv"
"""What the other lacks; a poll that is in both is marked there."""

PARTY_COLUMNS = {
    "Con": "con",
    "Lab": "lab",
    "LD": "ld",
    "Green": "green",
    "UKIP": "ukip",
    "Reform": "brexit_reform",
    "SNP": "snp",
    "PC": "pc",
    "Restore": "restore",
    "ChangeUK": "tig",
    "BNP": "bnp",
}
INFORMATION = ("start", "end", "pollster", "client", "sample", "area", "mrp")

# From here to there the sample sizes of the source were multiplied by ten.
TENFOLD = ("2021-12-01", "2022-10-31")
LARGEST_ORDINARY_SAMPLE = 9_000

HIGHEST_SUM = 101.0  # of rounded shares
MODEL = re.compile(r"\s*\(?\b[MS]RP\b\)?")
MODE = re.compile(r"\s*\((online|phone)\)")
SAME_POLLSTER = read_aliases("pollster")


def read_national(raw: Path) -> list[list[str]]:
    """Return the national polls in their final form, dropping those that cannot be right."""
    rows = read(raw, NATIONAL, (*INFORMATION, *PARTY_COLUMNS.values()))
    dropped: Counter[str] = Counter()
    polls: dict[tuple[str, ...], list[str]] = {}
    for row in [*rows, *_read_summer(raw)]:
        shares = {party: decimal(row, name, NATIONAL) for party, name in PARTY_COLUMNS.items()}
        fault = fault_of(row["start"], row["end"], shares)
        poll = [*_information(row), *(shown(share, 1) for share in shares.values())]
        if not fault and tuple(row.values()) in polls:
            fault = "exact duplicate"
        if fault:
            dropped[fault] += 1
        else:
            polls[tuple(row.values())] = poll
    report(NATIONAL, dropped)
    kept = list(polls.values())
    _forget_doubtful_samples(kept)
    return sorted(kept, key=lambda poll: (poll[1], poll[0], *poll[2:]))


def _read_summer(raw: Path) -> list[Row]:
    """Return the polls that only the second list has, in the columns of the first."""
    rows = read(raw, SUMMER, (*INFORMATION, "con", "reform", "restore", "in_project"))
    new = [row for row in rows if row["in_project"] == "0"]
    asked: dict[tuple[str, ...], Row] = {}
    for row in new:
        # Of one sample asked with and without a party, the question with more parties counts.
        key = tuple(row[name] for name in INFORMATION)
        if key not in asked or row["restore"]:
            asked[key] = row
    report(
        SUMMER,
        {"in the other list": len(rows) - len(new), "the same sample": len(new) - len(asked)},
    )
    nothing = dict.fromkeys(PARTY_COLUMNS.values(), "")
    return [{**nothing, **row, "brexit_reform": row["reform"]} for row in asked.values()]


def _information(row: Row) -> list[str]:
    pollster = MODE.sub("", MODEL.sub("", row["pollster"]))
    pollster = " / ".join(part.strip() for part in pollster.split("/"))
    model = row["mrp"] in ("True", "1") or MODEL.search(row["pollster"]) is not None
    return [
        row["start"],
        row["end"],
        SAME_POLLSTER.get(pollster, pollster),
        row["client"],
        _sample(row),
        row["area"] or "GB",
        str(int(model)),
    ]


def _sample(row: Row) -> str:
    if not row["sample"]:
        return ""
    size = whole(row, "sample", NATIONAL)
    tenfold = TENFOLD[0] <= row["end"] <= TENFOLD[1] and size > LARGEST_ORDINARY_SAMPLE
    return str(size // 10 if tenfold and size % 10 == 0 else size)


def _forget_doubtful_samples(polls: list[list[str]]) -> None:
    """Blank the sample where two polls of one day and the same figures were given the same one.

    The source found sample sizes by last day and figures, so one of the two is not its own.
    """
    con = len(INFORMATION)
    end, sample = INFORMATION.index("end"), INFORMATION.index("sample")

    def key(poll: Sequence[str]) -> tuple[str, ...]:
        return (poll[end], poll[sample], *poll[con : con + 3])

    times = Counter(key(poll) for poll in polls if poll[sample])
    doubtful = [poll for poll in polls if times[key(poll)] > 1]
    for poll in doubtful:
        poll[sample] = ""
    print(f"{NATIONAL}: blanked {len(doubtful)} sample sizes that two polls share")


def fault_of(start: str, end: str, shares: Mapping[str, float | None]) -> str:
    """Return what is wrong with a poll, or nothing."""
    try:
        backwards = date.fromisoformat(start) > date.fromisoformat(end)
    except ValueError:
        return "malformed date"
    known = [share for share in shares.values() if share is not None]
    if backwards:
        return "ends before it starts"
    if shares["Con"] is None or shares["Lab"] is None:
        return "no share for Con or Lab"
    if min(known) < 0 or max(known) > 100 or sum(known) > HIGHEST_SUM:
        return "impossible shares"
    return ""


def report(path: str, dropped: Mapping[str, int]) -> None:
    """Print how many polls of a file were dropped, and why."""
    for fault, count in sorted(dropped.items()):
        print(f"{path}: dropped {count} polls ({fault})")


def national_table(raw: Path) -> Table:
    """Return the table of national polls."""
    return table_of("polls/national.csv", read_national(raw), (*INFORMATION, *PARTY_COLUMNS))
