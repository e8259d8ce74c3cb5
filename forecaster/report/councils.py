"""A run of councils as one page: plain HTML, without a script."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from forecaster.councils import answers
from forecaster.councils.contest import slug
from forecaster.councils.run import CouncilTables
from forecaster.files import new_file
from forecaster.report.page import FEW, templates
from forecaster.table import Table

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
    councils = answers.councils_table(run, 0) if several else None
    tables = [totals, *compared, *([councils] if councils else [])]
    page: str = (
        templates()
        .get_template("councils.html")
        .render(
            manifest=run.manifest,
            few=run.draws < FEW,
            totals=totals,
            compared=compared,
            councils=councils,
            notes=list(dict.fromkeys(note for table in tables for note in table.notes)),
            each=[_council(run, name) for name in run.councils],
            tragedies=answers.tragedies_table(run).first(TRAGEDIES),
        )
    )
    return page


def _council(run: CouncilTables, name: str) -> dict[str, Any]:
    """Return what the page says of one council."""
    totals = answers.totals_table(run, 0, name)
    effects = [answers.pact_effects_table(run, s, name) for s in range(1, len(run.scenarios))]
    first = max(totals.rows, key=lambda row: row["controls"])
    return {
        "name": name,
        "id": slug(name),
        "seats": run.manifest["seats"][name],
        "sentence": f"{first['party']} in control in {100 * first['controls']:.0f} of 100",
        "totals": totals,
        "coalitions": answers.council_coalitions_table(run, 0, name, (), APART, COALITIONS),
        "effects": [_without_council(table) for table in effects if table.rows],
        "wards": answers.wards_table(run, 0, name),
    }


def _without_council(table: Table) -> Table:
    """Return a table of one council without the column that names it."""
    return replace(table, columns=tuple(c for c in table.columns if c.key != "council"))
