"""The effect of the best pact of each size, that is, of the number of seats it is made in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from forecaster.answers.summary import MAJORITY_NOTE, precision_note
from forecaster.arrays import Floats, Ints
from forecaster.columns import table_of
from forecaster.config.config import Config
from forecaster.config.load import PactLike
from forecaster.experiments.choosing.alternatives import (
    NOBODY,
    OptionDraws,
    Question,
    Winners,
    ask,
    count_options,
    read_question,
)
from forecaster.experiments.choosing.goals import Goal, best_choice, goal_of
from forecaster.experiments.choosing.optimise import judging_seed
from forecaster.experiments.choosing.programme import (
    Promise,
    at_most_seats,
    can_be_kept,
    promises_of,
)
from forecaster.results.build import party_of
from forecaster.results.precision import average, chance, holder
from forecaster.simulation.workers import Execution
from forecaster.table import Table
from forecaster.vocabulary import places

SIZES = (5, 10, 20, 40, 80, 160, 320)

OF_A_CHOICE = ("seats", "withdrawn", "simulated", "simulated_mcse", "changes", "changes_mcse")
"""Cells that are blank if the promises need more seats than the row has."""


@dataclass(frozen=True)
class Frontier:
    """The choice for every size of a pact, and the draws on which it is judged."""

    question: Question
    goal: Goal
    judged: OptionDraws
    sizes: tuple[int, ...]
    """Most seats in which the pact may be made."""
    choices: tuple[Ints | None, ...]
    """Choice by size; None if the promises need more seats."""


def build_frontier(
    config: str | Path | Config,
    pact: PactLike,
    sizes: Sequence[int] = SIZES,
    **how: Unpack[Execution],
) -> Frontier:
    """Choose the best pact of every size, on the draws of the run's seed.

    The file's ``most_seats`` and ``reach`` are ignored; promises to members are kept. Twice the
    run's draws are simulated.

    `config`: its own scenarios are ignored. `sizes`: numbers of seats; the whole scope is added,
    and replaces those that are larger.
    """
    config, pact = read_question(config, pact)
    free = pact.choose.model_copy(update={"most_seats": None, "reach": None})
    question = ask(config, pact.model_copy(update={"choose": free}))
    goal = goal_of(pact)
    draws = count_options(question, config.seed, **how)
    promises = promises_of(question, draws)
    whole = len(question.scope)
    wanted = tuple(sorted({min(size, whole) for size in (*sizes, whole)}))
    choices = tuple(_best(question, draws, goal, promises, size) for size in wanted)
    judged = count_options(question, judging_seed(config.seed), **how)
    return Frontier(question, goal, judged, wanted, choices)


def _best(
    question: Question, draws: OptionDraws, goal: Goal, promises: list[Promise], size: int
) -> Ints | None:
    limited = [*promises, at_most_seats(question, size)]
    # If all seats are allowed, a conflict is one between the user's own promises: an error.
    if size < len(question.scope) and not can_be_kept(question.stands, limited):
        return None
    return best_choice(question, draws, goal, limited).choice


def on_last_result(question: Question) -> tuple[Ints, Ints]:
    """Return the seats of the scope in the order of the last result, and the option of each.

    The flag bearer is the member with most votes. Seats are ordered by how close it and the
    strongest opponent were, whichever of them was ahead.
    """
    columns = party_of(question.plan)[question.scope]
    last = question.plan.base.last[question.scope]

    def shares(parties: Sequence[str]) -> Floats:
        own = (np.where(columns == code, last, 0.0) for code in places(parties))
        return np.array([values.sum(axis=1) for values in own])

    members = np.where(question.stands, shares(question.members), -1.0)
    gap = members.max(axis=0) - shares(question.pact.opponents).max(axis=0)
    return np.argsort(np.abs(gap), kind="stable"), members.argmax(axis=0) + 1


def with_hindsight(frontier: Frontier, size: int) -> Any:
    """Return the outcome in every draw if the seats had been chosen knowing the result.

    No pact in `size` seats can do better: it changes at most `size` seats, and improves only those
    in which some option serves the goal.
    """
    goal, scope = frontier.goal, frontier.question.scope
    hits = goal.hits(frontier.judged.winners).astype(np.int8)
    without = hits[:, NOBODY]
    best = (goal.sign * hits[:, 1:, scope]).max(axis=1) > goal.sign * without[:, scope]
    seats = without.sum(axis=1) + goal.sign * np.minimum(best.sum(axis=1), size)
    return seats >= goal.majority_at if goal.majority else seats


def frontier_table(frontier: Frontier) -> Table:
    """Return a row per size: the effect of the best pact, and of others of that size."""
    goal, question = frontier.goal, frontier.question
    ranked, placed = on_last_result(question)
    nothing = frontier.judged.winners[:, NOBODY]
    held, without = _holder(question, nothing), goal.points(nothing)
    cluster = question.plan.config.cluster

    def gain(key: str, outcome: Any) -> dict[str, float]:
        return average(key, goal.sign * (goal.in_points(outcome) - without), cluster)

    rows = []
    for size, choice in zip(frontier.sizes, frontier.choices, strict=True):
        last = np.full(len(question.scope), NOBODY)
        last[ranked[:size]] = placed[ranked[:size]]
        row: dict[str, Any] = {"size": size, **dict.fromkeys(OF_A_CHOICE)}
        if choice is not None:
            after = frontier.judged.compose(question.whole(choice))
            row["seats"] = int((choice != NOBODY).sum())
            row["withdrawn"] = int(question.withdrawn(choice).sum())
            row |= gain("simulated", goal.outcome(after))
            row |= chance("changes", _holder(question, after) != held, cluster)
        row |= gain("last", goal.outcome(frontier.judged.compose(question.whole(last))))
        row |= gain("hindsight", with_hindsight(frontier, size))
        rows.append(row)
    side = "+".join(goal.side)
    what = f"points of the chance of a majority for {side}" if goal.majority else f"seats of {side}"
    return table_of(
        f"What a pact does by its size: {'more' if goal.sign > 0 else 'fewer'} {what}",
        "size | seats=In seats | withdrawn | simulated+ | "
        "last:difference~=by the last result | hindsight | changes",
        rows,
        "At most so many seats in which anybody stands aside. Chosen by simulation: the best "
        "pact on other simulated elections than those it is judged on here, so only what is "
        "known before the election is used. By the last result: the seats in which the best "
        "placed member and the strongest opponent were closest, whoever was ahead, which is "
        "what a list made from it knows; promises are left aside.",
        "With hindsight: the seats chosen anew in every election, its result known. Nobody can "
        "do that; the distance to it is what uncertainty costs. Promises are left aside.",
        f"{MAJORITY_NOTE} Which side has it: members together, opponents together, or nobody; "
        "under the pact chosen by simulation. – where what is promised needs more seats.",
        precision_note(len(without)),
    )


def _holder(question: Question, winners: Winners) -> Any:
    """Return which side has a majority in every draw: 0 members, 1 opponents, -1 neither."""
    sides = (question.pact.members, question.pact.opponents)
    return holder(np.stack([Goal(side, 1, False).outcome(winners) for side in sides], axis=1))
