"""The random numbers of a run: independent draws, or scrambled Sobol points.

Few factors move many seats: national shares, tactical voting, the pacts' strengths, regions. Sobol
points fill the space of these factors more evenly than random ones, so that far fewer draws are
needed for quantities that depend on them. The seats' own errors, thousands of them, stay random.
The scrambles of the points are independent samples, so the spread between them gives standard
errors.

References
----------
Sobol' points: Joe and Kuo, "Constructing Sobol sequences with better two-dimensional projections",
*SIAM Journal on Scientific Computing* 30 (2008). Scrambling: Matousek, "On the L2-discrepancy for
anchored boxes", *Journal of Complexity* 14 (1998), as in `scipy.stats.qmc.Sobol`. Error from
independent scrambles: Owen, *Monte Carlo theory, methods and examples*, chapter 17.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from forecaster.arrays import Floats
from forecaster.config.config import SCRAMBLES
from forecaster.kernels import exact, random
from forecaster.kernels.layout import COLUMNS, KernelPlan, Sampling
from forecaster.plan.build import Plan
from forecaster.vocabulary import PARTIES

BITS = 24
"""Bits of a Sobol point, as many as a float32 has; `kernels.random.uniform` uses the upper 23."""

GRID = 2.0**-28
"""Logarithms of scales are rounded to multiples of this, because the last digits of library
functions differ between processors. The tests check that no value lies within 1e-13 of a rounding
edge; the rounding error is 2e-9."""

DEGREE = 16
"""Degree of the polynomial for the logarithm of a scale. Its error is 1e-6 with 4 degrees of
freedom, and smaller with more."""


def sampling_of(plan: Plan) -> Sampling:
    """Return the source of a run's random numbers."""
    if plan.config.sampling == "random":
        return random.independent(plan.config.seed)
    return sobol_points(plan.arrays, plan.config.seed, plan.config.draws // SCRAMBLES)


def sobol_points(plan: KernelPlan, seed: int, each: int) -> Sampling:
    """Return `SCRAMBLES` scrambles of `each` Sobol points.

    `each`: a power of two.
    """
    from scipy.stats import qmc

    start, rows = np.zeros((2, random.STREAMS), np.int32)
    dimensions = 0
    for stream, items, numbers in _factors(plan):
        start[stream], rows[stream] = dimensions, numbers
        dimensions += items * numbers
    # Points come in Gray code order, in which point 2^(k+1) - 1 is that of direction k alone.
    alone = 2 ** np.arange(1, each.bit_length()) - 1
    words = np.empty((SCRAMBLES, 1 + len(alone), dimensions), np.uint32)
    for scramble in range(SCRAMBLES):
        generator = np.random.default_rng([seed, scramble])
        points = qmc.Sobol(dimensions, scramble=True, bits=BITS, rng=generator).random(each)
        words[scramble] = points[np.append(0, alone)] * 2.0**32
    shift = words[:, 0]
    direction = (words[:, 1:] ^ shift[:, None]).transpose(0, 2, 1)
    return random.independent(seed)._replace(
        start=start,
        rows=rows,
        shift=np.ascontiguousarray(shift),
        direction=np.ascontiguousarray(direction),
        log_scale=log_t_scale(plan.target_dof),
        each=each,
    )


def log_t_scale(dof: int) -> npt.NDArray[np.float32]:
    """Return Chebyshev coefficients of the logarithm of the scale of Student's t.

    The scale ``sqrt((dof - 2) / chi2)`` turns standard normals into a t of unit variance. Here it
    is a decreasing function of a normal on ``[-NORMAL_BOUND, NORMAL_BOUND]`` with the same rank.
    """
    if dof == 0:
        return np.zeros(0, np.float32)
    order = np.arange(DEGREE + 1)
    angles = np.pi * (order + 0.5) / (DEGREE + 1)
    known = np.rint(log_scale(np.cos(angles), dof) / GRID) * GRID
    turns = np.rint(np.cos(order[:, None] * angles) / GRID) * GRID
    fitted = 2 / (DEGREE + 1) * exact.dot(turns, known)
    fitted[0] /= 2
    return np.asarray(fitted, np.float32)


def log_scale(t: Floats, dof: int) -> Floats:
    """Return the logarithm of the scale at a normal of `t` times `NORMAL_BOUND`."""
    from scipy.special import gammainccinv, gammaincinv, ndtr

    z, half = random.NORMAL_BOUND * t, dof / 2
    # Each tail is computed from its own end, as the complement would round to 1.
    low, high = gammaincinv(half, ndtr(z)), gammainccinv(half, ndtr(-z))
    return np.asarray(0.5 * np.log((half - 1) / np.where(z < 0, low, high)))


def _factors(plan: KernelPlan) -> list[tuple[int, int, int]]:
    """Return stream, number of items, and numbers per item, with the most important factors first.

    The first dimensions of Sobol points are the most even. Those of pacts are always included, so
    that elections without pacts do not depend on whether there are any.
    """
    return [
        (random.NATIONAL_SCALE, 1, 1),
        (random.NATIONAL, 1, _in_eights(plan.target_loading.shape[2])),
        (random.TACTICAL, len(plan.tactical_kappa), 4),
        (random.PACTS, len(PARTIES), 4),
        (random.TRANSFERS, COLUMNS, 4),
        (random.ELECTION_SCALE, 1, 4),
        (random.LAMBDA, 1, 2 * COLUMNS),
        (random.SLOPES, plan.covariates.shape[1], COLUMNS),
        (random.REGIONS, len(plan.region_nation), COLUMNS),
        (random.INCUMBENCY, 1, COLUMNS),
        (random.STRENGTH, 1, COLUMNS),
    ]


def _in_eights(n: int) -> int:
    return 8 * -(-n // 8)
