"""A run of councils as one page: plain HTML, without a script."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from forecaster.councils import answers
from forecaster.councils.contest import slug
from forecaster.councils.data import OTHER, PARTIES
from forecaster.councils.run import CouncilTables
from forecaster.files import new_file
from forecaster.report.page import FEW, templates
from forecaster.table import Table
from forecaster.vocabulary import PARTY_NAMES

COALITIONS, TRAGEDIES = 8, 30
"""Rows that a page shows of them."""

APART = (("Lab", "Con"),)
"""Parties that a page takes not to govern together: a rule of the Labour Party."""


def write_council_report(run: CouncilTables, path: Path, force: bool = False) -> None:
    """Write the report of a run of councils.

    Raises
    ------
    ResultsError
        If `path` exists or cannot be written.
    """
    with new_file(path, force) as partial:
        partial.write_text(council_page(run), encoding="utf-8")


def council_page(run: CouncilTables) -> str:
    """Return the report of a run of councils as HTML."""
    several = len(run.councils) > 1
    pacts = range(1, len(run.scenarios))
    totals = answers.totals_table(run, 0, None if several else run.councils[0])
    compared = [answers.compare_table(run, s) for s in pacts]
    councils = answers.councils_table(run, 0)
    tables = [totals, *compared, *([councils] if several else [])]
    page: str = (
        templates()
        .get_template("councils.html")
        .render(
            manifest=run.manifest,
            few=run.draws < FEW,
            totals=totals,
            compared=compared,
            councils=councils if several else None,
            notes=list(dict.fromkeys(note for table in tables for note in table.notes)),
            each=[_council(run, row) for row in councils.rows],
            tragedies=answers.tragedies_table(run).first(TRAGEDIES),
        )
    )
    return page


def _council(run: CouncilTables, row: dict[str, Any]) -> dict[str, Any]:
    """Return what the page says of one council, of which `row` says who controls it."""
    name = row["council"]
    effects = [answers.pact_effects_table(run, s, name) for s in range(1, len(run.scenarios))]
    hung = row["control"] == answers.NOBODY
    # Others are pooled; of one council it is known who they mostly are.
    label = run.manifest["labels"].get(name) if row["control"] == PARTIES[OTHER] else None
    who = "no overall control" if hung else f"{label or PARTY_NAMES[row['control']]} in control"
    return {
        "name": name,
        "id": slug(name),
        "seats": row["seats"],
        "sentence": f"{who} in {100 * row['chance']:.0f} of 100",
        "totals": answers.totals_table(run, 0, name),
        "coalitions": answers.council_coalitions_table(run, 0, name, (), APART, COALITIONS),
        "effects": [_without_council(table) for table in effects if table.rows],
        "wards": answers.wards_table(run, 0, name),
    }


def _without_council(table: Table) -> Table:
    """Return a table of one council without the column that names it."""
    return replace(table, columns=tuple(c for c in table.columns if c.key != "council"))
