"""The elections of the page: seats' shares at 12 bits, packed for a browser."""

from __future__ import annotations

import base64
import gzip

import numpy as np
import numpy.typing as npt

from forecaster.arrays import Bools, Floats, Ints
from forecaster.pipeline import DrawnSeats

DRAWS = 1024
"""Elections on the page: a pact's effect has a standard deviation of some 30 seats, so that they
tell its mean to about one seat, and a browser counts them in a tenth of a second."""

UNIT = 2**12
"""Shares are stored in units of 2**-12: a quarter of a seat an election falls to another party by
it, which would be four seats with a byte a share."""

FACTOR_DIGITS = 6

Whole = npt.NDArray[np.int64]


def whole_shares(drawn: DrawnSeats) -> Whole:
    """Return shares as whole numbers of units of ``1 / UNIT``, shape (draw, seat, column).

    They sum to `UNIT`, the largest remainders rounded up, and are moved by as few units as it takes
    for every seat to go to whom it went unrounded.
    """
    exact = drawn.shares.astype(float) * UNIT
    shares = np.floor(exact).astype(np.int64)
    rank = (shares - exact).argsort(2).argsort(2)
    shares += rank < UNIT - shares.sum(2, keepdims=True)
    _restore_winners(shares, drawn)
    return np.asarray(shares)


def packed(shares: Whole, drawn: DrawnSeats) -> str:
    """Return shares of those who stand but `rest_columns` as gzip in base64.

    All lower bytes come first, then all upper ones; within each, draws run fastest, then columns,
    then seats.
    """
    seat, column = np.nonzero(drawn.plan.base.stands & ~_as_rest(drawn))
    rows = shares[:, seat, column].T.astype("<u2")
    planes = (rows & 0xFF).astype(np.uint8).tobytes() + (rows >> 8).astype(np.uint8).tobytes()
    # Without a time in its head, equal runs give equal pages.
    return base64.b64encode(gzip.compress(planes, 9, mtime=0)).decode()


def win_factors(drawn: DrawnSeats) -> Floats:
    """Return the best candidate's part of a column's votes, as the page has it, (seat, column)."""
    return np.round(drawn.plan.arrays.win_factor.astype(float), FACTOR_DIGITS)


def rest_columns(drawn: DrawnSeats) -> Ints:
    """Return the column of every seat that the page takes from the sum: the largest on average.

    It would take the most room.
    """
    return np.asarray(drawn.shares.mean(0).argmax(1))


def _as_rest(drawn: DrawnSeats) -> Bools:
    """Return `rest_columns` as a mask, shape (seat, column)."""
    return np.asarray(np.arange(drawn.shares.shape[2]) == rest_columns(drawn)[:, None])


def _restore_winners(shares: Whole, drawn: DrawnSeats) -> None:
    """Take units from whoever wins by rounding alone and give them to the winner, in place."""
    factor = win_factors(drawn)
    while True:
        ahead = (shares * factor).argmax(2)
        draw, seat = np.nonzero(ahead != drawn.winners)
        if not len(draw):
            return
        shares[draw, seat, ahead[draw, seat]] -= 1
        shares[draw, seat, drawn.winners[draw, seat]] += 1
