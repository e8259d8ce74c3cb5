"""Pacts: the same simulated election, counted again after some votes have moved.

Nothing here touches the random numbers of the election without pacts. Votes are conserved: what
leaves a party arrives at another or stays at home.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from forecaster.kernels import counting, random, simd
from forecaster.kernels.jit import inline, part
from forecaster.kernels.layout import (
    ARRIVED,
    BACKFIRED,
    BACKLASH,
    BINS,
    BREAK_EVEN_BINS,
    COLUMNS,
    DONATED,
    EXCEEDED,
    GAIN,
    GAINED,
    KAPPA,
    LANES,
    LOST,
    LUCK,
    MOVED,
    NEVER,
    REFUSAL,
    REFUSES,
    SCALE,
    SCENARIO_WINNER,
    SHARES,
    STANDING,
    TO_OPPONENTS,
    TO_OTHERS,
    TOTAL,
    WINNER,
    WITH,
    WITHOUT,
)

_F = np.float32
_U = np.uint32


@part
def draw_strengths(pacts: Any, block: Any, first: Any, k0: Any, k1: Any) -> None:
    """Draw, for the election as a whole, how strong each pact is and where votes go."""
    for p in range(pacts.strength.shape[0]):
        random.fill_normals(
            block.normals[:4],
            first,
            _U(pacts.luck[p]),
            _U(random.PACTS),
            k0[random.PACTS],
            k1[random.PACTS],
        )
        for s in range(4):
            for lane in range(LANES):
                odds = pacts.strength[p, s, 0] + pacts.strength[p, s, 1] * block.normals[s, lane]
                block.strength[p, s, lane] = _F(1.0) / (_F(1.0) + random.exp(-odds))
    for t in range(pacts.transfer_weight.shape[0]):
        donor = _U(pacts.transfer_donor[t])
        random.fill_normals(
            block.normals[:4],
            first,
            donor,
            _U(random.TRANSFERS),
            k0[random.TRANSFERS],
            k1[random.TRANSFERS],
        )
        for s in range(3):
            for lane in range(LANES):
                grow = random.exp(pacts.transfer_sd[t, s] * block.normals[s, lane])
                block.transfer[t, s, lane] = pacts.transfer_weight[t, s] * grow
        block.transfer[t, 3, :] = pacts.transfer_weight[t, 3]


@inline
def count_scenarios(
    plan: Any,
    pacts: Any,
    block: Any,
    tally: Any,
    i: Any,
    at: Any,
    valid: Any,
    first: Any,
    k0: Any,
    k1: Any,
) -> None:
    """Count seat `i` in every scenario in which a pact holds there."""
    # One integer type throughout: every other would be compiled as a second version.
    end = np.int64(pacts.start[i + 1])
    x = np.int64(pacts.start[i])
    if x == end:
        return
    for action in range(x, end):
        simd.prefetch(tally.histogram, (pacts.scenario[action], i), block.width[i] * BINS)
    random.fill_normals(
        block.columns[LUCK],
        first,
        _U(i),
        _U(random.SEAT_TRANSFERS),
        k0[random.SEAT_TRANSFERS],
        k1[random.SEAT_TRANSFERS],
    )
    random.fill_uniforms(
        block.columns[REFUSES],
        first,
        _U(i),
        _U(random.REFUSALS),
        k0[random.REFUSALS],
        k1[random.REFUSALS],
    )
    width = np.int64(block.width[i])
    while x < end:
        k = np.int64(pacts.scenario[x])
        y = x + 1
        while y < end and pacts.scenario[y] == k:
            y += 1
        _move_votes(plan, pacts, block, i, x, y)
        counting.elect(block, MOVED, SCENARIO_WINNER, i, valid, width)
        _count_effects(plan, pacts, block, tally, i, x, y, valid)
        counting.count_seat(plan, block, tally, MOVED, SCENARIO_WINNER, k, i, at, valid, width)
        # Totals of a scenario are kept as differences from no-pact until the block ends.
        a = plan.nation[i]
        for c in range(COLUMNS):
            for lane in range(LANES):
                hit = np.int32(1) if block.seen[WINNER, lane] == np.int32(c) else np.int32(0)
                block.totals[k, a, c, lane] = np.int32(block.totals[k, a, c, lane] - hit)
        x = y


@inline
def _move_votes(plan: Any, pacts: Any, block: Any, i: Any, x: Any, y: Any) -> None:
    """Shares of seat `i` under the actions `x` to `y` of one scenario, into `MOVED`."""
    for c in range(COLUMNS):
        for lane in range(LANES):
            votes = block.columns[SHARES, c, lane]
            block.columns[MOVED, c, lane] = votes
            block.columns[STANDING, c, lane] = votes
    counting.clear(block.lanes, LOST)
    for action in range(x, y):
        p = pacts.pact[action]
        for c in range(COLUMNS):
            if pacts.transfer[action, c] >= 0:
                for lane in range(LANES):
                    refuses = block.columns[REFUSES, c, lane] <= block.strength[p, REFUSAL, lane]
                    votes = block.columns[SHARES, c, lane]
                    block.columns[STANDING, c, lane] = votes if refuses else _F(0.0)
    for action in range(x, y):
        _collect(pacts, block, action, action - x)
        p = pacts.pact[action]
        if pacts.strength[p, BACKLASH, 0] > NEVER:
            _backlash(pacts, block, action)
        _hand_out(plan, pacts, block, i, action)
        if pacts.strength[p, GAIN, 0] > NEVER:
            _campaign(pacts, block, action)
    for lane in range(LANES):
        block.lanes[TOTAL, lane] = _F(1.0) / (_F(1.0) - block.lanes[LOST, lane])
    for c in range(COLUMNS):
        for lane in range(LANES):
            block.columns[MOVED, c, lane] *= block.lanes[TOTAL, lane]


@inline
def _collect(pacts: Any, block: Any, action: Any, slot: Any) -> None:
    """Take the donors' votes and send on those that arrive at the flag bearer."""
    p = pacts.pact[action]
    flag = pacts.flag[action]
    counting.clear(block.slots[ARRIVED], slot)
    counting.clear(block.slots[DONATED], slot)
    counting.clear(block.lanes, TO_OPPONENTS)
    counting.clear(block.lanes, TO_OTHERS)
    for c in range(COLUMNS):
        t = pacts.transfer[action, c]
        clarity = pacts.clarity[action, c]
        if t >= 0:
            seat_sd = pacts.transfer_seat_sd[t]
            for lane in range(LANES):
                amount = block.columns[SHARES, c, lane] - block.columns[STANDING, c, lane]
                arrive = block.transfer[t, 0, lane] * random.exp(
                    seat_sd * block.columns[LUCK, c, lane]
                )
                opponent = block.transfer[t, 1, lane]
                abstain = block.transfer[t, 2, lane]
                other = block.transfer[t, 3, lane]
                unit = amount / (arrive + opponent + abstain + other)
                block.slots[ARRIVED, slot, lane] += unit * arrive
                block.lanes[TO_OPPONENTS, lane] += unit * opponent
                block.lanes[LOST, lane] += unit * abstain
                block.lanes[TO_OTHERS, lane] += unit * other
                block.slots[DONATED, slot, lane] += amount
                block.columns[MOVED, c, lane] -= amount
        elif clarity > _F(0.0):
            for lane in range(LANES):
                amount = clarity * block.strength[p, KAPPA, lane] * block.columns[SHARES, c, lane]
                block.slots[ARRIVED, slot, lane] += amount
                block.slots[DONATED, slot, lane] += block.columns[SHARES, c, lane]
                block.columns[MOVED, c, lane] -= amount
    for lane in range(LANES):
        block.columns[MOVED, flag, lane] += block.slots[ARRIVED, slot, lane]


