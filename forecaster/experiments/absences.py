"""Predict the seats in which a party was absent, under rules for where its votes go.

The simulation gives the absent party a candidate; a pact then removes the candidate and moves the
votes. The swing is to the true national shares of the election, with all parameters estimated
without it. National shares are true *after* the move, under every rule and in every draw, so that a
rule is judged only on how the seats of the absence differ from the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from forecaster.arrays import Bools, Floats, Ints
from forecaster.calibration.transfer_law import SIDES
from forecaster.config.config import Candidacy, Config
from forecaster.config.pact import Choice, Pact, Rate, Scenario, Transfer, TransferTable
from forecaster.elections.election import Election
from forecaster.kernels import random
from forecaster.kernels.engine import Election as Kernel
from forecaster.kernels.layout import SHARE_UNIT
from forecaster.kernels.tally import empty_tally
from forecaster.plan.build import Plan, build_plan
from forecaster.plan.scenarios import Scenarios, build_scenarios
from forecaster.swing.base import COVERED, column_shares, nation_means, party_columns, to_columns
from forecaster.vocabulary import PARTIES

LAW = "law"
RULES: dict[str, Transfer] = {
    "every vote": Transfer(arrive=1),
    "no vote": Transfer(arrive=0, opponent=1),
    "in proportion": Transfer(arrive=0, abstain=1),
}
"""Naive rules to compare with the law. If all voters of the absent party abstain, shares are the
same as if they divided in proportion to the other parties' votes."""

ROUNDS, ROUND_DRAWS = 4, 256
"""Rounds, and draws in each, to find the national shares with the absent party standing."""


@dataclass(frozen=True)
class Case:
    """An absence, and a party that may have gained by it."""

    name: str
    election: str
    """Of wards, in its place, whether a party left or joined."""
    donors: tuple[str, ...]
    """Parties of which all or some had no candidate."""
    recipient: str
    """The flag bearer or, if none was named, a party that may have gained."""
    named: bool
    """Whether the absent party stood aside for the recipient."""


@dataclass(frozen=True)
class Prediction:
    """A case as simulated, with its result."""

    case: Case
    donated: Floats
    """Expected share of the absent parties, shape (seat,)."""
    shares: dict[str, Floats]
    """The recipient's shares by rule, shape (draw, seat)."""
    wins: dict[str, float]
    """Expected seats of the recipient by rule and, as ``"standing"``, if the donors stood; empty
    where the other parties' shares are not simulated."""
    actual: Floats
    """The recipient's actual share, shape (seat,)."""
    won: int | None
    """Seats that the recipient won."""
    place: Ints
    """Region, in Northern Ireland the seat itself, or council and years: errors of seats of one
    place are not independent; shape (seat,)."""
    left_out: int | None = None
    """Pieces of evidence that come from the case; the law is estimated without them."""


def predict(
    case: Case,
    among: Bools,
    config: Config,
    rates: TransferTable,
    after: Election,
    others: Mapping[str, TransferTable] | None = None,
    gain: Rate = 0.0,
) -> Prediction:
    """Predict a case under the law, other rates and the naive rules.

    `among`, shape (seat,): seats that belong to the case if the donors are absent. `config`: that
    of a run from the true national shares of the election. `rates`: the law. `after`: the result.
    `others`: further rates by name, such as published ones. `gain`: the recipient's gain beyond the
    donors' votes under the law, as `StandAside` has it.

    Raises ConfigError if rates have no row for a donor.
    """
    rules: dict[str, TransferTable | Transfer] = {LAW: rates, **(others or {}), **RULES}
    plan, true = balanced(_with_donors(case, among, config, rules, after, gain))
    scenarios = build_scenarios(plan)
    seats = np.array([action.seat for action in scenarios.actions if action.scenario == 1])
    flag = scenarios.pacts[0].flag[seats]
    shares, wins, donated = _draws(plan, scenarios, true, seats, flag)
    names = tuple(scenario.name for scenario in plan.config.scenarios)
    region, britain = after.seats.region, after.seats.in_britain
    place = np.where(britain, region, len(region) + np.arange(len(region)))
    return Prediction(
        case,
        (donated * scenarios.pacts[0].donors[seats]).sum(1),
        dict(zip(names, shares, strict=True)),
        dict(zip(("standing", *names), wins.tolist(), strict=True)),
        column_shares(after)[seats, flag],
        int((after.winner[seats] == PARTIES.index(case.recipient)).sum()),
        place[seats],
    )


