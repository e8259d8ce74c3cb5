"""The best pact under the terms of its file: chosen on some draws, judged on others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from math import hypot
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from forecaster.arrays import Bools, Floats, Ints
from forecaster.columns import table_of
from forecaster.config.config import Config
from forecaster.config.load import PactLike
from forecaster.config.pact import Pact, TransferTable
from forecaster.config.toml import inline
from forecaster.elections.election import Seats
from forecaster.errors import ConfigError
from forecaster.experiments.choosing.alternatives import (
    NOBODY,
    OptionDraws,
    Question,
    Winners,
    ask,
    count_options,
    read_question,
)
from forecaster.experiments.choosing.goals import Goal, best_choice, fewest_seats, goal_of
from forecaster.experiments.choosing.programme import Solution, promises_of
from forecaster.results.precision import average, standard_error
from forecaster.simulation.workers import Execution
from forecaster.table import Table
from forecaster.vocabulary import NO_PACT, REGIONS

OPTIMISED = "optimised"


@dataclass(frozen=True)
class Optimised:
    """A choice of flag bearers, with the draws on which it was chosen and judged."""

    question: Question
    goal: Goal
    found: Solution
    chosen: OptionDraws
    """Draws of the run's seed."""
    judged: OptionDraws
    """Draws of the next seed."""

    @property
    def choice(self) -> Ints:
        """Option of every seat of the scope."""
        return self.found.choice

    @property
    def withdrawn(self) -> Bools:
        """Which members stand aside, shape (member, scope seat)."""
        return self.question.withdrawn(self.choice)

    @property
    def cluster(self) -> int:
        """See `forecaster.config.config.Config.cluster`."""
        return self.question.plan.config.cluster

    def winners(self, draws: OptionDraws) -> Winners:
        """Return the winners under the choice, shape (draw, seat)."""
        return draws.compose(self.question.whole(self.choice))


def judging_seed(seed: int) -> int:
    """Return the seed of the draws that judge a choice, which must differ from those that chose."""
    return (seed + 1) % 2**64


def optimise(config: str | Path | Config, pact: PactLike, **how: Unpack[Execution]) -> Optimised:
    """Choose the flag bearers of a pact by its goal and under its promises.

    `config`: its draws are simulated twice, to choose with its seed, and to judge with the next;
    its own scenarios are ignored. `pact`: states where it may hold, and its goal and promises
    (``choose``).

    Raises ConfigError if what is promised cannot be kept, or no seat is worth a pact.
    """
    config, pact = read_question(config, pact)
    question = ask(config, pact)
    goal = goal_of(pact)
    chosen = count_options(question, config.seed, **how)
    promises = promises_of(question, chosen)
    if pact.choose.reach is None:
        found = best_choice(question, chosen, goal, promises)
    else:
        found = fewest_seats(question, chosen, goal, promises, pact.choose.reach)
    if not found.choice.any():
        raise ConfigError(
            f"{pact.name}: under its rules no seat is better with the pact than without; nothing "
            "to write."
        )
    judged = count_options(question, judging_seed(config.seed), **how)
    return Optimised(question, goal, found, chosen, judged)


def tables(best: Optimised) -> dict[str, Table]:
    """Return every table of an optimised pact by name: comparison, members, promises, seats."""
    return {
        "comparison": comparison_table(best),
        "members": members_table(best),
        "promises": promises_table(best),
        "seats": seats_table(best),
    }


def comparison_table(best: Optimised) -> Table:
    """Return a row per pact: the optimised one, those by simple rules, and no pact."""
    goal, question = best.goal, best.question
    withdrawn = {name: _withdrawn(question, pact) for name, pact in question.rules.items()}
    withdrawn |= {OPTIMISED: best.withdrawn, NO_PACT: np.zeros_like(best.withdrawn)}
    chosen, judged = (
        {
            OPTIMISED: goal.points(best.winners(draws)),
            **{name: goal.points(winners) for name, winners in draws.ruled.items()},
            NO_PACT: goal.points(draws.winners[:, NOBODY]),
        }
        for draws in (best.chosen, best.judged)
    )
    rows = []
    for name, outcome in judged.items():
        gains = [goal.sign * (points[name] - points[NO_PACT]) for points in (chosen, judged)]
        rows.append(
            {
                "pact": name,
                "seats": int(withdrawn[name].any(axis=0).sum()),
                "withdrawn": int(withdrawn[name].sum()),
                **average("judged", outcome, best.cluster),
                **average("gain_chosen", gains[0], best.cluster),
                **average("gain_judged", gains[1], best.cluster),
                "curse": float(gains[1].mean() - gains[0].mean()),
                "curse_mcse": hypot(*(standard_error(gain, best.cluster) for gain in gains)),
                **average("better", goal.sign * (judged[OPTIMISED] - outcome), best.cluster),
            }
        )
    what = "chance of a majority for" if goal.majority else "expected seats of"
    unit = " [%]" if goal.majority else ""
    return table_of(
        f"Pacts compared: {what} {'+'.join(goal.side)}{unit}",
        "pact | seats=In seats | withdrawn | judged | gain_chosen | gain_judged | curse+ | better+",
        rows,
        f"Gain: against no pact, towards {'more' if goal.sign > 0 else 'fewer'}; on the "
        "elections that the optimised pact was chosen on, and on as many others that had no "
        "part in choosing it. The change between them is what choosing flattered, and chance: "
        "go by the judging draws, as the result and the last columns do.",
        _how_solved(best),
    )


