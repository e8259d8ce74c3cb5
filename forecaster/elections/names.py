"""Find a seat by name, old name, code, or part of a name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from forecaster.elections.election import Seats, read_seats
from forecaster.errors import ConfigError
from forecaster.files import Row, listed
from forecaster.resources import read_table
from forecaster.vocabulary import aliases, suggest, words

SHOWN = 8
"""Most seats that a message lists."""


@dataclass(frozen=True)
class Found:
    """The index of a seat, with a note if it was found by a name of the other boundaries."""

    index: int
    note: str = ""


def find_seat(seats: Seats, text: str) -> Found:
    """Find one seat.

    `seats`: the boundary set to search. `text`: ONS code, name (in any order of words; see
    `vocabulary.words`), part of a name that fits one seat only, or the code or name of a seat on
    the other boundaries.

    Raises ConfigError if no seat or several fit; the message lists the nearest.
    """
    wanted, other = words(text), other_boundaries(seats)
    here, there = positions(seats.boundaries), positions(other.boundaries)
    if wanted in here:
        return Found(here[wanted])
    if wanted in there:
        return _across(seats, other, there[wanted])
    parts, old_parts = _partly(wanted, here), _partly(wanted, there)
    if len(parts) == 1:
        return Found(parts[0])
    if parts:
        found = listed(seats.name[parts].tolist(), SHOWN)
        raise ConfigError(f"seat {text!r}: fits {len(parts)} seats: {found}. Write more.")
    if len(old_parts) == 1:
        return _across(seats, other, old_parts[0])
    raise ConfigError(f"seat {text!r}: none fits. {suggest(text, seats.name.tolist())}".strip())


def seat_here(seats: Seats, text: str, where: str) -> int:
    """Return the index of a seat in a user's list, which must be on these boundaries.

    `seats` and `text`: as in `find_seat`. `where`: prefix of the message of an error.

    Raises ConfigError if no seat or several fit, or only one of the other boundaries.
    """
    try:
        found = find_seat(seats, text)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None
    if found.note:
        raise ConfigError(
            f"{where}: seat {text!r} is not on the boundaries of {seats.boundaries}: {found.note}"
        )
    return found.index


def _partly(wanted: tuple[str, ...], known: dict[tuple[str, ...], int]) -> list[int]:
    """Return the seats whose name has all wanted words or, if none has, words that begin so."""
    for fits in (str.__eq__, str.startswith):
        found = {
            i: None
            for name, i in known.items()
            if wanted and all(any(fits(word, part) for word in name) for part in wanted)
        }
        if found:
            return list(found)
    return []


@cache
def positions(boundaries: str) -> dict[tuple[str, ...], int]:
    """Return the index of every seat of a boundary set by the `words` of its names and codes.

    It is cached, because a pact may name hundreds of seats.
    """
    seats = read_seats(boundaries)
    other = {words(name): seats.place[code] for name, code in aliases("seat", boundaries).items()}
    names = zip(seats.name.tolist(), seats.place, strict=True)
    return other | {words(text): seats.place[pair[1]] for pair in names for text in pair}


def seat_of(row: Row, seats: Seats) -> int:
    """Return the index of the seat that a row of a user's table is about.

    `row`: a row with an ONS code under ``code``, a name under ``seat``, or both.

    Raises DataError if there is no such seat on these boundaries, or code and name are of two
    seats.
    """
    here, other = positions(seats.boundaries), other_boundaries(seats)
    texts = [text for text in (row.text("code"), row.text("seat")) if text]
    found = [here[words(text)] for text in texts if words(text) in here]
    if len({*found}) > 1:
        code, name = texts
        raise row.error(f"{code} is {seats.name[found[0]]}, but the row calls it {name!r}.")
    for text in texts:
        elsewhere = positions(other.boundaries).get(words(text))
        # Code and name are checked one by one: the name may be on both boundaries, the code not.
        if words(text) not in here and elsewhere is not None:
            raise row.error(
                f"{text!r} is a seat of the {other.boundaries} boundaries "
                f"({other.name[elsewhere]}); expected those of {seats.boundaries}, on which "
                "base.election lies. Take one on the boundaries of the file, or other estimates."
            )
    if found:
        return found[0]
    text = texts[-1] if texts else ""
    raise row.error(f"no seat {text!r}. {suggest(text, seats.name.tolist())}")


def other_boundaries(seats: Seats) -> Seats:
    """Return the seats of the boundary set that `seats` does not belong to."""
    return read_seats("2010" if seats.boundaries == "2024" else "2024")


def names_elsewhere(seats: Seats) -> dict[str, Found]:
    """Return the seat on these boundaries for every name that only the other boundaries have."""
    here, other = positions(seats.boundaries), other_boundaries(seats)
    return {
        name: _across(seats, other, i)
        for i, name in enumerate(other.name.tolist())
        if words(name) not in here
    }


def other_names(seats: Seats) -> dict[str, int]:
    """Return the indices of seats by their other names, such as those in Welsh."""
    here, codes = positions(seats.boundaries), aliases("seat", seats.boundaries)
    return {name: here[words(name)] for name in codes if not name[1:].isdigit()}


def _across(seats: Seats, other: Seats, i: int) -> Found:
    """Return the seat that shares most people with seat `i` of the other boundary set."""
    table = read_table("seats/overlaps-2010-to-2024.csv")
    here, there = (
        ("new_code", "old_code") if seats.boundaries == "2024" else ("old_code", "new_code")
    )
    rows = zip(table[here], table[there], table["population_share"], strict=True)
    shares = {seats.place[code]: share for code, of, share in rows if of == other.code[i]}
    best = max(shares, key=lambda place: shares[place])
    part, name = f"{shares[best]:.0%}", seats.name[best]
    if seats.boundaries == "2010":
        text = f"{other.name[i]} is a seat of 2024; {part} of {name} became part of it."
    else:
        rest = [seats.name[place] for place in shares if place != best]
        text = (
            f"{other.name[i]} was a seat from 2010 to 2024; {part} of its people are now in {name}"
            + (f", others in {', '.join(rest)}." if rest else ".")
        )
    return Found(best, text)
