"""Numbers and names as people read them, rounded to what the simulation supports."""

from __future__ import annotations

from collections.abc import Iterable
from math import log10
from typing import Any

import numpy as np

from forecaster.answers import summary
from forecaster.arrays import Shorts
from forecaster.results.precision import standard_error
from forecaster.table import Column, Kind
from forecaster.vocabulary import LETTERS, NAMES_IN_PROSE, PARTY_NAMES, SHORT_NAMES


def label(party: str) -> str:
    """Return a party's name for a label."""
    return SHORT_NAMES.get(party, PARTY_NAMES[party] if len(PARTY_NAMES[party]) < 14 else party)


def looks(parties: Iterable[str]) -> list[list[str]]:
    """Return code, label, letters and name of each party, as the pages' scripts take them."""
    return [[code, label(code), LETTERS[code], PARTY_NAMES[code]] for code in parties]


def in_prose(party: str) -> str:
    """Return a party's name inside a sentence."""
    return NAMES_IN_PROSE[party]


def listed(names: Iterable[str]) -> str:
    """Join names as a sentence does.

    >>> listed(["Labour", "the Greens"]), listed(["A", "B", "C"])
    ('Labour and the Greens', 'A, B and C')
    """
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def capital(sentence: str) -> str:
    """Return a sentence with its first letter as a capital."""
    return sentence[:1].upper() + sentence[1:]


STEPS = (0.001, 0.01, 0.1, 1, 5, 10)
"""Steps to which figures are rounded."""

FORMATS: dict[Kind, tuple[int, int, str, str]] = {
    "integer": (1, 0, "", ""),
    "number": (1, 1, "", ""),
    "difference": (1, 1, "+", ""),
    "whole_difference": (1, 0, "+", ""),
    "fraction": (1, 2, "+", ""),
    "score": (1, 3, "", ""),
    "share": (100, 1, "", " %"),
}
"""Factor, decimals at most, sign and unit of a kind of figure."""


def precision(error: float) -> float:
    """Return the step to which a figure with a Monte Carlo error is rounded, in its own unit.

    Of `STEPS` the smallest that is not below half the error, or the largest.

    >>> precision(0.15), precision(0.5), precision(3), precision(12)
    (0.1, 1, 5, 10)
    """
    return next((step for step in STEPS if error <= 2 * step), STEPS[-1])


def rounded(value: float, error: float) -> int:
    """Return a figure rounded to the step that its Monte Carlo error supports, a whole one."""
    step = int(max(1, precision(error)))
    return step * round(value / step)


def quantiles(seats: Shorts, cluster: int = 1) -> list[int]:
    """Return the 5 % quantile, median and 95 % quantile of seats by draw, rounded."""
    error = standard_error(seats, cluster)
    return [rounded(float(q), error) for q in np.quantile(seats, (0.05, 0.5, 0.95))]


def chance(p: float, error: float) -> str:
    """Return a probability in whole points; never 0 or 100 for one that may be another.

    >>> chance(0.423, 0.005), chance(0.423, 0.03), chance(0, 7e-5), chance(1, 7e-5)
    ('42', '40', '<1', '>99')
    """
    step = int(max(1, precision(100 * error)))
    points = rounded(100 * p, 100 * error)
    if points < step:
        return f"<{step}"
    return f">{100 - step}" if points > 100 - step else str(points)


def percent(p: float, error: float) -> str:
    """Return a probability in per cent."""
    return f"{chance(p, error)} %"


def of_100(p: float, error: float) -> str:
    """Return a probability as a part of 100 elections.

    >>> of_100(0.42, 0.005), of_100(0, 7e-5), of_100(1, 7e-5)
    ('42 of 100', 'fewer than 1 of 100', 'more than 99 of 100')
    """
    text = chance(p, error)
    text = text.replace("<", "fewer than ").replace(">", "more than ")
    return f"{text} of 100"


def signed(number: int) -> str:
    """Return a whole number with its sign, a true minus.

    >>> signed(12), signed(-3), signed(0)
    ('+12', '−3', '0')
    """
    return f"{number:+d}".replace("-", "−") if number else "0"


def cell(column: Column, row: dict[str, Any]) -> str:
    """Return a row's value as people read it, no more precise than its error, if there, supports.

    >>> mean = Column("mean", "Mean", "number")
    >>> [cell(mean, {"mean": 84.145, "mean_mcse": error}) for error in (None, 0.1, 0.7, 3)]
    ['84.1', '84.1', '84', '85']
    """
    value, error = row[column.key], row.get(f"{column.key}_mcse")
    if value is None:
        return "–"
    if column.kind == "text":
        return str(value)
    if column.kind == "error":
        return summary.one_digit(100 * value)
    if column.kind == "unit_error":
        return summary.one_digit(value)
    if column.kind == "probability":
        return summary.percent(value) if error is None else percent(value, error)
    factor, decimals, sign, unit = FORMATS[column.kind]
    figure = factor * value
    if column.kind == "score" and abs(figure) >= 10:
        decimals = 1
    if column.kind == "integer" and figure % 1:
        decimals = 1  # a tie is half a call
    if error is not None:
        step = precision(factor * error)
        decimals = max(0, min(decimals, -round(log10(step))))
        figure = step * round(figure / step) if step > 1 else figure
    figure = round(figure, decimals) + 0.0  # no minus before a zero
    words = f"{figure:{sign if figure else ''},.{decimals}f}"
    return words.replace("-", "−") + unit
