"""A run of councils as one page: plain HTML, without a script."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from forecaster.arrays import Bools
from forecaster.councils import answers
from forecaster.councils.data import PARTIES, slug
from forecaster.councils.run import CouncilTables
from forecaster.councils.slates import among
from forecaster.files import write_new
from forecaster.report.answer import Cell, cell, changed, codes
from forecaster.report.page import FEW, templates
from forecaster.report.wording import capital, in_prose, label, listed, of_100, percent, quantiles
from forecaster.results.precision import probability
from forecaster.table import Table
from forecaster.vocabulary import NO_PACT, PARTY_NAMES

COALITIONS, TRAGEDIES = 8, 30
"""Rows that a page shows of them."""

ONE_COUNCIL = ("seats", "range", "control", "fewer", "change")
ALL_COUNCILS = ("seats", "range", "councils", "fewer", "change")
"""Headings of figures by party."""

GOVERN = ("coalition", "majority", "minimal", "seats")
EFFECTS = ("ward", "slate", "gain", "more", "fewer", "without", "with")
LOST = ("ward", "council", "chance", "side")
"""Columns of who could govern a council, what a pact does in its wards, and of tragedies."""

APART = (("Lab", "Con"),)
"""Parties that a page takes not to govern together: a rule of the Labour Party."""


def write_council_report(run: CouncilTables, path: Path, force: bool = False) -> None:
    """Write the report of a run of councils.

    Raises ResultsError if `path` exists or cannot be written.
    """
    write_new(path, force, lambda: council_page(run))


def council_page(run: CouncilTables) -> str:
    """Return the report of a run of councils as HTML."""
    several = len(run.councils) > 1
    councils, tragedies = answers.councils_table(run, NO_PACT), answers.tragedies_table(run)
    sentences = _sentences(run)
    page: str = (
        templates()
        .get_template("councils.html")
        .render(
            manifest=run.manifest,
            few=run.draws < FEW,
            colours="",
            headline=sentences[0],
            sentences=sentences,
            headings=["No pact", *(pact["title"] for pact in run.manifest["pacts"])],
            heads=ALL_COUNCILS if several else ONE_COUNCIL,
            one=ONE_COUNCIL,
            table=_matrix(run, slice(None)),
            councils=councils if several else None,
            notes=councils.notes,
            each=[_council(run, k, row) for k, row in enumerate(councils.rows)],
            tragedies=_columns(tragedies.first(TRAGEDIES), *LOST),
            most=TRAGEDIES,
        )
    )
    return page


def _council(run: CouncilTables, k: int, row: dict[str, Any]) -> dict[str, Any]:
    """Return what the page says of one council, of which `row` says who controls it."""
    name = row["council"]
    effects = [answers.pact_effects_table(run, pact, name) for pact in run.scenarios[1:]]
    hung = row["control"] == answers.NOBODY
    holder = PARTY_NAMES.get(row["control"], row["control"])
    who = "no overall control" if hung else f"{holder} in control"
    table = _matrix(run, slice(k, k + 1))
    seats = {party: int(table[label(party)][0].seats) for party in PARTIES if label(party) in table}
    coalitions = answers.council_coalitions_table(run, NO_PACT, name, (), APART, COALITIONS)
    return {
        "name": name,
        "id": slug(name),
        "seats": row["seats"],
        "sentence": f"{who} in {100 * row['chance']:.0f} of 100",
        "medians": ", ".join(
            f"{p} {seats[p]}" for p in sorted(seats, key=lambda p: -seats[p]) if seats[p]
        ),
        "table": table,
        "coalitions": _columns(coalitions, *GOVERN),
        "effects": [_columns(t, *EFFECTS) for t in effects if t.rows],
        "wards": answers.wards_table(run, NO_PACT, name),
    }


def _columns(table: Table, *keys: str) -> Table:
    """Return a table with these columns, in this order."""
    known = {column.key: column for column in table.columns}
    return replace(table, columns=tuple(known[key] for key in keys))


def _matrix(run: CouncilTables, here: slice) -> dict[str, list[Cell]]:
    """Return a cell a scenario for every side and party that wins seats in some councils."""
    sides = [tuple(pact[key]) for pact in run.manifest["pacts"] for key in ("members", "opponents")]
    parties = [(PARTIES[p],) for p in run.shown]
    won, all_held, scenarios = run.won[:, :, here], run.held[:, :, here], range(len(run.scenarios))
    rows = {}
    for group in dict.fromkeys([*sides, *parties]):
        seats = won[..., among(group)].sum((-2, -1))
        held = 2 * all_held[..., among(group)].sum(-1) > all_held.sum(-1)
        if seats.any():
            rows[codes(group)] = [
                cell(seats[:, s], _held(held[:, s]), seats[:, 0] if s else None) for s in scenarios
            ]
    nobody = np.logical_not(answers.in_control(all_held).any(axis=-1))
    rows["No overall control"] = [Cell("", "", _held(nobody[:, s])) for s in scenarios]
    return rows


def _held(control: Bools) -> str:
    """Return how often one council is held, or how many of several are, from (draw, council)."""
    if control.shape[1] == 1:
        return percent(*probability(control[:, 0]))
    return f"{control.sum(1).mean():.1f}"


def _sentences(run: CouncilTables) -> list[str]:
    """Return what is expected without a pact, and what each pact changes."""
    won, councils = run.won[:, 0], len(run.councils)
    first = int(won.sum((0, 1)).argmax())
    low, median, high = quantiles(won[..., first].sum(1))
    control = answers.in_control(run.held[:, 0])
    held, nobody = control[..., first].sum(1), (~control.any(axis=-1)).sum(1)
    where = (
        f"{held.mean():.0f} of {councils} councils on average; in {nobody.mean():.0f} nobody would"
        if councils > 1
        else f"the council in {of_100(*probability(held))}; in {of_100(*probability(nobody))} "
        "nobody would"
    )
    who, seats = capital(in_prose(PARTIES[first])), sum(run.manifest["seats"].values())
    return [
        f"{who} would win about {median:,} of {seats:,} seats ({low:,} to {high:,} in 90 of 100 "
        f"simulated elections) and control {where}.",
        *(_effect(run, scenario) for scenario in run.scenarios[1:]),
    ]


def _effect(run: CouncilTables, scenario: str) -> str:
    pact = run.pact(scenario)
    side = "+".join(pact["members"])
    row = next(row for row in answers.compare_table(run, scenario).rows if row["group"] == side)
    about, between = changed(row)
    return (
        f"With the pact “{pact['title']}”, which holds in {pact['wards']} wards, "
        f"{listed(map(in_prose, pact['members']))} would together win {about} ({between}), and "
        f"fewer in {of_100(row['fewer'], row['fewer_mcse'])}."
    )
