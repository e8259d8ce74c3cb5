"""List the stored runs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from forecaster.columns import table_of
from forecaster.errors import ResultsError
from forecaster.results.store import read_manifest, stored_runs
from forecaster.table import Table


def runs_table(root: Path = Path("runs")) -> Table:
    """Return a row per run below a folder, the newest first.

    A run that this version of the program cannot read is named in a note.
    """
    rows, notes = [], []
    for folder in stored_runs(root):
        try:
            manifest = read_manifest(folder)
        except ResultsError as error:
            notes.append(str(error))
            continue
        stored = datetime.fromtimestamp((folder / "manifest.json").stat().st_mtime)
        rows.append(
            {
                "run": str(folder),
                "title": manifest["title"],
                "draws": manifest["draws"],
                "scenarios": ", ".join(manifest["scenarios"]),
                "stored": stored.isoformat(" ", "minutes"),
            }
        )
    if not rows:
        notes.append(f"No run is stored in {root}/; 'forecast simulate CONFIG' makes one.")
    return table_of(
        "Stored runs", "run | title=What | draws:integer | scenarios | stored", rows, *tuple(notes)
    )
