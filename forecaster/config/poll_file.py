"""Read a user's own polls from a CSV file or from Python, or say which rows are wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from forecaster.errors import DataError
from forecaster.files import BRITISH_DAY, Columns, CsvFile, Mistakes, Row, number, scale
from forecaster.vocabulary import OWN_PARTY, PARTIES, POLLED, REFORM_AFTER_UKIP, letters, suggest

NEEDED = ("end", "pollster", "Con", "Lab")
IN_OTHER = ("UKIP", "ChangeUK", "BNP", "Other")
"""Columns that the national shares count in Other, like every party without a column."""

POLL_COLUMNS = ("start", "end", "pollster", "client", "sample", "area", "mrp", *POLLED, *IN_OTHER)
"""The columns of ``data/polls/national.csv``, so that its rows can be copied; in any order."""

POLL_AREAS = ("GB", "UK", "Scotland", "Wales")
LOWEST_SUM, HIGHEST_SUM = 40.0, 101.5
"""Bounds on the sum of a poll's shares [per cent]. Below, a party is missing. Above, half a point
more is allowed for every share that is a whole number, as it may have been rounded up."""

MOST_IN_BRITAIN = {"SNP": 10.0, "PC": 6.0}
"""The largest part of Great Britain's votes cast in a party's nation since 2005, rounded up: 9.7 %
in Scotland (2015), 5.3 % in Wales (2005). A larger share must come from a poll of that nation."""

LONGEST = 100
"""Most days of interviews of one poll; the longest since 2010 took 46."""

LARGEST = 10**7
"""Most respondents of one poll, far more than any has had."""

YEARS = range(1940, 2100)
"""Numbers that are read as a year if they stand alone in a row."""

HINT = (
    f"Polls need {', '.join(NEEDED)}; they may have "
    f"{', '.join(name for name in POLL_COLUMNS if name not in NEEDED)}."
)

COLUMNS = Columns(
    {
        "start": ("startdate", "fieldworkstart", "startday", "from"),
        "end": (
            *("enddate", "fieldworkend", "endday", "datesconducted", "dateconducted", "dates"),
            *("fieldworkdates", "fieldwork", "dateofpoll", "date", "to"),
        ),
        "pollster": ("pollingfirm", "pollingcompany", "company", "firm", "house", "pollsterclient"),
        "client": ("clients", "commissioner", "commissionedby"),
        "sample": ("samplesize", "n", "size", "respondents"),
        "area": ("geography", "nation"),
        "mrp": (),
        "year": (),
    },
    NEEDED,
    PARTIES,
    HINT,
)

AREAS = {letters(name): name for name in POLL_AREAS} | {
    "greatbritain": "GB",
    "britain": "GB",
    "unitedkingdom": "UK",
    **dict.fromkeys(("sco", "scot"), "Scotland"),
    **dict.fromkeys(("wal", "cymru"), "Wales"),
}
ELSEWHERE = frozenset({"london", "england", "northernireland", "ni", "englandandwales"})
"""Areas whose polls the model does not use."""

MARK = re.compile(r"\s*\(?\b(MRP|VI|online|phone)\b\)?", re.IGNORECASE)
DASHES = re.compile(r"\s*(?:[–—-]|\bto\b)\s*")
MONTHS = {
    name: i
    for i, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}


def read_poll_file(path: Path, today: date) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the polls of a CSV file and notes on what is not used; see `own_polls`."""
    table = CsvFile(path, columns=COLUMNS)
    polls, notes = _polls(table.rows(), today, str(path))
    return polls, [*table.notes, *notes, *([] if polls else [f"{path}: no poll to use in it."])]


