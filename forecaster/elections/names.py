"""Find a seat by whatever a person calls it: name, old name, code, or part of a name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from forecaster.elections.election import Seats, read_seats
from forecaster.errors import ConfigError
from forecaster.resources import read_table
from forecaster.vocabulary import fold, suggest


@dataclass(frozen=True)
class Found:
    """A seat and, where it was not found under its own name, how it was found."""

    index: int
    note: str = ""


def find_seat(seats: Seats, text: str) -> Found:
    """Find one seat.

    Parameters
    ----------
    seats : Seats
        The boundary set to find it in.
    text : str
        ONS code, name (accents and case do not matter), a part of a name that fits one seat only,
        or the code or name of a seat on the other boundaries.

    Raises
    ------
    ConfigError
        If no seat or several fit; the message lists those that come near.
    """
    wanted = fold(text)
    names = [fold(name) for name in seats.name.tolist()]
    codes = [code.lower() for code in seats.code.tolist()]
    if wanted in codes:
        return Found(codes.index(wanted))
    if wanted in names:
        return Found(names.index(wanted))
    other = read_seats("2010" if seats.boundaries == "2024" else "2024")
    elsewhere = [fold(name) for name in other.name.tolist()]
    other_codes = [code.lower() for code in other.code.tolist()]
    for known in (elsewhere, other_codes):
        if wanted in known:
            return _across(seats, other, known.index(wanted))
    parts = [i for i, name in enumerate(names) if wanted and wanted in name]
    if len(parts) == 1:
        return Found(parts[0])
    old_parts = [i for i, name in enumerate(elsewhere) if wanted and wanted in name]
    if not parts and len(old_parts) == 1:
        return _across(seats, other, old_parts[0])
    if parts:
        found = ", ".join(seats.name[parts].tolist()[:8])
        more = f" and {len(parts) - 8} more" if len(parts) > 8 else ""
        raise ConfigError(f"seat {text!r}: fits {len(parts)} seats: {found}{more}. Write more.")
    raise ConfigError(f"seat {text!r}: none fits. {suggest(text, seats.name.tolist())}")


def names_elsewhere(seats: Seats) -> dict[str, Found]:
    """Return the seat here for every name that only a seat of the other boundaries has."""
    other = read_seats("2010" if seats.boundaries == "2024" else "2024")
    here = {fold(name) for name in seats.name.tolist()}
    return {
        name: _across(seats, other, i)
        for i, name in enumerate(other.name.tolist())
        if fold(name) not in here
    }


@cache
def _overlaps() -> dict[str, Any]:
    return read_table("seats/overlaps-2010-to-2024.csv")


def _across(seats: Seats, other: Seats, i: int) -> Found:
    """Return the seat that shares most with seat `i` of the other boundary set."""
    table = _overlaps()
    here, there = (
        ("new_code", "old_code")
        if seats.boundaries == "2024"
        else (
            "old_code",
            "new_code",
        )
    )
    code = other.code[i]
    shares = {
        table[here][row]: table["population_share"][row]
        for row, value in enumerate(table[there])
        if value == code
    }
    best = max(shares, key=lambda key: shares[key])
    index = seats.code.tolist().index(best)
    name = seats.name[index]
    if seats.boundaries == "2024":
        text = (
            f"{other.name[i]} was a seat from 2010 to 2024; {shares[best]:.0%} of its people are "
            f"now in {name}"
        )
        rest = [seats.name[seats.code.tolist().index(key)] for key in shares if key != best]
        text += f", others in {', '.join(rest)}." if rest else "."
    else:
        text = f"{other.name[i]} is a seat of 2024; {shares[best]:.0%} of {name} became part of it."
    return Found(index, text)
