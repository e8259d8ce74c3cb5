"""Read a user's CSV, and write new files and folders whole or not at all."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import shutil
import struct
import tempfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from forecaster.errors import DataError, ResultsError
from forecaster.vocabulary import suggest

BLANK = ("None", "nan", "NaN", "NaT", "<NA>")
"""How the missing values of Python, NumPy and pandas print."""

MARKS = ("forecaster", "written by 'forecast")
"""Every text file that this program writes has one of them in its head."""

HEAD = 2_000
"""Length of the head of a text file [characters]."""

TABLES = (".parquet", ".csv", ".xlsx", ".geojson", ".json")
"""Endings of the files in a folder that this program writes."""

XML_MARK = "<!-- Written by forecaster -->\n"
"""For the head of a picture in SVG."""

GZIP = b"\x1f\x8b"
PNG = b"\x89PNG\r\n\x1a\n"
SOFTWARE = b"Software\0forecaster"


@dataclass(frozen=True)
class Row:
    """A row of a user's table; its cells are text from a file, or values from Python.

    Every method that reads a cell raises `DataError` if the cell does not fit.

    Attributes
    ----------
    where : str
        File and line, for messages.
    cells : mapping
        By column.
    """

    where: str
    cells: Mapping[str, Any]

    @property
    def place(self) -> str:
        """The row in its file, as "line 7"."""
        return self.where.rpartition(": ")[2]

    def error(self, message: str) -> DataError:
        """Return an error that names this row."""
        return DataError(f"{self.where}: {message}")

    def text(self, column: str) -> str:
        """Return a cell as text; empty if it is blank or there is no such column."""
        value = self.cells.get(column, "")
        text = str(value).strip()
        return "" if not isinstance(value, str) and text in BLANK else text

    def percent(self, column: str) -> float | None:
        """Return a cell that holds per cent, from 0 to 100; None if it is blank."""
        return self._number(column, 100, "per cent, a number")

    def fraction(self, column: str) -> float | None:
        """Return a cell that holds a fraction, from 0 to 1; None if it is blank."""
        return self._number(column, 1, "a fraction")

    def _number(self, column: str, largest: float, what: str) -> float | None:
        text = self.text(column)
        if not text:
            return None
        try:
            value = float(self.cells[column])
        except (TypeError, ValueError):
            value = -1.0
        if not 0 <= value <= largest:  # false for nan, too
            raise self.error(f"{column}: {text!r}: expected {what} from 0 to {largest}.")
        return value

    def day(self, column: str) -> date:
        """Return a cell that holds a day: a date, or text as YYYY-MM-DD."""
        value, text = self.cells.get(column), self.text(column)
        if text and isinstance(value, date):
            return value.date() if isinstance(value, datetime) else value
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise self.error(f"{column}: {text!r} is no day; expected YYYY-MM-DD.") from None

    def one_of(self, column: str, known: Collection[str], default: str) -> str:
        """Return a cell that holds one of some names; `default` if it is blank."""
        text = self.text(column) or default
        if text not in known:
            raise self.error(f"{column}: {text!r} is not known here. {suggest(text, known)}")
        return text


class CsvFile:
    """A user's CSV file, which may be gzipped: its header, and its rows one by one.

    Parameters
    ----------
    path : Path or str
    content : bytes, optional
        What the file holds, if it has been read already.

    Attributes
    ----------
    header : tuple of str

    Raises
    ------
    DataError
        If the file cannot be read, or is no CSV in UTF-8.
    """

    def __init__(self, path: Path | str, content: bytes | None = None) -> None:
        self.path = path
        try:
            found = Path(path).read_bytes() if content is None else content
            found = gzip.decompress(found) if found.startswith(GZIP) else found
            text = found.decode("utf-8-sig")
        except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
            raise self._unreadable(error) from None
        self._reader = csv.reader(io.StringIO(text, newline=""))
        self.header = tuple(name.strip() for name in next(self._lines(), []))

    def rows(
        self, known: Collection[str] | None = None, needed: Collection[str] = (), hint: str = ""
    ) -> Iterator[Row]:
        """Check the header as `check_columns` does, and yield the rows that are not blank.

        Raises
        ------
        DataError
            With file and line of the first mistake.
        """
        check_columns(f"{self.path}: line 1", self.header, known, needed, hint)
        for cells in self._lines():
            if not any(cell.strip() for cell in cells):
                continue
            where = f"{self.path}: line {self._reader.line_num}"
            row = Row(where, dict(zip(self.header, cells, strict=False)))
            if len(cells) != len(self.header):
                raise row.error(
                    f"expected {len(self.header)} cells, as the header has; found {len(cells)}."
                )
            yield row

    def _lines(self) -> Iterator[list[str]]:
        try:
            yield from self._reader
        except csv.Error as error:
            raise self._unreadable(error) from None

    def _unreadable(self, error: Exception) -> DataError:
        return DataError(f"{self.path}: cannot be read as CSV in UTF-8: {error}")


def check_columns(
    where: str,
    header: Collection[str],
    known: Collection[str] | None,
    needed: Collection[str],
    hint: str = "",
) -> None:
    """Check the columns of a table.

    Parameters
    ----------
    where : str
        Put before every message.
    header : collection of str
        Columns that the table has.
    known : collection of str or None
        Columns that it may have; None for any.
    needed : collection of str
        Columns that it must have.
    hint : str
        Put after a message.

    Raises
    ------
    DataError
        Naming a column that is unknown, missing, or there twice.
    """
    names, wrong = list(header), ""
    missing = [repr(name) for name in needed if name not in names]
    if missing:
        wrong = f"no column {', '.join(missing)}; found {', '.join(names) or 'nothing'}."
    for name in reversed(names):
        if names.count(name) > 1:
            wrong = f"the column {name!r} is there twice."
        if known is not None and name not in known:
            wrong = f"unknown column {name!r}. {suggest(name, known)}"
    if wrong:
        raise DataError(f"{where}: {wrong} {hint}".strip())


def refuse_existing(path: Path, force: bool = False) -> None:
    """Stop before any work if a file or folder exists that may not be replaced.

    Parameters
    ----------
    path : Path
    force : bool
        Whether one that this program made may be replaced.

    Raises
    ------
    ResultsError
        If it exists, and `force` is false or something else made it.
    """
    if not os.path.lexists(path):
        return
    if not force:
        raise ResultsError(
            f"{path}: exists already. Choose another name, or replace it with --force."
        )
    if path.is_symlink() or not made_here(path):
        raise ResultsError(
            f"{path}: exists already and was not made by this program, so that --force leaves it "
            "alone. Choose another name."
        )


def made_here(path: Path) -> bool:
    """Say if this program made a file or folder, by the mark that it leaves in each."""
    try:
        if path.is_dir():
            manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
            return "schema_version" in manifest and all(
                one.is_file() and (one.suffix in TABLES or made_here(one)) for one in path.iterdir()
            )
        with path.open("rb") as file:
            head = file.read(4 * HEAD)
    except (OSError, ValueError, TypeError):
        return False
    if head.startswith(PNG):
        return b"tEXt" + SOFTWARE in head
    text = head.decode("utf-8", errors="replace")[:HEAD].lower()
    return any(mark in text for mark in MARKS)


@contextmanager
def new_file(path: Path, force: bool = False) -> Iterator[Path]:
    """Yield where to write a new file, which takes its own name and place at the end.

    If the block fails or is interrupted nothing is left behind, and an old file stays as it was.

    Parameters
    ----------
    path : Path
        Its folder is made if it is not there.
    force : bool
        Replace a file that this program made.

    Raises
    ------
    ResultsError
        Before the block, if the file exists and may not be replaced, or cannot be written.
    """
    if force and path.is_dir():
        raise ResultsError(f"{path}: is a folder, not a file. Choose another name.")
    with _hidden_folder(path, force) as hidden:
        partial = hidden / path.name
        yield partial
        partial.replace(path)


@contextmanager
def new_folder(path: Path, force: bool = False) -> Iterator[Path]:
    """Yield a folder to write to, which takes its own name and place at the end; see `new_file`."""
    with _hidden_folder(path, force) as hidden:
        partial, old = hidden / "new", hidden / "old"
        partial.mkdir()
        yield partial
        try:
            if force and path.exists():
                path.rename(old)
            partial.rename(path)
        except BaseException:
            if old.exists() and not path.exists():
                old.rename(path)
            raise


@contextmanager
def _hidden_folder(path: Path, force: bool) -> Iterator[Path]:
    """Yield a temporary folder beside a path that may be written, and remove it at the end."""
    refuse_existing(path, force)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        hidden = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    except OSError as error:
        raise ResultsError(
            f"{path}: cannot be written ({error.strerror}). Choose another name."
        ) from None
    try:
        yield hidden
    except OSError as error:
        raise ResultsError(f"{path}: could not be written: {error}") from error
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


def marked_png(picture: bytes) -> bytes:
    """Return a PNG marked as made by this program, with a tEXt chunk after its header."""
    chunk = b"tEXt" + SOFTWARE
    head = len(PNG) + 25  # IHDR: length, name, 13 bytes and checksum
    note = struct.pack(">I", len(SOFTWARE)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return picture[:head] + note + picture[head:]
