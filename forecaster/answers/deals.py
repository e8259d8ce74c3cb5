"""What a pact asks of its members and brings them, county by county: where deals are made."""

from __future__ import annotations

from typing import Any

import numpy as np

from forecaster.arrays import Bools, Floats
from forecaster.columns import columns
from forecaster.elections.election import read_counties
from forecaster.results.run import RunTables
from forecaster.table import Table
from forecaster.vocabulary import PARTIES, REGIONS

ALL = "all"
"""Stands in the place of a county where a row is of the whole region."""


def deals_table(run: RunTables, scenario: str) -> Table:
    """Return a row per pact, area and member: what it gives and what it gains there.

    Areas are the whole country, regions, and counties where a region has several. Seats expected
    are sums of chances in all seats of the area; their standard errors are bounds, the sums of
    those of the seats.
    """
    rows = [
        row
        for pact in run.pacts(scenario)
        for row in _pact_rows(run, scenario, pact["name"], pact["members"])
    ]
    one = "" if len(run.pacts(scenario)) > 1 else "-"
    stand_aside = all(pact["strength"]["form"] == "stand-aside" for pact in run.pacts(scenario))
    gives = "Gives way in" if stand_aside else "Voters move in"
    return Table(
        f"{run.named(scenario)}, county by county",
        columns(
            f"-scenario | {one}pact | region | county | member | bearer=Backed in | "
            f"aside={gives} | balance | without | with | difference"
        ),
        rows,
        (
            f"Backed in: seats where others give way, or their voters move, for it. {gives}: seats "
            "where it is the other way round. Balance: the one less the other.",
            "Without, with: seats it would win there on average, without pacts and with those of "
            "the scenario; a member loses seats that it leaves to others.",
            f"{ALL.capitalize()}: the whole region or country. Only English counties are told "
            "apart.",
        ),
    )


def _pact_rows(
    run: RunTables, scenario: str, pact: str, members: list[str]
) -> list[dict[str, Any]]:
    """Return the rows of one pact, the largest areas first."""
    backed, aside = _roles(run, scenario, pact)
    rows = []
    for region, county, here in _areas(run):
        for member in members:
            p = PARTIES.index(member)
            if not (backed[here] | aside[here]).any():
                continue
            gets, gives = int(backed[here, p].sum()), int(aside[here, p].sum())
            rows.append(
                {"scenario": scenario, "pact": pact, "region": region, "county": county}
                | {"member": member, "bearer": gets, "aside": gives, "balance": gets - gives}
                | _expected(run, scenario, here, p)
            )
    return rows


def _roles(run: RunTables, scenario: str, pact: str) -> tuple[Bools, Bools]:
    """Return for whom others give way, and who does, each of shape (seat, party)."""
    backed, aside = np.zeros((2, len(run.places.code), len(PARTIES)), dtype=bool)
    place = {code: i for i, code in enumerate(run.places.code.tolist())}
    for row in run.effect_rows(scenario):
        donors = [donor for donor in row["donors"].split("+") if donor]
        if row["pact"] != pact or not donors:
            continue
        i = place[row["seat"]]
        backed[i, PARTIES.index(row["flag_bearer"])] = True
        aside[i, [PARTIES.index(donor) for donor in donors]] = True
    return backed, aside


def _areas(run: RunTables) -> list[tuple[str, str, Bools]]:
    """Return the whole country, regions, and counties of regions with several: names and seats."""
    seats = run.places
    names, of = read_counties(seats)
    county = np.array(of)
    regions, counties = [], []
    for r, region in enumerate(REGIONS):
        inside = seats.region == r
        regions.append((region, ALL, inside))
        found = sorted({*county[inside].tolist()} - {-1})
        if len(found) > 1:
            counties += [(region, names[c], inside & (county == c)) for c in found]
    return [(ALL, ALL, np.ones(len(county), dtype=bool)), *regions, *counties]


def _expected(run: RunTables, scenario: str, here: Bools, party: int) -> dict[str, float]:
    """Return the seats a party would win in an area without and with the pacts, and errors."""
    s, chances = run.scenarios.index(scenario), run.chances

    def total(of: Floats, k: int) -> float:
        return float(np.nansum(of[k, here, party]))

    without, withs = total(chances.win, 0), total(chances.win, s)
    errors = total(chances.win_mcse, 0), total(chances.win_mcse, s)
    return {
        "without": without,
        "without_mcse": errors[0],
        "with": withs,
        "with_mcse": errors[1],
        "difference": withs - without,
        "difference_mcse": sum(errors),
    }
