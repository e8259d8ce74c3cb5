"""Who wins a seat, and adding it to the counts.

The winner of a draw is a byte (or more, on a long ballot paper) in which the bit of its column is
set, so that a test for a set of columns is one operation, and seats are counted as bits of words.
Totals of a draw are counted in bytes over a run of seats of one nation, and then added up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from forecaster.kernels.layout import BINS, FOURS, LANES, SHARE_UNIT, TIE, WITHOUT_PACTS, of_seat
from forecaster.kernels.machine import (
    I8,
    I16,
    I32,
    WIDTH,
    Number,
    Variable,
    add_up,
    constant,
    convert,
    count_ones,
    fma,
    from_truths,
    lanes,
    larger,
    long,
    loop,
    lowest_one,
    masked,
    rotate,
    side_by_side,
    smaller,
    spread,
    sqrt,
    truncate,
    truths,
    vector,
    when,
    where,
    word,
)

BYTE = 8
"""Columns that a byte has bits for."""
HUGE = 1e30
"""Sums of shares beyond are taken for overflown."""


def finite(shares: list[Number], total: Number) -> tuple[list[Number], Number]:
    """Return shares, and the factor that makes them sum to one; zeros where they overflow.

    They then have a place in every histogram, and are missed by whoever adds them up.
    """
    fits = total < HUGE
    kept = [Variable(share) for share in shares]
    with when(truths(fits) != 2**fits.lanes - 1, likely=False):
        for share in kept:
            share.value = where(fits, share.value, 0.0)
    return [share.value for share in kept], where(fits & (total > 0.0), 1.0 / total, vector(0.0))


def elect(m: Any, n: Any, shares: list[Number], row: int) -> Number:
    """Note who wins a seat, a tie going to the first column, and return the winner's votes."""
    best: Number = shares[0] * of_seat(m, n, "factor", 0)
    winner = spread(word(1))
    for c, share in enumerate(shares[1:], start=1):
        votes = share * of_seat(m, n, "factor", c)
        better = votes > best
        best = where(better, votes, best)
        winner = where(better, spread(word(1 << c)), winner)
    seen, drawn = winners_seen(m, len(shares)), winner & m.drawn[()]
    seen[row] = drawn if seen.kind == I32 else convert(drawn, seen.kind, "trunc")
    return best


def winners_seen(m: Any, width: int) -> Any:
    """Return where the winners of seats of some width are noted, in bytes if there is room."""
    return m.seen if width <= BYTE else m.seen_of_many


class SharesOfSeat:
    """The sums of a seat's shares over the lanes, and their bins."""

    def __init__(self, m: Any, width: int, registers: int = 1) -> None:
        self._m = m
        self.width = width
        nothing = spread(word(0), WIDTH * registers)
        self._sums = [Variable(nothing) for _ in range(width)]

    def add(self, shares: list[Number], scale: Number) -> None:
        """Add shares of the draws of these lanes, each to be multiplied by a scale first."""
        m = self._m
        unit = masked(scale * float(SHARE_UNIT), m.drawn[()])
        for c, share in enumerate(shares):
            self._sums[c].value = self._sums[c].value + truncate(share * unit)
        with when(m.binned):
            for c, share in enumerate(shares):
                # Scaled first: a pact that moves nothing starts from shares rounded so. Rounding
                # may leave a share that a pact moves a trifle below zero.
                scaled = larger(share * scale, 0.0)
                place = truncate(sqrt(scaled * float(BINS * BINS)))
                m.bins[c] = where(place < BINS - 1, place, BINS - 1)

    def add_to(self, counter: Any, *row: Any) -> None:
        """Add the sums over all draws of the block to a row of counters."""
        for start, sums in _at_once(counter, [total.value for total in self._sums]):
            counter.add(long(add_up(sums)), *row, start)


