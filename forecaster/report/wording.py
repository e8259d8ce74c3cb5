"""Numbers and names as people read them, rounded to what the simulation supports."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from forecaster.answers import summary
from forecaster.table import Column
from forecaster.vocabulary import NAMES_IN_PROSE, PARTY_NAMES, SHORT_NAMES


def label(party: str) -> str:
    """Return a party's name for a label."""
    return SHORT_NAMES.get(party, PARTY_NAMES[party] if len(PARTY_NAMES[party]) < 14 else party)


def in_prose(party: str) -> str:
    """Return a party's name inside a sentence."""
    return NAMES_IN_PROSE[party]


def listed(names: Iterable[str]) -> str:
    """Join names as a sentence does.

    Examples
    --------
    >>> listed(["Labour", "the Greens"]), listed(["A", "B", "C"])
    ('Labour and the Greens', 'A, B and C')
    """
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def capital(sentence: str) -> str:
    """Return a sentence that begins with a capital letter, and is otherwise as it was."""
    return sentence[:1].upper() + sentence[1:]


def precision(error: float) -> int:
    """Return the step to which a figure with a Monte Carlo error is rounded, in its own unit.

    Examples
    --------
    >>> precision(0.5), precision(3), precision(7)
    (1, 5, 10)
    """
    return 1 if error <= 2 else 5 if error <= 5 else 10


def rounded(value: float, error: float) -> int:
    """Return a figure rounded to the step that its Monte Carlo error supports."""
    step = precision(error)
    return step * round(value / step)


def chance(p: float, error: float) -> str:
    """Return a probability in whole points; never 0 or 100 for one that may be another.

    Examples
    --------
    >>> chance(0.423, 0.005), chance(0.423, 0.03), chance(0, 7e-5), chance(1, 7e-5)
    ('42', '40', '<1', '>99')
    """
    step = precision(100 * error)
    points = rounded(100 * p, 100 * error)
    if points < step:
        return f"<{step}"
    return f">{100 - step}" if points > 100 - step else str(points)


def percent(p: float, error: float) -> str:
    """Return a probability in per cent."""
    return f"{chance(p, error)} %"


def of_100(p: float, error: float) -> str:
    """Return a probability as a part of 100 elections.

    Examples
    --------
    >>> of_100(0.42, 0.005), of_100(0, 7e-5), of_100(1, 7e-5)
    ('42 of 100', 'fewer than 1 of 100', 'more than 99 of 100')
    """
    text = chance(p, error)
    text = text.replace("<", "fewer than ").replace(">", "more than ")
    return f"{text} of 100"


def signed(number: int) -> str:
    """Return a whole number with its sign, a true minus.

    Examples
    --------
    >>> signed(12), signed(-3), signed(0)
    ('+12', '−3', '0')
    """
    return f"{number:+d}".replace("-", "−") if number else "0"


def cell(column: Column, row: dict[str, Any]) -> str:
    """Return a row's value as people read it; a probability as its error, if there, supports."""
    value, error = row[column.key], row.get(f"{column.key}_mcse")
    if value is None:
        return "–"
    if column.kind == "probability" and error is not None:
        return percent(value, error)
    formats: dict[str, Callable[[Any], str]] = {
        "text": str,
        "integer": lambda v: f"{v:,}",  # a tie is half a call
        "number": lambda v: f"{v:,.1f}",
        "difference": lambda v: f"{v:+,.1f}",
        "whole_difference": lambda v: f"{v:+,d}",
        "fraction": lambda v: f"{v:+.2f}",
        "score": lambda v: f"{v:.1f}" if abs(v) >= 10 else f"{v:.3f}",
        "share": lambda v: f"{100 * v:.1f} %",
        "probability": summary.percent,
        "error": lambda v: f"{100 * v:.1g}",
    }
    words = formats[column.kind](value)
    return words if column.kind == "text" else words.replace("-", "−")
