"""Build the embedded data from raw files: `python data/builder RAW OUT`."""

from __future__ import annotations

import sys
from pathlib import Path

from aliases import aliases_table
from ballots import northern_irish_rates, scottish_rates
from catalogue import Table, write
from councils import council_tables
from covariates import covariates_table, read_2010, read_2024
from elections import election_tables, read_coverage, read_election
from evidence import evidence_tables
from france import france_table
from hexmap import hexmap_table
from history import history_tables
from local import local_table
from members import members_table
from nations import nation_tables
from outlines import outlines_table
from polls import national_table
from rates import behaviour_table
from raw import RawDataError
from seats import counties_table, overlaps_table, read_overlaps, read_seats, seats_table
from wards import ward_rates

from forecaster.vocabulary import ELECTIONS


def main(arguments: list[str]) -> int:
    """Build all tables and return the exit code: 0, 2 for wrong usage, 3 for wrong raw files."""
    if len(arguments) != 2:
        print("usage: python data/builder RAW OUT", file=sys.stderr)
        return 2
    raw, out = map(Path, arguments)
    try:
        write(build(raw), out)
    except RawDataError as error:
        print(f"data builder: {error}", file=sys.stderr)
        return 3
    return 0


def build(raw: Path) -> list[Table]:
    """Return every table of the embedded data."""
    old_seats, new_seats = read_seats(raw, "2010"), read_seats(raw, "2024")
    overlaps = read_overlaps(raw)
    tables = [
        seats_table(old_seats, "2010"),
        seats_table(new_seats, "2024"),
        counties_table(raw, new_seats),
        overlaps_table(overlaps),
        hexmap_table(old_seats, "2010"),
        hexmap_table(new_seats, "2024"),
        outlines_table(raw, new_seats),
    ]

    coverage = {"2019-notional": read_coverage(raw, overlaps)}
    elections = {name: read_election(raw, name) for name in ELECTIONS}
    for name, election in elections.items():
        tables += election_tables(election, coverage.get(name))
    tables += history_tables(raw, elections)
    tables += evidence_tables(raw)
    rates = [*ward_rates(raw), *scottish_rates(raw), *northern_irish_rates(raw)]
    tables += [behaviour_table(rates), france_table(raw)]
    tables += council_tables(raw)
    tables.append(local_table(raw, elections, overlaps))
    tables.append(members_table(raw, new_seats))

    old = read_2010(raw, old_seats)
    new = read_2024(raw, new_seats, old, overlaps)
    tables += [covariates_table(old, "2010"), covariates_table(new, "2024")]

    national = national_table(raw)
    place = list(national.columns).index("pollster")
    pollsters = {row[place] for row in national.rows}
    seats = {"2010": old_seats, "2024": new_seats}
    return [*tables, national, *nation_tables(raw), aliases_table(raw, seats, pollsters)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
