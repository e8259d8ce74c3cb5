"""Tragedies of an election that happened: how many by each definition, and which seats."""

from __future__ import annotations

from typing import Any

import numpy as np

from forecaster.answers.summary import kept_note, precision_note
from forecaster.arrays import Ints
from forecaster.columns import columns
from forecaster.elections.election import Election
from forecaster.elections.tragedy import (
    DEFINITIONS,
    Definition,
    combined_lead,
    tragic_seats,
    votes_against,
    votes_of,
)
from forecaster.results.build import Tables, column, rows_where
from forecaster.results.precision import standard_error
from forecaster.table import Column, Table
from forecaster.vocabulary import PARTIES, REGIONS

COUNTED = (
    "Arithmetic with the votes as cast: not what would have happened had the parties cooperated, "
    "for voters do not follow in full. The Speaker's seat and Northern Ireland are left out."
)


def candidate_votes(election: Election) -> Ints:
    """Return the votes of each party's strongest candidate, shape (seat, party).

    They are the election's votes, but for ``Other``, whose candidates stand against each other.
    """
    votes = election.votes.copy()
    votes[:, PARTIES.index("Other")] = election.best_other_votes
    return votes


def tragedy_counts(election: Election) -> Table:
    """Return a row per definition: in how many seats it held at an election."""
    rows = [
        {
            "definition": definition.name,
            "seats": int(tragic_seats(definition, election).sum()),
            "statement": definition.statement,
        }
        for definition in DEFINITIONS.values()
    ]
    return Table(
        f"Tragedies, {election.name}",
        columns("definition | seats | statement"),
        rows,
        (COUNTED,),
    )


def tragedy_seats(election: Election, definition: Definition) -> Table:
    """Return a row per seat that was a tragedy, the largest combined lead first."""
    votes = election.votes
    together = votes_of(definition.together, votes)
    against = votes_against(definition, votes, election.winner)
    lead = combined_lead(definition, votes, election.winner)
    second = np.argsort(candidate_votes(election), axis=1, kind="stable")[:, -2]
    seats = np.flatnonzero(tragic_seats(definition, election))
    rows: list[dict[str, Any]] = [
        {
            "seat": str(election.seats.code[i]),
            "name": str(election.seats.name[i]),
            "region": REGIONS[election.seats.region[i]],
            "winner": PARTIES[election.winner[i]],
            "winner_votes": int(votes[i, election.winner[i]]),
            "against_votes": int(against[i]),
            "combined_votes": int(together[i]),
            "combined_lead": int(lead[i]),
            "second": PARTIES[second[i]],
        }
        for i in seats[np.argsort(-lead[seats], kind="stable")].tolist()
    ]
    return Table(
        f"Tragedies, {election.name}, {definition.name}",
        (
            *columns("seat | name | region | winner | winner_votes"),
            Column(
                "against_votes",
                "Its bloc's",
                "integer",
                data_only=not isinstance(definition.against, tuple),
            ),
            *columns("combined_votes | combined_lead | second"),
        ),
        rows,
        (
            f"{len(rows)} seats. {definition.statement}",
            f"Combined: {', '.join(definition.together)}. "
            f"The lead is over: {_names(definition.against)}.",
            COUNTED,
        ),
    )


def run_counts(tables: Tables) -> Table:
    """Return a row per definition: the distribution of the number of tragedies over the draws."""
    names = list(DEFINITIONS)
    draws = tables.manifest["draws_kept"]
    number = column(tables.tragedy_totals, "tragedies").reshape(draws, len(names))
    rows = []
    for name, count in zip(names, number.T, strict=True):
        low, median, high = np.quantile(count, (0.05, 0.5, 0.95))
        rows.append(
            {
                "definition": name,
                "mean": float(count.mean()),
                "mean_mcse": standard_error(count, tables.cluster),
                "median": round(median),
                "p5": round(low),
                "p95": round(high),
                "statement": DEFINITIONS[name].statement,
            }
        )
    return Table(
        "Tragedies in one simulated election, without pacts",
        columns("definition | mean | median | p5 | p95 | statement"),
        rows,
        (COUNTED, *kept_note(tables)),
    )


def run_seats(tables: Tables, definition: Definition) -> Table:
    """Return a row per seat that may be a tragedy, the likeliest first."""
    rows = rows_where(tables.tragedies, "definition", definition.name)
    rows = [row for row in rows if row["tragedy"] > 0]
    rows.sort(key=lambda row: -row["tragedy"])
    return Table(
        f"Tragedies, {definition.name}",
        columns("-definition | seat | name | tragedy"),
        rows,
        (definition.statement, COUNTED, precision_note(tables.manifest["draws"])),
    )


def _names(against: tuple[str, ...] | str) -> str:
    return ", ".join(against) if isinstance(against, tuple) else f"the {against}"
