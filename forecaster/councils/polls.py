"""What the polls let expect of all wards of a place together."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import numpy as np

from forecaster.arrays import Floats, Ints
from forecaster.councils.base import base_shares, last_general, moved_by
from forecaster.councils.data import IND, OTHER, PARTIES, WELSH, Wards
from forecaster.kernels import rules
from forecaster.polls.data import AREAS, last_day, last_result
from forecaster.polls.model import ESTIMATED, estimate
from forecaster.vocabulary import POLLED


def polling_day(year: int) -> date:
    """Return the first Thursday in May."""
    first = date(year, 5, 1)
    return first + timedelta((3 - first.weekday()) % 7)


@cache
def polled(day: date, area: str) -> tuple[float, ...]:
    """Return what the polls say of an area on the eve of a day, by party of `PARTIES`."""
    eve = day - timedelta(1)
    return _named(ESTIMATED, estimate(eve).shares[AREAS.index(area)])


def _voted(day: date, area: str) -> tuple[float, ...]:
    """Return the result of the last general election before a day in an area."""
    return _named(POLLED, last_result(day)[1].shares[AREAS.index(area)])


def _named(parties: tuple[str, ...], shares: Floats) -> tuple[float, ...]:
    """Return shares by party of `PARTIES`; independents and others have none."""
    found = dict(zip(parties, shares.tolist(), strict=True))
    return tuple(found.get(name, 0.0) * (p not in (IND, OTHER)) for p, name in enumerate(PARTIES))


def expected_of_place(
    last: Wards, candidates: Ints, year: int, votes: Floats, general: float, follows: float
) -> Floats:
    """Return the expected shares of some wards together, shape (party,).

    They are the last shares, moved by the part `follows` of the polls' change since. If a general
    election lay between, they are moved by all of that change; the part `general` of the result is
    the general election in their constituencies, moved by the polls' change since then. Welsh
    wards have polls of Wales, all others those of Great Britain.

    `candidates`, shape (ward, party): who stands now. `year`: of the election to come, in May; if
    the polls of the data end earlier, the last ones count. `votes`, shape (ward,): weights that sum
    to one. `general` and `follows`: `base.general_level` and `base.poll_change` of the parameters.
    """
    area = "Wales" if (last.kind == WELSH).all() else "GB"
    day = min(polling_day(year), last_day())
    now = np.array(polled(day, area))
    change = now - polled(polling_day(last.year), area)
    base = base_shares(last, candidates, year, 0.0)
    when, constituencies = last_general(last, year)
    if not last.year <= when < year:
        return moved_by(base, votes, follows * change)
    out = moved_by(base, votes, change)
    there = rules.close(np.maximum(constituencies, rules.FLOOR), candidates > 0)
    return np.asarray(
        (1 - general) * out + general * moved_by(there, votes, now - _voted(day, area))
    )
