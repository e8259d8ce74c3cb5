"""Build the scenarios of a run: every pact, seat by seat, as arrays of the kernel."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache

import numpy as np

from forecaster.arrays import Floats
from forecaster.config.pact import (
    Campaign,
    Pact,
    Range,
    Rate,
    Scenario,
    StandAside,
    Tactical,
    Transfer,
    TransferTable,
    middle,
)
from forecaster.elections.tragedy import DEFINITIONS, Definition
from forecaster.errors import ConfigError
from forecaster.kernels import engine, exact, layout, random
from forecaster.kernels.tally import empty_tally
from forecaster.plan.build import Plan, pack
from forecaster.plan.pacts import PactSeats, resolve_pact
from forecaster.swing.base import COLUMNS, party_columns
from forecaster.vocabulary import NATIONS, NO_PACT, PARTIES

PILOT_DRAWS = 8_192
PILOT_FIRST = 2**40
"""Number of the pilot's first draw, beyond those of any run: the draws that choose the flag bearers
are not those that measure the pact."""

Z90 = 1.6448536269514722
"""Standard normal quantile of 95 %: half the width of a 90 % range."""

NODES = np.arange(-4.0, 5.0)
"""Where functions of standard normals are evaluated; sums with the density's weights err by less
than 1e-3 of a logarithm."""
ROUNDS, CLOSE = 100, 1e-5
"""Most rounds in which the law of a transfer is found, and the last change of its numbers."""


@dataclass(frozen=True)
class Action:
    """One pact in one seat: the numbers of its scenario, of the pact and of the seat."""

    scenario: int
    pact: int
    seat: int


@dataclass(frozen=True)
class Scenarios:
    """All ways in which the draws of a run are counted."""

    names: tuple[str, ...]
    """`vocabulary.NO_PACT` first."""
    pacts: tuple[PactSeats, ...]
    """The pacts of all scenarios."""
    actions: tuple[Action, ...]
    """Sorted by seat, in the order of the kernel's arrays."""
    arrays: layout.PactPlan
    tragedies: layout.TragedyPlan


def build_scenarios(plan: Plan) -> Scenarios:
    """Resolve the pacts of a run into arrays.

    Raises ConfigError if a pact holds nowhere, moves a party that another pact of the scenario
    moves too, or lacks a transfer rate; or if numba is told not to compile.
    """
    if os.environ.get("NUMBA_DISABLE_JIT", "0") != "0":
        raise ConfigError("NUMBA_DISABLE_JIT is set, but the kernel runs only compiled; unset it.")
    scenarios = plan.config.scenarios
    tragedies = tragedy_plan()
    every = [pact for scenario in scenarios for pact in scenario.pacts]
    asked = any(pact.flag_bearer.rule == "most-likely" for pact in every)
    likely = pilot_chances(plan) if asked else np.zeros_like(plan.expected)
    pacts: list[PactSeats] = []
    actions: list[Action] = []
    for number, scenario in enumerate(scenarios, start=1):
        resolved = [resolve_pact(p, plan.base, plan.expected, likely) for p in scenario.pacts]
        _check_together(scenario, resolved, plan)
        for seats in resolved:
            actions += [Action(number, len(pacts), int(i)) for i in np.flatnonzero(seats.flag >= 0)]
            pacts.append(seats)
    actions.sort(key=lambda action: (action.seat, action.scenario, action.pact))
    return Scenarios(
        names=(NO_PACT, *(scenario.name for scenario in scenarios)),
        pacts=tuple(pacts),
        actions=tuple(actions),
        arrays=_pact_plan(plan, pacts, actions),
        tragedies=tragedies,
    )


def tragedy_plan() -> layout.TragedyPlan:
    """Turn the definitions of a tragedy into masks over nations and columns."""

    def masks(parties: tuple[str, ...], definition: Definition) -> Floats:
        inside = np.array([[nation in definition.nations] for nation in NATIONS])
        return np.asarray(party_columns(parties) & inside)

    every = DEFINITIONS.values()
    return pack(
        layout.TragedyPlan,
        {
            "winners": [masks(d.winners, d) for d in every],
            "together": [masks(d.together, d) for d in every],
            "against": [masks(() if isinstance(d.against, str) else d.against, d) for d in every],
        },
    )


