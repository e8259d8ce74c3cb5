"""Errors that a user can mend, each with the exit code the command line ends with."""

from __future__ import annotations


class ForecastError(Exception):
    """Something a user can mend. The message says what, where, what was expected and how.

    Anything else that reaches the command line is a bug and ends with exit code 1.
    """

    exit_code = 1


class ConfigError(ForecastError):
    """A config, a pact file or an option is wrong."""

    exit_code = 2


class DataError(ForecastError):
    """An embedded or user-supplied data file is missing, damaged or inconsistent."""

    exit_code = 3


class ResultsError(ForecastError):
    """A run folder is missing, damaged, of another schema, or cannot be written."""

    exit_code = 4
