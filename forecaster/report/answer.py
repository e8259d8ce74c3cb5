"""The answer in three sentences and four numbers, for every scenario of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from forecaster.answers.compare import changes_table, paired_row
from forecaster.answers.scores import BANDS
from forecaster.answers.summary import favourites_table, outcome_table
from forecaster.answers.targets import DO_NOT, WORK, targets_table
from forecaster.report import wording
from forecaster.report.wording import capital, in_prose, listed, of_100, percent, signed
from forecaster.results.precision import chance, standard_error
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


@dataclass(frozen=True)
class Cell:
    """What a scenario gives a party or side, as people read it.

    Attributes
    ----------
    seats, between : str
        Median, and range of 90 of 100.
    majority : str
        Chance of a majority.
    change, fewer : str
        Mean paired difference from `no-pact`, and chance of fewer seats; empty in `no-pact` itself.
    """

    seats: str
    between: str
    majority: str
    change: str = ""
    fewer: str = ""


def matrix(run: RunTables) -> dict[str, list[Cell]]:
    """Return a cell a scenario for every side of the run's pacts and each of its parties."""
    groups: dict[tuple[str, ...], None] = {}
    for pact in (pact for name in run.scenarios for pact in run.pacts(name)):
        for side in (tuple(pact["members"]), tuple(pact["opponents"])):
            groups |= dict.fromkeys([side, *((party,) for party in side)])
    return {
        " + ".join(map(wording.label, group)): [_cell(run, name, group) for name in run.scenarios]
        for group in groups
    }


def _cell(run: RunTables, scenario: str, group: tuple[str, ...]) -> Cell:
    low, median, high = map(str, _range(run, group, scenario))
    row = paired_row(run, scenario, group)
    forecast = Cell(
        median, f"{low} to {high}", percent(row["majority_with"], row["majority_with_mcse"])
    )
    if scenario == NO_PACT:
        return forecast
    fewer = percent(row["fewer"], row["fewer_mcse"])
    return replace(forecast, change=_seats(row, "difference"), fewer=fewer)


def answers(run: RunTables) -> list[Answer]:
    """Return the answer of every scenario; that of `no-pact` is the forecast itself."""
    return [_forecast(run) if name == NO_PACT else _with_pacts(run, name) for name in run.scenarios]


def _forecast(run: RunTables) -> Answer:
    first, second = outcome_table(run, NO_PACT).rows[:2]
    seats = favourites_table(run, NO_PACT).rows
    toss_up = BANDS[-2][1]
    close = sum(row["win_probability"] < toss_up for row in seats)
    hung = chance("hung", (run.won() < MAJORITY).all(axis=1), run.cluster)
    low, median, high = _range(run, (first["party"],))
    leader, rival = (wording.label(row["party"]) for row in (first, second))
    figures = [
        Figure(f"{leader} seats", str(median), f"{low} to {high} in 90 of 100"),
        _chance(f"{leader} majority", first, "majority"),
        _chance(f"{rival} largest party", second, "largest"),
        _chance("No party has a majority", hung, "hung"),
    ]
    sentences = [
        headline(run),
        f"In {_of_100(hung, 'hung')} no party reaches the {MAJORITY} seats of a majority.",
        f"{close} of {len(seats)} seats are toss-ups: no party wins them in as many as "
        f"{100 * toss_up:.0f} of 100.",
    ]
    return Answer(NO_PACT, sentences, figures)


def headline(run: RunTables) -> str:
    """Return the sentence on the largest party without pacts."""
    first = outcome_table(run, NO_PACT).rows[0]
    low, median, high = _range(run, (first["party"],))
    between = f" ({low} to {high} in 90 of 100 simulated elections)" if low < high else ""
    without = "Without pacts, " if len(run.scenarios) > 1 else ""
    return capital(
        f"{without}{in_prose(first['party'])} would win about {median} seats{between}, would be "
        f"the largest party in {_of_100(first, 'largest')} and have a majority in "
        f"{_of_100(first, 'majority')}."
    )