@inline
def _backlash(pacts: Any, block: Any, action: Any) -> None:
    """Take some of the flag bearer's own voters: half to the opponents, half stay at home."""
    p = pacts.pact[action]
    flag = pacts.flag[action]
    for lane in range(LANES):
        half = _F(0.5) * block.strength[p, BACKLASH, lane] * block.columns[SHARES, flag, lane]
        block.columns[MOVED, flag, lane] -= half + half
        block.lanes[TO_OPPONENTS, lane] += half
        block.lanes[LOST, lane] += half


@inline
def _hand_out(plan: Any, pacts: Any, block: Any, i: Any, action: Any) -> None:
    """Give what opponents and others get to those still standing, in proportion to their votes."""
    _share_out(plan, pacts, block, i, action, 1, TO_OPPONENTS)
    _share_out(plan, pacts, block, i, action, 0, TO_OTHERS)


@inline
def _share_out(plan: Any, pacts: Any, block: Any, i: Any, action: Any, side: Any, row: Any) -> None:
    flag = pacts.flag[action]
    counting.clear(block.lanes, TOTAL)
    for c in range(COLUMNS):
        if plan.stands[i, c] == 1 and c != flag and pacts.opponents[action, c] == side:
            for lane in range(LANES):
                block.lanes[TOTAL, lane] += block.columns[STANDING, c, lane]
    for lane in range(LANES):
        # Where nobody is left to vote for, they stay at home.
        amount, total = block.lanes[row, lane], block.lanes[TOTAL, lane]
        block.lanes[LOST, lane] += _F(0.0) if total > _F(0.0) else amount
        part_of = amount / max(total, _F(1e-9))
        block.lanes[TOTAL, lane] = part_of if total > _F(0.0) else _F(0.0)
    for c in range(COLUMNS):
        if plan.stands[i, c] == 1 and c != flag and pacts.opponents[action, c] == side:
            for lane in range(LANES):
                gain = block.columns[STANDING, c, lane] * block.lanes[TOTAL, lane]
                block.columns[MOVED, c, lane] += gain


