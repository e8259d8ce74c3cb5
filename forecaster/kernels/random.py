"""Counter-based random numbers: Threefry4x32-12 and float32 normals.

A number is a pure function of ``(seed, stream, draw, item)``. Every stream takes a seed of its own,
though they are equal as a rule. No state is carried along, so the same draw gives the same numbers
whatever the thread, block or machine that computes it, and a new stream disturbs no other.

References
----------
Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11, section 5.3
and table 2 (Threefry4x32 with 12 rounds passes BigCrush). Rotation constants: table 4 of
Ferguson et al., "The Skein hash function family", as adapted to 32 bits in Random123.
Polynomials for the logarithm, sine and cosine: Moshier, Cephes library, ``logf.c``, ``sinf.c``.
Normal quantiles: Giles, "Approximating the erfinv function", *GPU Computing Gems*, Jade edition
(2012), table 10.5. Sum of Chebyshev polynomials: Clenshaw, *Mathematical Tables and Other Aids to
Computation* 9 (1955).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from forecaster.kernels import simd
from forecaster.kernels.jit import inline, part
from forecaster.kernels.layout import LANES, Sampling
from forecaster.kernels.simd import add, fma, select, xor

# One number a stream; never renumber one, or every stored seed changes its meaning.
NATIONAL = 0
LAMBDA = 1
SLOPES = 2
REGIONS = 3
SEATS = 4
SEAT_SCALE = 5
NATIONAL_SCALE = 6
ELECTION_SCALE = 7
TACTICAL = 8
PACTS = 9
TRANSFERS = 10
SEAT_TRANSFERS = 11
REFUSALS = 12
STREAMS = 13

NORMAL_BOUND = 5.75
"""No normal is larger: `box_muller` gives 5.7 at most, `normal_quantile` 5.5."""

_U = np.uint32
_F = np.float32
PARITY = _U(0x1BD11BDA)
MINUS_126 = _U(2**32 - 126)
TWO_POW_MINUS_23 = _F(2.0**-23)
TWO_POW_MINUS_24 = _F(2.0**-24)


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


@inline
def keys(seeds: Any) -> Any:
    """Return the seeds' low and high halves, two arrays of uint32, shape ``(STREAMS,)``."""
    k0, k1 = np.empty(STREAMS, np.uint32), np.empty(STREAMS, np.uint32)
    for stream in range(STREAMS):
        k0[stream] = _U(seeds[stream] & np.uint64(0xFFFFFFFF))
        k1[stream] = _U(seeds[stream] >> np.uint64(32))
    return k0, k1


@inline
def _mix(x: Any, y: Any, r: Any) -> Any:
    x = add(x, y)
    return x, xor(simd.rotate(y, _U(r)), x)


