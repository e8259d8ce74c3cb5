"""The data of a report page: one document, compact, from which its script draws what changes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from forecaster.answers.coalitions import Majorities
from forecaster.answers.deals import ALL, deals_table
from forecaster.answers.scores import BANDS
from forecaster.answers.seat import PARTS, PARTS_NOTE
from forecaster.answers.targets import ADVICE, CLARITIES, PRIORITIES, donors_heading, targets_table
from forecaster.answers.tragedies import candidate_votes
from forecaster.config.pact import pact_words
from forecaster.elections.election import Election, read_counties
from forecaster.elections.names import names_elsewhere, other_names
from forecaster.elections.tragedy import DEFINITIONS, SIDES
from forecaster.errors import ResultsError
from forecaster.pipeline import plan_again, stored_config
from forecaster.plan.build import steps
from forecaster.report import layers, wording
from forecaster.report.outlines import ground
from forecaster.results.run import RunTables, SeatChances
from forecaster.vocabulary import BALLOT, NATIONS, NO_PACT, PARTIES, REGIONS

CHANCE_DIGITS, SHARE_DIGITS = 4, 3
"""Chances are stored in hundredths of a per cent, shares in tenths of one."""


def document(run: RunTables, majorities: Majorities) -> dict[str, Any]:
    """Return the data of a page, ready for JSON: integers, and positions instead of names."""
    election, names, chances = run.base, run.scenarios, run.chances
    elsewhere = names_elsewhere(election.seats)
    return {
        "draws": run.draws,
        "base": election.name,
        "scenarios": scenarios(run),
        "parties": wording.looks(PARTIES),
        "regions": list(REGIONS),
        "counties": read_counties(election.seats)[0],
        "bands": [[name, lowest] for name, lowest in BANDS],
        "seats": _seats(election),
        "elsewhere": [
            *([name, found.index, found.note] for name, found in elsewhere.items()),
            *([name, i, ""] for name, i in other_names(election.seats).items()),
        ],
        "stands": [np.flatnonzero(row).tolist() for row in chances.stands],
        "win": _flat(chances, "win", CHANCE_DIGITS),
        **{name: _flat(chances, name, SHARE_DIGITS) for name in ("mean", "low", "high")},
        "why": _why(run),
        "parts": PARTS_NOTE,
        "effects": {name: _effects(run, name, election) for name in names if name != NO_PACT},
        "deals": {name: _deals(run, name) for name in names if name != NO_PACT},
        "tragedies": _tragedies(run),
        "sides": [list(DEFINITIONS).index(name) for name in SIDES],
        "layers": _layers(run),
        "ground": ground(election.seats),
        "advice": list(ADVICE),
        "clarities": list(CLARITIES),
        "priorities": [words for words, _ in PRIORITIES],
        "majorities": {
            "parties": [PARTIES.index(party) for party in majorities.parties],
            "chances": _integers(majorities.chances, CHANCE_DIGITS),
        },
    }


def as_script(data: dict[str, Any]) -> str:
    """Return JSON that is safe inside a script element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def scenarios(run: RunTables) -> list[dict[str, Any]]:
    """Return every scenario's name, what it is in words, and its pacts."""
    out = []
    for name in run.scenarios:
        pacts = run.pacts(name)
        out.append(
            {
                "name": name,
                "label": label(run, name),
                "title": "; ".join(p["title"] or label(run, name) for p in pacts),
                "pacts": [
                    {key: p[key] for key in ("name", "members", "opponents")}
                    | {"label": pact_words(p["members"], p["strength"]["form"])}
                    | {"form": p["strength"]["form"]}
                    | {"donors": donors_heading([{"form": p["strength"]["form"]}])}
                    for p in pacts
                ],
            }
        )
    return out


def label(run: RunTables, scenario: str) -> str:
    """Return a scenario in words, and with its name if another has the same words."""
    words = run.words(scenario)
    alone = [run.words(name) for name in run.scenarios].count(words) == 1
    return words if alone else run.named(scenario)


def _seats(election: Election) -> list[list[Any]]:
    """Return code, name, region, winner, majority, who won by name, last shares, county."""
    seats, votes, winner = election.seats, election.votes, election.winner
    rows = np.arange(len(winner))
    # Of Other, only the strongest candidate can be the runner-up.
    rivals = candidate_votes(election)
    rivals[rows, winner] = 0
    majority = votes[rows, winner] - rivals.max(axis=1)
    shares = [
        [
            [p, _integer(float(share[p]), SHARE_DIGITS)]
            for p in np.argsort(-own, kind="stable").tolist()
            if own[p]
        ]
        for share, own in zip(election.shares, votes, strict=True)
    ]
    columns = (seats.code, seats.name, seats.region, winner, majority, election.candidate)
    county = read_counties(seats)[1]
    return [list(row) for row in zip(*(c.tolist() for c in columns), shares, county, strict=True)]


