"""Read a user's CSV, and write new files and folders whole or not at all."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import json
import os
import re
import struct
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import IO, Any

from forecaster.errors import DataError, ForecastError, ResultsError, readable, reason
from forecaster.partial import hidden_folder, sync
from forecaster.vocabulary import PARTIES, letters, nearest, party_code, suggest, suggest_party

BLANK = (
    *("", "-", "–", "—", ".", "*", "?", "NA", "N/A", "n/a", "na", "#N/A", "NULL", "null"),
    *("None", "none", "nan", "NaN", "NaT", "<NA>", "TBC", "tbc", "%"),
)
"""Cells that mean nothing, as written by people, spreadsheets, Python, NumPy, pandas and R."""

ANSWERS = {
    **dict.fromkeys(("yes", "y", "true", "1", "1.0"), True),
    **dict.fromkeys(("no", "n", "false", "0", "0.0"), False),
}
"""Cells that mean yes or no. pandas writes 1.0 and 0.0 if a column also has blanks."""

BRACKETS = re.compile(r"\s*\([^)]*\)")
NO_NAMES = ([""], ["unnamed0"], ["index"], ["rowname"])
"""Headings that programs give to row labels, which in a table of seats are the seats' names."""

BRITISH_DAY = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
FOOTNOTE = re.compile(r"\[[^\]]*\]")
DECIMAL_COMMA = re.compile(r"\d+,\d{1,2}")
THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?")

FRACTIONS_BELOW = 1.5
"""Shares whose sum is at most this are fractions of one, not per cent."""

AFFIXES = (
    *("voteshare", "share", "vote", "percentage", "percent", "pct", "perc", "mean"),
    *("median", "average", "avg", "estimated", "estimate", "est", "predicted", "projected"),
    *("prediction", "forecast", "central", "implied", "mrp"),
)
"""What the heading of a party's share may have before or after the party."""

DELIMITERS = (",", ";", "\t", "|")

SNIFFED = 20_000
"""Characters at the start of a file from which its delimiter is found."""

HEADER_WITHIN = 30
"""Records at the start of a file among which its header is looked for."""

LARGEST = 2**28
"""Most bytes of a file (judgement): some twenty times the candidacies of all wards since 2016."""

LONGEST = 1_000
"""Most characters of a cell (judgement)."""

KEPT = 4096
"""Cells whose meaning is kept (judgement): the same names and numbers come again and again."""

SHOWN = 20
"""Most mistakes, or columns, that a message lists."""

NO_TABLES = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an Excel workbook",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF",
    b"<": "a web page",
}
"""Beginnings of files that people give in place of a CSV."""

ROUNDING = 1e-9
"""How far rounding in another program may take a share beyond 0 or 100 %."""

MARKS = ("forecaster", "written by 'forecast")
"""Every text file that this program writes has one of these in its first `HEAD` characters."""

HEAD = 2_000

