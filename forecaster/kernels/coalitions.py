"""Every set of parties in every draw: which have a majority, and which need every member.

A set is a number whose bit j says whether party j is in it. Sets that hold party j follow those
without it, so that all loops run over neighbours in memory.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit


@njit(cache=True)
def count_coalitions(
    seats: npt.NDArray[np.int16], needed: npt.NDArray[np.int16]
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int32]]:
    """Count minimal majorities, and those that each party can take by leaving.

    Parameters
    ----------
    seats : ndarray of int16, shape (draw, party)
    needed : ndarray of int16, shape (draw,)
        Seats of a majority.

    Returns
    -------
    minimal : ndarray of uint32, shape (2 ** party,)
        In how many draws each set has a majority and loses it without any one member.
    swings : ndarray of int32, shape (draw, party)
        Sets with a majority with the party and none without it.
    """
    draws, size = seats.shape
    every = 1 << size
    minimal = np.zeros(every, np.uint32)
    swings = np.zeros((draws, size), np.int32)
    together, smallest = np.zeros(every, np.int16), np.zeros(every, np.int16)
    wins = np.zeros(every, np.int32)
    for draw in range(draws):
        together[0], smallest[0] = 0, np.int16(32767)
        for party in range(size):
            _double(together, smallest, 1 << party, seats[draw, party])
        _judge(together, smallest, needed[draw], wins, minimal)
        _fold(wins, swings[draw])
    return minimal, swings


@njit(cache=True)
def _double(together: Any, smallest: Any, half: int, own: np.int16) -> None:
    """Add the sets that hold one more party."""
    for k in range(half):
        together[half + k] = together[k] + own
        smallest[half + k] = min(smallest[k], own)


@njit(cache=True)
def _judge(together: Any, smallest: Any, needed: np.int16, wins: Any, minimal: Any) -> None:
    for k in range(len(together)):
        wins[k] = together[k] >= needed
        minimal[k] += np.uint32(together[k] >= needed and together[k] - smallest[k] < needed)


@njit(cache=True)
def _fold(wins: Any, swings: Any) -> None:
    """Count the wins with each party less those without it, the last party first.

    More seats never lose a majority, so the difference is of sets that the party decides.
    """
    half = len(wins)
    for party in range(len(swings) - 1, -1, -1):
        half >>= 1
        apart = np.int32(0)
        for k in range(half):
            apart += wins[half + k] - wins[k]
            wins[k] += wins[half + k]
        swings[party] = apart