def _why(run: RunTables) -> list[list[Any]] | None:
    """Return every step from the last shares to the expected ones: its heading, and its size.

    The sizes are in tenths of a point, of those who stand, seat after seat. None if the run was
    stored by another version of the program.
    """
    try:
        plan = plan_again(stored_config(run))
    except ResultsError:
        return None
    seats, stands = plan.base.seats, run.chances.stands
    column = np.array(
        [[BALLOT[n].index(p) if p in BALLOT[n] else 0 for p in PARTIES] for n in NATIONS]
    )
    seat, party = np.nonzero(stands)
    at = seat, column[seats.nation[seat], party]
    of = steps(plan)
    return [
        [c.heading, _integers(of[c.key][at], SHARE_DIGITS)] for c in PARTS if np.any(of[c.key][at])
    ]


def _effects(run: RunTables, scenario: str, election: Election) -> list[list[Any]]:
    place = {code: i for i, code in enumerate(election.seats.code.tolist())}
    pacts = [pact["name"] for pact in run.pacts(scenario)]
    words = [part for part, _ in PRIORITIES]
    return [
        [
            place[row["seat"]],
            pacts.index(row["pact"]),
            PARTIES.index(row["flag_bearer"]),
            [PARTIES.index(party) for party in row["donors"].split("+") if party],
            *(_integer(row[key], CHANCE_DIGITS) for key in ("gain", "backfire", "exceeds")),
            None if row["lead_pp"] is None else round(row["lead_pp"], 1),
            CLARITIES.index(row["clarity"]),
            *(_integer(row[f"break_even_{q}"], SHARE_DIGITS) for q in ("p5", "p50", "p95")),
            None if row["advice"] is None else ADVICE.index(row["advice"]),
            round(row["cumulated"], 1),
            None if row["priority"] not in words else words.index(row["priority"]),
        ]
        for row in targets_table(run, scenario).rows
    ]


def _deals(run: RunTables, scenario: str) -> list[list[Any]]:
    """Return the rows of the deals: pact, region, county, party, and the printed figures.

    Region and county are -1 in rows of all regions or counties.
    """
    pacts = [pact["name"] for pact in run.pacts(scenario)]
    counties, table = read_counties(run.places)[0], deals_table(run, scenario)
    shown = [c for c in table.columns if c.kind != "text" and not c.data_only]
    return [
        [
            pacts.index(row["pact"]),
            -1 if row["region"] == ALL else REGIONS.index(row["region"]),
            -1 if row["county"] == ALL else counties.index(row["county"]),
            PARTIES.index(row["member"]),
            *(wording.cell(column, row) for column in shown),
        ]
        for row in table.rows
    ]


def _tragedies(run: RunTables) -> list[dict[str, Any]]:
    values = run.column("tragedies", "tragedy").reshape(len(DEFINITIONS), -1)
    return [
        {
            "name": definition.name,
            "statement": definition.statement,
            "chances": _integers(values[i], CHANCE_DIGITS),
        }
        for i, definition in enumerate(DEFINITIONS.values())
    ]


def _layers(run: RunTables) -> dict[str, Any]:
    chances, numbers = run.chances, range(len(run.scenarios))
    return {
        "winner": [layers.winners(chances, s) for s in numbers],
        "ends": list(layers.CHANCE_LEVELS),
        "parties": [party for party in run.parties if party != "Spk"],
        "pact": [
            [_digits(layers.effect_levels(run, name, p["name"])) for p in run.pacts(name)]
            for name in run.scenarios
        ],
        "tragedy": [_digits(layers.tragedy_levels(run, name)) for name in DEFINITIONS],
        "words": {"chance": layers.CHANCE_WORDS, "effect": layers.EFFECT_WORDS},
        "signs": layers.EFFECT_SIGNS,
    }


def _digits(found: list[int]) -> str:
    return "".join("." if level < 0 else str(level) for level in found)


def _flat(chances: SeatChances, name: str, digits: int) -> list[list[int]]:
    """Return, by scenario, a figure of those who stand, seat after seat.

    Those of scenarios with pacts are less the first one's, which makes a page a tenth shorter.
    """
    first, *others = (
        np.array(_integers(scenario[chances.stands], digits)) for scenario in getattr(chances, name)
    )
    return [first.tolist(), *((other - first).tolist() for other in others)]


def _integers(values: Any, digits: int) -> Any:
    """Return fractions as integers of so many digits."""
    return np.round(np.asarray(values, dtype=float) * 10**digits).astype(int).tolist()


def _integer(value: float | None, digits: int) -> int | None:
    """Return a fraction as an integer of so many digits; None where there is none."""
    return None if value is None else round(value * 10**digits)
