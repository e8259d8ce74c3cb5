"""The choice of flag bearers as a mixed-integer linear programme under a pact's promises.

``x[k, i]`` is 1 if member k is the flag bearer in seat i; a seat has at most one. The worth of the
pact and the promises to its members are sums over the seats, so they are linear in x.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from forecaster.arrays import Bools, Floats, Ints
from forecaster.config.pact import Term
from forecaster.errors import ConfigError
from forecaster.experiments.choosing.alternatives import NOBODY, OptionDraws, Question
from forecaster.vocabulary import PARTIES, REGIONS

TIME_LIMIT = 30.0
"""Most seconds for one programme; after that, the gap says how much better the optimum may be."""

SMALLEST_GAIN = 1e-6
"""Cost of a seat in the pact [expected seats], which makes the smallest of equal choices best."""

KEEP = "incumbents_keep: another flag bearer in 0 seats that a member holds"
WINNABLE = 0.5
"""Smallest chance at which a seat is winnable for a flag bearer."""


@dataclass(frozen=True)
class Promise:
    """A bound on a sum over the seats of the scope."""

    name: str
    """Such as ``"Green: at least 20 expected seats"``."""
    weights: Floats
    """What a flag bearer adds to the sum, shape (member, scope seat)."""
    low: float = -np.inf
    """Bounds of the sum."""
    high: float = np.inf
    without: float = 0.0
    """The sum if nobody stands aside anywhere."""

    def total(self, choice: Ints) -> float:
        """Return the sum under a choice."""
        inside = np.flatnonzero(choice != NOBODY)
        return self.without + float(self.weights[choice[inside] - 1, inside].sum())


@dataclass(frozen=True)
class Solution:
    """A solution of the programme."""

    choice: Ints
    """Shape (scope seat,)."""
    gap: float
    """Relative gap: by how much the optimum may be better."""


def solve(
    values: Floats, allowed: Bools, promises: Sequence[Promise], cost: float = SMALLEST_GAIN
) -> Solution | None:
    """Return the choice with the largest sum of values; None if not all promises can be kept.

    `values`, shape (member, scope seat): worth of each flag bearer relative to nobody standing
    aside. `allowed`, shape (member, scope seat): which members can be flag bearer. `cost`: what a
    seat in the pact costs, in the unit of the values.

    Raises ConfigError if no solution is found within `TIME_LIMIT`.
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
        cost - values.ravel(),
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
    """Return promises that cannot all be kept, but can if any one of them is dropped.

    They are found by a deletion filter (Chinneck 2008, Feasibility and Infeasibility in
    Optimization, section 6.2); there may be other such sets, even smaller ones.
    """
    kept = list(promises)
    for promise in promises:
        others = [other for other in kept if other is not promise]
        if not can_be_kept(allowed, others):
            kept = others
    return kept


def can_be_kept(allowed: Bools, promises: Sequence[Promise]) -> bool:
    """Return whether some choice keeps all promises."""
    return solve(np.zeros(allowed.shape), allowed, promises) is not None


def explain_conflict(allowed: Bools, promises: Sequence[Promise]) -> str:
    """Explain which promises contradict each other, and what is possible for each of them."""
    conflict = smallest_conflict(allowed, promises)
    lines = []
    for promise in conflict:
        others = [other for other in conflict if other is not promise]
        sign = 1.0 if np.isfinite(promise.low) else -1.0
        # Without a cost: numbers of seats are whole then, and the solver stops at the next one.
        best = solve(sign * promise.weights, allowed, others, cost=0.0)
        assert best is not None
        extreme = "most" if sign > 0 else "least"
        lines.append(
            f"  {promise.name} (the {extreme} possible is {promise.total(best.choice):.4g})"
        )
    alone = "cannot be kept" if len(conflict) == 1 else "cannot all be kept; drop or ease one"
    return f"what is promised {alone}:\n" + "\n".join(lines)


def promises_of(question: Question, draws: OptionDraws) -> list[Promise]:
    """Return all promises of a pact file, with the chances that some draws give."""
    choose = question.pact.choose
    promises = []
    if question.pact.flag_bearer.incumbents_keep:
        others = (question.holds.any(axis=0) & ~question.holds).astype(float)
        promises.append(Promise(KEEP, others, high=0))
    if choose.most_seats is not None:
        promises.append(at_most_seats(question, choose.most_seats))
    for term in choose.terms:
        for party in (term.party,) if term.party else question.members:
            promises += _promised(question, draws.chances, term, party)
    return promises


def at_most_seats(question: Question, seats: int) -> Promise:
    """Return the promise that the pact holds in at most so many seats."""
    return Promise(
        f"most_seats: the pact in at most {seats} seats", np.ones(question.stands.shape), high=seats
    )


def _promised(question: Question, chances: Floats, term: Term, party: str) -> Iterator[Promise]:
    """Yield the promises of a term to a party."""
    here, where = np.ones(chances.shape[1], bool), ""
    if term.region is not None:
        here = question.plan.base.seats.region == REGIONS.index(term.region)
        where = f" in {term.region}"
    region = here[question.scope]
    of_party = chances[:, :, PARTIES.index(party)]
    with_each = of_party[1:, question.scope]
    gains = (with_each - of_party[NOBODY, question.scope]) * region
    own = np.array([[member == party] for member in question.members])
    if term.most_asides is not None:
        stands = question.stands[own[:, 0]].any(axis=0) & region
        name = f"stands aside in at most {term.most_asides} seats"
        others = (~own & stands).astype(float)
        yield Promise(f"{party}: {name}{where}", others, high=term.most_asides)
    if term.expected_seats is not None:
        name = f"at least {term.expected_seats:g} expected seats"
        without = float(of_party[NOBODY, here].sum())
        yield Promise(f"{party}: {name}{where}", gains, term.expected_seats, without=without)
    if term.winnable_seats is not None:
        name = f"flag bearer in at least {term.winnable_seats} winnable seats"
        winnable = (own & region & (with_each >= WINNABLE)).astype(float)
        yield Promise(f"{party}: {name}{where}", winnable, term.winnable_seats)
    if term.most_lost is not None:
        name = f"loses at most {term.most_lost:g} expected seats by it"
        yield Promise(f"{party}: {name}{where}", gains, -term.most_lost)
