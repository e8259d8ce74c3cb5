"""Who wins a seat, and adding it to the counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from forecaster.kernels.jit import inline, part
from forecaster.kernels.layout import (
    BEST,
    BIN,
    BINS,
    COLUMNS,
    LANES,
    NOBODY,
    SCALE,
    SHARE_UNIT,
    SHARES,
    TOTAL,
    WINNER,
)

_F = np.float32


@inline
def elect(plan: Any, block: Any, votes: Any, who: Any, i: Any, valid: Any) -> None:
    """Find the winner of seat `i` in every lane, from row `votes` of the shares into row `who`.

    A tie goes to the first column.
    """
    # Views of single rows: as rows of the whole array, this loop is not compiled to vector code.
    shares, best, winner = block.columns[votes], block.lanes[BEST], block.seen[who]
    for lane in range(LANES):
        best[lane] = _F(-1.0)
    for c in range(COLUMNS):
        if plan.stands[i, c] == 1:
            factor = plan.win_factor[i, c]
            for lane in range(LANES):
                own = shares[c, lane] * factor
                better = own > best[lane]
                best[lane] = own if better else best[lane]
                winner[lane] = np.int32(c) if better else winner[lane]
    for lane in range(valid, LANES):
        winner[lane] = np.int32(NOBODY)


@inline
def count_seat(
    plan: Any, block: Any, tally: Any, votes: Any, who: Any, k: Any, i: Any, at: Any, valid: Any
) -> None:
    """Add winners and shares (rows `who` and `votes`) of seat `i` to the counts of scenario `k`."""
    a = plan.nation[i]
    for c in range(COLUMNS):
        if plan.stands[i, c] == 1:
            won = np.int32(0)
            for lane in range(LANES):
                hit = np.int32(1) if block.seen[who, lane] == np.int32(c) else np.int32(0)
                won = np.int32(won + hit)
                block.totals[k, a, c, lane] = np.int32(block.totals[k, a, c, lane] + hit)
            tally.wins[k, i, c] += won
    if tally.winners.shape[0] > 0:
        for lane in range(valid):
            tally.winners[at + lane, k, i] = block.seen[who, lane]
    for c in range(COLUMNS):
        if plan.stands[i, c] == 1:
            total = np.int32(0)
            for lane in range(LANES):
                share = block.columns[votes, c, lane]
                # NaN and infinity have no bin; left out here, they are missed by the caller.
                share = share if share >= _F(0.0) and share < _F(2.0) else _F(0.0)
                units = np.int32(share * _F(SHARE_UNIT))
                total = np.int32(total + (units if lane < valid else np.int32(0)))
                bin_ = np.int32(np.sqrt(share) * _F(BINS))
                block.seen[BIN, lane] = min(bin_, np.int32(BINS - 1))
            tally.share_sum[k, i, c] += total
            for lane in range(valid):
                tally.histogram[k, i, c, block.seen[BIN, lane]] += np.uint32(1)


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
        bloc = _add_up(plan, tragedies.against[d, a], block, SCALE, i)
        _add_up(plan, tragedies.together[d, a], block, TOTAL, i)
        # A winner that a definition names has no other candidate in its column, so that the votes
        # it won with are the votes of its column.
        beaten = SCALE if bloc else BEST
        happened = np.int32(0)
        for lane in range(LANES):
            concerned = (winners >> block.seen[WINNER, lane]) & np.int32(1)
            more = block.lanes[TOTAL, lane] > block.lanes[beaten, lane]
            one = concerned if more else np.int32(0)
            block.tragedies[d, lane] += one
            happened += one
        tally.tragedies[d, i] += happened


@inline
def _add_up(plan: Any, parties: Any, block: Any, row: Any, i: Any) -> Any:
    """Add up the shares of some parties into a row of ``block.lanes``; say if there were any."""
    clear(block.lanes, row)
    some = False
    for c in range(COLUMNS):
        if parties[c] == 1 and plan.stands[i, c] == 1:
            some = True
            for lane in range(LANES):
                block.lanes[row, lane] += block.columns[SHARES, c, lane]
    return some


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
