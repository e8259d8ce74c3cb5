"""The jitted core of council elections: wards counted draw by draw, with and without slates.

It stands beside `forecaster.kernels`, whose engine has one winner a seat and lanes of 128 draws:
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
"""Candidates of a party in a ward, and seats of a ward, that the kernel counts at most."""

GROUPS = 16
"""Blocks of eight random numbers that a ward may use in a draw."""

PLACES, COUNCILS, WARDS, TRANSFERS = range(4)
"""Streams of random numbers: what all wards share, a council's, a ward's, the donors'."""

LUCK, LOTS, CANDIDATES = 1, 2, 3
"""Groups of a ward's stream after the first, which holds the error of its parties: how many votes
arrive, who refuses, and from the last on the candidates."""

FLOOR = 0.002
"""No party that stands falls below .2 % of a ward (judgement, as in the swing of seats)."""

ARRIVE, OPPONENT, ABSTAIN, ELSEWHERE = range(4)


class WardPlan(NamedTuple):
    """All that the kernel reads. Axes: w ward, c party, k council, s scenario with a pact, r rate.

    Attributes
    ----------
    seats : ndarray of int32, shape (w,)
    council, place : ndarray of int32, shape (w,)
    share : ndarray of float32, shape (w, c)
        Expected share of each party's best candidate; 0 where it does not stand.
    fall, rise : ndarray of float32, shape (w, c)
        What a point of error of the place moves here, downwards and upwards.
    scale : ndarray of float32, shape (w, c)
        What an error of one unit moves here: ``sqrt(share (1 - share))``.
    slates : ndarray of int32, shape (1 + s, w, c)
        Candidates in each scenario; the first is that without a pact.
    slot : ndarray of int32, shape (w, c)
        Number of the party's first candidate among all of the ward.
    level : ndarray of float32, shape (c, 6)
        Expected votes of the mean candidate as part of the best one's, by size of slate.
    spread : ndarray of float32, shape (c,)
        Standard deviation of a candidate's votes around those of the slate, as part of them.
    place_root, council_root, ward_root : ndarray of float32
        Shapes (place, c, c), (c, c), (c, c): roots of the covariances of errors.
    side : ndarray of uint8, shape (2, c)
        The parties of either side, of which tragedies are counted.
    member, opponent : ndarray of uint8, shape (s, c)
    rate : ndarray of int32, shape (s, w, c)
        Row of the rates of a party that stands fewer candidates; -1 if it does not.
    donor : ndarray of int32, shape (r,)
        Whose votes they are; all rates of a donor share their luck.
    weight, weight_sd : ndarray of float32, shapes (r, 4), (r, 3)
        Law of the parts that arrive, go to opponents, stay at home and go elsewhere.
    seat_sd : float
        Spread of the arriving part between wards, in log-odds.
    strength : ndarray of float32, shape (s, 2, 2)
        Mean and spread of the log-odds of refusal and backlash.
    normal : ndarray of float32, shape (65536,)
        Quantiles of the normal distribution.
    """

    seats: Ints
    council: Ints
    place: Ints
    share: Floats
    fall: Floats
    rise: Floats
    scale: Floats
    slates: Ints
    slot: Ints
    level: Floats
    spread: Floats
    place_root: Floats
    council_root: Floats
    ward_root: Floats
    side: Ints
    member: Ints
    opponent: Ints
    rate: Ints
    donor: Ints
    weight: Floats
    weight_sd: Floats
    seat_sd: float
    strength: Floats
    normal: Floats


class WardCounts(NamedTuple):
    """All that the kernel writes. Axes as in `WardPlan`; s counts the scenario without a pact too.

    Attributes
    ----------
    won : ndarray of int16, shape (draw, s, k, c)
        Councillors.
    elected : ndarray of int64, shape (s, w, c, 6)
        In how many draws a party had so many councillors in a ward.
    led : ndarray of int64, shape (s, w, c)
        In how many draws its best candidate had most votes.
    split : ndarray of int64, shape (s, w)
        In how many draws more than one party was elected.
    share : ndarray of int64, shape (w, c)
        Sum of shares without a pact, in units of 2^-20.
    more, fewer : ndarray of int64, shape (s, w)
        In how many draws the members had more, or fewer, councillors together than without.
    tragedy : ndarray of int64, shape (2, w)
        In how many draws one of the two sides had more votes and yet fewer councillors than the
        other, without a pact.
    """

    won: Any
    elected: Any
    led: Any
    split: Any
    share: Any
    more: Any
    fewer: Any
    tragedy: Any