@inline
def _campaign(pacts: Any, block: Any, action: Any) -> None:
    """Add the gain in points of a campaign, taken from all in proportion."""
    p = pacts.pact[action]
    flag = pacts.flag[action]
    for c in range(COLUMNS):
        for lane in range(LANES):
            gain = block.strength[p, GAIN, lane]
            block.columns[MOVED, c, lane] -= gain * block.columns[MOVED, c, lane]
    for lane in range(LANES):
        gain = block.strength[p, GAIN, lane]
        block.columns[MOVED, flag, lane] += gain * (_F(1.0) - block.lanes[LOST, lane])


@inline
def _count_effects(
    plan: Any, pacts: Any, block: Any, tally: Any, i: Any, x: Any, y: Any, valid: Any
) -> None:
    """Count what each pact of the scenario changed in seat `i`, and what it would have taken."""
    for action in range(x, y):
        flag = pacts.flag[action]
        slot = action - x
        counting.clear(block.lanes, SCALE)
        for c in range(COLUMNS):
            if c != flag and plan.stands[i, c] == 1:
                factor = plan.win_factor[i, c]
                for lane in range(LANES):
                    block.lanes[SCALE, lane] = max(
                        block.lanes[SCALE, lane], block.columns[MOVED, c, lane] * factor
                    )
        members, opponents = np.int32(0), np.int32(0)
        for c in range(COLUMNS):
            members |= np.int32(pacts.members[action, c]) << np.int32(c)
            opponents |= np.int32(pacts.opponents[action, c]) << np.int32(c)
        without, with_, gained, backfired, exceeded = 0, 0, 0, 0, 0
        for lane in range(valid):
            before, after = block.seen[WINNER, lane], block.seen[SCENARIO_WINNER, lane]
            was_member = (members >> before) & np.int32(1)
            is_member = (members >> after) & np.int32(1)
            was_opponent = (opponents >> before) & np.int32(1)
            without += was_opponent
            with_ += (opponents >> after) & np.int32(1)
            gained += is_member & (was_member ^ np.int32(1))
            backfired += was_member & (is_member ^ np.int32(1))
            exceeded += was_opponent if after == flag else np.int32(0)
        tally.effects[action, WITHOUT] += without
        tally.effects[action, WITH] += with_
        tally.effects[action, GAINED] += gained
        tally.effects[action, BACKFIRED] += backfired
        tally.effects[action, EXCEEDED] += exceeded
        _count_break_even(block, tally, action, slot, flag, opponents, valid)


@inline
def _count_break_even(
    block: Any, tally: Any, action: Any, slot: Any, flag: Any, opponents: Any, valid: Any
) -> None:
    """Count the part of the donors' votes that it takes, where an opponent wins without."""
    for lane in range(LANES):
        donated = block.slots[DONATED, slot, lane]
        # In units of the shares before those who stay at home are taken out.
        voted = _F(1.0) - block.lanes[LOST, lane]
        own = block.columns[MOVED, flag, lane] * voted - block.slots[ARRIVED, slot, lane]
        short = max(block.lanes[SCALE, lane] * voted - own, _F(0.0))
        possible = short <= donated and donated > _F(0.0)
        needed = _F(100.0) * short / max(donated, _F(1e-9))
        block.lanes[TOTAL, lane] = needed if possible else _F(BREAK_EVEN_BINS)
    for lane in range(valid):
        if (opponents >> block.seen[WINNER, lane]) & 1:
            needed = np.int32(block.lanes[TOTAL, lane])
            # 100 % exactly belongs to the last possible percentage point.
            last = BREAK_EVEN_BINS - 1 if needed > 100 else BREAK_EVEN_BINS - 2
            tally.break_even[action, min(needed, np.int32(last))] += np.uint32(1)
