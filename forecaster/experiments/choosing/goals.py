"""Goals of a pact, and the search for the choice that serves a goal best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecaster.arrays import Floats, Ints
from forecaster.config.pact import Pact
from forecaster.errors import ConfigError
from forecaster.experiments.choosing.alternatives import NOBODY, OptionDraws, Question, Winners
from forecaster.experiments.choosing.programme import (
    Promise,
    Solution,
    at_most_seats,
    explain_conflict,
    solve,
)
from forecaster.vocabulary import MAJORITY, places

WIDTHS = (1.0, 1.0, 0.5, 0.5, 0.25, 0.25)
"""Width, in each round of the search, of the weights of elections near to a majority [standard
deviations of the side's seats]. Narrower ones would overfit to few elections."""

PIECE = 2048
"""Draws that are weighted at once, to bound the memory."""


@dataclass(frozen=True)
class Goal:
    """The goal of a pact."""

    side: tuple[str, ...]
    """The parties whose seats count, together."""
    sign: int
    """1 if more seats are better, -1 if fewer are."""
    majority: bool
    """Whether the probability of `majority_at` seats counts rather than the expected number."""
    majority_at: int = MAJORITY
    """Seats that make a majority."""

    @property
    def words(self) -> str:
        """What is wanted, in words that go on from "best for".

        >>> Goal(("Lab", "LD"), 1, False).words, Goal(("Reform",), -1, True).words
        ('most seats of Lab + LD', 'no majority of Reform')
        """
        much, little = ("a majority", "no majority") if self.majority else ("most", "fewest")
        seats = "" if self.majority else " seats"
        return f"{much if self.sign > 0 else little}{seats} of {' + '.join(self.side)}"

    def hits(self, winners: Winners) -> Any:
        """Return where a party of the side wins; any shape."""
        return np.isin(winners, places(self.side))

    def outcome(self, winners: Winners) -> Any:
        """Return the side's seats in each draw, or whether they are a majority."""
        seats = self.hits(winners).sum(axis=1)
        return seats >= self.majority_at if self.majority else seats

    def points(self, winners: Winners) -> Any:
        """Return the outcome in each draw in the unit of the tables; see `in_points`."""
        return self.in_points(self.outcome(winners))

    def in_points(self, outcome: Any) -> Any:
        """Return seats as floats, or a majority as 100 (per cent) and none as 0."""
        return 100.0 * outcome if self.majority else outcome.astype(float)

    def worth(self, winners: Winners) -> float:
        """Return the mean outcome times the sign of the goal: larger is better."""
        return self.sign * float(self.outcome(winners).mean())

    def values(self, chances: Floats, scope: Ints) -> Floats:
        """Return what each flag bearer adds to the expected seats, times the sign of the goal.

        It has shape (member, scope seat). `chances` has shape (option, seat, party).
        """
        won = chances[:, scope][:, :, places(self.side)].sum(axis=2)
        return np.asarray(self.sign * (won[1:] - won[NOBODY]))


def goal_of(pact: Pact) -> Goal:
    """Return the goal that a pact file states."""
    choose = pact.choose
    opponent = choose.goal.startswith("opponent")
    side = (choose.against or pact.opponents) if opponent else pact.members
    return Goal(side, -1 if opponent else 1, choose.goal.endswith("majority"))


def best_choice(
    question: Question, draws: OptionDraws, goal: Goal, promises: Sequence[Promise]
) -> Solution:
    """Return the choice that serves the goal best on some draws and keeps all promises.

    For expected seats it is the optimum, up to the solver's gap. The probability of a majority is
    not a sum over seats, so it is searched for, starting from the optimum for expected seats. Each
    round weights every election by how near it is to a majority (by the density of a logistic
    distribution, narrower in later rounds) and solves the programme with these weights. The best
    choice of all rounds is returned; it need not be the optimum.

    Raises ConfigError if the promises contradict each other: the message names a smallest set that
    does.
    """
    start = solve(goal.values(draws.chances, question.scope), question.stands, promises)
    if start is None:
        raise ConfigError(
            f"{question.pact.name}: choose: {explain_conflict(question.stands, promises)}"
        )
    if not goal.majority:
        return start
    hits = goal.hits(draws.winners[:, :, question.scope]).astype(np.int8)
    elsewhere = goal.hits(np.delete(draws.winners[:, NOBODY], question.scope, axis=1)).sum(axis=1)
    best, best_worth, now = start, -np.inf, start
    for width in WIDTHS:
        seats = elsewhere + hits[:, now.choice, np.arange(len(question.scope))].sum(axis=1)
        worth = goal.sign * float((seats >= goal.majority_at).mean())
        if worth > best_worth:
            best, best_worth = now, worth
        weights = _near(seats - goal.majority_at + 0.5, width * max(float(seats.std()), 1.0))
        found = solve(goal.sign * _weighted_gains(hits, weights), question.stands, promises)
        assert found is not None
        now = found
    return best


def fewest_seats(
    question: Question, draws: OptionDraws, goal: Goal, promises: Sequence[Promise], reach: float
) -> Solution:
    """Return the choice in the fewest seats that reaches a probability, by bisection.

    Raises ConfigError if no choice reaches it.
    """

    def at_most(seats: int) -> tuple[Solution, float]:
        limited = [*promises, at_most_seats(question, seats)]
        found = best_choice(question, draws, goal, limited)
        return found, goal.worth(draws.compose(question.whole(found.choice)))

    low, high = -1, len(question.scope)
    best, worth = at_most(high)
    wanted = goal.sign * reach
    if worth < wanted:
        raise ConfigError(
            f"{question.pact.name}: choose.reach: {100 * reach:g} % is out of reach; the pact that "
            f"serves the goal best has {100 * abs(worth):.1f} %."
        )
    while high - low > 1:
        middle = (low + high) // 2
        try:
            found, worth = at_most(middle)
        except ConfigError:  # the promises cannot be kept in so few seats
            low = middle
            continue
        if worth >= wanted:
            best, high = found, middle
        else:
            low = middle
    return best


def _near(distance: Floats, width: float) -> Floats:
    """Return weights of draws that sum to one and are largest near a majority."""
    decay = np.exp(-np.abs(distance) / width)
    weights = decay / (1 + decay) ** 2
    return np.asarray(weights / weights.sum())


def _weighted_gains(hits: Any, weights: Floats) -> Floats:
    """Return the weighted mean gain by each flag bearer, shape (member, scope seat)."""
    total = np.zeros(hits.shape[1:])
    for at in range(0, len(hits), PIECE):
        piece = slice(at, at + PIECE)
        total += np.tensordot(weights[piece].astype(np.float32), hits[piece].astype(np.float32), 1)
    return np.asarray(total[1:] - total[NOBODY])