TABLES = (".parquet", ".csv", ".gz", ".xlsx", ".geojson", ".hexjson", ".json")
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
    """

    where: str
    """File and line, for messages."""
    cells: Mapping[str, Any]
    """Values by column."""

    @property
    def place(self) -> str:
        """The row in its file, as "line 7"."""
        return self.where.rpartition(": ")[2]

    def error(self, message: str) -> DataError:
        """Return an error that names this row."""
        return DataError(f"{self.where}: {message}".rstrip())

    def text(self, column: str) -> str:
        """Return a cell as text without footnotes; empty if blank or there is no such column."""
        text = _plain(str(self.cells.get(column, "")))
        if len(text) > LONGEST:
            raise self.error(f"{column}: {len(text):,} characters; expected at most {LONGEST:,}.")
        return "" if text in BLANK else text

    def percent(self, column: str) -> float | None:
        """Return a cell that holds per cent, from 0 to 100; None if it is blank."""
        return self._number(column, 100, "per cent, a number")

    def fraction(self, column: str) -> float | None:
        """Return a cell that holds a fraction, from 0 to 1; None if it is blank."""
        return self._number(column, 1, "a fraction")

    def shares(self) -> dict[str, float]:
        """Return the shares by party as they are written, without blank ones.

        Raises DataError with a line for each cell that is not a share.
        """
        found: dict[str, float] = {}
        wrong = Mistakes()
        for column in self.cells:
            party = column.partition(" ")[0]  # there may be an "Other 2"
            if party in PARTIES:
                with wrong.kept():
                    value = self.percent(column)
                    if value is not None:
                        found[party] = found.get(party, 0) + value
        wrong.check()
        return found

    def _number(self, column: str, largest: float, what: str) -> float | None:
        text = self.text(column)
        if not text:
            return None
        try:
            value = number(text)
        except ValueError:
            value = -1.0
        if not -ROUNDING <= value <= largest + ROUNDING:  # false for nan, too
            raise self.error(f"{column}: {text!r}: expected {what} from 0 to {largest}.")
        return min(max(value, 0.0), float(largest))

    def day(self, column: str) -> date:
        """Return a cell that holds a day: a date, or text as YYYY-MM-DD, D/M/YYYY or D.M.YYYY."""
        value, text = self.cells.get(column), self.text(column)
        if text and isinstance(value, date):
            return value.date() if isinstance(value, datetime) else value
        if british := BRITISH_DAY.fullmatch(text):
            text = "{2}-{1:0>2}-{0:0>2}".format(*british.groups())
        try:
            return date.fromisoformat(text[:10] if text[10:11] in ("T", " ") else text)
        except ValueError:
            raise self.error(f"{column}: {text!r} is no day; expected YYYY-MM-DD.") from None

    def one_of(self, column: str, known: Collection[str], default: str) -> str:
        """Return a cell that holds one of some names, in any case; `default` if it is blank."""
        text = self.text(column) or default
        for name in known:
            if name.lower() == text.lower():
                return name
        raise self.error(f"{column}: {text!r} is not known here. {suggest(text, known)}")

    def answer(self, column: str) -> bool | None:
        """Return a cell that holds yes or no; None if it is blank."""
        text = self.text(column).lower()
        if text and text not in ANSWERS:
            raise self.error(f"{column}: {text!r}: expected yes or no, or nothing.")
        return ANSWERS.get(text)

    def party(self, column: str) -> str:
        """Return the code of the party in a cell, which may be under any of its names."""
        text = self.text(column)
        code = party_code(text)
        if code is None:
            raise self.error(f"{column}: {text!r} is no party here. {suggest_party(text)}")
        return code


@lru_cache(KEPT)
def _plain(text: str) -> str:
    """Return text without footnotes and needless spaces."""
    return " ".join(FOOTNOTE.sub("", text).split())


@lru_cache(KEPT)
def number(text: str) -> float:
    """Read a number, which may have a per cent sign and commas between thousands.

    A comma before one or two digits is a decimal comma. "<1" is read as half of 1.

    Raises ValueError if the text is not a number.

    >>> number("2,005"), number("31.5 %"), number("<1%"), number("31,5")
    (2005.0, 31.5, 0.5, 31.5)
    """
    bare = text.replace(" ", "").removesuffix("%")
    if THOUSANDS.fullmatch(bare):
        bare = bare.replace(",", "")
    elif DECIMAL_COMMA.fullmatch(bare):
        bare = bare.replace(",", ".")
    return float(bare[1:]) / 2 if bare.startswith("<") else float(bare)


def scale(sums: Iterable[float]) -> float:
    """Return the factor that turns the shares of a table into per cent: 1, or 100 for fractions.

    `sums`: sum of the shares of each row; their median decides.
    """
    return 100.0 if 0 < median([*sums] or [100.0]) <= FRACTIONS_BELOW else 1.0


class Mistakes:
    """All mistakes in a file, to be reported together."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        self.lines = list(lines)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Collect a `ForecastError` that is raised in the block."""
        try:
            yield
        except ForecastError as error:
            self.lines += str(error).splitlines()

    def check(self, kind: type[ForecastError] = DataError) -> None:
        """Raise an error with every mistake on a line of its own, if there are any."""
        more = len(self.lines) - SHOWN
        if more > 0:
            self.lines[SHOWN:] = [f"and {more} more mistakes like these."]
        if self.lines:
            raise kind("\n".join(self.lines))


