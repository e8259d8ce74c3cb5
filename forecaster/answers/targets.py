"""The target list: where a pact gains, whom to back there, and where it had better not be tried."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from forecaster.answers.pact import pact_table
from forecaster.answers.summary import seat_party_rows
from forecaster.columns import columns
from forecaster.results.build import Tables
from forecaster.table import Table
from forecaster.vocabulary import NO_PACT

WORTH = 0.01
"""A net gain or loss below a point of probability is called little difference."""

TOGETHER = (
    "With several pacts at once, gain and backfire are those of all of them together against none; "
    "whether one of them is worth while here, only its own scenario says."
)

CLEAR, FAIRLY_CLEAR = 10.0, 5.0
"""Lead in points over the next member. The model of tactical voting halves its effect at 5."""

WORK, LITTLE, DO_NOT = "work together", "little difference", "do not"
ADVICE = (WORK, LITTLE, DO_NOT)


def targets_table(tables: Tables, scenario: str) -> Table:
    """Return a row per pact and seat, the largest gain less backfire first, with advice.

    The lead is that of the flag bearer over the best placed of the other members who stand, in
    expected shares without pacts. "Do not" stands where backfire exceeds gain by more than two
    Monte Carlo standard errors of their paired difference. Where several pacts are counted at
    once there is no advice: what the others do is in the figures too.
    """
    expected = {
        (row["seat"], row["party"]): row["mean_share"] for row in seat_party_rows(tables, NO_PACT)
    }
    members = {
        pact["name"]: pact["members"]
        for entry in tables.manifest["config"]["scenarios"]
        if entry["name"] == scenario
        for pact in entry["pacts"]
    }
    effects, draws = pact_table(tables, scenario), tables.manifest["draws"]
    rows = [
        row
        | _lead(expected, row, members[row["pact"]])
        | {"advice": advice(row, draws) if len(members) == 1 else None}
        for row in effects.rows
    ]
    known = {column.key: column for column in effects.columns}
    first = ("scenario", "pact", "seat", "name", "region")
    kept = ("gain", "gain_mcse", "backfire", "backfire_mcse", "break_even_p50", "interval")
    shown = {*first, *kept, "flag_bearer", "donors"}
    return Table(
        f"{scenario}, targets",
        (
            *(known[key] for key in first),
            *columns("flag_bearer"),
            known["donors"],
            *columns("lead_pp | clarity | net"),
            *(known[key] for key in kept),
            *columns("advice"),
            *(replace(column, data_only=True) for key, column in known.items() if key not in shown),
        ),
        rows,
        (
            "Lead: expected share of the party to back less that of the next member, in points; "
            f"clear from {CLEAR:.0f}, fairly clear from {FAIRLY_CLEAR:.0f}.",
            f"Do not: more likely to lose the seat than to win it. Little difference: less than "
            f"{100 * WORTH:.0f} point either way.",
            *((TOGETHER,) if len(members) > 1 else ()),
            *effects.notes,
        ),
    )


def advice(row: dict[str, Any], draws: int) -> str:
    """Return one of `ADVICE` from paired probabilities and their standard errors."""
    net = row["gain"] - row["backfire"]
    error = np.sqrt(max(row["gain"] + row["backfire"] - net**2, 0) / draws)
    # No difference errs by more than both together; with Sobol points that may be less.
    error = min(error, row["gain_mcse"] + row["backfire_mcse"])
    if abs(net) < WORTH or abs(net) <= 2 * error:
        return LITTLE
    return WORK if net > 0 else DO_NOT


def _lead(
    expected: dict[tuple[str, str], float], row: dict[str, Any], members: list[str]
) -> dict[str, Any]:
    own = expected.get((row["seat"], row["flag_bearer"]))
    others = [
        expected.get((row["seat"], party)) for party in members if party != row["flag_bearer"]
    ]
    standing = [share for share in others if share is not None]
    if own is None or not standing:
        return {"lead_pp": None, "clarity": "–"}
    lead = 100 * (own - max(standing))
    if lead < 0:
        return {"lead_pp": lead, "clarity": "behind"}
    clear = "clear" if lead >= CLEAR else "fairly clear" if lead >= FAIRLY_CLEAR else "close"
    return {"lead_pp": lead, "clarity": clear}
