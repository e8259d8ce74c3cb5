"""The jitted core: simulated elections from draws to counts, in one call tree.

A call simulates the draws ``first, first + 1, …`` in blocks of `LANES`; inside a block the draws
lie in SIMD lanes, and every inner loop runs over them. Only counts leave a block (integers, so
the order in which blocks and threads finish cannot matter), never draws x seats x parties.

Names of the axes: *seat*, *column* (a party's place on the ballot papers of a nation), *nation*,
*region*, *factor* (a seat covariate), *lane* (a draw of the block). `forecaster.kernels.reference`
is the same model in plain NumPy, and the place to read it first.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from forecaster.kernels import random
from forecaster.kernels.jit import inline, jit

COLUMNS = 8
"""Places on a ballot paper: two Threefry calls give exactly eight normals."""
LANES = 64
BINS = 200
"""Bins of the share histogram, half a percentage point each."""
SHARE_UNIT = 2**24
"""Shares are summed as integers in units of 2**-24, so that sums do not depend on their order."""

MIXTURE, LOGIT, STRONG_TRANSITION = 0, 1, 2

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

_F = np.float32
_U = np.uint32


class KernelPlan(NamedTuple):
    """Every array that the kernel needs; `forecaster.simulation.plan` builds and checks it.

    Shares and standard deviations are fractions. Arrays are C-contiguous, float32 or int32.
    """

    nation: Ints  # (seat,)
    region: Ints  # (seat,)
    stands: Ints  # (seat, column) 1 where the party is on the ballot paper
    base: Floats  # (seat, column) share last time, imputed where the party did not stand
    weight: Floats  # (seat,) share of the nation's valid votes
    nation_base: Floats  # (nation, column) weighted mean of base, at least rules.TINY
    nation_weak: Floats  # (nation, column) weighted mean of min(base, weak_threshold)
    swings: Ints  # (nation, column) 0 where the share stays at the base (Speaker, independents)
    target: Floats  # (nation, column) expected share
    target_floor: Floats  # (nation, column)
    target_loading: Floats  # (nation, column, national factor)
    target_dof: int
    rule: int
    rakes: int
    weak_threshold: float
    lambda_row: Ints  # (nation, column) which of the lambda normals belongs to the party
    lambda_mean: Floats  # (2,) falling, rising
    lambda_sd: Floats  # (2,)
    lambda_bounds: Floats  # (2, 2)
    covariates: Floats  # (seat, factor) standardised
    slope_cholesky: Floats  # (nation, factor, column, column)
    slope_centre: Floats  # (nation, column, factor) weighted mean of size times covariate
    region_cholesky: Floats  # (nation, column, column)
    region_nation: Ints  # (region,)
    region_centre: Floats  # (region, column) weighted sum of size over the region
    offset: Floats  # (seat, column) incumbency, centred by nation
    size: Floats  # (seat, column) scale of the error relative to its standard deviation
    seat_cholesky: Floats  # (nation, column, column)
    seat_dof: int
    seat_spread: float  # standard deviation of the log of the election's own error scale
    share_floor: float
    win_factor: Floats  # (seat, column) best candidate's part of the column's votes


class Tally(NamedTuple):
    """What a call counts. `n` is the number of draws of the call."""

    wins: npt.NDArray[np.int64]  # (scenario, seat, column)
    share_sum: npt.NDArray[np.int64]  # (scenario, seat, column) in SHARE_UNIT
    histogram: npt.NDArray[np.uint32]  # (scenario, seat, column, bin)
    seats_won: npt.NDArray[np.int16]  # (scenario, n, nation, column)
    national: Floats  # (n, nation, column) the shares drawn for each nation
    winners: npt.NDArray[np.int8]  # (scenario, n, seat) or (scenario, 0, 0)


class _Block(NamedTuple):
    """Working memory of one block of draws."""

    normals: Floats  # (rows, lane)
    target: Floats  # (nation, column, lane)
    lambda_: Floats  # (nation, column, lane)
    theta: Floats  # (nation, column, lane)
    first: Floats  # (nation, column, lane) coefficients of the swing rule
    second: Floats  # (nation, column, lane)
    third: Floats  # (nation, column, lane)
    mean: Floats  # (nation, column, lane)
    slopes: Floats  # (nation, factor, column, lane)
    regional: Floats  # (region, column, lane)
    centre: Floats  # (nation, column, lane)
    shares: Floats  # (column, lane)
    total: Floats  # (lane,)
    scale: Floats  # (lane,)
    spread: Floats  # (lane,)
    best: Floats  # (lane,)
    winner: Ints  # (lane,)


@inline
def _correlate(cholesky: Any, normals: Any, out: Any) -> None:
    for c in range(COLUMNS):
        out[c, :] = _F(0.0)
        for j in range(c + 1):
            weight = cholesky[c, j]
            if weight != _F(0.0):
                for lane in range(LANES):
                    out[c, lane] += weight * normals[j, lane]


@inline
def _draw_targets(plan: Any, block: Any, first: Any, k0: Any, k1: Any) -> None:
    """National shares: expectation plus a heavy-tailed error, kept above a floor and summing up."""
    random.fill_normals(block.normals, first, _U(0), _U(random.NATIONAL), k0, k1)
    random.fill_t_scale(
        block.scale, plan.target_dof, first, _U(0), _U(random.NATIONAL_SCALE), k0, k1
    )
    for a in range(plan.target.shape[0]):
        fixed = _F(0.0)
        block.total[:] = _F(0.0)
        for c in range(COLUMNS):
            block.target[a, c, :] = _F(0.0)
            if plan.swings[a, c] == 0:
                block.target[a, c, :] = plan.target[a, c]
                fixed += plan.target[a, c]
                continue
            for j in range(plan.target_loading.shape[2]):
                loading = plan.target_loading[a, c, j]
                if loading != _F(0.0):
                    for lane in range(LANES):
                        block.target[a, c, lane] += loading * block.normals[j, lane]
            for lane in range(LANES):
                share = plan.target[a, c] + block.target[a, c, lane] * block.scale[lane]
                share = max(share, plan.target_floor[a, c])
                block.target[a, c, lane] = share
                block.total[lane] += share
        for c in range(COLUMNS):
            if plan.swings[a, c] == 1:
                for lane in range(LANES):
                    block.target[a, c, lane] *= (_F(1.0) - fixed) / block.total[lane]


@inline
def _draw_lambdas(plan: Any, block: Any, first: Any, k0: Any, k1: Any) -> None:
    """Mixture weight of each party: one law for parties that fall, another for those that rise."""
    random.fill_normals(block.normals[:16], first, _U(0), _U(random.LAMBDA), k0, k1)
    for a in range(plan.target.shape[0]):
        for c in range(COLUMNS):
            row = plan.lambda_row[a, c]
            for lane in range(LANES):
                k = 1 if block.target[a, c, lane] >= plan.nation_base[a, c] else 0
                value = plan.lambda_mean[k] + plan.lambda_sd[k] * block.normals[row, lane]
                value = max(value, plan.lambda_bounds[k, 0])
                block.lambda_[a, c, lane] = min(value, plan.lambda_bounds[k, 1])


@inline
def _prepare_mixture(plan: Any, block: Any, a: Any, c: Any) -> None:
    base = plan.nation_base[a, c]
    for lane in range(LANES):
        theta = block.theta[a, c, lane]
        weight = block.lambda_[a, c, lane]
        block.first[a, c, lane] = theta * weight
        block.second[a, c, lane] = _F(1.0) + theta * (_F(1.0) - weight) / base


@inline
def _prepare_logit(plan: Any, block: Any, a: Any, c: Any) -> None:
    for lane in range(LANES):
        block.first[a, c, lane] = random.exp(-block.theta[a, c, lane])


@inline
def _prepare_strong_transition(plan: Any, block: Any, a: Any, c: Any) -> None:
    # theta shifts the target that the transition aims at. Weak voters leave first.
    weak = plan.nation_weak[a, c]
    strong = max(plan.nation_base[a, c] - weak, _F(1e-9))
    for lane in range(LANES):
        change = block.target[a, c, lane] + block.theta[a, c, lane] - plan.nation_base[a, c]
        lost = max(-change, _F(0.0))
        weak_lost = min(lost, weak)
        block.first[a, c, lane] = _F(1.0) - weak_lost / max(weak, _F(1e-9))
        block.second[a, c, lane] = _F(1.0) - (lost - weak_lost) / strong
        block.third[a, c, lane] = max(change, _F(0.0))


@inline
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
            block.total[:] = _F(1e-9)
            for c in range(COLUMNS):
                for lane in range(LANES):
                    block.total[lane] += block.third[a, c, lane]
            for c in range(COLUMNS):
                for lane in range(LANES):
                    block.third[a, c, lane] /= block.total[lane]


@inline
def _swing_seat(plan: Any, block: Any, i: Any) -> None:
    """Shares of seat `i` after the swing, summing to one, into ``block.shares``."""
    a = plan.nation[i]
    block.total[:] = _F(0.0)
    if plan.rule == STRONG_TRANSITION:
        block.scale[:] = _F(0.0)
        for c in range(COLUMNS):
            b = plan.base[i, c]
            weak = min(b, _F(plan.weak_threshold))
            for lane in range(LANES):
                kept = block.first[a, c, lane] * weak + block.second[a, c, lane] * (b - weak)
                block.shares[c, lane] = kept
                block.scale[lane] += b - kept
    for c in range(COLUMNS):
        if plan.stands[i, c] == 0:
            block.shares[c, :] = _F(0.0)
            continue
        b = plan.base[i, c]
        if plan.rule == MIXTURE:
            floor = min(b, _F(0.002))
            for lane in range(LANES):
                share = block.first[a, c, lane] + b * block.second[a, c, lane]
                block.shares[c, lane] = max(share, floor)
        elif plan.rule == LOGIT:
            odds = (_F(1.0) - b) / max(b, _F(1e-6))
            for lane in range(LANES):
                block.shares[c, lane] = _F(1.0) / (_F(1.0) + odds * block.first[a, c, lane])
        else:
            for lane in range(LANES):
                block.shares[c, lane] += block.third[a, c, lane] * block.scale[lane]
        for lane in range(LANES):
            block.total[lane] += block.shares[c, lane]
    _normalise(plan, block, i)


@inline
def _normalise(plan: Any, block: Any, i: Any) -> None:
    for lane in range(LANES):
        block.total[lane] = _F(1.0) / block.total[lane]
    for c in range(COLUMNS):
        if plan.stands[i, c] == 1:
            for lane in range(LANES):
                block.shares[c, lane] *= block.total[lane]


@inline
def _rake(plan: Any, block: Any) -> None:
    """Move theta until the seats' weighted shares come out at the drawn national shares."""
    for a in range(plan.target.shape[0]):
        for c in range(COLUMNS):
            for lane in range(LANES):
                change = block.target[a, c, lane] - plan.nation_base[a, c]
                if plan.rule != MIXTURE or plan.swings[a, c] == 0:
                    change = _F(0.0)
                block.theta[a, c, lane] = change
    for _ in range(plan.rakes):
        _prepare_swing(plan, block)
        block.mean[:] = _F(0.0)
        for i in range(plan.base.shape[0]):
            _swing_seat(plan, block, i)
            a = plan.nation[i]
            weight = plan.weight[i]
            for c in range(COLUMNS):
                if plan.stands[i, c] == 1:
                    for lane in range(LANES):
                        block.mean[a, c, lane] += weight * block.shares[c, lane]
        for a in range(plan.target.shape[0]):
            for c in range(COLUMNS):
                if plan.swings[a, c] == 1:
                    _step(plan, block, a, c)
    _prepare_swing(plan, block)