def listed(names: Sequence[str], most: int = 5) -> str:
    """Return names as text; of many, the first and how many more there are.

    >>> listed(["Bath", "Lewes", "Newark"], 2)
    'Bath, Lewes and 1 more'
    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


@dataclass(frozen=True)
class Columns:
    """The columns that a table may have, under the names that people give them."""

    names: Mapping[str, tuple[str, ...]]
    """For our name of a column, the `letters` of its names in files. If a file has two of them, the
    first in this list is read."""
    needed: tuple[str, ...] = ()
    """Required columns; "code|seat" requires one of two."""
    parties: tuple[str, ...] = ()
    """Codes of parties whose shares may have a column, under any of their names."""
    hint: str = ""
    """Appended to messages about the header."""

    def keys(self, header: Sequence[str]) -> list[str]:
        """Return our name of each column of a header; empty for columns that are not read."""
        every = {key.lower() for key in self.names}.union(*self.names.values())
        spelt, keys = [letters(name) for name in header], [""] * len(header)
        for i, name in enumerate(header):
            if spelt[i] not in every:
                spelt[i] = letters(BRACKETS.sub("", name))
        for key, names in self.names.items():
            known = (key.lower(), *names)
            ranks = [(known.index(x), i) for i, x in enumerate(spelt) if x in known]
            for rank, i in ranks:
                if rank == min(ranks)[0]:
                    keys[i] = key
        if "seat" in self.names and not {"code", "seat"} & {*keys} and spelt[:1] in NO_NAMES:
            keys[0] = "seat"
        for i, name in enumerate(header):
            code = None if keys[i] else share_of(name)
            if code in self.parties:
                again = keys.count(code) + sum(key.startswith("Other ") for key in keys)
                keys[i] = f"{code} {again + 1}" if code == "Other" and again else str(code)
        return keys

    def mistakes(self, header: Sequence[str], keys: Sequence[str]) -> Iterator[str]:
        """Yield what is wrong with a header that was read as `keys`."""
        for key in dict.fromkeys(filter(None, keys)):
            twice = [repr(name) for name, k in zip(header, keys, strict=True) if k == key]
            if len(twice) > 1:
                yield f"{key} has {len(twice)} columns, {' and '.join(twice)}; remove one of them."
        missing = [n for n in self.needed if not {*n.split("|")} & {*keys}]
        if missing:
            wanted = ", ".join(repr(n.replace("|", " or ")) for n in missing)
            found = ", ".join(filter(None, header)) or "nothing"
            yield f"no column {wanted}; found {found}. {self.hint}".strip()
        absent = [n for n in (*self.names, *self.parties) if n not in keys]
        for name, key in zip(header, keys, strict=True):
            slip = "" if key or not name else nearest(name, absent)
            if slip:
                yield f"unknown column {name!r}. Did you mean {slip!r}? {self.hint}".strip()


def share_of(name: str) -> str | None:
    """Return the party whose share a column holds by its heading, or None.

    >>> share_of("LibDemShare"), share_of("mean_Con"), share_of("Ref (%)"), share_of("Con 2024")
    ('LD', 'Con', 'Reform', None)
    """
    bare = letters(name)
    while bare and party_code(bare) is None:
        cut = (part for a in AFFIXES for part in (bare.removesuffix(a), bare.removeprefix(a)))
        bare = next((part for part in cut if part != bare), "")
    return party_code(bare)


SEAT_COLUMNS: dict[str, tuple[str, ...]] = {
    "code": (
        *("onsconstid", "onscode", "onsid", "ons", "gss", "gsscode", "pcon", "pconcode"),
        *("pcon25cd", "pcon24cd", "pcon23cd", "pcon22cd", "pcon21cd", "pcon20cd", "pcon19cd"),
        *("constituencycode", "constituencyid", "seatcode", "constcode", "constid", "areacode"),
        *("seatid", "geographycode", "pconid", "wpccode", "gssid", "id"),
    ),
    "seat": (
        *("constituency", "constituencyname", "seatname", "constname", "const", "postlabel"),
        *("pconname", "pconnm"),
        *("pcon25nm", "pcon24nm", "pcon23nm", "pcon22nm", "pcon21nm", "pcon20nm", "pcon19nm"),
        *("parliamentaryconstituency", "westminsterconstituency", "seatconstituency", "pcon24"),
        *("parliamentaryconstituencyname", "westminsterconstituencyname", "constituencyseat"),
        *("wpc", "wpcname", "newconstituency", "newseat", "area", "areaname", "geography", "name"),
    ),
}
"""Names of the columns with a seat's code and name."""


