"""The jitted core: simulated elections from draws to counts, in one call tree.

A call simulates the draws ``first, first + 1, …`` in blocks of `LANES`; inside a block the draws
lie in SIMD lanes, and every inner loop runs over them. Only counts leave a block (integers, so
the order in which blocks and threads finish cannot matter), never draws x seats x parties.

Names of the axes: *seat*, *column* (a party's place on the ballot papers of a nation), *nation*,
*region*, *factor* (a seat covariate), *lane* (a draw of the block). `forecaster.kernels.reference`
is the same model in plain NumPy, and the place to read it first.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from forecaster.kernels import counting, random, scenarios
from forecaster.kernels.jit import inline, jit, part
from forecaster.kernels.layout import (
    BEST,
    CENTRE,
    COLUMNS,
    FIRST,
    LAMBDA,
    LANES,
    LOGIT,
    MEAN,
    MIXTURE,
    MOST_PACTS,
    SCALE,
    SECOND,
    SHARES,
    SPREAD,
    STRONG_TRANSITION,
    TARGET,
    THETA,
    THIRD,
    TOTAL,
    WINNER,
    Block,
)

_F = np.float32
_U = np.uint32


@part
def _correlate(cholesky: Any, normals: Any, out: Any) -> None:
    for c in range(COLUMNS):
        out[c, :] = _F(0.0)
        for j in range(c + 1):
            weight = cholesky[c, j]
            if weight != _F(0.0):
                for lane in range(LANES):
                    out[c, lane] += weight * normals[j, lane]


@part
def _draw_targets(plan: Any, block: Any, first: Any, k0: Any, k1: Any) -> None:
    """National shares: expectation plus a heavy-tailed error, kept above a floor and summing up."""
    random.fill_normals(
        block.normals, first, _U(0), _U(random.NATIONAL), k0[random.NATIONAL], k1[random.NATIONAL]
    )
    random.fill_t_scale(
        block.lanes[SCALE],
        plan.target_dof,
        first,
        _U(0),
        _U(random.NATIONAL_SCALE),
        k0[random.NATIONAL_SCALE],
        k1[random.NATIONAL_SCALE],
    )
    for a in range(plan.target.shape[0]):
        fixed = _F(0.0)
        counting.clear(block.lanes, TOTAL)
        for c in range(COLUMNS):
            block.nations[TARGET, a, c, :] = _F(0.0)
            if plan.swings[a, c] == 0:
                block.nations[TARGET, a, c, :] = plan.target[a, c]
                fixed += plan.target[a, c]
                continue
            for j in range(plan.target_loading.shape[2]):
                loading = plan.target_loading[a, c, j]
                if loading != _F(0.0):
                    for lane in range(LANES):
                        block.nations[TARGET, a, c, lane] += loading * block.normals[j, lane]
            for lane in range(LANES):
                share = (
                    plan.target[a, c] + block.nations[TARGET, a, c, lane] * block.lanes[SCALE, lane]
                )
                share = max(share, plan.target_floor[a, c])
                block.nations[TARGET, a, c, lane] = share
                block.lanes[TOTAL, lane] += share
        for c in range(COLUMNS):
            if plan.swings[a, c] == 1:
                for lane in range(LANES):
                    block.nations[TARGET, a, c, lane] *= (_F(1.0) - fixed) / block.lanes[
                        TOTAL, lane
                    ]


@part
def _draw_lambdas(plan: Any, block: Any, first: Any, k0: Any, k1: Any) -> None:
    """Mixture weight of each party: one law for parties that fall, another for those that rise."""
    random.fill_normals(
        block.normals[:16], first, _U(0), _U(random.LAMBDA), k0[random.LAMBDA], k1[random.LAMBDA]
    )
    for a in range(plan.target.shape[0]):
        for c in range(COLUMNS):
            row = plan.lambda_row[a, c]
            for lane in range(LANES):
                k = 1 if block.nations[TARGET, a, c, lane] >= plan.nation_base[a, c] else 0
                value = plan.lambda_mean[k] + plan.lambda_sd[k] * block.normals[row, lane]
                value = max(value, plan.lambda_bounds[k, 0])
                block.nations[LAMBDA, a, c, lane] = min(value, plan.lambda_bounds[k, 1])


@part
def _prepare_mixture(plan: Any, block: Any, a: Any, c: Any) -> None:
    base = plan.nation_base[a, c]
    for lane in range(LANES):
        theta = block.nations[THETA, a, c, lane]
        weight = block.nations[LAMBDA, a, c, lane]
        block.nations[FIRST, a, c, lane] = theta * weight
        block.nations[SECOND, a, c, lane] = _F(1.0) + theta * (_F(1.0) - weight) / base


@part
def _prepare_logit(plan: Any, block: Any, a: Any, c: Any) -> None:
    for lane in range(LANES):
        block.nations[FIRST, a, c, lane] = random.exp(-block.nations[THETA, a, c, lane])


@part
def _prepare_strong_transition(plan: Any, block: Any, a: Any, c: Any) -> None:
    # theta shifts the target that the transition aims at. Weak voters leave first.
    weak = plan.nation_weak[a, c]
    strong = max(plan.nation_base[a, c] - weak, _F(1e-9))
    for lane in range(LANES):
        change = (
            block.nations[TARGET, a, c, lane]
            + block.nations[THETA, a, c, lane]
            - plan.nation_base[a, c]
        )
        lost = max(-change, _F(0.0))
        weak_lost = min(lost, weak)
        block.nations[FIRST, a, c, lane] = _F(1.0) - weak_lost / max(weak, _F(1e-9))
        block.nations[SECOND, a, c, lane] = _F(1.0) - (lost - weak_lost) / strong
        block.nations[THIRD, a, c, lane] = max(change, _F(0.0))


@part
def _prepare_swing(plan: Any, block: Any) -> None:
    """Turn theta into the coefficients that the seats need."""
    for a in range(plan.target.shape[0]):
        for c in range(COLUMNS):
            if plan.rule == MIXTURE:
                _prepare_mixture(plan, block, a, c)
            elif plan.rule == LOGIT:
                _prepare_logit(plan, block, a, c)
            else:
                _prepare_strong_transition(plan, block, a, c)
        if plan.rule == STRONG_TRANSITION:
            block.lanes[TOTAL][:] = _F(1e-9)
            for c in range(COLUMNS):
                for lane in range(LANES):
                    block.lanes[TOTAL, lane] += block.nations[THIRD, a, c, lane]
            for c in range(COLUMNS):
                for lane in range(LANES):
                    block.nations[THIRD, a, c, lane] /= block.lanes[TOTAL, lane]


@inline
def _swing_seat(plan: Any, block: Any, i: Any) -> None:
    """Shares of seat `i` after the swing, summing to one, into ``block.columns[SHARES]``."""
    a = plan.nation[i]
    counting.clear(block.lanes, TOTAL)
    if plan.rule == STRONG_TRANSITION:
        counting.clear(block.lanes, SCALE)
        for c in range(COLUMNS):
            b = plan.base[i, c]
            weak = min(b, _F(plan.weak_threshold))
            for lane in range(LANES):
                kept = block.nations[FIRST, a, c, lane] * weak + block.nations[
                    SECOND, a, c, lane
                ] * (b - weak)
                block.columns[SHARES, c, lane] = kept
                block.lanes[SCALE, lane] += b - kept
    for c in range(COLUMNS):
        if plan.stands[i, c] == 0:
            block.columns[SHARES, c, :] = _F(0.0)
            continue
        b = plan.base[i, c]
        if plan.rule == MIXTURE:
            floor = min(b, _F(0.002))
            for lane in range(LANES):
                share = block.nations[FIRST, a, c, lane] + b * block.nations[SECOND, a, c, lane]
                block.columns[SHARES, c, lane] = max(share, floor)
        elif plan.rule == LOGIT:
            odds = (_F(1.0) - b) / max(b, _F(1e-6))
            for lane in range(LANES):
                block.columns[SHARES, c, lane] = _F(1.0) / (
                    _F(1.0) + odds * block.nations[FIRST, a, c, lane]
                )
        else:
            for lane in range(LANES):
                block.columns[SHARES, c, lane] += (
                    block.nations[THIRD, a, c, lane] * block.lanes[SCALE, lane]
                )
        for lane in range(LANES):
            block.lanes[TOTAL, lane] += block.columns[SHARES, c, lane]
    _normalise(plan, block, i)
    _vote_tactically(plan, block, i)


@inline
def _vote_tactically(plan: Any, block: Any, i: Any) -> None:
    """Move part of the bloc's other parties' votes to its best placed party."""
    best = plan.tactical_best[i]
    if best < 0:
        return
    bloc = plan.tactical_bloc[i]
    for c in range(COLUMNS):
        clarity = plan.tactical_clarity[i, c]
        if clarity > _F(0.0) and plan.stands[i, c] == 1:
            for lane in range(LANES):
                amount = clarity * block.kappa[bloc, lane] * block.columns[SHARES, c, lane]
                block.columns[SHARES, c, lane] -= amount
                block.columns[SHARES, best, lane] += amount


@part
def _draw_kappas(plan: Any, block: Any, first: Any, k0: Any, k1: Any) -> None:
    for bloc in range(plan.tactical_kappa.shape[0]):
        random.fill_normals(
            block.normals[:4],
            first,
            _U(bloc),
            _U(random.TACTICAL),
            k0[random.TACTICAL],
            k1[random.TACTICAL],
        )
        for lane in range(LANES):
            value = (
                plan.tactical_kappa[bloc, 0]
                + plan.tactical_kappa[bloc, 1] * (block.normals[0, lane])
            )
            value = max(value, plan.tactical_kappa[bloc, 2])
            block.kappa[bloc, lane] = min(value, plan.tactical_kappa[bloc, 3])


@inline
def _normalise(plan: Any, block: Any, i: Any) -> None:
    for lane in range(LANES):
        block.lanes[TOTAL, lane] = _F(1.0) / block.lanes[TOTAL, lane]
    for c in range(COLUMNS):
        if plan.stands[i, c] == 1:
            for lane in range(LANES):
                block.columns[SHARES, c, lane] *= block.lanes[TOTAL, lane]


@part
def _rake(plan: Any, block: Any) -> None:
    """Move theta until the seats' weighted shares come out at the drawn national shares."""
    for a in range(plan.target.shape[0]):
        for c in range(COLUMNS):
            for lane in range(LANES):
                change = block.nations[TARGET, a, c, lane] - plan.nation_base[a, c]
                if plan.rule != MIXTURE or plan.swings[a, c] == 0:
                    change = _F(0.0)
                block.nations[THETA, a, c, lane] = change
    for _ in range(plan.rakes):
        _prepare_swing(plan, block)
        block.nations[MEAN][:] = _F(0.0)
        for i in range(plan.base.shape[0]):
            _swing_seat(plan, block, i)
            a = plan.nation[i]
            weight = plan.weight[i]
            for c in range(COLUMNS):
                if plan.stands[i, c] == 1:
                    for lane in range(LANES):
                        block.nations[MEAN, a, c, lane] += weight * block.columns[SHARES, c, lane]
        for a in range(plan.target.shape[0]):
            for c in range(COLUMNS):
                if plan.swings[a, c] == 1:
                    _step(plan, block, a, c)
    _prepare_swing(plan, block)


