"""The elections of the page: shares at 12 bits, packed for a browser."""

from __future__ import annotations

import base64
import gzip

import numpy as np
import numpy.typing as npt

from forecaster.arrays import Bools, Ints

DRAWS = 1024
"""Elections on the page: a pact's effect has a standard deviation of some 30 seats, so that they
tell its mean to about one seat, and a browser counts them in a tenth of a second."""

UNIT = 2**12
"""Shares are stored in units of 2**-12: a quarter of a seat an election falls to another party by
it, which would be four seats with a byte a share."""

Whole = npt.NDArray[np.int64]
Singles = npt.NDArray[np.float32]


def rounded(shares: Singles) -> Whole:
    """Return shares as whole numbers of units of ``1 / UNIT``, shape (draw, seat, column).

    They sum to `UNIT`, the largest remainders rounded up.
    """
    exact = shares.astype(float) * UNIT
    out = np.floor(exact).astype(np.int64)
    rank = (out - exact).argsort(2).argsort(2)
    out += rank < UNIT - out.sum(2, keepdims=True)
    return np.asarray(out)


def rest_columns(shares: Singles) -> Ints:
    """Return the column of every seat that the page takes from the sum: the largest on average.

    It would take the most room.
    """
    return np.asarray(shares.mean(0).argmax(1))


def packed(shares: Whole, stands: Bools, rest: Ints) -> str:
    """Return shares of those who stand but `rest_columns` as gzip in base64.

    All lower bytes come first, then all upper ones; within each, draws run fastest, then columns,
    then seats.
    """
    seat, column = np.nonzero(stands & (np.arange(stands.shape[1]) != rest[:, None]))
    rows = shares[:, seat, column].T.astype("<u2")
    planes = (rows & 0xFF).astype(np.uint8).tobytes() + (rows >> 8).astype(np.uint8).tobytes()
    return zipped(planes)


def zipped(content: bytes) -> str:
    """Return bytes as gzip in base64; without a time in its head, equal ones give equal texts."""
    return base64.b64encode(gzip.compress(content, 6, mtime=0)).decode()
