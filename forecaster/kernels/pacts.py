"""Pacts: the same simulated election, counted again after some votes have moved.

Nothing here touches the random numbers of the election without pacts. Votes are conserved: what
leaves a party arrives at another or stays at home. The twin is
`forecaster.kernels.reference_pacts`.
"""

from __future__ import annotations

from typing import Any

from forecaster.kernels import counting, random
from forecaster.kernels.counting import add_pairs, won_by
from forecaster.kernels.layout import (
    BACKFIRED,
    BREAK_EVEN_BINS,
    EXCEEDED,
    FOURS,
    GAINED,
    TURNS,
    WITH,
    WITH_PACTS,
    WITHOUT,
    WITHOUT_PACTS,
)
from forecaster.kernels.machine import (
    I64,
    REGISTERS,
    Number,
    Variable,
    beyond,
    constant,
    count_ones,
    fma,
    in_parts,
    lanes,
    larger,
    long,
    loop,
    ones,
    repeat,
    smaller,
    truncate,
    truths,
    vector,
    when,
    where,
    word,
)

AT_ONCE = 2
"""Registers of a vector where votes are collected: who gives, to whom and at which rate is looked
up for all its draws at once."""


def draw(m: Any) -> None:
    """Draw, for the election as a whole, how strong each pact is and where votes go."""
    for p in loop(m.pacts):
        for s, z in enumerate(random.factors(m, 4, random.PACTS, m.luck_of[p])):
            odds = fma(z, m.strength_law[p, s, 1], m.strength_law[p, s, 0])
            m.strength[p, s] = 1.0 / (random.exp(-odds) + 1.0)
    for t in loop(m.transfers):
        for s, z in enumerate(random.factors(m, 3, random.TRANSFERS, m.transfer_donor[t])):
            m.transfer[t, s] = random.exp(z * m.transfer_sd[t, s]) * m.transfer_weight[t, s]
        m.transfer[t, 3] = m.transfer_weight[t, 3]


def count_scenarios(m: Any, n: Any, width: int, first: Any, end: Any) -> None:
    """Count the `n`-th seat in every scenario in which a pact holds there."""
    item = m.number[n]
    draw_luck(m, item, first)
    action = Variable(long(first))
    for _ in repeat(lambda: action.value < long(end)):
        x = action.value
        y = long(m.end_of_scenario[x])
        k = long(m.scenario[x])
        counting.fetch_counters(m, k, item, width)
        for counter in (m.effects, m.effects_twice):
            counter.prefetch(5, m.action[x], 0)
        m.break_even.prefetch(BREAK_EVEN_BINS, m.action[x], 0)
        count = counting.SharesOfSeat(m, width, REGISTERS)
        for _ in lanes(registers=AT_ONCE):
            move_votes(m, width, x, y)
            for _ in in_parts(REGISTERS):
                moved, voting = [m.moved[c] for c in range(width)], 1.0 - m.lost[()]
                counting.elect(m, n, moved, WITH_PACTS)
                count.add(moved, where(voting > 0.0, 1.0 / voting, vector(0.0)))
        counting.count_seat(m, k, item, count, WITH_PACTS)
        for one in loop(x, y):
            _count_effects(m, width, one, one - x)
        action.value = y


