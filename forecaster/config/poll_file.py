"""Read a user's own polls from a CSV file or from Python, or say which row is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from forecaster.errors import DataError
from forecaster.files import CsvFile, Row, check_columns
from forecaster.vocabulary import BRITISH_PARTIES, OWN_PARTY

POLLED = (*BRITISH_PARTIES, *OWN_PARTY.values())
NEEDED = ("end", "pollster", "Con", "Lab")
IN_OTHER = ("UKIP", "ChangeUK", "BNP", "Other")
"""Parties that national shares leave in Other; what is not listed is there anyway."""

POLL_COLUMNS = ("start", "end", "pollster", "client", "sample", "area", "mrp", *POLLED, *IN_OTHER)
"""Those of ``data/polls/national.csv``, so that its rows can be copied; in any order."""

POLL_AREAS = ("GB", "UK", "Scotland", "Wales")
LOWEST_SUM, HIGHEST_SUM = 40.0, 101.5
"""Of rounded shares [per cent]; below, somebody wrote fractions or forgot a party."""

HINT = (
    f"Polls need {', '.join(NEEDED)}; they may have "
    f"{', '.join(name for name in POLL_COLUMNS if name not in NEEDED)}."
)


def read_poll_file(path: Path, today: date) -> list[dict[str, Any]]:
    """Return the polls of a CSV file; see `polls_of`."""
    return _polls(CsvFile(path).rows(POLL_COLUMNS, NEEDED, HINT), today)


def polls_of(table: Any, today: date) -> list[dict[str, Any]]:
    """Return a user's polls, as `forecaster.config.config.OwnPoll` takes them.

    Parameters
    ----------
    table : path, pandas.DataFrame or iterable of mappings
        A CSV file, or polls with its columns: those of ``data/polls/national.csv``, of which
        `NEEDED` must be there. A day may be text, a date or a datetime.
    today : date
        No poll can have ended later.

    Raises
    ------
    DataError
        Naming the first wrong poll by file and line, or counted from 1.

    Examples
    --------
    >>> poll = {"end": date(2026, 6, 1), "pollster": "YouGov", "Con": 18, "Lab": 20.5, "LD": 14}
    >>> [found] = polls_of([poll], date(2026, 6, 2))
    >>> found["start"].isoformat(), found["area"], found["percent"]
    ('2026-06-01', 'GB', {'Con': 18.0, 'Lab': 20.5, 'LD': 14.0})
    """
    if isinstance(table, str | Path):
        return read_poll_file(Path(table), today)
    records = table.to_dict("records") if hasattr(table, "to_dict") else table
    return _polls(_rows(records), today)


def _rows(records: Iterable[Any]) -> Iterator[Row]:
    for number, record in enumerate(records, 1):
        where = f"polls: poll {number}"
        if not isinstance(record, Mapping):
            raise DataError(f"{where}: expected a table with the columns of a poll file. {HINT}")
        check_columns(where, record, POLL_COLUMNS, NEEDED, HINT)
        yield Row(where, record)


def _polls(rows: Iterable[Row], today: date) -> list[dict[str, Any]]:
    polls: list[dict[str, Any]] = []
    first: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        if row.text("mrp") not in ("", "0", "False"):
            continue  # a seat model is no ordinary poll
        poll = _poll(row, today)
        same = (poll["pollster"], poll["area"], poll["end"], *poll["percent"].items())
        if same in first:
            raise row.error(f"the poll of {first[same].place} again; remove one of them.")
        first[same] = row
        polls.append(poll)
    return polls


def _poll(row: Row, today: date) -> dict[str, Any]:
    end = row.day("end")
    start = row.day("start") if row.text("start") else end
    if start > end:
        raise row.error(f"starts on {start}, after it ends on {end}.")
    if end > today:
        raise row.error(f"ends on {end}, in the future.")
    if not row.text("pollster"):
        raise row.error("pollster: expected a name.")
    return {
        "start": start,
        "end": end,
        "pollster": row.text("pollster"),
        "sample": _sample(row),
        "area": row.one_of("area", POLL_AREAS, "GB"),
        "percent": _shares(row),
    }


def _shares(row: Row) -> dict[str, float]:
    cells = ((party, row.percent(party)) for party in (*POLLED, *IN_OTHER))
    shares = {party: share for party, share in cells if share is not None}
    for party in ("Con", "Lab"):
        if party not in shares:
            raise row.error(f"{party}: expected a share; every poll lists it.")
    total = sum(shares.values())
    if not LOWEST_SUM <= total <= HIGHEST_SUM:
        raise row.error(
            f"the shares sum to {total:g} %, expected at most 100 and not far below it; shares "
            "are given in per cent."
        )
    return {party: share for party, share in shares.items() if party in POLLED}


def _sample(row: Row) -> int | None:
    text = row.text("sample").removesuffix(".0")  # a column of pandas with blank cells
    if text and (not text.isdecimal() or int(text) == 0):
        raise row.error(f"sample: {text!r}: expected the number of respondents, or none.")
    return int(text) if text else None
