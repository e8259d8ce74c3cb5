"""The jitted core of council elections: wards counted draw by draw, with and without slates.

It stands beside `forecaster.kernels`, whose engine has one winner a seat and many draws in lanes:
the sorting of candidates in wards of several seats branches from draw to draw, which lanes cannot
do without harm to the engine. The contracts are the same: counter-based random numbers
(`forecaster.kernels.random` has the reference), integer counts only, so that neither threads nor
the order of blocks change a bit, a plain twin (`forecaster.councils.reference`), and paired
counting: all scenarios see the same voters and the same candidates.
"""

from __future__ import annotations

from functools import cache
from statistics import NormalDist
from typing import Any, NamedTuple

import numba as nb
import numpy as np

from forecaster.arrays import Floats, Ints

MOST = 5
"""Most candidates of a party in a ward, and most seats of a ward, that the kernel counts."""

WIDTH = 8
"""Parties on the axis of a ward: as many as a counter has normals. Loops of a known length are
unrolled by the compiler."""

GROUPS = 16
"""Blocks of eight random numbers that a ward may use in a draw."""

PLACES, COUNCILS, WARDS, TRANSFERS = range(4)
"""Streams of random numbers: what all wards share, a council's, a ward's, the donors'."""

LUCK, LOTS, CANDIDATES = 1, 2, 3
"""Groups of a ward's stream: how many votes arrive, who refuses, and from the last on the
candidates. The first group, 0, is the error of the ward's parties."""

FLOOR = 0.002
"""No party that stands falls below .2 % of a ward (judgement, as in the swing of seats)."""

FIRST_TURNS = tuple(map(np.uint32, (10, 26, 11, 21, 13, 27, 23, 5)))
LAST_TURNS = tuple(map(np.uint32, (6, 20, 17, 11, 25, 10, 18, 20)))
"""Rotations of Threefry4x32 in rounds 1 to 4 and 9 to 12, and in rounds 5 to 8."""

ARRIVE, OPPONENT, ABSTAIN, ELSEWHERE = range(4)

inlined = nb.njit(nogil=True, cache=True, forceinline=True)
"""Compile a function into its caller, as a call in every ward and draw would copy the plan.

numba compiles a function anew for every combination of types, of which a number that is written out
is one, as is an array that may be a part of another; so callers agree on them. Loops are written
out, for assigning to a whole array brings along the code that says which shapes do not fit.
"""

F32 = np.float32


class WardPlan(NamedTuple):
    """All that the kernel reads. Axes: w ward, c party, k council, s scenario, p pact, r rate.

    Pacts of a scenario come one after the other, and act in this order.
    """

    seats: Ints  # (w,) councillors to be elected
    council: Ints  # (w,)
    place: Ints  # (w,) wards of a place swing together
    share: Floats  # (w, c) expected, of each party's best candidate; 0 where it does not stand
    fall: Floats  # (w, c) what a point of error of the place moves here if it is negative
    rise: Floats  # (w, c) the same if it is positive
    scale: Floats  # (w, c) what an error of one unit moves here: sqrt(share (1 - share))
    slates: Ints  # (1 + p, w, c) candidates without a pact, then with each, of its members
    slot: Ints  # (w, c) number of the party's first candidate among all of the ward
    spread: Floats  # (w, c) SD of candidates around the slate's mean, in units of sqrt(share)
    ahead: Floats  # (w, c) expected lead of the usual slate's best one on its mean, in that unit
    place_root: Floats  # (place, c, c) matrices that turn normals into errors
    council_root: Floats  # (c, c)
    ward_root: Floats  # (c, c)
    scenario: Ints  # (p,) of each pact; 0 is the first with pacts
    lead: Ints  # (s,) first pact of each scenario, whose members' councillors are compared
    side: Ints  # (2, c) the parties of each side of which tragedies are counted
    member: Ints  # (p, c)
    opponent: Ints  # (p, c)
    rate: Ints  # (p, w, c) row of the rates of a party that stands fewer candidates, else -1
    donor: Ints  # (r,) whose votes they are; all rates of a donor share their luck
    weight: Floats  # (r, 4) of the parts that arrive, go to opponents, stay at home, go elsewhere
    weight_sd: Floats  # (r, 3) SD of the logarithms of the first three
    seat_sd: float  # SD of the arriving part between wards, in log-odds
    joint: float  # factor on the odds that a freed vote arrives if its party stays on the slate
    luck: Ints  # (p,) first member: pacts that share it also share how many refuse
    strength: Floats  # (p, 2, 2) mean and SD of the log-odds of refusal and backlash
    normal: Floats  # (65536,) quantiles of the normal distribution