class CsvFile:
    """A user's table: a CSV file, which may be gzipped.

    Encoding (UTF-8, UTF-16, Windows-1252) and delimiter (comma, semicolon, tab, bar) are detected.
    Lines above the header and unknown columns are skipped; `notes` name the columns.

    `content`: contents of the file, if it has been read already. `columns`: translates the header
    to our names; without it the header is used as it is.

    Raises DataError if the file cannot be read, or is not a table.
    """

    def __init__(
        self, path: Path | str, content: bytes | None = None, columns: Columns | None = None
    ) -> None:
        self.path, self._columns = path, columns
        self.notes: list[str] = []
        """What the user should know of how the file was read."""
        with readable(path, DataError):
            found = contents(path) if content is None else content
            try:
                if found.startswith(GZIP):
                    with gzip.open(io.BytesIO(found)) as unpacked:
                        found = _limited(unpacked)
                for beginning, what in NO_TABLES.items():
                    if found.startswith(beginning):
                        raise ValueError(f"it is {what}; save the table as CSV (UTF-8)")
                text, encoding = decoded(found)
                head = text[:SNIFFED]
                mark = max(DELIMITERS, key=lambda one: self._fits(_records(head, one)))
                records = _records(text, mark)
            except (zlib.error, csv.Error) as error:
                raise ValueError(f"no CSV: {error}") from None
        if encoding:
            self.notes.append(f"{path}: read as {encoding}, for it is not UTF-8.")
        at = self._header_at(records)
        (self._line, self._names), self._records = records[at], records[at + 1 :]
        self.header = tuple(self._names if columns is None else columns.keys(self._names))
        """Our names of the columns; empty for columns that are not read."""
        pairs = zip(self._names, self.header, strict=True)
        unread = [name for name, key in pairs if name and not key]
        if unread:
            self.notes.append(f"{path}: columns not read: {listed(unread, SHOWN)}.")

    def rows(self, needed: tuple[str, ...] = ()) -> Iterator[Row]:
        """Check the header, and yield the rows that are not blank.

        `needed`: required columns of a table that is read without `Columns`.

        Raises DataError with every mistake of the header, or the line of a row with another number
        of cells.
        """
        mistakes = (self._columns or Columns({}, needed)).mistakes(self._names, self.header)
        Mistakes(f"{self.path}: line {self._line}: {text}" for text in mistakes).check()
        for line, cells in self._records:
            if not any(cells) or cells == self._names:
                continue
            alone = self._columns is not None and sum(map(bool, cells)) == 1
            row = Row(f"{self.path}: line {line}", dict(zip(self.header, cells, strict=False)))
            if not alone and (len(cells) < len(self.header) or any(cells[len(self.header) :])):
                raise row.error(
                    f"expected {len(self.header)} cells, as the header has; found {len(cells)}."
                )
            yield row

    def _fits(self, records: list[tuple[int, list[str]]]) -> tuple[int, int]:
        """Return how well records fit a table: numbers of known columns, and of cells."""
        names = records[self._header_at(records)][1]
        return self._known(names), len(names)

    def _known(self, names: list[str]) -> int:
        return 0 if self._columns is None else sum(map(bool, self._columns.keys(names)))

    def _header_at(self, records: list[tuple[int, list[str]]]) -> int:
        known = [self._known(cells) for _, cells in records[:HEADER_WITHIN]]
        return known.index(max(known))


