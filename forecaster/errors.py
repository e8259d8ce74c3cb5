"""Errors that a user can mend, each with its exit code of the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

LINE = 600
"""Most characters of a line of a message; the middle, which is the user's own input, is cut out."""

LINES = 40
"""Most lines of a message."""


class ForecastError(Exception):
    """A mistake that the user can mend. The message says what, where, and how to mend it.

    Any other exception that reaches the command line is a bug and ends with exit code 1.

    Examples
    --------
    >>> try:
    ...     simulate("next-election", draws=0)
    ... except ForecastError as error:
    ...     print(str(error).partition(": ")[2])
    draws: Input should be greater than or equal to 1 (found 0)
    """

    exit_code = 1

    def __init__(self, message: str = "") -> None:
        super().__init__(shortened(message))


class ConfigError(ForecastError):
    """A config, a pact file or an option is wrong.

    Examples
    --------
    >>> simulate("next-election", options={"swing.rule": "unifrom"})
    Traceback (most recent call last):
    forecaster.errors.ConfigError: ...swing.rule...
    """

    exit_code = 2


class DataError(ForecastError):
    """An embedded or user-supplied data file is missing, damaged or inconsistent.

    Examples
    --------
    >>> simulate("next-election", polls=[{"end": "2026-10-01", "pollster": "Me", "Con": 20}])
    Traceback (most recent call last):
    forecaster.errors.DataError: ...Lab...
    """

    exit_code = 3


class ResultsError(ForecastError):
    """A run folder is missing, damaged, of another schema, or cannot be written.

    Examples
    --------
    >>> open_run(folder / "nowhere")
    Traceback (most recent call last):
    forecaster.errors.ResultsError: ...no run is stored here...
    """

    exit_code = 4


def shortened(message: str) -> str:
    """Return a message of at most `LINES` lines, each of at most `LINE` characters.

    >>> len(shortened("Tony " + "x" * 10**6 + " is no seat."))
    600
    """
    lines = message.splitlines()
    if len(lines) > LINES:
        lines[LINES - 1 :] = [f"… and {len(lines) - LINES + 1:,} more lines."]
    half = LINE // 2
    return "\n".join(
        line if len(line) <= LINE else f"{line[:half]}…{line[len(line) - half + 1 :]}"
        for line in lines
    )


TROUBLE = (OSError, ValueError, EOFError, RecursionError, OverflowError, MemoryError)
"""Exceptions from reading or writing a user's files; those of decoders are kinds of ValueError."""


def reason(error: BaseException) -> str:
    """Return in a few words why something cannot be read or written.

    >>> reason(FileNotFoundError(2, "No such file or directory", "mine.csv"))
    'no such file or directory'
    """
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, MemoryError):
        return "more than the memory holds"
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start:,} is none of {error.encoding.upper()}"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror[0].lower()}{error.strerror[1:]}"
    if str(error).startswith("Exceeds the limit"):
        return "a number of thousands of digits"
    return str(error).partition("\n")[0] or type(error).__name__


@contextmanager
def readable(what: object, kind: type[ForecastError], mend: str = "") -> Iterator[None]:
    """Replace Python's own errors in the block by one that says what cannot be read.

    >>> with readable("mine.toml", ConfigError, "Write it anew."):
    ...     int("x" * 10)
    Traceback (most recent call last):
    forecaster.errors.ConfigError: mine.toml: cannot be read: invalid literal ... Write it anew.
    """
    try:
        yield
    except TROUBLE as error:
        raise kind(f"{what}: cannot be read: {reason(error)}. {mend}".strip()) from None
