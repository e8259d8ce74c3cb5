"""The swing rules by name, and a single swing without any error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecaster.arrays import Floats
from forecaster.config.parameters import SwingParameters, TruncatedNormal
from forecaster.kernels import rules
from forecaster.swing.base import Base, fixed_columns
from forecaster.vocabulary import NATIONS


@dataclass(frozen=True)
class Rule:
    """A swing rule as the kernels know it.

    Attributes
    ----------
    form : {"mixture", "logit", "strong-transition"}
    falling, rising : TruncatedNormal
        Law of the mixture's lambda for parties that lose and that gain.
    """

    form: str
    falling: TruncatedNormal
    rising: TruncatedNormal

    def towards(self, uniform: float, weight: float) -> Rule:
        """Return the rule with its lambdas drawn to one value, which is all of them at weight 1.

        Rules without a lambda stay as they are.
        """
        laws = (_towards(law, uniform, weight) for law in (self.falling, self.rising))
        return Rule(self.form, *laws)


def _towards(law: TruncatedNormal, value: float, weight: float) -> TruncatedNormal:
    def between(own: float) -> float:
        return (1 - weight) * own + weight * value

    return TruncatedNormal(
        mean=between(law.mean),
        sd=(1 - weight) * law.sd,
        low=between(law.low),
        high=between(law.high),
    )


def rule_named(name: str, parameters: SwingParameters) -> Rule:
    """Return the rule of a config: uniform and proportional are mixtures with a fixed lambda."""
    if name == "asymmetric":
        return Rule("mixture", parameters.lambda_falling.value, parameters.lambda_rising.value)
    constant = TruncatedNormal(mean=float(name == "uniform"), sd=0, low=0, high=1)
    form = "mixture" if name in ("uniform", "proportional") else name
    return Rule(form, constant, constant)


def swing_seats(
    base: Base, target: Floats, rule: Rule, parameters: SwingParameters, rakes: int = 30
) -> Floats:
    """Swing the seats to national shares, without any error.

    Parameters
    ----------
    base : Base
    target : ndarray, shape (nation, column)
        National shares [fraction].
    rule : Rule
        Its lambdas enter by their means.
    parameters : SwingParameters
    rakes : int
        Rounds of raking; a point forecast can afford more than a simulation.

    Returns
    -------
    ndarray, shape (seat, column)
        Seat shares; weighted by `base.weight` they come out at `target` in every nation.
    """
    out = np.empty_like(base.shares)
    for nation in range(len(NATIONS)):
        seats = base.seats.nation == nation
        out[seats] = swing_nation(base, nation, target[nation], rule, parameters, rakes)
    return out


def swing_nation(
    base: Base,
    nation: int,
    target: Floats,
    rule: Rule,
    parameters: SwingParameters,
    rakes: int = 30,
) -> Floats:
    """Swing the seats of one nation to its shares `target`, as `swing_seats` does those of all.

    Returns
    -------
    ndarray, shape (seat of the nation, column)
    """
    seats = base.seats.nation == nation
    weight, shares = base.weight[seats], base.shares[seats]
    rises = target >= weight @ shares
    return rules.swing(
        rule.form,
        shares,
        base.stands[seats],
        weight,
        target,
        ~fixed_columns()[nation],
        np.where(rises, rule.rising.mean, rule.falling.mean),
        parameters.weak_threshold.value,
        rakes,
    )
