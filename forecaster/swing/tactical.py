"""How much tactical voting a past election holds: kappa, estimated from its seat shares.

Kappa is the part of the votes of a bloc's other parties that moved to its best placed one, in seats
where an opponent leads in the expected shares, beyond what the swing to the true national shares
expects. It is measured against the election before: a change of tactical voting, not its level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecaster.config.parameters import Parameters
from forecaster.elections.read import Bools, Floats, Ints, read_election
from forecaster.kernels import rules
from forecaster.swing.base import (
    Base,
    build_base,
    fixed_columns,
    nation_shares,
    party_columns,
    to_columns,
)
from forecaster.swing.rules import rule_named, swing_seats
from forecaster.vocabulary import NATIONS

PAIRS = {
    "2010": "2005-notional",
    "2015": "2010",
    "2017": "2015",
    "2019": "2017",
    "2024": "2019-notional",
}
"""Election, and the one before on its boundaries."""

GRID = np.round(np.arange(-0.30, 0.601, 0.02), 2)
RESAMPLES = 400
SEED = 20
RAKES = 20


@dataclass(frozen=True)
class Kappa:
    """An estimate of kappa.

    Attributes
    ----------
    election : str
    seats : int
        In which an opponent leads in the expected shares.
    kappa, error : float
        Estimate and standard error (seats resampled), kappa times clarity moving.
    plain, plain_error : float
        The same if all of kappa moves, however clear the best placed is.
    """

    election: str
    seats: int
    kappa: float
    error: float
    plain: float
    plain_error: float


def estimate_kappa(
    election: str, members: tuple[str, ...], opponents: tuple[str, ...], parameters: Parameters
) -> Kappa:
    """Estimate kappa of one election by least squares of seat shares.

    Parameters
    ----------
    election : str
        One of `PAIRS`.
    members, opponents : tuple of str
        The bloc whose voters move, and who leads where they do. The mirror is estimated by
        exchanging the sides.
    parameters : Parameters
    """
    before, after = read_election(PAIRS[election]), read_election(election)
    donors = parameters.seat.imputed_from.value.get(before.name, {})
    base = build_base(before, after, donors, parameters.seat.stand_again.value)
    target = nation_shares(after, names_from=before)
    rule = rule_named("asymmetric", parameters.swing)
    expected = swing_seats(base, target, rule, parameters.swing)
    faced, best, gap = _facing(base, expected, members, opponents)
    actual = to_columns(after, after.votes.astype(float))
    actual /= actual.sum(1, keepdims=True)
    clear = gap / (gap + parameters.swing.half_clarity.value)
    lambdas = np.where(target >= nation_shares(before), rule.rising.mean, rule.falling.mean)

    def errors(weight: Floats) -> Floats:
        """Return squared share errors by value of the grid and seat, (grid, faced seat)."""
        out = []
        for kappa in GRID:
            shares = _swing(base, target, lambdas, parameters, best, kappa * weight)
            wrong = np.where(party_columns(members)[base.seats.nation], shares - actual, 0)
            out.append((wrong[faced] ** 2).sum(1))
        return np.array(out)

    kappa, error = _minimum(errors(clear))
    plain, plain_error = _minimum(errors((gap > 0).astype(float)))
    return Kappa(election, int(faced.sum()), kappa, error, plain, plain_error)


def _facing(
    base: Base, expected: Floats, members: tuple[str, ...], opponents: tuple[str, ...]
) -> tuple[Bools, Ints, Floats]:
    """Return where an opponent leads, to whom voters would move, and how far he is ahead."""
    nation = base.seats.nation
    ours = party_columns(members)[nation] & base.stands
    leader = np.where(base.stands, expected, -1).argmax(1)
    faced = party_columns(opponents)[nation, leader] & (ours.sum(1) > 1)
    best = np.where(faced, np.where(ours, expected, -1).argmax(1), -1)
    lead = expected[np.arange(len(best)), np.maximum(best, 0)][:, None] - expected
    return faced, best, np.where(ours & faced[:, None], np.maximum(lead, 0), 0)


def _swing(
    base: Base,
    target: Floats,
    lambdas: Floats,
    parameters: Parameters,
    best: Ints,
    amount: Floats,
) -> Floats:
    out = np.empty_like(base.shares)
    for a in range(len(NATIONS)):
        seats = base.seats.nation == a
        out[seats] = rules.swing(
            "mixture",
            base.shares[seats],
            base.stands[seats],
            base.weight[seats],
            target[a],
            ~fixed_columns()[a],
            lambdas[a],
            parameters.swing.weak_threshold.value,
            RAKES,
            (best[seats].astype(np.int32), amount[seats]),
        )
    return out


def _minimum(errors: Floats) -> tuple[float, float]:
    """Return where the sum over seats is least, and its standard error from resampled seats."""
    random = np.random.default_rng(SEED)
    seats = errors.shape[1]
    drawn = [_vertex(errors[:, random.integers(0, seats, seats)].sum(1)) for _ in range(RESAMPLES)]
    return _vertex(errors.sum(1)), float(np.std(drawn, ddof=1))


def _vertex(total: Floats) -> float:
    """Return the minimum of a curve given on `GRID`, by a parabola through its lowest points."""
    i = int(np.clip(total.argmin(), 1, len(GRID) - 2))
    left, middle, right = total[i - 1 : i + 2]
    bend = left - 2 * middle + right
    shift = 0.5 * (left - right) / bend if bend > 0 else 0.0
    return float(GRID[i] + np.clip(shift, -1, 1) * (GRID[1] - GRID[0]))
