"""Errors that a user can mend, each with the exit code the command line ends with."""

from __future__ import annotations


class ForecastError(Exception):
    """Something a user can mend. The message says what, where, what was expected and how.

    Anything else that reaches the command line is a bug and ends with exit code 1.

    Examples
    --------
    >>> try:
    ...     simulate("next-election", draws=0)
    ... except ForecastError as error:
    ...     print(str(error).partition(": ")[2])
    draws: Input should be greater than or equal to 1 (found 0)
    """

    exit_code = 1


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