def pilot_chances(plan: Plan) -> Floats:
    """Return the win probability of every party in every seat without pacts, from a pilot run."""
    nothing, tragedies = _pact_plan(plan, [], []), tragedy_plan()
    tally = empty_tally(plan.arrays, nothing, tragedies, PILOT_DRAWS, shares=False)
    engine.simulate(
        plan.arrays,
        nothing,
        tragedies,
        random.independent(plan.config.seed),
        PILOT_FIRST,
        PILOT_DRAWS,
        tally,
    )
    return np.asarray(tally.wins[0] / PILOT_DRAWS)


def _check_together(scenario: Scenario, resolved: list[PactSeats], plan: Plan) -> None:
    """Raise an error if two pacts of a scenario move the same party in the same seat."""
    if len(resolved) > layout.MOST_PACTS:
        raise ConfigError(
            f"scenario {scenario.name}: {len(resolved)} pacts, at most {layout.MOST_PACTS}."
        )
    for j, second in enumerate(resolved):
        for first in resolved[:j]:
            clash = first.donors & second.donors
            for one, other in ((first, second), (second, first)):
                rows = np.flatnonzero(one.flag >= 0)
                clash[rows, one.flag[rows]] |= other.donors[rows, one.flag[rows]]
            if clash.any():
                seat, column = (int(k) for k in np.argwhere(clash)[0])
                party = plan.base.seats.ballot(seat)[column]
                raise ConfigError(
                    f"scenario {scenario.name}: {first.pact.name} and {second.pact.name} both move "
                    f"{party} in {plan.base.seats.name[seat]} and {int(clash.any(1).sum()) - 1} "
                    "other seats. Restrict one of them with 'where', or make two scenarios."
                )


def _pact_plan(plan: Plan, pacts: list[PactSeats], actions: list[Action]) -> layout.PactPlan:
    rates = _Rates()
    transfer = np.full((len(actions), COLUMNS), -1)
    for number, action in enumerate(actions):
        seats = pacts[action.pact]
        if isinstance(seats.pact.strength, StandAside):
            for column in np.flatnonzero(seats.donors[action.seat]):
                transfer[number, column] = rates.row(plan, seats, action.seat, int(column))

    def gathered(name: str) -> Floats:
        rows = [getattr(pacts[a.pact], name)[a.seat] for a in actions]
        return np.reshape(rows, (len(actions), COLUMNS))

    counts = np.bincount([a.seat for a in actions], minlength=len(plan.expected))
    strengths = [[log_odds(rate) for rate in _strengths(seats.pact)] for seats in pacts]
    return pack(
        layout.PactPlan,
        {
            "scenarios": len(plan.config.scenarios) + 1 if actions else 1,
            "start": np.concatenate([[0], np.cumsum(counts)]),
            "scenario": [a.scenario for a in actions],
            "pact": [a.pact for a in actions],
            "flag": [pacts[a.pact].flag[a.seat] for a in actions],
            "transfer": transfer,
            "clarity": gathered("clarity"),
            "opponents": gathered("opponents"),
            "members": gathered("members"),
            "strength": np.reshape(strengths, (len(pacts), 4, 2)),
            "luck": [min(PARTIES.index(party) for party in s.pact.members) for s in pacts],
            **rates.fields(),
        },
    )


def _strengths(pact: Pact) -> tuple[Rate, Rate, Rate, Rate]:
    """Return refusal, backlash, kappa and gain, in the order of the kernel's constants."""
    strength = pact.strength
    if isinstance(strength, StandAside):
        return strength.refusal, strength.backlash, 0.0, strength.gain
    if isinstance(strength, Tactical):
        return 0.0, 0.0, strength.kappa, 0.0
    assert isinstance(strength, Campaign)
    return 0.0, 0.0, 0.0, strength.gain


