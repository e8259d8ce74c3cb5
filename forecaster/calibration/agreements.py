"""Where votes went in Northern Ireland when parties agreed on one candidate for a seat.

There are too few seats for the regression of `natural_experiments`: the recipient's change of
share, beyond its mean change where both parties stood, is set against what the absent party would
have had. An agreement that ends is one that begins, looked at backwards.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from forecaster.arrays import Floats
from forecaster.elections.election import read_election
from forecaster.swing.base import column_shares
from forecaster.swing.tactical import PAIRS
from forecaster.vocabulary import BALLOT, NATIONS

COUNTRY = "Northern Ireland"


class Agreement(NamedTuple):
    """A seat in which a party began to stand aside for another, or stood again (`ends`)."""

    seat: str
    election: str
    donor: str
    recipient: str
    ends: bool = False


AGREEMENTS = (
    Agreement("Belfast South", "2010", "SF", "SDLP"),
    Agreement("Belfast South", "2015", "SF", "SDLP", ends=True),
    Agreement("Belfast East", "2015", "UUP", "DUP"),
    Agreement("Belfast North", "2015", "UUP", "DUP"),
    Agreement("Newry and Armagh", "2015", "DUP", "UUP"),
    Agreement("Newry and Armagh", "2017", "DUP", "UUP", ends=True),
    Agreement("Belfast South", "2019", "SF", "SDLP"),
    Agreement("Belfast North", "2019", "SDLP", "SF"),
)
"""Announced agreements: Sinn Féin's withdrawal in Belfast South in 2010, four seats of the DUP and
UUP in 2015, Remain in 2019. Left out: independents, seats in which the donor had no candidate
before either, and donors of less than 3 % of the vote."""


def part(agreement: Agreement) -> tuple[Floats, Floats]:
    """Return the parts of the donor's votes that arrived and stayed at home, and their errors.

    An error is the standard deviation of the change between the seats without an agreement.
    """
    pair = PAIRS[agreement.election], agreement.election
    apart, agreed = (read_election(name) for name in (pair[::-1] if agreement.ends else pair))
    inside = apart.seats.nation == NATIONS.index(COUNTRY)
    giver, to = (BALLOT[COUNTRY].index(p) for p in (agreement.donor, agreement.recipient))
    before, after = (column_shares(one)[inside] for one in (apart, agreed))
    turnout = [(one.valid_votes / one.electorate)[inside] for one in (apart, agreed)]
    usual = (np.minimum(before, after)[:, [giver, to]] > 0).all(1)
    here = apart.seats.name[inside] == agreement.seat
    grown = 1.0 if agreement.ends else after[usual, giver].sum() / before[usual, giver].sum()
    would = before[here, giver] * grown * [1, turnout[0][here].item()]
    change = np.column_stack([(after - before)[:, to], turnout[0] - turnout[1]])
    beyond = change[here][0] - change[usual].mean(0)
    spread = change[usual].std(0, ddof=1) * (1 + 1 / usual.sum()) ** 0.5
    return beyond / would, spread / would
