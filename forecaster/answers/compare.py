"""Compare scenarios with no-pact on the same simulated elections."""

from __future__ import annotations

from typing import Any

import numpy as np

from forecaster.answers.summary import MAJORITY_NOTE, kept_note, one_digit, precision_note
from forecaster.arrays import Shorts
from forecaster.columns import table_of
from forecaster.config.pact import pact_words
from forecaster.results.precision import average, chance, holder, interval
from forecaster.results.run import RunTables
from forecaster.table import Table
from forecaster.vocabulary import MAJORITY, NO_PACT


def blocs_of(run: RunTables, scenario: str) -> dict[str, tuple[str, ...]]:
    """Return the sides of a scenario's pacts (members, opponents) that have several parties."""
    blocs: dict[str, tuple[str, ...]] = {}
    for pact in run.pacts(scenario):
        for side in ("members", "opponents"):
            parties = tuple(pact[side])
            if parties not in blocs.values():
                blocs["+".join(parties)] = parties
    return {name: parties for name, parties in blocs.items() if len(parties) > 1}


def compare_table(run: RunTables, scenario: str) -> Table:
    """Return seats by party and bloc without and with the pacts of a scenario.

    Differences and their standard errors are paired, election by election.
    """
    blocs = blocs_of(run, scenario)
    rows = []
    for name, members in ({party: (party,) for party in run.parties} | blocs).items():
        row = paired_row(run, scenario, members)
        if name in blocs or row["difference_mcse"] > 0 or row["difference"]:
            kind = "bloc" if name in blocs else "party"
            rows.append({"scenario": scenario, "group": name, "kind": kind} | row)
    largest = max((row["difference_mcse"] for row in rows), default=0)
    sums = "; ".join(f"{name} is these parties' seats added up" for name in blocs)
    return table_of(
        f"{run.named(scenario)}, against no pacts: seats",
        "-scenario | group | -kind | without | with | difference | difference_p5 | "
        "difference_p95 | majority_without | majority_with | fewer",
        rows,
        *([f"Blocs: {sums}."] if blocs else []),
        f"{MAJORITY_NOTE} Fewer seats: part of the elections in which the pact costs the party "
        "or bloc seats. "
        "Parties whose seats never change are left out.",
        f"Differences are paired; their standard error is at most {one_digit(largest)} seats. "
        + precision_note(run.kept),
        *kept_note(run),
    )


def changes_table(run: RunTables, scenarios: list[str]) -> Table:
    """Return a row per pact: how often it changes who has a majority, or costs its side seats."""
    rows = []
    for scenario in scenarios:
        changed = holder(run.won()) != holder(run.won(scenario))
        for pact in run.pacts(scenario):
            before, after = (_sides(run, name, pact) for name in (NO_PACT, scenario))
            rows.append(
                {
                    "scenario": scenario,
                    "pact": pact["name"],
                    "words": pact_words(pact["members"], pact["strength"]["form"]),
                    "members": "+".join(pact["members"]),
                    "opponents": "+".join(pact["opponents"]),
                    **chance("party_majority_changes", changed, run.cluster),
                    **chance("bloc_majority_changes", holder(before) != holder(after), run.cluster),
                    **chance("costs_own_side", after[:, 0] < before[:, 0], run.cluster),
                }
            )
    return table_of(
        "What the pacts change",
        "scenario | -pact | words=Pact | -members | -opponents | party_majority_changes | "
        "bloc_majority_changes | costs_own_side",
        rows,
        f"{MAJORITY_NOTE} Of parties: one has it, another, or nobody; of sides: the members "
        "together, the opponents together, or nobody. Changes of any kind count.",
        precision_note(run.kept),
        *kept_note(run),
    )


def paired_row(run: RunTables, scenario: str, parties: tuple[str, ...]) -> dict[str, Any]:
    """Return the cells of a comparison: seats of some parties together without and with pacts."""
    before, after = run.won(NO_PACT, parties), run.won(scenario, parties)
    difference = after.astype(int) - before
    return {
        **average("without", before, run.cluster),
        **average("with", after, run.cluster),
        **average("difference", difference, run.cluster),
        **interval(difference, "difference"),
        **chance("majority_without", before >= MAJORITY, run.cluster),
        **chance("majority_with", after >= MAJORITY, run.cluster),
        **chance("fewer", difference < 0, run.cluster),
    }


def _sides(run: RunTables, scenario: str, pact: dict[str, Any]) -> Shorts:
    """Return the seats of a pact's members and opponents, shape (draw, 2)."""
    sides = (run.won(scenario, tuple(pact[side])) for side in ("members", "opponents"))
    return np.stack(list(sides), axis=1)