class WardCounts(NamedTuple):
    """All that the kernel writes: numbers of draws, except for `won` and `share`.

    Axes are those of `WardPlan`, but s includes the scenario without a pact.
    """

    won: Any  # (draw, s, k, c) int16, councillors
    elected: Any  # (s, w, c, 6) int64 as all below, by how many councillors a party had
    led: Any  # (s, w, c) its best candidate had most votes
    split: Any  # (s, w) more than one party was elected
    share: Any  # (w, c) sum of shares without a pact, in units of 2^-20
    more: Any  # (s, w) the members together had more councillors than without a pact
    fewer: Any  # (s, w)
    squares: Any  # (s, w) sum of the squares of how many more they had
    tragedy: Any  # (2, w) a side had more votes and fewer councillors than the other


def empty_counts(plan: WardPlan, councils: int, draws: int) -> WardCounts:
    """Return counts of zero for so many draws."""
    scenarios, (wards, parties) = 1 + len(plan.lead), plan.share.shape
    return WardCounts(
        won=np.zeros((draws, scenarios, councils, parties), np.int16),
        elected=np.zeros((scenarios, wards, parties, MOST + 1), np.int64),
        led=np.zeros((scenarios, wards, parties), np.int64),
        split=np.zeros((scenarios, wards), np.int64),
        share=np.zeros((wards, parties), np.int64),
        more=np.zeros((scenarios, wards), np.int64),
        fewer=np.zeros((scenarios, wards), np.int64),
        squares=np.zeros((scenarios, wards), np.int64),
        tragedy=np.zeros((2, wards), np.int64),
    )


@cache
def normal_quantiles() -> Floats:
    """Return the normal quantiles of the middles of 65,536 equal parts, shape (65536,), float32.

    They are rounded to 2^-20, so that they are the same on every machine.
    """
    half = [NormalDist().inv_cdf((i + 0.5) / 2**16) for i in range(2**15, 2**16)]
    upper = np.round(np.array(half) * 2**20) / 2**20
    return np.concatenate([-upper[::-1], upper]).astype(np.float32)


@inlined
def _mix(x: Any, y: Any, by: Any) -> Any:
    """Return two words after one step of Threefry."""
    x = np.uint32(x + y)
    return x, np.uint32(((y << by) | (y >> np.uint32(32 - by))) ^ x)


@inlined
def _rounds(a: Any, b: Any, c: Any, d: Any, turns: Any) -> Any:
    """Return four words after four rounds with these rotations."""
    a, b = _mix(a, b, turns[0])
    c, d = _mix(c, d, turns[1])
    a, d = _mix(a, d, turns[2])
    c, b = _mix(c, b, turns[3])
    a, b = _mix(a, b, turns[4])
    c, d = _mix(c, d, turns[5])
    a, d = _mix(a, d, turns[6])
    c, b = _mix(c, b, turns[7])
    return a, b, c, d


