"""Pacts: the same simulated election, counted again after some votes have moved.

Nothing here touches the random numbers of the election without pacts. Votes are conserved: what
leaves a party arrives at another or stays at home.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from forecaster.kernels import counting, random
from forecaster.kernels.jit import part
from forecaster.kernels.layout import (
    BACKFIRED,
    BACKLASH,
    BREAK_EVEN_BINS,
    COLUMNS,
    EXCEEDED,
    GAIN,
    GAINED,
    KAPPA,
    LANES,
    NEVER,
    REFUSAL,
    WITH,
    WITHOUT,
)

_F = np.float32
_U = np.uint32


@part
def draw_strengths(pacts: Any, block: Any, first: Any, k0: Any, k1: Any) -> None:
    """Draw, for the election as a whole, how strong each pact is and where votes go."""
    for p in range(pacts.strength.shape[0]):
        random.fill_normals(block.normals[:4], first, _U(pacts.luck[p]), _U(random.PACTS), k0, k1)
        for s in range(4):
            for lane in range(LANES):
                odds = pacts.strength[p, s, 0] + pacts.strength[p, s, 1] * block.normals[s, lane]
                block.strength[p, s, lane] = _F(1.0) / (_F(1.0) + random.exp(-odds))
    for t in range(pacts.transfer_weight.shape[0]):
        donor = _U(pacts.transfer_donor[t])
        random.fill_normals(block.normals[:4], first, donor, _U(random.TRANSFERS), k0, k1)
        for s in range(3):
            for lane in range(LANES):
                grow = random.exp(pacts.transfer_sd[t, s] * block.normals[s, lane])
                block.transfer[t, s, lane] = pacts.transfer_weight[t, s] * grow
        block.transfer[t, 3, :] = pacts.transfer_weight[t, 3]


@part
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
    end = pacts.start[i + 1]
    x = pacts.start[i]
    if x == end:
        return
    random.fill_normals(block.luck, first, _U(i), _U(random.SEAT_TRANSFERS), k0, k1)
    random.fill_uniforms(block.refuses, first, _U(i), _U(random.REFUSALS), k0, k1)
    while x < end:
        y = x + 1
        while y < end and pacts.scenario[y] == pacts.scenario[x]:
            y += 1
        _move_votes(plan, pacts, block, i, x, y)
        counting.elect(plan, block.moved, block.best, block.scenario_winner, i)
        _count_effects(plan, pacts, block, tally, i, x, y, valid)
        counting.count_seat(
            plan, tally, block.moved, block.scenario_winner, pacts.scenario[x], i, at, valid
        )
        # Totals of a scenario are kept as differences from no-pact until the call ends.
        a = plan.nation[i]
        for lane in range(valid):
            tally.seats_won[at + lane, pacts.scenario[x], a, block.winner[lane]] -= 1
        x = y


@part
def _move_votes(plan: Any, pacts: Any, block: Any, i: Any, x: Any, y: Any) -> None:
    """Shares of seat `i` under the actions `x` to `y` of one scenario, into ``block.moved``."""
    block.moved[:] = block.shares
    block.absent[:] = _F(0.0)
    block.lost[:] = _F(0.0)
    for action in range(x, y):
        p = pacts.pact[action]
        for c in range(COLUMNS):
            if pacts.transfer[action, c] >= 0:
                for lane in range(LANES):
                    obeys = block.refuses[c, lane] > block.strength[p, REFUSAL, lane]
                    block.absent[c, lane] = _F(1.0) if obeys else _F(0.0)
    for action in range(x, y):
        _collect(pacts, block, action, action - x)
        p = pacts.pact[action]
        if pacts.strength[p, BACKLASH, 0] > NEVER:
            _backlash(pacts, block, action)
        _hand_out(plan, pacts, block, i, action)
        if pacts.strength[p, GAIN, 0] > NEVER:
            _campaign(pacts, block, action)
    for lane in range(LANES):
        block.total[lane] = _F(1.0) / (_F(1.0) - block.lost[lane])
    for c in range(COLUMNS):
        for lane in range(LANES):
            block.moved[c, lane] *= block.total[lane]


@part
def _collect(pacts: Any, block: Any, action: Any, slot: Any) -> None:
    """Take the donors' votes and send on those that arrive at the flag bearer."""
    p = pacts.pact[action]
    flag = pacts.flag[action]
    block.arrived[slot, :] = _F(0.0)
    block.donated[slot, :] = _F(0.0)
    block.to_opponents[:] = _F(0.0)
    block.to_others[:] = _F(0.0)
    for c in range(COLUMNS):
        t = pacts.transfer[action, c]
        clarity = pacts.clarity[action, c]
        if t >= 0:
            seat_sd = pacts.transfer_seat_sd[t]
            for lane in range(LANES):
                amount = block.shares[c, lane] * block.absent[c, lane]
                arrive = block.transfer[t, 0, lane] * random.exp(seat_sd * block.luck[c, lane])
                opponent = block.transfer[t, 1, lane]
                abstain = block.transfer[t, 2, lane]
                other = block.transfer[t, 3, lane]
                unit = amount / (arrive + opponent + abstain + other)
                block.arrived[slot, lane] += unit * arrive
                block.to_opponents[lane] += unit * opponent
                block.lost[lane] += unit * abstain
                block.to_others[lane] += unit * other
                block.donated[slot, lane] += amount
                block.moved[c, lane] -= amount
        elif clarity > _F(0.0):
            for lane in range(LANES):
                amount = clarity * block.strength[p, KAPPA, lane] * block.shares[c, lane]
                block.arrived[slot, lane] += amount
                block.donated[slot, lane] += block.shares[c, lane]
                block.moved[c, lane] -= amount
    for lane in range(LANES):
        block.moved[flag, lane] += block.arrived[slot, lane]