def members_table(best: Optimised) -> Table:
    """Return a row per member: what it gives and gains, on the judging draws."""
    without, with_pact = best.judged.winners[:, NOBODY], best.winners(best.judged)
    rows = []
    for k, party in enumerate(best.question.members):
        own = Goal((party,), 1, False)
        before, after = own.outcome(without), own.outcome(with_pact)
        rows.append(
            {
                "party": party,
                "flag_bearer": int((best.choice == k + 1).sum()),
                "aside": int(best.withdrawn[k].sum()),
                **average("without", before, best.cluster),
                **average("with", after, best.cluster),
                **average("difference", after - before, best.cluster),
                "worse": float((after < before).mean()),
            }
        )
    return table_of(
        "What the optimised pact asks of whom, and gives",
        "party | flag_bearer:integer=Flag bearer in | aside=Stands aside in | "
        "without=Seats without | with=with | difference+ | worse!=Fewer seats",
        rows,
        "On the judging draws. Fewer seats: part of the elections in which the pact costs it.",
    )


def promises_table(best: Optimised) -> Table:
    """Return a row per promise: its bound, and its value on the choosing and judging draws."""
    rows = []
    promised = (promises_of(best.question, draws) for draws in (best.chosen, best.judged))
    for promise, again in zip(*promised, strict=True):
        least = np.isfinite(promise.low)
        rows.append(
            {
                "promise": promise.name,
                "bound": float(promise.low if least else promise.high),
                "kind": "at least" if least else "at most",
                "chosen": promise.total(best.choice),
                "judged": again.total(best.choice),
            }
        )
    return table_of(
        "What was promised",
        "promise | -kind=Bound | -bound | chosen:number | judged!=Judging draws",
        rows,
        "Kept exactly on the elections that the pact was chosen on; on others as nearly as "
        "their number allows.",
    )


def seats_table(best: Optimised) -> Table:
    """Return a row per seat of the scope: the choice and the next best option, with their worth."""
    question, seats = best.question, best.question.plan.base.seats
    names = ("nobody", *question.members)
    values, gains = _option_values(best), _gains(best)
    rows = []
    for j, i in enumerate(question.scope.tolist()):
        mine = int(best.choice[j])
        others = np.where(np.arange(len(values)) == mine, -np.inf, values[:, j])
        second = int(others.argmax())
        rows.append(
            {
                "seat": str(seats.code[i]),
                "name": str(seats.name[i]),
                "region": REGIONS[seats.region[i]],
                "flag_bearer": names[mine],
                "aside": "+".join(compress(question.members, best.withdrawn[:, j])),
                "value": float(values[mine, j]),
                "value_mcse": standard_error(gains[:, j], best.cluster),
                "next_best": names[second],
                "next_value": float(values[second, j]),
            }
        )
    rows.sort(key=lambda row: -row["value"])
    return table_of(
        "The optimised pact, seat by seat",
        "seat | name | region | flag_bearer=Flag bearer | aside:text=Stand aside | value+ | "
        "next_best | next_value",
        rows,
        f"Worth: {_worth(best.goal)} against nobody standing aside, on the judging draws.",
    )


def optimised_file(best: Optimised, config: str) -> str:
    """Return the optimised pact as a pact file, with the worth of every choice as a comment."""
    question = best.question
    title = f"Best for {best.goal.words}, chosen seat by seat"
    pact = question.allocation(best.choice).model_copy(update={"title": title})
    remarks = {
        row["seat"]: f"worth {row['value']:+.3f}, next best {row['next_best']} "
        f"{row['next_value']:+.3f}"
        for row in seats_table(best).rows
    }
    run, goal = question.plan.config, question.pact.choose.goal
    head = (
        f"Written by 'forecast optimise {config}' for the goal '{goal}' of {question.pact.name}.",
        f"Chosen on {run.draws:,} elections (seed {run.seed}), judged on as many others (seed "
        f"{judging_seed(run.seed)}).",
        f"Worth: {_worth(best.goal)} against nobody standing aside, on the latter.",
    )
    return pact_text(pact, question.plan.base.seats, head, remarks)


