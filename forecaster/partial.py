"""Hidden folders in which new files are made, so that only one process writes each target.

A hidden folder lies beside its target and holds a file that its process keeps locked. The system
frees the lock when the process ends, even if it is killed. So a folder whose lock is free is left
over and can be removed.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from forecaster.errors import ResultsError

ENDING = ".forecaster-partial"
LOCK = "lock"


class TakenError(ResultsError):
    """Another process is writing the same file or folder."""


@contextmanager
def hidden_folder(path: Path) -> Iterator[Path]:
    """Yield a new hidden folder beside a path, and remove it at the end.

    Hidden folders left by killed processes are removed first.

    Raises TakenError if another process is writing the path. Raises OSError if nothing can be
    written there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _in_turn(path.parent):
        if is_taken(path):
            raise TakenError(
                f"{path}: another process is writing it now. Wait for it, or choose another name."
            )
        prefix, suffix = f".{path.name}.", ENDING
        hidden = Path(tempfile.mkdtemp(prefix=prefix, suffix=suffix, dir=path.parent))
        lock = os.open(hidden / LOCK, os.O_RDWR | os.O_CREAT)
        _lock(lock)
    try:
        yield hidden
    finally:
        os.close(lock)
        shutil.rmtree(hidden, ignore_errors=True)


def is_taken(path: Path) -> bool:
    """Return whether another process is writing a path; remove folders left by killed ones."""
    taken = False
    with suppress(OSError):
        for other in list(os.scandir(path.parent)):
            if not (other.name.endswith(ENDING) and other.is_dir(follow_symlinks=False)):
                continue
            if _is_alive(Path(other.path)):
                taken |= other.name.rsplit(".", 2)[0] == f".{path.name}"
            else:
                shutil.rmtree(other.path, ignore_errors=True)
    return taken


def sync(path: Path) -> None:
    """Flush a file, or the files of a folder, to the disk.

    Otherwise a rename could reach the disk before the contents, and a crash in between would leave
    an empty file under the final name.
    """
    for one in [*path.rglob("*"), path] if path.is_dir() else [path]:
        # Windows cannot open folders, and flushes their entries itself.
        if one.is_dir() and sys.platform == "win32":
            continue
        file = os.open(one, os.O_RDONLY if sys.platform != "win32" else os.O_RDWR)
        try:
            os.fsync(file)
        finally:
            os.close(file)


def _is_alive(hidden: Path) -> bool:
    """Return whether the process that made a hidden folder is still running."""
    try:
        lock = os.open(hidden / LOCK, os.O_RDWR)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        return not _lock(lock)
    finally:
        os.close(lock)


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> bool:
        """Lock a file; False if another process has."""
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    @contextmanager
    def _in_turn(folder: Path) -> Iterator[None]:
        yield

else:
    import fcntl

    def _lock(file: int) -> bool:
        """Lock a file; False if another process has, or the file system does not support locks."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    @contextmanager
    def _in_turn(folder: Path) -> Iterator[None]:
        """Let one process at a time make hidden folders in a folder, if folders can be locked."""
        file = os.open(folder, os.O_RDONLY)
        try:
            with suppress(OSError):
                fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)