def empty_counts(plan: WardPlan, councils: int, draws: int) -> WardCounts:
    """Return counts of zero for so many draws."""
    scenarios, wards, parties = plan.slates.shape
    return WardCounts(
        won=np.zeros((draws, scenarios, councils, parties), np.int16),
        elected=np.zeros((scenarios, wards, parties, MOST + 1), np.int64),
        led=np.zeros((scenarios, wards, parties), np.int64),
        split=np.zeros((scenarios, wards), np.int64),
        share=np.zeros((wards, parties), np.int64),
        more=np.zeros((scenarios, wards), np.int64),
        fewer=np.zeros((scenarios, wards), np.int64),
        tragedy=np.zeros((2, wards), np.int64),
    )


@cache
def normal_quantiles() -> Floats:
    """Return the normal quantiles of the middles of 65,536 equal parts, shape (65536,), float32.

    Rounded to 2^-20, which no last digit of a logarithm changes: the same on every machine.
    """
    half = [NormalDist().inv_cdf((i + 0.5) / 2**16) for i in range(2**15, 2**16)]
    upper = np.round(np.array(half) * 2**20) / 2**20
    return np.concatenate([-upper[::-1], upper]).astype(np.float32)


@nb.njit(inline="always")
def _turn(x: Any, by: Any) -> Any:
    return np.uint32((x << np.uint32(by)) | (x >> np.uint32(32 - by)))


@nb.njit(nogil=True, cache=True)
def words(seed: Any, draw: Any, item: Any, stream: Any, out: Any) -> None:
    """Fill `out` with the four words of Threefry4x32-12 at a counter (Salmon et al. 2011)."""
    low, high = np.uint32(seed & 0xFFFFFFFF), np.uint32(seed >> 32)
    zero, parity = np.uint32(0), np.uint32(0x1BD11BDA)
    last = np.uint32(parity ^ low ^ high)
    keys = (low, high, zero, zero, last)
    a = np.uint32(np.uint32(draw & 0xFFFFFFFF) + low)
    b = np.uint32(np.uint32(draw >> 32) + high)
    c = np.uint32(item)
    d = np.uint32(stream)
    turns = ((10, 26), (11, 21), (13, 27), (23, 5), (6, 20), (17, 11), (25, 10), (18, 20))
    for r in range(12):
        first, second = turns[r % 8]
        if r % 2 == 0:
            a = np.uint32(a + b)
            b = _turn(b, first) ^ a
            c = np.uint32(c + d)
            d = _turn(d, second) ^ c
        else:
            a = np.uint32(a + d)
            d = _turn(d, first) ^ a
            c = np.uint32(c + b)
            b = _turn(b, second) ^ c
        if r % 4 == 3:
            n = r // 4 + 1
            a = np.uint32(a + keys[n % 5])
            b = np.uint32(b + keys[(n + 1) % 5])
            c = np.uint32(c + keys[(n + 2) % 5])
            d = np.uint32(d + keys[(n + 3) % 5] + np.uint32(n))
    out[0], out[1], out[2], out[3] = a, b, c, d


@nb.njit(nogil=True, cache=True)
def normals(table: Any, seed: Any, draw: Any, item: Any, stream: Any, out: Any, at: Any) -> None:
    """Fill eight places of `out` from `at` on with standard normals, two from each word."""
    four = np.empty(4, np.uint32)
    words(seed, draw, item, stream, four)
    for i in range(4):
        out[at + 2 * i] = table[four[i] & np.uint32(0xFFFF)]
        out[at + 2 * i + 1] = table[four[i] >> np.uint32(16)]


@nb.njit(nogil=True, cache=True)
def _times(root: Any, z: Any, out: Any) -> None:
    """Write the product of a matrix and normals."""
    for c in range(len(root)):
        total = np.float32(0)
        for j in range(len(root)):
            total += root[c, j] * z[j]
        out[c] = total


@nb.njit(nogil=True, cache=True)
def _exp(x: Any) -> Any:
    """Return the exponential of a small number, from sums and products: the same everywhere."""
    y = x / 64.0
    out = 1.0 + y * (1.0 + y / 2.0 * (1.0 + y / 3.0 * (1.0 + y / 4.0 * (1.0 + y / 5.0))))
    for _ in range(6):
        out = out * out
    return out


