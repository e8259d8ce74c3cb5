"""Seats in proportion to votes, for many elections at once, and how far seats are from it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from forecaster.arrays import Floats, Ints

FIRST_DIVISOR = {"dhondt": 1.0, "sainte-lague": 0.5}
"""A party with s seats competes for the next one with ``votes / (s + first divisor)``: d'Hondt's
1, 2, 3, … and Sainte-Laguë's 1, 3, 5, … (Balinski and Young 1982, Fair Representation, ch. 5)."""


def apportion(votes: Floats, seats: int, method: str, held: Ints | None = None) -> Ints:
    """Divide seats by the method of highest averages.

    Parameters
    ----------
    votes : ndarray, shape (draw, party)
        Votes or shares; a party with none gets no seat.
    seats : int
        Seats to give in every draw.
    method : {"dhondt", "sainte-lague"}
    held : ndarray of int, shape (draw, party), optional
        Seats that the parties hold already: they count in the divisors, not in what is given.

    Returns
    -------
    ndarray of int, shape (draw, party)
        Seats given; of equal averages the first party's comes first.
    """
    first = FIRST_DIVISOR[method]
    rows = np.arange(len(votes))
    before = np.zeros(votes.shape, np.int64) if held is None else held
    given = np.zeros(votes.shape, np.int64)
    average = votes / (before + first)
    for _ in range(seats):
        next_ = average.argmax(1)
        given[rows, next_] += 1
        now = before[rows, next_] + given[rows, next_]
        average[rows, next_] = votes[rows, next_] / (now + first)
    return given


def gallagher_index(vote_shares: npt.NDArray[Any], seat_shares: npt.NDArray[Any]) -> Floats:
    """Return the least squares index of disproportionality over the last axis.

    ``sqrt(sum (v - s)^2 / 2)`` on shares (Gallagher 1991, Electoral Studies 10, 33-51); published
    figures are in per cent.
    """
    return np.asarray(np.sqrt(((vote_shares - seat_shares) ** 2).sum(-1) / 2))
