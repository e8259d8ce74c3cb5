"""Who wins a seat, and adding it to the counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from forecaster.kernels import simd
from forecaster.kernels.jit import inline, part
from forecaster.kernels.layout import (
    AGAINST,
    BEST,
    BIN,
    BINS,
    COLUMNS,
    FACTOR,
    LANES,
    NOBODY,
    SHARE_UNIT,
    SHARES,
    TOGETHER,
    WINNER,
)
from forecaster.kernels.simd import add, fma, load, store

_F = np.float32
_U = np.uint32
MINUS_ONE = _U(2**32 - 1)


@inline
def elect(block: Any, votes: Any, who: Any, i: Any, lane: Any, valid: Any, width: Any) -> None:
    """Find the winner of seat `i`, from row `votes` of the shares into row `who`.

    A tie goes to the first column. The columns from `width` on are empty.
    """
    best = simd.vector(_F(-1.0))
    winner = simd.vector(_U(NOBODY))
    for c in range(width):
        own = load(block.columns, (votes, c, lane)) * block.seats[i, FACTOR, c]
        better = own > best
        best = simd.select(better, own, best)
        winner = simd.select(better, _U(c), winner)
    store(block.lanes, (BEST, lane), best)
    drawn = simd.below(simd.lanes(_U(lane)), _U(valid))
    store(block.seen, (who, lane), simd.select(drawn, winner, _U(NOBODY)))


@inline
def count_totals(plan: Any, block: Any, i: Any, width: Any) -> None:
    """Add the winners of seat `i` without pacts to the totals of the lanes."""
    a = plan.nation[i]
    for c in range(width):
        for lane in range(0, LANES, simd.WIDTH):
            hit = simd.equal(load(block.seen, (WINNER, lane)), _U(c))
            seats = load(block.totals, (0, a, c, lane))
            store(block.totals, (0, a, c, lane), add(seats, simd.select(hit, _U(1), _U(0))))


@inline
def count_seat(
    plan: Any,
    block: Any,
    tally: Any,
    votes: Any,
    who: Any,
    k: Any,
    i: Any,
    at: Any,
    valid: Any,
    width: Any,
) -> None:
    """Add winners and shares (rows `who` and `votes`) of seat `i` to the counts of scenario `k`."""
    histogram = tally.histogram.shape[0] > 0
    # Bins are counted one by one while those of the next column are computed: their square roots
    # then cost nothing, and what has only just been stored as a vector cannot be read one by one
    # before it is in the cache, behind all earlier counts.
    last, row = np.int64(-1), np.int64(BIN)
    for c in range(width):
        if plan.stands[i, c] == 0:
            continue
        won, total, above = simd.vector(_U(0)), simd.vector(_U(0)), simd.vector(_U(0))
        row ^= 1
        for lane in range(0, LANES, simd.WIDTH):
            hit = simd.equal(load(block.seen, (who, lane)), _U(c))
            won = add(won, simd.select(hit, _U(1), _U(0)))
            share = load(block.columns, (votes, c, lane))
            # NaN and infinity have no bin; left out here, they are missed by the caller.
            share = simd.larger(simd.select(share < _F(2.0), share, _F(0.0)), _F(0.0))
            units = simd.truncate(share * _F(SHARE_UNIT))
            drawn = simd.below(simd.lanes(_U(lane)), _U(valid))
            total = add(total, simd.select(drawn, units, _U(0)))
            if histogram:
                bin_ = simd.truncate(simd.sqrt(share) * _F(BINS))
                bin_ = simd.select(simd.below(bin_, _U(BINS - 1)), bin_, _U(BINS - 1))
                bin_ = simd.select(drawn, bin_, _U(0))
                above = add(above, simd.select(simd.equal(bin_, _U(0)), _U(0), _U(1)))
                store(block.seen, (row, lane), bin_)
                if last >= 0:
                    _count_bins(block, tally, k, i, last, row ^ 1, lane)
        tally.wins[k, i, c] += np.int64(simd.add_up(won))
        tally.share_sum[k, i, c] += np.int64(simd.add_up(total))
        if histogram:
            # Lanes that are not drawn are in the lowest bin.
            tally.histogram[k, i, c, 0] -= _U(LANES - valid)
            last = c
            if simd.add_up(above) < _U(LANES // 2):
                _count_few_bins(block, tally, k, i, c, row)
                last = np.int64(-1)
    if last >= 0:
        for lane in range(0, LANES, simd.WIDTH):
            _count_bins(block, tally, k, i, last, row, lane)
    if tally.winners.shape[0] > 0:
        for lane in range(valid):
            tally.winners[at + lane, k, i] = block.seen[who, lane]


@inline
def _count_bins(block: Any, tally: Any, k: Any, i: Any, c: Any, row: Any, lane: Any) -> None:
    """Add a vector of bins, stored in a row of `Block.seen`, to the histogram."""
    for at in range(lane, lane + simd.WIDTH):
        # Bins are unsigned, for numba would look for an index from the end.
        tally.histogram[k, i, c, _U(block.seen[row, at])] += _U(1)


@inline
def _count_few_bins(block: Any, tally: Any, k: Any, i: Any, c: Any, row: Any) -> None:
    """Add a row of bins to the histogram of a column that has mostly stood aside.

    Counted like others, each would wait for the one before.
    """
    lowest = _U(LANES)
    for lane in range(0, LANES, simd.WORD):
        which = lanes_without(block.seen, row, lane, _U(0))
        while which != np.uint64(0):
            at = add(_U(lane), simd.lowest(which))
            tally.histogram[k, i, c, _U(block.seen[row, at])] += _U(1)
            which = simd.drop_lowest(which)
            lowest = add(lowest, MINUS_ONE)
    tally.histogram[k, i, c, 0] += lowest


@inline
def lanes_without(rows: Any, row: Any, lane: Any, usual: Any) -> Any:
    """Return as bits which of `simd.WORD` lanes hold something else than usual.

    To be worked off one by one: the fewer words, the less often the processor guesses wrongly how
    many bits are set.
    """
    which = np.uint64(0)
    for place in range(0, simd.WORD, simd.WIDTH):
        same = simd.truths(simd.equal(load(rows, (row, lane + place)), usual))
        which |= (same ^ simd.EVERY) << np.uint64(place)
    return which


@inline
def fetch_histogram(tally: Any, k: Any, i: Any, width: Any) -> None:
    """Ask for the histogram of seat `i` in scenario `k`, which was last met a block ago."""
    if tally.histogram.shape[0] > 0:
        simd.prefetch(tally.histogram, (k, i), width * BINS)


@inline
def add_votes(plan: Any, block: Any, i: Any, width: Any) -> None:
    """Add the votes of seat `i` without pacts to those of its region."""
    for c in range(width):
        for lane in range(0, LANES, simd.WIDTH):
            votes = load(block.votes, (plan.region[i], c, lane))
            share = load(block.columns, (SHARES, c, lane))
            store(block.votes, (plan.region[i], c, lane), fma(share, plan.weight[i], votes))


@part
def store_votes(block: Any, tally: Any, at: Any, valid: Any) -> None:
    """Write the block's votes by region and column out, and clear them."""
    for r in range(block.votes.shape[0]):
        for c in range(COLUMNS):
            for lane in range(valid):
                tally.regional[at + lane, r, c] = block.votes[r, c, lane]
            block.votes[r, c, :] = _F(0.0)


