"""Average of each pollster's last poll before a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from forecaster.elections.read import read_table
from forecaster.errors import ConfigError
from forecaster.vocabulary import GB_PARTIES

NATIONAL_PARTIES = (*GB_PARTIES, "SNP", "PC")
REFORM_AFTER_UKIP = date(2019, 1, 1)
"""From here on the line of descent UKIP, Brexit Party, Reform is the Brexit Party's."""


@dataclass(frozen=True)
class Average:
    """National shares from the polls of a window.

    Attributes
    ----------
    shares : dict of str to float
        Mean share by party [fraction]; what is left of one is Other's. A party that no poll
        of the window lists is missing.
    polls : int
        How many polls were averaged.
    first, last : date
        End of fieldwork of the oldest and newest of them.
    """

    shares: dict[str, float]
    polls: int
    first: date
    last: date


def average_britain(as_of: date, window_days: int, northern_ireland: float) -> Average:
    """Average the last poll of every pollster that ended within the window.

    Seat models (MRP) are no ordinary polls and are left out. A poll of the United Kingdom is
    taken to Great Britain by dividing by the votes that are not Northern Ireland's.

    Parameters
    ----------
    as_of : date
        Polls that ended later are not read.
    window_days : int
        Polls that ended so many days before `as_of`, or more, are too old.
    northern_ireland : float
        Northern Ireland's share of the votes of the United Kingdom [fraction].

    Raises
    ------
    ConfigError
        If no poll ended in the window.
    """
    table = read_table("polls/national.csv")
    latest: dict[str, int] = {}
    for i, end in enumerate(table["end"]):
        # The file is sorted by day, so a pollster's later poll overwrites an earlier one.
        if not table["mrp"][i] and as_of - timedelta(days=window_days) < end <= as_of:
            latest[table["pollster"][i]] = i
    if not latest:
        raise ConfigError(
            f"national.as_of: no poll ended in the {window_days} days to {as_of}; the data hold "
            f"polls from {min(table['end'])} to {max(table['end'])}. Choose another day or a "
            "longer national.window_days."
        )
    chosen = sorted(latest.values())
    reform = "Reform" if as_of >= REFORM_AFTER_UKIP else "UKIP"
    shares = {}
    for party in NATIONAL_PARTIES:
        column = table[reform if party == "Reform" else party]
        listed = [
            column[i] / 100 / (1 - northern_ireland if table["area"][i] == "UK" else 1)
            for i in chosen
            if column[i] is not None
        ]
        if listed:
            shares[party] = sum(listed) / len(listed)
    ends = [table["end"][i] for i in chosen]
    return Average(shares, len(chosen), min(ends), max(ends))


def average_nation(nation: str, as_of: date, window_days: int) -> Average | None:
    """Average the polls of Scotland or Wales that ended within the window; None if there are none.

    The tables name no pollster, so every poll counts.
    """
    table = read_table(f"polls/{nation.lower()}.csv")
    chosen = [
        i
        for i, end in enumerate(table["end"])
        if as_of - timedelta(days=window_days) < end <= as_of
    ]
    if not chosen:
        return None
    shares = {}
    for party in NATIONAL_PARTIES:
        listed = [v for i, v in enumerate(table.get(party, [])) if i in chosen and v is not None]
        if listed:
            shares[party] = sum(listed) / len(listed) / 100
    ends = [table["end"][i] for i in chosen]
    return Average(shares, len(chosen), min(ends), max(ends))