def draw_luck(m: Any, item: Any, first: Any) -> None:
    """Draw the seat's part of the donors' luck, and who refuses, where a pact needs them."""
    for group in loop(-(-m.columns // 4)):
        four = [m.luck_column[group * 4 + place] for place in range(4)]
        needs = [m.lucky[first] & (word(1) << c) for c in four]
        with when((needs[0] | needs[1] | needs[2] | needs[3]) != 0):
            for _ in lanes(FOURS, REGISTERS):
                z, lots = random.luck(m, item, group)
                for turn in range(TURNS):
                    with beyond(turn * FOURS):
                        for place, own in enumerate(random.turned(z, turn)):
                            m.chance[place] = own
                        for c, need, lot in zip(four, needs, lots, strict=True):
                            with when(need != 0):
                                m.lot[c] = random.lot(lot, turn)
            for place, (c, need) in enumerate(zip(four, needs, strict=True)):
                with when(need != 0):
                    for s in loop(m.seat_sds):
                        for _ in lanes(registers=REGISTERS):
                            m.luck[s, c] = random.exp(m.chance[place] * m.seat_sd[s])


def move_votes(m: Any, width: int, x: Number, y: Number) -> None:
    """Move votes under the actions `x` to `y`, into `m.moved`, and note who no longer votes."""
    m.lost[()] = 0.0
    for c in range(width):
        m.moved[c] = m.shares[c]
        m.standing[c] = m.shares[c]
    for action in loop(x, y):
        _stand_aside(m, action)
    for action in loop(x, y):
        _collect(m, action, action - x)
        for _ in in_parts(REGISTERS):
            with when(m.passes_on[action] != 0):
                _hand_out(m, width, action, action - x)
            with when(m.has.gain[action] != 0):
                _gain(m, width, action)


def _stand_aside(m: Any, action: Any) -> None:
    """Take the donors off the ballot paper, unless they refuse."""
    for g in loop(m.givers[action]):
        c = m.giver[action, g]
        with when(m.giver_row[action, g] != -1):
            left = Variable(vector(0.0))
            with when(m.has.refusal[action] != 0):
                refuses = m.lot[c] <= m.strength.refusal[m.pact[action]]
                left.value = where(refuses, m.shares[c], 0.0)
            m.standing[c] = left.value


def _collect(m: Any, action: Any, slot: Any) -> None:
    """Take votes and send on those that arrive; those for others are on their way."""
    p, flag = m.pact[action], m.flag[action]
    lost, arrived, donated, to_opponents, to_others = (Variable(vector(0.0)) for _ in range(5))
    for g in loop(m.givers[action]):
        c, row = m.giver[action, g], m.giver_row[action, g]
        votes = m.shares[c]
        with when(row != -1):
            amount, arrive = votes - m.standing[c], Variable(m.transfer[row, 0])
            with when(m.transfer_luck[row] != -1):
                arrive.value = arrive.value * m.luck[m.transfer_luck[row], c]
            parts = [arrive.value, *(m.transfer[row, s] for s in (1, 2, 3))]
            unit = amount / (parts[0] + parts[1] + parts[2] + parts[3])
            donated.value = donated.value + amount
            for pot, part in zip((arrived, to_opponents, lost, to_others), parts, strict=True):
                pot.value = fma(unit, part, pot.value)
            m.moved[c] = m.moved[c] - amount
        with when(row == -1):
            amount = m.strength.kappa[p] * m.role.clarity[action, c] * votes
            donated.value = donated.value + votes
            arrived.value = arrived.value + amount
            m.moved[c] = m.moved[c] - amount
    m.moved[flag] = m.moved[flag] + arrived.value
    with when(m.has.backlash[action] != 0):
        leave = m.strength.backlash[p] * m.shares[flag]
        m.moved[flag] = m.moved[flag] - leave
        to_opponents.value = fma(leave, 0.5, to_opponents.value)
        lost.value = fma(leave, 0.5, lost.value)
    m.lost[()] = m.lost[()] + lost.value
    m.slot.arrived[slot], m.slot.donated[slot] = arrived.value, donated.value
    m.slot.to_opponents[slot], m.slot.to_others[slot] = to_opponents.value, to_others.value


def _hand_out(m: Any, width: int, action: Any, slot: Any) -> None:
    """Give what opponents and others get to those still standing, in proportion to their votes.

    Where nobody is left to vote for, they stay at home, and are added to those who do.
    """
    standing = [m.standing[c] for c in range(width)]
    each = []
    for pot, side in ((m.slot.to_opponents, m.role.opponents), (m.slot.to_others, m.role.others)):
        votes = standing[0] * side[action, 0]
        for c in range(1, width):
            votes = fma(standing[c], side[action, c], votes)
        amount, some = pot[slot], votes > 0.0
        each.append(where(some, amount / larger(votes, 1e-9), 0.0))
        m.lost[()] = m.lost[()] + where(some, 0.0, amount)
    for c in range(width):
        part = fma(each[0], m.role.opponents[action, c], each[1] * m.role.others[action, c])
        m.moved[c] = fma(standing[c], part, m.moved[c])


def _gain(m: Any, width: int, action: Any) -> None:
    """Give the flag bearer what its campaign gains, in points of those who vote, from all."""
    gain, flag = m.strength.gain[m.pact[action]], m.flag[action]
    for c in range(width):
        m.moved[c] = fma(-gain, m.moved[c], m.moved[c])
    m.moved[flag] = fma(gain, 1.0 - m.lost[()], m.moved[flag])


def _count_effects(m: Any, width: int, action: Any, slot: Any) -> None:
    """Count what a pact of the scenario changed in a seat, and what it would have taken."""
    members, opponents = m.members[action], m.opponents[action]
    flag = word(1) << m.flag[action]
    was, now = (won_by(m, width, row, members) for row in (WITHOUT_PACTS, WITH_PACTS))
    lost, still = (won_by(m, width, row, opponents) for row in (WITHOUT_PACTS, WITH_PACTS))
    found = {
        WITHOUT: lost,
        WITH: still,
        GAINED: now & ~was,
        BACKFIRED: was & ~now,
        EXCEEDED: won_by(m, width, WITH_PACTS, flag) & lost,
    }
    with when(lost != 0):
        _count_break_even(m, width, action, slot, lost)
    each = [found[what] for what in sorted(found)]
    add_pairs(m.effects, m.effects_twice, each, m.action[action], 0)


def _count_break_even(m: Any, width: int, action: Any, slot: Any, asked: Number) -> None:
    """Count the part of the donors' votes that it takes, where an opponent wins without."""
    flag, number = m.flag[action], m.action[action]
    enough = Variable(constant(I64, 0))
    for lane in lanes():
        rival = m.moved[0] * m.role.rival[action, 0]
        for c in range(1, width):
            rival = larger(m.moved[c] * m.role.rival[action, c], rival)
        donated = m.slot.donated[slot]
        # In units of the shares before those who stay at home are taken out.
        short = larger(rival - (m.moved[flag] - m.slot.arrived[slot]), 0.0)
        needed = short * 100.0 / larger(donated, 1e-9)
        # 100 % exactly belongs to the last possible percentage point.
        m.needed[()] = truncate(smaller(needed, float(BREAK_EVEN_BINS - 2)))
        fits = truths((donated > 0.0) & (short <= donated))
        enough.value = enough.value | (fits << lane)
    hopeless = word(count_ones(asked & ~enough.value))
    m.break_even.add(hopeless, number, BREAK_EVEN_BINS - 1)
    for place in ones(asked & enough.value):
        m.break_even.add(1, number, m.needed[place])
