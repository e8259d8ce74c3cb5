"""Evidence on pacts: transfer rates, published results, a real pact, by-elections, vote totals."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from catalogue import Table, table_of
from elections import party_of
from raw import RawDataError, decimal, read, shown, whole

if TYPE_CHECKING:
    from pathlib import Path

    from raw import Row

TRANSFERS = "transfers.csv"
PUBLISHED = "published-results.csv"
REMAIN = "pacts/unite-to-remain-2019.csv"
TOTALS = "results/vote-totals-1945-2019.csv"

CONTESTS = {
    "Lab not competitive": "asked where Labour cannot win",
    "no Reform candidate": "asked as if Reform had no candidate",
    "second round Lab v Con, Cambridgeshire and Peterborough mayor": (
        "second preferences in the count of the mayor of Cambridgeshire and Peterborough"
    ),
    "second preferences, London mayor": "second preferences, mayor of London",
    "second round, Durham and Humberside police commissioners": (
        "second preferences, police commissioners of Durham and Humberside"
    ),
    "second round Lab v Con, London mayor": "second preferences, mayor of London",
    "UKIP candidate withdrew 2017": "UKIP voters of 2015 in seats where UKIP withdrew in 2017",
}
"""The source's contest that is no pair of parties, and how we say it."""

WORDINGS = {
    "poll: two-party choice": (
        "asked whom they would vote for if only the two could win in their seat"
    ),
    "poll: tactical question": "asked whether they would vote tactically between the two",
    "poll: seat type question": "asked how they would vote in a seat between the two",
}
"""What was asked where the contest is a pair of parties, by the source's kind."""

KINDS = {"poll": "poll", "real ballots": "ballots", "recall": "recall"}
BEHAVIOUR = ("ballots", "recall")
RECIPIENTS = {"not_vote": "abstain"}
DONORS = {"all eliminated": "all", "UKIP": "Reform"}

PARLIAMENTS = ("55", "56", "57", "58", "59")
BREXIT_PARTY = "2019-06-06"
"""First by-election of the Brexit Party: from here on UKIP is not the line that became Reform."""
BYELECTION_COLUMNS = (
    "Election date",
    "Party abbreviation",
    "Candidate first name",
    "Candidate surname",
    "Constituency name",
    "Votes",
)


def evidence_tables(raw: Path) -> list[Table]:
    """Return the tables of evidence; two raw files lie in `evidence` beside the raw folder."""
    beside = raw.parent / "evidence"
    return [
        _transfers_table(beside),
        _published_table(beside),
        _remain_table(raw),
        _totals_table(raw),
        _byelections_table(raw),
    ]


def _kind(row: Row) -> str:
    if "used by a model" in row["kind"]:
        return "model"
    try:
        return KINDS[row["kind"].split(":")[0]]
    except KeyError:
        raise RawDataError(
            f"{TRANSFERS}: kind {row['kind']!r} is new: say in evidence.py what it is"
        ) from None


def _contest(row: Row) -> tuple[str, str]:
    """Return the pair of contenders, blank if the source names none, and what was asked."""
    named = " v " in row["contest"] and "," not in row["contest"]
    known, name = (WORDINGS, "kind") if named else (CONTESTS, "contest")
    if row[name] not in known:
        raise RawDataError(
            f"{TRANSFERS}: {name} {row[name]!r} is new: say in evidence.py what it is"
        )
    return row["contest"] if named else "", known[row[name]]


def _transfers_table(beside: Path) -> Table:
    columns = ("donor", "contest", "recipient", "percent", "kind", "date", "sample", "source")
    numbers: dict[tuple[str, ...], str] = {}
    rows = []
    for row in read(beside, TRANSFERS, columns):
        asked = tuple(row[name] for name in ("donor", "contest", "date", "source"))
        question = numbers.setdefault(asked, f"q{len(numbers) + 1:02d}")
        percent = decimal(row, "percent", TRANSFERS)
        kind = _kind(row)
        rows.append(
            (
                question,
                DONORS.get(row["donor"], row["donor"]),
                RECIPIENTS.get(row["recipient"], row["recipient"]),
                *_contest(row),
                shown(None if percent is None else percent / 100, 4),
                kind,
                "1" if kind in BEHAVIOUR else "0",
                row["date"],
                row["sample"],
                row["source"],
            )
        )
    return table_of("evidence/transfers.csv", rows)


def _rejoined(row: Row) -> Row:
    """Return a row put together again where an unquoted comma had split its figures in two."""
    if not row["url"] or row["url"].startswith("http"):
        return row
    return {**row, "published": f"{row['published']}, {row['source']}", "source": row["url"]}


def _published_table(beside: Path) -> Table:
    columns = ("id", "what", "assumptions", "published", "source")
    raw_rows = map(_rejoined, read(beside, PUBLISHED, (*columns, "url")))
    rows = [tuple(row[name] for name in columns) for row in raw_rows]
    return table_of("evidence/published-results.csv", sorted(rows))


def _remain_table(raw: Path) -> Table:
    rows = [(row["ons_code"], row["pact_party"]) for row in read(raw, REMAIN, ("ons_code",))]
    return table_of("pacts/unite-to-remain-2019.csv", sorted(rows))


def _totals_table(raw: Path) -> Table:
    names = {
        "con": "con",
        "lab": "lab",
        "lib": "liberal",
        "nat": "nationalist",
        "oth": "other",
        "total": "total",
        "seats": "seats",
    }
    rows = [
        (row["date"], *(str(whole(row, name, TOTALS)) for name in names))
        for row in read(raw, TOTALS, ("date", *names))
    ]
    return table_of("results/vote-totals-1945-2019.csv", sorted(rows))


def _byelections_table(raw: Path) -> Table:
    rows = []
    for number in PARLIAMENTS:
        path = f"results/by-elections-parliament-{number}.csv"
        votes: dict[tuple[str, ...], int] = defaultdict(int)
        best: dict[tuple[str, str, str], tuple[int, str, str]] = {}
        for row in read(raw, path, BYELECTION_COLUMNS):
            day, month, year = row["Election date"].split("/")
            code = row.get("ONS ID") or row["ONS ID2"]
            contest = (f"{year}-{month}-{day}", code, row["Constituency name"])
            party = party_of(
                row["Party abbreviation"], "2019" if contest[0] >= BREXIT_PARTY else "2017"
            )
            count = whole(row, "Votes", path)
            name = f"{row['Candidate first name']} {row['Candidate surname']}".strip()
            votes[(*contest, party)] += count
            best[contest] = max(best.get(contest, (0, "", "")), (count, party, name))
        for contest, (count, party, _) in best.items():
            if party == "Other":
                votes[(*contest, "Other")] -= count
                votes[(*contest, "Ind")] = count
        boundaries = "2024" if number == "59" else "2010"
        for (day, code, name, party), count in votes.items():
            winner = best[(day, code, name)]
            won = party == ("Ind" if winner[1] == "Other" else winner[1])
            if count:
                candidate = winner[2] if won else ""
                rows.append(
                    (day, code, name, boundaries, party, candidate, str(count), str(int(won)))
                )
    return table_of("results/by-elections.csv", sorted(rows))