@part
def _backlash(pacts: Any, block: Any, action: Any) -> None:
    """Take some of the flag bearer's own voters: half to the opponents, half stay at home."""
    p = pacts.pact[action]
    flag = pacts.flag[action]
    for lane in range(LANES):
        half = _F(0.5) * block.strength[p, BACKLASH, lane] * block.shares[flag, lane]
        block.moved[flag, lane] -= half + half
        block.to_opponents[lane] += half
        block.lost[lane] += half


@part
def _hand_out(plan: Any, pacts: Any, block: Any, i: Any, action: Any) -> None:
    """Give what opponents and others get to those still standing, in proportion to their votes."""
    _share_out(plan, pacts, block, i, action, 1, block.to_opponents)
    _share_out(plan, pacts, block, i, action, 0, block.to_others)


@part
def _share_out(
    plan: Any, pacts: Any, block: Any, i: Any, action: Any, side: Any, amount: Any
) -> None:
    flag = pacts.flag[action]
    block.total[:] = _F(0.0)
    for c in range(COLUMNS):
        if plan.stands[i, c] == 1 and c != flag and pacts.opponents[action, c] == side:
            for lane in range(LANES):
                block.total[lane] += block.shares[c, lane] * (_F(1.0) - block.absent[c, lane])
    for lane in range(LANES):
        # Nobody left to vote for: they stay at home.
        nobody = block.total[lane] <= _F(0.0)
        block.lost[lane] += amount[lane] if nobody else _F(0.0)
        block.total[lane] = _F(0.0) if nobody else amount[lane] / block.total[lane]
    for c in range(COLUMNS):
        if plan.stands[i, c] == 1 and c != flag and pacts.opponents[action, c] == side:
            for lane in range(LANES):
                standing = block.shares[c, lane] * (_F(1.0) - block.absent[c, lane])
                block.moved[c, lane] += standing * block.total[lane]


@part
def _campaign(pacts: Any, block: Any, action: Any) -> None:
    """Add the gain in points of a campaign, taken from all in proportion."""
    p = pacts.pact[action]
    flag = pacts.flag[action]
    for c in range(COLUMNS):
        for lane in range(LANES):
            gain = block.strength[p, GAIN, lane]
            block.moved[c, lane] -= gain * block.moved[c, lane]
    for lane in range(LANES):
        gain = block.strength[p, GAIN, lane]
        block.moved[flag, lane] += gain * (_F(1.0) - block.lost[lane])


@part
def _count_effects(
    plan: Any, pacts: Any, block: Any, tally: Any, i: Any, x: Any, y: Any, valid: Any
) -> None:
    """Count what each pact of the scenario changed in seat `i`, and what it would have taken."""
    for action in range(x, y):
        flag = pacts.flag[action]
        slot = action - x
        block.scale[:] = _F(0.0)
        for c in range(COLUMNS):
            if c != flag and plan.stands[i, c] == 1:
                factor = plan.win_factor[i, c]
                for lane in range(LANES):
                    block.scale[lane] = max(block.scale[lane], block.moved[c, lane] * factor)
        for lane in range(valid):
            before, after = block.winner[lane], block.scenario_winner[lane]
            was_member = pacts.members[action, before] == 1
            is_member = pacts.members[action, after] == 1
            tally.effects[action, GAINED] += is_member and not was_member
            tally.effects[action, BACKFIRED] += was_member and not is_member
            tally.effects[action, WITH] += pacts.opponents[action, after] == 1
            if pacts.opponents[action, before] == 1:
                tally.effects[action, WITHOUT] += 1
                tally.effects[action, EXCEEDED] += after == flag
                donated = block.donated[slot, lane]
                # In units of the shares before those who stay at home are taken out.
                voted = _F(1.0) - block.lost[lane]
                own = block.moved[flag, lane] * voted - block.arrived[slot, lane]
                short = block.scale[lane] * voted - own
                bin_ = BREAK_EVEN_BINS - 1
                if short <= donated and donated > _F(0.0):
                    needed = max(short, _F(0.0)) / donated
                    bin_ = min(np.int64(needed * _F(100.0)), BREAK_EVEN_BINS - 2)
                tally.break_even[action, bin_] += 1


@part
def complete_totals(tally: Any) -> None:
    """Turn the scenarios' differences in seats into seats."""
    for n in range(tally.seats_won.shape[0]):
        for k in range(1, tally.seats_won.shape[1]):
            for a in range(tally.seats_won.shape[2]):
                for c in range(COLUMNS):
                    tally.seats_won[n, k, a, c] += tally.seats_won[n, 0, a, c]