@inline
def _step(plan: Any, block: Any, a: Any, c: Any) -> None:
    for lane in range(LANES):
        miss = block.target[a, c, lane] - block.mean[a, c, lane]
        if plan.rule == LOGIT:
            mean = min(max(block.mean[a, c, lane], _F(1e-4)), _F(1.0 - 1e-4))
            miss /= mean * (_F(1.0) - mean)
        block.theta[a, c, lane] += miss


@inline
def _draw_factors(plan: Any, block: Any, first: Any, k0: Any, k1: Any) -> None:
    """Random slopes and regional errors, and their national means, which are taken out again."""
    for f in range(plan.covariates.shape[1]):
        random.fill_normals(block.normals[:COLUMNS], first, _U(f), _U(random.SLOPES), k0, k1)
        for a in range(plan.target.shape[0]):
            _correlate(plan.slope_cholesky[a, f], block.normals, block.slopes[a, f])
    block.centre[:] = _F(0.0)
    for r in range(plan.region_nation.shape[0]):
        a = plan.region_nation[r]
        random.fill_normals(block.normals[:COLUMNS], first, _U(r), _U(random.REGIONS), k0, k1)
        _correlate(plan.region_cholesky[a], block.normals, block.regional[r])
        for c in range(COLUMNS):
            for lane in range(LANES):
                block.centre[a, c, lane] += plan.region_centre[r, c] * block.regional[r, c, lane]
    for a in range(plan.target.shape[0]):
        for f in range(plan.covariates.shape[1]):
            for c in range(COLUMNS):
                for lane in range(LANES):
                    block.centre[a, c, lane] += (
                        plan.slope_centre[a, c, f] * block.slopes[a, f, c, lane]
                    )
    random.fill_normals(block.normals[:4], first, _U(0), _U(random.ELECTION_SCALE), k0, k1)
    for lane in range(LANES):
        block.spread[lane] = random.exp(_F(plan.seat_spread) * block.normals[0, lane])


