"""Simulated council elections scored against what came."""

from __future__ import annotations

from typing import Any

import numpy as np

from forecaster.answers.scores import brier, log_score
from forecaster.arrays import Ints
from forecaster.columns import table_of
from forecaster.councils.answers import in_control
from forecaster.councils.contest import Contest
from forecaster.councils.data import PARTIES, Wards, read_results
from forecaster.councils.kernel import WardPlan
from forecaster.councils.reference import best_votes
from forecaster.councils.run import CouncilTables, tables_of
from forecaster.councils.simulate import Asked, Elections
from forecaster.errors import ConfigError
from forecaster.files import listed
from forecaster.results.precision import interval
from forecaster.table import Table
from forecaster.vocabulary import PARTY_NAMES

IN_QUESTION = 0.5
"""Mean councillors from which a party counts in a council where it won none."""

LEADS = (0.0, 0.02, 0.05, 0.1, 0.2, 1.01)
"""Bounds of the leads by which split wards are counted."""


def came(contest: Contest) -> Ints:
    """Return the councillors that each council elected, shape (council, party).

    Raises ConfigError if the data do not hold the result.
    """
    if contest.now is not None:
        of = [contest.now.council == council for council in contest.councils]
        return np.array([contest.now.won[rows].sum(0) for rows in of])
    results = read_results(contest.year)
    if missing := [council for council in contest.councils if council not in results]:
        raise ConfigError(
            f"{contest.name}: the data hold no result of {listed(missing, 1)}; --results FILE "
            "gives one."
        )
    return np.array([results[council].won for council in contest.councils])


def scores(run: CouncilTables, contest: Contest) -> dict[str, Any]:
    """Return the scores of a run without pacts: of councils, of control and of wards.

    Coverage counts a party in a council if it won seats there or was expected to. Brier and log
    scores are those of general elections; one outcome of control is that no party has it. The
    scores of wards are None if the data hold no wards of that year.
    """
    actual, won = came(contest), run.won[:, 0]
    low, high = np.quantile(won, (0.05, 0.95), axis=0)
    counted = (won.mean(0) >= IN_QUESTION) | (actual > 0)
    control, held = in_control(run.held[:, 0]), in_control(actual + run.sitting)
    chances = np.column_stack([control.mean(0), 1 - control.any(2).mean(0)])
    happened = np.column_stack([held, ~held.any(1)]).argmax(1)
    row: dict[str, Any] = {
        "councils": len(actual),
        "coverage_90": float(((low <= actual) & (actual <= high))[counted].mean()),
        "cells": int(counted.sum()),
        "control_called": float((chances.argmax(1) == happened).mean()),
        "control_brier": brier(chances, happened),
        "control_log": log_score(chances, happened, run.draws),
        "wards": None,
        "called": None,
        "brier": None,
        "log_score": None,
    }
    if contest.now is not None:
        leader = contest.now.top.argmax(1)
        part = run.of_party("led")[0] / run.draws
        row |= {
            "wards": len(leader),
            "called": float((part.argmax(1) == leader).mean()),
            "brier": brier(part, leader),
            "log_score": log_score(part, leader, run.draws),
        }
    return row


def score_tables(asked: Asked, elections: Elections) -> tuple[Table, Table]:
    """Forecast, and return its scores, and councillors by party as expected and as they came.

    Raises ConfigError if the data do not hold the result.
    """
    contest = elections.contest
    came(contest)
    run = tables_of(elections.simulate(), asked)
    row = scores(run, contest)
    judged = table_of(
        f"Scores, {run.title}",
        "councils:integer | cells:integer=Parties in them | coverage_90:share=In 90 % ranges | "
        "control_called:share=Control called | control_brier:score=Brier | "
        "control_log:score=log | wards:integer=Wards | called:share=Leader called | brier | "
        "log_score",
        [row],
        "In 90 % ranges: of the parties that won councillors in a council, or were expected to, "
        "those whose number came out in its range. Brier and log: lower is better.",
    )
    actual, won = came(contest).sum(0), run.won[:, 0].sum(1)
    rows: list[dict[str, Any]] = [
        {
            "party": PARTY_NAMES[party],
            "mean": float(won[:, p].mean()),
            **interval(won[:, p]),
            "came": int(actual[p]),
        }
        for p, party in enumerate(PARTIES)
        if actual[p] or won[:, p].mean() >= IN_QUESTION
    ]
    parties = table_of(
        f"Councillors, {run.title}",
        "party | mean:number!=Expected | p5:integer!=90 % from | p95:integer!=to | "
        "came:integer=Came",
        sorted(rows, key=lambda one: -one["came"]),
        *run.manifest["notes"],
    )
    return judged, parties


def splits_that_came(wards: Wards) -> dict[tuple[int, float], tuple[int, int]]:
    """Return contested wards and split ones by seats and lower bound of the first party's lead."""
    out: dict[tuple[int, float], tuple[int, int]] = {}
    order = np.sort(wards.shares, axis=1)
    for seats, lead, won in zip(wards.seats, order[:, -1] - order[:, -2], wards.won, strict=True):
        _add_split(out, int(seats), float(lead), won)
    return out


def splits_simulated(
    plan: WardPlan, seed: int, draws: int
) -> dict[tuple[int, float], tuple[int, int]]:
    """Return the same of simulated wards without pacts, from the plain twin."""
    out: dict[tuple[int, float], tuple[int, int]] = {}
    for w, seats in enumerate(plan.seats):
        for draw in range(draws if seats > 1 else 0):
            best, won = best_votes(plan, seed, draw, w)
            second, first = np.sort(best / best.sum())[-2:]
            _add_split(out, int(seats), float(first - second), won)
    return out


def _add_split(
    out: dict[tuple[int, float], tuple[int, int]], seats: int, lead: float, won: Ints
) -> None:
    if seats > 1:
        key = seats, max(bound for bound in LEADS if bound <= lead)
        wards, split = out.get(key, (0, 0))
        out[key] = wards + 1, split + int((won > 0).sum() > 1)
