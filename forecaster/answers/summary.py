"""The first questions about a run: shares assumed, seats won, majorities, closest seats."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from forecaster.columns import columns
from forecaster.results.build import Tables, column, rows_where
from forecaster.results.precision import monte_carlo_error, probability, standard_error
from forecaster.table import Table
from forecaster.vocabulary import MAJORITY, NATIONS, NO_PACT, PARTY_NAMES

Counts = npt.NDArray[np.int16]

BAND = (0.05, 0.5, 0.95)
"""Quantiles of the seats of a party."""


def seats_won(tables: Tables, scenario: str) -> Counts:
    """Return seats won in the kept draws, shape ``(draw, party)``, parties as in the manifest."""
    manifest = tables.manifest
    shape = (manifest["draws_kept"], len(manifest["scenarios"]), len(manifest["parties"]))
    every = column(tables.totals, "seats").reshape(shape)
    return np.asarray(every[:, manifest["scenarios"].index(scenario)])


def drawn_shares(tables: Tables) -> tuple[list[str], list[str], npt.NDArray[np.float32]]:
    """Return areas, parties and the shares drawn for each in the kept draws, shape (draw, each)."""
    table, draws = tables.national, tables.manifest["draws_kept"]
    per_draw = len(table) // draws
    areas, parties = (table.column(k).slice(0, per_draw).to_pylist() for k in ("area", "party"))
    return areas, parties, column(table, "national_share").reshape(draws, per_draw)


def distribution(
    tables: Tables, scenario: str, party: str
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the numbers of seats a party won, how often, and how often of that as the largest."""
    table = tables.distribution
    here = (column(table, "scenario") == scenario) & (column(table, "party") == party)
    total, times, largest = (
        column(table, name)[here] for name in ("total", "elections", "elections_largest")
    )
    return total, times, largest


def precision_note(draws: int) -> str:
    """Say how precise probabilities of a run are."""
    worst = 50 / np.sqrt(draws)
    return (
        f"Probabilities are parts of {draws:,} simulated elections; their Monte Carlo standard "
        f"error is at most {worst:.1g} points."
    )


def kept_note(tables: Tables) -> tuple[str, ...]:
    """Say over how many draws a table is, if not all of them are stored one by one."""
    kept, draws = tables.manifest["draws_kept"], tables.manifest["draws"]
    if kept == draws:
        return ()
    return (f"Over the first {kept:,} of {draws:,} elections, which are stored one by one.",)


def _clustered_errors(tables: Tables, scenario: str) -> tuple[dict[str, dict[str, float]], float]:
    """Return the standard errors of `outcome_table` by party, and that of a hung parliament."""
    won, cluster = seats_won(tables, scenario), tables.cluster
    largest = won == won.max(axis=1, keepdims=True)
    largest = largest / largest.sum(axis=1, keepdims=True)
    errors = {
        party: {
            "mean_mcse": standard_error(won[:, j], cluster),
            "largest_mcse": probability(largest[:, j], cluster)[1],
            "majority_mcse": probability(won[:, j] >= MAJORITY, cluster)[1],
        }
        for j, party in enumerate(tables.manifest["parties"])
    }
    return errors, probability((won < MAJORITY).all(axis=1), cluster)[1]


def outcome_table(tables: Tables, scenario: str) -> Table:
    """Return seats by party: mean, median, 90 % interval, chances to be largest and to win."""
    draws = tables.manifest["draws"]
    rows = []
    for party in tables.manifest["parties"]:
        total, times, largest = distribution(tables, scenario, party)
        low, median, high = (total[np.searchsorted(times.cumsum(), q * draws)] for q in BAND)
        mean = float(total @ times / draws)
        spread = float(np.sqrt((total - mean) ** 2 @ times / draws))
        majority = int(times[total >= MAJORITY].sum())
        rows.append(
            {
                "party": party,
                "name": PARTY_NAMES[party],
                "mean": mean,
                "mean_mcse": spread / np.sqrt(draws),
                "median": int(median),
                "p5": int(low),
                "p95": int(high),
                "largest": float(largest.sum() / draws),
                "largest_mcse": float(monte_carlo_error(largest.sum(), draws)),
                "majority": majority / draws,
                "majority_mcse": float(monte_carlo_error(np.array(majority), draws)),
            }
        )
    # Two parties cannot both have a majority.
    hung = draws * (1 - sum(row["majority"] for row in rows))
    rows = [row for row in sorted(rows, key=lambda row: -row["mean"]) if row["p95"] > 0]
    error = float(monte_carlo_error(np.array(hung), draws))
    if tables.cluster > 1:
        errors, error = _clustered_errors(tables, scenario)
        rows = [row | errors[row["party"]] for row in rows]
    return Table(
        "Seats" if scenario == NO_PACT else f"Seats, {scenario}",
        columns("party | -name=Name | mean | median | p5 | p95 | largest | majority"),
        rows,
        (
            f"Hung parliament (no party has {MAJORITY} seats): {percent(hung / draws)} of the "
            f"simulated elections, standard error {100 * error:.1g} points.",
            "Largest party: a tie counts in equal parts. Parties with no seat in 95 % of the "
            "elections are left out.",
            precision_note(draws),
        ),
    )


