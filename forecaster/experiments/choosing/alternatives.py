"""Count every option of every seat on the same draws.

What a pact does in one seat has no effect in another. So the elections are counted once for each
member, as if it were flag bearer in every seat of the scope. The winners under any allocation of
flag bearers are composed from these counts, and are the same as if it had been simulated.

Terms of this package: *option* 0 of a seat is that nobody stands aside, and option k that member
k - 1 is the flag bearer. A *choice* is an option for every seat of the scope. The axis *member* has
the members that stand somewhere in the scope.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt

from forecaster.arrays import Bools, Floats, Ints
from forecaster.config.config import Config
from forecaster.config.load import PactLike, build_config
from forecaster.config.pact import Choice, FlagBearer, Pact, Scenario, Where
from forecaster.errors import ConfigError
from forecaster.plan.build import Plan, build_plan
from forecaster.plan.pacts import PactSeats
from forecaster.plan.scenarios import build_scenarios
from forecaster.results.build import party_of
from forecaster.simulation.simulate import simulate
from forecaster.simulation.workers import Execution
from forecaster.swing.base import Base, party_columns
from forecaster.vocabulary import PARTIES, places

NOBODY = 0
"""The option that nobody stands aside."""

OWN = "the file's rule"

Winners = npt.NDArray[np.int8]
"""Winners as indices of `vocabulary.PARTIES`."""


@dataclass(frozen=True)
class Question:
    """Where flag bearers are to be chosen, and from whom."""

    plan: Plan
    pact: Pact
    scope: Ints
    """Seats in which the pact may hold, shape (scope seat,)."""
    members: tuple[str, ...]
    stands: Bools
    """Shape (member, scope seat)."""
    holds: Bools
    """Whether the member holds the seat, shape (member, scope seat)."""
    rules: dict[str, Pact]
    """Pacts by simple rules, to compare with; their flag bearers are listed seat by seat."""

    def whole(self, choice: Ints) -> Ints:
        """Return the option of every seat of the House."""
        out = np.full(len(self.plan.expected), NOBODY)
        out[self.scope] = choice
        return out

    def allocation(self, choice: Ints) -> Pact:
        """Return the pact with the flag bearers of a choice."""
        ballot, names = party_of(self.plan), places(self.members)
        flag = np.full(len(self.plan.expected), -1)
        for i, k in zip(self.scope.tolist(), choice.tolist(), strict=True):
            if k != NOBODY:
                flag[i] = ballot[i].tolist().index(names[k - 1])
        return listed(self.pact, self.plan.base, flag, None)

    def withdrawn(self, choice: Ints) -> Bools:
        """Return which members stand aside under a choice, shape (member, scope seat)."""
        flag = np.arange(1, len(self.members) + 1)[:, None] == choice
        return np.asarray(self.stands & ~flag & (choice != NOBODY))


@dataclass(frozen=True)
class OptionDraws:
    """The winner of every seat of the House in every draw."""

    winners: Winners
    """Winners by option, shape (draw, option, seat)."""
    ruled: dict[str, Winners]
    """Winners under each pact of `Question.rules`, shape (draw, seat)."""

    def compose(self, whole: Ints) -> Winners:
        """Return the winners under a choice, given as `Question.whole`, shape (draw, seat)."""
        return np.asarray(self.winners[:, whole, np.arange(len(whole))])

    @cached_property
    def chances(self) -> Floats:
        """Win probability of every party, shape (option, seat, party)."""
        parts = [(self.winners == p).mean(axis=0) for p in range(len(PARTIES))]
        return np.stack(parts, axis=-1)


def read_question(
    config: str | Path | Config,
    pact: PactLike,
    *,
    options: Mapping[str, Any] | None = None,
    draws: int | None = None,
    seed: int | None = None,
) -> tuple[Config, Pact]:
    """Return a config without scenarios, and the pact whose flag bearers are to be chosen.

    `config`, `options`, `draws` and `seed`: as in `forecaster.config.load.build_config`.
    `pact`: a bundled name, a file, or the pact itself.

    Raises ConfigError if the config or the pact is wrong, or `pact` names several.
    """
    alone = {**(options or {}), "scenarios": []}
    read = build_config(config, pacts=[pact], options=alone, draws=draws, seed=seed)
    pacts = read.scenarios[0].pacts
    if len(pacts) > 1:
        raise ConfigError(f"--pact {pact}: one pact is chosen at a time; name one file.")
    return read.model_copy(update={"scenarios": ()}), pacts[0]


def ask(config: Config, pact: Pact) -> Question:
    """Return where a pact may hold, who could be flag bearer, and what simple rules would choose.

    Raises ConfigError if the pact holds nowhere, or is wrong in another way.
    """
    plan = build_plan(config.model_copy(update={"scenarios": ()}))
    base = plan.base
    by_rule = {OWN: pact.flag_bearer, **_known_rules(pact)}
    scenarios = tuple(
        Scenario(name=name, pacts=(pact.model_copy(update={"flag_bearer": rule}),))
        for name, rule in by_rule.items()
    )
    resolved = build_scenarios(_with(plan, scenarios, plan.config.seed)).pacts
    inside = resolved[0].flag >= 0
    scope = np.flatnonzero(inside)
    nation = base.seats.nation[scope]
    columns = np.array([party_columns([party])[nation] for party in pact.members])
    stands = np.any(columns & base.stands[scope], axis=2)
    holder = party_of(plan)[scope, base.holder[scope]]
    here: Bools = np.any(stands, axis=1)
    members = tuple(party for party, some in zip(pact.members, here, strict=True) if some)
    holds = np.array([holder == code for code in places(members)]) & stands[here]
    rules = {
        name: listed(pact, base, np.where(inside, seats.flag, -1), seats)
        for name, seats in zip(by_rule, resolved, strict=True)
    }
    same = next((name for name in rules if name != OWN and rules[name] == rules[OWN]), None)
    if same is not None:
        del rules[OWN]
        rules = {f"{name}, {OWN}" if name == same else name: p for name, p in rules.items()}
    return Question(plan, pact, scope, members, stands[here], holds, rules)


def _known_rules(pact: Pact) -> dict[str, FlagBearer]:
    """Return simple rules that have been proposed in public."""
    rules = {"best placed last time": FlagBearer(rule="best-placed")}
    if "Green" in pact.members:
        # The pact that Electoral Calculus counted for the Constitution Society (2022).
        rules["1 in 16 to the Greens"] = FlagBearer(rule="one-in-n", party="Green", n=16)
    return rules


def listed(pact: Pact, base: Base, flag: Ints, seats: PactSeats | None) -> Pact:
    """Return a pact with its flag bearers written down seat by seat.

    `flag`, shape (seat,): column of the flag bearer; -1 where the pact does not hold. `seats`:
    supplies who stands aside; None for every other member.
    """
    choices = []
    for i in np.flatnonzero(flag >= 0).tolist():
        ballot = base.seats.ballot(i)
        aside = None
        if seats is not None:
            others = seats.members[i].copy()
            others[flag[i]] = False
            if (others != seats.donors[i]).any():
                aside = tuple(p for p, moves in zip(ballot, seats.donors[i], strict=True) if moves)
        choices.append(Choice(seat=str(base.seats.code[i]), party=ballot[flag[i]], aside=aside))
    bearer = FlagBearer(rule="file", file=tuple(choices))
    return pact.model_copy(update={"where": Where(), "flag_bearer": bearer})


def count_options(question: Question, seed: int, **how: Unpack[Execution]) -> OptionDraws:
    """Count every option of every seat, and the pacts by rules, on the draws of a seed."""
    pacts = {
        party: question.allocation(np.where(question.stands[k], k + 1, NOBODY))
        for k, party in enumerate(question.members)
    } | question.rules
    scenarios = tuple(Scenario(name=name, pacts=(pact,)) for name, pact in pacts.items())
    plan = _with(question.plan, scenarios, seed)
    counts = simulate(
        plan,
        build_scenarios(plan),
        keep_draws=plan.config.draws,
        keep_winners=True,
        shares_every=0,
        **how,
    )
    columns = counts.tally.winners
    winners = party_of(plan).astype(np.int8)[np.arange(columns.shape[2]), columns]
    first = len(question.members) + 1
    ruled = {name: winners[:, first + k] for k, name in enumerate(question.rules)}
    return OptionDraws(winners[:, :first], ruled)


def _with(plan: Plan, scenarios: tuple[Scenario, ...], seed: int) -> Plan:
    config = plan.config.model_copy(update={"scenarios": scenarios, "seed": seed})
    return replace(plan, config=config)
