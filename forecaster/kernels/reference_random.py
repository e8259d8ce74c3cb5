"""The random numbers of `forecaster.kernels.random`, in plain Python integers and float64."""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial
from statistics import NormalDist

import numpy as np

from forecaster.kernels.layout import FOURS, LANES, TURNS, Sampling
from forecaster.kernels.random import (
    MORE_OF_SEATS,
    PARITY,
    ROTATIONS,
    SEAT_TRANSFERS,
    SEATS,
    luck_order,
)
from forecaster.kernels.rules import Array


def threefry(counter: list[int], key: list[int], rounds: int = 12) -> list[int]:
    """Threefry4x32 with 32-bit words as plain integers (Salmon et al. 2011, section 3.3)."""
    word = 0xFFFFFFFF
    keys = [*key, PARITY ^ key[0] ^ key[1] ^ key[2] ^ key[3]]
    x = [(c + k) & word for c, k in zip(counter, key, strict=True)]
    for r in range(rounds):
        second, fourth = (1, 3) if r % 2 == 0 else (3, 1)
        for to, of, turn in zip((0, 2), (second, fourth), ROTATIONS[r % 8], strict=True):
            x[to] = (x[to] + x[of]) & word
            x[of] = ((x[of] << turn) | (x[of] >> (32 - turn))) & word ^ x[to]
        if r % 4 == 3:
            n = r // 4 + 1
            x = [(x[i] + keys[(n + i) % 5] + (n if i == 3 else 0)) & word for i in range(4)]
    return x


Seed = int | Sequence[int] | Sampling
"""The key of all streams, or of each its own, or with Sobol points for the factors."""


def words(seed: Seed, draw: int, item: int, group: int, stream: int) -> list[int]:
    """Return the four random words of one counter."""
    seeds = seed.seeds if isinstance(seed, Sampling) else seed
    key = seeds if isinstance(seeds, int) else int(seeds[stream])
    counter = [draw & 0xFFFFFFFF, draw >> 32, item * 256 + group, stream]
    return threefry(counter, [key & 0xFFFFFFFF, key >> 32, 0, 0])


def pair(w: int, turn: int = 0) -> list[float]:
    """Return the two standard normals of a word, so many quarter turns on (Box and Muller)."""
    radius = np.sqrt(-2 * np.log(1 - ((w >> 12) + 0.5) / 2**20))
    half, place = w >> 11 & 1, w & 0x7FF
    place = 16 * (place - 2048 if place >= 1024 else place) + (w >> 12 & 15)
    angle = np.pi / 2 * (place + 0.5) / 2**14
    sine, cosine = radius * np.sin(angle), radius * np.cos(angle) * (-1 if half else 1)
    for _ in range(turn):
        sine, cosine = cosine, -sine
    return [sine, cosine]


def normals(n: int, seed: Seed, draw: int, item: int, stream: int) -> Array:
    """Return `n` standard normals, eight from each counter."""
    every = [w for group in range(-(-n // 8)) for w in words(seed, draw, item, group, stream)]
    return np.array([z for w in every for z in pair(w)][:n])


def seat_numbers(n: int, dof: int, seed: Seed, draw: int, seat: int) -> tuple[Array, float]:
    """Return a seat's `n` standard normals, and what makes them a Student t."""
    draw, turn = first_of_four(draw)
    *first, last = words(seed, draw, seat, 0, SEATS)
    more = words(seed, draw, seat // 4, 0, MORE_OF_SEATS)[seat % 4]
    groups = range(1, 1 + max(0, -(-(n - 8) // 8)))
    others = [w for group in groups for w in words(seed, draw, seat, group, SEATS)]
    z = [z for w in (*first, more, *others) for z in pair(w, turn)]
    return np.array(z[:n]), t_scale(dof, last)


def luck(columns: int, seed: Seed, draw: int, seat: int) -> tuple[Array, Array]:
    """Return for every column of a seat the donor's luck, and the lot that decides on a refusal."""
    draw, turn = first_of_four(draw)
    z, lots = np.zeros((2, columns))
    for place, c in enumerate(luck_order(columns)):
        group, at = divmod(place, 4)
        w = words(seed, draw, seat, group, SEAT_TRANSFERS)
        z[c] = [*pair(w[0], turn), *pair(w[1], turn)][at]
        lot = (w[2 + at // 2] >> 16 * (at % 2)) + turn * 2**16 // TURNS
        lots[c] = ((lot & 0xFFFF) + 0.5) / 2**16
    return z, lots


def has_points(seed: Seed) -> bool:
    """Return whether the factors are drawn from Sobol points."""
    return isinstance(seed, Sampling) and len(seed.shift) > 0


def coordinates(n: int, sampling: Sampling, draw: int, item: int, stream: int) -> list[float]:
    """Return `n` coordinates of a draw's Sobol point, inside (0, 1)."""
    scramble, number = divmod(draw, sampling.each)
    first = sampling.start[stream] + item * sampling.rows[stream]
    out = []
    for at in range(first, first + n):
        word = int(sampling.shift[scramble, at])
        for bit, direction in enumerate(sampling.direction[scramble, at]):
            word ^= int(direction) * (number >> bit & 1)
        out.append(((word >> 9) + 0.5) * 2.0**-23)
    return out


def factors(n: int, seed: Seed, draw: int, item: int, stream: int) -> Array:
    """Return `n` standard normals of a factor: of Sobol points, if there are any."""
    if isinstance(seed, Sampling) and has_points(seed):
        ranks = coordinates(n, seed, draw, item, stream)
        return np.array([NormalDist().inv_cdf(rank) for rank in ranks])
    return normals(n, seed, draw, item, stream)


def factor_table(items: int, n: int, seed: Seed, draw: int, stream: int) -> Array:
    """Return `n` standard normals of every factor, shape ``(items, n)``."""
    return np.array([factors(n, seed, draw, item, stream) for item in range(items)])


def factor_t_scale(dof: int, seed: Seed, draw: int, stream: int) -> float:
    """Return what turns unit normals into unit-variance Student t, by its rank if of a point."""
    if isinstance(seed, Sampling) and has_points(seed) and dof > 0:
        (rank,) = coordinates(1, seed, draw, 0, stream)
        return float(np.sqrt((dof - 2) / chi_square_quantile(dof, rank)))
    return t_scale(dof, words(seed, draw, 0, 0, stream)[0])


def chi_square_quantile(dof: int, rank: float) -> float:
    """Return a quantile of chi-square with an even number of degrees of freedom, by bisection."""
    low, high = 0.0, 1000.0
    for _ in range(100):
        half = (low + high) / 4
        terms = [half**j / factorial(j) for j in range(dof // 2)]
        below = 1 - np.exp(-half) * sum(terms) < rank
        low, high = (2 * half, high) if below else (low, 2 * half)
    return low


def first_of_four(draw: int) -> tuple[int, int]:
    """Return the draw whose seats' random numbers a draw has, and how many quarter turns on."""
    turn, place = divmod(draw % LANES, FOURS)
    return draw - draw % LANES + place, turn


def t_scale(dof: int, w: int) -> float:
    """Return the factor that turns unit normals into unit-variance Student t, from a word."""
    if dof == 0:
        return 1.0
    number = dof // 2
    size = 32 // number
    uniforms = [((w >> place * size) % 2**size + 0.5) / 2**size for place in range(number)]
    return float(np.sqrt((dof - 2) / (-2 * np.log(uniforms).sum())))
