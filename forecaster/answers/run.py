"""What any run offers to Python, its attributes and its answers as tables; and the stored runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from inspect import getmembers, unwrap
from pathlib import Path
from typing import Any, Generic, TypeVar

from forecaster.columns import table_of
from forecaster.errors import ResultsError
from forecaster.results.run import Tables
from forecaster.results.store import read_manifest, stored_runs
from forecaster.table import Table
from forecaster.vocabulary import one_of

PathLike = str | Path
Names = str | Iterable[str]

T = TypeVar("T", bound=Tables)


def expanded(text: PathLike) -> Path:
    """Return a path with ``~`` expanded."""
    return Path(text).expanduser()


def several(names: Names) -> tuple[str, ...]:
    """Return one name, or several, as a tuple."""
    return (names,) if isinstance(names, str) else tuple(names)


class Answering:
    """What is asked by methods that answer with a table."""

    def table(self, question: str, /, *args: Any, **kwargs: Any) -> Table:
        """Return the answer of a method as a Table, with headings and notes as printed.

        Raises
        ------
        ConfigError
            If no method of that name answers with a table.
        """
        known = dict(getmembers(type(self), lambda of: hasattr(of, "__wrapped__")))
        found: Table = unwrap(known[one_of(question, known, "table")])(self, *args, **kwargs)
        return found


class AnyRun(Answering, Generic[T]):
    """A run of any kind: many elections, each counted without pacts and with those of the run."""

    def __init__(self, tables: T, folder: Path | None = None) -> None:
        self._run = tables
        self.folder = folder
        self.title = tables.title
        self.draws = tables.draws
        self.scenarios = tables.scenarios
        self.parties = tables.parties
        self.manifest = tables.manifest

    def __repr__(self) -> str:
        """Return title, number of draws and scenarios."""
        scenarios = ", ".join(self.scenarios)
        return f"<{type(self).__name__} {self.title!r}: {self.draws:,} draws, {scenarios}>"

    def with_pacts(self, wanted: Names = ()) -> list[str]:
        """Return the wanted scenarios with pacts, or all of them.

        Raises
        ------
        ResultsError
            If the run has no pacts.
        ConfigError
            If it has none of that name.
        """
        return self._run.with_pacts(several(wanted))


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
