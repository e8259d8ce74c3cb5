"""MPs who changed party or lost the whip since the last general election."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from catalogue import Table, table_of
from evidence import PARLIAMENTS
from raw import RawDataError, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from raw import Row

LISTED = "results/mp-changes-2024-2026.csv"
BY_HAND = "mp-changes.csv"
"""Changes that the raw file lacks; lies beside this module."""

CODES = {"Labour": "Lab", "Conservative": "Con", "Reform UK": "Reform", "": ""}
KINDS = {"defected": "left", "suspended": "suspended"}
NO_CHANGE = "standing_again"
"""Independents who won in 2024 and are expected to stand again."""


def members_table(raw: Path, seats: Mapping[str, Row]) -> Table:
    """Return the table of changes.

    Raises RawDataError if a seat or a party is not known.
    """
    codes = {_slug(row["name"]): (code, row["name"]) for code, row in seats.items()}
    path = f"results/by-elections-parliament-{PARLIAMENTS[-1]}.csv"
    fought = {_slug(row["Constituency name"]) for row in read(raw, path, ("Constituency name",))}
    rows = [_row(row, codes, BY_HAND) for row in read(Path(__file__).parent, BY_HAND, COLUMNS)]
    for row in read(raw, LISTED, ("seat", "status", "previous_party", "new_party", "as_of")):
        # A seat that changed at a by-election is in the table of those.
        if row["status"] == NO_CHANGE or row["seat"] in fought:
            continue
        try:
            change = {
                "date": row["as_of"],
                "seat": row["seat"],
                "from": CODES[row["previous_party"]],
                "to": CODES[row["new_party"]],
                "kind": KINDS[row["status"]],
                "source": "public record",
            }
        except KeyError as error:
            raise RawDataError(f"{LISTED}: unknown {error}: mend the line {row['seat']}") from None
        rows.append(_row(change, codes, LISTED))
    return table_of("results/mp-changes.csv", sorted(rows))


COLUMNS = ("date", "seat", "from", "to", "kind", "source")


def _slug(name: str) -> str:
    return name.lower().replace(",", "").replace(" ", "-")


def _row(row: Mapping[str, str], codes: Mapping[str, tuple[str, str]], path: str) -> list[str]:
    slug = _slug(row["seat"])
    if slug not in codes:
        raise RawDataError(f"{path}: no seat {row['seat']!r}: mend its name")
    return [row["date"], *codes[slug], *(row[name] for name in COLUMNS[2:])]
