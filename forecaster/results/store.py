"""Write and read a run folder: whole or not at all."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from forecaster.errors import ResultsError
from forecaster.results.run import ALWAYS, SOMETIMES, RunTables

SCHEMA_VERSION = 3

ROW_GROUP = 2**17
"""Rows that are encoded at a time: large groups would take as much memory again as the table."""


def default_folder(config: str | Path) -> Path:
    """Return the first free ``runs/<config>-<number>``."""
    stem = Path(config).stem
    return next(path for n in count(1) if not (path := Path(f"runs/{stem}-{n}")).exists())


def stored_runs(root: Path = Path("runs")) -> list[Path]:
    """Return the folders of runs below a folder, the newest first."""
    when = {path.parent: path.stat().st_mtime for path in root.glob("[!.]*/manifest.json")}
    return sorted(when, key=lambda folder: when[folder], reverse=True)


def is_run(name: str) -> bool:
    """Say if a text is the folder of a run, or the name of one in ``runs/``."""
    files = ("manifest.json", "distribution.parquet")
    folders = (Path(name), Path("runs", name))
    return any(all((folder / file).is_file() for file in files) for folder in folders)


def find_run(name: str | None) -> Path:
    """Return the folder of a run by its path or its name in ``runs/``; the latest for None.

    Raises
    ------
    ResultsError
        If no run is stored in ``runs/`` yet.
    """
    if name is not None:
        inside = Path("runs", name)
        return inside if not Path(name).exists() and inside.is_dir() else Path(name)
    runs = stored_runs()
    if not runs:
        raise ResultsError(
            "no run is stored in runs/ yet: name the folder of one, or make one with "
            "'forecast simulate next-election'."
        )
    return runs[0]


def write_tables(tables: RunTables, folder: Path) -> None:
    """Write the files of a run into an existing, empty folder."""
    for name, table in tables.tables.items():
        pq.write_table(
            table,
            folder / f"{name}.parquet",
            row_group_size=ROW_GROUP,
            compression="zstd",
            write_page_checksum=True,
        )
    rows = {name: table.num_rows for name, table in tables.tables.items()}
    manifest = {"schema_version": SCHEMA_VERSION, **tables.manifest, "rows": rows}
    text = json.dumps(manifest, indent=2, ensure_ascii=False)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read and check the manifest of a run.

    Raises
    ------
    ResultsError
        If there is no run in the folder, or it has another schema version.
    """
    path = folder / "manifest.json"
    if not path.is_file():
        raise ResultsError(
            f"{folder}: no run is stored here (manifest.json is missing). "
            "'forecast simulate CONFIG --out DIR' makes one."
        )
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        version = manifest["schema_version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ResultsError(
            f"{path}: not a readable manifest ({error}). Simulate the run again."
        ) from None
    if version != SCHEMA_VERSION:
        raise ResultsError(
            f"{folder}: stored with schema version {version}, this program reads "
            f"{SCHEMA_VERSION}. Simulate again: the manifest holds the config and the seed."
        )
    return manifest


def read_tables(folder: Path) -> RunTables:
    """Read a run folder.

    Raises
    ------
    ResultsError
        If there is no run, it has another schema version, or a file is missing, truncated or
        damaged.
    """
    manifest = read_manifest(folder)
    rows = manifest.get("rows", {})
    names = (*ALWAYS, *(name for name in SOMETIMES if name in rows))
    return RunTables(manifest, {name: _read(folder, name, rows.get(name)) for name in names})


def _read(folder: Path, name: str, rows: int | None) -> pa.Table:
    path = folder / f"{name}.parquet"
    if not path.is_file():
        raise ResultsError(f"{path}: missing from the run. Simulate it again.")
    try:
        # pq.read_table() would import pandas, and look for partitions in the names of the folders.
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            table = file.read()
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise ResultsError(
            f"{path}: truncated or damaged ({reason}). Simulate the run again."
        ) from None
    if table.num_rows != rows:
        raise ResultsError(
            f"{path}: holds {table.num_rows} rows, the manifest says {rows}. "
            "Simulate the run again."
        )
    return table