def own_polls(table: Any, today: date) -> tuple[list[dict[str, Any]], list[str]]:
    """Return a user's polls as values of `config.config.OwnPoll`, and notes on what is left out.

    `table`: a CSV file, or polls with the same columns: those of ``data/polls/national.csv`` under
    any name in `COLUMNS`; `NEEDED` are required. A day may be text, a date or a datetime. `today`:
    no poll can have ended later.

    Raises DataError naming every wrong poll by its line in the file, or by its place in the table,
    from 1.

    >>> poll = {"end": date(2026, 6, 1), "pollster": "YouGov", "Con": 18, "Lab": 20.5, "LD": 14}
    >>> [found], notes = own_polls([poll], date(2026, 6, 2))
    >>> found["start"].isoformat(), found["area"], found["percent"]
    ('2026-06-01', 'GB', {'Con': 18.0, 'Lab': 20.5, 'LD': 14.0})
    """
    if isinstance(table, str | Path):
        return read_poll_file(Path(table), today)
    records = table.to_dict("records") if hasattr(table, "to_dict") else table
    return _polls(_rows(records), today, "polls")


def _rows(records: Iterable[Any]) -> Iterator[Row]:
    for place, record in enumerate(records, 1):
        where = f"polls: poll {place}"
        if not isinstance(record, Mapping):
            raise DataError(f"{where}: expected a table with the columns of a poll file. {HINT}")
        header = [str(name) for name in record]
        keys = COLUMNS.keys(header)
        unread = [name for name, key in zip(header, keys, strict=True) if not key]
        wrong = [
            *COLUMNS.mistakes(header, keys),
            *(f"unknown column {n!r}. {HINT}" for n in unread),
        ]
        Mistakes(f"{where}: {text}" for text in wrong).check()
        yield Row(where, dict(zip(keys, record.values(), strict=True)))