def count_seat(m: Any, k: Any, item: Any, count: SharesOfSeat, row: int) -> None:
    """Add winners and shares of a seat to the counts of scenario `k`.

    Totals of a scenario are kept as differences from those without pacts.
    """
    winners = winners_seen(m, count.width)
    seen, before = winners.block(row, 0), winners.block(WITHOUT_PACTS, 0)
    happened = []
    for c in range(count.width):
        hit = _has(seen, 1 << c)
        happened.append(truths(hit))
        total = m.won.block(k, c, 0) - convert(hit, I8, "sext")
        if row != WITHOUT_PACTS:
            total = total + convert(_has(before, 1 << c), I8, "sext")
        m.won.set_block(total, k, c, 0)
    add_pairs(m.wins, m.wins_twice, happened, k, item, 0)
    count.add_to(m.share_sum, k, item)
    with when(m.binned):
        histogram = m.histogram.part(k, item)
        for lane, _ in drawn(m):
            for c in range(count.width):
                histogram.add(1, c, m.bins[c, lane])
    with when(m.stored != 0):
        for lane, draw in drawn(m):
            winner = lowest_one(long(winners[row, lane]))
            m.winners[draw, k, item] = convert(winner, I8, "trunc")


def drawn(m: Any) -> Iterator[tuple[Number, Number]]:
    """Go through the lanes that are to be counted, and their places in arrays by draw."""
    for draw in loop(larger(m.draw, m.first), smaller(m.draw + LANES, m.end)):
        yield draw - m.draw, draw - m.first


def add_pairs(once: Any, twice: Any, happened: list[Number], *index: Any) -> None:
    """Add to counters, from an index on, in which draws each of some things happened.

    And in which pairs of a four it happened twice.
    """
    *row, first = index
    for start, each in _at_once(once, happened):
        these = side_by_side(each)
        next_ = these & rotate(these, LANES - FOURS)
        opposite = these & (these >> 2 * FOURS)
        once.add(count_ones(these), *row, first + start)
        twice.add(count_ones(next_) + count_ones(opposite), *row, first + start)


def _at_once(counter: Any, each: list[Number]) -> Iterator[tuple[int, list[Number]]]:
    """Go through what is to be added to a row of counters, up to eight at a time.

    As many as a power of two that the row has room for, zeros for those that are missing.
    """
    start, room = 0, counter.shape[-1] if isinstance(counter.shape[-1], int) else 1
    while start < len(each):
        size = 8
        while start + size > room:
            size //= 2
        yield start, [*each[start:], *[each[0] ^ each[0]] * size][:size]
        start += size


def _has(seen: Number, columns: Any) -> Any:
    """Return where the winner is among some columns, which are bits of a mask."""
    mask = columns if isinstance(columns, Number) else constant(seen.kind, columns)
    if mask.kind != seen.kind:
        mask = convert(mask, seen.kind, "trunc")
    return (seen & mask) != 0


def won_by(m: Any, width: int, row: int, columns: Any) -> Any:
    """Return as bits in which draws a seat goes to one of some columns."""
    return truths(_has(winners_seen(m, width).block(row, 0), columns))


def fetch_counters(m: Any, k: Any, item: Any, width: int) -> None:
    """Ask for the counters of a seat in scenario `k`, which were last met a block ago."""
    for counter in (m.wins, m.wins_twice, m.share_sum):
        counter.prefetch(width, k, item, 0)
    with when(m.binned):
        m.histogram.prefetch(width * BINS, k, item, 0, 0)


def store_shares(m: Any, item: Any, width: int) -> None:
    """Write the shares of a seat without pacts out, draw by draw."""
    for lane, draw in drawn(m):
        for c in range(width):
            m.seat_shares[draw, item, c] = m.shares[c, lane]


# --- Votes by region ----------------------------------------------------------------------------
def add_votes(m: Any, n: Any, shares: list[Number], scale: Number) -> None:
    """Add the votes of a seat without pacts to those of its region."""
    region, weight = m.region[n], m.weight[n] * scale
    for c, share in enumerate(shares):
        m.votes[region, c] = fma(share, weight, m.votes[region, c])


# --- Tragedies ----------------------------------------------------------------------------------
def add_parties(m: Any, a: Any) -> None:
    """Add up the shares of all sets of parties that a definition of a nation needs."""
    for s in loop(m.sets_of[a]):
        total = Variable(m.shares.block(m.in_set[a, s, 0], 0))
        for place in loop(1, m.set_size[a, s]):
            total.value = total.value + m.shares.block(m.in_set[a, s, place], 0)
        m.parties.set_block(total.value, s, 0)