@nb.njit(nogil=True, cache=True)
def _draw_rates(plan: Any, seed: Any, draw: Any, z: Any, parts: Any, levels: Any) -> None:
    """Draw what all wards share about pacts: the rates, and refusal and backlash of each pact."""
    for r in range(len(plan.weight)):
        normals(plan.normal, seed, draw, plan.donor[r], TRANSFERS, z, 0)
        for i in range(4):
            parts[r, i] = plan.weight[r, i]
        for i in range(3):
            parts[r, i] *= _exp(plan.weight_sd[r, i] * z[i])
    for s in range(len(plan.strength)):
        normals(plan.normal, seed, draw, plan.share.shape[1] + s, TRANSFERS, z, 0)
        for i in range(2):
            odds = plan.strength[s, i, 0] + plan.strength[s, i, 1] * z[i]
            levels[s, i] = 1.0 / (1.0 + _exp(-odds))


@nb.njit(nogil=True, cache=True)
def _shares(plan: Any, w: Any, place: Any, council: Any, own: Any, out: Any) -> None:
    """Write the shares of a ward's best candidates in a draw."""
    total = np.float32(0)
    for c in range(plan.share.shape[1]):
        out[c] = np.float32(0)
        if plan.share[w, c] > 0:
            moved = place[plan.place[w], c]
            moved *= plan.fall[w, c] if moved < 0 else plan.rise[w, c]
            error = plan.scale[w, c] * (council[plan.council[w], c] + own[c])
            out[c] = max(plan.share[w, c] + moved + error, np.float32(FLOOR))
            total += out[c]
    for c in range(plan.share.shape[1]):
        out[c] /= total


@nb.njit(nogil=True, cache=True)
def _with_pact(
    plan: Any,
    s: Any,
    w: Any,
    share: Any,
    parts: Any,
    levels: Any,
    luck: Any,
    lots: Any,
    slate: Any,
    out: Any,
) -> None:
    """Write slates and shares of a ward with the pact `s`, from those without it."""
    parties = len(share)
    for c in range(parties):
        fewer = plan.slates[s + 1, w, c] < plan.slates[0, w, c]
        refused = fewer and lots[c] < levels[s, 0]
        slate[c] = plan.slates[0, w, c] if refused else plan.slates[s + 1, w, c]
        out[c] = share[c]
    sides = np.zeros(2)
    for c in range(parties):
        if slate[c] > 0 and plan.member[s, c] == 0:
            sides[plan.opponent[s, c]] += share[c]
    pots = np.zeros(2)
    for c in range(parties):
        r = plan.rate[s, w, c]
        freed = plan.slates[0, w, c] - slate[c]
        if r >= 0 and freed > 0:
            arrive = parts[r, ARRIVE] * _exp(plan.seat_sd * luck[c])
            total = arrive + parts[r, OPPONENT] + parts[r, ABSTAIN] + parts[r, ELSEWHERE]
            others = 0
            for q in range(parties):
                if q != c and plan.member[s, q] == 1:
                    others += slate[q]
            for q in range(parties):
                if q != c and plan.member[s, q] == 1 and slate[q] > 0:
                    out[q] += arrive / total * share[c] * min(1.0, freed / others)
            votes = share[c] * freed / plan.slates[0, w, c] / total
            pots[1] += parts[r, OPPONENT] * votes
            pots[0] += parts[r, ELSEWHERE] * votes
            if slate[c] == 0:
                out[c] = 0
        elif plan.member[s, c] == 1 and slate[c] > 0:
            left = levels[s, 1] * share[c]
            out[c] -= left
            pots[1] += left / 2
    for c in range(parties):
        if slate[c] > 0 and plan.member[s, c] == 0:
            side = plan.opponent[s, c]
            out[c] += pots[side] * share[c] / sides[side]


@nb.njit(nogil=True, cache=True)
def _elect(plan: Any, w: Any, slate: Any, share: Any, luck: Any, votes: Any, won: Any) -> Any:
    """Count a ward: write the councillors of each party, return who leads."""
    parties = len(share)
    best, leader = np.float32(-1), 0
    for c in range(parties):
        won[c] = 0
        level = share[c] * plan.level[c, plan.slates[0, w, c]]
        for k in range(MOST):
            votes[c, k] = np.float32(-1)
        for k in range(slate[c]):
            number = plan.spread[c] * luck[plan.slot[w, c] + k]
            votes[c, k] = level * (np.float32(1) + np.float32(number))
            if votes[c, k] > best:
                best, leader = votes[c, k], c
    for _ in range(plan.seats[w]):
        best, who, which = np.float32(-1), -1, 0
        for c in range(parties):
            for k in range(slate[c]):
                if votes[c, k] > best:
                    best, who, which = votes[c, k], c, k
        if who < 0:
            break
        votes[who, which] = np.float32(-1)
        won[who] += 1
    return leader