@inlined
def words(seed: Any, draw: Any, item: Any, stream: Any) -> Any:
    """Return the four words of Threefry4x32-12 at a counter (Salmon et al. 2011, section 3.3)."""
    low, high = np.uint32(seed & 0xFFFFFFFF), np.uint32(seed >> 32)
    last = np.uint32(np.uint32(0x1BD11BDA) ^ low ^ high)
    a = np.uint32(np.uint32(draw & 0xFFFFFFFF) + low)
    b = np.uint32(np.uint32(draw >> 32) + high)
    a, b, c, d = _rounds(a, b, np.uint32(item), np.uint32(stream), FIRST_TURNS)
    # Two words of the key are zero, so each of its turns adds to two or three words only.
    a, d = np.uint32(a + high), np.uint32(d + last + np.uint32(1))
    a, b, c, d = _rounds(a, b, c, d, LAST_TURNS)
    c, d = np.uint32(c + last), np.uint32(d + low + np.uint32(2))
    a, b, c, d = _rounds(a, b, c, d, FIRST_TURNS)
    return a, np.uint32(b + last), np.uint32(c + low), np.uint32(d + high + np.uint32(3))


@inlined
def normals(table: Any, seed: Any, draw: Any, item: Any, stream: Any, out: Any) -> None:
    """Fill `out` with eight standard normals, two from each word."""
    four = words(seed, draw, item, stream)
    for i in range(4):
        out[2 * i] = table[four[i] & np.uint32(0xFFFF)]
        out[2 * i + 1] = table[four[i] >> np.uint32(16)]


@inlined
def _times(root: Any, z: Any, out: Any) -> None:
    """Write the product of normals and a matrix; the columns are added side by side."""
    for c in range(WIDTH):
        out[c] = np.float32(0)
    for j in range(WIDTH):
        for c in range(WIDTH):
            out[c] += z[j] * root[j, c]


@nb.njit(nogil=True, cache=True)
def _exp(x: Any) -> Any:
    """Return the exponential of a small number, from sums and products: the same everywhere."""
    y = x / 64.0
    out = 1.0 + y * (1.0 + y / 2.0 * (1.0 + y / 3.0 * (1.0 + y / 4.0 * (1.0 + y / 5.0))))
    for _ in range(6):
        out = out * out
    return out


@nb.njit(nogil=True, cache=True)
def _draw_errors(normal: Any, seed: Any, draw: Any, roots: Any, stream: Any, out: Any) -> None:
    """Draw what the wards of each place, or of each council, share: shape (place, party)."""
    z = np.empty(8, np.float32)
    for x in range(len(out)):
        normals(normal, seed, draw, x, stream, z)
        _times(roots[min(x, len(roots) - 1)], z, out[x])


@nb.njit(nogil=True, cache=True)
def _draw_rates(plan: Any, seed: Any, draw: Any, parts: Any, levels: Any) -> None:
    """Draw what all wards share about pacts: the rates, and refusal and backlash of each pact."""
    z = np.empty(8, np.float32)
    for r in range(len(plan.weight)):
        normals(plan.normal, seed, draw, np.int64(plan.donor[r]), np.uint32(TRANSFERS), z)
        for i in range(4):
            parts[r, i] = plan.weight[r, i]
        for i in range(3):
            parts[r, i] *= _exp(plan.weight_sd[r, i] * z[i])
    for s in range(len(plan.strength)):
        pact = plan.share.shape[1] + plan.luck[s]
        normals(plan.normal, seed, draw, pact, np.uint32(TRANSFERS), z)
        for i in range(2):
            odds = plan.strength[s, i, 0] + plan.strength[s, i, 1] * z[i]
            levels[s, i] = 1.0 / (1.0 + _exp(-odds))


@inlined
def _shares(plan: Any, w: Any, place: Any, council: Any, own: Any, out: Any) -> None:
    """Write the shares of a ward's best candidates in a draw."""
    total = np.float32(0)
    for c in range(WIDTH):
        out[c] = np.float32(0)
        if plan.share[w, c] > 0:
            moved = place[c]
            moved *= plan.fall[w, c] if moved < 0 else plan.rise[w, c]
            error = plan.scale[w, c] * (council[c] + own[c])
            out[c] = max(plan.share[w, c] + moved + error, np.float32(FLOOR))
            total += out[c]
    for c in range(WIDTH):
        out[c] /= total


