"""Tragedies of an election that happened: how many by each definition, and which seats."""

from __future__ import annotations

from typing import Any

import numpy as np

from forecaster.analysis.table import Column, Table
from forecaster.elections.read import Election, Ints
from forecaster.elections.tragedies import (
    DEFINITIONS,
    Definition,
    combined_lead,
    tragic_seats,
    votes_against,
    votes_of,
)
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


def definitions_table() -> Table:
    """Return a row per definition: its parties, where it is counted, and its statement."""
    rows = [
        {
            "definition": definition.name,
            "winners": ", ".join(definition.winners),
            "together": ", ".join(definition.together),
            "against": _names(definition.against),
            "nations": ", ".join(definition.nations),
            "statement": definition.statement,
        }
        for definition in DEFINITIONS.values()
    ]
    return Table(
        "Definitions of a tragedy",
        (
            Column("definition", "Definition"),
            Column("winners", "Won by", data_only=True),
            Column("together", "Added up", data_only=True),
            Column("against", "Against", data_only=True),
            Column("nations", "Nations", data_only=True),
            Column("statement", "Statement"),
        ),
        rows,
    )


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
        (
            Column("definition", "Definition"),
            Column("seats", "Seats", "integer"),
            Column("statement", "Statement"),
        ),
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
            Column("seat", "Code", data_only=True),
            Column("name", "Seat"),
            Column("region", "Region"),
            Column("winner", "Winner"),
            Column("winner_votes", "Its votes", "integer"),
            Column(
                "against_votes",
                "Its bloc's",
                "integer",
                data_only=not isinstance(definition.against, tuple),
            ),
            Column("combined_votes", "Combined", "integer"),
            Column("combined_lead", "Combined lead", "integer"),
            Column("second", "Second"),
        ),
        rows,
        (
            f"{len(rows)} seats. {definition.statement}",
            f"Combined: {', '.join(definition.together)}. "
            f"The lead is over: {_names(definition.against)}.",
            COUNTED,
        ),
    )


def _names(against: tuple[str, ...] | str) -> str:
    return ", ".join(against) if isinstance(against, tuple) else f"the {against}"