def _with_donors(
    case: Case,
    among: Bools,
    config: Config,
    rules: Mapping[str, TransferTable | Transfer],
    after: Election,
    gain: Rate = 0.0,
) -> Config:
    """Return the config in which the donors stand, and step aside in a scenario for each rule."""
    stood = to_columns(after, after.coverage) > COVERED
    paper = {p: party_columns([p])[after.seats.nation] for p in (case.recipient, *case.donors)}
    stands: dict[str, Bools] = {p: np.any(stood & on, axis=1) for p, on in paper.items()}
    asides: dict[str, tuple[str, ...]] = {}
    for i in np.flatnonzero(among & stands[case.recipient] & ~after.speaker):
        gone = tuple(p for p in case.donors if paper[p][i].any() and not stands[p][i])
        asides |= {str(after.seats.code[i]): gone} if gone else {}
    others = [party for side in SIDES if case.recipient not in side for party in side]
    values: dict[str, Any] = {
        "members": tuple(paper),
        "opponents": [party for party in others if party not in paper],
        "flag_bearer": {
            "rule": "file",
            "file": [Choice(seat=s, party=case.recipient, aside=a) for s, a in asides.items()],
        },
    }
    certain = {"form": "stand-aside", "refusal": 0.0, "backlash": 0.0}
    strengths = {name: {**certain, "transfers": how} for name, how in rules.items()}
    strengths[LAW]["gain"] = gain
    pacts = [Pact(name=name, strength=how, **values) for name, how in strengths.items()]
    stand = [Candidacy(seat=s, party=p, stands=True) for s, gone in asides.items() for p in gone]
    return config.model_copy(
        update={
            "ballot": config.ballot.model_copy(update={"changes": tuple(stand)}),
            "scenarios": tuple(Scenario(name=pact.name, pacts=(pact,)) for pact in pacts),
        }
    )


def balanced(config: Config) -> tuple[Plan, Floats]:
    """Return a plan whose national shares are true after the move, and the true shares.

    If the absent party had stood everywhere, national shares would have differed. They are found by
    iteration: each round multiplies them by true shares over those after the first scenario's move.
    """
    plan = build_plan(config)
    true = plan.targets.shares
    for _ in range(ROUNDS):
        scenarios = build_scenarios(plan)
        drawn = _simulated(_kernel(plan, scenarios), plan, scenarios, 0, ROUND_DRAWS)
        moved = nation_means(plan.base, drawn[1])
        wanted = plan.targets.shares * np.divide(true, moved, np.ones_like(true), where=moved > 0)
        found = replace(plan.targets, shares=wanted / wanted.sum(1, keepdims=True))
        plan = build_plan(config, found)
    return plan, true


def _kernel(plan: Plan, scenarios: Scenarios) -> Kernel:
    numbers = random.independent(plan.config.seed)
    return Kernel(plan.arrays, scenarios.arrays, scenarios.tragedies, numbers)


def _simulated(kernel: Kernel, plan: Plan, scenarios: Scenarios, first: int, draws: int) -> Floats:
    """Return mean shares over some draws, shape (scenario, seat, column)."""
    tally = empty_tally(plan.arrays, scenarios.arrays, scenarios.tragedies, draws, shares=False)
    kernel.simulate(first, draws, tally)
    shares = tally.share_sum / (SHARE_UNIT * draws)
    # A scenario has counts only for seats in which it changes something.
    return np.where(shares.sum(2, keepdims=True) > 0, shares, shares[0])


def _draws(
    plan: Plan, scenarios: Scenarios, true: Floats, seats: Ints, flag: Ints
) -> tuple[Floats, Floats, Floats]:
    """Return the recipient's shares by rule and draw, its mean wins, and all shares without a pact.

    In each draw, the same points are added in all seats so that national shares are true.
    """
    kernel, draws = _kernel(plan, scenarios), plan.config.draws
    rules = len(scenarios.names) - 1
    shares, wins = np.empty((rules, draws, len(seats))), np.zeros(rules + 1)
    standing = np.zeros((len(seats), true.shape[1]))
    for draw in range(draws):
        # One draw at a time, because the kernel stores shares only as sums over draws.
        drawn = _simulated(kernel, plan, scenarios, draw, 1)
        for moved in drawn[1:]:
            lacks = true - nation_means(plan.base, moved)
            moved += lacks[plan.base.seats.nation] * (moved > 0)
        shares[:, draw] = drawn[1:, seats, flag]
        best = (drawn[:, seats] * plan.arrays.win_factor[seats]).argmax(2)
        wins += (best == flag).sum(1) / draws
        standing += drawn[0, seats] / draws
    return shares, wins, standing
