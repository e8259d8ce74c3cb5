"""Which council elections can be simulated."""

from __future__ import annotations

from typing import Any

import numpy as np

from forecaster.columns import table_of
from forecaster.councils.contest import KINDS, read_contest
from forecaster.councils.data import Wards, read_results, read_wards, result_years, slug, years
from forecaster.errors import ConfigError
from forecaster.table import Table


def elections_table() -> Table:
    """Return a row per kind of councils and year, of those in the data and the next one."""
    rows: list[dict[str, Any]] = []
    for year in years():
        wards = read_wards(year)
        for place, kind in KINDS.items():
            of = wards.take(wards.kind == kind)
            if len(of):
                rows.append({"election": f"{place}-{year}", **_size(of), "known": _known(of)})
    for year in sorted(result_years() - set(years())):
        for place, kind in KINDS.items():
            before = [y for y in years() if y < year and (read_wards(y).kind == kind).any()]
            if before and set(read_results(year)) == set(_councils(before[-1], kind)):
                of = read_wards(before[-1]).take(read_wards(before[-1]).kind == kind)
                rows.append({"election": f"{place}-{year}", **_size(of), "known": len(of)})
    return table_of(
        "Council elections",
        "election | councils:integer | wards:integer | seats:integer!=Seats | "
        "known:integer=Wards with an earlier election",
        rows,
        "Simulate one with 'forecast council simulate london-2026', or a single council: "
        "milton-keynes-2024; all of a year: all-2024. 'forecast council list counties-2025' "
        "lists its councils. Any later year can be named: the councils that are due to vote "
        "are forecast from the last election of each ward.",
    )


def _councils(year: int, kind: str) -> list[str]:
    wards = read_wards(year)
    return list(dict.fromkeys(wards.council[wards.kind == kind].tolist()))


def _size(wards: Wards) -> dict[str, int]:
    return {
        "councils": len(set(wards.council.tolist())),
        "wards": len(wards),
        "seats": int(wards.seats.sum()),
    }


def _known(wards: Wards) -> int:
    """Return how many wards that can be scored have an earlier election in the data."""
    earlier: set[str] = set()
    for year in (year for year in years() if year < wards.year):
        earlier |= set(read_wards(year).code.tolist())
    return sum(code in earlier for code in wards.code[wards.counted].tolist())


def councils_of(name: str) -> Table:
    """Return the councils of an election that can be simulated, with wards and seats."""
    contest = read_contest(name)
    rows = []
    for council in contest.councils:
        here = contest.last.council == council
        rows.append(
            {
                "council": council,
                "election": f"{slug(council)}-{contest.year}",
                "wards": int(here.sum()),
                "seats": int(contest.seats[here].sum()),
                "since": ", ".join(map(str, np.unique(contest.since[here]))),
            }
        )
    if not rows:
        raise ConfigError(f"{name}: no council.")
    wanted = "council | election=Alone | wards:integer | seats:integer!=Seats | since=Last election"
    return table_of(f"Councils of {name}", wanted, rows, *contest.notes)
