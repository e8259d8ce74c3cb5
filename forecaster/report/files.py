"""Writing a file whole or not at all, and never over another."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forecaster.errors import ResultsError


def refuse_existing(path: Path, option: str) -> None:
    """Stop if a file or folder exists.

    Raises
    ------
    ResultsError
        If it does; the message names the option that chooses another.
    """
    if path.exists():
        raise ResultsError(
            f"{path}: exists already. Choose another {option}, or remove it; nothing is "
            "overwritten."
        )


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Reserve a file: yield a hidden one beside it that takes its name at the end.

    Raises
    ------
    ResultsError
        If the file exists, or its folder cannot be written.
    """
    refuse_existing(path, "--out")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        os.close(number)
    except OSError as error:
        raise ResultsError(
            f"{path}: cannot be written ({error.strerror}). Choose another --out."
        ) from None
    partial = Path(name)
    try:
        yield partial
        partial.chmod(0o644)
        partial.rename(path)
    except OSError as error:
        raise ResultsError(f"{path}: could not be written: {error}") from error
    finally:
        partial.unlink(missing_ok=True)