def log_odds(rate: Rate) -> tuple[float, float]:
    """Return centre and standard deviation of a rate on the log-odds scale."""
    if isinstance(rate, Range):
        low, high = (float(exact.log(p / (1 - p))) for p in (rate.low, rate.high))
        return (low + high) / 2, (high - low) / (2 * Z90)
    if rate <= 0:
        return 2 * layout.NEVER, 0.0
    return (-2 * layout.NEVER if rate >= 1 else float(exact.log(rate / (1 - rate)))), 0.0


@cache
def transfer_law(arrive: Rate, opponent: Rate, abstain: Rate) -> tuple[list[float], Floats]:
    """Return the weights of the four parts of a transfer, and SDs of the first three's logs.

    The log-odds of a part are the logarithm of its weight less that of the sum of the others, which
    is independent of it. Weights and SDs are such that the log-odds of parts with a range have the
    mean and variance of that range. They are found by iteration, each moment of the sum by the
    trapezoidal rule; numbers keep their weight.
    """
    parts = (arrive, opponent, abstain)
    shares = [middle(part) for part in parts]
    weight = np.array([*shares, max(1 - sum(shares), 0.0)])
    mean, sd = np.array([log_odds(part) for part in parts]).T
    wanted, left, drawn = sd * sd, sd * sd, sd > 0
    chance = exact.normal_density(NODES)[:, None] * exact.normal_density(NODES)
    chance /= chance.sum()
    for _ in range(ROUNDS if drawn.any() else 0):
        before = [*weight, *left]
        at = weight[:3, None] * exact.exp(np.sqrt(left)[:, None] * NODES)
        rest = exact.log(at[[1, 0, 0], :, None] + at[[2, 2, 1], None] + weight[3])
        centre = exact.dot(rest.reshape(3, -1), chance.ravel())
        away = rest - centre[:, None, None]
        spread = exact.dot((away * away).reshape(3, -1), chance.ravel())
        weight[:3][drawn] = ((weight[:3] + exact.exp(mean + centre)) / 2)[drawn]
        left = (left + np.maximum(wanted - spread, 0)) / 2
        weight /= weight.sum()
        if np.abs(np.subtract(before, [*weight, *left])).max() < CLOSE:
            break
    return weight.tolist(), np.sqrt(left)


class _Rates:
    """The distinct rows of transfer rates that the seats need."""

    def __init__(self) -> None:
        self._rows: dict[tuple[object, ...], int] = {}

    def row(self, plan: Plan, seats: PactSeats, seat: int, donor: int) -> int:
        """Return the number of the row for a donor's votes in a seat, adding new ones."""
        ballot = plan.base.seats.ballot(seat)
        strength = seats.pact.strength
        assert isinstance(strength, StandAside)
        table, recipient = strength.transfers, ballot[seats.flag[seat]]
        seat_sd = 0.0
        found: Transfer | None = None
        if isinstance(table, TransferTable):
            against = ballot[seats.leading_opponent(seat, plan.expected)]
            found, seat_sd = table.find(ballot[donor], recipient, against), table.seat_sd
            if found is None:
                raise ConfigError(
                    f"{seats.pact.name}: strength.transfers: '{table.title}' has no row for "
                    f"{ballot[donor]} standing aside for {recipient}. Add one, or one for any "
                    "recipient."
                )
        else:
            found = table
        key = (donor, seat_sd, found.arrive, found.opponent, found.abstain)
        return self._rows.setdefault(key, len(self._rows))

    def fields(self) -> dict[str, object]:
        """Return the rows as fields of `PactPlan`."""
        laws = [transfer_law(*parts) for _, _, *parts in self._rows]
        return {
            "transfer_weight": np.reshape([weight for weight, _ in laws], (len(laws), 4)),
            "transfer_sd": np.reshape([sd for _, sd in laws], (len(laws), 3)),
            "transfer_seat_sd": [seat_sd for _, seat_sd, *_ in self._rows],
            "transfer_donor": [donor for donor, *_ in self._rows],
        }