def national_table(tables: Tables) -> Table:
    """Return national shares by area and party: mean and 90 % interval over the draws."""
    areas, parties, shares = drawn_shares(tables)
    rows: list[dict[str, Any]] = []
    for i, (area, party) in enumerate(zip(areas, parties, strict=True)):
        low, high = np.quantile(shares[:, i], (0.05, 0.95))
        rows.append(
            {
                "area": area,
                "party": party,
                "mean": float(shares[:, i].mean()),
                "mean_mcse": standard_error(shares[:, i], tables.cluster),
                "p5": float(low),
                "p95": float(high),
            }
        )
    order = ("GB", *NATIONS)
    rows.sort(key=lambda row: (order.index(row["area"]), -row["mean"]))
    return Table(
        "National shares assumed",
        columns("area | party | mean:share | p5:share | p95:share"),
        rows,
        (
            f"{tables.manifest['national_source']}.",
            *estimates_note(tables),
            *kept_note(tables),
        ),
    )


def estimates_note(tables: Tables) -> tuple[str, ...]:
    """Return a note on a run that starts from seat estimates; none for one that does not."""
    if not tables.manifest["config"]["base"].get("seats"):
        return ()
    return (f"Seats start from {tables.manifest['start']}.",)


def seat_favourites(tables: Tables, scenario: str) -> Table:
    """Return a row per seat: its most likely winner, the next, and how far they are apart."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in seat_party_rows(tables, scenario):
        rows.setdefault(row["seat"], []).append(row)
    out = []
    for contenders in rows.values():
        contenders.sort(key=lambda row: -row["win_probability"])
        first, second = contenders[0], contenders[1]
        out.append(
            {key: first[key] for key in ("seat", "name", "nation", "region")}
            | {
                "favourite": first["party"],
                "win_probability": first["win_probability"],
                "win_probability_mcse": first["win_probability_mcse"],
                "runner_up": second["party"],
                "runner_up_probability": second["win_probability"],
                "gap": first["win_probability"] - second["win_probability"],
            }
        )
    return Table(
        "Seats: favourite and runner-up",
        (
            *SEAT_COLUMNS,
            *columns("favourite | win_probability | runner_up | runner_up_probability | -gap"),
        ),
        out,
        (precision_note(tables.manifest["draws"]),),
    )


def closest_seats(tables: Tables, scenario: str, n: int) -> Table:
    """Return the `n` seats where the favourite is least ahead of the runner-up."""
    table = seat_favourites(tables, scenario)
    rows = sorted(table.rows, key=lambda row: row["gap"])[:n]
    return Table(f"The {n} closest seats", table.columns, rows, table.notes)


SEAT_COLUMNS = columns("seat | name | -nation | region")

SHARE_COLUMNS = columns("win_probability | mean_share | share_p5 | -share_p50 | share_p95")


def seat_party_rows(tables: Tables, scenario: str) -> list[dict[str, Any]]:
    """Return the rows of the seats table that belong to a scenario."""
    return rows_where(tables.seats, "scenario", scenario)


def party_table(tables: Tables, scenario: str, party: str) -> Table:
    """Return a row per seat in which the party stands: its win probability and share."""
    rows = [row for row in seat_party_rows(tables, scenario) if row["party"] == party]
    return Table(
        f"Seats: {PARTY_NAMES[party]}",
        (
            *SEAT_COLUMNS,
            *columns("-party"),
            *SHARE_COLUMNS,
        ),
        rows,
        (precision_note(tables.manifest["draws"]),),
    )


def percent(p: float) -> str:
    """Write a probability for people; never "0 %" or "100 %" for one that may not be.

    Examples
    --------
    >>> percent(0.7134), percent(0.0004), percent(0.9999)
    ('71 %', '<1 %', '>99 %')
    """
    if p < 0.005:
        return "<1 %"
    return ">99 %" if p > 0.995 else f"{100 * p:.0f} %"
