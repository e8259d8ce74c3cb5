"""The elections of the page: shares at 12 bits, packed for a browser."""

from __future__ import annotations

import base64
import zlib

import numpy as np
import numpy.typing as npt

from forecaster.arrays import Bools, Ints

DRAWS = 1024
"""Elections on the page. A pact's effect has a standard deviation of some 30 seats, so that its
mean has a standard error of about one. A browser counts them in a tenth of a second."""

UNIT = 2**12
"""Shares are stored in units of 2**-12. Rounded so, a quarter of a seat per election would have
another winner; with one byte per share, four seats would."""

Whole = npt.NDArray[np.int64]
Singles = npt.NDArray[np.float32]


def rounded(shares: Singles) -> Whole:
    """Return shares as whole numbers of units of ``1 / UNIT``, shape (draw, seat, column).

    They sum to `UNIT`, the largest remainders rounded up.
    """
    exact = shares.astype(float) * UNIT
    out = np.floor(exact).astype(np.int64)
    order, more = (out - exact).argsort(2), np.zeros(out.shape, bool)
    missing = UNIT - out.sum(2, keepdims=True)
    np.put_along_axis(more, order, np.arange(out.shape[2]) < missing, 2)
    return np.asarray(out + more)


def rest_columns(shares: Singles) -> Ints:
    """Return the column of every seat whose share is not stored but computed from the others.

    It is the one with the largest mean share, which would take the most room.
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
    """Return bytes as gzip in base64; without a time in its head, equal ones give equal texts.

    Shares are nearly noise: zlib's filter for such makes them smaller at level 6 than its default
    does at level 9, in a quarter of the time.
    """
    gzip = zlib.compressobj(6, wbits=31, memLevel=9, strategy=zlib.Z_FILTERED)
    return base64.b64encode(gzip.compress(content) + gzip.flush()).decode()
