"""Names used everywhere: parties, nations, regions, dimensions and result variables.

All other modules take their names from here, so that each is spelt in one place only. Parties are
listed in ``parties.csv``, variables in ``variables.csv``, and other names of parties, pollsters and
seats in ``data/names/aliases.csv``. `one_of`, `find_party` and `words` recognise names that people
write.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from forecaster.errors import ConfigError
from forecaster.resources import read_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def declared(name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file beside this module."""
    with Path(__file__).with_name(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


_PARTIES = declared("parties.csv")

PARTIES: tuple[str, ...] = tuple(row["code"] for row in _PARTIES)
"""Party codes, in the order of every party axis.

``Reform`` is one line of descent: UKIP to 2017, the Brexit Party in 2019, Reform UK since.
``UKIP`` is UKIP's own candidates once it was no longer that line (2019 and later).
``Ind`` is a winning independent, named in the data; ``Spk`` is the Speaker; ``Other``
pools all remaining candidates.
"""

PARTY_NAMES: dict[str, str] = {row["code"]: row["name"] for row in _PARTIES}

SHORT_NAMES: dict[str, str] = {row["code"]: row["short"] for row in _PARTIES if row["short"]}
"""Short names for labels, of parties whose name is long."""

NAMES_IN_PROSE: dict[str, str] = {row["code"]: row["in_prose"] or row["name"] for row in _PARTIES}
"""Names of parties inside a sentence."""

LETTERS: dict[str, str] = {row["code"]: row["letters"] for row in _PARTIES}
"""Letters of every party that stand in a hexagon."""

PARTY_COLOURS: dict[str, str] = {row["code"]: row["colour"] for row in _PARTIES}
"""The parties' own colours or near them, kept apart where two would look alike."""

ALL_NAMES = (PARTY_NAMES, SHORT_NAMES, NAMES_IN_PROSE)

GB_PARTIES: tuple[str, ...] = ("Con", "Lab", "LD", "Reform", "Green")
"""Parties that fight the whole of Great Britain."""

NEW_PARTIES: dict[str, str] = {"Restore": "2024"}
"""Parties of Great Britain founded since an election. They have no votes in it, and stand wherever
the others do at the next."""

BRITISH_PARTIES: tuple[str, ...] = (*GB_PARTIES, *NEW_PARTIES)
"""Parties of the whole of Great Britain, old and new."""

REFORM_AFTER_UKIP = date(2019, 1, 1)
"""In polls before this day 'Reform' is UKIP; after that, the Brexit Party and then Reform UK."""

NATIONS: tuple[str, ...] = ("England", "Scotland", "Wales", "Northern Ireland")
ENGLAND, SCOTLAND, WALES, NORTHERN_IRELAND = range(4)
"""Indices of `NATIONS`."""

OWN_PARTY: dict[str, str] = {"Scotland": "SNP", "Wales": "PC"}
"""The party that stands only in that nation of Great Britain."""

POLLED: tuple[str, ...] = (*BRITISH_PARTIES, *OWN_PARTY.values())
"""Parties of a national poll, in the order of its shares; the rest is Other."""

BALLOT: dict[str, tuple[str, ...]] = {
    "England": (*GB_PARTIES, "Other", *NEW_PARTIES, "Spk", "Ind"),
    "Scotland": (*GB_PARTIES, "Other", *NEW_PARTIES, "SNP", "Spk"),
    "Wales": (*GB_PARTIES, "Other", *NEW_PARTIES, "PC", "Ind"),
    "Northern Ireland": ("DUP", "SF", "SDLP", "UUP", "Alliance", "Other", "TUV", "Ind", "Spk"),
}
"""The nine columns of a nation's ballot paper; every party not named counts as ``Other``."""

FIXED_PARTIES: frozenset[str] = frozenset({"Spk", "Ind"})
"""The Speaker and independents, who stand in one seat for themselves; no national swing moves
them."""

NO_ONE_PARTY: tuple[str, ...] = (*FIXED_PARTIES, "Other")
"""Columns of a ballot paper that are not one party."""

REGIONS: tuple[str, ...] = (
    "North East",
    "North West",
    "Yorkshire and The Humber",
    "East Midlands",
    "West Midlands",
    "East of England",
    "London",
    "South East",
    "South West",
    "Scotland",
    "Wales",
    "Northern Ireland",
)

ELECTIONS: tuple[str, ...] = (
    "2005-notional",
    "2010",
    "2015",
    "2017",
    "2019",
    "2019-notional",
    "2024",
)
"""Elections in the embedded data. ``-notional`` is a result re-estimated on the next boundaries."""

COVARIATES: tuple[str, ...] = (
    "leave",
    "degree",
    "density",
    "muslim",
    "age_65_plus",
    "students",
    "white_british",
)

BOUNDARIES: dict[str, str] = {
    name: "2024" if name in ("2019-notional", "2024") else "2010" for name in ELECTIONS
}
"""The boundary set on which each election's seats are drawn."""


@dataclass(frozen=True)
class Variable:
    """A result variable: where it lives, what it means, in which unit."""

    dims: tuple[str, ...]
    unit: str
    description: str


VARIABLES: dict[str, Variable] = {
    row["name"]: Variable(tuple(row["dims"].split()), row["unit"], row["description"])
    for row in declared("variables.csv")
}
"""Registry of the variables of a run; tables, datasets and documentation take them from here."""

CLOSE = 0.8
"""Likeness of two words at which one counts as a misspelling of the other (judgement). "nationl"
and "progresive" are above it, "Restore" for "Reform" (.62) and "east" for "west" (.75) below."""

SHORTEST = 3
"""Fewest letters of a word that can be misspelt; a shorter one would be another word."""

FEW = 20
"""Most names that a message lists."""

DROPPED = str.maketrans("", "", "'’‘`´ʼ′.")
WORD = re.compile(r"\w+")
SMALL_WORDS = frozenset({"the", "and", "of", "on", "upon"})
WRITTEN_OUT = {
    "saint": ("st",),
    "n": ("north",),
    "s": ("south",),
    "e": ("east",),
    "w": ("west",),
    "ne": ("north", "east"),
    "nw": ("north", "west"),
    "se": ("south", "east"),
    "sw": ("south", "west"),
}
"""Our spelling of words in seats' names that some tables shorten."""

KIND_OF_SEAT = re.compile(
    r"(?<=.) (cc|bc|((co|county|boro|borough|burgh) )?const(ituency)?)$", re.ASCII
)
"""What registers append to a seat's name, as in "Lewes CC" and "Lewes Co Const"."""

NO_PACT = "no-pact"
"""The scenario that is always counted first."""

SEATS_IN_THE_COMMONS = 650
MAJORITY = 326
"""Seats that make an absolute majority of 650."""


def places(names: Iterable[str], axis: Sequence[str] = PARTIES) -> list[int]:
    """Return the indices of names on an axis, by default that of all parties.

    Raises ValueError if the axis lacks one of the names.
    """
    return [axis.index(name) for name in names]


def suggest(name: str, known: Iterable[str]) -> str:
    """Return a sentence that helps a user who wrote an unknown name.

    It is ``"Did you mean 'Green'?"`` if one is close; a list of all if they are few; else empty. A
    name is close if each of its words is a word of a known name, apart from misspellings. Numbers
    are never close to each other.

    `known`: the names that would have been accepted.
    """
    names = list(known)
    close = nearest(name, names)
    if close is not None:
        return f"Did you mean {close!r}?"
    return f"Known: {', '.join(names)}." if 0 < len(names) <= FEW else ""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that `name` is a misspelling of; None if there is none or several.

    >>> nearest("Norwich Norht", ["Norwich North", "Norwich South"]), nearest("Lib", ["Lab"])
    ('Norwich North', None)
    """
    wanted = words(name)
    near = {one: score for one in known if (score := _likeness(wanted, words(one))) >= CLOSE}
    best = [one for one, score in near.items() if score == max(near.values())]
    return best[0] if len(best) == 1 else None


def _likeness(wanted: tuple[str, ...], known: tuple[str, ...]) -> float:
    """Return the likeness of two names, from 0 to 1: that of their least alike words."""
    if "".join(wanted) == "".join(known):
        return 1.0  # they differ only in spaces or hyphens, like lab-ld and labld
    if len(wanted) != len(known) or not wanted:
        return 0.0
    return min(max(_word_likeness(word, one) for one in known) for word in wanted)


def _word_likeness(wanted: str, known: str) -> float:
    if wanted == known:
        return 1.0
    if wanted.isdigit() or min(len(wanted), len(known)) < SHORTEST:
        return 0.0
    likeness = SequenceMatcher(None, wanted, known)
    return likeness.ratio() if likeness.real_quick_ratio() >= CLOSE else 0.0


def fold(text: str) -> str:
    """Return text in lower case, without accents, apostrophes and full stops.

    "&" becomes "and"; all other punctuation becomes a single space.

    >>> fold("Queen’s Park & Maida Vale"), fold("St. Ives"), fold("Ynys Môn")
    ('queens park and maida vale', 'st ives', 'ynys mon')
    """
    bare = text.translate(DROPPED).replace("&", " and ")
    if not bare.isascii():
        apart = unicodedata.normalize("NFKD", bare)
        bare = "".join(c for c in apart if not unicodedata.combining(c))
    return " ".join(WORD.findall(bare.lower()))


def words(text: str) -> tuple[str, ...]:
    """Return the sorted words of a name without small ones, by which names are compared.

    They are different for all seats of a boundary set.

    >>> words("Cornwall SE") == words("South East Cornwall"), words("City of Durham BC")
    (True, ('city', 'durham'))
    """
    found = KIND_OF_SEAT.sub("", fold(text)).split()
    kept = [w for word in found if word not in SMALL_WORDS for w in WRITTEN_OUT.get(word, (word,))]
    return tuple(sorted(kept or found))


def letters(text: str) -> str:
    """Return a name without spaces and punctuation, so that "LibDem" and "Lib Dem" are the same.

    >>> letters("The Lib-Dems"), letters("We Think")
    ('libdems', 'wethink')
    """
    return fold(text).removeprefix("the ").replace(" ", "").replace("_", "")


@cache
def aliases(kind: str, boundaries: str = "") -> dict[str, str]:
    """Return the meaning of each alias of a kind.

    `kind`: ``"party"``, ``"pollster"`` or ``"seat"``. `boundaries`: boundary set, for seats.
    """
    table = read_table("names/aliases.csv")
    of = [str(x or "") for x in table["boundaries"]]
    rows = zip(table["kind"], of, table["name"], table["means"], strict=True)
    return {name: means for k, b, name, means in rows if (k, b) == (kind, boundaries)}


@cache
def party_names() -> dict[str, str]:
    """Return the code of a party for the `letters` of each of its names."""
    names = [
        *((n, code) for of in ALL_NAMES for code, n in of.items()),
        *zip(PARTIES, PARTIES, strict=True),
    ]
    return {letters(name): code for name, code in (*aliases("party").items(), *names)}


def party_code(text: str) -> str | None:
    """Return the code of the party with a name that people use; None if there is none.

    >>> [party_code(name) for name in ("lib dem", "RUK", "The Greens", "Labour Co-op", "Lob")]
    ['LD', 'Reform', 'Green', 'Lab', None]
    """
    return party_names().get(letters(text))


def suggest_party(text: str, known: Iterable[str] = PARTIES) -> str:
    """Return a sentence that helps a user who wrote an unknown party; see `suggest`."""
    wanted, codes = letters(text), list(known)
    near = {party_names()[name] for name in party_names() if _word_likeness(wanted, name) >= CLOSE}
    if len(near) == 1 and near <= {*codes}:
        return f"Did you mean {near.pop()!r}?"
    return f"Known: {', '.join(codes)}."


def one_of(value: str, known: Iterable[str], option: str) -> str:
    """Return the known name that equals `value`, ignoring case.

    Raises ConfigError if there is none; the message suggests the nearest.
    """
    names = list(known)
    for name in names:
        if name.lower() == value.lower():
            return name
    raise ConfigError(f"{option} {value!r}: not known here. {suggest(value, names)}".strip())


def find_party(text: str, known: Iterable[str], option: str) -> str:
    """Return the code of a party given by any of its names; see `party_code`.

    `text`: what the user wrote. `known`: codes that would be accepted. `option`: option that the
    text was given for, for the error message.

    Raises ConfigError if no accepted party has that name; the message suggests the nearest.

    >>> find_party("the liberal democrats", PARTIES, "--party"), find_party("Labour", PARTIES, "")
    ('LD', 'Lab')
    """
    codes = list(known)
    code = party_code(text)
    if code in codes:
        return str(code)
    raise ConfigError(f"{option} {text!r}: no such party here. {suggest_party(text, codes)}")


def find_parties(text: str, known: Iterable[str], option: str, least: int = 1) -> tuple[str, ...]:
    """Return the codes of parties joined by ``+``; the parameters are those of `find_party`.

    Raises ConfigError if a party is unknown or named twice, or fewer than `least` are named.

    >>> find_parties("Labour+Lib Dems", PARTIES, "--coalition")
    ('Lab', 'LD')
    """
    codes = list(known)
    found = tuple(find_party(part, codes, option) for part in text.split("+"))
    for party in found:
        if found.count(party) > 1:
            raise ConfigError(f"{option} {text!r}: {party} is named twice.")
    if len(found) < least:
        raise ConfigError(f"{option} {text!r}: expected {least} parties or more, as Lab+LD.")
    return found
