"""The one decorator of the kernels, and where compiled code is kept.

numba's own cache watches only the file of the cached function, so an edited helper in another
file would leave stale machine code behind, that is, silently wrong numbers. The cache folder is
therefore named by a hash of every kernel source, the numba version and the compiler flags:
whatever changes, the folder changes with it.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from numba.core import config as numba_config
from platformdirs import user_cache_path

FLAGS: dict[str, Any] = {"nogil": True, "fastmath": False, "error_model": "numpy"}
"""No fastmath: it folds NaN checks away and breaks bit identity between machines."""

SECONDS = 30
"""What compiling takes on a processor of 2024, roughly; for the notice."""

_log = logging.getLogger(__name__)


def cache_folder() -> Path:
    """Return the folder for this version of the kernels (it need not exist yet)."""
    digest = hashlib.sha256(f"{numba.__version__} {sorted(FLAGS.items())}".encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    root = os.environ.get("NUMBA_CACHE_DIR") or user_cache_path("forecaster")
    return Path(root) / f"kernels-{digest.hexdigest()[:16]}"


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


_FOLDER = cache_folder()
_CACHED = _writable(_FOLDER)


def announce(function: Callable[..., Any]) -> None:
    """Log a line if the next call of an entry point will compile it."""
    module, name = function.__module__.rpartition(".")[2], function.__name__
    if not function.signatures and not any(_FOLDER.glob(f"{module}.{name}-*.nbi")):  # type: ignore[attr-defined]
        _log.info("Compiling the kernel, once (about %d s)", SECONDS)


def jit(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile an entry point of the kernels, cached on disk where the cache can be written."""
    before = numba_config.CACHE_DIR
    # The cache folder is read once, when the function is decorated; other packages' jitted
    # functions in this process must not be moved into ours.
    numba_config.CACHE_DIR = str(_FOLDER) if _CACHED else before
    try:
        return numba.njit(function, cache=_CACHED, **FLAGS)  # type: ignore[no-any-return]
    finally:
        numba_config.CACHE_DIR = before


_INNER: dict[str, Any] = {**FLAGS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
"""Functions that only compiled code calls need no way in from Python or C, each of which would be a
module of its own to optimise."""


def part(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a part of the core that holds its own loop over lanes: once, however often called."""
    return numba.njit(function, **_INNER)  # type: ignore[no-any-return]


def inline(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a helper that LLVM must inline: left as a call, it would stop vectorisation."""
    return numba.njit(function, forceinline=True, **_INNER)  # type: ignore[no-any-return]
