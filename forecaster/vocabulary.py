"""Names used everywhere: parties, nations, regions, dimensions and result variables.

Every other module takes its names from here, so a party, a region or a variable is
spelled in one place only. Also here: how a name that a person wrote is recognised.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from forecaster.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PARTIES: tuple[str, ...] = (
    "Con",
    "Lab",
    "LD",
    "Reform",
    "Green",
    "SNP",
    "PC",
    "DUP",
    "SF",
    "SDLP",
    "UUP",
    "Alliance",
    "TUV",
    "Ind",
    "Spk",
    "UKIP",
    "Other",
)
"""Party codes, in the order of every party axis.

``Reform`` is one line of descent: UKIP to 2017, the Brexit Party in 2019, Reform UK since.
``UKIP`` is UKIP's own candidates once it was no longer that line (2019 and later).
``Ind`` is a winning independent, named in the data; ``Spk`` is the Speaker; ``Other``
pools all remaining candidates.
"""

PARTY_NAMES: dict[str, str] = {
    "Con": "Conservative",
    "Lab": "Labour",
    "LD": "Liberal Democrat",
    "Reform": "Reform UK",
    "Green": "Green",
    "SNP": "Scottish National Party",
    "PC": "Plaid Cymru",
    "DUP": "Democratic Unionist Party",
    "SF": "Sinn Féin",
    "SDLP": "Social Democratic and Labour Party",
    "UUP": "Ulster Unionist Party",
    "Alliance": "Alliance",
    "TUV": "Traditional Unionist Voice",
    "Ind": "Independent",
    "Spk": "Speaker",
    "UKIP": "UK Independence Party",
    "Other": "Other",
}

SHORT_NAMES: dict[str, str] = {
    "Con": "Conservative",
    "LD": "Lib Dem",
    "SNP": "SNP",
    "PC": "Plaid Cymru",
    "Spk": "Speaker",
}
"""A party on a label, where its name is long."""

NAMES_IN_PROSE: dict[str, str] = {
    "Con": "the Conservatives",
    "Lab": "Labour",
    "LD": "the Liberal Democrats",
    "Reform": "Reform UK",
    "Green": "the Greens",
    "SNP": "the SNP",
    "PC": "Plaid Cymru",
    "DUP": "the DUP",
    "UUP": "the UUP",
    "SDLP": "the SDLP",
    "TUV": "the TUV",
    "Ind": "independents",
    "Spk": "the Speaker",
    "Other": "others",
}
"""A party inside a sentence, where its name alone would not do."""

ALL_NAMES = (PARTY_NAMES, SHORT_NAMES, NAMES_IN_PROSE)

GB_PARTIES: tuple[str, ...] = ("Con", "Lab", "LD", "Reform", "Green")
"""Parties that fight the whole of Great Britain."""

NATIONS: tuple[str, ...] = ("England", "Scotland", "Wales", "Northern Ireland")
ENGLAND, SCOTLAND, WALES, NORTHERN_IRELAND = range(4)
"""Positions in `NATIONS`."""

OWN_PARTY: dict[str, str] = {"Scotland": "SNP", "Wales": "PC"}
"""The party that stands only in that nation of Great Britain."""

BALLOT: dict[str, tuple[str, ...]] = {
    "England": (*GB_PARTIES, "Other", "Spk", "Ind"),
    "Scotland": (*GB_PARTIES, "Other", "SNP", "Spk"),
    "Wales": (*GB_PARTIES, "Other", "PC", "Ind"),
    "Northern Ireland": ("DUP", "SF", "SDLP", "UUP", "Alliance", "Other", "TUV", "Ind"),
}
"""The eight columns of a nation's ballot paper; every party not named counts as ``Other``."""

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
    "2005-notional": "2010",
    "2010": "2010",
    "2015": "2010",
    "2017": "2010",
    "2019": "2010",
    "2019-notional": "2024",
    "2024": "2024",
}
"""The boundary set on which each election's seats are drawn."""


@dataclass(frozen=True)
class Variable:
    """A result variable: where it lives, what it means, in which unit."""

    dims: tuple[str, ...]
    unit: str
    description: str


_PACT_AXES = ("scenario", "pact", "seat")
_DONATED = "part of the donors' votes"
_SEAT_AXES = ("scenario", "seat", "party")
_SOME_DRAWS = "over a quarter of the draws, with --all-shares over all"

VARIABLES: dict[str, Variable] = {
    "win_probability": Variable(
        _SEAT_AXES, "1", "Part of the simulated elections in which the party wins the seat"
    ),
    "win_probability_mcse": Variable(
        _SEAT_AXES,
        "1",
        "Monte Carlo standard error of win_probability, sqrt((p (1 - p) + c) / n) with "
        "p = (wins + 1/2) / (n + 1), so that it is not zero where a party always or never won, and "
        "c the covariance of two draws whose seats err in opposite directions; "
        "with sampling = 'sobol' from how far the scrambles are apart",
    ),
    "mean_share": Variable(_SEAT_AXES, "share of valid votes", "Mean over the draws"),
    "share_p5": Variable(_SEAT_AXES, "share of valid votes", f"5 % quantile {_SOME_DRAWS}"),
    "share_p50": Variable(_SEAT_AXES, "share of valid votes", f"Median {_SOME_DRAWS}"),
    "share_p95": Variable(_SEAT_AXES, "share of valid votes", f"95 % quantile {_SOME_DRAWS}"),
    "elections": Variable(
        ("scenario", "party", "total"), "1", "Elections in which the party won so many seats"
    ),
    "elections_largest": Variable(
        ("scenario", "party", "total"),
        "1",
        "Those of them in which no other party won more; a tie counts in equal parts",
    ),
    "seats": Variable(("draw", "scenario", "party"), "seats", "Seats won in one election"),
    "national_share": Variable(
        ("draw", "area", "party"), "share of valid votes", "Share drawn for a nation, or for GB"
    ),
    "winner": Variable(
        ("draw", "scenario", "seat"), "position on the party axis", "Who won the seat in one draw"
    ),
    "opponent_wins_without": Variable(
        _PACT_AXES, "1", "Part of the elections in which an opponent of the pact wins without it"
    ),
    "opponent_wins_with": Variable(
        _PACT_AXES, "1", "Part of the elections in which an opponent of the pact wins with it"
    ),
    "gain": Variable(
        _PACT_AXES, "1", "Part of the elections in which a member wins with the pact, none without"
    ),
    "backfire": Variable(
        _PACT_AXES, "1", "Part of the elections in which a member wins without the pact, none with"
    ),
    "exceeds": Variable(
        _PACT_AXES,
        "1",
        "Of the elections that an opponent wins without the pact, the part in which the transfer "
        "is more than it takes: the flag bearer wins",
    ),
    "break_even_p5": Variable(_PACT_AXES, _DONATED, "5 % quantile of the break-even transfer"),
    "break_even_p50": Variable(
        _PACT_AXES,
        _DONATED,
        "Median, over the elections that an opponent wins without the pact, of the smallest part "
        "that must arrive for the flag bearer to win; missing where no transfer would do",
    ),
    "break_even_p95": Variable(_PACT_AXES, _DONATED, "95 % quantile of the break-even transfer"),
    "tragedy": Variable(
        ("definition", "seat"), "1", "Part of the elections without pacts that are one here"
    ),
    "tragedies": Variable(("draw", "definition"), "seats", "Tragedies in one election"),
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
