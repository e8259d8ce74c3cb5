"""One seat of a run: the last result, and every party's chances."""

from __future__ import annotations

from datetime import date

import numpy as np

from forecaster.answers.summary import (
    SHARES,
    estimates_note,
    precision_note,
    scenarios_note,
    shares_note,
)
from forecaster.columns import columns, table_of
from forecaster.config.config import in_words
from forecaster.elections.election import Election
from forecaster.elections.names import find_seat
from forecaster.pipeline import plan_again, stored_config
from forecaster.plan.build import Plan, steps
from forecaster.results.run import RunTables
from forecaster.table import Table
from forecaster.vocabulary import NATIONS, PARTIES, PARTY_NAMES, REGIONS, SHORT_NAMES

PARTS = columns(
    "last:number=Last | candidates:difference=Ballot | swing:difference | "
    "by_election:difference=By-election | local:difference=Local | tactical:difference | "
    "sitting_mp:difference=MP"
)
"""From the last share of a seat to the expected one, by key of `plan.build.STEPS`."""

PARTS_NOTE = (
    "Ballot: parties that did not stand last time, and others who were strong then and come nearer "
    "to their nation; Local: local elections since; MP: who sits there and may stand again. The "
    "expected share is the middle of the simulated ones; how far they may lie from it makes the "
    "chances."
)


def seat_table(run: RunTables, name: str) -> Table:
    """Return a row per scenario and party of a seat.

    Raises ConfigError if no seat or more than one fits the name.
    """
    found = find_seat(run.places, name)
    i, last = found.index, run.base.shares[found.index]
    code, seat_name = run.places.code[i], run.places.name[i]
    rows = run.rows("seats", "seat", str(code))
    for row in rows:
        row["last_share"] = float(last[PARTIES.index(row["party"])]) or None
        row["party_name"] = PARTY_NAMES[row["party"]]
    rows.sort(key=lambda row: (run.scenarios.index(row["scenario"]), -row["win_probability"]))
    region, nation = REGIONS[run.places.region[i]], NATIONS[run.places.nation[i]]
    place = region if region == nation else f"{region}, {nation}"
    return table_of(
        f"{seat_name} ({code}), {place}",
        f"?scenario | -party | party_name | last_share | {SHARES}",
        rows,
        *_last_time(run.base, i),
        *([found.note] if found.note else []),
        *estimates_note(run),
        *scenarios_note(run),
        precision_note(run.draws),
        *shares_note(run),
        hide=len(run.scenarios) == 1,
    )


def why_table(run: RunTables, name: str) -> Table:
    """Return a row per party: the steps from the last share to the expected one, in points.

    Raises ConfigError if no seat or more than one fits the name. Raises ResultsError if the run was
    stored by another version of the program.
    """
    i = find_seat(run.places, name).index
    plan = plan_again(stored_config(run))
    parts = {key: 100 * of[i] for key, of in steps(plan).items()}
    ballot = plan.base.seats.ballot(i)
    expected = sum(parts.values())
    shown = plan.base.stands[i] | (plan.base.last[i] > 0)
    rows = [
        {
            "party_name": SHORT_NAMES.get(ballot[column], PARTY_NAMES[ballot[column]]),
            "expected": float(expected[column]),
        }
        | {key: float(of[column]) for key, of in parts.items()}
        for column in np.argsort(-expected, kind="stable")
        if shown[column]
    ]
    return table_of(
        f"Why: from the share of {run.base.name} to the expected one, in points",
        (*columns("party_name"), *PARTS, *columns("expected:number=Expected")),
        rows,
        *_since(plan, i, ballot),
        PARTS_NOTE,
    )


def _since(plan: Plan, i: int, ballot: tuple[str, ...]) -> list[str]:
    """Return notes on elections in a seat since the base, and on its MP's party."""
    known, seats = plan.since, plan.base.seats
    here = (seats.code[i], seats.boundaries)
    notes = []
    for one in known.by_elections:
        if (one.by_election.seat, one.by_election.boundaries) != here:
            continue
        day = one.by_election.day
        shares = ", ".join(
            f"{PARTY_NAMES[ballot[c]]} {100 * one.actual[c]:.0f} %"
            + (f" ({100 * one.surprise[c]:+.0f})".replace("-", "−") if one.contested else "")
            for c in np.argsort(-one.actual)[:3]
            if one.stood[c]
        )
        meaning = (
            "in brackets points beside what the polls of the day made expect"
            if one.contested
            else "it says nothing of swing, for large parties stood aside"
        )
        notes.append(f"By-election of {in_words(day)}: {shares}; {meaning}.")
    if known.local.day[i]:
        change = 100 * known.local.change[i]
        told = ", ".join(
            f"{PARTY_NAMES[PARTIES[k]]} {change[k]:+.1f}".replace("-", "−")
            for k in np.flatnonzero(change)
        )
        notes.append(
            f"Local elections of {in_words(date.fromisoformat(known.local.day[i]))}: {told} points "
            "beside what earlier votes and the other seats of the day suggested."
        )
    if known.members is not None:
        party, whip = known.members.party[i], known.members.whip[i]
        sits = PARTY_NAMES[PARTIES[party]] if whip else f"{PARTY_NAMES[PARTIES[party]]}, suspended"
        notes.append(f"The MP today: {sits}.")
    return notes


def _last_time(election: Election, i: int) -> list[str]:
    """Return notes on who won a seat, and on its strongest candidate of another party."""
    held = f"Won in {election.name} by {PARTY_NAMES[PARTIES[election.winner[i]]]}"
    if election.candidate[i]:
        held += f" ({election.candidate[i]})"
    notes = [f"{held}; {election.valid_votes[i]:,} valid votes."]
    if election.best_other_votes[i] > 0 and election.best_other_candidate[i]:
        notes.append(
            f"Strongest other candidate then: {election.best_other_candidate[i]} "
            f"({election.best_other_party[i]}), {election.best_other_votes[i]:,} votes."
        )
    return notes
