"""The answer in sentences and numbers, for every scenario of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from forecaster.answers.compare import changes_table, paired_row
from forecaster.answers.scores import BANDS
from forecaster.answers.summary import favourites_table, outcome_table
from forecaster.answers.targets import DO_NOT, WORK, targets_table
from forecaster.arrays import Shorts
from forecaster.columns import columns
from forecaster.report import wording
from forecaster.report.wording import capital, in_prose, listed, of_100, percent, quantiles, signed
from forecaster.results.precision import average, chance, probability
from forecaster.results.run import RunTables
from forecaster.vocabulary import MAJORITY, NO_PACT


@dataclass(frozen=True)
class Figure:
    """One of the four numbers at the head of a report; `detail` is its range or its unit."""

    title: str
    number: str
    detail: str


@dataclass(frozen=True)
class Cell:
    """Seats and chances of a party or side in a scenario, as text."""

    seats: str
    """The median."""
    between: str
    """The range of 90 of 100."""
    majority: str
    fewer: str = ""
    """Chance of fewer seats than in `no-pact`; empty in that itself."""
    change: str = ""
    """Mean paired difference from `no-pact`; empty in that itself."""


(CHANGE,) = columns("change:difference!")


def matrix(run: RunTables) -> dict[str, list[Cell]]:
    """Return a cell a scenario for every side of the run's pacts and each of its parties."""
    groups: dict[tuple[str, ...], None] = {}
    for pact in (pact for name in run.scenarios for pact in run.pacts(name)):
        for side in (tuple(pact["members"]), tuple(pact["opponents"])):
            groups |= dict.fromkeys([side, *((party,) for party in side)])
    return {codes(group): [_cell(run, name, group) for name in run.scenarios] for group in groups}


def _cell(run: RunTables, scenario: str, group: tuple[str, ...]) -> Cell:
    seats, cluster = run.won(scenario, group), run.cluster
    majority = percent(*probability(seats >= MAJORITY, cluster))
    before = None if scenario == NO_PACT else run.won(NO_PACT, group)
    return cell(seats, majority, before, cluster)


def cell(seats: Shorts, majority: str, before: Shorts | None = None, cluster: int = 1) -> Cell:
    """Return the cell of seats by draw, compared with those `before` a pact if there are any."""
    low, median, high = quantiles(seats, cluster)
    forecast = Cell(f"{median:,}", f"{low:,}–{high:,}", majority)
    if before is None:
        return forecast
    change = seats.astype(int) - before
    fewer = percent(*probability(change < 0, cluster))
    return replace(
        forecast, fewer=fewer, change=wording.cell(CHANGE, average("change", change, cluster))
    )


def answers(run: RunTables) -> dict[str, list[str]]:
    """Return the answer of every scenario in sentences; that of `no-pact` is the forecast itself.

    Three, or four where two pacts meet.
    """
    return {
        name: _forecast(run) if name == NO_PACT else _with_pacts(run, name)
        for name in run.scenarios
    }


def figures(run: RunTables) -> list[Figure]:
    """Return four numbers of the forecast without pacts."""
    first, second = outcome_table(run, NO_PACT).rows[:2]
    low, median, high = quantiles(run.won(NO_PACT, (first["party"],)), run.cluster)
    leader, rival = (wording.label(row["party"]) for row in (first, second))
    return [
        Figure(f"{leader} seats", str(median), f"{low} to {high} in 90 of 100"),
        _chance(f"{leader} majority", first, "majority"),
        _chance(f"{rival} largest party", second, "largest"),
        _chance("No party has a majority", _hung(run), "hung"),
    ]


def _hung(run: RunTables) -> dict[str, float]:
    return chance("hung", (run.won() < MAJORITY).all(axis=1), run.cluster)


def _forecast(run: RunTables) -> list[str]:
    seats = favourites_table(run, NO_PACT).rows
    toss_up = BANDS[-2][1]
    close = sum(row["win_probability"] < toss_up for row in seats)
    return [
        headline(run),
        f"In {_of_100(_hung(run), 'hung')} no party reaches the {MAJORITY} seats of a majority.",
        f"{close} of {len(seats)} seats are toss-ups: no party wins them in as many as "
        f"{100 * toss_up:.0f} of 100.",
    ]


def headline(run: RunTables) -> str:
    """Return the sentence on the largest party without pacts."""
    first = outcome_table(run, NO_PACT).rows[0]
    low, median, high = quantiles(run.won(NO_PACT, (first["party"],)), run.cluster)
    between = f" ({low} to {high} in 90 of 100 simulated elections)" if low < high else ""
    without = "Without pacts, " if len(run.scenarios) > 1 else ""
    return capital(
        f"{without}{in_prose(first['party'])} would win about {median} seats{between}, would be "
        f"the largest party in {_of_100(first, 'largest')} and have a majority in "
        f"{_of_100(first, 'majority')}."
    )


def _with_pacts(run: RunTables, scenario: str) -> list[str]:
    changes = changes_table(run, [scenario]).rows
    effects = [_effect(run, scenario, change, len(changes)) for change in changes]
    return [headline(run), *effects, _risk(run, scenario, changes)]


def _effect(run: RunTables, scenario: str, change: dict[str, Any], pacts: int) -> str:
    members = tuple(change["members"].split("+"))
    side = paired_row(run, scenario, members)
    about, between = changed(side)
    together = f"With {'both' if pacts == 2 else f'all {pacts}'} pacts at once"
    pact = together if pacts > 1 else f"With the pact “{change['words']}”"
    without = _of_100(side, "majority_without").removesuffix(" of 100")
    return (
        f"{pact}, {listed(map(in_prose, members))} would win {about} than without ({between}) and "
        f"have a majority together in {_of_100(side, 'majority_with')} instead of {without}."
    )


def _risk(run: RunTables, scenario: str, changes: list[dict[str, Any]]) -> str:
    costs = [_of_100(change, "costs_own_side") for change in changes]
    if len(changes) > 1:
        parts = [f"“{change['words']}” in {c}" for change, c in zip(changes, costs, strict=True)]
        return f"The members are left with fewer seats than without pacts: {listed(parts)}."
    seats = [row["advice"] for row in targets_table(run, scenario).rows]
    helps, harms = seats.count(WORK), seats.count(DO_NOT)
    each = {p: paired_row(run, scenario, (p,)) for p in changes[0]["members"].split("+")}
    worst = max(each, key=lambda party: each[party]["fewer"])
    return (
        f"In {costs[0]} it leaves its members together with fewer seats, and {in_prose(worst)} "
        f"alone in {_of_100(each[worst], 'fewer')}; of the {len(seats)} seats where it would apply "
        f"it helps in {helps}, does more harm than good in {harms or 'none'} and makes little "
        f"difference in {len(seats) - helps - harms}."
    )


def _chance(title: str, row: Mapping[str, Any], key: str) -> Figure:
    return Figure(title, percent(row[key], row[f"{key}_mcse"]), "of the simulated elections")


def _of_100(row: Mapping[str, Any], key: str) -> str:
    return of_100(row[key], row[f"{key}_mcse"])


def codes(group: tuple[str, ...]) -> str:
    """Return a party's name, or the codes of several."""
    return " + ".join(group) if len(group) > 1 else wording.label(group[0])


def changed(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return a mean paired difference of seats, and its range of 90 of 100, in words."""
    about, low, high = (
        signed(wording.rounded(row[key], row["difference_mcse"]))
        for key in ("difference", "difference_p5", "difference_p95")
    )
    more = "more" if row["difference"] >= 0 else "fewer"
    return f"about {about.lstrip('+−')} seats {more}", f"{low} to {high}"
