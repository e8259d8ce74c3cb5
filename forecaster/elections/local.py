"""How parties changed at local elections since a general election, beyond what was expected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from forecaster.arrays import Floats, Names
from forecaster.elections.election import Election
from forecaster.resources import read_table
from forecaster.vocabulary import PARTIES


@dataclass(frozen=True)
class LocalElections:
    """What the last local elections in each seat say of it."""

    change: Floats
    """Change of each party's local share beyond that expected from the one before, the general
    election and the other seats of the day [fraction]; 0 if not known, shape (seat, party)."""
    day: Names
    """Day of the last local elections as ISO 8601; empty if none are known, shape (seat,)."""


def local_elections(election: Election, until: date) -> LocalElections:
    """Return the last local elections in each seat since a general election.

    `election`: the general election, of `vocabulary.ELECTIONS`. `until`: last day that counts.
    """
    change, day = np.zeros(election.votes.shape), np.full(len(election.votes), "", dtype="<U10")
    table = read_table("results/local-elections.csv")
    rows = zip(*(table[key] for key in ("date", "base", "seat", "party", "change")), strict=True)
    # The rows are in the order of the days, so a later change takes the place of an earlier one.
    for when, base, seat, party, points in rows:
        if base == election.name and when <= until:
            i = election.seats.place[seat]
            change[i, PARTIES.index(party)] = points / 100
            day[i] = when.isoformat()
    return LocalElections(change, day)