@inline
def threefry(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    """Return four random uint32 for the counter ``(c0, c1, c2, c3)`` under the key ``(k0, k1)``.

    Twelve rounds, written out; the upper half of the 128-bit key is zero, so its additions are
    left out of the key injections.
    """
    k4 = xor(xor(k0, k1), PARITY)
    x0, x1 = _mix(add(c0, k0), add(c1, k1), 10)
    x2, x3 = _mix(c2, c3, 26)
    x0, x3 = _mix(x0, x3, 11)
    x2, x1 = _mix(x2, x1, 21)
    x0, x1 = _mix(x0, x1, 13)
    x2, x3 = _mix(x2, x3, 27)
    x0, x3 = _mix(x0, x3, 23)
    x2, x1 = _mix(x2, x1, 5)
    x0 = add(x0, k1)
    x3 = add(x3, add(k4, _U(1)))
    x0, x1 = _mix(x0, x1, 6)
    x2, x3 = _mix(x2, x3, 20)
    x0, x3 = _mix(x0, x3, 17)
    x2, x1 = _mix(x2, x1, 11)
    x0, x1 = _mix(x0, x1, 25)
    x2, x3 = _mix(x2, x3, 10)
    x0, x3 = _mix(x0, x3, 18)
    x2, x1 = _mix(x2, x1, 20)
    x2 = add(x2, k4)
    x3 = add(x3, add(k0, _U(2)))
    x0, x1 = _mix(x0, x1, 10)
    x2, x3 = _mix(x2, x3, 26)
    x0, x3 = _mix(x0, x3, 11)
    x2, x1 = _mix(x2, x1, 21)
    x0, x1 = _mix(x0, x1, 13)
    x2, x3 = _mix(x2, x3, 27)
    x0, x3 = _mix(x0, x3, 23)
    x2, x1 = _mix(x2, x1, 5)
    return x0, add(x1, k4), add(x2, k0), add(x3, add(k1, _U(3)))


@inline
def uniform(word: Any) -> Any:
    """Map a uint32 to a float32 strictly inside (0, 1), from its upper 23 bits."""
    return fma(simd.to_float(simd.shift_right(word, _U(9))), TWO_POW_MINUS_23, TWO_POW_MINUS_24)


@inline
def log(x: Any) -> Any:
    """Natural logarithm of a positive, normal float32 (Cephes ``logf``, about 1e-7 relative)."""
    bits = simd.bits(x)
    exponent = add(simd.shift_right(bits, _U(23)), MINUS_126)
    m = simd.from_bits(simd.either(simd.both(bits, _U(0x007FFFFF)), _U(0x3F000000)))
    low = m < _F(0.70710678)
    e = simd.to_float(exponent) - select(low, _F(1.0), _F(0.0))
    t = select(low, m + m, m) - _F(1.0)
    z = t * t
    p = fma(t, _F(7.0376836292e-2), _F(-1.1514610310e-1))
    p = fma(p, t, _F(1.1676998740e-1))
    p = fma(p, t, _F(-1.2420140846e-1))
    p = fma(p, t, _F(1.4249322787e-1))
    p = fma(p, t, _F(-1.6668057665e-1))
    p = fma(p, t, _F(2.0000714765e-1))
    p = fma(p, t, _F(-2.4999993993e-1))
    p = fma(p, t, _F(3.3333331174e-1))
    p = fma(p * t, z, fma(e, _F(-2.12194440e-4), _F(-0.5) * z))
    return fma(e, _F(0.693359375), t + p)


@inline
def exp(x: Any) -> Any:
    """Exponential of a float32 between -80 and 80 (Cephes ``expf``, about 1e-7 relative)."""
    x = simd.smaller(simd.larger(x, _F(-80.0)), _F(80.0))
    n = simd.floor(fma(x, _F(1.44269504), _F(0.5)))
    x = fma(n, _F(2.12194440e-4), fma(n, _F(-0.693359375), x))
    p = fma(x, _F(1.9875691500e-4), _F(1.3981999507e-3))
    p = fma(p, x, _F(8.3334519073e-3))
    p = fma(p, x, _F(4.1665795894e-2))
    p = fma(p, x, _F(1.6666665459e-1))
    p = fma(p, x, _F(5.0000001201e-1))
    p = fma(p, x * x, x) + _F(1.0)
    return p * simd.from_bits(simd.shift_left(add(simd.truncate(n), _U(127)), _U(23)))


@inline
def normal_quantile(word: Any) -> Any:
    """Turn a uint32 into the standard normal of its rank (Giles, about 1e-6; 5.5 at most)."""
    u = uniform(word)
    w = _F(0.0) - log(_F(4.0) * u * (_F(1.0) - u))
    x = w - _F(2.5)
    p = fma(x, _F(2.81022636e-8), _F(3.43273939e-7))
    p = fma(p, x, _F(-3.5233877e-6))
    p = fma(p, x, _F(-4.39150654e-6))
    p = fma(p, x, _F(2.1858087e-4))
    p = fma(p, x, _F(-1.25372503e-3))
    p = fma(p, x, _F(-4.17768164e-3))
    p = fma(p, x, _F(0.246640727))
    p = fma(p, x, _F(1.50140941))
    x = simd.sqrt(w) - _F(3.0)
    q = fma(x, _F(-2.00214257e-4), _F(1.00950558e-4))
    q = fma(q, x, _F(1.34934322e-3))
    q = fma(q, x, _F(-3.67342844e-3))
    q = fma(q, x, _F(5.73950773e-3))
    q = fma(q, x, _F(-7.6224613e-3))
    q = fma(q, x, _F(9.43887047e-3))
    q = fma(q, x, _F(1.00167406))
    q = fma(q, x, _F(2.83297682))
    return select(w < _F(5.0), p, q) * fma(u, _F(2.0), _F(-1.0)) * _F(1.41421356)


@inline
def box_muller(w0: Any, w1: Any) -> Any:
    """Turn two uint32 into two independent standard normals (float32, at most 5.7 in size)."""
    radius = simd.sqrt(_F(-2.0) * log(uniform(w0)))
    # The angle is 2 pi times a 24-bit fraction: its nearest quarter turn, and the rest of it
    # within an eighth of a turn, where the polynomials hold.
    turns = simd.to_float(simd.shift_right(w1, _U(8))) * TWO_POW_MINUS_24
    quarter = simd.truncate(fma(turns, _F(4.0), _F(0.5)))
    x = fma(simd.to_float(quarter), _F(-0.25), turns) * _F(6.2831853)
    z = x * x
    s = fma(fma(z, _F(-1.9515295891e-4), _F(8.3321608736e-3)), z, _F(-1.6666654611e-1))
    s = fma(s * z, x, x)
    c = fma(fma(z, _F(2.443315711e-5), _F(-1.388731625e-3)), z, _F(4.166664568e-2))
    c = fma(c * z, z, fma(z, _F(-0.5), _F(1.0)))
    odd = simd.equal(simd.both(quarter, _U(1)), _U(1))
    # Bit 1 of the quarter, moved to where a float has its sign.
    cosine = _flip(select(odd, s, c), add(quarter, _U(1)))
    sine = _flip(select(odd, c, s), quarter)
    return radius * cosine, radius * sine


@inline
def _flip(x: Any, quarter: Any) -> Any:
    """Change the sign where bit 1 is set, by moving it to where a float has its sign."""
    sign = simd.shift_left(simd.both(quarter, _U(2)), _U(30))
    return simd.from_bits(xor(simd.bits(x), sign))


@inline
def _put(out: Any, index: Any, vector: Any) -> None:
    """Store a vector at an index, or what of it fits in there."""
    if index[-1] + simd.WIDTH <= out.shape[-1]:
        simd.store(out, index, vector)
    else:
        fits = simd.below(simd.lanes(_U(index[-1])), _U(out.shape[-1]))
        simd.store_some(out, index, vector, fits)


@part
def fill_normals(out: Any, first_draw: Any, item: Any, stream: Any, k0: Any, k1: Any) -> None:
    """Fill ``out[n, lanes]`` with standard normals of draws ``first_draw`` onwards.

    Parameters
    ----------
    out : ndarray of float32, shape (n, lanes)
        `n` even; four numbers come from one counter.
    first_draw : uint64
        Draw of lane 0.
    item : uint32
        What the numbers are for (a seat, a region); at most ``2**24``.
    stream : uint32
        One of the stream constants of this module.
    k0, k1 : ndarray of uint32, shape (STREAMS,)
        The seeds, low and high halves.
    """
    for row in range(0, out.shape[0], 4):
        _fill_four(out, row, True, row + 2 < out.shape[0], first_draw, item, stream, k0, k1)


@part
def fill_wanted_normals(
    out: Any, wanted: Any, first_draw: Any, item: Any, stream: Any, k0: Any, k1: Any
) -> None:
    """Fill the rows of ``out[n, lanes]`` whose bit is set in the int `wanted`; else as above.

    The other row of a pair is filled too.
    """
    for row in range(0, out.shape[0], 4):
        pairs = (wanted >> row) & 15
        if pairs != 0:
            two, more = pairs & 3 != 0, pairs & 12 != 0
            _fill_four(out, row, two, more, first_draw, item, stream, k0, k1)


@inline
def _fill_four(
    out: Any,
    row: Any,
    two: Any,
    more: Any,
    first_draw: Any,
    item: Any,
    stream: Any,
    k0: Any,
    k1: Any,
) -> None:
    """Fill the first two of four rows, the other two, or both, from the same counters."""
    high = _U(first_draw >> np.uint64(32))
    low = _U(first_draw & np.uint64(0xFFFFFFFF))
    c2 = _U(item * _U(256) + _U(row // 4))
    for lane in range(0, out.shape[1], simd.WIDTH):
        draws = simd.lanes(add(low, _U(lane)))
        w0, w1, w2, w3 = threefry(draws, high, c2, stream, k0[stream], k1[stream])
        if two:
            a, b = box_muller(w0, w1)
            _put(out, (row, lane), a)
            _put(out, (row + 1, lane), b)
        if more:
            c, d = box_muller(w2, w3)
            _put(out, (row + 2, lane), c)
            _put(out, (row + 3, lane), d)


@part
def fill_factors(
    out: Any, sampling: Any, first_draw: Any, item: Any, stream: Any, k0: Any, k1: Any
) -> None:
    """Fill ``out[n, lanes]`` with the normals of a factor: of Sobol points, if there are any.

    Parameters as of `fill_normals`; `sampling` is a `layout.Sampling`.
    """
    if sampling.shift.shape[0] == 0:
        fill_normals(out, first_draw, item, stream, k0, k1)
        return
    for row in range(out.shape[0]):
        for lane in range(0, out.shape[1], simd.WIDTH):
            word = _coordinate(sampling, first_draw, lane, item, row, stream)
            _put(out, (row, lane), normal_quantile(word))


@inline
def _coordinate(sampling: Any, first_draw: Any, lane: Any, item: Any, row: Any, stream: Any) -> Any:
    """Return a coordinate, as words, of the Sobol points of the draws from a lane on."""
    scramble = np.int64(first_draw // np.uint64(sampling.each))
    number = simd.lanes(_U(np.int64(first_draw) - scramble * sampling.each + lane))
    at = sampling.start[stream] + np.int64(item) * sampling.rows[stream] + row
    word = simd.vector(sampling.shift[scramble, at])
    for bit in range(sampling.direction.shape[2]):
        chosen = simd.equal(simd.both(simd.shift_right(number, _U(bit)), _U(1)), _U(1))
        word = xor(word, select(chosen, sampling.direction[scramble, at, bit], _U(0)))
    return word


@inline
def twin(sampling: Any, first_draw: Any) -> Any:
    """Return the draw whose seat errors a draw has, with the other sign where it is another.

    With Sobol points every second block mirrors the errors of the one before (antithetic variates);
    its factors are its own.
    """
    if sampling.shift.shape[0] == 0:
        return first_draw
    return first_draw & ~np.uint64(LANES)


@part
def fill_uniforms(out: Any, first_draw: Any, item: Any, stream: Any, k0: Any, k1: Any) -> None:
    """Fill ``out[n, lanes]`` with uniforms on (0, 1), `n` a multiple of four; else as above."""
    high = _U(first_draw >> np.uint64(32))
    low = _U(first_draw & np.uint64(0xFFFFFFFF))
    for row in range(0, out.shape[0], 4):
        c2 = _U(item * _U(256) + _U(row // 4))
        for lane in range(0, out.shape[1], simd.WIDTH):
            draws = simd.lanes(add(low, _U(lane)))
            w0, w1, w2, w3 = threefry(draws, high, c2, stream, k0[stream], k1[stream])
            _put(out, (row, lane), uniform(w0))
            _put(out, (row + 1, lane), uniform(w1))
            _put(out, (row + 2, lane), uniform(w2))
            _put(out, (row + 3, lane), uniform(w3))


@part
def fill_t_scale(
    out: Any, dof: Any, first_draw: Any, item: Any, stream: Any, k0: Any, k1: Any
) -> None:
    """Fill ``out[lanes]`` with the factor that turns unit normals into unit-variance Student t.

    ``sqrt((dof - 2) / chi2)`` with ``chi2 = -2 log(u1 u2 …)`` over ``dof / 2`` uniforms, which is
    exact for an even number of degrees of freedom. ``dof`` 0 means normal: the factor is one.
    """
    if dof == 0:
        out[:] = _F(1.0)
        return
    high = _U(first_draw >> np.uint64(32))
    low = _U(first_draw & np.uint64(0xFFFFFFFF))
    c2 = _U(item * _U(256))
    for lane in range(0, out.shape[0], simd.WIDTH):
        draws = simd.lanes(add(low, _U(lane)))
        w0, w1, w2, w3 = threefry(draws, high, c2, stream, k0[stream], k1[stream])
        # At least 2**-96: the product of four is far from the smallest float32.
        product = uniform(w0) * uniform(w1)
        if dof > 4:
            product = product * uniform(w2)
        if dof > 6:
            product = product * uniform(w3)
        scale = simd.sqrt(_F(dof - 2) / (_F(-2.0) * log(product)))
        _put(out, (lane,), scale)


@part
def fill_factor_t_scale(
    out: Any, dof: Any, sampling: Any, first_draw: Any, stream: Any, k0: Any, k1: Any
) -> None:
    """Fill ``out[lanes]`` as `fill_t_scale`, item 0: of Sobol points, if there are any.

    One coordinate gives the scale, by its quantiles: as a product of several, by which every
    other factor is multiplied, it would not be spread evenly at all.
    """
    if sampling.shift.shape[0] == 0 or dof == 0:
        fill_t_scale(out, dof, first_draw, _U(0), stream, k0, k1)
        return
    for lane in range(0, out.shape[0], simd.WIDTH):
        word = _coordinate(sampling, first_draw, lane, 0, 0, stream)
        _put(out, (lane,), exp(_polynomial(sampling.log_scale, normal_quantile(word))))


@inline
def _polynomial(coefficients: Any, z: Any) -> Any:
    """Return a sum of Chebyshev polynomials on ``[-NORMAL_BOUND, NORMAL_BOUND]`` (Clenshaw)."""
    twice = z * _F(2.0 / NORMAL_BOUND)
    first, second = simd.vector(_F(0.0)), simd.vector(_F(0.0))
    for n in range(coefficients.shape[0] - 1, 0, -1):
        first, second = fma(twice, first, coefficients[n] - second), first
    return fma(twice * _F(0.5), first, coefficients[0] - second)