@inline
def count_tragedies(plan: Any, tragedies: Any, block: Any, tally: Any, i: Any) -> None:
    """Count where the parties added up beat the winner, or the winner's whole bloc."""
    a = plan.nation[i]
    for d in range(tragedies.winners.shape[0]):
        winners = np.int32(0)
        for c in range(COLUMNS):
            winners |= np.int32(tragedies.winners[d, a, c] * plan.stands[i, c]) << np.int32(c)
        if winners == 0:
            continue
        _list(plan, tragedies.together, d, block, i, TOGETHER)
        _list(plan, tragedies.against, d, block, i, AGAINST)
        happened = simd.vector(_U(0))
        for lane in range(0, LANES, simd.WIDTH):
            # A winner that a definition names has no other candidate in its column, so that the
            # votes it won with are the votes of its column.
            beaten = load(block.lanes, (BEST, lane))
            if block.summed[AGAINST, COLUMNS] > 0:
                beaten = _add_up(block, AGAINST, lane)
            together = _add_up(block, TOGETHER, lane)
            winner = load(block.seen, (WINNER, lane))
            concerned = simd.both(simd.shift_right(_U(winners), winner), _U(1))
            one = simd.select(together > beaten, concerned, _U(0))
            sofar = load(block.tragedies, (d, lane))
            store(block.tragedies, (d, lane), add(sofar, one))
            happened = add(happened, one)
        tally.tragedies[d, i] += np.int64(simd.add_up(happened))


@inline
def _list(plan: Any, parties: Any, d: Any, block: Any, i: Any, row: Any) -> None:
    """Put the columns of some parties that stand in seat `i` side by side."""
    n = 0
    for c in range(COLUMNS):
        if parties[d, plan.nation[i], c] == 1 and plan.stands[i, c] == 1:
            block.summed[row, n] = c
            n += 1
    block.summed[row, COLUMNS] = n


@inline
def _add_up(block: Any, row: Any, lane: Any) -> Any:
    """Add up the shares of the parties in a row of `Block.summed`."""
    total = simd.vector(_F(0.0))
    for n in range(block.summed[row, COLUMNS]):
        total = total + load(block.columns, (SHARES, block.summed[row, n], lane))
    return total


@inline
def clear(rows: Any, row: Any) -> None:
    """Set a row of lanes to zero; a slice assignment would not be compiled to vector code."""
    for lane in range(LANES):
        rows[row, lane] = 0


@part
def store_totals(block: Any, tally: Any, at: Any, valid: Any) -> None:
    """Write the block's seats by nation and column out, and clear them."""
    for k in range(block.totals.shape[0]):
        for a in range(block.totals.shape[1]):
            for c in range(COLUMNS):
                for lane in range(valid):
                    seats = block.totals[k, a, c, lane]
                    if k > 0:
                        seats += tally.seats_won[at + lane, 0, a, c]
                    tally.seats_won[at + lane, k, a, c] = seats
                block.totals[k, a, c, :] = 0
