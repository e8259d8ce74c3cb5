"""Reading the raw files: one function that opens, checks and cleans, and one kind of error."""

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
    raw: Path, path: str, columns: Sequence[str], *, header: bool = True, delimiter: str = ","
) -> list[Row]:
    """Return the rows of one raw file as dictionaries, white space tidied.

    Parameters
    ----------
    raw : Path
        The raw folder.
    path : str
        The file, relative to `raw`; unpacked if its name ends in ``.gz``.
    columns : sequence of str
        The columns needed: by name where the file has a header, else the first ones in order.
    header : bool
        Whether the first line holds names.
    delimiter : str
        What stands between two fields.

    Returns
    -------
    list of dict
        One dictionary per line.

    Raises
    ------
    RawDataError
        If the file is missing, is not text or lacks a column.
    """
    try:
        content = (raw / path).read_bytes()
        text = (gzip.decompress(content) if path.endswith(".gz") else content).decode("utf-8-sig")
    except FileNotFoundError:
        raise RawDataError(
            f"missing raw file {path} in {raw}: give the folder that holds it as RAW"
        ) from None
    except UnicodeDecodeError:
        raise RawDataError(f"{path} is not UTF-8 text: fetch it again") from None
    lines = list(csv.reader(StringIO(text, newline=""), delimiter=delimiter))
    names = lines.pop(0) if header and lines else list(columns)
    if missing := [column for column in columns if column not in names]:
        raise RawDataError(f"{path} has no column {missing[0]!r}: is it the right file?")
    for number, line in enumerate(lines, start=2 if header else 1):
        if len(line) < len(names):
            raise RawDataError(
                f"{path}, record {number}: {len(line)} fields where {len(names)} are needed:"
                " mend or fetch the file again"
            )
    # split() also removes no-break spaces and the newlines inside quoted fields.
    tidy = cache(lambda value: " ".join(value.split()))
    return [dict(zip(names, map(tidy, line), strict=False)) for line in lines]


def whole(row: Row, column: str, path: str) -> int:
    """Return a whole number from `row`, or stop with the file and column that lack it."""
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
    """Return a number from `row`, None if blank, or stop with the file and column at fault."""
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
