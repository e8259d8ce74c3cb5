"""The costs and gains of each member of a pact, and what each member contributes to it.

A run stores results for pacts of all their members only. So it is simulated again from its config
and seed, to count the same elections also with the pact of every subset of the members.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from math import factorial
from typing import Any, Unpack

import numpy as np
import numpy.typing as npt

from forecaster.answers.summary import precision_note
from forecaster.arrays import Bools, Floats, Ints
from forecaster.columns import columns, table_of
from forecaster.config.pact import FlagBearer, Pact, Scenario, pact_words
from forecaster.elections.election import read_election
from forecaster.kernels.layout import SHARE_UNIT
from forecaster.pipeline import check_same, plan_again, stored_config
from forecaster.plan.build import Plan
from forecaster.plan.pacts import PactSeats
from forecaster.plan.scenarios import Scenarios, build_scenarios
from forecaster.results.build import party_of, seats_by_party
from forecaster.results.precision import average, chance, interval, standard_error
from forecaster.results.run import RunTables
from forecaster.simulation.blocks import Counts
from forecaster.simulation.simulate import simulate
from forecaster.simulation.workers import Execution
from forecaster.table import Table
from forecaster.vocabulary import REGIONS, places

LEDGER_COLUMNS = columns(
    "bearer | aside | forgone | gained | -gained_p5 | -gained_p95 | lost | -lost_p5 | "
    "-lost_p95 | difference | difference_p5 | difference_p95 | worse"
)
NOTE = (
    "Gained, lost: seats that a party wins with the pact and not without, and the other way "
    "round, election by election; worse off: fewer seats than without. Votes forgone: expected "
    "votes without the pact less those with it, in seats where the party gives way, at the "
    "turnout of the base."
)

Subset = tuple[str, ...]
"""Some members of a pact, in its order."""

Worth = dict[Subset, npt.NDArray[Any]]
"""See `Ledger.worth`."""


@dataclass(frozen=True)
class Ledger:
    """One pact of a scenario, with and without, and with every subset of its members."""

    scenario: str
    pact: Pact
    region: Ints
    """Shape (seat,)."""
    bearer: Bools
    """Which member is flag bearer, shape (member, seat)."""
    aside: Bools
    """Which members give way, shape (member, seat)."""
    before: Bools
    """Which member wins without the pact, shape (draw, member, seat)."""
    after: Bools
    """Which member wins with it, shape (draw, member, seat)."""
    forgone: Floats
    """Expected votes that a member gives up where it gives way, shape (member, seat)."""
    worth: Worth
    """Seats that the pact of a subset of the members adds to those of all, shape (draw,)."""
    cluster: int
    """See `forecaster.config.config.Config.cluster`."""


def build_ledgers(run: RunTables, scenario: str, **how: Unpack[Execution]) -> list[Ledger]:
    """Simulate a run again and return a ledger for each pact of one of its scenarios.

    The other pacts of the scenario are in force both with and without the pact of a ledger.

    Raises ResultsError if the run does not come out as stored, since data or program have changed.
    """
    config = stored_config(run)
    plan = plan_again(config)
    whole = next(one for one in config.scenarios if one.name == scenario)
    ledgers = []
    for j in range(len(whole.pacts)):
        rest = whole.pacts[:j] + whole.pacts[j + 1 :]
        without = (Scenario(name="without", pacts=rest),) if rest else ()
        plan_j, built, counts = _count(plan, (whole, *without), how, run.kept, True)
        check_same(seats_by_party(counts.tally, run.parties)[:, 1], run.won(scenario))
        ledgers.append(_ledger(plan_j, whole, j, built.pacts[j], counts, how))
    return ledgers


def _ledger(
    plan: Plan, whole: Scenario, j: int, seats: PactSeats, counts: Counts, how: Execution
) -> Ledger:
    pact, base = whole.pacts[j], 2 if len(whole.pacts) > 1 else 0
    columns = party_of(plan)
    member = np.array([columns == code for code in places(pact.members)])
    tally, rows = counts.tally, np.arange(len(columns))
    before, after = (
        np.stack([m[rows, tally.winners[:, k]] for m in member], axis=1) for k in (base, 1)
    )
    shares = (tally.share_sum[base] - tally.share_sum[1]) / (SHARE_UNIT * counts.draws)
    votes = shares * read_election(plan.config.base.election).valid_votes[:, None]
    own = after.sum((1, 2), dtype=int) - before.sum((1, 2), dtype=int)
    return Ledger(
        scenario=whole.name,
        pact=pact,
        region=plan.base.seats.region,
        bearer=np.any(member & (np.arange(columns.shape[1]) == seats.flag[:, None]), axis=2),
        aside=np.any(member & seats.donors, axis=2),
        before=before,
        after=after,
        forgone=np.where(member & seats.donors, votes, 0).sum(axis=2),
        worth={pact.members: own, **_smaller(plan, whole, j, seats, before, how)},
        cluster=plan.config.cluster,
    )


def _smaller(
    plan: Plan, whole: Scenario, j: int, seats: PactSeats, before: Bools, how: Execution
) -> Worth:
    """Return the worth of the pacts of all smaller subsets of the members."""
    pact, scenarios = whole.pacts[j], {}
    subsets = [s for n in range(len(pact.members)) for s in combinations(pact.members, n)]
    for subset in subsets:
        smaller = pact_of(pact, subset, plan, seats)
        if smaller is not None:
            pacts = (*whole.pacts[:j], smaller, *whole.pacts[j + 1 :])
            scenarios[subset] = Scenario(name="+".join(subset), pacts=pacts)
    worth: Worth = dict.fromkeys(subsets, np.zeros(len(before), int))
    if scenarios:
        _, _, counts = _count(plan, tuple(scenarios.values()), how, len(before), False)
        together = seats_by_party(counts.tally, list(pact.members)).sum(axis=2, dtype=int)
        for k, subset in enumerate(scenarios, start=1):
            worth[subset] = together[:, k] - before.sum((1, 2), dtype=int)
    return worth


def pact_of(pact: Pact, subset: Subset, plan: Plan, seats: PactSeats) -> Pact | None:
    """Return the pact that some of the members would make; None if they would make none.

    The flag bearer is chosen among them by the pact's own rule. A list keeps the seats given to one
    of them. Without the party that the rule favours, the best placed is flag bearer. The other
    members stand everywhere.

    `seats`: the pact of all members, seat by seat.
    """
    inside = np.isin(party_of(plan), places(subset))
    together = ((inside & seats.members).sum(axis=1) >= 2) & (seats.flag >= 0)
    if not together.any():
        return None
    bearer: FlagBearer = pact.flag_bearer
    if bearer.file is not None:
        choices = []
        for choice in bearer.file:
            aside = choice.aside and tuple(party for party in choice.aside if party in subset)
            if choice.party in subset and aside != ():
                choices.append(choice.model_copy(update={"aside": aside}))
        if not choices:
            return None
        bearer = bearer.model_copy(update={"file": tuple(choices)})
    elif bearer.rule == "one-in-n" and bearer.party not in subset:
        bearer = FlagBearer(rule="best-placed", incumbents_keep=True)
    elif bearer.rule == "guaranteed":
        kept = tuple(g for g in bearer.guarantees if g.party in subset)
        rule = {"guarantees": kept} if kept else {"rule": "best-placed", "guarantees": ()}
        bearer = bearer.model_copy(update=rule)
    return pact.model_copy(update={"members": subset, "flag_bearer": bearer})


def _count(
    plan: Plan, scenarios: tuple[Scenario, ...], how: Execution, kept: int, keep_winners: bool
) -> tuple[Plan, Scenarios, Counts]:
    config = plan.config.model_copy(update={"scenarios": scenarios})
    plan = replace(plan, config=config)
    built = build_scenarios(plan)
    counts = simulate(
        plan, built, keep_draws=kept, keep_winners=keep_winners, shares_every=0, **how
    )
    return plan, built, counts


def shapley_values(members: Subset, worth: Worth) -> npt.NDArray[Any]:
    """Return the Shapley value of each member, shape (member, draw); they sum to the worth of all.

    It is what a member adds to the worth when it joins, averaged over all orders in which the
    members could join (Shapley 1953, A value for n-person games). `worth` is that of `Ledger`.
    """
    n = len(members)
    values = []
    for party in members:
        others = [other for other in members if other != party]
        total = np.zeros(len(worth[()]))
        for size in range(n):
            orders = factorial(size) * factorial(n - size - 1) / factorial(n)
            for subset in combinations(others, size):
                joined = tuple(p for p in members if p in subset or p == party)
                total += orders * (worth[joined] - worth[subset])
        values.append(total)
    return np.array(values)


def parties_table(ledger: Ledger) -> Table:
    """Return a row per member, and one for all together."""
    everywhere = np.ones(len(ledger.region), bool)
    members, cluster = ledger.pact.members, ledger.cluster
    shapley = shapley_values(members, ledger.worth)
    rows = []
    for k, party in enumerate(members):
        row = {"party": party, **_row(ledger, [k], everywhere)}
        row |= average("shapley", shapley[k], cluster)
        gains = ledger.after[:, k].sum(axis=1, dtype=int) - ledger.before[:, k].sum(1, dtype=int)
        row["beyond"] = row["difference"] - row["shapley"]
        row["beyond_mcse"] = standard_error(gains - shapley[k], cluster)
        rows.append(row)
    together = {"party": "together", **_row(ledger, list(range(len(members))), everywhere)}
    together |= average("shapley", shapley.sum(axis=0), cluster)
    rows.append(together | {"beyond": 0.0, "beyond_mcse": 0.0})
    return table_of(
        f"Ledger: {_named(ledger)}",
        (*columns("-scenario | -pact | party"), *LEDGER_COLUMNS, *columns("shapley | beyond")),
        rows,
        NOTE,
        "Shapley value: a party's part of the seats that the pact brings all members together, "
        "the mean over all orders in which they could join of what the pact of those who have "
        "joined grows by; who has not joined stands everywhere. A yardstick of what a party "
        "brings, whoever wins the seats.",
        precision_note(len(ledger.before)),
    )


def regions_table(ledger: Ledger) -> Table:
    """Return a row per region and member that is flag bearer or gives way there."""
    rows = []
    for r, region in enumerate(REGIONS):
        here = ledger.region == r
        for k, party in enumerate(ledger.pact.members):
            if (ledger.bearer[k, here] | ledger.aside[k, here]).any():
                rows.append({"region": region, "party": party, **_row(ledger, [k], here)})
    return table_of(
        f"Ledger by region: {_named(ledger)}",
        (*columns("-scenario | -pact | region | party"), *LEDGER_COLUMNS),
        rows,
        NOTE,
        precision_note(len(ledger.before)),
    )


def _row(ledger: Ledger, members: list[int], where: Bools) -> dict[str, Any]:
    before = ledger.before[:, members][:, :, where].any(axis=1)
    after = ledger.after[:, members][:, :, where].any(axis=1)
    gained, lost = (after & ~before).sum(axis=1), (before & ~after).sum(axis=1)
    return {
        "scenario": ledger.scenario,
        "pact": ledger.pact.name,
        "bearer": int(ledger.bearer[members][:, where].sum()),
        "aside": int(ledger.aside[members][:, where].sum()),
        "forgone": round(float(ledger.forgone[members][:, where].sum())),
        **average("gained", gained, ledger.cluster),
        **interval(gained, "gained"),
        **average("lost", lost, ledger.cluster),
        **interval(lost, "lost"),
        **average("difference", gained - lost, ledger.cluster),
        **interval(gained - lost, "difference"),
        **chance("worse", gained < lost, ledger.cluster),
    }


def _named(ledger: Ledger) -> str:
    pact = ledger.pact
    within = "" if ledger.scenario == pact.name else f", within {ledger.scenario}"
    return f"{pact_words(pact.members, pact.strength.form)} ({pact.name}){within}"
