"""Who wins a seat, and adding it to the counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from forecaster.kernels.jit import part
from forecaster.kernels.layout import BINS, COLUMNS, LANES, SHARE_UNIT

_F = np.float32


@part
def elect(plan: Any, shares: Any, best: Any, winner: Any, i: Any) -> None:
    """Find the winner of seat `i` in every lane; a tie goes to the first column."""
    best[:] = _F(-1.0)
    for c in range(COLUMNS):
        if plan.stands[i, c] == 1:
            factor = plan.win_factor[i, c]
            for lane in range(LANES):
                votes = shares[c, lane] * factor
                better = votes > best[lane]
                best[lane] = votes if better else best[lane]
                winner[lane] = np.int32(c) if better else winner[lane]


@part
def count_seat(
    plan: Any, tally: Any, shares: Any, winner: Any, scenario: Any, i: Any, at: Any, valid: Any
) -> None:
    """Add winners and shares of seat `i` to the counts of a scenario."""
    a = plan.nation[i]
    for lane in range(valid):
        w = winner[lane]
        tally.wins[scenario, i, w] += 1
        tally.seats_won[at + lane, scenario, a, w] += 1
    if tally.winners.shape[0] > 0:
        for lane in range(valid):
            tally.winners[at + lane, scenario, i] = winner[lane]
    for c in range(COLUMNS):
        if plan.stands[i, c] == 1:
            total = np.int64(0)
            for lane in range(valid):
                share = shares[c, lane]
                total += np.int64(share * _F(SHARE_UNIT))
                tally.histogram[scenario, i, c, min(np.int32(share * _F(BINS)), BINS - 1)] += 1
            tally.share_sum[scenario, i, c] += total


@part
def count_tragedies(
    plan: Any, tragedies: Any, block: Any, tally: Any, i: Any, at: Any, valid: Any
) -> None:
    """Count where the parties added up beat the winner, or the winner's whole bloc."""
    a = plan.nation[i]
    for d in range(tragedies.winners.shape[0]):
        block.total[:] = _F(0.0)
        block.scale[:] = _F(0.0)
        bloc = False
        concerned = False
        for c in range(COLUMNS):
            if plan.stands[i, c] == 0:
                continue
            concerned = concerned or tragedies.winners[d, a, c] == 1
            if tragedies.together[d, a, c] == 1:
                for lane in range(LANES):
                    block.total[lane] += block.shares[c, lane]
            if tragedies.against[d, a, c] == 1:
                bloc = True
                for lane in range(LANES):
                    block.scale[lane] += block.shares[c, lane]
        if not concerned:
            continue
        for lane in range(valid):
            w = block.winner[lane]
            if tragedies.winners[d, a, w] == 1:
                beaten = block.scale[lane] if bloc else block.shares[w, lane]
                if block.total[lane] > beaten:
                    tally.tragedies[d, i] += 1
                    tally.tragedies_in_draw[at + lane, d] += 1
