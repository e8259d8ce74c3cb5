"""Every scenario against no-pact, on the same simulated elections."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from forecaster.answers.summary import Counts, kept_note, precision_note, seats_won
from forecaster.columns import columns
from forecaster.errors import ConfigError
from forecaster.results.build import Tables
from forecaster.results.precision import probability, standard_error
from forecaster.table import Table
from forecaster.vocabulary import MAJORITY, NO_PACT, suggest


def scenarios_of(tables: Tables, wanted: Iterable[str]) -> list[str]:
    """Return the scenarios with pacts, or those that are wanted.

    Raises
    ------
    ConfigError
        If the run has no pacts, or none of that name.
    """
    known = [name for name in tables.manifest["scenarios"] if name != NO_PACT]
    if not known:
        raise ConfigError(
            "the run has no pacts: simulate again with --pact FILE, for example "
            "--pact configs/pacts/progressive.toml."
        )
    for name in wanted:
        if name not in known:
            raise ConfigError(f"--scenario {name!r}: not in the run. {suggest(name, known)}")
    return list(wanted) or known


def blocs_of(tables: Tables, scenario: str) -> dict[str, tuple[str, ...]]:
    """Return the sides of a scenario's pacts by name: every pact's members, then its opponents."""
    blocs: dict[str, tuple[str, ...]] = {}
    for entry in tables.manifest["config"]["scenarios"]:
        if entry["name"] == scenario:
            for pact in entry["pacts"]:
                for side in ("members", "opponents"):
                    parties = tuple(pact[side])
                    if parties not in blocs.values():
                        blocs["+".join(parties)] = parties
    return {name: parties for name, parties in blocs.items() if len(parties) > 1}


def compare_table(tables: Tables, scenario: str) -> Table:
    """Return seats by party and bloc without and with the pacts of a scenario.

    The difference is taken election by election, so its standard error is a paired one.
    """
    before, after = seats_won(tables, NO_PACT), seats_won(tables, scenario)
    parties = tables.manifest["parties"]
    blocs = blocs_of(tables, scenario)
    groups = {party: (party,) for party in parties} | blocs
    rows = []
    for name, members in groups.items():
        own = [parties.index(party) for party in members if party in parties]
        row = paired_row(
            name, before[:, own].sum(axis=1), after[:, own].sum(axis=1), tables.cluster
        )
        if name in blocs or row["difference_mcse"] > 0 or row["difference"]:
            rows.append(row | {"scenario": scenario, "kind": "bloc" if name in blocs else "party"})
    return Table(
        f"{scenario} against {NO_PACT}: seats",
        columns(
            "-scenario | group | -kind | without | with | difference | difference_p5 | "
            "difference_p95 | majority_without | majority_with | fewer"
        ),
        rows,
        (
            *(_definition(blocs)),
            "Fewer seats: part of the elections in which the pact costs the party or bloc seats. "
            "Parties whose seats never change are left out.",
            f"Differences are paired; their standard error is at most "
            f"{max((row['difference_mcse'] for row in rows), default=0):.1g} seats. "
            + precision_note(len(before)),
            *kept_note(tables),
        ),
    )


def changes_table(tables: Tables, scenarios: list[str]) -> Table:
    """Return, by scenario, how often the pacts change who has a majority or cost their own side."""
    rows = []
    parties = tables.manifest["parties"]
    before, cluster = seats_won(tables, NO_PACT), tables.cluster
    for scenario in scenarios:
        after = seats_won(tables, scenario)
        changed, changed_error = probability(_holder(before) != _holder(after), cluster)
        for pact in _pacts(tables, scenario):
            own = [parties.index(party) for party in pact["members"] if party in parties]
            against = [parties.index(party) for party in pact["opponents"] if party in parties]
            bloc = [_bloc_majority(won, own, against) for won in (before, after)]
            bloc_changed, bloc_error = probability(bloc[0] != bloc[1], cluster)
            fewer = after[:, own].sum(1) < before[:, own].sum(1)
            cost, cost_error = probability(fewer, cluster)
            rows.append(
                {
                    "scenario": scenario,
                    "pact": pact["name"],
                    "members": "+".join(pact["members"]),
                    "opponents": "+".join(pact["opponents"]),
                    "party_majority_changes": changed,
                    "party_majority_changes_mcse": changed_error,
                    "bloc_majority_changes": bloc_changed,
                    "bloc_majority_changes_mcse": bloc_error,
                    "costs_own_side": cost,
                    "costs_own_side_mcse": cost_error,
                }
            )
    return Table(
        "What the pacts change",
        columns(
            "scenario | pact | members | -opponents | party_majority_changes | "
            "bloc_majority_changes | costs_own_side"
        ),
        rows,
        (
            f"Majority: {MAJORITY} of 650 seats, held by one party, by the members together, by "
            "the opponents together, or by nobody; changes of any kind count.",
            precision_note(len(before)),
            *kept_note(tables),
        ),
    )


def paired_row(name: str, before: Counts, after: Counts, cluster: int) -> dict[str, Any]:
    """Return seats of a party or bloc without and with the pacts, shape (draw,) each, compared.

    `cluster` is that of the run, see `forecaster.results.precision`.
    """
    difference = after.astype(int) - before
    low, high = np.quantile(difference, (0.05, 0.95))
    row: dict[str, Any] = {
        "group": name,
        "without": float(before.mean()),
        "with": float(after.mean()),
        "difference": float(difference.mean()),
        "difference_mcse": standard_error(difference, cluster),
        "difference_p5": round(low),
        "difference_p95": round(high),
    }
    chances = {
        "majority_without": before >= MAJORITY,
        "majority_with": after >= MAJORITY,
        "fewer": difference < 0,
    }
    for key, happened in chances.items():
        row[key], row[f"{key}_mcse"] = probability(happened, cluster)
    return row


def _pacts(tables: Tables, scenario: str) -> list[dict[str, Any]]:
    entries = tables.manifest["config"]["scenarios"]
    return next(list(entry["pacts"]) for entry in entries if entry["name"] == scenario)


def _holder(won: Counts) -> Counts:
    """Return the position of the party with a majority in every draw, -1 for none."""
    return np.where((won >= MAJORITY).any(axis=1), won.argmax(axis=1), -1)


def _bloc_majority(won: Counts, own: list[int], against: list[int]) -> Counts:
    sides = np.stack([won[:, own].sum(axis=1), won[:, against].sum(axis=1)], axis=1)
    return _holder(sides)


def _definition(blocs: dict[str, tuple[str, ...]]) -> list[str]:
    if not blocs:
        return []
    sums = "; ".join(f"{name} is these parties' seats added up" for name in blocs)
    return [f"Blocs: {sums}."]
