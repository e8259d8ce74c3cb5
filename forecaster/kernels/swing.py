"""From national shares to seats: the rules of `forecaster.kernels.rules`, for many draws at once.

A rule's coefficients are made once a block and nation, from theta and the drawn shares; a seat then
takes few operations. `rake` finds the theta.
"""

from __future__ import annotations

from typing import Any

from forecaster.kernels import random
from forecaster.kernels.layout import LOGIT, MIXTURE, MOVING, STRONG_TRANSITION, of_seat, widths
from forecaster.kernels.machine import (
    Number,
    Variable,
    fma,
    larger,
    loop,
    masked,
    smaller,
    vector,
    when,
    where,
)
from forecaster.kernels.rules import EXTRAPOLATION, SETTLED, TINY

ROWS = {MIXTURE: 2, LOGIT: 1, STRONG_TRANSITION: 3}
"""How many coefficients a rule has."""


def coefficients(m: Any, a: Any) -> None:
    """Turn the thetas of a nation into what its seats need."""
    {
        MIXTURE: _mixture,
        LOGIT: _logit,
        STRONG_TRANSITION: _strong_transition,
    }[m.rule](m, a)


def _mixture(m: Any, a: Any) -> None:
    for c in loop(m.columns):
        theta, weight = m.nation.theta[a, c], m.nation.weight_uniform[a, c]
        m.nation.first[a, c] = theta * weight
        m.nation.second[a, c] = theta * (1.0 - weight) / m.nation_base[a, c] + 1.0


def _logit(m: Any, a: Any) -> None:
    for c in loop(m.columns):
        m.nation.first[a, c] = random.exp(-m.nation.theta[a, c])


def _strong_transition(m: Any, a: Any) -> None:
    # theta shifts the target that the transition aims at. Weak voters leave first.
    total = Variable(vector(1e-9))
    for c in loop(m.columns):
        base, weak = m.nation_base[a, c], m.nation_weak[a, c]
        change = m.nation.target[a, c] + m.nation.theta[a, c] - base
        lost = larger(-change, 0.0)
        weak_lost = smaller(lost, weak)
        m.nation.first[a, c] = 1.0 - weak_lost / larger(weak, 1e-9)
        m.nation.second[a, c] = 1.0 - (lost - weak_lost) / larger(base - weak, 1e-9)
        m.nation.third[a, c] = larger(change, 0.0)
        total.value = total.value + m.nation.third[a, c]
    for c in loop(m.columns):
        m.nation.third[a, c] = m.nation.third[a, c] / total.value


Change = list[list[Number]]
"""The coefficients of a nation, by row and column."""


def change_of(m: Any, a: Any, width: int) -> Change:
    """Return the coefficients for seats of some width."""
    # Those who vanish from a ballot paper of the strong transition had votes that others take.
    needed = m.columns if m.rule == STRONG_TRANSITION else width
    rows = (m.nation.first, m.nation.second, m.nation.third)[: ROWS[m.rule]]
    return [[row[a, c] for c in range(needed)] for row in rows]


def swung(m: Any, n: Any, width: int, change: Change) -> tuple[list[Number], Number]:
    """Return the shares of a seat after swing and tactical votes, and what they sum to."""
    rule = {MIXTURE: _mixed, LOGIT: _shifted, STRONG_TRANSITION: _transferred}[m.rule]
    shares = rule(m, n, width, change)
    shares = [share * of_seat(m, n, "stands", c) for c, share in enumerate(shares)]
    total = shares[0]
    for share in shares[1:]:
        total = total + share
    return _vote_tactically(m, n, shares), total


def _mixed(m: Any, n: Any, width: int, change: Change) -> list[Number]:
    first, second = change
    return [
        larger(fma(second[c], m.seat.base[n, c], first[c]), m.seat.floor[n, c])
        for c in range(width)
    ]


def _shifted(m: Any, n: Any, width: int, change: Change) -> list[Number]:
    (first,) = change
    return [1.0 / fma(first[c], m.seat.odds[n, c], 1.0) for c in range(width)]


