"""What an election has in common: national shares, swing, slopes and regions, once a block.

Everything here is for the lanes of one vector; the twin is `forecaster.kernels.reference`, function
by function.
"""

from __future__ import annotations

from typing import Any

from forecaster.kernels import random
from forecaster.kernels.layout import LANES
from forecaster.kernels.machine import (
    F32,
    Array,
    Number,
    Variable,
    constant,
    fma,
    larger,
    loop,
    smaller,
    this_lane,
    vector,
    when,
    where,
)
from forecaster.kernels.rules import TINY


def draw(m: Any) -> None:
    """Draw everything that the seats of an election share."""
    targets(m)
    lambdas(m)
    tactical(m)
    shared_errors(m)


def targets(m: Any) -> None:
    """Draw national shares: expectation plus a heavy-tailed error, not below a floor."""
    for eight in loop(m.eights):
        for j, z in enumerate(random.factors(m, 8, random.NATIONAL, 0, eight)):
            m.normals[eight * 8 + j] = z
    scale = random.factor_t_scale(m, m.target_dof, random.NATIONAL_SCALE)
    for a in loop(m.nations):
        fixed, total = Variable(constant(F32, 0)), Variable(vector(0.0))
        for c in loop(m.columns):
            expected = m.target[a, c]
            with when(m.swings[a, c] == 0):
                m.nation.target[a, c] = expected
                fixed.value = fixed.value + expected
            with when(m.swings[a, c] == 1):
                error = Variable(vector(0.0))
                for j in loop(m.loadings):
                    error.value = fma(m.normals[j], m.target_loading[a, c, j], error.value)
                share = larger(fma(error.value, scale, expected), m.target_floor[a, c])
                m.nation.target[a, c] = share
                total.value = total.value + share
        scale_up = (1.0 - fixed.value) / total.value
        for c in loop(m.columns):
            with when(m.swings[a, c] == 1):
                m.nation.target[a, c] = m.nation.target[a, c] * scale_up


def lambdas(m: Any) -> None:
    """Draw the mixture weight of each party: by one law if it falls, by another if it rises."""
    for j, z in enumerate(random.factors(m, 2 * m.columns, random.LAMBDA, 0)):
        m.normals[j] = z
    for a in loop(m.nations):
        for c in loop(m.columns):
            rises = m.nation.target[a, c] >= m.nation_base[a, c]
            mean, sd, low, high = (
                where(rises, m.lambda_law[1, k], m.lambda_law[0, k]) for k in range(4)
            )
            weight = fma(m.normals[m.lambda_row[a, c]], sd, mean)
            weight = smaller(larger(weight, low), high)
            # A new party has no shares that could be scaled.
            new = m.nation_base[a, c] <= TINY
            m.nation.weight_uniform[a, c] = where(new, vector(1.0), weight)


def tactical(m: Any) -> None:
    """Draw the part of a bloc's votes that moves where it faces a leading opponent."""
    for bloc in loop(m.blocs):
        mean, sd, low, high = (m.tactical_kappa[bloc, k] for k in range(4))
        (z,) = random.factors(m, 1, random.TACTICAL, bloc)
        m.kappa[bloc] = smaller(larger(fma(z, sd, mean), low), high)


def shared_errors(m: Any) -> None:
    """Draw what seats share beside the swing, its national means, and the scale of seat errors."""
    advantage = random.factors(m, m.columns, random.INCUMBENCY, 0)
    for a in loop(m.nations):
        for c, normal in enumerate(advantage):
            m.nation.incumbency[a, c] = normal * m.incumbency_sd[a, c]
            m.nation.centre[a, c] = m.nation.incumbency[a, c] * m.sitting_centre[a, c]
    # Strong seats move together against weak ones: one error for all regions, times their `size`.
    strength = random.factors(m, m.columns, random.STRENGTH, 0)
    for r in loop(m.regions):
        a = m.region_nation[r]
        z = random.factors(m, m.columns, random.REGIONS, r)
        for c, error in enumerate(correlated(m.region_cholesky.part(a), z)):
            error = fma(strength[c], m.strength_sd[a, c], error)
            m.region_error[r, c] = error
            m.nation.centre[a, c] = fma(error, m.region_centre[r, c], m.nation.centre[a, c])
    for f in loop(m.factors):
        z = random.factors(m, m.columns, random.SLOPES, f)
        for a in loop(m.nations):
            for c, slope in enumerate(correlated(m.slope_cholesky.part(a, f), z)):
                m.slopes[a, f, c] = slope
                m.nation.centre[a, c] = fma(slope, m.slope_centre[a, c, f], m.nation.centre[a, c])
    (log,) = random.factors(m, 1, random.ELECTION_SCALE, 0)
    # A seat's own errors are those of the draws half a block before, with the opposite sign.
    sign = where(this_lane() < LANES // 2, vector(1.0), vector(-1.0))
    m.spread[()] = random.exp(log * m.levels.seat_spread[()]) * sign


def correlated(cholesky: Array, z: list[Number]) -> list[Number]:
    """Return a lower triangle times a column of normals."""
    out = []
    for c in range(len(z)):
        error = z[0] * cholesky[c, 0]
        for j in range(1, c + 1):
            error = fma(z[j], cholesky[c, j], error)
        out.append(error)
    return out
