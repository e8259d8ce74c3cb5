"""Other names of parties, pollsters and seats, as people write them in their tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from catalogue import Table, table_of
from raw import RawDataError, read
from seats import REVISED, read_revised_codes

from forecaster.vocabulary import PARTIES, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from raw import Row

BY_HAND = "aliases.csv"
"""Lies beside this module; several names of one thing are parted by a bar."""

COLUMNS = ("kind", "boundaries", "means", "names", "source")


def read_aliases(kind: str) -> dict[str, str]:
    """Return what each name of a kind means, as the file beside this module has it."""
    rows = read(Path(__file__).parent, BY_HAND, COLUMNS)
    return {n: row["means"] for row in rows if row["kind"] == kind for n in _split(row)}


def aliases_table(
    raw: Path, seats: Mapping[str, Mapping[str, Row]], pollsters: Iterable[str]
) -> Table:
    """Return the table of names.

    `seats`: by boundary set and code, with ``name``. `pollsters`: as the polls spell them.

    Raises RawDataError if something named there is not in the data, a name stands for two things,
    or two seats of a boundary set have the same words in another order.
    """
    known = {("party", ""): {code: code for code in PARTIES}}
    known["pollster", ""] = {name: name for name in pollsters}
    for boundaries, of in seats.items():
        known["seat", boundaries] = {row["name"]: code for code, row in of.items()}
        if len({words(row["name"]) for row in of.values()}) < len(of):
            raise RawDataError(f"two seats of {boundaries} have the same words in another order")
    rows = []
    for row in read(Path(__file__).parent, BY_HAND, COLUMNS):
        key, means = (row["kind"], row["boundaries"]), row["means"]
        if means not in known.get(key, {}):
            raise RawDataError(f"{BY_HAND}: no {row['kind']} {means!r} in the data: mend the line")
        rows += [[*key, name, known[key][means], row["source"]] for name in _split(row)]
    for old, new in read_revised_codes(raw).items():
        rows.append(["seat", "2024", old, new, f"UK Parliament: {Path(REVISED).stem}"])
    meant: dict[tuple[str, ...], str] = {}
    for kind, boundaries, name, means, _ in rows:
        key = (kind, boundaries, *words(name))
        if meant.setdefault(key, means) != means:
            raise RawDataError(f"{BY_HAND}: {name!r} stands for {meant[key]} and {means}")
    return table_of("names/aliases.csv", sorted(rows))


def _split(row: Mapping[str, str]) -> list[str]:
    return [name.strip() for name in row["names"].split("|")]