@inline
def _perturb_seat(plan: Any, block: Any, i: Any, first: Any, k0: Any, k1: Any) -> None:
    """Add incumbency, regional, covariate and seat error to the shares of seat `i`."""
    a = plan.nation[i]
    r = plan.region[i]
    random.fill_normals(block.normals[:COLUMNS], first, _U(i), _U(random.SEATS), k0, k1)
    random.fill_t_scale(block.scale, plan.seat_dof, first, _U(i), _U(random.SEAT_SCALE), k0, k1)
    for lane in range(LANES):
        block.scale[lane] *= block.spread[lane]
    block.total[:] = _F(0.0)
    for c in range(COLUMNS):
        if plan.stands[i, c] == 0:
            continue
        for lane in range(LANES):
            block.best[lane] = _F(0.0)
        for j in range(c + 1):
            weight = plan.seat_cholesky[a, c, j]
            if weight != _F(0.0):
                for lane in range(LANES):
                    block.best[lane] += weight * block.normals[j, lane]
        for lane in range(LANES):
            block.best[lane] = block.best[lane] * block.scale[lane] + block.regional[r, c, lane]
        for f in range(plan.covariates.shape[1]):
            x = plan.covariates[i, f]
            for lane in range(LANES):
                block.best[lane] += x * block.slopes[a, f, c, lane]
        for lane in range(LANES):
            error = plan.size[i, c] * block.best[lane] - block.centre[a, c, lane]
            share = block.shares[c, lane] + plan.offset[i, c] + error
            share = max(share, _F(plan.share_floor))
            block.shares[c, lane] = share
            block.total[lane] += share
    _normalise(plan, block, i)


