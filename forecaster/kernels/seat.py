"""One seat without pacts: swing, errors, winner and counts, from random words to the last register.

The twin is `forecaster.kernels.reference`: its `errors`, and the end of its `simulate_draw`.
"""

from __future__ import annotations

from typing import Any

from forecaster.kernels import counting, pacts, random
from forecaster.kernels.factors import correlated
from forecaster.kernels.layout import FOURS, LANES, SIX, TURNS, WITHOUT_PACTS, of_seat
from forecaster.kernels.machine import (
    REGISTERS,
    Number,
    Variable,
    at_lane,
    beyond,
    fma,
    lanes,
    larger,
    loop,
    this_lane,
    when,
)
from forecaster.kernels.swing import change_of, swung


def simulate(m: Any, n: Any, a: Any, width: int) -> None:
    """Simulate and count a seat, the `n`-th, in every draw of the block."""
    item = m.number[n]
    counting.fetch_counters(m, 0, item, width)
    count = counting.SharesOfSeat(m, width)
    first, end = m.actions_from[n], m.actions_from[n + 1]
    kept = (first < end) | (m.sharing != 0) | (m.definitions != 0)
    draw_own_errors(m, item, a, width)
    for _ in lanes():
        shares, total = swung(m, n, width, change_of(m, a, width))
        _count(m, n, a, perturbed(m, n, a, shares, total), count, kept)
    counting.count_seat(m, 0, item, count, WITHOUT_PACTS)
    with when(m.sharing != 0):
        counting.store_shares(m, item, width)
    with when(m.definitions != 0):
        counting.count_tragedies(m, width, item, a)
    with when(first < end):
        pacts.count_scenarios(m, n, width, first, end)


def _count(
    m: Any, n: Any, a: Any, shares: list[Number], count: counting.SharesOfSeat, kept: Number
) -> None:
    """Count the shares of a seat, and keep what definitions, regions and what follows need."""
    total = shares[0]
    for share in shares[1:]:
        total = total + share
    shares, scale = counting.finite(shares, total)
    winner = counting.elect(m, n, shares, WITHOUT_PACTS)
    count.add(shares, scale)
    with when(kept):
        for c, share in enumerate(shares):
            m.shares[c] = share * scale
        # Who has won a tragedy has no other candidate in its column: these are the column's votes.
        m.parties[m.sets] = winner * scale
    with when(m.voting != 0):
        counting.add_votes(m, n, shares, scale)


def draw_more(m: Any) -> None:
    """Draw a word more for every seat, four from a counter, for the first draws of all fours."""
    for four in loop(m.seats_in_fours / 4):
        for _ in lanes(FOURS, REGISTERS):
            for place, word in enumerate(random.words(m, random.MORE_OF_SEATS, four)):
                m.more_of_seats[four * 4 + place] = word


def draw_own_errors(m: Any, item: Any, a: Any, width: int) -> None:
    """Draw the seat's own errors, correlated between parties, for two draws of each four."""
    for _ in lanes(FOURS, REGISTERS):
        z, tail = random.seat_numbers(m, width, item, m.seat_dof, m.more_of_seats[item])
        for turn in range(TURNS // 2):
            own = random.turned([one * tail for one in z], turn)[:width]
            with beyond(turn * FOURS):
                for c, error in enumerate(correlated(m.seat_cholesky.part(a), own)):
                    m.own[c] = error


def perturbed(m: Any, n: Any, a: Any, shares: list[Number], total: Number) -> list[Number]:
    """Close shares to one, and add incumbency, regional, covariate and seat error."""
    close = 1.0 / total
    region = m.region[n]
    shared = [Variable(m.region_error[region, c]) for c in range(len(shares))]
    for six in loop(m.sixes):
        for c, sofar in enumerate(shared):
            for f in range(SIX):
                slope = m.slopes[a, six * SIX + f, c]
                sofar.value = fma(slope, m.covariates[n, six, f], sofar.value)
    out = []
    for c, share in enumerate(shares):
        # Half a turn on, errors have the opposite sign; `spread` has it then.
        with at_lane(this_lane() % (LANES // 2)):
            own = m.own[c]
        error = fma(own, m.spread[()], shared[c].value)
        error = fma(error, of_seat(m, n, "size", c), m.seat.offset[n, c] - m.nation.centre[a, c])
        error = fma(m.nation.incumbency[a, c], of_seat(m, n, "sitting", c), error)
        share = larger(fma(share, close, error), m.levels.share_floor[()])
        out.append(share * of_seat(m, n, "stands", c))
    return out