def _polls(rows: Iterable[Row], today: date, where: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the polls of a table, and a note for each kind of row that is not used."""
    read: list[tuple[Row, dict[str, Any]]] = []
    first: dict[tuple[Any, ...], Row] = {}
    wrong, passed = Mistakes(), Counter[str]()
    year = 0
    for row in rows:
        texts = [row.text(key) for key in row.cells if row.text(key)]
        if len(texts) == 1 and texts[0].isdecimal() and int(texts[0]) in YEARS:
            year = int(texts[0])  # the heading of a section
            continue
        with wrong.kept():
            if reason := _no_poll(row):
                passed[reason] += 1
                continue
            poll = _poll(row, today, year)
            same = tuple(map(str, poll.values()))
            if same in first:
                raise row.error(f"the poll of {first[same].place} again; remove one of them.")
            first[same] = row
            read.append((row, poll))
    factor = scale(sum(poll["percent"].values()) for _, poll in read)
    for row, poll in read:
        with wrong.kept():
            poll["percent"] = _checked(row, poll, factor)
    wrong.check()
    notes = [f"{where}: {n} row{'s' * (n > 1)} not used: {why}." for why, n in passed.items()]
    slashed = [text for row, _ in read if BRITISH_DAY.fullmatch(text := row.text("end"))]
    if slashed:
        notes.append(f"{where}: days such as {slashed[0]} are read as day, month, year.")
    return [poll for _, poll in read], notes


def _no_poll(row: Row) -> str:
    """Return why a row is not a poll to be used, or an empty text if it is one."""
    if row.answer("mrp") or "mrp" in row.text("pollster").lower():
        return "a seat model (MRP) is no ordinary poll"
    if "election" in row.text("pollster").lower():
        return "the result of an election"
    if letters(row.text("area")) in ELSEWHERE:
        return "of an area whose polls are not read"
    cells = [key for key in row.cells if key.partition(" ")[0] in PARTIES]
    texts = [key for key in row.cells if row.text(key)]
    if not any(any(c.isdigit() for c in row.text(key)) for key in cells) and (
        len(texts) < 2 or not row.text("pollster") or len({row.text(key) for key in texts}) < 3
    ):
        return "no shares in it"
    return ""


def _poll(row: Row, today: date, year: int) -> dict[str, Any]:
    wrong, found = Mistakes(), dict[str, Any]()
    for key, read in (
        ("days", lambda: _days(row, year)),
        ("pollster", lambda: _pollster(row)),
        ("sample", lambda: _sample(row)),
        ("area", lambda: _area(row)),
        ("percent", row.shares),
    ):
        with wrong.kept():
            found[key] = read()
    for party in ("Con", "Lab"):
        if party not in found.get("percent", {party}):
            wrong.lines.append(str(row.error(f"{party}: expected a share; every poll lists it.")))
    start, end = found.pop("days", (today, today))
    if start > end:
        wrong.lines.append(str(row.error(f"starts on {start}, after it ends on {end}.")))
    if (end - start).days > LONGEST:
        wrong.lines.append(str(row.error(f"start: {start} is too long before the end, {end}.")))
    if end > today:
        wrong.lines.append(str(row.error(f"ends on {end}, in the future.")))
    wrong.check()
    return {"start": start, "end": end, **found}


def _days(row: Row, year: int) -> tuple[date, date]:
    """Return the first and last day of a poll, from two columns or from one like "28-30 Sep"."""
    given = int(row.text("year")) if row.text("year").isdecimal() else year
    text = row.text("end")
    if not any(c.isalpha() for c in text) or isinstance(row.cells.get("end"), date):
        end = row.day("end")
        return (row.day("start") if row.text("start") else end), end
    first, last = (DASHES.split(text, maxsplit=1) * 2)[:2]
    end = _written(row, last, given, None)
    start = _written(row, row.text("start") or first, end.year, end)
    return start, end


def _written(row: Row, text: str, year: int, end: date | None) -> date:
    """Read a day like "28 Sep 2026"; month and year default to those of the last day, `end`."""
    numbers = [int(part) for part in re.findall(r"\d+", text)]
    names = [MONTHS[w[:3]] for w in re.findall(r"[a-z]{3,}", text.lower()) if w[:3] in MONTHS]
    month = names[0] if names else end.month if end else 0
    if len(numbers) > 1:
        year = numbers[1]
    elif end and month > end.month:
        year -= 1  # over New Year
    if not year and numbers:
        raise row.error(f"end: {row.text('end')!r} has no year; write it, or add a column year.")
    try:
        return date(year, month, numbers[0])
    except (ValueError, IndexError, OverflowError):
        raise row.error(
            f"end: {row.text('end')!r} is no day; expected YYYY-MM-DD, or as in 28-30 Sep 2026."
        ) from None


def _pollster(row: Row) -> str:
    name = MARK.sub("", row.text("pollster")).strip()
    if not name:
        raise row.error("pollster: expected a name.")
    return name


def _area(row: Row) -> str:
    text = row.text("area")
    if text and letters(text) not in AREAS:
        raise row.error(f"area: {text!r} is not known here. {suggest(text, POLL_AREAS)}")
    return AREAS.get(letters(text), "GB")


def _checked(row: Row, poll: dict[str, Any], factor: float) -> dict[str, float]:
    """Check a poll's shares; return those of the parties that the model estimates [per cent]."""
    shares = {party: factor * share for party, share in poll["percent"].items()}
    total, rounded = sum(shares.values()), sum(share.is_integer() for share in shares.values())
    if not LOWEST_SUM <= total <= max(HIGHEST_SUM, 100 + rounded / 2):
        raise row.error(
            f"the shares sum to {total:g} %, expected at most 100 and not far below it; shares "
            "are given in per cent."
        )
    nations = {party: nation for nation, party in OWN_PARTY.items()}
    for party, most in MOST_IN_BRITAIN.items():
        if poll["area"] in ("GB", "UK") and shares.get(party, 0) > most:
            raise row.error(
                f"{party} has {shares[party]:g} %, more than all votes of {nations[party]}; write "
                f"{nations[party]} under area if it is a poll of {nations[party]} alone."
            )
    if poll["end"] < REFORM_AFTER_UKIP and "UKIP" in shares:
        shares["Reform"] = shares["UKIP"]
    return {party: shares[party] for party in POLLED if party in shares}


def _sample(row: Row) -> int | None:
    text = row.text("sample")
    if not text:
        return None
    try:
        size = number(text)
    except ValueError:
        size = 0.0
    if not (1 <= size <= LARGEST and size.is_integer()):
        raise row.error(f"sample: {text!r}: expected the number of respondents, or none.")
    return int(size)
