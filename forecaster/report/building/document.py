"""The data of the page besides its elections: seats, parties, rates of transfer, pacts."""

from __future__ import annotations

from typing import Any

import numpy as np

from forecaster.arrays import Bools, Floats, Ints
from forecaster.config.load import read_pact
from forecaster.config.pact import (
    Campaign,
    Pact,
    Range,
    Rate,
    StandAside,
    Tactical,
    Transfer,
    TransferTable,
    read_transfers,
)
from forecaster.elections.election import read_counties
from forecaster.elections.names import find_seat
from forecaster.errors import ConfigError, DataError
from forecaster.experiments.choosing.optimise import rates_text
from forecaster.kernels import layout, random
from forecaster.pipeline import DrawnSeats, stored_config
from forecaster.plan.build import Plan
from forecaster.plan.pacts import resolve_pact
from forecaster.plan.scenarios import Z90, pilot_chances, transfer_law
from forecaster.report import wording
from forecaster.report.building.sample import UNIT, rest_columns, win_factors
from forecaster.report.palette import LETTERS
from forecaster.resources import root
from forecaster.results.run import RunTables
from forecaster.vocabulary import (
    BALLOT,
    FIXED_PARTIES,
    MAJORITY,
    NATIONS,
    PARTIES,
    PARTY_NAMES,
    REGIONS,
)

EVIDENCE = ("formal", "informal")
"""Bundled tables of transfer rates, by the names that a pact file gives them."""

RULES = ("best-placed", "most-likely")
"""Rules for the flag bearer that the page knows; pacts with another come as a list of seats."""

DIGITS = 7
"""Decimals of rates and expected shares: as many as the kernel holds."""


def document(run: RunTables, drawn: DrawnSeats) -> dict[str, Any]:
    """Return the data of the page, ready for JSON: positions instead of names.

    Parties are positions in `vocabulary.PARTIES`, columns those of a nation's ballot paper.
    """
    plan, stands = drawn.plan, drawn.plan.base.stands
    likely = pilot_chances(plan)
    seat, column = np.nonzero(stands & (win_factors(drawn) != 1))
    factor = win_factors(drawn)[seat, column]
    pacts, tables = _pacts(run, plan, likely)
    counties, county = read_counties(plan.base.seats)
    seed = plan.config.seed
    return {
        "title": run.title,
        "run": run.manifest["config_digest"][:16],
        "draws": len(drawn.shares),
        "unit": UNIT,
        "majority": MAJORITY,
        "random": {
            "seed": [seed & 0xFFFFFFFF, seed >> 32],
            "streams": [random.PACTS, random.TRANSFERS, random.SEAT_TRANSFERS],
            "half": layout.HALF,
            "order": random.luck_order(layout.COLUMNS),
        },
        "never": 2 * layout.NEVER,
        "z90": Z90,
        "parties": [
            [code, wording.label(code), LETTERS[code], PARTY_NAMES[code]] for code in PARTIES
        ],
        "joining": [
            PARTIES.index(p) for p in run.parties if p not in FIXED_PARTIES and p != "Other"
        ],
        "nations": list(NATIONS),
        "regions": list(REGIONS),
        "counties": counties,
        "ballots": [[PARTIES.index(party) for party in BALLOT[nation]] for nation in NATIONS],
        "seats": _seats(plan, county),
        # The column of every seat whose share is what the others leave.
        "rest": rest_columns(drawn).tolist(),
        "stands": [np.flatnonzero(row).tolist() for row in stands],
        # Columns of every seat from the first by a rule to the last.
        "order": {
            "best-placed": _order(plan.base.last),
            "most-likely": _order(likely + 1e-6 * plan.expected),
            "expected": _order(np.where(stands, plan.expected, -1.0)),
        },
        "expected": np.round(plan.expected[stands], DIGITS).tolist(),
        "factors": list(zip(seat.tolist(), column.tolist(), factor.tolist(), strict=True)),
        "rates": tables,
        "pacts": pacts,
        "judged": _judged(),
    }


def _seats(plan: Plan, county: list[int]) -> list[list[Any]]:
    """Return code, name, nation, region, the holder's column and the county of every seat."""
    seats = plan.base.seats
    columns = (seats.code, seats.name, seats.nation, seats.region, plan.base.holder)
    return [list(row) for row in zip(*(c.tolist() for c in columns), county, strict=True)]


def _order(values: Floats) -> list[str]:
    """Return the columns of every seat, the largest value first, as a string of digits."""
    return ["".join(map(str, row)) for row in np.argsort(-values, axis=1, kind="stable")]


def _judged() -> dict[str, Any]:
    """Return the strengths that a pact file has when it gives none."""
    sides = {"members": ("Lab", "LD"), "opponents": ("Con",)}
    aside = Pact(**sides, form="stand-aside", transfers=1.0).strength
    tactical, sparing = (Pact(**sides, form=f).strength for f in ("tactical", "non-aggression"))
    campaign = Pact(**sides, form="campaign").strength
    assert isinstance(aside, StandAside) and isinstance(campaign, Campaign)
    assert isinstance(tactical, Tactical) and isinstance(sparing, Tactical)
    return {
        "refusal": _rate(aside.refusal),
        "backlash": _rate(aside.backlash),
        "kappa": {"tactical": _rate(tactical.kappa), "non-aggression": _rate(sparing.kappa)},
        "half": tactical.half_clarity_pp,
        "gain": _rate(campaign.gain),
    }


