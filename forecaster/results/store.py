"""Write and read the folder of a run, and check that it was not changed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from forecaster.errors import TROUBLE, ResultsError, readable, reason
from forecaster.files import contents, json_digest
from forecaster.partial import is_taken
from forecaster.resources import checksum
from forecaster.results.run import RunTables, Tables
from forecaster.results.schema import (
    HOUSE,
    HOUSE_RUNS,
    KINDS,
    UNSEALED,
    Kind,
    Schema,
    check_manifest,
    check_table,
)

if TYPE_CHECKING:
    from forecaster.config.config import SeatFile

SCHEMA_VERSION = HOUSE.versions[-1]

MANIFEST = "manifest.json"

MEND = "Take the folder as it was written, or simulate the run again."

LONG = ("winners", "shares")
"""Tables with a row for every seat in every draw, of which single columns are read."""

ROW_GROUP = 2**17
"""Rows that are encoded at a time; larger groups would need as much memory as the whole table."""


def default_folder(config: str | Path, root: Path = HOUSE_RUNS.root) -> Path:
    """Return the first folder ``root/<config>-<number>`` that does not exist and is not in use."""
    numbered = (root / f"{Path(config).stem}-{n}" for n in count(1))
    return next(path for path in numbered if not os.path.lexists(path) and not is_taken(path))


def stored_runs(root: Path = HOUSE_RUNS.root) -> list[Path]:
    """Return the folders of runs below a folder, the newest first."""
    when = {path.parent: path.stat().st_mtime for path in root.glob("[!.]*/manifest.json")}
    return sorted(when, key=lambda folder: when[folder], reverse=True)


def is_run(name: str) -> bool:
    """Return whether a text is the folder of a run, or the name of one in ``runs/``."""
    folders = (Path(name), Path("runs", name))
    return any(
        (folder / "manifest.json").is_file() and (folder / table).is_file()
        for folder in folders
        for table in ("distribution.parquet", "councils.parquet")
    )


def find_run(name: str | None, kind: Kind = HOUSE_RUNS) -> Path:
    """Return the folder of a run by its path or its name in ``runs/``; the latest for None.

    Raises ResultsError if no run of the kind is stored yet.
    """
    root = kind.root
    if name is not None:
        inside = root / name
        return inside if not Path(name).exists() and inside.is_dir() else Path(name)
    runs = stored_runs(root)
    if not runs:
        raise ResultsError(
            f"no run is stored in {root}/ yet: name the folder of one, or make one with "
            f"'{kind.commands} simulate {kind.example}'."
        )
    return runs[0]


def glance(folder: Path) -> dict[str, Any]:
    """Return the manifest of a run of any kind, unchecked; nothing if there is none."""
    try:
        return {"kind": HOUSE_RUNS.name} | _manifest(folder / MANIFEST, MEND)
    except ResultsError:
        return {}


def write_inputs(files: Iterable[SeatFile], folder: Path) -> None:
    """Copy the files of seat estimates of a config into the folder of its run.

    Raises ResultsError if one cannot be read, or was changed after the config was read.
    """
    for one in files:
        with readable(one.file, ResultsError):
            content = contents(one.file)
        if hashlib.sha256(content).hexdigest() != one.sha256:
            raise ResultsError(f"{one.file}: was changed since the config was read. Run again.")
        (folder / input_name(one)).write_bytes(content)


def input_name(file: SeatFile) -> str:
    """Return the name of a file's copy in the folder of a run."""
    ending = ".csv.gz" if file.file.endswith(".gz") else ".csv"
    return f"input-{file.sha256[:16]}{ending}"


def write_tables(tables: Tables, folder: Path, schema: Schema = HOUSE) -> None:
    """Write the tables of a run, and a manifest with checksums of all files in the folder."""
    for name, table in tables.tables.items():
        pq.write_table(
            table, folder / f"{name}.parquet", row_group_size=ROW_GROUP, compression="zstd"
        )
    rows = {name: table.num_rows for name, table in tables.tables.items()}
    about = {"schema_version": schema.versions[-1], **tables.manifest, "rows": rows}
    write_manifest(about, folder)


def write_manifest(manifest: dict[str, Any], folder: Path, name: str = MANIFEST) -> None:
    """Write a manifest with size and SHA-256 of every file in the folder, and its own digest."""
    files = {
        path.name: {"bytes": path.stat().st_size, "sha256": checksum(path)}
        for path in sorted(folder.iterdir())
    }
    sealed = {**manifest, "files": files}
    sealed["digest"] = json_digest(sealed)
    text = json.dumps(sealed, indent=2, ensure_ascii=False)
    (folder / name).write_text(text + "\n", encoding="utf-8")


def read_sealed(path: Path, mend: str = MEND) -> dict[str, Any]:
    """Read a manifest that `write_manifest` wrote.

    Raises ResultsError if it is missing or was changed.
    """
    manifest = _manifest(path, mend)
    _check_seal(path, manifest, mend)
    return manifest


def _manifest(path: Path, mend: str) -> dict[str, Any]:
    with readable(path, ResultsError, mend):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(manifest, dict):
            raise ValueError("it describes nothing")
    return manifest


def _check_seal(path: Path, manifest: dict[str, Any], mend: str) -> None:
    """Take the digest out of a manifest, and raise ResultsError if it is not the manifest's."""
    digest, files = manifest.pop("digest", None), manifest.get("files")
    if digest != json_digest(manifest) or not isinstance(files, dict):
        raise ResultsError(f"{path}: was changed since it was stored. {mend}")


