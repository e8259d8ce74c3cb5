"""The main tables of a run: national shares, seats won, majorities, closest seats."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from forecaster.answers.scores import favourites
from forecaster.columns import table_of
from forecaster.config.config import Polls
from forecaster.polls.data import as_polls
from forecaster.polls.model import cautions, estimate
from forecaster.results.precision import average, chance, monte_carlo_error, probability
from forecaster.results.run import RunTables
from forecaster.table import Table
from forecaster.vocabulary import MAJORITY, NATIONS, NO_PACT, PARTY_NAMES, SEATS_IN_THE_COMMONS

BAND = (0.05, 0.5, 0.95)
"""Quantiles of the seats of a party."""

MAJORITY_NOTE = f"Majority: {MAJORITY} of {SEATS_IN_THE_COMMONS} seats."
"""The meaning of a majority in all tables but those of MPs who vote (`coalitions`)."""

SEAT = "seat | name | -nation | region"
"""Columns that identify a seat."""

SHARES = "win_probability | mean_share | share_p5 | -share_p50 | share_p95"
"""Columns of a party's chance and share in a seat."""


def one_digit(error: float) -> str:
    """Return a standard error as text with one significant digit.

    >>> one_digit(0.718), one_digit(1.6), one_digit(12)
    ('0.7', '2', '10')
    """
    return f"{float(f'{error:.1g}'):g}"


def precision_note(draws: int) -> str:
    """Return a note on the precision of probabilities."""
    worst = one_digit(50 / np.sqrt(draws))
    return (
        f"Probabilities are parts of {draws:,} simulated elections; their Monte Carlo standard "
        f"error is at most {worst} points."
    )


def shares_note(run: RunTables) -> tuple[str, ...]:
    """Return a note on the number of draws behind intervals of shares, if it is not all."""
    draws = run.manifest.get("draws_of_shares", run.draws)
    note = (
        f"90 % intervals of shares are over {draws:,} of the elections (forecast simulate "
        "--all-shares: over all)."
    )
    return () if draws == run.draws else (note,)


def scenarios_note(run: RunTables) -> tuple[str, ...]:
    """Return notes on the meaning of each scenario with pacts."""
    return tuple(f"{name}: {run.words(name)}." for name in run.scenarios[1:])


def kept_note(run: RunTables) -> tuple[str, ...]:
    """Return a note on the number of draws behind a table, if not all of them are stored."""
    note = f"Over the first {run.kept:,} of {run.draws:,} elections, which are stored one by one."
    return () if run.kept == run.draws else (note,)


def estimates_note(run: RunTables) -> tuple[str, ...]:
    """Return a note on the start of a run, if it is from seat estimates."""
    seats = run.manifest["config"]["base"].get("seats")
    return (f"Seats start from {run.manifest['start']}.",) if seats else ()


def age_note(national: dict[str, Any], today: date) -> tuple[str, ...]:
    """Return warnings on the age of a run's polls today, or on election day if that was earlier.

    They must not be stored, as they change every day.
    """
    if national["source"] != "polls":
        return ()
    source = Polls.model_validate(national)
    day = min(today, source.election_day or today)
    polls = estimate(source.as_of, as_polls(source.file)).polls["GB"]
    return tuple(f"Great Britain on {day}: {text}." for text in cautions("GB", polls, day))


def outcome_table(run: RunTables, scenario: str) -> Table:
    """Return a row per party: mean, median and 90 % interval of seats, and chances."""
    rows = [_outcome(run, scenario, party) for party in run.parties]
    # Two parties cannot both have a majority.
    hung = run.draws * (1 - sum(row["majority"] for row in rows))
    error = float(monte_carlo_error(np.array(hung), run.draws))
    if run.kept == run.draws:
        rows, error = _with_errors(run, scenario, rows)
    rows = [row for row in sorted(rows, key=lambda row: -row["mean"]) if row["p95"] > 0]
    return table_of(
        "Seats" if scenario == NO_PACT else f"Seats, {run.named(scenario)}",
        "party | -name=Name | mean | median | p5 | p95 | largest | majority",
        rows,
        f"{MAJORITY_NOTE} Hung parliament, no party has one: {percent(hung / run.draws)} of "
        f"the simulated elections, standard error {one_digit(100 * error)} points.",
        "Largest party: a tie counts in equal parts. Parties with no seat in 95 % of the "
        "elections are left out.",
        precision_note(run.draws),
    )