@inline
def _count_seat(plan: Any, block: Any, tally: Any, i: Any, at: Any, valid: Any) -> None:
    """Find the winner of seat `i` in every lane and count it (a tie goes to the first column)."""
    block.best[:] = _F(-1.0)
    for c in range(COLUMNS):
        if plan.stands[i, c] == 1:
            factor = plan.win_factor[i, c]
            for lane in range(LANES):
                votes = block.shares[c, lane] * factor
                better = votes > block.best[lane]
                block.best[lane] = votes if better else block.best[lane]
                block.winner[lane] = np.int32(c) if better else block.winner[lane]
    a = plan.nation[i]
    for lane in range(valid):
        w = block.winner[lane]
        tally.wins[0, i, w] += 1
        tally.seats_won[0, at + lane, a, w] += 1
    if tally.winners.shape[1] > 0:
        for lane in range(valid):
            tally.winners[0, at + lane, i] = block.winner[lane]
    for c in range(COLUMNS):
        if plan.stands[i, c] == 1:
            total = np.int64(0)
            for lane in range(valid):
                share = block.shares[c, lane]
                total += np.int64(share * _F(SHARE_UNIT))
                tally.histogram[0, i, c, min(np.int32(share * _F(BINS)), BINS - 1)] += 1
            tally.share_sum[0, i, c] += total