def _transferred(m: Any, n: Any, width: int, change: Change) -> list[Number]:
    first, second, third = change
    kept, lost = [], vector(0.0)
    for c in range(m.columns):
        base = m.seat.base[n, c]
        weak = smaller(base, m.levels.weak_threshold[()])
        kept.append(fma(second[c], base - weak, first[c] * weak))
        lost = lost + (base - kept[c])
    return [fma(third[c], lost, kept[c]) for c in range(width)]


def _vote_tactically(m: Any, n: Any, shares: list[Number]) -> list[Number]:
    """Move part of the bloc's other parties' votes to its best placed party.

    Over all columns of a kind of seat, though some lose nothing: they are in registers.
    """
    out = [Variable(share) for share in shares]
    for kind, among in enumerate((*MOVING, range(len(shares)))):
        columns = [c for c in among if c < len(shares)]
        with when(m.moving[n] == kind):
            kappa, moved = m.kappa[m.bloc[n]], vector(0.0)
            for c in columns:
                out[c].value = fma(-(kappa * m.seat.clarity[n, c]), shares[c], shares[c])
                # Not a product: multipliers are busy all the time, adders are not.
                moved = moved + (shares[c] - out[c].value)
            for c in columns:
                out[c].value = out[c].value + masked(moved, m.seat.best[n, c])
    return [share.value for share in out]


def rake(m: Any) -> None:
    """Move theta until the seats' weighted shares come out at the drawn national shares."""
    for a in loop(m.nations):
        _start(m, a)
        for round_ in loop(m.rakes):
            coefficients(m, a)
            _mean(m, a)
            _step(m, a, round_)
        coefficients(m, a)


def _start(m: Any, a: Any) -> None:
    for c in loop(m.columns):
        target, base = m.nation.target[a, c], m.nation_base[a, c]
        m.nation.theta[a, c] = 0.0
        if m.rule == MIXTURE:
            with when(m.swings[a, c] == 1):
                m.nation.theta[a, c] = target - base
        elif m.rule == LOGIT:
            # A new party starts level wherever it stands, others as last time.
            with when((m.swings[a, c] == 1) & (base <= TINY)):
                target = smaller(larger(target, TINY), 1.0 - TINY)
                certain = random.log(vector((1.0 - TINY) / TINY))
                m.nation.theta[a, c] = random.log(target / (1.0 - target)) + certain


def _mean(m: Any, a: Any) -> None:
    """Weighted mean of the seats' shares."""
    for c in loop(m.columns):
        m.nation.mean[a, c] = 0.0
    for place, width in widths(m):
        change = change_of(m, a, width)
        mean = [Variable(m.nation.mean[a, c]) for c in range(width)]
        for n in loop(m.ranges[a, place, 0], m.ranges[a, place, 1]):
            shares, total = swung(m, n, width, change)
            weight = m.weight[n] / total
            for c in range(width):
                mean[c].value = fma(shares[c], weight, mean[c].value)
        for c in range(width):
            m.nation.mean[a, c] = mean[c].value


def _step(m: Any, a: Any, round_: Any) -> None:
    """Move theta by what the shares miss, accelerated as `rules.accelerate` says."""
    product, squares = Variable(vector(0.0)), Variable(vector(0.0))
    for c in loop(m.columns):
        with when(m.swings[a, c] == 1):
            mean = m.nation.mean[a, c]
            miss = m.nation.target[a, c] - mean
            if m.rule == LOGIT:
                mean = smaller(larger(mean, 1e-4), 1.0 - 1e-4)
                miss = miss / (mean * (1.0 - mean))
            change = miss - m.nation.miss[a, c]
            m.nation.miss[a, c] = miss
            m.nation.mean[a, c] = change
            product.value = fma(miss, change, product.value)
            squares.value = fma(change, change, squares.value)
    part = product.value / larger(squares.value, SETTLED)
    part = smaller(larger(part, EXTRAPOLATION[0]), EXTRAPOLATION[1])
    part = where((squares.value > SETTLED) & (round_ > 0), part, 0.0)
    for c in loop(m.columns):
        with when(m.swings[a, c] == 1):
            back = m.nation.step[a, c] + m.nation.mean[a, c]
            step = fma(-part, back, m.nation.miss[a, c])
            m.nation.step[a, c] = step
            m.nation.theta[a, c] = m.nation.theta[a, c] + step
