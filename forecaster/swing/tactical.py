"""How much tactical voting a past election holds: kappa, estimated from its seat shares.

Kappa is the part of the votes of a bloc's other parties that moved to its best placed one, in seats
where an opponent leads in the expected shares, beyond what the swing to the true national shares
expects. It is measured against the election before: a change of tactical voting, not its level.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from forecaster.arrays import Bools, Floats, Ints
from forecaster.config.parameters import Parameters
from forecaster.elections.election import read_election
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

LOWEST, HIGHEST = -0.5, 1.0
STEP = 0.02
"""Of kappa, for numerical derivatives."""

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
        Estimate and standard error, kappa times clarity moving.
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
    faced, best, gap = facing(base, expected, members, opponents)
    actual = to_columns(after, after.votes.astype(float))
    actual /= actual.sum(1, keepdims=True)
    clear = gap / (gap + parameters.swing.half_clarity.value)
    lambdas = np.where(target >= nation_shares(before), rule.rising.mean, rule.falling.mean)

    ours = party_columns(members)[base.seats.nation]

    def errors(kappa: float, weight: Floats) -> Floats:
        """Return the squared share error of each seat where an opponent leads."""
        shares = swing_by_lambda(base, target, lambdas, (best, kappa * weight))
        return np.asarray((np.where(ours, shares - actual, 0)[faced] ** 2).sum(1))

    kappa, error = _least_squares(lambda value: errors(value, clear))
    plain, plain_error = _least_squares(lambda value: errors(value, (gap > 0).astype(float)))
    return Kappa(election, int(faced.sum()), kappa, error, plain, plain_error)


def facing(
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


Moves = tuple[Ints, Floats]
"""To which column voters move in each seat (-1: nowhere), and which part of each column's votes."""


def swing_by_lambda(base: Base, target: Floats, lambdas: Floats, moves: Moves | None) -> Floats:
    """Swing the seats by the mixture of given lambdas, with tactical voting.

    Parameters
    ----------
    base : Base
    target, lambdas : ndarray, shape (nation, column)
        National shares, and the mixture's weight of uniform swing.
    moves : Moves or None

    Returns
    -------
    ndarray, shape (seat, column)
    """
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
            threshold=0.0,
            rakes=RAKES,
            tactical=(moves[0][seats].astype(np.int32), moves[1][seats]) if moves else None,
        )
    return out


def _least_squares(errors: Callable[[float], Floats]) -> tuple[float, float]:
    """Return where the sum of the seats' errors is least, and its standard error.

    The error is the sandwich estimate for independent seats, ``sqrt(sum g^2) / sum h``, from each
    seat's slope g and curvature h at the minimum (White, Econometrica 48, 1980, p. 817).
    """
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(
        lambda value: errors(value).sum(), bounds=(LOWEST, HIGHEST), method="bounded"
    )
    kappa = float(found.x)
    below, at, above = (errors(kappa + shift) for shift in (-STEP, 0.0, STEP))
    slope = (above - below) / (2 * STEP)
    curvature = (above - 2 * at + below) / STEP**2
    return kappa, float(np.sqrt((slope**2).sum()) / curvature.sum())
