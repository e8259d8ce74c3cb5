"""Find the bundled data and configs, and read tables of data after a check of their checksum."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from forecaster.errors import DataError

_PACKAGE = Path(__file__).parent


def root() -> Path:
    """Return the folder that holds ``data/`` and ``configs/``: the wheel's own, or the checkout."""
    bundled = _PACKAGE / "_bundled"
    return bundled if bundled.is_dir() else _PACKAGE.parent


def bundled(folder: str = "") -> list[str]:
    """Return the names of the bundled configs, or of those in a folder such as ``"pacts"``."""
    return sorted(path.stem for path in (root() / "configs" / folder).glob("*.toml"))


@cache
def catalogue() -> dict[str, dict[str, Any]]:
    """Return the description of every embedded table, by its path under ``data/``.

    Raises DataError if the catalogue is missing or cannot be read.
    """
    path = root() / "data" / "catalogue.json"
    try:
        tables = json.loads(path.read_text(encoding="utf-8"))["tables"]
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"{path}: the data catalogue cannot be read ({error}). "
            "Reinstall the package, or rebuild it with 'make data RAW=…'."
        ) from error
    return {table["path"]: table for table in tables}


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def data_file(name: str) -> Path:
    """Return the path of an embedded table after comparing its checksum with the catalogue.

    `name`: path under ``data/``, such as ``"elections/2019/votes.csv"``.

    Raises DataError if the table is not in the catalogue, is missing, or has been changed.
    """
    entry = catalogue().get(name)
    if entry is None:
        raise DataError(
            f"data/{name}: not in the catalogue. 'forecast data list' shows what there is."
        )
    path = root() / "data" / name
    if not path.is_file():
        raise DataError(f"{path}: missing. Reinstall the package, or 'make data RAW=…'.")
    found = checksum(path)
    if found != entry["sha256"]:
        raise DataError(
            f"{path}: the file was changed (SHA-256 {found[:12]}…, the catalogue says "
            f"{entry['sha256'][:12]}…). Restore it, or rebuild data and catalogue with "
            "'make data RAW=…'."
        )
    return path


def verify_all() -> None:
    """Compare every embedded table with its checksum.

    Raises DataError naming every table that is missing or was changed.
    """
    wrong = []
    for name in catalogue():
        try:
            data_file(name)
        except DataError as error:
            wrong.append(str(error))
    if wrong:
        raise DataError("\n".join(wrong))


def read_table(name: str) -> dict[str, Any]:
    """Read a CSV table of the data into a dict of columns (tuples; blank cells are None).

    A file is parsed once per process, but its checksum is compared every time.

    `name`: path under ``data/``.

    Raises DataError if the file is missing, changed, or not a table with the catalogue's columns.
    """
    return dict(_parse(data_file(name)))


@cache
def _parse(path: Path) -> dict[str, tuple[Any, ...]]:
    # Imported here: reading a table is the only thing this module needs Arrow for.
    from pyarrow import ArrowInvalid, csv

    options = csv.ConvertOptions(strings_can_be_null=True, null_values=[""])
    try:
        table = csv.read_csv(path, convert_options=options)
    except ArrowInvalid as error:
        raise DataError(f"{path}: not a readable CSV table: {error}") from None
    return {column: tuple(table.column(column).to_pylist()) for column in table.column_names}
