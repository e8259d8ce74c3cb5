"""Write the tables, and the catalogue that describes them as ``tables.toml`` does."""

from __future__ import annotations

import csv
import hashlib
import json
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datapackage import datapackage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SCHEMA_VERSION = 1

DESCRIPTIONS = tomllib.loads(Path(__file__).with_name("tables.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Column:
    """Unit and meaning of one column."""

    unit: str
    description: str


@dataclass(frozen=True)
class Table:
    """A CSV file to be written, with its description in the catalogue."""

    path: str
    title: str
    source: str
    licence: str
    columns: Mapping[str, Column]
    rows: Sequence[Sequence[str]]

    def text(self) -> str:
        """Return the file as text."""
        out = StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(self.rows)
        return out.getvalue()


def table_of(
    path: str, rows: Sequence[Sequence[str]], header: Iterable[str] = (), **words: str
) -> Table:
    """Return a table with its description in ``tables.toml``.

    `header`: columns; all that are described, in that order, if empty. `words`: what to fill in for
    words in braces.
    """
    about: dict[str, Any] = {}
    described: dict[str, list[str]] = {}
    for pattern, section in DESCRIPTIONS.items():
        if fnmatchcase(path, pattern):
            about |= section
            described |= section.get("columns", {})
    words = about | words
    title, source, licence = (about[key].format(**words) for key in ("title", "source", "licence"))
    columns = {
        name: Column(*(text.format(**words) for text in described[name]))
        for name in header or described
    }
    return Table(path, title, source, licence, columns, rows)


def write(tables: Sequence[Table], folder: Path) -> None:
    """Write every table, `catalogue.json` and `datapackage.json` into a folder."""
    entries = []
    tables = sorted(tables, key=lambda table: table.path)
    for table in tables:
        content = table.text().encode()
        file = folder / table.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        entries.append(_entry(table, content))
        print(f"{table.path}: {len(table.rows)} rows")
    _write_json(folder / "catalogue.json", {"schema_version": SCHEMA_VERSION, "tables": entries})
    _write_json(folder / "datapackage.json", datapackage(entries, tables))


def _write_json(path: Path, content: dict[str, object]) -> None:
    path.write_bytes((json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode())


def _entry(table: Table, content: bytes) -> dict[str, object]:
    return {
        "path": table.path,
        "title": table.title,
        "source": table.source,
        "licence": table.licence,
        "sha256": hashlib.sha256(content).hexdigest(),
        "rows": len(table.rows),
        "columns": {name: vars(column) for name, column in table.columns.items()},
    }