@nb.njit(nogil=True, cache=True)
def _draw_lots(four: Any, out: Any) -> None:
    """Write a uniform number for every party, two from each word."""
    for i in range(4):
        out[2 * i] = ((four[i] & np.uint32(0xFFFF)) + 0.5) / 65536
        out[2 * i + 1] = ((four[i] >> np.uint32(16)) + 0.5) / 65536


@nb.njit(nogil=True, cache=True)
def _with_pact(
    plan: Any,
    p: Any,
    w: Any,
    share: Any,
    parts: Any,
    levels: Any,
    luck: Any,
    lots: Any,
    slate: Any,
    out: Any,
) -> None:
    """Write slates and shares of a ward with the pact `p`, from those without it."""
    for c in range(WIDTH):
        fewer = plan.slates[p + 1, w, c] < plan.slates[0, w, c]
        refused = fewer and lots[c] < levels[p, 0]
        if plan.member[p, c] == 1:
            slate[c] = plan.slates[0, w, c] if refused else plan.slates[p + 1, w, c]
        out[c] = share[c]
    against, neutral = np.float32(0), np.float32(0)
    for c in range(WIDTH):
        if slate[c] > 0 and plan.opponent[p, c] == 1:
            against += share[c]
        elif slate[c] > 0 and plan.member[p, c] == 0:
            neutral += share[c]
    to_opponents, elsewhere = 0.0, 0.0
    for c in range(WIDTH):
        r = plan.rate[p, w, c]
        freed = plan.slates[0, w, c] - slate[c]
        if r >= 0 and freed > 0:
            arrive = parts[r, ARRIVE] * _exp(plan.seat_sd * luck[c])
            if slate[c] > 0:
                arrive *= plan.joint
            total = arrive + parts[r, OPPONENT] + parts[r, ABSTAIN] + parts[r, ELSEWHERE]
            others = 0
            for q in range(WIDTH):
                if q != c and plan.member[p, q] == 1:
                    others += slate[q]
            for q in range(WIDTH):
                if q != c and plan.member[p, q] == 1 and slate[q] > 0:
                    out[q] += arrive / total * share[c] * min(1.0, freed / others)
            votes = share[c] * freed / plan.slates[0, w, c] / total
            to_opponents += parts[r, OPPONENT] * votes
            elsewhere += parts[r, ELSEWHERE] * votes
            if slate[c] == 0:
                out[c] = 0
        elif plan.member[p, c] == 1 and slate[c] > 0:
            left = levels[p, 1] * share[c]
            out[c] -= left
            to_opponents += left / 2
    for c in range(WIDTH):
        if slate[c] > 0 and plan.opponent[p, c] == 1:
            out[c] += to_opponents * share[c] / against
        elif slate[c] > 0 and plan.member[p, c] == 0:
            out[c] += elsewhere * share[c] / neutral