def _with_pacts(run: RunTables, scenario: str) -> Answer:
    changes = changes_table(run, [scenario]).rows
    sides = [_side(run, scenario, change["members"]) for change in changes]
    pairs = zip(changes, sides, strict=True)
    effects = [_effect(change, own, len(changes) > 1) for change, own in pairs]
    risk = _risk(changes, targets_table(run, scenario).rows)
    own, against = sides[0], _side(run, scenario, changes[0]["opponents"])
    figures = [
        _majority(own),
        _majority(against),
        Figure(
            f"More seats for {_codes(own)}",
            _seats(own, "difference"),
            f"{_seats(own, 'difference_p5')} to {_seats(own, 'difference_p95')} in 90 of 100",
        ),
        _chance(f"{_codes(own)} end up with fewer seats", changes[0], "costs_own_side"),
    ]
    return Answer(scenario, [headline(run), *effects, risk], figures)


def _side(run: RunTables, scenario: str, names: str) -> dict[str, Any]:
    """Return the seats of a side without and with the pacts."""
    return {"group": names} | paired_row(run, scenario, tuple(names.split("+")))


def _effect(change: dict[str, Any], side: dict[str, Any], together: bool) -> str:
    who = listed(in_prose(party) for party in change["members"].split("+"))
    more = "more" if side["difference"] >= 0 else "fewer"
    pact = "With both pacts at once" if together else f"With the pact “{change['words']}”"
    seats = _seats(side, "difference").lstrip("+−")
    without = _of_100(side, "majority_without").removesuffix(" of 100")
    return (
        f"{pact}, {who} would win about {seats} seats {more} than without "
        f"({_seats(side, 'difference_p5')} to {_seats(side, 'difference_p95')}) and "
        f"have a majority together in {_of_100(side, 'majority_with')} instead of {without}."
    )


def _risk(changes: list[dict[str, Any]], advice: list[dict[str, Any]]) -> str:
    costs = [_of_100(change, "costs_own_side") for change in changes]
    if len(changes) > 1:
        parts = [f"“{change['words']}” in {c}" for change, c in zip(changes, costs, strict=True)]
        return f"The members are left with fewer seats than without pacts: {listed(parts)}."
    helps, harms = (sum(row["advice"] == word for row in advice) for word in (WORK, DO_NOT))
    return (
        f"In {costs[0]} it leaves its members with fewer seats; of the {len(advice)} seats where "
        f"it would apply it helps in {helps}, does more harm than good in {harms or 'none'} and "
        f"makes little difference in {len(advice) - helps - harms}."
    )


def _majority(side: dict[str, Any]) -> Figure:
    without = percent(side["majority_without"], side["majority_without_mcse"])
    return _chance(f"{_codes(side)} have a majority", side, "majority_with", f"without: {without}")


def _chance(
    title: str, row: Mapping[str, Any], key: str, detail: str = "of the simulated elections"
) -> Figure:
    return Figure(title, percent(row[key], row[f"{key}_mcse"]), detail)


def _of_100(row: Mapping[str, Any], key: str) -> str:
    return of_100(row[key], row[f"{key}_mcse"])


def _codes(side: dict[str, Any]) -> str:
    return str(side["group"]).replace("+", " + ")


def _seats(side: dict[str, Any], key: str) -> str:
    return signed(wording.rounded(side[key], side["difference_mcse"]))


def _range(run: RunTables, parties: tuple[str, ...], scenario: str = NO_PACT) -> list[int]:
    """Return the 5 % quantile, median and 95 % quantile of some parties' seats, rounded."""
    won = run.won(scenario, parties)
    error = standard_error(won, run.cluster)
    return [wording.rounded(float(q), error) for q in np.quantile(won, (0.05, 0.5, 0.95))]