def pact_text(pact: Pact, seats: Seats, head: Sequence[str], remarks: Mapping[str, str]) -> str:
    """Return a pact file that names no other files: seats and transfer rates are written out.

    `pact`: one with a list of flag bearers. `seats`: those of its boundaries. `head`: comment lines
    for the head of the file. `remarks`: a comment for a seat, by its code.
    """
    names = dict(zip(seats.code.tolist(), seats.name.tolist(), strict=True))
    lines = [f"# {line}".rstrip() for line in head]
    lines += [f"{key} = {inline(getattr(pact, key))}" for key in ("title", "members", "opponents")]
    lines += ["\n[flag_bearer]", 'rule = "file"', "file = ["]
    for choice in pact.flag_bearer.file or ():
        row = choice.model_dump(exclude_none=True) | {"seat": names[choice.seat]}
        remark = remarks.get(choice.seat)
        lines.append(f"  {inline(row)},{f'  # {remark}' if remark else ''}")
    lines += ["]", "\n[strength]"]
    strength = pact.strength.model_dump(exclude_none=True)
    table = getattr(pact.strength, "transfers", None)
    rates: list[str] = []
    if isinstance(table, TransferTable):
        # Rates of parties that cannot stand aside here are left out.
        del strength["transfers"]
        rates = ["", *rates_text(table, pact.members)]
    lines += [f"{key} = {inline(value)}" for key, value in strength.items()]
    return "\n".join([*lines, *rates]) + "\n"


def rates_text(table: TransferTable, donors: Sequence[str]) -> list[str]:
    """Return the lines of a pact file with the transfer rates of some donors."""
    transfers = table.model_dump(exclude_none=True)
    rows = [row for row in transfers.pop("row") if row["donor"] in donors]
    who = ("donor", "recipient", "against")
    rows = [{key: row[key] for key in who if key in row} | row for row in rows]
    return [
        "[strength.transfers]",
        *(f"{key} = {inline(value)}" for key, value in transfers.items()),
        "row = [",
        *(f"  {inline(row)}," for row in rows),
        "]",
    ]


def _withdrawn(question: Question, pact: Pact) -> Bools:
    """Return which members stand aside under a listed pact, shape (member, scope seat)."""
    out = np.zeros(question.stands.shape, bool)
    codes = question.plan.base.seats.code[question.scope].tolist()
    for choice in pact.flag_bearer.file or ():
        j = codes.index(choice.seat)
        for k, party in enumerate(question.members):
            asked = choice.aside is None or party in choice.aside
            out[k, j] = question.stands[k, j] and asked and party != choice.party
    return out


def _option_values(best: Optimised) -> Floats:
    """Return the worth of every option on the judging draws, shape (option, scope seat)."""
    question = best.question
    values = best.goal.values(best.judged.chances, question.scope)
    possible = np.where(question.stands, values, -np.inf)
    if question.pact.flag_bearer.incumbents_keep:
        held = question.holds.any(axis=0)
        possible = np.where(held & ~question.holds, -np.inf, possible)
    return np.vstack([np.zeros(len(question.scope)), possible])


def _gains(best: Optimised) -> Any:
    """Return the gain by the choice in every draw and seat of the scope: 1, 0 or -1."""
    scope = best.question.scope
    after = best.goal.hits(best.winners(best.judged)[:, scope]).astype(np.int8)
    return after - best.goal.hits(best.judged.winners[:, NOBODY, scope]).astype(np.int8)


def _worth(goal: Goal) -> str:
    return f"expected seats {'more' if goal.sign > 0 else 'fewer'} for {'+'.join(goal.side)}"


def _how_solved(best: Optimised) -> str:
    seats, options = len(best.question.scope), int(best.question.stands.sum())
    proof = f"solver's gap {100 * best.found.gap:.2g} %"
    if best.goal.majority:
        proof = (
            "found by a search that starts from the optimum for expected seats; that nothing is "
            "better is not proved"
        )
    draws = best.question.plan.config.draws
    return (
        f"{seats} seats, {options:,} possible flag bearers, {draws:,} elections to choose and as "
        f"many to judge; {proof}."
    )
