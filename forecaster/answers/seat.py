"""One seat of a run: what happened last time, and every party's chances."""

from __future__ import annotations

from forecaster.answers.summary import SHARES, estimates_note, precision_note, shares_note
from forecaster.columns import columns
from forecaster.elections.election import Election
from forecaster.elections.names import find_seat
from forecaster.results.run import RunTables
from forecaster.table import Table
from forecaster.vocabulary import NATIONS, PARTIES, PARTY_NAMES, REGIONS


def seat_table(run: RunTables, name: str) -> Table:
    """Return a row per scenario and party of the seat that `name` finds.

    Raises
    ------
    ConfigError
        If no seat or more than one fits the name.
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
    return Table(
        f"{seat_name} ({code}), {place}",
        columns(
            f"?scenario | -party | party_name | last_share | {SHARES}",
            hide=len(run.scenarios) == 1,
        ),
        rows,
        (
            *_last_time(run.base, i),
            *([found.note] if found.note else []),
            *estimates_note(run),
            precision_note(run.draws),
            *shares_note(run),
        ),
    )


def _last_time(election: Election, i: int) -> list[str]:
    """Say who won a seat at an election, and who else came near without a party of the model."""
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
