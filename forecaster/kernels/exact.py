"""Linear algebra and functions that give the same bits on every processor, for what enters kernels.

BLAS, LAPACK, the C library and NumPy's vectors of ``exp``, ``log`` and ``power`` differ in the last
digit from one processor to another, and by the number of threads. What is left is exact by IEEE
754: NumPy's sums, products, quotients and square roots of whole arrays, each an operation of its
own that no compiler fuses with the next. All here is made of these, in a fixed order. The matrices
are small; none of this is meant for large ones.

References
----------
Singular values: Hestenes, "Inversion of matrices by biorthogonalization and related results",
*Journal of the SIAM* 6 (1958); rotations at a time: Brent and Luk, *SIAM Journal on Scientific and
Statistical Computing* 6 (1985). Normal distribution: Marsaglia, "Evaluating the normal
distribution", *Journal of Statistical Software* 11 (2004). Exponential and logarithm: Muller,
*Elementary Functions*, chapter 11: reduction of the range, then the Taylor series.
"""

from __future__ import annotations

from math import factorial

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

LN2 = 6.93147180369123816490e-01, 1.90821492927058770002e-10
"""The logarithm of 2 as a number of 33 bits, whose small multiples are exact, and the rest."""

ROOT_2PI = 2.5066282746310002
TERMS = 13
"""Of the exponential within half of log 2 of zero, and of the logarithm between the roots of a half
and of 2: the next would be less than 1e-17."""

FAR = 8.0
"""Standard deviations beyond which the normal distribution is 0 or 1 to 1e-15."""

NORMAL_TERMS = 120
"""Of its series; at `FAR` the next is 1e-17 of the sum."""

ROUNDING = 2.0**-52
DEPENDENT = 1e-12
"""A column of which less than this is left is a sum of those before it."""

SWEEPS = 30
"""Seven or eight are usual."""


def exp(x: npt.ArrayLike) -> Array:
    """Return the exponential, to 2 units in the last place."""
    given = np.clip(np.asarray(x, float), -745.5, 709.7)
    times = np.rint(given / LN2[0])
    rest = (given - times * LN2[0]) - times * LN2[1]
    out = np.full_like(rest, 1 / factorial(TERMS))
    for k in reversed(range(TERMS)):
        out = out * rest + 1 / factorial(k)
    return np.asarray(np.ldexp(out, times.astype(np.int32)))


def log(x: npt.ArrayLike) -> Array:
    """Return the logarithm of finite numbers from 0 on, to 1e-16 or 2 units in its last place."""
    given = np.asarray(x, float)
    part, twos = np.frexp(given)
    small = part < 0.5**0.5
    part, twos = np.where(small, 2 * part, part), twos - small
    ratio = (part - 1) / (part + 1)
    square, out = ratio * ratio, np.zeros_like(ratio)
    for k in reversed(range(TERMS)):
        out = out * square + 2 / (2 * k + 1)
    out = twos * LN2[0] + (ratio * out + twos * LN2[1])
    return np.where(given == 0, -np.inf, out)


def power(x: npt.ArrayLike, exponent: float) -> Array:
    """Return a power of numbers that are not negative."""
    return exp(exponent * log(x))


def normal_density(z: Array) -> Array:
    """Return the density of the standard normal distribution."""
    return exp(-(z * z) / 2) / ROOT_2PI


def normal_cdf(z: Array) -> Array:
    """Return the standard normal distribution, to 1e-15."""
    out, within = np.where(z < 0, 0.0, 1.0), np.abs(z) < FAR
    near = z[within]
    square, term, total = near * near, near, near
    for k in range(1, NORMAL_TERMS):
        term = term * square / (2 * k + 1)
        total = total + term
    out[within] = 0.5 + total * normal_density(near)
    return out


def dot(a: npt.ArrayLike, b: npt.ArrayLike) -> Array:
    """Return the product of a matrix or vector ``(…, k)`` with another, ``(k,)`` or ``(k, n)``."""
    first, second = np.asarray(a, float), np.asarray(b, float)
    if second.ndim == 1:
        return np.asarray((first * second).sum(-1))
    return np.asarray((first[..., None] * second).sum(-2))


def cholesky(matrix: Array) -> Array:
    """Return the lower Cholesky factor; a row and column that depend on others become zero.

    Raises
    ------
    ValueError
        If the matrix is no covariance of anything.
    """
    size = len(matrix)
    out = np.zeros((size, size))
    for j in range(size):
        column = matrix[j:, j] - dot(out[j:, :j], out[j, :j])
        least = DEPENDENT * matrix[j, j]
        if column[0] > least:
            out[j:, j] = column / np.sqrt(column[0])
        elif column[0] < -least or (np.abs(column) > DEPENDENT * np.trace(matrix)).any():
            raise ValueError("not positive semidefinite")
    return out


def least_squares(design: Array, wanted: Array) -> Array:
    """Return the coefficients that fit best; a column that depends on those before it gets zero.

    By the normal equations: enough for columns of like scale that are not nearly dependent.
    """
    factor = cholesky(dot(design.T, design))
    found = dot(design.T, wanted)
    size = len(found)
    for k in range(size):
        left = found[k] - dot(factor[k, :k], found[:k])
        found[k] = left / factor[k, k] if factor[k, k] else 0.0
    for k in reversed(range(size)):
        left = found[k] - dot(factor[k + 1 :, k], found[k + 1 :])
        found[k] = left / factor[k, k] if factor[k, k] else 0.0
    return found


def singular(matrix: Array) -> tuple[Array, Array]:
    """Return the singular values, the largest first, and the right singular vectors as columns.

    Of a covariance these are eigenvalues and eigenvectors.
    """
    rows, columns = matrix.shape
    even = columns + columns % 2
    # Rotations of columns that make them orthogonal, of the matrix and of the axes below it.
    moved = np.zeros((rows + columns, even))
    moved[:rows, :columns], moved[rows:, :columns] = matrix, np.eye(columns)
    nothing = ROUNDING**2 * (matrix * matrix).sum()
    places = np.arange(even)
    for step in range(SWEEPS * (even - 1)):
        if step % (even - 1) == 0:
            turned = False
        i, j = places[: even // 2], places[even // 2 :][::-1]
        first, second = moved[:, i], moved[:, j]
        one, other = (x[:rows] for x in (first, second))
        p, q, r = (one * one).sum(0), (other * other).sum(0), (one * other).sum(0)
        turns = np.abs(r) > ROUNDING * np.sqrt(p * q) + nothing
        if turns.any():
            turned = True
            ratio = (q - p) / np.where(turns, 2 * r, 1)
            tangent = np.where(ratio < 0, -1, 1) / (np.abs(ratio) + np.sqrt(1 + ratio * ratio))
            tangent = np.where(turns, tangent, 0)
            cosine = 1 / np.sqrt(1 + tangent * tangent)
            sine = cosine * tangent
            moved[:, i] = cosine * first - sine * second
            moved[:, j] = sine * first + cosine * second
        # Every column meets every other once in a sweep: the first stays, the others move on.
        places[1:] = np.roll(places[1:], 1)
        if step % (even - 1) == even - 2 and not turned:
            break
    values = np.sqrt((moved[:rows, :columns] ** 2).sum(0))
    order = np.argsort(-values, kind="stable")
    return values[order], moved[rows:, order]


def symmetric_root(covariance: Array) -> Array:
    """Return the symmetric matrix whose square is a covariance."""
    values, vectors = singular(covariance)
    values = np.where(values > DEPENDENT * values[0], values, 0)
    return dot(vectors * np.sqrt(values), vectors.T)
