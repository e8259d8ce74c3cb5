"""Find a seat by whatever people call it: name, old name, code, or part of a name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from forecaster.elections.election import Seats, read_seats
from forecaster.errors import ConfigError
from forecaster.resources import read_table
from forecaster.vocabulary import fold, suggest

SHOWN = 8


@dataclass(frozen=True)
class Found:
    """A seat and, unless it was found under its own name, how it was found."""

    index: int
    note: str = ""


def find_seat(seats: Seats, text: str) -> Found:
    """Find one seat.

    Parameters
    ----------
    seats : Seats
        The boundary set to search.
    text : str
        ONS code, name (accents and case do not matter), a part of a name that fits one seat only,
        or the code or name of a seat on the other boundaries.

    Raises
    ------
    ConfigError
        If no seat or several fit; the message lists the nearest.
    """
    wanted, other = fold(text), other_boundaries(seats)
    here, there = positions(seats.boundaries), positions(other.boundaries)
    if wanted in here:
        return Found(here[wanted])
    if wanted in there:
        return _across(seats, other, there[wanted])
    parts, old_parts = (
        [i for name, i in known.items() if wanted and wanted in name] for known in (here, there)
    )
    if len(parts) == 1:
        return Found(parts[0])
    if parts:
        found = ", ".join(seats.name[parts].tolist()[:SHOWN])
        more = f" and {len(parts) - SHOWN} more" if len(parts) > SHOWN else ""
        raise ConfigError(f"seat {text!r}: fits {len(parts)} seats: {found}{more}. Write more.")
    if len(old_parts) == 1:
        return _across(seats, other, old_parts[0])
    raise ConfigError(f"seat {text!r}: none fits. {suggest(text, seats.name.tolist())}")


@cache
def positions(boundaries: str) -> dict[str, int]:
    """Return the position of every seat of a boundary set by its name and its code, folded.

    A pact may name every seat, and each name is looked up.
    """
    seats = read_seats(boundaries)
    keys = [*seats.name.tolist(), *seats.code.tolist()]
    return {fold(key): i % len(seats.name) for i, key in enumerate(keys)}


def other_boundaries(seats: Seats) -> Seats:
    """Return the seats of the boundary set that `seats` does not belong to."""
    return read_seats("2010" if seats.boundaries == "2024" else "2024")


def names_elsewhere(seats: Seats) -> dict[str, Found]:
    """Return the seat here for every name that only the other boundaries have."""
    here, other = positions(seats.boundaries), other_boundaries(seats)
    return {
        name: _across(seats, other, i)
        for i, name in enumerate(other.name.tolist())
        if fold(name) not in here
    }


@cache
def _overlaps() -> dict[str, Any]:
    return read_table("seats/overlaps-2010-to-2024.csv")


def _across(seats: Seats, other: Seats, i: int) -> Found:
    """Return the seat that shares most people with seat `i` of the other boundary set."""
    table, codes, old = _overlaps(), seats.code.tolist(), str(other.code[i])
    here, there = (
        ("new_code", "old_code") if seats.boundaries == "2024" else ("old_code", "new_code")
    )
    rows = zip(table[here], table[there], table["population_share"], strict=True)
    shares = {code: share for code, of, share in rows if of == old}
    best = max(shares, key=lambda code: shares[code])
    index = codes.index(best)
    name = seats.name[index]
    if seats.boundaries == "2024":
        text = (
            f"{other.name[i]} was a seat from 2010 to 2024; {shares[best]:.0%} of its people are "
            f"now in {name}"
        )
        rest = [seats.name[codes.index(code)] for code in shares if code != best]
        text += f", others in {', '.join(rest)}." if rest else "."
    else:
        text = f"{other.name[i]} is a seat of 2024; {shares[best]:.0%} of {name} became part of it."
    return Found(index, text)
