"""Counter-based random numbers: Threefry4x32-12 and float32 normals.

A number is a pure function of ``(seed, stream, draw, item)``. Every stream takes a seed of its own,
though they are equal as a rule. No state is carried along, so the same draw gives the same numbers
whatever the thread, block or machine that computes it, and a new stream disturbs no other.

References
----------
Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11, section 5.3
and table 2 (Threefry4x32 with 12 rounds passes BigCrush). Rotation constants: table 4 of
Ferguson et al., "The Skein hash function family", as adapted to 32 bits in Random123.
Logarithm and exponential: Moshier, Cephes library, ``logf.c``, ``expf.c``. The polynomials of the
normals are fitted to the smallest largest error by Lawson's iteration (Rice, *The approximation of
functions*, volume 2, 1969), in the form that float32 takes; a test measures them.
Normal quantiles: Giles, "Approximating the erfinv function", *GPU Computing Gems*, Jade edition
(2012), table 10.5. Sum of Chebyshev polynomials: Clenshaw, *Mathematical Tables and Other Aids to
Computation* 9 (1955).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from forecaster.kernels.layout import TURNS, Sampling
from forecaster.kernels.machine import (
    Number,
    Variable,
    bits,
    floor,
    fma,
    from_bits,
    lane_numbers,
    larger,
    long,
    loop,
    rotate,
    shift_signed,
    smaller,
    spread,
    sqrt,
    this_lane,
    to_float,
    truncate,
    vector,
    when,
    where,
    word,
)

# One number a stream; never renumber one, or every stored seed changes its meaning.
NATIONAL = 0
LAMBDA = 1
SLOPES = 2
REGIONS = 3
SEATS = 4
MORE_OF_SEATS = 5
NATIONAL_SCALE = 6
ELECTION_SCALE = 7
TACTICAL = 8
PACTS = 9
TRANSFERS = 10
SEAT_TRANSFERS = 11
REFUSALS = 12
INCUMBENCY = 13
STRENGTH = 14
STREAMS = 15
# Nothing is drawn from REFUSALS any more, as SEAT_TRANSFERS has words to spare for them. It is not
# to be given to anything else. MORE_OF_SEATS was the scale of seats' errors, which SEATS has now.

NORMAL_BOUND = 5.75
"""No normal is larger: `pair` gives 5.4 at most, `normal_quantile` 5.5."""

PARITY = 0x1BD11BDA
ROUNDS = 12
ROTATIONS = ((10, 26), (11, 21), (13, 27), (23, 5), (6, 20), (17, 11), (25, 10), (18, 20))

MOST_DOF = 8
"""Degrees of freedom of a Student t: of more, the parts of a word would be too coarse."""

MOSTLY_ASIDE = (1, 2, 4, 6)
"""Columns that stand aside in most pacts: one counter is enough for them (any choice is right)."""

LOG = (0.118961006, -0.186678588, 0.204963326, -0.249097437, 0.333145082, -0.500011146, 1.00000095)
"""Of ``log(1 + t) / t`` between the square roots of 1/2 and 2: relative error 1.2e-6."""
SINE = (-0.00437101489, 0.0795006528, -0.645925939, 1.57079518)
"""Of ``sin(pi t / 2) / t`` by ``t**2``, for t from -1 to 1: error 1.3e-6."""
COSINE = (0.000858190644, -0.0208106283, 0.253650755, -1.23369825, 0.99999994)
"""Of ``cos(pi t / 2)`` by ``t**2``, for t from -1 to 1: error 1e-7."""


def independent(seeds: int | npt.NDArray[np.uint64]) -> Sampling:
    """Return random numbers that are independent from draw to draw.

    Parameters
    ----------
    seeds : int or ndarray of uint64, shape (STREAMS,)
        The key of all streams, or of each its own.
    """
    nothing = np.zeros((0, 0), np.uint32)
    return Sampling(
        seeds=np.full(STREAMS, seeds, np.uint64),
        start=np.zeros(STREAMS, np.int32),
        rows=np.zeros(STREAMS, np.int32),
        shift=nothing,
        direction=nothing[:, :, None],
        log_scale=np.zeros(0, np.float32),
        each=1,
    )


def threefry(counter: list[Number], k0: Number, k1: Number) -> list[Number]:
    """Return four random words for a counter of four, under the key ``(k0, k1, 0, 0)``."""
    nothing = word(0)
    key = [k0, k1, nothing, nothing, k0 ^ k1 ^ PARITY]
    x = [c + k for c, k in zip(counter, key[:4], strict=True)]
    for n in range(ROUNDS):
        second, fourth = (1, 3) if n % 2 == 0 else (3, 1)
        for to, of, turn in zip((0, 2), (second, fourth), ROTATIONS[n % 8], strict=True):
            x[to] = x[to] + x[of]
            x[of] = rotate(x[of], turn) ^ x[to]
        if n % 4 == 3:
            j = n // 4 + 1
            x = [x[i] + key[(j + i) % 5] for i in range(4)]
            x[3] = x[3] + j
    return x


def words(m: Any, stream: int, item: Any, group: Any = 0) -> list[Number]:
    """Return four random words for each of the draws of these lanes.

    Parameters
    ----------
    m : Memory
        With the seeds, and the first draw of the block.
    stream : int
        One of the constants of this module.
    item : int or Number
        What the numbers are for (a seat, a region); at most ``2**24``.
    group : int or Number
        Which four of the item's words.
    """
    first = draw_of_lane(m)
    counter = [
        spread(word(first)) + lane_numbers(),
        word(first >> 32),
        word(item) * 256 + word(group),
    ]
    return threefry(
        [*map(_spread, counter), spread(word(stream))], m.keys[stream, 0], m.keys[stream, 1]
    )


def draw_of_lane(m: Any) -> Number:
    """Return the draw of the first of these lanes."""
    draw: Number = m.draw + long(word(this_lane()))
    return draw


def _spread(x: Number) -> Number:
    return x if x.lanes else spread(x)


def uniform(w: Number) -> Number:
    """Map a word to a float32 strictly inside (0, 1), from its upper 23 bits."""
    return fma(to_float(w >> 9), 2.0**-23, 2.0**-24)


def log(x: Number) -> Number:
    """Return the logarithm of a positive, normal float32 (Cephes ``logf``, 1e-7 relative)."""
    b = bits(x)
    m = from_bits(b & 0x007FFFFF | 0x3F000000)
    low = m < 0.70710678
    e = to_float((b >> 23) - 126) - where(low, 1.0, vector(0.0))
    t = where(low, m + m, m) - 1.0
    z = t * t
    p = fma(t, 7.0376836292e-2, -1.1514610310e-1)
    for coefficient in (
        1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1,
        -2.4999993993e-1, 3.3333331174e-1,
    ):  # fmt: skip
        p = fma(p, t, coefficient)
    p = fma(p * t, z, fma(e, -2.12194440e-4, z * -0.5))
    return fma(e, 0.693359375, t + p)


def exp(x: Number) -> Number:
    """Return the exponential of a float32 between -80 and 80 (Cephes ``expf``, 1e-7 relative)."""
    x = smaller(larger(x, -80.0), 80.0)
    n = floor(fma(x, 1.44269504, 0.5))
    x = fma(n, 2.12194440e-4, fma(n, -0.693359375, x))
    p = fma(x, 1.9875691500e-4, 1.3981999507e-3)
    for coefficient in (8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1):
        p = fma(p, x, coefficient)
    p = fma(p, x * x, x) + 1.0
    return p * from_bits((truncate(n) + 127) << 23)


def normal_quantile(w: Number) -> Number:
    """Turn a word into the standard normal of its rank (Giles, about 1e-6; 5.5 at most)."""
    u = uniform(w)
    v = -log(u * 4.0 * (1.0 - u))
    x = v - 2.5
    p = fma(x, 2.81022636e-8, 3.43273939e-7)
    for coefficient in (
        -3.5233877e-6, -4.39150654e-6, 2.1858087e-4, -1.25372503e-3, -4.17768164e-3, 0.246640727,
        1.50140941,
    ):  # fmt: skip
        p = fma(p, x, coefficient)
    x = sqrt(v) - 3.0
    q = fma(x, -2.00214257e-4, 1.00950558e-4)
    for coefficient in (
        1.34934322e-3, -3.67342844e-3, 5.73950773e-3, -7.6224613e-3, 9.43887047e-3, 1.00167406,
        2.83297682,
    ):  # fmt: skip
        q = fma(q, x, coefficient)
    return where(v < 5.0, p, q) * fma(u, 2.0, -1.0) * 1.41421356


def minus_two_log(u: Number) -> Number:
    """Return -2 times the logarithm of a float32 in (0, 1], to about 1e-6 of it."""
    b = bits(u)
    # Between the square roots of 1/2 and 2 the polynomial holds.
    e = shift_signed(b - 0x3F3504F3, 23)
    t = from_bits(b - (e << 23)) - 1.0
    return fma(to_float(e), 0.69314718, t * polynomial(t, LOG)) * -2.0


def pair(w: Number) -> list[Number]:
    """Turn a word into two independent standard normals, at most 5.4 in size (Box and Muller).

    Its upper 20 bits are the radius, the lower 12 the angle: eleven of them a place on the right
    half of the circle, in the middle of its interval, and one which half it is.
    """
    radius = sqrt(minus_two_log(2.0 - from_bits(((w >> 9) & 0x007FFFF8) | 0x3F800004)))
    # Too few places near zero would show: the radius' last four bits divide each of them further.
    t = fma(to_float((w << 21) | ((w & 0xF000) << 5)), 2.0**-31, 2.0**-15)
    z = t * t
    half = bits(polynomial(z, COSINE)) ^ ((w << 20) & 0x80000000)
    return [radius * (polynomial(z, SINE) * t), radius * from_bits(half)]


def polynomial(x: Number, coefficients: tuple[float, ...]) -> Number:
    """Return the polynomial with these coefficients, the highest first."""
    p = fma(x, coefficients[0], coefficients[1])
    for coefficient in coefficients[2:]:
        p = fma(p, x, coefficient)
    return p


def normals(m: Any, n: int, stream: int, item: Any, eight: Any = 0) -> list[Number]:
    """Return `n` standard normals, eight from each counter, from an eight on; else as `words`."""
    out: list[Number] = []
    for group in range(-(-n // 8)):
        needed = -(-min(8, n - 8 * group) // 2)
        for w in words(m, stream, item, word(eight) + group)[:needed]:
            out += pair(w)
    return out[:n]


def seat_numbers(
    m: Any, n: int, item: Any, dof: Number, more: Number
) -> tuple[list[Number], Number]:
    """Return at least `n` standard normals of a seat, and what makes them a Student t.

    For the first draws of all fours; the others have them `turned`. One counter gives six and the
    scale. The seventh and eighth come from `more`, the seat's word of a counter that four seats
    share; all others from further counters of the seat.
    """
    *first, last = words(m, SEATS, item)
    out = [z for w in first for z in pair(w)]
    if n > len(out):
        out += pair(more)
    if n > len(out):
        # Two by two, as all are turned.
        out += normals(m, n + n % 2 - len(out), SEATS, item, 1)
    return out, t_scale(last, dof)


def turned(z: list[Number], turn: int) -> list[Number]:
    """Return pairs of normals so many quarter turns further on."""
    sines, cosines = z[::2], z[1::2]
    for _ in range(turn % TURNS):
        sines, cosines = cosines, [-sine for sine in sines]
    return [z for both in zip(sines, cosines, strict=True) for z in both]


def luck_order(columns: int) -> list[int]:
    """Return in which order columns have their luck, four of them from a counter."""
    return sorted(range(columns), key=lambda c: (c not in MOSTLY_ASIDE, c))


def luck(m: Any, item: Any, group: Any) -> tuple[list[Number], list[Number]]:
    """Return four standard normals, and four words of 16 bits for `lot`, from one counter."""
    w = words(m, SEAT_TRANSFERS, item, group)
    return pair(w[0]) + pair(w[1]), [half for x in w[2:] for half in (x & 0xFFFF, x >> 16)]


def lot(w: Number, turn: int) -> Number:
    """Return a uniform number on (0, 1) from 16 bits, so many quarter turns further on."""
    return fma(to_float(w + turn * 2**16 // TURNS & 0xFFFF), 2.0**-16, 2.0**-17)


def factors(m: Any, n: int, stream: int, item: Any, eight: Any = 0) -> list[Number]:
    """Return standard normals of a factor: of Sobol points, if there are any.

    Parameters
    ----------
    m, stream, item
        As of `words`.
    n : int
        How many.
    eight : int or Number
        How many eights of them come before.
    """
    if not m.sobol:
        return normals(m, n, stream, item, eight)
    return [normal_quantile(coordinate(m, stream, item, word(eight) * 8 + row)) for row in range(n)]


def coordinate(m: Any, stream: int, item: Any, row: Any) -> Number:
    """Return a coordinate, as words, of the Sobol points of these lanes."""
    scramble = m.draw / m.each
    number = spread(word(draw_of_lane(m) - scramble * m.each)) + lane_numbers()
    at = m.start[stream] + word(item) * m.rows[stream] + word(row)
    w = Variable(spread(m.shift[scramble, at]))
    for bit in loop(m.bits):
        chosen = ((number >> word(bit)) & 1) == 1
        w.value = w.value ^ where(chosen, m.direction[scramble, at, bit], word(0))
    return w.value


def t_scale(w: Number, dof: Number) -> Number:
    """Return the factor that turns unit normals into unit-variance Student t, from a word.

    ``sqrt((dof - 2) / chi2)`` with ``chi2 = -2 log(u1 u2 …)`` over ``dof / 2`` uniforms, each an
    equal part of the word, which is exact for an even number of degrees of freedom but for the
    uniforms' few bits. With 0 the law is normal, and the factor one.
    """
    scale = Variable(vector(1.0))
    for n in range(2, MOST_DOF // 2 + 1):
        with when(dof == 2 * n):
            size = 32 // n
            product = vector(1.0)
            for place in range(n):
                part = to_float(w >> (place * size) & (2**size - 1))
                product = product * fma(part, 2.0**-size, 2.0 ** (-size - 1))
            scale.value = sqrt(float(2 * n - 2) / minus_two_log(product))
    return scale.value


def factor_t_scale(m: Any, dof: Number, stream: int) -> Number:
    """Return the factor of `t_scale`, item 0: of Sobol points, if there are any.

    One coordinate gives the scale, by its quantiles: as a product of several, by which every
    other factor is multiplied, it would not be spread evenly at all.
    """
    if not m.sobol:
        return t_scale(words(m, stream, 0)[0], dof)
    scale = Variable(vector(1.0))
    with when(dof != 0):
        rank = normal_quantile(coordinate(m, stream, 0, 0))
        scale.value = exp(_polynomial(m.log_scale, m.terms, rank))
    return scale.value


def _polynomial(coefficients: Any, terms: Number, z: Number) -> Number:
    """Return a sum of Chebyshev polynomials on ``[-NORMAL_BOUND, NORMAL_BOUND]`` (Clenshaw)."""
    twice = z * (2.0 / NORMAL_BOUND)
    first, second = Variable(vector(0.0)), Variable(vector(0.0))
    for n in loop(terms - 1):
        before = first.value
        first.value = fma(twice, before, coefficients[terms - 1 - n] - second.value)
        second.value = before
    return fma(twice * 0.5, first.value, coefficients[0] - second.value)