def count_tragedies(m: Any, width: int, item: Any, a: Any) -> None:
    """Count where the parties added up beat the winner, or the winner's whole bloc."""
    add_parties(m, a)
    for d in loop(m.definitions):
        winners = m.tragedy[d, a, 0]
        with when(winners != 0):
            together, against = (m.parties.block(m.tragedy[d, a, row], 0) for row in (1, 2))
            happened = truths(together > against) & won_by(m, width, WITHOUT_PACTS, winners)
            m.tragic.set_block(m.tragic.block(d, 0) - from_truths(happened, I8), d, 0)
            add_pairs(m.tragedies, m.tragedies_twice, [happened], d, item)


# --- Totals -------------------------------------------------------------------------------------
def end_run(m: Any, a: Any) -> None:
    """Add the bytes in which seats of a nation were counted to the totals of the draws."""
    for k in loop(m.scenarios):
        for c in loop(m.columns):
            _move(m.won, m.in_nation, (k, c), (k, a, c))
    for d in loop(m.definitions):
        _move(m.tragic, m.tragic_totals, (d,), (d,))


def _move(counted: Any, totals: Any, row: tuple[Any, ...], to: tuple[Any, ...]) -> None:
    _add(totals, to, convert(counted.block(*row, 0), I16, "sext"))
    counted.set_block(spread(constant(I8, 0), LANES), *row, 0)


def _add(totals: Any, to: tuple[Any, ...], seats: Number) -> None:
    totals.set_block(totals.block(*to, 0) + seats, *to, 0)


def end_block(m: Any) -> None:
    """Write the totals of every draw out, and clear them."""
    nothing = spread(constant(I16, 0), LANES)
    for k in loop(m.scenarios):
        for p in loop(m.every_party):
            m.in_all.set_block(nothing, p, 0)
        for a in loop(m.nations):
            for c in loop(m.columns):
                with when(k != 0):
                    _add(m.in_nation, (k, a, c), m.in_nation.block(0, a, c, 0))
                for lane, draw in drawn(m):
                    m.seats_won[draw, k, a, c] = m.in_nation[k, a, c, lane]
                _add(m.in_all, (m.party[a, c],), m.in_nation.block(k, a, c, 0))
        _count_parties(m, k)
    for k in loop(m.scenarios):
        for a in loop(m.nations):
            for c in loop(m.columns):
                m.in_nation.set_block(nothing, k, a, c, 0)
    for d in loop(m.definitions):
        for lane, draw in drawn(m):
            m.tragedies_in_draw[draw, d] = m.tragic_totals[d, lane]
        m.tragic_totals.set_block(nothing, d, 0)
    with when(m.voting != 0):
        _store_votes(m)


def _count_parties(m: Any, k: Any) -> None:
    """Count in how many draws each party wins how many seats, and in how many it has most."""
    nothing = spread(constant(I16, 0), LANES)
    most, ties = Variable(nothing), Variable(nothing)
    for p in loop(m.every_party):
        most.value = larger(m.in_all.block(p, 0), most.value)
    for p in loop(m.every_party):
        ties.value = ties.value - convert(m.in_all.block(p, 0) == most.value, I16, "sext")
    m.most.set_block(most.value, 0, 0)
    m.most.set_block(ties.value, 1, 0)
    for p in loop(m.every_party):
        for lane, _ in drawn(m):
            seats = m.in_all[p, lane]
            m.totals.add(1, k, p, seats)
            with when(seats == m.most[0, lane]):
                m.largest.add(long(constant(I16, TIE) / m.most[1, lane]), k, p, seats)


def _store_votes(m: Any) -> None:
    for r in loop(m.regions):
        for c in loop(m.columns):
            for lane, draw in drawn(m):
                m.regional[draw, r, c] = m.votes[r, c, lane]
            for _ in lanes():
                m.votes[r, c] = 0.0
