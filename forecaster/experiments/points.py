"""The folder of a sweep: one Parquet dataset to which finished points are added one by one.

``sweep.json`` names the program; ``outcomes/point=DIGEST/outcomes.parquet`` holds the rows of one
point, under the first digits of the digest of its config. A point is written whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecaster.errors import ResultsError
from forecaster.files import new_file
from forecaster.simulation.program import differences, program

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA_VERSION = 1
DIGITS = 16
"""Of a config's digest, in the name of its point."""


def open_sweep(folder: Path) -> None:
    """Make the folder of a sweep, or check that it goes on with one of this program.

    Raises
    ------
    ResultsError
        If the folder holds something else, was made by another program, or cannot be written.
    """
    about = {"schema_version": SCHEMA_VERSION, "program": program()}
    path = folder / "sweep.json"
    try:
        if path.is_file():
            _check(folder, json.loads(path.read_text(encoding="utf-8")))
            return
        if folder.exists() and any(folder.iterdir()):
            raise ResultsError(
                f"{folder}: exists and holds no sweep (sweep.json is missing). Choose another "
                "--out."
            )
        with new_file(path) as partial:
            partial.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    except ValueError as error:
        raise ResultsError(f"{path}: not readable ({error}). Remove the folder.") from None
    except OSError as error:
        raise ResultsError(f"{folder}: cannot be written ({error.strerror}).") from None


def _check(folder: Path, about: dict[str, Any]) -> None:
    other = differences(about.get("program", {}))
    if about.get("schema_version") != SCHEMA_VERSION or other:
        raise ResultsError(
            f"{folder}: made by another version of the program: {other or 'schema'}. Its points "
            "cannot stand beside new ones; choose another --out, or remove the folder."
        )


def point_file(folder: Path, digest: str) -> Path:
    """Return where the rows of a point are, or would be."""
    return folder / "outcomes" / f"point={digest[:DIGITS]}" / "outcomes.parquet"


def write_point(folder: Path, digest: str, table: pa.Table) -> None:
    """Add the rows of a point, whole or not at all.

    Raises
    ------
    ResultsError
        If it cannot be written, such as on a full disk.
    """
    import pyarrow.parquet as pq

    path = point_file(folder, digest)
    if path.is_file():
        return  # another process was faster
    try:
        # Readers of a dataset leave out files whose name begins with a dot, as a partial one's.
        with new_file(path) as partial:
            pq.write_table(table, partial, compression="zstd")
    except ResultsError as error:
        raise ResultsError(
            f"{error} The points finished before are kept; make room, and the same command "
            "computes the missing ones."
        ) from error


def read_points(folder: Path, digests: Iterable[str]) -> pa.Table:
    """Return the rows of some points in one table, with the column ``point``.

    Raises
    ------
    ResultsError
        If a point is missing or its file is damaged.
    """
    import pyarrow as pa
    import pyarrow.dataset as ds

    files = [str(point_file(folder, digest)) for digest in digests]
    hive = ds.partitioning(pa.schema([("point", pa.string())]), flavor="hive")
    try:
        return ds.dataset(files, format="parquet", partitioning=hive).to_table()
    except (pa.ArrowException, OSError) as error:
        raise ResultsError(
            f"{folder}: a point is missing or damaged ({str(error).splitlines()[0]}). Remove its "
            "folder and run the sweep again."
        ) from None
