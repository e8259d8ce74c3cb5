"""Outcomes of an election, draw by draw, for sweeps and sensitivity analyses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from forecaster.arrays import Floats, Shorts
from forecaster.config.config import Config
from forecaster.errors import ConfigError
from forecaster.plan.build import Plan
from forecaster.plan.scenarios import Scenarios
from forecaster.results.build import parties_standing, seats_by_party
from forecaster.results.precision import probability, standard_error
from forecaster.simulation.simulate import simulate
from forecaster.vocabulary import MAJORITY, NO_PACT, one_of, party_code, places


class OutcomeKind(NamedTuple):
    """What an outcome is, and in which words."""

    heading: str
    """To be filled in with the party or bloc."""
    meaning: str
    is_chance: bool = False
    """Whether its mean is a probability."""
    is_paired: bool = False
    """Whether it compares a scenario with no-pact, draw by draw."""


OUTCOMES = {
    "seats": OutcomeKind("{} seats", "seats won"),
    "majority": OutcomeKind("{} majority", f"{MAJORITY} seats or more", True),
    "largest": OutcomeKind("{} largest party", "most seats; a tie counts in equal parts", True),
    "hung": OutcomeKind("No majority", f"no party has {MAJORITY} seats", True),
    "difference": OutcomeKind(
        "{} seats gained",
        "seats with the pacts less those without, in the same election",
        is_paired=True,
    ),
    "fewer": OutcomeKind("{} fewer seats", "fewer seats with the pacts than without", True, True),
}
"""Outcomes by name. Each is of a party or bloc, but ``largest`` of a party only, and ``hung`` of
none."""


@dataclass(frozen=True)
class Outcome:
    """An outcome of a party or bloc (empty for ``hung``) in a scenario."""

    name: str
    group: str
    scenario: str

    def __str__(self) -> str:
        """Return the outcome as a user writes it."""
        return ":".join(part for part in (self.name, self.group, self.scenario) if part)

    @property
    def kind(self) -> OutcomeKind:
        """What it is."""
        return OUTCOMES[self.name]

    @property
    def words(self) -> str:
        """The outcome in words, with its scenario unless that is no-pact."""
        pacts = "" if self.scenario == NO_PACT else f", {self.scenario}"
        return self.kind.heading.format(self.group) + pacts


class Won:
    """The seats won in every draw of a plan, by scenario, and party or bloc.

    `how`: how the plan is simulated, as `forecaster.simulation.simulate.simulate` takes it.
    """

    def __init__(self, plan: Plan, scenarios: Scenarios, **how: Any) -> None:
        counts = simulate(plan, scenarios, keep_draws=plan.config.draws, shares_every=0, **how)
        self.seats = seats_by_party(counts.tally, parties_standing(plan))
        self.scenarios = _scenarios(plan)
        self.groups = _groups(plan)
        self.cluster = plan.config.cluster

    def every(self, scenario: str) -> Shorts:
        """Return the seats of all parties, shape (draw, party)."""
        return np.asarray(self.seats[:, self.scenarios.index(scenario)])

    def of(self, group: str, scenario: str) -> Shorts:
        """Return the seats of a party or bloc, shape (draw,)."""
        return np.asarray(self.every(scenario)[:, self.groups[group]].sum(axis=1))


def _scenarios(plan: Plan) -> list[str]:
    return [NO_PACT, *(scenario.name for scenario in plan.config.scenarios)]


def _groups(plan: Plan) -> dict[str, list[int]]:
    """Return indices of standing parties, by party and by side of a pact (``"Lab+LD"``)."""
    parties = parties_standing(plan)
    pacts = [pact for scenario in plan.config.scenarios for pact in scenario.pacts]
    sides: list[tuple[str, ...]] = [(party,) for party in parties]
    sides += [side for pact in pacts for side in (pact.members, pact.opponents)]
    return {"+".join(side): places((p for p in side if p in parties), parties) for side in sides}


def all_outcomes(plan: Plan) -> list[Outcome]:
    """Return every possible outcome, by scenario, name, and party or bloc."""
    groups, parties = list(_groups(plan)), parties_standing(plan)
    asked = dict.fromkeys(OUTCOMES, groups) | {"hung": [""], "largest": parties}
    return [
        Outcome(name, group, scenario)
        for scenario in _scenarios(plan)
        for name, kind in OUTCOMES.items()
        if not (kind.is_paired and scenario == NO_PACT)
        for group in asked[name]
    ]


def parse_outcome(text: str, known: list[Outcome]) -> Outcome:
    """Return the outcome that a user wrote as ``name:party:scenario`` (``hung:scenario``).

    The default scenario is no-pact or, for an outcome that compares with it, the last one.

    Raises ConfigError if there is no such outcome, party, bloc or scenario.
    """
    first, *rest = text.split(":")
    where = f"outcome {text!r}:"
    name = one_of(first, OUTCOMES, where)
    known = [outcome for outcome in known if outcome.name == name]
    if not known:
        raise ConfigError(f"{where} compares with no-pact, but the run has no pacts.")
    needed = 0 if name == "hung" else 1
    if not needed <= len(rest) <= needed + 1:
        example = Outcome(name, "Lab" * needed, known[-1].scenario)
        raise ConfigError(f"{where} expected a party or bloc and a scenario, as {example}.")
    if needed:
        party = party_code(rest[0]) or rest[0]
        group = one_of(party, dict.fromkeys(o.group for o in known), where)
        known = [outcome for outcome in known if outcome.group == group]
    scenario = (known[-1] if OUTCOMES[name].is_paired else known[0]).scenario
    if len(rest) > needed:
        scenario = one_of(rest[needed], [o.scenario for o in known], where)
    return next(outcome for outcome in known if outcome.scenario == scenario)


def definitions(outcomes: list[Outcome], config: Config) -> tuple[str, ...]:
    """Return a sentence for each kind of outcome (but seats) and each scenario in `outcomes`."""
    asked = {outcome.scenario for outcome in outcomes}
    pacts = [f"{one.name}: {one.words}." for one in config.scenarios if one.name in asked]
    kinds = dict.fromkeys(outcome.kind for outcome in outcomes if outcome.name != "seats")
    said = (f"{k.heading.format('').strip().capitalize()}: {k.meaning}." for k in kinds)
    return (*said, *pacts)


def in_draws(outcome: Outcome, won: Won) -> Floats:
    """Return an outcome in every draw, shape ``(draw,)``: seats, or 1 if it happened, else 0."""
    every = won.every(outcome.scenario)
    if outcome.name == "hung":
        return np.asarray((every < MAJORITY).all(axis=1), float)
    own = won.of(outcome.group, outcome.scenario)
    if outcome.name == "largest":
        most = every.max(axis=1)
        return np.asarray((own == most) / (every == most[:, None]).sum(axis=1), float)
    if outcome.name == "seats":
        return own.astype(float)
    if outcome.name == "majority":
        return np.asarray(own >= MAJORITY, float)
    change = np.subtract(own, won.of(outcome.group, NO_PACT), dtype=float)
    return np.asarray(change < 0 if outcome.name == "fewer" else change, float)


def mean_and_error(outcome: Outcome, won: Won) -> tuple[float, float]:
    """Return the mean of an outcome over the draws and its Monte Carlo standard error."""
    values = in_draws(outcome, won)
    if outcome.kind.is_chance:
        return probability(values, won.cluster)
    return float(values.mean()), standard_error(values, won.cluster)
