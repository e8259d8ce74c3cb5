"""Tragedies of an election or a run: their number by each definition, and their seats."""

from __future__ import annotations

import numpy as np

from forecaster.answers.summary import kept_note, precision_note
from forecaster.arrays import Ints
from forecaster.columns import columns, table_of
from forecaster.elections.election import Election
from forecaster.elections.tragedy import (
    DEFINITIONS,
    Definition,
    combined_lead,
    tragic_seats,
    votes_against,
    votes_of,
)
from forecaster.results.precision import average, interval
from forecaster.results.run import RunTables
from forecaster.table import Table
from forecaster.vocabulary import PARTIES, REGIONS, one_of

COUNTED = (
    "Arithmetic with the votes as cast: not what would have happened had the parties cooperated, "
    "for voters do not follow in full. The Speaker's seat and Northern Ireland are left out."
)


def candidate_votes(election: Election) -> Ints:
    """Return the votes of each party's strongest candidate, shape (seat, party).

    They differ from the election's votes in ``Other`` only, which has several candidates.
    """
    votes = election.votes.copy()
    votes[:, PARTIES.index("Other")] = election.best_other_votes
    return votes


def election_tragedies(election: Election, definition: str | None) -> Table:
    """Return the numbers of tragedies by each definition, or the seats by one of them.

    Raises ConfigError if there is no such definition.
    """
    if definition is None:
        return tragedy_counts(election)
    return tragedy_seats(election, named_definition(definition))


def named_definition(name: str) -> Definition:
    """Return the definition with a name, or raise ConfigError."""
    return DEFINITIONS[one_of(name, DEFINITIONS, "--definition")]


def tragedy_counts(election: Election) -> Table:
    """Return a row per definition: the number of seats that were tragedies at an election."""
    rows = [
        {
            "definition": name,
            "seats": int(tragic_seats(d, election).sum()),
            "statement": d.statement,
        }
        for name, d in DEFINITIONS.items()
    ]
    wanted = columns("definition | seats | statement")
    return table_of(f"Tragedies, {election.name}", wanted, rows, COUNTED)


def tragedy_seats(election: Election, definition: Definition) -> Table:
    """Return a row per seat that was a tragedy, in descending order of the combined lead."""
    votes, winner, seats = election.votes, election.winner, election.seats
    lead = combined_lead(definition, votes, winner)
    found = np.flatnonzero(tragic_seats(definition, election))
    order = found[np.argsort(-lead[found], kind="stable")]
    names = np.array(PARTIES)
    figures = {
        "seat": seats.code,
        "name": seats.name,
        "region": np.array(REGIONS)[seats.region],
        "winner": names[winner],
        "winner_votes": votes[np.arange(len(winner)), winner],
        "against_votes": votes_against(definition, votes, winner),
        "combined_votes": votes_of(definition.together, votes),
        "combined_lead": lead,
        "second": names[np.argsort(candidate_votes(election), axis=1, kind="stable")[:, -2]],
    }
    values = zip(*(figure[order].tolist() for figure in figures.values()), strict=True)
    rows = [dict(zip(figures, row, strict=True)) for row in values]
    bloc = isinstance(definition.against, tuple)
    against = ", ".join(definition.against) if bloc else f"the {definition.against}"
    return table_of(
        f"Tragedies, {election.name}, {definition.name}",
        "seat | name | region | winner | winner_votes | ?against_votes | combined_votes | "
        "combined_lead | second",
        rows,
        f"{len(rows)} seats. {definition.statement}",
        f"Combined: {', '.join(definition.together)}. The lead is over: {against}.",
        COUNTED,
        hide=not bloc,
    )


def run_counts(run: RunTables) -> Table:
    """Return a row per definition: the distribution of the number of tragedies over the draws."""
    number = run.column("tragedy_totals", "tragedies").reshape(run.kept, len(DEFINITIONS))
    rows = [
        {"definition": definition.name, "statement": definition.statement}
        | average("mean", count, run.cluster)
        | {"median": round(np.median(count))}
        | interval(count)
        for definition, count in zip(DEFINITIONS.values(), number.T, strict=True)
    ]
    return table_of(
        "Tragedies in one simulated election, without pacts",
        "definition | mean | median | p5 | p95 | statement",
        rows,
        COUNTED,
        *kept_note(run),
    )


def run_seats(run: RunTables, definition: Definition) -> Table:
    """Return a row per possible tragedy, the most likely first."""
    rows = [r for r in run.rows("tragedies", "definition", definition.name) if r["tragedy"] > 0]
    rows.sort(key=lambda row: -row["tragedy"])
    return table_of(
        f"Tragedies, {definition.name}",
        "-definition | seat | name | tragedy",
        rows,
        definition.statement,
        COUNTED,
        precision_note(run.draws),
    )