def read_manifest(folder: Path, schema: Schema = HOUSE) -> dict[str, Any]:
    """Read and check the manifest of a run.

    Raises ResultsError if there is no run in the folder, it is of another kind or schema version,
    or was changed.
    """
    path = folder / MANIFEST
    with readable(path, ResultsError, MEND):
        if not path.is_file():
            raise ResultsError(
                f"{folder}: no run is stored here (manifest.json is missing). "
                f"'{schema.kind.commands} simulate {schema.kind.example} --out DIR' makes one."
            )
    manifest = _manifest(path, MEND)
    kind = KINDS.get(str(manifest.get("kind", HOUSE_RUNS.name)))
    if kind not in (None, schema.kind):
        raise ResultsError(
            f"{folder}: {kind.what}. '{kind.commands} show {folder}' and the other commands of "
            f"'{kind.commands}' read it."
        )
    version = manifest.get("schema_version")
    if version not in schema.versions:
        known = " and ".join(map(str, schema.versions))
        raise ResultsError(
            f"{folder}: stored with schema version {version}, this program reads {known}. "
            "Simulate again: the manifest holds what was asked and the seed."
        )
    try:
        check_manifest(manifest, schema)
    except ValueError as error:
        raise ResultsError(f"{path}: not the manifest of a run: {error}. {MEND}") from None
    if version != UNSEALED:
        _check_seal(path, manifest, MEND)
    return manifest


def open_tables(
    folder: Path, schema: Schema
) -> tuple[dict[str, Any], StoredTables, Path, Callable[[str, str], pa.Table]]:
    """Open the folder of a run of a kind, and return what `Tables` takes.

    Each table is read and checked when it is first used.

    Raises ResultsError if there is no run, it has another schema version, or a file is missing or
    has another size; later, if a table was changed.
    """
    manifest = read_manifest(folder, schema)
    tables = StoredTables(folder, manifest, schema)
    for name in {*(f"{table}.parquet" for table in tables), *manifest.get("files", ())}:
        _stored(folder, manifest, name)
    return manifest, tables, folder, tables.part


def read_tables(folder: Path) -> RunTables:
    """Open the folder of a run of the House; see `open_tables`."""
    return RunTables(*open_tables(folder, HOUSE))


class StoredTables(Mapping[str, pa.Table]):
    """The tables in the folder of a run, each read and checked when it is first used."""

    def __init__(self, folder: Path, manifest: dict[str, Any], schema: Schema) -> None:
        self._folder, self._manifest, self._schema = folder, manifest, schema
        self._read: dict[str, pa.Table] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._manifest["rows"])

    def __len__(self) -> int:
        return len(self._manifest["rows"])

    def __contains__(self, name: object) -> bool:
        return name in self._manifest["rows"]

    def __getitem__(self, name: str) -> pa.Table:
        if name not in self:
            raise KeyError(name)
        if name not in self._read:
            self._read[name] = self._table(name)
        return self._read[name]

    def part(self, name: str, column: str) -> pa.Table:
        """Return a table with at least one of its columns; with no other if it is long."""
        if name not in LONG or name in self._read:
            return self[name]
        return self._table(name, column)

    def _table(self, name: str, column: str | None = None) -> pa.Table:
        """Read and check a table, or one of its columns."""
        file, rows = f"{name}.parquet", self._manifest["rows"][name]
        wanted = None if column is None else [column]
        table = stored_table(self._folder, self._manifest, file, columns=wanted)
        try:
            if table.num_rows != rows:
                raise ValueError(f"it holds {table.num_rows} rows, not {rows}")
            check_table(name, table, self._manifest, self._schema, column)
        except ValueError as error:
            raise ResultsError(
                f"{self._folder / file}: damaged ({reason(error)}). {MEND}"
            ) from None
        return table


def stored_file(folder: Path, manifest: dict[str, Any], name: str, mend: str = MEND) -> bytes:
    """Return the contents of a file in a folder for which a manifest vouches.

    Raises ResultsError if it is missing or was changed.
    """
    path = _stored(folder, manifest, name, mend)
    with readable(path, ResultsError, mend):
        content = path.read_bytes()
    entry = manifest.get("files", {}).get(name)
    if entry and hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise ResultsError(f"{path}: was changed since it was stored. {mend}")
    return content


def _stored(folder: Path, manifest: dict[str, Any], name: str, mend: str = MEND) -> Path:
    """Return the path of a file; check that it lies in the folder and has its original size."""
    path = folder / name
    if Path(name).name != name or path.is_symlink() or not path.is_file():
        raise ResultsError(f"{path}: missing. {mend}")
    entry = manifest.get("files", {}).get(name)
    size = path.stat().st_size
    if entry and size != entry["bytes"]:
        raise ResultsError(
            f"{path}: truncated or changed; it has {size:,} bytes, not {entry['bytes']:,}. {mend}"
        )
    return path


def stored_table(
    folder: Path,
    manifest: dict[str, Any],
    name: str,
    mend: str = MEND,
    columns: Sequence[str] | None = None,
) -> pa.Table:
    """Return all or some columns of a Parquet file in a folder for which a manifest vouches.

    Raises ResultsError if the file is missing, was changed or is damaged.
    """
    content = stored_file(folder, manifest, name, mend)
    try:
        # pq.read_table() would import pandas, and take names of folders for partitions.
        with pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True) as stored:
            return stored.read(columns)
    except (pa.ArrowException, *TROUBLE) as error:
        raise ResultsError(f"{folder / name}: damaged ({reason(error)}). {mend}") from None
