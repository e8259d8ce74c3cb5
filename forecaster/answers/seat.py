"""One seat of a run: what happened last time, and every party's chances."""

from __future__ import annotations

from forecaster.answers.summary import SHARE_COLUMNS, estimates_note, precision_note
from forecaster.columns import columns
from forecaster.elections.election import read_election
from forecaster.elections.names import find_seat
from forecaster.results.build import Tables, rows_where
from forecaster.table import Column, Table
from forecaster.vocabulary import NATIONS, PARTIES, PARTY_NAMES, REGIONS


def seat_table(tables: Tables, name: str) -> Table:
    """Return a row per scenario and party of the seat that `name` finds.

    Raises
    ------
    ConfigError
        If no seat or more than one fits the name.
    """
    election = read_election(tables.manifest["base"])
    found = find_seat(election.seats, name)
    i = found.index
    code, seat_name = election.seats.code[i], election.seats.name[i]
    last = election.shares[i]
    rows = rows_where(tables.seats, "seat", str(code))
    for row in rows:
        row["last_share"] = float(last[PARTIES.index(row["party"])]) or None
        row["party_name"] = PARTY_NAMES[row["party"]]
    order = tables.manifest["scenarios"]
    rows.sort(key=lambda row: (order.index(row["scenario"]), -row["win_probability"]))
    region = REGIONS[election.seats.region[i]]
    nation = NATIONS[election.seats.nation[i]]
    place = region if region == nation else f"{region}, {nation}"
    winner = PARTIES[election.winner[i]]
    held = f"Won in {election.name} by {PARTY_NAMES[winner]}"
    if election.candidate[i]:
        held += f" ({election.candidate[i]})"
    notes = [f"{held}; {election.valid_votes[i]:,} valid votes."]
    if election.best_other_votes[i] > 0 and election.best_other_candidate[i]:
        notes.append(
            f"Strongest other candidate then: {election.best_other_candidate[i]} "
            f"({election.best_other_party[i]}), {election.best_other_votes[i]:,} votes."
        )
    if found.note:
        notes.append(found.note)
    return Table(
        f"{seat_name} ({code}), {place}",
        (
            Column("scenario", "Scenario", data_only=len(tables.manifest["scenarios"]) == 1),
            *columns("-party | party_name | last_share"),
            *SHARE_COLUMNS,
        ),
        rows,
        (*notes, *estimates_note(tables), precision_note(tables.manifest["draws"])),
    )
