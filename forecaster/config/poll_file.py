"""Read a user's own polls from a CSV file, or say on which line it is wrong."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from forecaster.errors import ConfigError
from forecaster.vocabulary import suggest

PARTIES = ("Con", "Lab", "LD", "Reform", "Green", "SNP", "PC")
NEEDED = ("end", "pollster", "Con", "Lab")
IN_OTHER = ("UKIP", "Restore", "ChangeUK", "BNP", "Other")
"""Parties that the poll model leaves in Other; what is not listed is there anyway."""

COLUMNS = ("start", "end", "pollster", "client", "sample", "area", "mrp", *PARTIES, *IN_OTHER)
"""Those of ``data/polls/national.csv``, so that its rows can be copied; in any order."""

AREAS = ("GB", "UK", "Scotland", "Wales")
HIGHEST_SUM = 101.5
"""Of shares that were rounded [per cent]."""

LOWEST_SUM = 40.0
"""Below it somebody wrote fractions, or forgot a party [per cent]."""


def read_poll_file(path: Path, today: date) -> list[dict[str, Any]]:
    """Return the polls of a file, as `config.run.OwnPoll` takes them.

    Parameters
    ----------
    path : Path
        CSV with the columns of ``data/polls/national.csv``, of which `NEEDED` must be there.
    today : date
        No poll can have ended later.

    Raises
    ------
    ConfigError
        With file and line of the first mistake.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    reader = csv.DictReader(text.splitlines())
    _check_columns(path, reader.fieldnames or ())
    polls: list[dict[str, Any]] = []
    lines: dict[tuple[Any, ...], int] = {}
    for row in reader:
        where = f"{path}: line {reader.line_num}"
        if None in row or None in row.values():
            raise ConfigError(f"{where}: expected {len(reader.fieldnames or ())} cells, as above.")
        poll = _poll({key: value.strip() for key, value in row.items()}, where, today)
        if poll is None:
            continue
        same = (poll["pollster"], poll["area"], poll["end"], *poll["percent"].items())
        if same in lines:
            raise ConfigError(f"{where}: the poll of line {lines[same]} again; remove one of them.")
        lines[same] = reader.line_num
        polls.append(poll)
    return polls


def _check_columns(path: Path, found: Any) -> None:
    for name in found:
        if name not in COLUMNS:
            raise ConfigError(f"{path}: line 1: unknown column {name!r}. {suggest(name, COLUMNS)}")
    missing = [name for name in NEEDED if name not in found]
    if missing:
        raise ConfigError(
            f"{path}: line 1: no column {missing[0]!r}. A file of polls needs "
            f"{', '.join(NEEDED)}; it may have {', '.join(n for n in COLUMNS if n not in NEEDED)}."
        )


def _poll(row: Mapping[str, str], where: str, today: date) -> dict[str, Any] | None:
    """Return a checked poll; None for a seat model, which is no ordinary poll."""
    end = _date(row["end"], f"{where}: end")
    start = _date(row["start"], f"{where}: start") if row.get("start") else end
    if start > end:
        raise ConfigError(f"{where}: starts on {start}, after it ends on {end}.")
    if end > today:
        raise ConfigError(f"{where}: ends on {end}, in the future.")
    if not row["pollster"]:
        raise ConfigError(f"{where}: pollster: expected a name.")
    area = row.get("area") or "GB"
    if area not in AREAS:
        raise ConfigError(f"{where}: area {area!r}: not known. {suggest(area, AREAS)}")
    if row.get("mrp", "") not in ("", "0"):
        return None
    return {
        "start": start,
        "end": end,
        "pollster": row["pollster"],
        "sample": _sample(row.get("sample", ""), where),
        "area": area,
        "percent": _shares(row, where),
    }


def _shares(row: Mapping[str, str], where: str) -> dict[str, float]:
    shares: dict[str, float] = {}
    for party in (*PARTIES, *IN_OTHER):
        text = row.get(party, "")
        if text:
            try:
                shares[party] = float(text)
            except ValueError:
                raise ConfigError(f"{where}: {party}: {text!r} is no number.") from None
            if not 0 <= shares[party] <= 100:
                raise ConfigError(f"{where}: {party}: {text} % is no share; expected 0 to 100.")
    for party in ("Con", "Lab"):
        if party not in shares:
            raise ConfigError(f"{where}: {party}: expected a share; every poll lists it.")
    total = sum(shares.values())
    if not LOWEST_SUM <= total <= HIGHEST_SUM:
        raise ConfigError(
            f"{where}: the shares sum to {total:g} %, expected at most 100 and not far below it; "
            "shares are given in per cent."
        )
    return {party: share for party, share in shares.items() if party in PARTIES}


def _sample(text: str, where: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or int(text) == 0:
        raise ConfigError(f"{where}: sample {text!r}: expected the number of respondents, or none.")
    return int(text)


def _date(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{where}: {text!r} is no day; expected YYYY-MM-DD.") from None