@inlined
def _draw_luck(plan: Any, seed: Any, draw: Any, w: Any, first: Any, last: Any, luck: Any) -> None:
    """Write the normals of candidates `first` to `last` of a ward where they are not yet drawn."""
    for group in range(first // 8, last // 8 + 1):
        if np.isnan(luck[8 * group]):
            item, out = w * GROUPS + CANDIDATES + group, luck[8 * group : 8 * group + 8]
            normals(plan.normal, seed, draw, item, np.uint32(WARDS), out)


@inlined
def _elect(
    plan: Any,
    seed: Any,
    draw: Any,
    w: Any,
    slate: Any,
    share: Any,
    luck: Any,
    best: Any,
    won: Any,
) -> Any:
    """Count a ward: write the councillors of each party, return who leads.

    `best` holds the candidates with most votes so far, as pairs of votes and party. The largest
    party comes first; most others then need no random numbers, as none of theirs can win.
    """
    seats, chosen, largest = plan.seats[w], 0, 0
    for c in range(WIDTH):
        won[c] = 0
        if slate[c] > 0 and (slate[largest] == 0 or share[c] > share[largest]):
            largest = c
    for turn in range(-1, WIDTH):
        c = largest if turn < 0 else turn
        if turn == largest or slate[c] == 0:
            continue
        root = np.sqrt(share[c])
        mean, spread = share[c] - root * plan.ahead[w, c], root * plan.spread[w, c]
        if chosen == seats and mean + spread * plan.normal[-1] <= best[chosen - 1, 0]:
            continue
        first = plan.slot[w, c]
        _draw_luck(plan, seed, draw, w, first, first + slate[c] - 1, luck)
        for k in range(slate[c]):
            votes = mean + spread * luck[first + k]
            if chosen == seats and votes <= best[chosen - 1, 0]:
                continue
            at = min(chosen, seats - 1)
            while at > 0 and best[at - 1, 0] < votes:
                best[at, 0], best[at, 1] = best[at - 1, 0], best[at - 1, 1]
                at -= 1
            best[at, 0], best[at, 1] = votes, c
            chosen = min(chosen + 1, seats)
    for k in range(chosen):
        won[np.int64(best[k, 1])] += 1
    return np.int64(best[0, 1])


@inlined
def _count(
    counts: Any, plan: Any, d: Any, s: Any, w: Any, won: Any, before: Any, leader: Any
) -> None:
    """Add the result of a ward in one scenario of draw `d`; `before` is that without a pact.

    `elected` starts with all draws under no councillor; each draw with some is moved from there.
    """
    elected, change = 0, 0
    for c in range(WIDTH):
        if won[c] > 0:
            counts.won[d, s, plan.council[w], c] += won[c]
            counts.elected[s, w, c, won[c]] += 1
            counts.elected[s, w, c, 0] -= 1
            elected += 1
        if s > 0 and plan.member[plan.lead[s - 1], c] == 1:
            change += won[c] - before[c]
    counts.led[s, w, leader] += 1
    counts.split[s, w] += elected > 1
    counts.more[s, w] += change > 0
    counts.fewer[s, w] += change < 0
    counts.squares[s, w] += change * change


@inlined
def _count_tragedies(counts: Any, plan: Any, w: Any, share: Any, won: Any) -> None:
    """Add whether a side had more votes and fewer councillors than the other."""
    votes, seats = np.float32(0), 0
    for c in range(WIDTH):
        # Votes and seats by which the first side is ahead of the second.
        sign = np.int64(plan.side[0, c]) - np.int64(plan.side[1, c])
        votes += np.float32(sign) * share[c]
        seats += sign * won[c]
    counts.tragedy[0, w] += votes > 0 and seats < 0
    counts.tragedy[1, w] += votes < 0 and seats > 0


@nb.njit(nogil=True, cache=True)
def count_draws(plan: Any, seed: Any, start: Any, counts: Any) -> None:
    """Simulate the draws from `start` on, as many as `counts` has room for.

    `counts` is added to.
    """
    draws, scenarios, councils, parties = counts.won.shape
    places = np.empty((draws, len(plan.place_root), parties), np.float32)
    of_council = np.empty((draws, councils, parties), np.float32)
    parts = np.empty((draws, len(plan.weight), 4))
    levels = np.empty((draws, len(plan.strength), 2))
    root = plan.council_root.reshape((1, parties, parties))
    for d in range(draws):
        draw = np.uint64(start + d)
        _draw_errors(plan.normal, seed, draw, plan.place_root, np.uint32(PLACES), places[d])
        _draw_errors(plan.normal, seed, draw, root, np.uint32(COUNCILS), of_council[d])
        _draw_rates(plan, seed, draw, parts[d], levels[d])
    z, luck, arrive = np.empty(8, F32), np.empty(8 * GROUPS, F32), np.empty(8, F32)
    own, share, moved = np.empty(parties, F32), np.empty(parties, F32), np.empty(parties, F32)
    lots, best, slate = np.empty(8), np.empty((MOST, 2), F32), np.zeros(parties, np.int32)
    won, before = np.zeros(parties, np.int64), np.zeros(parties, np.int64)
    holds, changed = np.zeros(len(plan.scenario), np.bool_), np.zeros(scenarios, np.bool_)
    for w in range(len(plan.seats)):
        for s in range(scenarios):
            changed[s] = False
            for c in range(WIDTH):
                counts.elected[s, w, c, 0] += draws
        for p in range(len(plan.scenario)):
            holds[p] = False
            for c in range(WIDTH):
                holds[p] |= plan.slates[p + 1, w, c] != plan.slates[0, w, c]
            changed[plan.scenario[p] + 1] |= holds[p]
        for d in range(draws):
            draw, item = np.uint64(start + d), w * GROUPS
            normals(plan.normal, seed, draw, item, np.uint32(WARDS), z)
            _times(plan.ward_root, z, own)
            _shares(plan, w, places[d, plan.place[w]], of_council[d, plan.council[w]], own, share)
            luck[::8] = np.nan
            for c in range(WIDTH):
                counts.share[w, c] += np.int64(share[c] * np.float32(2**20))
            leader = _elect(plan, seed, draw, w, plan.slates[0, w], share, luck, best, before)
            # Apart from the others, as nothing is compared there: a third less time.
            _count(counts, plan, d, 0, w, before, before, leader)
            _count_tragedies(counts, plan, w, share, before)
            for s in range(1, scenarios):
                if not changed[s]:
                    _count(counts, plan, d, s, w, before, before, leader)
                    continue
                normals(plan.normal, seed, draw, item + LUCK, np.uint32(WARDS), arrive)
                _draw_lots(words(seed, draw, item + LOTS, np.uint32(WARDS)), lots)
                for c in range(WIDTH):
                    slate[c], moved[c] = plan.slates[0, w, c], share[c]
                pact: Any = np.int64(plan.lead[s - 1])
                while pact < len(plan.scenario) and plan.scenario[pact] == s - 1:
                    if holds[pact]:
                        for c in range(WIDTH):
                            own[c] = moved[c]
                        _with_pact(
                            plan, pact, w, own, parts[d], levels[d], arrive, lots, slate, moved
                        )
                    pact += 1
                ahead = _elect(plan, seed, draw, w, slate, moved, luck, best, won)
                _count(counts, plan, d, s, w, won, before, ahead)


@nb.njit(nogil=True, cache=True)
def draw_shares(plan: Any, seed: Any, shares: Any) -> None:
    """Write the shares of the first draws without a pact, shape (draw, ward, party)."""
    draws, _, parties = shares.shape
    place = np.empty((len(plan.place_root), parties), np.float32)
    of_council = np.empty((plan.council.max() + 1, parties), np.float32)
    root = plan.council_root.reshape((1, parties, parties))
    z, own = np.empty(8, np.float32), np.empty(parties, np.float32)
    for d in range(draws):
        draw = np.uint64(d)
        _draw_errors(plan.normal, seed, draw, plan.place_root, np.uint32(PLACES), place)
        _draw_errors(plan.normal, seed, draw, root, np.uint32(COUNCILS), of_council)
        for w in range(len(plan.seats)):
            normals(plan.normal, seed, draw, w * GROUPS, np.uint32(WARDS), z)
            _times(plan.ward_root, z, own)
            _shares(plan, w, place[plan.place[w]], of_council[plan.council[w]], own, shares[d, w])


@nb.njit(nogil=True, cache=True)
def elect_from(plan: Any, seed: Any, draw: Any, ward: Any, shares: Any, won: Any) -> None:
    """Write who is elected at some shares, without a pact.

    `draw` and `ward` have shape (case,). `shares` has shape (case, party), as has `won`, which is
    written.
    """
    luck, best = np.empty(8 * GROUPS, np.float32), np.empty((MOST, 2), np.float32)
    for i in range(len(draw)):
        w = ward[i]
        luck[::8] = np.nan
        _elect(plan, seed, np.uint64(draw[i]), w, plan.slates[0, w], shares[i], luck, best, won[i])