def _outcome(run: RunTables, scenario: str, party: str) -> dict[str, Any]:
    """Return a party's row of `outcome_table`, with standard errors for independent draws."""
    draws = run.draws
    total, times, largest = run.distribution(scenario, party)
    low, median, high = (int(total[np.searchsorted(times.cumsum(), q * draws)]) for q in BAND)
    mean = float(total @ times / draws)
    spread = float(np.sqrt((total - mean) ** 2 @ times / draws))
    row: dict[str, Any] = {"party": party, "name": PARTY_NAMES[party]}
    row |= {"mean": mean, "mean_mcse": spread / np.sqrt(draws)}
    row |= {"median": median, "p5": low, "p95": high}
    counted = {"largest": largest.sum(), "majority": times[total >= MAJORITY].sum()}
    for key, number in counted.items():
        row[key] = float(number / draws)
        row[f"{key}_mcse"] = float(monte_carlo_error(number, draws))
    return row


def _with_errors(
    run: RunTables, scenario: str, rows: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], float]:
    """Return the rows, and the error of a hung parliament, allowing for dependent draws."""
    won, cluster = run.won(scenario), run.cluster
    largest = favourites(won)
    out = []
    for j, row in enumerate(rows):
        errors = (
            average("mean", won[:, j], cluster)
            | chance("largest", largest[:, j], cluster)
            | chance("majority", won[:, j] >= MAJORITY, cluster)
        )
        out.append(row | {key: value for key, value in errors.items() if key.endswith("_mcse")})
    return out, probability((won < MAJORITY).all(axis=1), cluster)[1]


def national_table(run: RunTables) -> Table:
    """Return a row per area and party: mean and 90 % interval of the national share."""
    areas, parties, shares = run.drawn_shares
    rows: list[dict[str, Any]] = []
    for area, party, drawn in zip(areas, parties, shares.T, strict=True):
        low, high = np.quantile(drawn, (0.05, 0.95)).tolist()
        about = {"area": area, "party": party, "p5": low, "p95": high}
        rows.append(about | average("mean", drawn, run.cluster))
    order = ("GB", *NATIONS)
    rows.sort(key=lambda row: (order.index(row["area"]), -row["mean"]))
    return table_of(
        "National shares assumed",
        "area | party | mean:share | p5:share | p95:share",
        rows,
        f"{run.manifest['national_source']}.",
        *estimates_note(run),
        *run.manifest.get("notes", ()),
        *kept_note(run),
    )


def favourites_table(run: RunTables, scenario: str) -> Table:
    """Return a row per seat: its favourite, the runner-up, and the gap between their chances."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in run.seat_rows(scenario):
        rows.setdefault(row["seat"], []).append(row)
    out = []
    for contenders in rows.values():
        contenders.sort(key=lambda row: -row["win_probability"])
        first, second = contenders[:2]
        kept = ("seat", "name", "nation", "region", "win_probability", "win_probability_mcse")
        out.append(
            {key: first[key] for key in kept}
            | {
                "favourite": first["party"],
                "runner_up": second["party"],
                "runner_up_probability": second["win_probability"],
                "gap": first["win_probability"] - second["win_probability"],
            }
        )
    return table_of(
        "Seats: favourite and runner-up",
        f"{SEAT} | favourite | win_probability | runner_up | runner_up_probability | -gap",
        out,
        precision_note(run.draws),
    )


def closest_table(run: RunTables, scenario: str, n: int) -> Table:
    """Return the `n` seats with the smallest gap between favourite and runner-up."""
    table = favourites_table(run, scenario)
    rows = sorted(table.rows, key=lambda row: row["gap"])[:n]
    return table_of(f"The {n} closest seats", table.columns, rows, *table.notes)


def chances_table(run: RunTables, scenario: str, party: str | None = None) -> Table:
    """Return a row per seat and standing party, or only those of `party`."""
    every = run.seat_rows(scenario)
    return table_of(
        f"Seats: {PARTY_NAMES[party] if party else 'every party'}",
        f"{SEAT} | ?party | {SHARES}",
        [row for row in every if party in (None, row["party"])],
        precision_note(run.draws),
        *shares_note(run),
        hide=party is not None,
    )


def percent(p: float) -> str:
    """Return a probability as text, which is never "0 %" or "100 %".

    >>> percent(0.7134), percent(0.0004), percent(0.9999)
    ('71 %', '<1 %', '>99 %')
    """
    if p < 0.005:
        return "<1 %"
    return ">99 %" if p > 0.995 else f"{100 * p:.0f} %"
