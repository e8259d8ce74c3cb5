"""The answer in three sentences and four numbers, for every scenario of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from forecaster.answers.compare import changes_table, paired_row
from forecaster.answers.scores import BANDS
from forecaster.answers.summary import favourites_table, outcome_table
from forecaster.answers.targets import DO_NOT, WORK, targets_table
from forecaster.report import wording
from forecaster.report.wording import capital, in_prose, listed, of_100, percent, signed
from forecaster.results.precision import probability, standard_error
from forecaster.results.run import RunTables
from forecaster.vocabulary import MAJORITY, NO_PACT


@dataclass(frozen=True)
class Figure:
    """One of the four numbers: what it is, the number, and its uncertainty or what it was."""

    title: str
    number: str
    detail: str


@dataclass(frozen=True)
class Answer:
    """What a scenario says.

    Attributes
    ----------
    scenario : str
    sentences : list of str
        Three, or four where two pacts meet.
    figures : list of Figure
        Four.
    """

    scenario: str
    sentences: list[str]
    figures: list[Figure]


def answers(run: RunTables) -> list[Answer]:
    """Return the answer of every scenario; that of `no-pact` is the forecast itself."""
    return [_forecast(run) if name == NO_PACT else _with_pacts(run, name) for name in run.scenarios]


def _forecast(run: RunTables) -> Answer:
    first, second = outcome_table(run, NO_PACT).rows[:2]
    seats = favourites_table(run, NO_PACT).rows
    close = sum(row["win_probability"] < BANDS[-2][1] for row in seats)
    hung, hung_error = probability((run.won() < MAJORITY).all(axis=1), run.cluster)
    low, median, high = _range(run, first["party"])
    figures = [
        Figure(
            f"{wording.label(first['party'])} seats", str(median), f"{low} to {high} in 90 of 100"
        ),
        Figure(
            f"{wording.label(first['party'])} majority",
            percent(first["majority"], first["majority_mcse"]),
            "of the simulated elections",
        ),
        Figure(
            f"{wording.label(second['party'])} largest party",
            percent(second["largest"], second["largest_mcse"]),
            "of the simulated elections",
        ),
        Figure("No party has a majority", percent(hung, hung_error), "of the simulated elections"),
    ]
    return Answer(
        NO_PACT,
        [
            headline(run),
            f"In {of_100(hung, hung_error)} no party reaches the {MAJORITY} seats of a majority.",
            f"{close} of {len(seats)} seats are toss-ups: no party wins them in as many as "
            f"{100 * BANDS[-2][1]:.0f} of 100.",
        ],
        figures,
    )


def headline(run: RunTables) -> str:
    """Return the sentence on the largest party without pacts."""
    first = outcome_table(run, NO_PACT).rows[0]
    low, median, high = _range(run, first["party"])
    largest = of_100(first["largest"], first["largest_mcse"])
    majority = of_100(first["majority"], first["majority_mcse"])
    between = f" ({low} to {high} in 90 of 100 simulated elections)" if low < high else ""
    without = "Without pacts, " if len(run.scenarios) > 1 else ""
    return capital(
        f"{without}{in_prose(first['party'])} would win about {median} seats{between}, would be "
        f"the largest party in {largest} and have a majority in {majority}."
    )


def _with_pacts(run: RunTables, scenario: str) -> Answer:
    changes = changes_table(run, [scenario]).rows
    sides = [
        [_side(run, scenario, change[side]) for side in ("members", "opponents")]
        for change in changes
    ]
    sentences = [headline(run)]
    sentences += [
        _effect(change, own, len(changes) > 1)
        for change, (own, _) in zip(changes, sides, strict=True)
    ]
    sentences.append(_risk(changes, targets_table(run, scenario).rows))
    own, against = sides[0]
    low, high = (_seats(own[key], own) for key in ("difference_p5", "difference_p95"))
    cost = percent(changes[0]["costs_own_side"], changes[0]["costs_own_side_mcse"])
    figures = [
        _majority(own),
        _majority(against),
        Figure(
            f"More seats for {_codes(own)}",
            _seats(own["difference"], own),
            f"{low} to {high} in 90 of 100",
        ),
        Figure(f"{_codes(own)} end up with fewer seats", cost, "of the simulated elections"),
    ]
    return Answer(scenario, sentences, figures)


def _side(run: RunTables, scenario: str, names: str) -> dict[str, Any]:
    """Return the seats of a side without and with the pacts."""
    return {"group": names} | paired_row(run, scenario, tuple(names.split("+")))


def _effect(change: dict[str, Any], side: dict[str, Any], together: bool) -> str:
    who = listed(in_prose(party) for party in change["members"].split("+"))
    more = "more" if side["difference"] >= 0 else "fewer"
    pact = "With both pacts at once" if together else f"With the pact “{change['pact']}”"
    low, high = (_seats(side[key], side) for key in ("difference_p5", "difference_p95"))
    seats = _seats(side["difference"], side).lstrip("+−")
    with_it = of_100(side["majority_with"], side["majority_with_mcse"])
    without = of_100(side["majority_without"], side["majority_without_mcse"])
    return (
        f"{pact}, {who} would win about {seats} seats {more} than without ({low} to {high}) and "
        f"have a majority together in {with_it} instead of {without.removesuffix(' of 100')}."
    )


def _risk(changes: list[dict[str, Any]], advice: list[dict[str, Any]]) -> str:
    costs = [of_100(change["costs_own_side"], change["costs_own_side_mcse"]) for change in changes]
    if len(changes) > 1:
        parts = [
            f"“{change['pact']}” in {cost}" for change, cost in zip(changes, costs, strict=True)
        ]
        return f"The members are left with fewer seats than without pacts: {listed(parts)}."
    helps = sum(row["advice"] == WORK for row in advice)
    harms = sum(row["advice"] == DO_NOT for row in advice)
    return (
        f"In {costs[0]} it leaves its members with fewer seats; of the {len(advice)} seats where "
        f"it would apply it helps in {helps}, does more harm than good in {harms or 'none'} and "
        f"makes little difference in {len(advice) - helps - harms}."
    )


def _majority(side: dict[str, Any]) -> Figure:
    return Figure(
        f"{_codes(side)} have a majority",
        percent(side["majority_with"], side["majority_with_mcse"]),
        f"without: {percent(side['majority_without'], side['majority_without_mcse'])}",
    )


def _codes(side: dict[str, Any]) -> str:
    return str(side["group"]).replace("+", " + ")


def _seats(value: float, side: dict[str, Any]) -> str:
    return signed(wording.rounded(value, side["difference_mcse"]))


def _range(run: RunTables, party: str) -> tuple[int, int, int]:
    won = run.won(NO_PACT, (party,))
    error = standard_error(won, run.cluster)
    low, median, high = np.quantile(won, (0.05, 0.5, 0.95))
    return (
        wording.rounded(float(low), error),
        wording.rounded(float(median), error),
        wording.rounded(float(high), error),
    )
