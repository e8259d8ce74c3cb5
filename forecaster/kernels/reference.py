"""The model in plain NumPy, one draw at a time: what the jitted core must agree with.

Written to be read. It takes the same `KernelPlan` and the same random counters as
`forecaster.kernels.engine.simulate`, in float64.
"""

from __future__ import annotations

import numpy as np

from forecaster.kernels import layout, random, rules
from forecaster.kernels.layout import KernelPlan
from forecaster.kernels.reference_random import (
    Seed,
    factor_t_scale,
    factor_table,
    factors,
    seat_numbers,
)
from forecaster.kernels.rules import Array


def targets(plan: KernelPlan, seed: Seed, draw: int) -> Array:
    """Return the national shares of one draw, shape ``(nation, column)``."""
    z = factors(plan.target_loading.shape[2], seed, draw, 0, random.NATIONAL)
    z *= factor_t_scale(plan.target_dof, seed, draw, random.NATIONAL_SCALE)
    swings = plan.swings == 1
    drawn = np.maximum(plan.target + plan.target_loading @ z, plan.target_floor)
    fixed = np.where(swings, 0, plan.target).sum(1, keepdims=True)
    scale = (1 - fixed) / np.where(swings, drawn, 0).sum(1, keepdims=True)
    return np.where(swings, drawn * scale, plan.target)


def lambdas(plan: KernelPlan, target: Array, seed: Seed, draw: int) -> Array:
    """Return the mixture weights of one draw, shape ``(nation, column)``."""
    z = factors(2 * plan.base.shape[1], seed, draw, 0, random.LAMBDA)[plan.lambda_row]
    k = (target >= plan.nation_base).astype(int)
    weight = plan.lambda_mean[k] + plan.lambda_sd[k] * z
    return np.asarray(np.clip(weight, plan.lambda_bounds[k, 0], plan.lambda_bounds[k, 1]))


def tactical(plan: KernelPlan, seed: Seed, draw: int) -> Array:
    """Return the part of each party's votes that moves to its bloc's best, (seat, column)."""
    mean, sd, low, high = plan.tactical_kappa.T
    z = [factors(4, seed, draw, bloc, random.TACTICAL)[0] for bloc in range(len(mean))]
    kappa = np.clip(mean + sd * np.array(z), low, high)
    return np.asarray(plan.tactical_clarity * kappa[plan.tactical_bloc][:, None])


def errors(plan: KernelPlan, seed: Seed, draw: int) -> Array:
    """Return what sitting MP, region, strength, covariates and seat add, (seat, column)."""
    columns = plan.base.shape[1]
    z = factor_table(plan.covariates.shape[1], columns, seed, draw, random.SLOPES)
    slopes = np.einsum("afcj,fj->afc", plan.slope_cholesky, z)
    z = factor_table(len(plan.region_nation), columns, seed, draw, random.REGIONS)
    regional = np.einsum("rcj,rj->rc", plan.region_cholesky[plan.region_nation], z)
    strength = plan.strength_sd * factors(columns, seed, draw, 0, random.STRENGTH)
    regional += strength[plan.region_nation]
    centre = np.einsum("acf,afc->ac", plan.slope_centre, slopes)
    np.add.at(centre, plan.region_nation, plan.region_centre * regional)
    advantage = plan.incumbency_sd * factors(columns, seed, draw, 0, random.INCUMBENCY)
    centre += plan.sitting_centre * advantage
    spread = np.exp(plan.seat_spread * factors(4, seed, draw, 0, random.ELECTION_SCALE)[0])
    own = np.empty(plan.base.shape)
    for i, cholesky in enumerate(plan.seat_cholesky[plan.nation]):
        z, scale = seat_numbers(columns, plan.seat_dof, seed, draw, i)
        own[i] = scale * cholesky @ z
    shared = regional[plan.region] + np.einsum("if,ifc->ic", plan.covariates, slopes[plan.nation])
    expected = plan.offset + plan.sitting * advantage[plan.nation]
    return np.asarray(expected + plan.size * (shared + own * spread) - centre[plan.nation])


def simulate_draw(plan: KernelPlan, seed: Seed, draw: int) -> tuple[Array, Array]:
    """Simulate one election.

    Returns
    -------
    national : ndarray, shape (nation, column)
        Shares drawn for each nation.
    shares : ndarray, shape (seat, column)
        Shares in every seat; the winner is the arg-max of ``shares * plan.win_factor``.
    """
    national = targets(plan, seed, draw)
    weight_uniform = lambdas(plan, national, seed, draw)
    amount = tactical(plan, seed, draw)
    stands = plan.stands == 1
    shares = np.empty(plan.base.shape)
    for a in range(len(national)):
        seats = plan.nation == a
        shares[seats] = rules.swing(
            layout.RULES[plan.rule],
            plan.base[seats].astype(float),
            stands[seats],
            plan.weight[seats].astype(float),
            national[a],
            plan.swings[a] == 1,
            weight_uniform[a],
            plan.weak_threshold,
            plan.rakes,
            (plan.tactical_best[seats], amount[seats]),
            accelerated=True,
        )
    perturbed = np.maximum(shares + errors(plan, seed, draw), plan.share_floor)
    return national, rules.close(perturbed, stands)