@nb.njit(nogil=True, cache=True)
def _count(
    counts: Any, plan: Any, d: Any, s: Any, w: Any, won: Any, before: Any, leader: Any
) -> None:
    """Add what a ward gave in one scenario of draw `d`; `before` is what it gave without a pact."""
    elected, change = 0, 0
    for c in range(len(won)):
        counts.won[d, s, plan.council[w], c] += won[c]
        counts.elected[s, w, c, won[c]] += 1
        elected += won[c] > 0
        if s > 0 and plan.member[s - 1, c] == 1:
            change += won[c] - before[c]
    counts.led[s, w, leader] += 1
    counts.split[s, w] += elected > 1
    counts.more[s, w] += change > 0
    counts.fewer[s, w] += change < 0


@nb.njit(nogil=True, cache=True)
def _count_tragedies(counts: Any, plan: Any, w: Any, share: Any, won: Any) -> None:
    """Add whether a side had more votes and fewer councillors than the other."""
    votes, seats = np.zeros(2), np.zeros(2)
    for c in range(len(won)):
        for side in range(2):
            if plan.side[side, c] == 1:
                votes[side] += share[c]
                seats[side] += won[c]
    for side in range(2):
        lost = votes[side] > votes[1 - side] and seats[side] < seats[1 - side]
        counts.tragedy[side, w] += lost


@nb.njit(nogil=True, cache=True)
def count_draws(plan: Any, seed: Any, start: Any, counts: Any) -> None:
    """Simulate the draws from `start` on, as many as `counts` has room for.

    Parameters
    ----------
    plan : WardPlan
    seed : uint64
    start : int
    counts : WardCounts
        Added to.
    """
    draws, scenarios, councils, parties = counts.won.shape
    wards = len(plan.seats)
    z = np.empty(8 * GROUPS, np.float32)
    place = np.empty((len(plan.place_root), parties), np.float32)
    council = np.empty((councils, parties), np.float32)
    own, share, moved = np.empty((3, parties), np.float32)
    votes = np.empty((parties, MOST), np.float32)
    parts, levels = np.empty((len(plan.weight), 4)), np.empty((len(plan.strength), 2))
    luck, lots = np.empty(8, np.float32), np.empty(8)
    four = np.empty(4, np.uint32)
    won, before, slate = np.zeros((3, parties), np.int64)
    for d in range(draws):
        draw = np.uint64(start + d)
        for x in range(len(place)):
            normals(plan.normal, seed, draw, x, PLACES, z, 0)
            _times(plan.place_root[x], z, place[x])
        for k in range(councils):
            normals(plan.normal, seed, draw, k, COUNCILS, z, 0)
            _times(plan.council_root, z, council[k])
        _draw_rates(plan, seed, draw, z, parts, levels)
        for w in range(wards):
            normals(plan.normal, seed, draw, w * GROUPS, WARDS, z, 0)
            _times(plan.ward_root, z, own)
            _shares(plan, w, place, council, own, share)
            last = plan.slot[w, parties - 1] + MOST
            for group in range((last + 7) // 8):
                normals(
                    plan.normal, seed, draw, w * GROUPS + CANDIDATES + group, WARDS, z, 8 * group
                )
            for c in range(parties):
                counts.share[w, c] += np.int64(share[c] * np.float32(2**20))
                slate[c] = plan.slates[0, w, c]
            leader = _elect(plan, w, slate, share, z, votes, before)
            _count(counts, plan, d, 0, w, before, before, leader)
            _count_tragedies(counts, plan, w, share, before)
            for s in range(scenarios - 1):
                if (plan.slates[s + 1, w] == plan.slates[0, w]).all():
                    _count(counts, plan, d, s + 1, w, before, before, leader)
                    continue
                normals(plan.normal, seed, draw, w * GROUPS + LUCK, WARDS, luck, 0)
                words(seed, draw, w * GROUPS + LOTS, WARDS, four)
                for c in range(8):
                    half = (four[c // 2] >> np.uint32(16 * (c % 2))) & np.uint32(0xFFFF)
                    lots[c] = (half + 0.5) / 65536
                _with_pact(plan, s, w, share, parts, levels, luck, lots, slate, moved)
                ahead = _elect(plan, w, slate, moved, z, votes, won)
                _count(counts, plan, d, s + 1, w, won, before, ahead)