@part
def _step(plan: Any, block: Any, a: Any, c: Any) -> None:
    for lane in range(LANES):
        miss = block.nations[TARGET, a, c, lane] - block.nations[MEAN, a, c, lane]
        if plan.rule == LOGIT:
            mean = min(max(block.nations[MEAN, a, c, lane], _F(1e-4)), _F(1.0 - 1e-4))
            miss /= mean * (_F(1.0) - mean)
        block.nations[THETA, a, c, lane] += miss


@part
def _draw_factors(plan: Any, block: Any, first: Any, k0: Any, k1: Any) -> None:
    """Random slopes and regional errors, and their national means, which are taken out again."""
    for f in range(plan.covariates.shape[1]):
        random.fill_normals(
            block.normals[:COLUMNS],
            first,
            _U(f),
            _U(random.SLOPES),
            k0[random.SLOPES],
            k1[random.SLOPES],
        )
        for a in range(plan.target.shape[0]):
            _correlate(plan.slope_cholesky[a, f], block.normals, block.slopes[a, f])
    block.nations[CENTRE][:] = _F(0.0)
    for r in range(plan.region_nation.shape[0]):
        a = plan.region_nation[r]
        random.fill_normals(
            block.normals[:COLUMNS],
            first,
            _U(r),
            _U(random.REGIONS),
            k0[random.REGIONS],
            k1[random.REGIONS],
        )
        _correlate(plan.region_cholesky[a], block.normals, block.regional[r])
        for c in range(COLUMNS):
            for lane in range(LANES):
                block.nations[CENTRE, a, c, lane] += (
                    plan.region_centre[r, c] * block.regional[r, c, lane]
                )
    for a in range(plan.target.shape[0]):
        for f in range(plan.covariates.shape[1]):
            for c in range(COLUMNS):
                for lane in range(LANES):
                    block.nations[CENTRE, a, c, lane] += (
                        plan.slope_centre[a, c, f] * block.slopes[a, f, c, lane]
                    )
    random.fill_normals(
        block.normals[:4],
        first,
        _U(0),
        _U(random.ELECTION_SCALE),
        k0[random.ELECTION_SCALE],
        k1[random.ELECTION_SCALE],
    )
    for lane in range(LANES):
        block.lanes[SPREAD, lane] = random.exp(_F(plan.seat_spread) * block.normals[0, lane])


