"""Where a bloc's voters would move, and how clear to them it is who is best placed."""

from __future__ import annotations

import numpy as np

from forecaster.arrays import Bools, Floats, Ints
from forecaster.config.parameters import SeatParameters
from forecaster.elections.election import Election, read_election
from forecaster.swing.base import Base, build_base, party_columns

PAIRS = {
    "2010": "2005-notional",
    "2015": "2010",
    "2017": "2015",
    "2019": "2017",
    "2024": "2019-notional",
}
"""Each election, with the one before it on the same boundaries."""


def read_pair(election: str, seat: SeatParameters) -> tuple[Election, Election, Base]:
    """Return the election before one of `PAIRS`, that election, and the base of its swing."""
    before, after = read_election(PAIRS[election]), read_election(election)
    return before, after, build_base(before, after, seat)


def facing(
    base: Base, expected: Floats, members: tuple[str, ...], opponents: tuple[str, ...]
) -> tuple[Bools, Ints, Floats]:
    """Return where an opponent of a bloc leads, and to whom the bloc's voters would move.

    The second part is the column of the best placed member, shape (seat,); -1 where no opponent
    leads. The third is its lead over each other member [fraction], shape (seat, column); 0
    elsewhere.

    `expected`, shape (seat, column): expected shares [fraction].
    """
    nation = base.seats.nation
    ours = party_columns(members)[nation] & base.stands
    leader = np.where(base.stands, expected, -1).argmax(1)
    faced = party_columns(opponents)[nation, leader] & (ours.sum(1) > 1)
    best = np.where(faced, np.where(ours, expected, -1).argmax(1), -1)
    lead = expected[np.arange(len(best)), np.maximum(best, 0)][:, None] - expected
    return faced, best, np.where(ours & faced[:, None], np.maximum(lead, 0), 0)


def clarity(lead: Floats, half: float) -> Floats:
    """Return how clear it is to voters who is best placed, from 0 to 1.

    `lead`: lead of the best placed, not negative [fraction]. `half`: lead at which the clarity is
    one half [fraction].
    """
    return np.asarray(lead / (lead + half))
