"""What a pact does, seat by seat."""

from __future__ import annotations

from math import isnan
from typing import Any

from forecaster.answers.summary import precision_note
from forecaster.columns import columns
from forecaster.results.build import Tables, rows_where
from forecaster.table import Column, Table


def pact_table(tables: Tables, scenario: str) -> Table:
    """Return a row per pact and seat of a scenario, the largest gain first."""
    assert tables.pact_effects is not None
    rows = rows_where(tables.pact_effects, "scenario", scenario)
    for row in rows:
        for key, value in row.items():
            if isinstance(value, float) and isnan(value):
                row[key] = None
        row["net"] = row["gain"] - row["backfire"]
        row["interval"] = _interval(row)
    rows.sort(key=lambda row: -row["net"])
    several = len({row["pact"] for row in rows}) > 1
    return Table(
        f"{scenario}, seat by seat",
        (
            *columns("-scenario"),
            Column("pact", "Pact", data_only=not several),
            *columns("seat | name | -region | flag_bearer=For"),
            Column("donors", donors_heading(rows)),
            *columns(
                "opponent_wins_without | opponent_wins_with | gain | backfire | break_even_p50 | "
                "interval | -break_even_p5 | -break_even_p95 | exceeds"
            ),
        ),
        rows,
        (
            "Gain: a member wins with the pact, none without. Backfire: a member wins without the "
            "pact, none with it. Sorted by gain less backfire.",
            "Break-even: the smallest part of the donors' votes that must arrive for the flag "
            "bearer to win, over the elections that an opponent wins without the pact; – where no "
            "transfer would do. Exceeded: how often the real part is larger.",
            precision_note(tables.manifest["draws"]),
        ),
    )


def donors_heading(rows: list[dict[str, Any]]) -> str:
    """Say what the donors do: withdraw, or see some of their voters move."""
    forms = {row["form"] for row in rows}
    if forms == {"stand-aside"}:
        return "Stand aside"
    return "Campaign moved from" if forms == {"campaign"} else "Votes move from"


def _interval(row: dict[str, Any]) -> str:
    low, high = row["break_even_p5"], row["break_even_p95"]
    if low is None:
        return "–"
    return f"{100 * low:.0f} to {f'{100 * high:.0f} %' if high is not None else 'never'}"
