"""What a table is, how it is written, and the catalogue that describes them all."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING

from datapackage import datapackage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SCHEMA_VERSION = 1

PARLIAMENT = "Open Parliament Licence v3.0"
OGL = "Open Government Licence v3.0"


@dataclass(frozen=True)
class Column:
    """Unit and meaning of one column."""

    unit: str
    description: str


@dataclass(frozen=True)
class Table:
    """One CSV file to be written, with all that the catalogue says of it."""

    path: str
    title: str
    source: str
    licence: str
    columns: Mapping[str, Column]
    rows: Sequence[Sequence[str]]

    def text(self) -> str:
        """Return the file as text; the order of the rows is the table maker's."""
        out = StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(self.rows)
        return out.getvalue()


def write(tables: Sequence[Table], folder: Path) -> None:
    """Write every table, `catalogue.json` and `datapackage.json` into `folder`.

    Parameters
    ----------
    tables : sequence of Table
        What to write.
    folder : Path
        Where; made if need be.
    """
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
        "columns": {
            name: {"unit": column.unit, "description": column.description}
            for name, column in table.columns.items()
        },
    }
