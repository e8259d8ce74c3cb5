"""Who wins a seat, and adding it to the counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from forecaster.kernels import simd
from forecaster.kernels.jit import inline, part
from forecaster.kernels.layout import (
    BEST,
    BIN,
    BINS,
    COLUMNS,
    FACTOR,
    LANES,
    NOBODY,
    SHARE_UNIT,
    SHARES,
    WINNER,
)
from forecaster.kernels.simd import add

_F = np.float32
_U = np.uint32


@inline
def elect(block: Any, votes: Any, who: Any, i: Any, valid: Any, width: Any) -> None:
    """Find the winner of seat `i` in every lane, from row `votes` of the shares into row `who`.

    A tie goes to the first column. The columns from `width` on are empty.
    """
    for lane in range(0, LANES, simd.WIDTH):
        best = simd.vector(_F(-1.0))
        winner = simd.vector(_U(NOBODY))
        for c in range(width):
            own = simd.load(block.columns, (votes, c, lane)) * block.seats[i, FACTOR, c]
            better = own > best
            best = simd.select(better, own, best)
            winner = simd.select(better, _U(c), winner)
        simd.store(block.lanes, (BEST, lane), best)
        drawn = simd.below(simd.lanes(_U(lane)), _U(valid))
        simd.store(block.seen, (who, lane), simd.select(drawn, winner, _U(NOBODY)))


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
    a = plan.nation[i]
    for c in range(width):
        if plan.stands[i, c] == 0:
            continue
        won, total = simd.vector(_U(0)), simd.vector(_U(0))
        for lane in range(0, LANES, simd.WIDTH):
            hit = simd.equal(simd.load(block.seen, (who, lane)), _U(c))
            hit = simd.select(hit, _U(1), _U(0))
            won = add(won, hit)
            seats = add(simd.load(block.totals, (k, a, c, lane)), hit)
            simd.store(block.totals, (k, a, c, lane), seats)
            share = simd.load(block.columns, (votes, c, lane))
            # NaN and infinity have no bin; left out here, they are missed by the caller.
            share = simd.larger(simd.select(share < _F(2.0), share, _F(0.0)), _F(0.0))
            units = simd.truncate(share * _F(SHARE_UNIT))
            drawn = simd.below(simd.lanes(_U(lane)), _U(valid))
            total = add(total, simd.select(drawn, units, _U(0)))
            bin_ = simd.truncate(simd.sqrt(share) * _F(BINS))
            bin_ = simd.select(simd.below(bin_, _U(BINS - 1)), bin_, _U(BINS - 1))
            simd.store(block.seen, (BIN, lane), bin_)
        tally.wins[k, i, c] += np.int64(simd.add_up(won))
        tally.share_sum[k, i, c] += np.int64(simd.add_up(total))
        for lane in range(valid):
            # Unsigned, for numba would look for an index from the end.
            tally.histogram[k, i, c, np.uint32(block.seen[BIN, lane])] += _U(1)
    if tally.winners.shape[0] > 0:
        for lane in range(valid):
            tally.winners[at + lane, k, i] = block.seen[who, lane]


@inline
def count_tragedies(plan: Any, tragedies: Any, block: Any, tally: Any, i: Any) -> None:
    """Count where the parties added up beat the winner, or the winner's whole bloc."""
    a = plan.nation[i]
    for d in range(tragedies.winners.shape[0]):
        winners, against = np.int32(0), np.int32(0)
        for c in range(COLUMNS):
            stands = plan.stands[i, c]
            winners |= np.int32(tragedies.winners[d, a, c] * stands) << np.int32(c)
            against |= tragedies.against[d, a, c] * stands
        if winners == 0:
            continue
        happened = simd.vector(_U(0))
        for lane in range(0, LANES, simd.WIDTH):
            # A winner that a definition names has no other candidate in its column, so that the
            # votes it won with are the votes of its column.
            beaten = simd.load(block.lanes, (BEST, lane))
            if against != 0:
                beaten = _add_up(plan, tragedies.against, d, a, block, i, lane)
            together = _add_up(plan, tragedies.together, d, a, block, i, lane)
            winner = simd.load(block.seen, (WINNER, lane))
            concerned = simd.both(simd.shift_right(_U(winners), winner), _U(1))
            one = simd.select(together > beaten, concerned, _U(0))
            sofar = simd.load(block.tragedies, (d, lane))
            simd.store(block.tragedies, (d, lane), add(sofar, one))
            happened = add(happened, one)
        tally.tragedies[d, i] += np.int64(simd.add_up(happened))


@inline
def _add_up(plan: Any, parties: Any, d: Any, a: Any, block: Any, i: Any, lane: Any) -> Any:
    """Add up the shares of some parties."""
    total = simd.vector(_F(0.0))
    for c in range(COLUMNS):
        if parties[d, a, c] == 1 and plan.stands[i, c] == 1:
            total = total + simd.load(block.columns, (SHARES, c, lane))
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
