"""The choice of flag bearers as a mixed-integer linear programme.

``x[k, i]`` is 1 if member k is the flag bearer in seat i; a seat has one of them or none. What the
pact is worth, and what is promised to members, are sums over the seats, so they are linear in x.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecaster.arrays import Bools, Floats, Ints
from forecaster.errors import ConfigError
from forecaster.experiments.choosing.alternatives import NOBODY

TIME_LIMIT = 30.0
"""Seconds for one programme; where it is reached, the gap says how far the solution may be off."""

SMALLEST_GAIN = 1e-6
"""Of two choices that are worth the same, the one with fewer seats in the pact is taken: each
seat costs this much [expected seats]."""


@dataclass(frozen=True)
class Promise:
    """A bound on a sum over the seats, under a name that a person knows.

    Attributes
    ----------
    name : str
        Such as ``"Green: at least 20 expected seats"``.
    weights : ndarray, shape (member, seat)
        What a member's being flag bearer adds to the sum.
    low, high : float
        Bounds of the sum.
    without : float
        What the sum is where nobody stands aside.
    """

    name: str
    weights: Floats
    low: float = -np.inf
    high: float = np.inf
    without: float = 0.0

    def total(self, choice: Ints) -> float:
        """Return the sum under a choice of option for every seat."""
        inside = choice != NOBODY
        rows = np.maximum(choice - 1, 0)
        return self.without + float(self.weights[rows, np.arange(len(choice))][inside].sum())


@dataclass(frozen=True)
class Solution:
    """A choice, and how good it is known to be.

    Attributes
    ----------
    choice : ndarray of int, shape (seat,)
        Option: 0 for nobody, k for member k - 1.
    gap : float
        Part by which the best solution may be better than this one.
    """

    choice: Ints
    gap: float


def solve(values: Floats, allowed: Bools, promises: Sequence[Promise]) -> Solution | None:
    """Choose the options with the largest sum of values that keeps all promises.

    Parameters
    ----------
    values : ndarray, shape (member, seat)
        Worth of the member being flag bearer, against nobody standing aside.
    allowed : ndarray of bool, shape (member, seat)
        Who can be flag bearer.
    promises : sequence of Promise

    Returns
    -------
    Solution or None
        None if the promises cannot all be kept.

    Raises
    ------
    ConfigError
        If no solution is found within `TIME_LIMIT`.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array, eye_array, hstack

    members, seats = values.shape
    one_each = hstack([eye_array(seats)] * members)
    constraints = [LinearConstraint(csr_array(one_each), -np.inf, 1)]
    if promises:
        rows = np.array([promise.weights.ravel() for promise in promises])
        low, high = ([getattr(p, end) - p.without for p in promises] for end in ("low", "high"))
        constraints.append(LinearConstraint(csr_array(rows), low, high))
    found = milp(
        SMALLEST_GAIN - values.ravel(),
        integrality=np.ones(values.size),
        bounds=Bounds(0, allowed.ravel().astype(float)),
        constraints=constraints,
        options={"time_limit": TIME_LIMIT, "mip_rel_gap": 1e-6},
    )
    if found.x is None:
        if found.status == 2:
            return None
        raise ConfigError(
            f"choose: no choice found within {TIME_LIMIT:g} s ({found.message}). Take fewer terms, "
            "or a smaller scope."
        )
    taken = np.reshape(found.x, values.shape) > 0.5
    choice = np.where(taken.any(axis=0), taken.argmax(axis=0) + 1, NOBODY)
    return Solution(choice, float(found.mip_gap or 0.0))


def smallest_conflict(allowed: Bools, promises: Sequence[Promise]) -> list[Promise]:
    """Return promises that cannot all be kept, though they can if any one of them is dropped.

    A deletion filter (Chinneck 2008, Feasibility and Infeasibility in Optimization, section 6.2):
    there may be other such sets, even smaller ones.
    """
    nothing = np.zeros(allowed.shape)
    kept = list(promises)
    for promise in promises:
        others = [other for other in kept if other is not promise]
        if solve(nothing, allowed, others) is None:
            kept = others
    return kept


def explain_conflict(allowed: Bools, promises: Sequence[Promise]) -> str:
    """Say which promises contradict each other, and what each could be with the others kept."""
    conflict = smallest_conflict(allowed, promises)
    lines = []
    for promise in conflict:
        others = [other for other in conflict if other is not promise]
        sign = 1.0 if np.isfinite(promise.low) else -1.0
        best = solve(sign * promise.weights, allowed, others)
        assert best is not None
        extreme = "most" if sign > 0 else "least"
        lines.append(
            f"  {promise.name} (the {extreme} possible is {promise.total(best.choice):.4g})"
        )
    alone = "cannot be kept" if len(conflict) == 1 else "cannot all be kept; drop or ease one"
    return f"what is promised {alone}:\n" + "\n".join(lines)