@inline
def _perturb_seat(plan: Any, block: Any, i: Any, first: Any, k0: Any, k1: Any) -> None:
    """Add incumbency, regional, covariate and seat error to the shares of seat `i`."""
    a = plan.nation[i]
    r = plan.region[i]
    random.fill_normals(
        block.normals[:COLUMNS], first, _U(i), _U(random.SEATS), k0[random.SEATS], k1[random.SEATS]
    )
    random.fill_t_scale(
        block.lanes[SCALE],
        plan.seat_dof,
        first,
        _U(i),
        _U(random.SEAT_SCALE),
        k0[random.SEAT_SCALE],
        k1[random.SEAT_SCALE],
    )
    for lane in range(LANES):
        block.lanes[SCALE, lane] *= block.lanes[SPREAD, lane]
    counting.clear(block.lanes, TOTAL)
    for c in range(COLUMNS):
        if plan.stands[i, c] == 0:
            continue
        for lane in range(LANES):
            block.lanes[BEST, lane] = _F(0.0)
        for j in range(c + 1):
            weight = plan.seat_cholesky[a, c, j]
            if weight != _F(0.0):
                for lane in range(LANES):
                    block.lanes[BEST, lane] += weight * block.normals[j, lane]
        for lane in range(LANES):
            block.lanes[BEST, lane] = (
                block.lanes[BEST, lane] * block.lanes[SCALE, lane] + block.regional[r, c, lane]
            )
        for f in range(plan.covariates.shape[1]):
            x = plan.covariates[i, f]
            for lane in range(LANES):
                block.lanes[BEST, lane] += x * block.slopes[a, f, c, lane]
        for lane in range(LANES):
            error = plan.size[i, c] * block.lanes[BEST, lane] - block.nations[CENTRE, a, c, lane]
            share = block.columns[SHARES, c, lane] + plan.offset[i, c] + error
            share = max(share, _F(plan.share_floor))
            block.columns[SHARES, c, lane] = share
            block.lanes[TOTAL, lane] += share
    _normalise(plan, block, i)


