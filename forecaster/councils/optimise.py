"""The best slates for a pact: most councillors for its members together, at no member's cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from forecaster.arrays import Bools, Floats, Ints
from forecaster.config.pact import Pact
from forecaster.councils.contest import Contest
from forecaster.councils.data import PARTIES
from forecaster.councils.kernel import WardCounts
from forecaster.councils.run import CouncilTables, tables_of
from forecaster.councils.simulate import Asked, Elections
from forecaster.councils.slates import RULES, Slates, slates_of
from forecaster.errors import ConfigError
from forecaster.vocabulary import one_of

CHOOSING, JUDGING = 100, 101
"""Added to the seed for the draws that choose, and for those that judge."""

OPTIMISED = "optimised"
"""Rule of slates that `optimise_slates` chooses."""

GOALS = ("councillors", "control")

SHORT = 3
"""Seats short of a majority that count as near to it (judgement)."""


@dataclass(frozen=True)
class Option:
    """One way of standing in every ward, and what it brings."""

    candidates: Ints
    """Shape (ward, party)."""
    gain: Floats
    """Mean councillors more than without the pact, shape (ward, party)."""


def optimise_slates(
    pact: Pact, elections: Elections, losses: float = 0.0, goal: str = GOALS[0]
) -> Slates:
    """Return the slates with which the members together win most councillors, or most councils.

    The options in every ward where the pact could hold are no pact, each member alone, and places
    in proportion; an integer linear programme chooses among them. For control, a councillor is
    worth the probability that one more gives the members a majority of the council.

    `losses`: most mean councillors that a member may lose. `goal`: one of `GOALS`.

    Raises ConfigError if nothing better than no pact is found, or losses or goal are invalid.
    """
    if not losses >= 0:  # also of what is no number
        raise ConfigError(f"--losses {losses:g}: expected a number of councillors from 0.")
    for_control = one_of(goal, GOALS, "--for") == "control"
    contest = elections.contest
    usual = slates_of(pact, RULES[0], {}, contest, elections.expected.shares)
    options, counts = _options(usual, pact, elections.others(CHOOSING))
    worth = np.ones(len(contest.seats))
    if for_control:
        worth = _worth_for_control(counts.won[:, 0], usual.members, contest)
    chosen = _solve(options, usual.members, usual.holds, worth, losses)
    candidates = contest.candidates.copy()
    for option, rows in zip(options, chosen.T, strict=True):
        candidates[rows] = option.candidates[rows]
    holds = (candidates != contest.candidates).any(1)
    if not holds.any():
        raise ConfigError(f"{pact.name}: no slates bring its members more than no pact does.")
    return replace(usual, rule=OPTIMISED, candidates=candidates, holds=holds)


def judged_slates(
    pact: Pact, asked: Asked, elections: Elections, losses: float = 0.0, goal: str = GOALS[0]
) -> tuple[Slates, CouncilTables]:
    """Return the best slates, and a run with them by draws other than those that chose them."""
    best = optimise_slates(pact, elections, losses, goal)
    found = elections.others(JUDGING).simulate([best])
    return best, tables_of(found, asked, slates=OPTIMISED, guarantees={})


def chosen_slates(
    pact: Pact, rule: str, guarantees: Mapping[str, int], elections: Elections
) -> Slates:
    """Return the slates of a pact by any rule; see `slates_of`, and `optimise_slates`.

    Raises ConfigError if there is no such rule or file, or as these functions do.
    """
    if guarantees and rule not in RULES:
        raise ConfigError(
            f"--guarantee: --slates {rule} says itself who stands; take {' or '.join(RULES)}."
        )
    if rule == OPTIMISED:
        return optimise_slates(pact, elections)
    if rule not in RULES and not Path(rule).is_file():
        raise ConfigError(
            f"--slates {rule}: expected {', '.join(RULES)}, {OPTIMISED}, or a file of slates."
        )
    return slates_of(pact, rule, guarantees, elections.contest, elections.expected.shares)


def _options(usual: Slates, pact: Pact, elections: Elections) -> tuple[list[Option], WardCounts]:
    """Return each member alone, and places in proportion, with what they bring, and the counts."""
    contest = elections.contest
    ways = [slates_of(pact, "proportional", {}, contest, elections.expected.shares)]
    for p in np.flatnonzero(usual.members):
        rows = usual.holds & (contest.candidates[:, p] > 0)
        candidates = contest.candidates.copy()
        candidates[np.ix_(rows, usual.members)] = 0
        candidates[rows, p] = contest.seats[rows]
        if rows.any():
            ways.append(replace(usual, candidates=candidates, holds=rows))
    counts = elections.simulate(ways).counts
    mean = counts.elected @ np.arange(counts.elected.shape[-1]) / elections.draws
    options = [Option(way.candidates, mean[s] - mean[0]) for s, way in enumerate(ways, start=1)]
    return options, counts


def _worth_for_control(won: Any, members: Bools, contest: Contest) -> Floats:
    """Return the probability that one more councillor gives the members a council, shape (ward,).

    It is the probability of being one short, smoothed over the last `SHORT` seats, but at least
    .01, so that councillors also count in councils out of reach.
    """
    held = won + contest.others
    total = held[..., members].sum(2)
    needed = held[0].sum(1) // 2 + 1
    near = ((total < needed) & (total >= needed - SHORT)).mean(0) / SHORT
    worth = dict(zip(contest.councils, np.maximum(near, 0.01), strict=True))
    return np.array([worth[council] for council in contest.last.council.tolist()])


def _solve(
    options: list[Option], members: Bools, holds: Bools, worth: Floats, losses: float
) -> Bools:
    """Return which option is taken in which ward, shape (ward, option)."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_matrix, identity, kron

    wards, number = len(holds), len(options)
    gain = np.stack([option.gain[:, members] for option in options], 1)
    once = LinearConstraint(kron(identity(wards), np.ones((1, number))), ub=holds.astype(float))
    each = LinearConstraint(csr_matrix(gain.reshape(wards * number, -1).T), lb=-losses)
    solved = milp(
        -(worth[:, None] * gain.sum(2)).ravel(),
        constraints=[once, each],
        integrality=np.ones(wards * number),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 1e-3, "time_limit": 30},
    )
    if solved.x is None:
        raise ConfigError("no slates leave every member as well off; allow losses with --losses.")
    return np.asarray(solved.x.reshape(wards, number) > 0.5)


def slates_rows(slates: Slates, contest: Contest) -> list[dict[str, object]]:
    """Return slates as rows of a list that ``--slates`` reads."""
    return [
        {
            "council": str(contest.last.council[i]),
            "ward": str(contest.last.name[i]),
            "party": PARTIES[p],
            "candidates": int(slates.candidates[i, p]),
        }
        for i in np.flatnonzero(slates.holds)
        for p in np.flatnonzero(slates.members & (contest.candidates[i] > 0))
    ]
