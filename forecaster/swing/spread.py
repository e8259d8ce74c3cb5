"""The swing rules by name, and swings of the seats to national shares without any error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecaster.arrays import Floats, Ints
from forecaster.config.parameters import SwingParameters, TruncatedNormal
from forecaster.kernels import exact, rules
from forecaster.swing.base import Base, fixed_columns

POINT_RAKES = 30
"""Rounds of raking in a single swing, which can afford more than a simulation."""

RAKES = 20
"""Rounds of raking with given lambdas, in calibration on past elections."""


@dataclass(frozen=True)
class Rule:
    """A swing rule as the kernels know it."""

    form: str
    """Of ``"mixture"``, ``"logit"`` and ``"strong-transition"``."""
    falling: TruncatedNormal
    """Distribution of the mixture's lambda for parties that lose."""
    rising: TruncatedNormal
    """The same for those that gain."""

    def towards(self, uniform: float, weight: float) -> Rule:
        """Return the rule with lambdas that are `weight` times `uniform` and the rest as before.

        It changes nothing in rules without a lambda.
        """
        laws = (
            TruncatedNormal(
                mean=(1 - weight) * law.mean + weight * uniform,
                sd=(1 - weight) * law.sd,
                low=(1 - weight) * law.low + weight * uniform,
                high=(1 - weight) * law.high + weight * uniform,
            )
            for law in (self.falling, self.rising)
        )
        return Rule(self.form, *laws)


def rule_named(name: str, parameters: SwingParameters) -> Rule:
    """Return a rule by its name in a config; uniform and proportional are mixtures too."""
    if name == "asymmetric":
        return Rule("mixture", parameters.lambda_falling.value, parameters.lambda_rising.value)
    constant = TruncatedNormal(mean=float(name == "uniform"), sd=0, low=0, high=1)
    form = "mixture" if name in ("uniform", "proportional") else name
    return Rule(form, constant, constant)


Moves = tuple[Ints, Floats]
"""Tactical votes: the column they move to in each seat (-1: none), and the part of each column's
votes that moves."""


def swing_seats(
    base: Base, target: Floats, rule: Rule, parameters: SwingParameters, moves: Moves | None = None
) -> Floats:
    """Swing the seats to national shares, without any error, shape (seat, column).

    Means of the seats weighted by `base.weight` are `target` in every nation.

    `target`, shape (nation, column): national shares [fraction]. `rule`: its lambdas take their
    means.
    """
    out = np.empty_like(base.shares)
    for nation, seats in enumerate(base.seats.of_nation):
        out[seats] = swing_nation(base, nation, target[nation], rule, parameters, moves)
    return out


def swing_nation(
    base: Base,
    nation: int,
    target: Floats,
    rule: Rule,
    parameters: SwingParameters,
    moves: Moves | None = None,
) -> Floats:
    """Swing the seats of one nation to its shares `target`; see `swing_seats`."""
    seats = base.seats.nation == nation
    rises = target >= exact.dot(base.weight[seats], base.shares[seats])
    lambdas = np.where(rises, rule.rising.mean, rule.falling.mean)
    weak = parameters.weak_threshold.value
    return _swing(base, nation, target, rule.form, lambdas, weak, POINT_RAKES, moves)


def swing_by_lambda(base: Base, target: Floats, lambdas: Floats, moves: Moves | None) -> Floats:
    """Swing the seats by the mixture with given lambdas, and with tactical voting.

    `target` and `lambdas`, shape (nation, column): national shares, and the mixture's weight of
    uniform swing.
    """
    out = np.empty_like(base.shares)
    for a, seats in enumerate(base.seats.of_nation):
        out[seats] = _swing(base, a, target[a], "mixture", lambdas[a], 0.0, RAKES, moves)
    return out


def _swing(
    base: Base,
    nation: int,
    target: Floats,
    form: str,
    lambdas: Floats,
    threshold: float,
    rakes: int,
    moves: Moves | None = None,
) -> Floats:
    seats = base.seats.nation == nation
    tactical = (moves[0][seats].astype(np.int32), moves[1][seats]) if moves else None
    shares, stands, weight = base.shares[seats], base.stands[seats], base.weight[seats]
    swings = ~fixed_columns()[nation]
    return rules.swing(
        form, shares, stands, weight, target, swings, lambdas, threshold, rakes, tactical=tactical
    )