@jit
def simulate(plan: Any, seed: Any, first: Any, count: Any, tally: Any) -> None:
    """Simulate `count` elections from draw `first` on, and add them to `tally`.

    Parameters
    ----------
    plan : KernelPlan
        The checked arrays.
    seed : uint64
        Key of the random numbers.
    first : uint64
        First draw, a multiple of `LANES`.
    count : int
        Number of draws; need not be a multiple of `LANES`.
    tally : Tally
        Added to in place; its per-draw arrays hold `count` draws.
    """
    k0 = _U(seed & np.uint64(0xFFFFFFFF))
    k1 = _U(seed >> np.uint64(32))
    nations = plan.target.shape[0]
    factors = plan.covariates.shape[1]
    regions = plan.region_nation.shape[0]
    normals = 4 * ((max(plan.target_loading.shape[2], 16) + 3) // 4)
    block = _Block(
        np.empty((normals, LANES), np.float32),
        np.empty((nations, COLUMNS, LANES), np.float32),
        np.empty((nations, COLUMNS, LANES), np.float32),
        np.empty((nations, COLUMNS, LANES), np.float32),
        np.zeros((nations, COLUMNS, LANES), np.float32),
        np.zeros((nations, COLUMNS, LANES), np.float32),
        np.zeros((nations, COLUMNS, LANES), np.float32),
        np.empty((nations, COLUMNS, LANES), np.float32),
        np.empty((nations, factors, COLUMNS, LANES), np.float32),
        np.empty((regions, COLUMNS, LANES), np.float32),
        np.empty((nations, COLUMNS, LANES), np.float32),
        np.empty((COLUMNS, LANES), np.float32),
        np.empty(LANES, np.float32),
        np.empty(LANES, np.float32),
        np.empty(LANES, np.float32),
        np.empty(LANES, np.float32),
        np.zeros(LANES, np.int32),
    )
    for at in range(0, count, LANES):
        draw = first + np.uint64(at)
        valid = min(LANES, count - at)
        _draw_targets(plan, block, draw, k0, k1)
        _draw_lambdas(plan, block, draw, k0, k1)
        _rake(plan, block)
        _draw_factors(plan, block, draw, k0, k1)
        for a in range(nations):
            for c in range(COLUMNS):
                for lane in range(valid):
                    tally.national[at + lane, a, c] = block.target[a, c, lane]
        for i in range(plan.base.shape[0]):
            _swing_seat(plan, block, i)
            _perturb_seat(plan, block, i, draw, k0, k1)
            _count_seat(plan, block, tally, i, at, valid)
