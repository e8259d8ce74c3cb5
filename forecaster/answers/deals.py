"""What a pact asks of its members and brings them, county by county: where deals are made."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from forecaster.arrays import Bools, Floats
from forecaster.columns import table_of
from forecaster.elections.election import read_counties
from forecaster.errors import ResultsError
from forecaster.pipeline import winners_again
from forecaster.results.precision import standard_error
from forecaster.results.run import RunTables
from forecaster.table import Table
from forecaster.vocabulary import PARTIES, REGIONS

ALL = "all"
"""Written in place of a county in rows of a whole region, and of a region in those of all."""

Area = tuple[str, str, Bools]
"""Region, county, and which seats lie there."""


ERROR_DRAWS = 2048
"""Draws from which standard errors are estimated; so many give a standard deviation to 2 %."""


def deals_table(run: RunTables, scenario: str) -> Table:
    """Return a row per pact, area and member: what it gives and what it gains there.

    Areas are the whole country, regions, and counties where a region has several. Expected seats
    are sums of chances over the seats of an area. Their standard errors come from the first draws
    of the run, which are simulated again if it does not store who won. If that is impossible, they
    are upper bounds: the sums of the standard errors of the seats.
    """
    areas, errors = _areas(run), _errors(run)
    rows = [
        row
        for pact in run.pacts(scenario)
        for row in _pact_rows(run, scenario, pact["name"], pact["members"], areas, errors)
    ]
    stand_aside = all(pact["strength"]["form"] == "stand-aside" for pact in run.pacts(scenario))
    gives = "Gives way in" if stand_aside else "Voters move in"
    bounds = (
        "Standard errors are upper bounds: this version of the program cannot simulate the run "
        "again."
    )
    return table_of(
        f"{run.named(scenario)}, county by county",
        f"-scenario | ?pact | region | county | member | bearer=Backed in | aside={gives} | "
        "balance | without | with | difference",
        rows,
        f"Backed in: seats where others give way, or their voters move, for it. {gives}: seats "
        "where it is the other way round. Balance: the one less the other.",
        "Without, with: seats it would win there on average, without pacts and with those of "
        "the scenario; a member loses seats that it leaves to others.",
        f"{ALL.capitalize()}: the whole region or country. Only English counties are told apart.",
        *([bounds] if errors is None else []),
        hide=len(run.pacts(scenario)) == 1,
    )


def _pact_rows(
    run: RunTables,
    scenario: str,
    pact: str,
    members: list[str],
    areas: list[Area],
    errors: Floats | None,
) -> list[dict[str, Any]]:
    """Return the rows of one pact, the largest areas first."""
    backed, aside = _roles(run, scenario, pact)
    s, chances = run.scenarios.index(scenario), run.chances
    rows = []
    for a, (region, county, here) in enumerate(areas):
        for p in map(PARTIES.index, members):
            if not (backed[here] | aside[here]).any():
                continue
            gets, gives = int(backed[here, p].sum()), int(aside[here, p].sum())
            without, withs = (float(np.nansum(chances.win[k, here, p])) for k in (0, s))
            bounds = [float(np.nansum(chances.win_mcse[k, here, p])) for k in (0, s)]
            own = [*bounds, sum(bounds)]
            if errors is not None:
                own = [*errors[0, [0, s], a, p].tolist(), float(errors[1, s, a, p])]
            keys = ("without_mcse", "with_mcse", "difference_mcse")
            rows.append(
                {"scenario": scenario, "pact": pact, "region": region, "county": county}
                | {"member": PARTIES[p], "bearer": gets, "aside": gives, "balance": gets - gives}
                | {"without": without, "with": withs, "difference": withs - without}
                | dict(zip(keys, own, strict=True))
            )
    return rows


@lru_cache(maxsize=1)
def _errors(run: RunTables) -> Floats | None:
    """Return the standard errors of seats won, and of their change, by scenario, area and party.

    Shape (2, scenario, area, party); NaN for parties outside all pacts. None if the run can neither
    tell who won which seat nor be simulated again.
    """
    draws = run.kept if run.cluster > 1 else min(run.kept, ERROR_DRAWS)
    try:
        winners = run.winners[:draws] if "winners" in run.tables else winners_again(run, draws)
    except ResultsError:
        return None
    inside = np.array([here for *_, here in _areas(run)], np.float32)
    out = np.full((2, len(run.scenarios), len(inside), len(PARTIES)), np.nan)
    pacts = (pact for name in run.scenarios for pact in run.pacts(name))
    for p in {PARTIES.index(party) for pact in pacts for party in pact["members"]}:
        won = (winners == p).astype(np.float32) @ inside.T
        for k, seats in enumerate((won, won - won[:, :1])):
            for s, a in np.ndindex(seats.shape[1:]):
                out[k, s, a, p] = standard_error(seats[:, s, a], run.cluster)
    return np.asarray(out * np.sqrt(draws / run.draws))


def _roles(run: RunTables, scenario: str, pact: str) -> tuple[Bools, Bools]:
    """Return for whom others give way, and who does, each of shape (seat, party)."""
    backed, aside = np.zeros((2, len(run.places.code), len(PARTIES)), dtype=bool)
    for row in run.effect_rows(scenario):
        donors = [donor for donor in row["donors"].split("+") if donor]
        if row["pact"] != pact or not donors:
            continue
        i = run.places.place[row["seat"]]
        backed[i, PARTIES.index(row["flag_bearer"])] = True
        aside[i, [PARTIES.index(donor) for donor in donors]] = True
    return backed, aside


def _areas(run: RunTables) -> list[Area]:
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