def contents(path: Path | str) -> bytes:
    """Return the contents of a user's file, which may be a device or a pipe.

    Raises OSError if it cannot be read. Raises ValueError if it is too large, or has no end.
    """
    with Path(path).expanduser().open("rb") as file:
        return _limited(file)


def _limited(file: IO[bytes] | gzip.GzipFile) -> bytes:
    content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError(f"it has more than {LARGEST:,} bytes")
    return content


def decoded(content: bytes) -> tuple[str, str]:
    """Return the text of a file, and its encoding if that is not UTF-8."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16"), "UTF-16"
    if b"\0" in content[:HEAD]:
        kind = "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"
        return content.decode(kind), "UTF-16"
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return content.decode("cp1252"), "Windows-1252"


def _records(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Return the line and cells of every record; an empty text has one empty record."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    records = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    return records or [(1, [])]


def refuse_existing(path: Path, force: bool = False) -> None:
    """Raise an error if a file or folder exists and may not be replaced.

    `force`: allow it to be replaced if this program made it.

    Raises ResultsError if it exists, and `force` is false or something else made it.
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
    """Return whether this program made a file or folder, by the mark that it leaves in each."""
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
    """Yield a temporary path to write to, which is renamed to `path` at the end.

    If the block fails or is interrupted, nothing is left behind, and an old file is unchanged.

    `path`: its folder is made if it does not exist. `force`: replace a file that this program made.

    Raises ResultsError before the block, if the file exists and may not be replaced, or cannot be
    written.
    """
    if force and path.is_dir():
        raise ResultsError(f"{path}: is a folder, not a file. Choose another name.")
    refuse_existing(path, force)
    with writing(path) as hidden:
        partial = hidden / path.name
        yield partial
        sync(partial)
        partial.replace(path)


def write_new(path: Path, force: bool, text: Callable[[], str]) -> None:
    """Write the text that a function returns to a new file; see `new_file`."""
    with new_file(path, force) as partial:
        partial.write_text(text(), encoding="utf-8")


@contextmanager
def new_folder(path: Path, force: bool = False) -> Iterator[Path]:
    """Yield a temporary folder, which is renamed to `path` at the end; see `new_file`."""
    refuse_existing(path, force)
    with writing(path) as hidden:
        partial, old = hidden / "new", hidden / "old"
        partial.mkdir()
        yield partial
        sync(partial)
        try:
            if force and path.exists():
                path.rename(old)
            partial.rename(path)
        except BaseException:
            if old.exists() and not path.exists():
                old.rename(path)
            raise


@contextmanager
def writing(path: Path) -> Iterator[Path]:
    """Yield a hidden folder beside a path, which no other process can write during the block.

    Raises ResultsError if another process is writing the path, or if something cannot be written.
    """
    with ExitStack() as made:
        try:
            hidden = made.enter_context(hidden_folder(path))
        except OSError as error:
            raise ResultsError(
                f"{path}: cannot be written ({reason(error)}). Choose another name."
            ) from None
        try:
            yield hidden
        except OSError as error:
            raise ResultsError(f"{path}: could not be written: {reason(error)}.") from error


def json_digest(content: Any) -> str:
    """Return the SHA-256 of a value as JSON, whatever the order of its keys."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def marked_png(picture: bytes) -> bytes:
    """Return a PNG marked as made by this program, with a tEXt chunk after its header."""
    chunk = b"tEXt" + SOFTWARE
    head = len(PNG) + 25  # IHDR: length, name, 13 bytes and checksum
    note = struct.pack(">I", len(SOFTWARE)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return picture[:head] + note + picture[head:]
