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

from forecaster.kernels import counting, random, scenarios, simd
from forecaster.kernels.jit import announce, inline, jit, part
from forecaster.kernels.layout import (
    BASE,
    CENTRE,
    CLARITY,
    COLUMNS,
    FACTOR,
    FIRST,
    FLOOR,
    LAMBDA,
    LANES,
    LOGIT,
    MEAN,
    MISS,
    MIXTURE,
    MOST_PACTS,
    NARROW,
    OFFSET,
    SCALE,
    SECOND,
    SHARES,
    SIX,
    SIZE,
    SPREAD,
    STANDS,
    STEP,
    STRONG_TRANSITION,
    TARGET,
    THETA,
    THIRD,
    TOTAL,
    WINNER,
    Block,
)
from forecaster.kernels.rules import EXTRAPOLATION, SETTLED, TINY
from forecaster.kernels.rules import FLOOR as FLOOR_OF_SWING
from forecaster.kernels.simd import borrow, fma, keep, load, store

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
def _draw_targets(plan: Any, sampling: Any, block: Any, first: Any, k0: Any, k1: Any) -> None:
    """National shares: expectation plus a heavy-tailed error, kept above a floor and summing up."""
    loadings = 4 * ((plan.target_loading.shape[2] + 3) // 4)
    z = block.normals[:loadings]
    random.fill_factors(z, sampling, first, _U(0), _U(random.NATIONAL), k0, k1)
    random.fill_factor_t_scale(
        block.lanes[SCALE], plan.target_dof, sampling, first, _U(random.NATIONAL_SCALE), k0, k1
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
def _draw_lambdas(plan: Any, sampling: Any, block: Any, first: Any, k0: Any, k1: Any) -> None:
    """Mixture weight of each party: one law for parties that fall, another for those that rise."""
    random.fill_factors(block.normals[:16], sampling, first, _U(0), _U(random.LAMBDA), k0, k1)
    for a in range(plan.target.shape[0]):
        for c in range(COLUMNS):
            row = plan.lambda_row[a, c]
            for lane in range(LANES):
                k = 1 if block.nations[TARGET, a, c, lane] >= plan.nation_base[a, c] else 0
                value = plan.lambda_mean[k] + plan.lambda_sd[k] * block.normals[row, lane]
                value = max(value, plan.lambda_bounds[k, 0])
                value = min(value, plan.lambda_bounds[k, 1])
                # A new party has no shares that could be scaled.
                new = plan.nation_base[a, c] <= _F(TINY)
                block.nations[LAMBDA, a, c, lane] = _F(1.0) if new else value


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


@part
def _take_seats(plan: Any, block: Any) -> None:
    """Put what the loops over draws need of a seat side by side, in the form they need it."""
    for i in range(plan.base.shape[0]):
        for c in range(COLUMNS):
            stands = plan.stands[i, c] == 1
            block.seats[i, STANDS, c] = _F(1.0) if stands else _F(0.0)
            block.seats[i, BASE, c] = plan.base[i, c]
            block.seats[i, FLOOR, c] = min(plan.base[i, c], _F(FLOOR_OF_SWING))
            block.seats[i, OFFSET, c] = plan.offset[i, c]
            block.seats[i, SIZE, c] = plan.size[i, c]
            block.seats[i, FACTOR, c] = plan.win_factor[i, c]
            block.seats[i, CLARITY, c] = plan.tactical_clarity[i, c]
            if stands:
                block.width[i] = c + 1
        for f in range(plan.covariates.shape[1]):
            block.covariates[i, f] = plan.covariates[i, f]


@inline
def _swing_seat(plan: Any, block: Any, i: Any, a: Any, lane: Any, width: Any, rule: Any) -> None:
    """Shares of seat `i` after the swing, summing to one, into ``block.columns[SHARES]``."""
    total = simd.vector(_F(0.0))
    lost = simd.vector(_F(0.0))
    if rule == STRONG_TRANSITION:
        lost = _lose_voters(plan, block, i, a, lane)
    for c in range(width):
        b = block.seats[i, BASE, c]
        first = load(block.nations, (FIRST, a, c, lane))
        if rule == MIXTURE:
            second = load(block.nations, (SECOND, a, c, lane))
            share = simd.larger(fma(second, b, first), block.seats[i, FLOOR, c])
        elif rule == LOGIT:
            odds = (_F(1.0) - b) / max(b, _F(TINY))
            share = _F(1.0) / fma(first, odds, _F(1.0))
        else:
            third = load(block.nations, (THIRD, a, c, lane))
            share = fma(third, lost, load(block.columns, (SHARES, c, lane)))
        share = share * block.seats[i, STANDS, c]
        store(block.columns, (SHARES, c, lane), share)
        total = total + share
    if plan.tactical_best[i] < 0:
        _close(block, total, lane, width)
    else:
        _vote_tactically(plan, block, total, i, lane, width)


@inline
def _lose_voters(plan: Any, block: Any, i: Any, a: Any, lane: Any) -> Any:
    """Keep the voters of the strong transition that stay, and return those that were lost."""
    lost = simd.vector(_F(0.0))
    for c in range(COLUMNS):
        b = block.seats[i, BASE, c]
        weak = min(b, _F(plan.weak_threshold))
        kept = load(block.nations, (FIRST, a, c, lane)) * weak
        kept = fma(load(block.nations, (SECOND, a, c, lane)), b - weak, kept)
        store(block.columns, (SHARES, c, lane), kept)
        lost = lost + (b - kept)
    return lost


@inline
def _close(block: Any, total: Any, lane: Any, width: Any) -> None:
    """Make shares sum to one."""
    scale = _F(1.0) / total
    for c in range(width):
        share = load(block.columns, (SHARES, c, lane))
        store(block.columns, (SHARES, c, lane), share * scale)


@inline
def _vote_tactically(plan: Any, block: Any, total: Any, i: Any, lane: Any, width: Any) -> None:
    """Close, and move part of the bloc's other parties' votes to its best placed party.

    Over all columns, though most lose nothing: the shares stay in registers then, and to read a few
    of them back from where they have just been stored would cost more.
    """
    best = plan.tactical_best[i]
    scale = _F(1.0) / total
    kappa = load(block.kappa, (plan.tactical_bloc[i], lane))
    to = load(block.columns, (SHARES, best, lane)) * scale
    for c in range(width):
        share = load(block.columns, (SHARES, c, lane)) * scale
        amount = kappa * block.seats[i, CLARITY, c] * share
        store(block.columns, (SHARES, c, lane), share - amount)
        to = to + amount
    store(block.columns, (SHARES, best, lane), to)


@part
def _draw_kappas(plan: Any, sampling: Any, block: Any, first: Any, k0: Any, k1: Any) -> None:
    for bloc in range(plan.tactical_kappa.shape[0]):
        z = block.normals[:4]
        random.fill_factors(z, sampling, first, _U(bloc), _U(random.TACTICAL), k0, k1)
        for lane in range(LANES):
            value = (
                plan.tactical_kappa[bloc, 0]
                + plan.tactical_kappa[bloc, 1] * (block.normals[0, lane])
            )
            value = max(value, plan.tactical_kappa[bloc, 2])
            block.kappa[bloc, lane] = min(value, plan.tactical_kappa[bloc, 3])


@inline
def _rake(plan: Any, block: Any) -> None:
    """Move theta until the seats' weighted shares come out at the drawn national shares."""
    for a in range(plan.target.shape[0]):
        for c in range(COLUMNS):
            for lane in range(LANES):
                theta = _F(0.0)
                if plan.swings[a, c] == 1 and plan.rule == MIXTURE:
                    theta = block.nations[TARGET, a, c, lane] - plan.nation_base[a, c]
                elif plan.swings[a, c] == 1 and plan.rule == LOGIT:
                    theta = _level(block.nations[TARGET, a, c, lane], plan.nation_base[a, c])
                block.nations[THETA, a, c, lane] = theta
    for round_ in range(plan.rakes):
        _prepare_swing(plan, block)
        block.nations[MEAN][:] = _F(0.0)
        for i in range(plan.base.shape[0]):
            # Six columns are enough for nearly all of England; constants unroll the loops.
            if block.width[i] <= NARROW and plan.rule == MIXTURE:
                _add_to_mean(plan, block, i, NARROW, MIXTURE)
            else:
                _add_to_mean(plan, block, i, COLUMNS, plan.rule)
        for a in range(plan.target.shape[0]):
            _step(plan, block, a, round_)
    _prepare_swing(plan, block)


@inline
def _level(target: Any, base: Any) -> Any:
    """Return where the logit rule starts: a new party level wherever it stands, others as last."""
    if base > _F(TINY):
        return _F(0.0)
    target = min(max(target, _F(TINY)), _F(1.0 - TINY))
    return random.log(target / (_F(1.0) - target)) + random.log(_F((1.0 - TINY) / TINY))


@inline
def _add_to_mean(plan: Any, block: Any, i: Any, width: Any, rule: Any) -> None:
    """Add the swung shares of seat `i` to the mean of its nation."""
    a = plan.nation[i]
    weight = plan.weight[i]
    for lane in range(0, LANES, simd.WIDTH):
        _swing_seat(plan, block, i, a, lane, width, rule)
        for c in range(width):
            mean = load(block.nations, (MEAN, a, c, lane))
            mean = fma(load(block.columns, (SHARES, c, lane)), weight, mean)
            store(block.nations, (MEAN, a, c, lane), mean)


@part
def _step(plan: Any, block: Any, a: Any, round_: Any) -> None:
    """Move theta by what the shares miss, accelerated as `rules.accelerate` says."""
    counting.clear(block.lanes, TOTAL)
    counting.clear(block.lanes, SCALE)
    for c in range(COLUMNS):
        if plan.swings[a, c] == 1:
            for lane in range(LANES):
                mean = block.nations[MEAN, a, c, lane]
                miss = block.nations[TARGET, a, c, lane] - mean
                if plan.rule == LOGIT:
                    mean = min(max(mean, _F(1e-4)), _F(1.0 - 1e-4))
                    miss /= mean * (_F(1.0) - mean)
                change = miss - block.nations[MISS, a, c, lane]
                block.nations[MISS, a, c, lane] = miss
                block.nations[MEAN, a, c, lane] = change
                block.lanes[TOTAL, lane] += miss * change
                block.lanes[SCALE, lane] += change * change
    for lane in range(LANES):
        squares = block.lanes[SCALE, lane]
        part_of = block.lanes[TOTAL, lane] / max(squares, _F(SETTLED))
        part_of = min(max(part_of, _F(EXTRAPOLATION[0])), _F(EXTRAPOLATION[1]))
        accelerates = round_ > 0 and squares > _F(SETTLED)
        block.lanes[TOTAL, lane] = part_of if accelerates else _F(0.0)
    for c in range(COLUMNS):
        if plan.swings[a, c] == 1:
            for lane in range(LANES):
                back = block.nations[STEP, a, c, lane] + block.nations[MEAN, a, c, lane]
                step = block.nations[MISS, a, c, lane] - block.lanes[TOTAL, lane] * back
                block.nations[STEP, a, c, lane] = step
                block.nations[THETA, a, c, lane] += step


@part
def _draw_factors(plan: Any, sampling: Any, block: Any, first: Any, k0: Any, k1: Any) -> None:
    """Random slopes and regional errors, and their national means, which are taken out again."""
    for f in range(plan.covariates.shape[1]):
        z = block.normals[:COLUMNS]
        random.fill_factors(z, sampling, first, _U(f), _U(random.SLOPES), k0, k1)
        for a in range(plan.target.shape[0]):
            _correlate(plan.slope_cholesky[a, f], block.normals, block.slopes[a, f])
    block.nations[CENTRE][:] = _F(0.0)
    for r in range(plan.region_nation.shape[0]):
        a = plan.region_nation[r]
        z = block.normals[:COLUMNS]
        random.fill_factors(z, sampling, first, _U(r), _U(random.REGIONS), k0, k1)
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
    z = block.normals[:4]
    random.fill_factors(z, sampling, first, _U(0), _U(random.ELECTION_SCALE), k0, k1)
    sign = _F(1.0) if first == random.twin(sampling, first) else _F(-1.0)
    for lane in range(LANES):
        spread = random.exp(_F(plan.seat_spread) * block.normals[0, lane])
        block.lanes[SPREAD, lane] = sign * spread


@inline
def _perturb_seat(plan: Any, block: Any, i: Any, a: Any, r: Any, lane: Any, width: Any) -> None:
    """Add incumbency, regional, covariate and seat error to the shares of seat `i`."""
    scale = load(block.lanes, (SCALE, lane)) * load(block.lanes, (SPREAD, lane))
    total = simd.vector(_F(0.0))
    for c in range(width):
        own = simd.vector(_F(0.0))
        for j in range(c + 1):
            own = fma(load(block.normals, (j, lane)), plan.seat_cholesky[a, c, j], own)
        shared = load(block.regional, (r, c, lane))
        for six in range(0, block.covariates.shape[1], SIX):
            for f in range(six, six + SIX):
                shared = fma(load(block.slopes, (a, f, c, lane)), block.covariates[i, f], shared)
        error = fma(fma(own, scale, shared), block.seats[i, SIZE, c], block.seats[i, OFFSET, c])
        error = error - load(block.nations, (CENTRE, a, c, lane))
        share = load(block.columns, (SHARES, c, lane)) + error
        share = simd.larger(share, _F(plan.share_floor)) * block.seats[i, STANDS, c]
        store(block.columns, (SHARES, c, lane), share)
        total = total + share
    _close(block, total, lane, width)


@inline
def _simulate_seat(
    plan: Any,
    block: Any,
    tally: Any,
    i: Any,
    at: Any,
    valid: Any,
    mirrored: Any,
    k0: Any,
    k1: Any,
    width: Any,
    rule: Any,
) -> None:
    """Swing, errors, winner and counts of seat `i` without pacts."""
    a, r = plan.nation[i], plan.region[i]
    # It is back when the seat is counted.
    counting.fetch_histogram(tally, 0, i, width)
    random.fill_normals(block.normals[:width], mirrored, _U(i), _U(random.SEATS), k0, k1)
    random.fill_t_scale(
        block.lanes[SCALE], plan.seat_dof, mirrored, _U(i), _U(random.SEAT_SCALE), k0, k1
    )
    for lane in range(0, LANES, simd.WIDTH):
        _swing_seat(plan, block, i, a, lane, width, rule)
        _perturb_seat(plan, block, i, a, r, lane, width)
        counting.elect(block, SHARES, WINNER, i, lane, valid, width)
    counting.count_totals(plan, block, i, width)
    if tally.regional.shape[0] > 0:
        counting.add_votes(plan, block, i, width)
    counting.count_seat(plan, block, tally, SHARES, WINNER, np.int64(0), i, at, valid, width)


def simulate(
    plan: Any,
    pacts: Any,
    tragedies: Any,
    sampling: Any,
    first: Any,
    count: Any,
    tally: Any,
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
    sampling : Sampling
        What the draws are made of.
    first : uint64
        First draw, a multiple of `LANES`.
    count : int
        Number of draws; need not be a multiple of `LANES`.
    tally : Tally
        Added to in place; its per-draw arrays hold `count` draws.
    """
    announce(_simulate)
    _simulate(plan, pacts, tragedies, sampling, first, count, tally)


@jit
def _simulate(
    plan: Any,
    pacts: Any,
    tragedies: Any,
    sampling: Any,
    first: Any,
    count: Any,
    tally: Any,
) -> None:
    plan, pacts, tragedies = borrow(plan), borrow(pacts), borrow(tragedies)
    sampling, tally = borrow(sampling), borrow(tally)
    keys = random.keys(sampling.seeds)
    k0, k1 = borrow(keys)
    seats = plan.base.shape[0]
    nations = plan.target.shape[0]
    factors = SIX * ((plan.covariates.shape[1] + SIX - 1) // SIX)
    regions = plan.region_nation.shape[0]
    definitions = tragedies.winners.shape[0]
    normals = 4 * ((max(plan.target_loading.shape[2], 16) + 3) // 4)
    memory = Block(
        simd.zeros((normals, LANES), np.float32),
        simd.zeros((10, nations, COLUMNS, LANES), np.float32),
        simd.zeros((5, COLUMNS, LANES), np.float32),
        simd.zeros((5, LANES), np.float32),
        simd.zeros((4, LANES), np.int32),
        simd.zeros((4, MOST_PACTS, LANES), np.float32),
        np.zeros((MOST_PACTS, 2, COLUMNS), np.float32),
        np.zeros((MOST_PACTS, COLUMNS + 1), np.int32),
        simd.zeros((nations, factors, COLUMNS, LANES), np.float32),
        simd.zeros((regions, COLUMNS, LANES), np.float32),
        simd.zeros((regions, COLUMNS, LANES), np.float32),
        simd.zeros((plan.tactical_kappa.shape[0], LANES), np.float32),
        simd.zeros((pacts.strength.shape[0], 4, LANES), np.float32),
        simd.zeros((pacts.transfer_weight.shape[0], 4, LANES), np.float32),
        np.zeros((seats, 7, COLUMNS), np.float32),
        np.zeros(seats, np.int32),
        np.zeros((seats, factors), np.float32),
        simd.zeros((definitions, LANES), np.int32),
        np.zeros((2, COLUMNS + 1), np.int32),
        simd.zeros((pacts.scenarios, nations, COLUMNS, LANES), np.int32),
    )
    block = borrow(memory)
    _take_seats(plan, block)
    for at in range(0, count, LANES):
        draw = first + np.uint64(at)
        mirrored = random.twin(sampling, draw)
        valid = min(LANES, count - at)
        _draw_targets(plan, sampling, block, draw, k0, k1)
        _draw_lambdas(plan, sampling, block, draw, k0, k1)
        _draw_kappas(plan, sampling, block, draw, k0, k1)
        _rake(plan, block)
        _draw_factors(plan, sampling, block, draw, k0, k1)
        scenarios.draw_strengths(pacts, sampling, block, draw, k0, k1)
        for a in range(nations):
            for c in range(COLUMNS):
                for lane in range(valid):
                    tally.national[at + lane, a, c] = block.nations[TARGET, a, c, lane]
        for i in range(plan.base.shape[0]):
            if block.width[i] <= NARROW and plan.rule == MIXTURE:
                _simulate_seat(plan, block, tally, i, at, valid, mirrored, k0, k1, NARROW, MIXTURE)
            else:
                _simulate_seat(
                    plan, block, tally, i, at, valid, mirrored, k0, k1, COLUMNS, plan.rule
                )
            counting.count_tragedies(plan, tragedies, block, tally, i)
            scenarios.count_scenarios(plan, pacts, block, tally, i, at, valid, draw, k0, k1)
        counting.store_totals(block, tally, at, valid)
        if tally.regional.shape[0] > 0:
            counting.store_votes(block, tally, at, valid)
        for d in range(definitions):
            for lane in range(valid):
                tally.tragedies_in_draw[at + lane, d] = block.tragedies[d, lane]
            counting.clear(block.tragedies, d)
    keep((keys, memory))
