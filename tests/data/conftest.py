"""Reading the embedded tables as they lie in the repository."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@cache
def _read(path: str) -> tuple[dict[str, str], ...]:
    with (REPOSITORY / "data" / path).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@pytest.fixture
def table():
    """Return a function that reads one table of the embedded data."""
    return _read


@pytest.fixture
def repository():
    return REPOSITORY
