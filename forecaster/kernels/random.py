"""Counter-based random numbers: Threefry4x32-12 and float32 normals.

A number is a pure function of ``(seed, stream, draw, item)``. No state is carried along, so the
same draw gives the same numbers whatever the thread, block or machine that computes it, and a
new stream disturbs no other.

References
----------
Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11, section 5.3
and table 2 (Threefry4x32 with 12 rounds passes BigCrush). Rotation constants: table 4 of
Ferguson et al., "The Skein hash function family", as adapted to 32 bits in Random123.
Polynomials for the logarithm, sine and cosine: Moshier, Cephes library, ``logf.c``, ``sinf.c``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from forecaster.kernels.jit import inline, part

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

_U = np.uint32
_F = np.float32
PARITY = _U(0x1BD11BDA)
TWO_POW_MINUS_23 = _F(2.0**-23)
TWO_POW_MINUS_24 = _F(2.0**-24)


@intrinsic
def _bits(_: Any, x: Any) -> Any:
    """Reinterpret a float32 as int32."""
    return types.int32(types.float32), lambda _c, b, _s, a: b.bitcast(a[0], ir.IntType(32))


@intrinsic
def _from_bits(_: Any, x: Any) -> Any:
    """Reinterpret an int32 as float32."""
    return types.float32(types.int32), lambda _c, b, _s, a: b.bitcast(a[0], ir.FloatType())


@inline
def _mix(x: Any, y: Any, r: Any) -> Any:
    x = _U(x + y)
    y = _U(_U(y << _U(r)) | _U(y >> _U(32 - r)))
    return x, _U(y ^ x)


@inline
def threefry(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    """Return four random uint32 for the counter ``(c0, c1, c2, c3)`` under the key ``(k0, k1)``.

    Twelve rounds, written out; the upper half of the 128-bit key is zero, so its additions are
    left out of the key injections.
    """
    k4 = _U(PARITY ^ _U(k0 ^ k1))
    x0, x1 = _mix(_U(c0 + k0), _U(c1 + k1), 10)
    x2, x3 = _mix(c2, c3, 26)
    x0, x3 = _mix(x0, x3, 11)
    x2, x1 = _mix(x2, x1, 21)
    x0, x1 = _mix(x0, x1, 13)
    x2, x3 = _mix(x2, x3, 27)
    x0, x3 = _mix(x0, x3, 23)
    x2, x1 = _mix(x2, x1, 5)
    x0 = _U(x0 + k1)
    x3 = _U(x3 + _U(k4 + _U(1)))
    x0, x1 = _mix(x0, x1, 6)
    x2, x3 = _mix(x2, x3, 20)
    x0, x3 = _mix(x0, x3, 17)
    x2, x1 = _mix(x2, x1, 11)
    x0, x1 = _mix(x0, x1, 25)
    x2, x3 = _mix(x2, x3, 10)
    x0, x3 = _mix(x0, x3, 18)
    x2, x1 = _mix(x2, x1, 20)
    x2 = _U(x2 + k4)
    x3 = _U(x3 + _U(k0 + _U(2)))
    x0, x1 = _mix(x0, x1, 10)
    x2, x3 = _mix(x2, x3, 26)
    x0, x3 = _mix(x0, x3, 11)
    x2, x1 = _mix(x2, x1, 21)
    x0, x1 = _mix(x0, x1, 13)
    x2, x3 = _mix(x2, x3, 27)
    x0, x3 = _mix(x0, x3, 23)
    x2, x1 = _mix(x2, x1, 5)
    return x0, _U(x1 + k4), _U(x2 + k0), _U(x3 + _U(k1 + _U(3)))


@inline
def uniform(word: Any) -> Any:
    """Map a uint32 to a float32 strictly inside (0, 1), from its upper 23 bits."""
    return (_F(np.int32(word >> _U(9))) + _F(0.5)) * TWO_POW_MINUS_23


@inline
def log(x: Any) -> Any:
    """Natural logarithm of a positive, normal float32 (Cephes ``logf``, about 1e-7 relative)."""
    bits = _bits(x)
    exponent = np.int32((bits >> np.int32(23)) - np.int32(126))
    m = _from_bits(np.int32((bits & np.int32(0x007FFFFF)) | np.int32(0x3F000000)))
    low = m < _F(0.70710678)
    e = _F(exponent) - (_F(1.0) if low else _F(0.0))
    t = (m + m if low else m) - _F(1.0)
    z = t * t
    p = _F(7.0376836292e-2) * t - _F(1.1514610310e-1)
    p = p * t + _F(1.1676998740e-1)
    p = p * t - _F(1.2420140846e-1)
    p = p * t + _F(1.4249322787e-1)
    p = p * t - _F(1.6668057665e-1)
    p = p * t + _F(2.0000714765e-1)
    p = p * t - _F(2.4999993993e-1)
    p = p * t + _F(3.3333331174e-1)
    p = p * t * z - _F(2.12194440e-4) * e - _F(0.5) * z
    return t + p + _F(0.693359375) * e


@inline
def exp(x: Any) -> Any:
    """Exponential of a float32 between -80 and 80 (Cephes ``expf``, about 1e-7 relative)."""
    x = min(max(x, _F(-80.0)), _F(80.0))
    n = np.floor(x * _F(1.44269504) + _F(0.5))
    x = (x - n * _F(0.693359375)) + n * _F(2.12194440e-4)
    p = _F(1.9875691500e-4) * x + _F(1.3981999507e-3)
    p = p * x + _F(8.3334519073e-3)
    p = p * x + _F(4.1665795894e-2)
    p = p * x + _F(1.6666665459e-1)
    p = p * x + _F(5.0000001201e-1)
    p = p * x * x + x + _F(1.0)
    return p * _from_bits(np.int32((np.int32(n) + np.int32(127)) << np.int32(23)))


@inline
def box_muller(w0: Any, w1: Any) -> Any:
    """Turn two uint32 into two independent standard normals (float32, at most 5.7 in size)."""
    radius = np.sqrt(_F(-2.0) * log(uniform(w0)))
    # The angle is 2 pi times a 24-bit fraction: its nearest quarter turn, and the rest of it
    # within an eighth of a turn, where the polynomials hold.
    turns = _F(np.int32(w1 >> _U(8))) * TWO_POW_MINUS_24
    quarter = np.int32(turns * _F(4.0) + _F(0.5))
    x = (turns - _F(quarter) * _F(0.25)) * _F(6.2831853)
    z = x * x
    s = ((_F(-1.9515295891e-4) * z + _F(8.3321608736e-3)) * z - _F(1.6666654611e-1)) * z * x + x
    c = (_F(2.443315711e-5) * z - _F(1.388731625e-3)) * z + _F(4.166664568e-2)
    c = c * z * z - _F(0.5) * z + _F(1.0)
    odd = (quarter & np.int32(1)) != 0
    cosine = s if odd else c
    sine = c if odd else s
    cosine = -cosine if ((quarter + np.int32(1)) & np.int32(2)) != 0 else cosine
    sine = -sine if (quarter & np.int32(2)) != 0 else sine
    return radius * cosine, radius * sine


@part
def fill_normals(out: Any, first_draw: Any, item: Any, stream: Any, k0: Any, k1: Any) -> None:
    """Fill ``out[n, lanes]`` with standard normals of draws ``first_draw`` onwards.

    Parameters
    ----------
    out : ndarray of float32, shape (n, lanes)
        `n` a multiple of four.
    first_draw : uint64
        Draw of lane 0.
    item : uint32
        What the numbers are for (a seat, a region); at most ``2**24``.
    stream : uint32
        One of the stream constants of this module.
    k0, k1 : uint32
        The seed, low and high half.
    """
    high = _U(first_draw >> np.uint64(32))
    low = _U(first_draw & np.uint64(0xFFFFFFFF))
    for group in range(out.shape[0] // 4):
        c2 = _U(item * _U(256) + _U(group))
        for lane in range(out.shape[1]):
            w0, w1, w2, w3 = threefry(_U(low + _U(lane)), high, c2, stream, k0, k1)
            a, b = box_muller(w0, w1)
            c, d = box_muller(w2, w3)
            out[4 * group, lane] = a
            out[4 * group + 1, lane] = b
            out[4 * group + 2, lane] = c
            out[4 * group + 3, lane] = d


@part
def fill_uniforms(out: Any, first_draw: Any, item: Any, stream: Any, k0: Any, k1: Any) -> None:
    """Fill ``out[n, lanes]`` with uniforms on (0, 1); parameters as in `fill_normals`."""
    high = _U(first_draw >> np.uint64(32))
    low = _U(first_draw & np.uint64(0xFFFFFFFF))
    for group in range(out.shape[0] // 4):
        c2 = _U(item * _U(256) + _U(group))
        for lane in range(out.shape[1]):
            w0, w1, w2, w3 = threefry(_U(low + _U(lane)), high, c2, stream, k0, k1)
            out[4 * group, lane] = uniform(w0)
            out[4 * group + 1, lane] = uniform(w1)
            out[4 * group + 2, lane] = uniform(w2)
            out[4 * group + 3, lane] = uniform(w3)


@part
def fill_t_scale(
    out: Any, dof: Any, first_draw: Any, item: Any, stream: Any, k0: Any, k1: Any
) -> None:
    """Fill ``out[lanes]`` with the factor that turns unit normals into unit-variance Student t.

    ``sqrt((dof - 2) / chi2)`` with ``chi2 = -2 log(u1 u2 …)`` over ``dof / 2`` uniforms, which is
    exact for an even number of degrees of freedom. ``dof`` 0 means normal: the factor is one.
    """
    high = _U(first_draw >> np.uint64(32))
    low = _U(first_draw & np.uint64(0xFFFFFFFF))
    c2 = _U(item * _U(256))
    halves = dof // 2
    for lane in range(out.shape[0]):
        w0, w1, w2, w3 = threefry(_U(low + _U(lane)), high, c2, stream, k0, k1)
        chi2 = log(uniform(w0)) + log(uniform(w1))
        chi2 += log(uniform(w2)) if halves > 2 else _F(0.0)
        chi2 += log(uniform(w3)) if halves > 3 else _F(0.0)
        out[lane] = np.sqrt(_F(dof - 2) / (_F(-2.0) * chi2)) if halves > 0 else _F(1.0)
