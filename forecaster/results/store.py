"""Write and read a run folder: whole or not at all."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from forecaster.errors import ResultsError
from forecaster.results.build import ALWAYS, SOMETIMES, Tables

SCHEMA_VERSION = 2

ROW_GROUP = 2**17
"""Rows that are encoded at a time: large groups would take as much memory again as the table."""


def default_folder(config: str | Path) -> Path:
    """Return the first free ``runs/<config>-<number>``."""
    stem = Path(config).stem
    return next(path for n in count(1) if not (path := Path(f"runs/{stem}-{n}")).exists())


def write_tables(tables: Tables, folder: Path) -> None:
    """Write the files of a run into an existing, empty folder."""
    rows = {}
    for name in (*ALWAYS, *SOMETIMES):
        table = getattr(tables, name)
        if table is not None:
            pq.write_table(
                table,
                folder / f"{name}.parquet",
                row_group_size=ROW_GROUP,
                compression="zstd",
                write_page_checksum=True,
            )
            rows[name] = table.num_rows
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


def read_tables(folder: Path) -> Tables:
    """Read a run folder.

    Raises
    ------
    ResultsError
        If there is no run, it has another schema version, or a file is missing, truncated or
        damaged.
    """
    manifest = read_manifest(folder)
    return Tables(
        manifest=manifest,
        **{name: _read(folder, name, manifest) for name in ALWAYS},
        **{name: _read(folder, name, manifest) for name in SOMETIMES},
    )


def _read(folder: Path, name: str, manifest: dict[str, Any]) -> pa.Table | None:
    rows = manifest.get("rows", {})
    if name in SOMETIMES and name not in rows:
        return None
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
    if table.num_rows != rows.get(name):
        raise ResultsError(
            f"{path}: holds {table.num_rows} rows, the manifest says {rows.get(name)}. "
            "Simulate the run again."
        )
    return table