@jit
def simulate(
    plan: Any, pacts: Any, tragedies: Any, seed: Any, first: Any, count: Any, tally: Any
) -> None:
    """Simulate `count` elections from draw `first` on, and add them to `tally`.

    Parameters
    ----------
    plan : KernelPlan
        The election without pacts.
    pacts : PactPlan
        The scenarios counted on the same draws.
    tragedies : TragedyPlan
        Definitions counted without pacts.
    seed : uint64, or ndarray of uint64, shape (random.STREAMS,)
        Key of the random numbers, of all streams or of each its own.
    first : uint64
        First draw, a multiple of `LANES`.
    count : int
        Number of draws; need not be a multiple of `LANES`.
    tally : Tally
        Added to in place; its per-draw arrays hold `count` draws.
    """
    seeds = np.broadcast_to(seed, (random.STREAMS,))
    k0 = np.empty(random.STREAMS, np.uint32)
    k1 = np.empty(random.STREAMS, np.uint32)
    for stream in range(random.STREAMS):
        k0[stream] = _U(seeds[stream] & np.uint64(0xFFFFFFFF))
        k1[stream] = _U(seeds[stream] >> np.uint64(32))
    nations = plan.target.shape[0]
    factors = plan.covariates.shape[1]
    regions = plan.region_nation.shape[0]
    definitions = tragedies.winners.shape[0]
    normals = 4 * ((max(plan.target_loading.shape[2], 16) + 3) // 4)
    block = Block(
        np.empty((normals, LANES), np.float32),
        np.zeros((8, nations, COLUMNS, LANES), np.float32),
        np.zeros((5, COLUMNS, LANES), np.float32),
        np.zeros((7, LANES), np.float32),
        np.zeros((3, LANES), np.int32),
        np.zeros((2, MOST_PACTS, LANES), np.float32),
        np.empty((nations, factors, COLUMNS, LANES), np.float32),
        np.empty((regions, COLUMNS, LANES), np.float32),
        np.empty((plan.tactical_kappa.shape[0], LANES), np.float32),
        np.empty((pacts.strength.shape[0], 4, LANES), np.float32),
        np.empty((pacts.transfer_weight.shape[0], 4, LANES), np.float32),
        np.zeros((definitions, LANES), np.int32),
        np.zeros((pacts.scenarios, nations, COLUMNS, LANES), np.int32),
    )
    for at in range(0, count, LANES):
        draw = first + np.uint64(at)
        valid = min(LANES, count - at)
        _draw_targets(plan, block, draw, k0, k1)
        _draw_lambdas(plan, block, draw, k0, k1)
        _draw_kappas(plan, block, draw, k0, k1)
        _rake(plan, block)
        _draw_factors(plan, block, draw, k0, k1)
        scenarios.draw_strengths(pacts, block, draw, k0, k1)
        for a in range(nations):
            for c in range(COLUMNS):
                for lane in range(valid):
                    tally.national[at + lane, a, c] = block.nations[TARGET, a, c, lane]
        for i in range(plan.base.shape[0]):
            _swing_seat(plan, block, i)
            _perturb_seat(plan, block, i, draw, k0, k1)
            counting.elect(plan, block, SHARES, WINNER, i, valid)
            counting.count_seat(plan, block, tally, SHARES, WINNER, np.int64(0), i, at, valid)
            counting.count_tragedies(plan, tragedies, block, tally, i)
            scenarios.count_scenarios(plan, pacts, block, tally, i, at, valid, draw, k0, k1)
        counting.store_totals(block, tally, at, valid)
        for d in range(definitions):
            for lane in range(valid):
                tally.tragedies_in_draw[at + lane, d] = block.tragedies[d, lane]
            counting.clear(block.tragedies, d)
