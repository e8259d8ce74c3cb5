"""The random numbers of `forecaster.kernels.random`, in plain Python integers and float64."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecaster.kernels.rules import Array

PARITY = 0x1BD11BDA
ROTATIONS = ((10, 26), (11, 21), (13, 27), (23, 5), (6, 20), (17, 11), (25, 10), (18, 20))


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


Seed = int | Sequence[int]
"""The key of all streams, or of each its own."""


def words(seed: Seed, draw: int, item: int, group: int, stream: int) -> list[int]:
    """Return the four random words of one counter."""
    key = seed if isinstance(seed, int) else int(seed[stream])
    counter = [draw & 0xFFFFFFFF, draw >> 32, item * 256 + group, stream]
    return threefry(counter, [key & 0xFFFFFFFF, key >> 32, 0, 0])


def normals(n: int, seed: Seed, draw: int, item: int, stream: int) -> Array:
    """Return `n` standard normals, by Box and Muller, four from each counter."""
    out = []
    for group in range((n + 3) // 4):
        w = words(seed, draw, item, group, stream)
        for u, v in (w[:2], w[2:]):
            radius = np.sqrt(-2 * np.log(((u >> 9) + 0.5) * 2.0**-23))
            angle = 2 * np.pi * (v >> 8) * 2.0**-24
            out += [radius * np.cos(angle), radius * np.sin(angle)]
    return np.array(out[:n])


def table(items: int, seed: Seed, draw: int, stream: int) -> Array:
    """Return eight standard normals for every item, shape ``(items, 8)``."""
    return np.array([normals(8, seed, draw, item, stream) for item in range(items)])


def t_scale(dof: int, seed: Seed, draw: int, item: int, stream: int) -> float:
    """Return the factor that turns unit normals into unit-variance Student t."""
    if dof == 0:
        return 1.0
    uniforms = [((w >> 9) + 0.5) * 2.0**-23 for w in words(seed, draw, item, 0, stream)]
    return float(np.sqrt((dof - 2) / (-2 * np.log(uniforms[: dof // 2]).sum())))


def uniforms(n: int, seed: Seed, draw: int, item: int, stream: int) -> Array:
    """Return `n` uniforms on (0, 1), four from each counter."""
    every = [w for group in range((n + 3) // 4) for w in words(seed, draw, item, group, stream)]
    return (np.array(every[:n]) // 2**9 + 0.5) * 2.0**-23
