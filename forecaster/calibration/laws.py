"""Small estimators: a random-effects mean, growth with the share, heavy tails, the jackknife."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import gammaln

from forecaster.arrays import Floats, Ints

T = TypeVar("T")

MOST_DOF = 40.0
"""With more degrees of freedom, Student's t is practically normal."""

SCALE_ROUNDS = 25
"""Rounds of the fixed-point iteration for the scale of a t distribution."""


def random_mean(values: Floats, errors: Floats) -> tuple[float, float, float]:
    """Return mean and SD of the true values behind some estimates, and the mean's standard error.

    The effects are random: the SD is such that the estimates lie as far from their mean as it and
    their errors together predict (Paule and Mandel, Journal of Research of the National Bureau of
    Standards 87, 1982, p. 377).

    `values` and `errors`, shape (n,): estimates and their standard errors.
    """

    def excess(variance: float) -> float:
        weight = 1 / (errors**2 + variance)
        mean = weight @ values / weight.sum()
        return float(weight @ (values - mean) ** 2 - (len(values) - 1))

    highest = 10 * float(values.var()) + 1e-9
    differ = len(values) > 1 and excess(0) > 0
    variance = float(brentq(excess, 0, highest)) if differ else 0.0
    weight = 1 / (errors**2 + variance)
    return float(weight @ values / weight.sum()), variance**0.5, float(weight.sum() ** -0.5)


def growth(own: list[Floats], shares: list[Floats]) -> float:
    """Return the exponent in `growth_with_share` that fits some errors.

    It is the slope of ``log |error|`` on ``log (share (1 - share))`` within elections; the
    logarithm keeps heavy tails from dominating it.

    `own` and `shares`: errors and expected shares of the same seats, one array per election.
    """
    logs = [np.log(share * (1 - share)) for share in shares]
    x = np.concatenate([one - one.mean() for one in logs])
    sizes = [np.log(np.maximum(np.abs(e), 1e-3)) for e in own]
    y = np.concatenate([size - size.mean() for size in sizes])
    return float(x @ y / (x @ x))


def tail_dof(squares: list[Floats], count: list[Ints]) -> float:
    """Return the degrees of freedom of a multivariate t, with a scale for each election, by ML.

    `squares`: squared length of each seat's whitened error, one array per election. `count`: number
    of errors in each seat.
    """

    def scale(dof: float, q: Floats, k: Ints) -> float:
        # Lange, Little and Taylor, Journal of the American Statistical Association 84, 1989, p. 881
        out = 1.0
        for _ in range(SCALE_ROUNDS):
            out = float(((dof + k) / (dof + q / out) * q).sum() / k.sum())
        return out

    def deviance(log_dof: float) -> float:
        dof, total = float(np.exp(log_dof)), 0.0
        for q, k in zip(squares, count, strict=True):
            c = scale(dof, q, k)
            density = gammaln((dof + k) / 2) - gammaln(dof / 2) - k / 2 * np.log(dof * c)
            total += float((density - (dof + k) / 2 * np.log1p(q / (dof * c))).sum())
        return -total

    found = minimize_scalar(
        deviance, bounds=(np.log(1.2), np.log(MOST_DOF)), method="bounded", options={"xatol": 1e-3}
    )
    return float(np.exp(found.x))


def without_each(items: Sequence[T]) -> list[list[T]]:
    """Return the items without each of them in turn."""
    return [[*items[:k], *items[k + 1 :]] for k in range(len(items))]


def jackknife(without: Floats) -> float:
    """Return the standard error of an estimate from its values without each election in turn."""
    n = len(without)
    return float(np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum()))
