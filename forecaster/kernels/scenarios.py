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
    BIN,
    BREAK_EVEN_BINS,
    COLUMNS,
    DONATED,
    EXCEEDED,
    FACTOR,
    GAIN,
    GAINED,
    KAPPA,
    LANES,
    LOST,
    LUCK,
    MOVED,
    NEVER,
    OPPONENTS,
    OTHERS,
    REFUSAL,
    REFUSES,
    SCENARIO_WINNER,
    SHARES,
    STANDING,
    TO_OPPONENTS,
    TO_OTHERS,
    WINNER,
    WITH,
    WITHOUT,
)
from forecaster.kernels.simd import add, both, load, store, xor

_F = np.float32
_U = np.uint32


@part
def draw_strengths(pacts: Any, sampling: Any, block: Any, first: Any, k0: Any, k1: Any) -> None:
    """Draw, for the election as a whole, how strong each pact is and where votes go."""
    for p in range(pacts.strength.shape[0]):
        z = block.normals[:4]
        random.fill_factors(z, sampling, first, _U(pacts.luck[p]), _U(random.PACTS), k0, k1)
        for s in range(4):
            for lane in range(0, LANES, simd.WIDTH):
                odds = load(block.normals, (s, lane)) * pacts.strength[p, s, 1]
                odds = odds + pacts.strength[p, s, 0]
                strength = _F(1.0) / (random.exp(_F(0.0) - odds) + _F(1.0))
                store(block.strength, (p, s, lane), strength)
    for t in range(pacts.transfer_weight.shape[0]):
        donor = _U(pacts.transfer_donor[t])
        z = block.normals[:4]
        random.fill_factors(z, sampling, first, donor, _U(random.TRANSFERS), k0, k1)
        for s in range(3):
            for lane in range(0, LANES, simd.WIDTH):
                grow = random.exp(load(block.normals, (s, lane)) * pacts.transfer_sd[t, s])
                store(block.transfer, (t, s, lane), grow * pacts.transfer_weight[t, s])
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
    counting.fetch_histogram(tally, pacts.scenario[x], i, block.width[i])
    _draw_luck(pacts, block, i, x, end, first, k0, k1)
    width = np.int64(block.width[i])
    while x < end:
        k = np.int64(pacts.scenario[x])
        y = x + 1
        while y < end and pacts.scenario[y] == k:
            y += 1
        if y < end:
            counting.fetch_histogram(tally, pacts.scenario[y], i, block.width[i])
        for action in range(x, y):
            _take_action(pacts, block, action, action - x, width)
        _move_votes(pacts, block, x, y, width)
        for lane in range(0, LANES, simd.WIDTH):
            _close(block, lane, width)
            counting.elect(block, MOVED, SCENARIO_WINNER, i, lane, valid, width)
        for action in range(x, y):
            _count_effects(pacts, block, tally, i, action, action - x, width)
        _count_changes(block, k, plan.nation[i])
        counting.count_seat(plan, block, tally, MOVED, SCENARIO_WINNER, k, i, at, valid, width)
        x = y


