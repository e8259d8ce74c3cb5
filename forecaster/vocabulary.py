"""Names used everywhere: parties, nations, regions, dimensions and result variables.

Every other module takes its names from here, so that a party, a region or a variable is spelt in
one place only. Parties are listed in ``parties.csv``, variables in ``variables.csv``. `one_of` and
`find_party` recognise a name that a person wrote.
"""

from __future__ import annotations

import csv
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from forecaster.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def _table(name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file beside this module."""
    with Path(__file__).with_name(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


_PARTIES = _table("parties.csv")

PARTIES: tuple[str, ...] = tuple(row["code"] for row in _PARTIES)
"""Party codes, in the order of every party axis.

``Reform`` is one line of descent: UKIP to 2017, the Brexit Party in 2019, Reform UK since.
``UKIP`` is UKIP's own candidates once it was no longer that line (2019 and later).
``Ind`` is a winning independent, named in the data; ``Spk`` is the Speaker; ``Other``
pools all remaining candidates.
"""

PARTY_NAMES: dict[str, str] = {row["code"]: row["name"] for row in _PARTIES}

SHORT_NAMES: dict[str, str] = {row["code"]: row["short"] for row in _PARTIES if row["short"]}
"""A party on a label, where its name is long."""

NAMES_IN_PROSE: dict[str, str] = {row["code"]: row["in_prose"] or row["name"] for row in _PARTIES}
"""A party inside a sentence."""

ALL_NAMES = (PARTY_NAMES, SHORT_NAMES, NAMES_IN_PROSE)

GB_PARTIES: tuple[str, ...] = ("Con", "Lab", "LD", "Reform", "Green")
"""Parties that fight the whole of Great Britain."""

NEW_PARTIES: dict[str, str] = {"Restore": "2024"}
"""Parties of Great Britain founded since an election: from then on they stand wherever the others
do, and have no votes to start from."""

BRITISH_PARTIES: tuple[str, ...] = (*GB_PARTIES, *NEW_PARTIES)
"""Parties of the whole of Great Britain, old and new."""

NATIONS: tuple[str, ...] = ("England", "Scotland", "Wales", "Northern Ireland")
ENGLAND, SCOTLAND, WALES, NORTHERN_IRELAND = range(4)
"""Positions in `NATIONS`."""

OWN_PARTY: dict[str, str] = {"Scotland": "SNP", "Wales": "PC"}
"""The party that stands only in that nation of Great Britain."""

BALLOT: dict[str, tuple[str, ...]] = {
    "England": (*GB_PARTIES, "Other", *NEW_PARTIES, "Spk", "Ind"),
    "Scotland": (*GB_PARTIES, "Other", *NEW_PARTIES, "SNP", "Spk"),
    "Wales": (*GB_PARTIES, "Other", *NEW_PARTIES, "PC", "Ind"),
    "Northern Ireland": ("DUP", "SF", "SDLP", "UUP", "Alliance", "Other", "TUV", "Ind", "Spk"),
}
"""The nine columns of a nation's ballot paper; every party not named counts as ``Other``."""

FIXED_PARTIES: frozenset[str] = frozenset({"Spk", "Ind"})
"""Candidates who stand in one seat for themselves: no national swing moves them."""

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
    for row in _table("variables.csv")
}
"""Registry of the variables of a run; tables, datasets and documentation take them from here."""

NO_PACT = "no-pact"
"""The scenario that is always counted first."""

SEATS_IN_THE_COMMONS = 650
MAJORITY = 326
"""Seats that make an absolute majority of 650."""


def places(names: Iterable[str], axis: Sequence[str] = PARTIES) -> list[int]:
    """Return the positions of names on an axis, by default that of all parties.

    Raises
    ------
    ValueError
        If the axis lacks one of the names.
    """
    return [axis.index(name) for name in names]


def suggest(name: str, known: Iterable[str]) -> str:
    """Return a sentence that helps a user who wrote `name`: the nearest known name, or all of them.

    Parameters
    ----------
    name : str
        What the user wrote.
    known : iterable of str
        The names that would have been accepted.

    Returns
    -------
    str
        ``"Did you mean 'LD'?"`` where something is near, else ``"Known: Con, Lab, …"``.
    """
    names = list(known)
    lowered = {n.lower(): n for n in names}
    close = get_close_matches(name.lower(), list(lowered), n=1, cutoff=0.5)
    if close:
        return f"Did you mean {lowered[close[0]]!r}?"
    if not names:
        return ""
    shown = ", ".join(names[:20])
    return f"Known: {shown}{', …' if len(names) > 20 else ''}."


def fold(text: str) -> str:
    """Return text without accents, in lower case, with single spaces and no hyphens or commas."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(c for c in plain if not unicodedata.combining(c)).lower()
    return " ".join(plain.replace("-", " ").replace(",", " ").split())


def one_of(value: str, known: Iterable[str], option: str) -> str:
    """Return the known name that equals `value` whatever its case.

    Raises
    ------
    ConfigError
        If there is none; the message suggests the nearest.
    """
    names = list(known)
    for name in names:
        if name.lower() == value.lower():
            return name
    raise ConfigError(f"{option} {value!r}: not known here. {suggest(value, names)}")


def find_party(text: str, known: Iterable[str], option: str) -> str:
    """Return the code of a party given by code or by any name that the program prints.

    Case, accents and hyphens do not matter.

    Parameters
    ----------
    text : str
        What the user wrote.
    known : iterable of str
        Codes that would be accepted.
    option : str
        What the text was given for, for the error message.

    Raises
    ------
    ConfigError
        If no accepted party is called so; the message suggests the nearest.

    Examples
    --------
    >>> find_party("the liberal democrats", PARTIES, "--party"), find_party("Labour", PARTIES, "")
    ('LD', 'Lab')
    """
    codes, wanted = list(known), fold(text).removeprefix("the ")
    for code in codes:
        names = (code, *(names[code] for names in ALL_NAMES if code in names))
        if wanted in {fold(name).removeprefix("the ") for name in names}:
            return code
    raise ConfigError(f"{option} {text!r}: no such party here. {suggest(text, codes)}")
