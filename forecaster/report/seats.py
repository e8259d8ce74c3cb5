"""Panels of seats won: all parties in one scenario, or one party in every scenario."""

from __future__ import annotations

import numpy as np

from forecaster.answers.summary import seats_won
from forecaster.report import wording
from forecaster.report.pictures import Row, panel
from forecaster.results.build import Tables
from forecaster.vocabulary import GB_PARTIES, MAJORITY, NO_PACT, PARTY_NAMES

Panel = tuple[str, float, float]

SHOWN = (*GB_PARTIES, "SNP", "PC")
"""Parties with a panel; those of Northern Ireland are in the tables."""


def scenario_panel(tables: Tables, scenario: str) -> tuple[str, Panel]:
    """Return title and panel of the largest parties in one scenario."""
    won = seats_won(tables, scenario)
    rows = [
        Row(wording.label(party), party, won[:, tables.manifest["parties"].index(party)])
        for party in largest(tables)
    ]
    title = "Seats" if scenario == NO_PACT else f"Seats, {scenario}"
    return title, panel(rows, _upper(np.concatenate([row.seats for row in rows]), MAJORITY + 24))


def party_panel(tables: Tables, party: str) -> tuple[str, Panel]:
    """Return title and panel of one party in every scenario."""
    at = tables.manifest["parties"].index(party)
    rows = [
        Row("no pacts" if name == NO_PACT else name, party, seats_won(tables, name)[:, at])
        for name in tables.manifest["scenarios"]
    ]
    upper = _upper(np.concatenate([row.seats for row in rows]), 10)
    return PARTY_NAMES[party], panel(rows, upper)


def party_panels(tables: Tables) -> list[tuple[str, Panel]]:
    """Return title and panel of each of the largest parties."""
    return [party_panel(tables, party) for party in largest(tables)]


def largest(tables: Tables) -> list[str]:
    """Return the parties that have a panel, the one with most seats in any scenario first."""
    names = tables.manifest["parties"]
    mean = np.max([seats_won(tables, s).mean(0) for s in tables.manifest["scenarios"]], axis=0)
    order = [names[i] for i in np.argsort(-mean, kind="stable") if mean[i] >= 1]
    return [party for party in order if party in SHOWN]


def _upper(seats: np.ndarray, least: int) -> int:
    """Return the end of the axis: nearly all draws lie on it; the others at its end."""
    high = float(np.quantile(seats, 0.999))
    step = 50 if high > 100 else 10
    end = step * int(np.ceil(max(high, least) / step))
    return end if not MAJORITY - 40 < end <= MAJORITY else MAJORITY + 24