@inline
def _draw_luck(
    pacts: Any, block: Any, i: Any, x: Any, end: Any, first: Any, k0: Any, k1: Any
) -> None:
    """Draw the seat's part of the donors' luck, and who refuses, where a pact needs them."""
    lucky, asked = 0, 0
    for action in range(x, end):
        may_refuse = pacts.strength[pacts.pact[action], REFUSAL, 0] > NEVER
        for c in range(COLUMNS):
            t = pacts.transfer[action, c]
            if t >= 0 and pacts.transfer_seat_sd[t] > _F(0.0):
                lucky |= 1 << c
            if t >= 0 and may_refuse:
                asked = max(asked, c + 1)
    luck = block.columns[LUCK]
    random.fill_wanted_normals(luck, lucky, first, _U(i), _U(random.SEAT_TRANSFERS), k0, k1)
    if asked > 0:
        # Uniforms come in fours.
        refuses = block.columns[REFUSES][: 4 * ((asked + 3) // 4)]
        random.fill_uniforms(refuses, first, _U(i), _U(random.REFUSALS), k0, k1)


@inline
def _take_action(pacts: Any, block: Any, action: Any, slot: Any, width: Any) -> None:
    """Put what the loops over draws need of an action side by side."""
    givers = 0
    for c in range(width):
        opponent = _F(pacts.opponents[action, c])
        able = _F(0.0) if c == pacts.flag[action] else _F(1.0)
        block.roles[slot, OPPONENTS, c] = able * opponent
        block.roles[slot, OTHERS, c] = able * (_F(1.0) - opponent)
        if pacts.transfer[action, c] >= 0 or pacts.clarity[action, c] > _F(0.0):
            block.givers[slot, givers] = c
            givers += 1
    block.givers[slot, COLUMNS] = givers


@inline
def _move_votes(pacts: Any, block: Any, x: Any, y: Any, width: Any) -> None:
    """Shares under the actions `x` to `y` of one scenario, into `MOVED`.

    A loop over the draws for every step, not all steps draw by draw: each reads what the one before
    has stored, which takes time to come back, and the processor fills it with other draws.
    """
    for lane in range(0, LANES, simd.WIDTH):
        for c in range(width):
            votes = load(block.columns, (SHARES, c, lane))
            store(block.columns, (MOVED, c, lane), votes)
            store(block.columns, (STANDING, c, lane), votes)
        store(block.lanes, (LOST, lane), simd.vector(_F(0.0)))
    for action in range(x, y):
        for lane in range(0, LANES, simd.WIDTH):
            _stand_aside(pacts, block, action, action - x, lane)
    for action in range(x, y):
        slot, p = action - x, pacts.pact[action]
        for lane in range(0, LANES, simd.WIDTH):
            _collect(pacts, block, action, slot, lane)
        if pacts.strength[p, BACKLASH, 0] > NEVER:
            for lane in range(0, LANES, simd.WIDTH):
                _backlash(pacts, block, action, slot, lane)
        if _passes_on(pacts, block, action, slot):
            for lane in range(0, LANES, simd.WIDTH):
                _hand_out(block, slot, lane, width)
        if pacts.strength[p, GAIN, 0] > NEVER:
            for lane in range(0, LANES, simd.WIDTH):
                _campaign(pacts, block, action, lane, width)


@inline
def _close(block: Any, lane: Any, width: Any) -> None:
    """Make shares sum to one, without those who stay at home."""
    scale = _F(1.0) / (_F(1.0) - load(block.lanes, (LOST, lane)))
    for c in range(width):
        votes = load(block.columns, (MOVED, c, lane))
        store(block.columns, (MOVED, c, lane), votes * scale)


@inline
def _stand_aside(pacts: Any, block: Any, action: Any, slot: Any, lane: Any) -> None:
    """Take the donors off the ballot paper, unless they refuse."""
    p = pacts.pact[action]
    for n in range(block.givers[slot, COLUMNS]):
        c = block.givers[slot, n]
        if pacts.transfer[action, c] >= 0:
            votes = simd.vector(_F(0.0))
            if pacts.strength[p, REFUSAL, 0] > NEVER:
                lot = load(block.columns, (REFUSES, c, lane))
                refuses = lot <= load(block.strength, (p, REFUSAL, lane))
                votes = simd.select(refuses, load(block.columns, (SHARES, c, lane)), votes)
            store(block.columns, (STANDING, c, lane), votes)


@inline
def _collect(pacts: Any, block: Any, action: Any, slot: Any, lane: Any) -> None:
    """Take the donors' votes and send on those that arrive at the flag bearer.

    Those for opponents and others are on their way; some stay at home.
    """
    p = pacts.pact[action]
    arrived, donated = simd.vector(_F(0.0)), simd.vector(_F(0.0))
    to_opponents, to_others = simd.vector(_F(0.0)), simd.vector(_F(0.0))
    lost = load(block.lanes, (LOST, lane))
    for n in range(block.givers[slot, COLUMNS]):
        c = block.givers[slot, n]
        t = pacts.transfer[action, c]
        votes = load(block.columns, (SHARES, c, lane))
        if t >= 0:
            amount = votes - load(block.columns, (STANDING, c, lane))
            donated = donated + amount
            arrive = load(block.transfer, (t, 0, lane))
            if pacts.transfer_seat_sd[t] > _F(0.0):
                luck = load(block.columns, (LUCK, c, lane))
                arrive = arrive * random.exp(luck * pacts.transfer_seat_sd[t])
            opponent = load(block.transfer, (t, 1, lane))
            abstain = load(block.transfer, (t, 2, lane))
            other = load(block.transfer, (t, 3, lane))
            unit = amount / (arrive + opponent + abstain + other)
            arrived = arrived + unit * arrive
            to_opponents = to_opponents + unit * opponent
            lost = lost + unit * abstain
            to_others = to_others + unit * other
        else:
            amount = load(block.strength, (p, KAPPA, lane)) * pacts.clarity[action, c] * votes
            donated = donated + votes
            arrived = arrived + amount
        left = load(block.columns, (MOVED, c, lane)) - amount
        store(block.columns, (MOVED, c, lane), left)
    store(block.slots, (ARRIVED, slot, lane), arrived)
    store(block.slots, (DONATED, slot, lane), donated)
    flag = pacts.flag[action]
    store(block.columns, (MOVED, flag, lane), load(block.columns, (MOVED, flag, lane)) + arrived)
    store(block.slots, (TO_OPPONENTS, slot, lane), to_opponents)
    store(block.slots, (TO_OTHERS, slot, lane), to_others)
    store(block.lanes, (LOST, lane), lost)


@inline
def _backlash(pacts: Any, block: Any, action: Any, slot: Any, lane: Any) -> None:
    """Take some of the flag bearer's own voters: half to the opponents, half stay at home."""
    p, flag = pacts.pact[action], pacts.flag[action]
    leave = load(block.strength, (p, BACKLASH, lane)) * load(block.columns, (SHARES, flag, lane))
    store(block.columns, (MOVED, flag, lane), load(block.columns, (MOVED, flag, lane)) - leave)
    to_opponents = load(block.slots, (TO_OPPONENTS, slot, lane)) + leave * _F(0.5)
    store(block.slots, (TO_OPPONENTS, slot, lane), to_opponents)
    store(block.lanes, (LOST, lane), load(block.lanes, (LOST, lane)) + leave * _F(0.5))


@inline
def _hand_out(block: Any, slot: Any, lane: Any, width: Any) -> None:
    """Give what opponents and others get to those still standing, in proportion to their votes.

    Where nobody is left to vote for, they stay at home, and are added to those who do.
    """
    opponents, others = simd.vector(_F(0.0)), simd.vector(_F(0.0))
    for c in range(width):
        votes = load(block.columns, (STANDING, c, lane))
        opponents = opponents + votes * block.roles[slot, OPPONENTS, c]
        others = others + votes * block.roles[slot, OTHERS, c]
    lost = load(block.lanes, (LOST, lane))
    to_opponents = load(block.slots, (TO_OPPONENTS, slot, lane))
    to_others = load(block.slots, (TO_OTHERS, slot, lane))
    to_opponents, lost = _by_vote(to_opponents, opponents, lost)
    to_others, lost = _by_vote(to_others, others, lost)
    store(block.lanes, (LOST, lane), lost)
    for c in range(width):
        part_of = to_opponents * block.roles[slot, OPPONENTS, c]
        part_of = part_of + to_others * block.roles[slot, OTHERS, c]
        gain = load(block.columns, (STANDING, c, lane)) * part_of
        store(block.columns, (MOVED, c, lane), load(block.columns, (MOVED, c, lane)) + gain)


@inline
def _passes_on(pacts: Any, block: Any, action: Any, slot: Any) -> Any:
    """Return whether an action sends votes to opponents or others."""
    passes = pacts.strength[pacts.pact[action], BACKLASH, 0] > NEVER
    for n in range(block.givers[slot, COLUMNS]):
        t = pacts.transfer[action, block.givers[slot, n]]
        if t >= 0:
            weight = pacts.transfer_weight[t, 1] + pacts.transfer_weight[t, 3]
            passes = passes or weight > _F(0.0)
    return passes


@inline
def _by_vote(amount: Any, votes: Any, lost: Any) -> Any:
    """Divide an amount by the votes that it goes to; without any, it is lost."""
    some = votes > _F(0.0)
    each = simd.select(some, amount / simd.larger(votes, _F(1e-9)), _F(0.0))
    return each, lost + simd.select(some, _F(0.0), amount)


@inline
def _campaign(pacts: Any, block: Any, action: Any, lane: Any, width: Any) -> None:
    """Add the gain in points of a campaign, taken from all in proportion."""
    p, flag = pacts.pact[action], pacts.flag[action]
    gain = load(block.strength, (p, GAIN, lane))
    voting = _F(1.0) - load(block.lanes, (LOST, lane))
    for c in range(width):
        votes = load(block.columns, (MOVED, c, lane))
        store(block.columns, (MOVED, c, lane), votes - gain * votes)
    votes = load(block.columns, (MOVED, flag, lane))
    store(block.columns, (MOVED, flag, lane), votes + gain * voting)


@inline
def _count_effects(
    pacts: Any, block: Any, tally: Any, i: Any, action: Any, slot: Any, width: Any
) -> None:
    """Count what a pact of the scenario changed in seat `i`, and what it would have taken."""
    flag = _U(pacts.flag[action])
    members, opponents = np.int32(0), np.int32(0)
    for c in range(COLUMNS):
        members |= np.int32(pacts.members[action, c]) << np.int32(c)
        opponents |= np.int32(pacts.opponents[action, c]) << np.int32(c)
    without, with_, exceeded = simd.vector(_U(0)), simd.vector(_U(0)), simd.vector(_U(0))
    gained, backfired = simd.vector(_U(0)), simd.vector(_U(0))
    for lane in range(0, LANES, simd.WIDTH):
        before = load(block.seen, (WINNER, lane))
        after = load(block.seen, (SCENARIO_WINNER, lane))
        was_member, is_member = _bit(members, before), _bit(members, after)
        was_opponent = _bit(opponents, before)
        without = add(without, was_opponent)
        with_ = add(with_, _bit(opponents, after))
        gained = add(gained, both(is_member, xor(was_member, _U(1))))
        backfired = add(backfired, both(was_member, xor(is_member, _U(1))))
        won = simd.select(simd.equal(after, flag), was_opponent, _U(0))
        exceeded = add(exceeded, won)
    tally.effects[action, WITHOUT] += np.int64(simd.add_up(without))
    tally.effects[action, WITH] += np.int64(simd.add_up(with_))
    tally.effects[action, GAINED] += np.int64(simd.add_up(gained))
    tally.effects[action, BACKFIRED] += np.int64(simd.add_up(backfired))
    tally.effects[action, EXCEEDED] += np.int64(simd.add_up(exceeded))
    if simd.add_up(without) > _U(0):
        _count_break_even(block, tally, i, action, slot, flag, opponents, width)


@inline
def _bit(mask: Any, column: Any) -> Any:
    """Return 1 where a mask of columns has that of the lane, else 0."""
    return both(simd.shift_right(_U(mask), column), _U(1))


@inline
def _count_break_even(
    block: Any, tally: Any, i: Any, action: Any, slot: Any, flag: Any, opponents: Any, width: Any
) -> None:
    """Count the part of the donors' votes that it takes, where an opponent wins without."""
    hopeless = simd.vector(_U(0))
    for lane in range(0, LANES, simd.WIDTH):
        rival = simd.vector(_F(0.0))
        for c in range(width):
            if c != flag:
                votes = load(block.columns, (MOVED, c, lane)) * block.seats[i, FACTOR, c]
                rival = simd.larger(votes, rival)
        donated = load(block.slots, (DONATED, slot, lane))
        # In units of the shares before those who stay at home are taken out.
        voted = _F(1.0) - load(block.lanes, (LOST, lane))
        own = load(block.columns, (MOVED, flag, lane)) * voted
        own = own - load(block.slots, (ARRIVED, slot, lane))
        short = simd.larger(rival * voted - own, _F(0.0))
        needed = short * _F(100.0) / simd.larger(donated, _F(1e-9))
        # 100 % exactly belongs to the last possible percentage point.
        bin_ = simd.truncate(simd.smaller(needed, _F(BREAK_EVEN_BINS - 2)))
        asked = _bit(opponents, load(block.seen, (WINNER, lane)))
        enough = simd.select(donated > _F(0.0), asked, _U(0))
        enough = simd.select(short <= donated, enough, _U(0))
        hopeless = add(hopeless, xor(asked, enough))
        counted = simd.equal(enough, _U(1))
        store(block.seen, (BIN, lane), simd.select(counted, bin_, _U(BREAK_EVEN_BINS)))
    tally.break_even[action, BREAK_EVEN_BINS - 1] += simd.add_up(hopeless)
    for lane in range(0, LANES, simd.WORD):
        which = counting.lanes_without(block.seen, BIN, lane, _U(BREAK_EVEN_BINS))
        while which != np.uint64(0):
            at = add(_U(lane), simd.lowest(which))
            tally.break_even[action, _U(block.seen[BIN, at])] += _U(1)
            which = simd.drop_lowest(which)


@inline
def _count_changes(block: Any, k: Any, a: Any) -> None:
    """Move the seat in the totals of scenario `k` wherever its pacts change the winner.

    Totals of a scenario are kept as differences from no-pact until the block ends.
    """
    for lane in range(0, LANES, simd.WIDTH):
        before = load(block.seen, (WINNER, lane))
        after = load(block.seen, (SCENARIO_WINNER, lane))
        store(block.seen, (BIN, lane), xor(before, after))
    for lane in range(0, LANES, simd.WORD):
        changed = counting.lanes_without(block.seen, BIN, lane, _U(0))
        while changed != np.uint64(0):
            at = add(_U(lane), simd.lowest(changed))
            block.totals[k, a, _U(block.seen[WINNER, at]), at] -= np.int32(1)
            block.totals[k, a, _U(block.seen[SCENARIO_WINNER, at]), at] += np.int32(1)
            changed = simd.drop_lowest(changed)
