"""A run of the House for the page: its elections, seats, parties, rates of transfer, pacts."""

from __future__ import annotations

from typing import Any

import numpy as np

from forecaster.arrays import Bools, Floats, Ints
from forecaster.config.load import read_pact
from forecaster.config.pact import Pact
from forecaster.elections.election import read_counties
from forecaster.elections.names import find_seat
from forecaster.errors import ConfigError, DataError
from forecaster.kernels import layout, random
from forecaster.pipeline import DrawnSeats, drawn_seats, stored_config
from forecaster.plan.build import Plan
from forecaster.plan.pacts import resolve_pact
from forecaster.plan.scenarios import Z90, pilot_chances
from forecaster.report import wording
from forecaster.report.building.sample import DRAWS, UNIT, Whole, packed, rest_columns, rounded
from forecaster.report.building.strengths import DIGITS, Tables, judged, strength_of
from forecaster.resources import bundled
from forecaster.results.run import RunTables
from forecaster.vocabulary import (
    BALLOT,
    FIXED_PARTIES,
    MAJORITY,
    NATIONS,
    PARTIES,
    REGIONS,
    SEATS_IN_THE_COMMONS,
)

FACTOR_DIGITS = 6

RULES = ("best-placed", "most-likely")
"""Rules for the flag bearer that the page knows; pacts with another come as a list of seats."""


def content(run: RunTables) -> tuple[dict[str, Any], str]:
    """Return the data of the page, ready for JSON, and its packed shares.

    Its elections are the first of the run, simulated again from its own config and seed.
    """
    drawn = drawn_seats(run, DRAWS)
    rest = rest_columns(drawn.shares)
    shares = rounded(drawn.shares)
    _restore_winners(shares, drawn)
    return _document(run, drawn, rest), packed(shares, drawn.plan.base.stands, rest)


def _document(run: RunTables, drawn: DrawnSeats, rest: Ints) -> dict[str, Any]:
    """Return the data of the page: positions instead of names.

    Parties are positions in `vocabulary.PARTIES`, columns those of a nation's ballot paper.
    """
    plan, stands = drawn.plan, drawn.plan.base.stands
    likely = pilot_chances(plan)
    seat, column = np.nonzero(stands & (_win_factors(drawn) != 1))
    factor = _win_factors(drawn)[seat, column]
    pacts, tables = _pacts(run, plan, likely)
    counties, county = read_counties(plan.base.seats)
    seed = plan.config.seed
    return {
        "title": run.title,
        "source": run.manifest["national_source"],
        "sobol": run.cluster > 1,
        "run": run.manifest["config_digest"][:16],
        "draws": len(drawn.shares),
        "unit": UNIT,
        "chambers": [["the House", SEATS_IN_THE_COMMONS, MAJORITY, []]],
        "random": {
            "seed": [seed & 0xFFFFFFFF, seed >> 32],
            "streams": [random.PACTS, random.TRANSFERS, random.SEAT_TRANSFERS],
            "fours": layout.FOURS,
            "order": random.luck_order(layout.COLUMNS),
        },
        "never": 2 * layout.NEVER,
        "z90": Z90,
        "parties": wording.looks(PARTIES),
        "joining": [
            PARTIES.index(p) for p in run.parties if p not in FIXED_PARTIES and p != "Other"
        ],
        "nations": list(NATIONS),
        "regions": list(REGIONS),
        "counties": counties,
        "ballots": [[PARTIES.index(party) for party in BALLOT[nation]] for nation in NATIONS],
        "seats": _seats(plan, county),
        "elects": [1] * len(plan.base.seats.code),
        # The column of every seat whose share is what the others leave.
        "rest": rest.tolist(),
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
        "judged": judged(),
    }


def _seats(plan: Plan, county: list[int]) -> list[list[Any]]:
    """Return code, name, nation, region, the holder's column and the county of every seat."""
    seats = plan.base.seats
    columns = (seats.code, seats.name, seats.nation, seats.region, plan.base.holder)
    return [list(row) for row in zip(*(c.tolist() for c in columns), county, strict=True)]


def _order(values: Floats) -> list[str]:
    """Return the columns of every seat, the largest value first, as a string of digits."""
    return ["".join(map(str, row)) for row in np.argsort(-values, axis=1, kind="stable")]


def _pacts(
    run: RunTables, plan: Plan, likely: Floats
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the pacts to start from, those of the run first, and the tables of their rates.

    A bundled pact that cannot be had with the run's seats and parties is left out.
    """
    tables = Tables(PARTIES)
    own = [p for scenario in stored_config(run).scenarios for p in scenario.pacts]
    out: dict[str, dict[str, Any]] = {}
    others = map(read_pact, bundled("pacts"))
    for pact in (*own, *(p for p in others if p.name not in {one.name for one in own})):
        try:
            seats = resolve_pact(pact, plan.base, plan.expected, likely)
        except (ConfigError, DataError):
            continue
        out.setdefault(pact.name, _pact(pact, plan, seats.flag, seats.donors, tables))
    return list(out.values()), tables.documents()


def _pact(pact: Pact, plan: Plan, flag: Ints, donors: Bools, tables: Tables) -> dict[str, Any]:
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
        **strength_of(pact, tables),
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


def _win_factors(drawn: DrawnSeats) -> Floats:
    """Return the best candidate's part of a column's votes, as the page has it, (seat, column)."""
    return np.round(drawn.plan.arrays.win_factor.astype(float), FACTOR_DIGITS)


def _restore_winners(shares: Whole, drawn: DrawnSeats) -> None:
    """Take units from whoever wins by rounding alone and give them to the winner, in place."""
    factor = _win_factors(drawn)
    while True:
        ahead = (shares * factor).argmax(2)
        draw, seat = np.nonzero(ahead != drawn.winners)
        if not len(draw):
            return
        shares[draw, seat, ahead[draw, seat]] -= 1
        shares[draw, seat, drawn.winners[draw, seat]] += 1
