"""What several commands read: a stored run, or an election that happened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forecaster.elections.election import Election
    from forecaster.results.build import Tables


def read_source(what: str) -> Tables | Election:
    """Return the run in a folder, or the election of that name."""
    from forecaster.elections.election import read_election
    from forecaster.results.store import read_tables
    from forecaster.table import one_of
    from forecaster.vocabulary import ELECTIONS

    if Path(what).is_dir():
        return read_tables(Path(what))
    return read_election(one_of(what, ELECTIONS, "election or run folder"))