def _rate(rate: Rate) -> float | list[float]:
    return [rate.low, rate.high] if isinstance(rate, Range) else rate


class _Tables:
    """Tables of transfer rates: the bundled ones, and those of the run's pacts that differ."""

    def __init__(self) -> None:
        self._known = {name: read_transfers(name) for name in EVIDENCE}

    def place(self, table: TransferTable, pact: str) -> int:
        """Return the place of a table, adding it under its pact's name if it is new."""
        if table not in self._known.values():
            self._known[f"as in {pact}"] = table
        return list(self._known.values()).index(table)

    def documents(self) -> list[dict[str, Any]]:
        """Return each table by name, as a pact file has it, with the laws of its rows."""
        return [
            {
                "name": name,
                "title": table.title,
                "toml": None if name in EVIDENCE else rates_text(table, PARTIES),
                "seat_sd": table.seat_sd,
                "rows": [
                    [
                        *(-1 if p is None else PARTIES.index(p) for p in who),
                        *np.round(transfer_law(row.arrive, row.opponent, row.abstain)[0], DIGITS),
                        *np.round(transfer_law(row.arrive, row.opponent, row.abstain)[1], DIGITS),
                    ]
                    for row in table.row
                    for who in [(row.donor, row.recipient, row.against)]
                ],
            }
            for name, table in self._known.items()
        ]


def _pacts(
    run: RunTables, plan: Plan, likely: Floats
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the pacts to start from, those of the run first, and the tables of their rates.

    A bundled pact that cannot be had with the run's seats and parties is left out.
    """
    tables = _Tables()
    own = [p for scenario in stored_config(run).scenarios for p in scenario.pacts]
    bundled = [read_pact(path.stem) for path in sorted((root() / "configs/pacts").glob("*.toml"))]
    out: dict[str, dict[str, Any]] = {}
    for pact in (*own, *(p for p in bundled if p.name not in {one.name for one in own})):
        try:
            seats = resolve_pact(pact, plan.base, plan.expected, likely)
        except (ConfigError, DataError):
            continue
        out.setdefault(pact.name, _pact(pact, plan, seats.flag, seats.donors, tables))
    return list(out.values()), tables.documents()


def _pact(pact: Pact, plan: Plan, flag: Ints, donors: Bools, tables: _Tables) -> dict[str, Any]:
    """Return a pact as the page has it; with a rule that it does not know, as a list of seats."""
    known = pact.flag_bearer.rule in RULES
    where = pact.where
    named = [find_seat(plan.base.seats, name).index for name in where.seats]
    return {
        "name": pact.name,
        "title": pact.title or pact.name,
        "members": [PARTIES.index(party) for party in pact.members],
        "opponents": [PARTIES.index(party) for party in pact.opponents],
        "where": {
            "nations": [NATIONS.index(name) for name in where.nations] if known else [],
            "regions": [REGIONS.index(name) for name in where.regions] if known else [],
            "seats": sorted(named) if known else [],
            "held": [PARTIES.index(party) for party in where.held_by] if known else [],
            "led": [PARTIES.index(party) for party in where.led_by] if known else [],
        },
        "rule": pact.flag_bearer.rule if known else "list",
        "keep": pact.flag_bearer.incumbents_keep and known,
        "list": {} if known else _listed(plan, flag, donors),
        "seats": {},
        **_strength(pact, tables),
    }


def _listed(plan: Plan, flag: Ints, donors: Bools) -> dict[int, list[Any]]:
    """Return the flag bearer of every seat of a pact, and who stands aside for it."""
    ballots = [
        [PARTIES.index(party) for party in BALLOT[NATIONS[a]]] for a in plan.base.seats.nation
    ]
    return {
        int(i): [ballots[i][flag[i]], [ballots[i][c] for c in np.flatnonzero(donors[i])]]
        for i in np.flatnonzero(flag >= 0)
    }


def _strength(pact: Pact, tables: _Tables) -> dict[str, Any]:
    strength = pact.strength
    if isinstance(strength, StandAside):
        rates = strength.transfers
        return {
            "form": strength.form,
            "rates": tables.place(rates, pact.name) if isinstance(rates, TransferTable) else -1,
            "own": _own(rates) if isinstance(rates, Transfer) else None,
            "refusal": _rate(strength.refusal),
            "backlash": _rate(strength.backlash),
        }
    if isinstance(strength, Tactical):
        kappa = _rate(strength.kappa)
        return {"form": strength.form, "kappa": kappa, "half": strength.half_clarity_pp}
    return {"form": strength.form, "gain": _rate(strength.gain)}


def _own(rates: Transfer) -> dict[str, Any]:
    """Return one rate for everybody as numbers or ranges, and its law."""
    weights, spreads = transfer_law(rates.arrive, rates.opponent, rates.abstain)
    return {
        "arrive": _rate(rates.arrive),
        "opponent": _rate(rates.opponent),
        "abstain": _rate(rates.abstain),
        "law": [*np.round(weights, DIGITS), *np.round(spreads, DIGITS)],
    }
