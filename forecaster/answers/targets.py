"""The effects of a pact seat by seat: whom to back, and where not to try it."""

from __future__ import annotations

from typing import Any

import numpy as np

from forecaster.answers.summary import precision_note
from forecaster.columns import table_of
from forecaster.results.run import Row, RunTables
from forecaster.table import Table
from forecaster.vocabulary import NO_PACT

WORTH = 0.01
"""A net gain or loss of probability below this is called little difference."""

TOGETHER = (
    "With several pacts at once, gain and backfire are those of all of them together against none; "
    "whether one of them is worth while here, only its own scenario says."
)

CLEAR, FAIRLY_CLEAR = 10.0, 5.0
"""Lead over the next member [pp]. The model of tactical voting halves its effect at 5."""

CLARITIES = ("clear", "fairly clear", "close", "behind", "–")
"""How clear it is whom to back, from the lead; the last where no other member stands."""

WORK, LITTLE, DO_NOT = "work together", "little difference", "do not"
ADVICE = (WORK, LITTLE, DO_NOT)

PRIORITIES = (("first half", 0.5), ("to nine tenths", 0.9), ("the rest", 1.0))
"""Parts of all that a pact gains, the best seats first, each with its upper end.

The ends are chosen for convenience, to divide the many seats in which to work together.
"""


def effects_table(run: RunTables, scenario: str) -> Table:
    """Return a row per pact and seat of a scenario, in descending order of gain less backfire."""
    rows = run.effect_rows(scenario)
    for row in rows:
        row["net"] = row["gain"] - row["backfire"]
        row["interval"] = _interval(row)
    rows.sort(key=lambda row: -row["net"])
    return table_of(
        f"{run.named(scenario)}, seat by seat",
        f"-scenario | ?pact | seat | name | -region | flag_bearer=For | "
        f"donors={donors_heading(rows)} | opponent_wins_without | opponent_wins_with | gain | "
        "backfire | break_even_p50 | interval | -break_even_p5 | -break_even_p95 | exceeds",
        rows,
        "Gain: a member wins with the pact, none without. Backfire: a member wins without the "
        "pact, none with it. Listed by gain less backfire unless sorted otherwise.",
        "Break-even: the smallest part of the donors' votes that must arrive for the flag "
        "bearer to win, over the elections that an opponent wins without the pact; – where no "
        "transfer would do. Enough arrive: how often the real part is larger.",
        precision_note(run.draws),
        hide=len(run.pacts(scenario)) == 1,
    )


def donors_heading(rows: list[Row]) -> str:
    """Return the heading of the donors, by the form of the pacts."""
    forms = {row["form"] for row in rows}
    if forms == {"stand-aside"}:
        return "Stand aside"
    return "Campaign moved from" if forms == {"campaign"} else "Votes move from"


def targets_table(run: RunTables, scenario: str) -> Table:
    """Return a row per pact and seat with advice, in descending order of gain less backfire.

    The lead is that of the flag bearer over the best placed of the other members who stand, in
    expected shares without pacts. The advice is "do not" if backfire exceeds gain by more than two
    Monte Carlo standard errors of their paired difference. There is no advice for several pacts at
    once, as the figures then include the effects of the other pacts.
    """
    expected = {(row["seat"], row["party"]): row["mean_share"] for row in run.seat_rows(NO_PACT)}
    members = {pact["name"]: pact["members"] for pact in run.pacts(scenario)}
    effects = effects_table(run, scenario)
    rows = [
        row
        | _lead(expected, row, members[row["pact"]])
        | {"advice": advice(row, run.draws) if len(members) == 1 else None}
        for row in effects.rows
    ]
    for pact in members:
        _rank([row for row in rows if row["pact"] == pact])
    return table_of(
        f"{run.named(scenario)}, targets",
        f"-scenario | ?pact | rank | seat | name | -region | flag_bearer | "
        f"donors={donors_heading(rows)} | lead_pp | clarity | net | cumulated | priority | "
        "per_donor | gain | backfire | break_even_p50 | interval | advice | "
        "-opponent_wins_without | -opponent_wins_with | -break_even_p5 | -break_even_p95 | "
        "-exceeds",
        rows,
        "Lead: expected share of the party to back less that of the next member, in points; "
        f"clear from {CLEAR:.0f}, fairly clear from {FAIRLY_CLEAR:.0f}.",
        "Seats so far: what the pact gains in this seat and all before it, on average. First "
        "half, to nine tenths: of all that it gains. Each: net gain by member that gives way.",
        f"Do not: more likely to lose the seat than to win it. Little difference: less than "
        f"{100 * WORTH:.0f} point either way.",
        *((TOGETHER,) if len(members) > 1 else ()),
        *effects.notes,
        hide=len(members) == 1,
    )


def _rank(rows: list[Row]) -> None:
    """Add to a pact's rows, the best first, their rank, the gain so far and what part it is of."""
    net = np.array([row["net"] for row in rows])
    before = np.cumsum(net) - net
    parts = before / max(net.clip(min=0).sum(), np.finfo(float).tiny)
    for k, row in enumerate(rows):
        donors = len(list(filter(None, row["donors"].split("+"))))
        part = next(words for words, end in PRIORITIES if parts[k] < end or end == 1)
        row["rank"], row["cumulated"] = k + 1, float(before[k] + net[k])
        row["priority"] = part if net[k] > 0 else "–"
        row["per_donor"] = row["net"] / donors if donors else None


def advice(row: dict[str, Any], draws: int) -> str:
    """Return one of `ADVICE` from paired probabilities and their standard errors."""
    net = row["gain"] - row["backfire"]
    error = np.sqrt(max(row["gain"] + row["backfire"] - net**2, 0) / draws)
    # The error of a difference is at most the sum of both, which is smaller with Sobol points.
    error = min(error, row["gain_mcse"] + row["backfire_mcse"])
    if abs(net) < WORTH or abs(net) <= 2 * error:
        return LITTLE
    return WORK if net > 0 else DO_NOT


def _lead(
    expected: dict[tuple[str, str], float], row: dict[str, Any], members: list[str]
) -> dict[str, Any]:
    own = expected.get((row["seat"], row["flag_bearer"]))
    pairs = [(row["seat"], party) for party in members if party != row["flag_bearer"]]
    others = [expected[pair] for pair in pairs if pair in expected]
    if own is None or not others:
        return {"lead_pp": None, "clarity": CLARITIES[-1]}
    lead = 100 * (own - max(others))
    below = sum(lead < least for least in (CLEAR, FAIRLY_CLEAR, 0.0))
    return {"lead_pp": lead, "clarity": CLARITIES[below]}


def _interval(row: dict[str, Any]) -> str:
    low, high = row["break_even_p5"], row["break_even_p95"]
    if low is None:
        return "–"
    return f"{100 * low:.0f} to {f'{100 * high:.0f} %' if high is not None else 'never'}"
