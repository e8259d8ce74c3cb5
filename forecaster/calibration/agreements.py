"""What parties of Northern Ireland gained when another stood aside for them by agreement.

The recipient's change of share, beyond its mean change where both parties stood, is compared with
the votes of the absent party that would arrive by the formal rates. These come from exclusions in
counts, without any agreement. The gain is what an agreement brings beyond them: votes of people who
would have voted for parties that stand, or not at all. The end of an agreement counts as its
beginning, looked at backwards.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np

from forecaster.calibration.laws import random_mean
from forecaster.columns import table_of
from forecaster.config.pact import Range, middle, read_transfers
from forecaster.elections.election import read_election
from forecaster.plan.scenarios import Z90
from forecaster.swing.base import column_shares
from forecaster.swing.tactical import PAIRS
from forecaster.table import Table
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
    Agreement("Belfast East", "2017", "UUP", "DUP", ends=True),
    Agreement("Newry and Armagh", "2017", "DUP", "UUP", ends=True),
    Agreement("Belfast South", "2019", "SF", "SDLP"),
    Agreement("Belfast North", "2019", "SDLP", "SF"),
    Agreement("Belfast North", "2024", "SDLP", "SF", ends=True),
)
"""Announced agreements: Sinn Féin's withdrawal in Belfast South in 2010, four seats of the DUP and
UUP in 2015, Remain in 2019, and their ends. Left out: independents, seats in which the donor had no
candidate before either, donors of less than 3 % of the vote, and withdrawals that named nobody."""


@dataclass(frozen=True)
class Gain:
    """What an agreement brought, in fractions."""

    agreement: Agreement
    would: float
    """Share that the absent party would have had."""
    gained: float
    """The recipient's change of share beyond the usual."""
    arrives: float
    """Part of the absent party's votes that arrives by the formal rates."""
    gain: float
    """What came beyond that, as a part of the votes of all others."""
    error: float
    """Of `gain`: from changes in seats without an agreement, and from the range of the rate."""


def gain_of(agreement: Agreement) -> Gain:
    """Return what an agreement brought, beyond what arrives by the formal rates."""
    pair = PAIRS[agreement.election], agreement.election
    apart, agreed = (read_election(name) for name in (pair[::-1] if agreement.ends else pair))
    inside = apart.seats.nation == NATIONS.index(COUNTRY)
    giver, to = (BALLOT[COUNTRY].index(p) for p in (agreement.donor, agreement.recipient))
    before, after = (column_shares(one)[inside] for one in (apart, agreed))
    usual = (np.minimum(before, after)[:, [giver, to]] > 0).all(1)
    here = apart.seats.name[inside] == agreement.seat
    grown = 1.0 if agreement.ends else after[usual, giver].sum() / before[usual, giver].sum()
    would = (before[here, giver] * grown).item()
    change = (after - before)[:, to]
    gained = change[here].item() - change[usual].mean()
    spread = change[usual].std(ddof=1) * (1 + 1 / usual.sum()) ** 0.5
    row = read_transfers("formal").find(agreement.donor, agreement.recipient, None)
    assert row is not None and isinstance(row.arrive, Range)
    arrives = middle(row.arrive)
    luck = would * (row.arrive.high - row.arrive.low) / (2 * Z90)
    others = 1 - (after[here, to].item() - gained + arrives * would)
    gain = (gained - arrives * would) / others
    return Gain(
        agreement, would, float(gained), arrives, gain, float(np.hypot(spread, luck)) / others
    )


def agreed_gain(without: str = "") -> Range:
    """Return the 90 % range of the gain in a new election, estimated without one of the others."""
    found = [gain_of(one) for one in AGREEMENTS if one.election != without]
    gain, error = (np.array([getattr(one, key) for one in found]) for key in ("gain", "error"))
    mean, sd, off = random_mean(gain, error)
    off = Z90 * (sd**2 + off**2) ** 0.5
    return Range(low=max(round(mean - off, 3), 0.001), high=round(mean + off, 3))


def agreements_table() -> Table:
    """Return a row per agreement: what the recipient gained, and how much beyond the transfers."""
    found = agreed_gain()
    return table_of(
        f"Agreements in {COUNTRY}",
        "name=Seat | election | donor=Absent | recipient=For | ends:text=Ended | "
        "would:share=Would have had | gained:share=Gained | arrives:share=Of that arrives | "
        "gain:share=Gain | error:share=±",
        [
            {
                **one.agreement._asdict(),
                **asdict(one),
                "name": one.agreement.seat,
                "ends": "yes" if one.agreement.ends else "",
            }
            for one in map(gain_of, AGREEMENTS)
        ],
        "Would: the absent party's expected share; gained: the recipient's change beyond the "
        "mean where both stood; arrives: by the formal rates, which know no agreement; gain: "
        "what came beyond that, as a part of the votes of all others.",
        f"What a new election draws from: {found.low} to {found.high} (90 %), the option "
        "'strength.gain' of the pacts of Northern Ireland.",
    )
