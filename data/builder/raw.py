"""Read the raw files, check and clean them."""

from __future__ import annotations

import csv
import gzip
from functools import cache
from io import StringIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Row = dict[str, str]


class RawDataError(Exception):
    """A raw file is missing or is not what the builder was written for."""


def read(
    raw: Path,
    path: str,
    columns: Sequence[str],
    *,
    header: bool = True,
    like: str = "",
    delimiter: str = ",",
) -> list[Row]:
    """Return the rows of one raw file as dictionaries, white space tidied.

    `path`: relative to `raw`; unpacked if it ends in ``.gz``. `columns`: those needed, by name if
    the file has a `header`, else the first ones in order. `like`: a file whose header is that of
    this file too, if this one has none.

    Raises RawDataError if the file is missing, is not text or lacks a column.
    """
    lines, first = _lines(raw, path, delimiter), 1
    names = list(columns)
    if like not in ("", path):
        names = _lines(raw, like, delimiter)[0][: min(map(len, lines))]
    elif header and lines:
        names, first = lines.pop(0), 2
    if missing := [column for column in columns if column not in names]:
        raise RawDataError(f"{path} has no column {missing[0]!r}: is it the right file?")
    for number, line in enumerate(lines, first):
        if len(line) < len(names):
            raise RawDataError(
                f"{path}, record {number}: {len(line)} fields where {len(names)} are needed:"
                " mend or fetch the file again"
            )
    # split() also removes no-break spaces and the newlines inside quoted fields.
    tidy = cache(lambda value: " ".join(value.split()))
    return [dict(zip(names, map(tidy, line), strict=False)) for line in lines]


def _lines(raw: Path, path: str, delimiter: str) -> list[list[str]]:
    try:
        content = (raw / path).read_bytes()
        text = (gzip.decompress(content) if path.endswith(".gz") else content).decode("utf-8-sig")
    except FileNotFoundError:
        raise RawDataError(
            f"missing raw file {path} in {raw}: give the folder that holds it as RAW"
        ) from None
    except UnicodeDecodeError:
        raise RawDataError(f"{path} is not UTF-8 text: fetch it again") from None
    return list(csv.reader(StringIO(text, newline=""), delimiter=delimiter))


def whole(row: Row, column: str, path: str) -> int:
    """Return a whole number; raise RawDataError, with file and column, if it is none."""
    try:
        number = float(row[column])
        if number != int(number) or number < 0:
            raise ValueError
    except (ValueError, OverflowError):
        raise RawDataError(_unreadable(row, column, path)) from None
    return int(number)


def _unreadable(row: Row, column: str, path: str) -> str:
    start = ",".join(list(row.values())[:4])
    return f"{path}: {column} is {row[column]!r}, no such number can be: mend the line {start},…"


def decimal(row: Row, column: str, path: str) -> float | None:
    """Return a number, or None if blank; raise RawDataError, with file and column, if wrong."""
    if row[column] in ("", "nan", "-"):
        return None
    try:
        return float(row[column].removesuffix("%"))
    except ValueError:
        raise RawDataError(_unreadable(row, column, path)) from None


def shown(value: float | None, digits: int) -> str:
    """Return `value` rounded to `digits`, without trailing zeros; blank for None."""
    if value is None:
        return ""
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
