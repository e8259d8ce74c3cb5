"""Identify the version of the program: two with the same identity give the same numbers."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

from forecaster.resources import root
from forecaster.version import VERSION

DECIDE = ("config", "elections", "kernels", "plan", "polls", "simulation", "swing")
"""Packages that decide the numbers of a run; the others only read and print them."""


@cache
def program() -> dict[str, str]:
    """Return the versions of the program and of NumPy and numba, and digests of code and data."""
    package = Path(__file__).parents[1]
    code = hashlib.sha256()
    for folder in DECIDE:
        for source in sorted((package / folder).rglob("*.py")):
            code.update(source.read_bytes())
    data = hashlib.sha256((root() / "data" / "catalogue.json").read_bytes())
    return {
        "forecaster": VERSION,
        "code": code.hexdigest()[:12],
        "data": data.hexdigest()[:12],
        "numba": version("numba"),
        "numpy": version("numpy"),
    }


def differences(other: dict[str, str], here: str = "here") -> str:
    """Return how another program differs from this one (called `here`); empty if it does not."""
    return ", ".join(
        f"{name} {other.get(name)} ({here} {value})"
        for name, value in program().items()
        if other.get(name) != value
    )
