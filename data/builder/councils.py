"""Council elections: wards, candidacies by party, where wards lie, and results by council."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from catalogue import Table, table_of
from raw import decimal, read, shown, whole
from wards import CANDIDATES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from raw import Row

BEST = "councils/wards-by-party-2023.csv.gz"
COUNCILS = "councils/councils-by-party-2016-2026.csv.gz"
OVERLAPS = "geography/ward-seat-overlap.csv.gz"
AUTHORITIES = "geography/seat-local-authority-2024.csv"
HANDBOOK = "LEH"
"""The one source of candidacies whose licence lets its rows be passed on."""
FIRST_RESULTS = 2021
"""Earlier results by council are from a share-alike source."""
DIVISIONS = "SC"
"""Type of the rows of county divisions, whose council is given as the district they lie in."""
KINDS = {"LB": "London borough", "MB": "metropolitan", "SC": "county", "CC": "county"}
LETTERS = ("", "b", "c")
LEAST_PART = 0.005
"""Of a ward's area; slivers of less are differences between two drawings of one line."""
CODES = {"UKIP": "Other", "Oth": "Other"}
LABELS = {"CON": "Con", "LAB": "Lab", "GREEN": "Green", "REF": "Reform", "IND": "Ind", "LD": "LD"}
"""Abbreviations of the Library in 2023."""
SAME_WARDS = {True: ("2024",), False: ("2022", "2021", "2024")}
"""In which years' wards a ward of 2023 is looked for by name, which the Library gives without code:
a council that elected several councillors a ward had new boundaries or is in no other year."""
NAMES = {
    "Conservative Party": "Con",
    "Conservative and Unionist Party": "Con",
    "Labour Party": "Lab",
    "Labour and Co-operative Party": "Lab",
    "Liberal Democrats": "LD",
    "Green Party": "Green",
    "Reform UK": "Reform",
    "Plaid Cymru - The Party of Wales": "PC",
    "Plaid Cymru": "PC",
    "Independent": "Ind",
}


def council_tables(raw: Path) -> list[Table]:
    """Return the tables of ``data/councils``."""
    wards = _wards(raw)
    wards = dict(sorted((wards | _wards_of_2023(raw, wards)).items()))
    return [
        _ward_table(wards),
        _candidacy_table(wards),
        _constituency_table(raw, wards),
        _result_table(raw, {council_key(rows[0]["council"]) for rows in wards.values()}),
    ]


def council_key(name: str) -> str:
    """Return what two spellings of a council's name have in common."""
    return re.sub("[^a-z]", "", name.lower().replace("&", "and"))


def district_key(name: str) -> str:
    """Return the same of a district, without what it is: ``"Herefordshire, County of"``."""
    return council_key(re.sub(", (City|County) of$", "", name))


def _wards(raw: Path) -> dict[tuple[str, str], list[Row]]:
    """Return the candidacies of each election, by year and ward code.

    The Library gives some wards of 2022 the code of another; the further ones get a letter.
    """
    needed = ("year", "source", "council", "ward_code", "ward", "type", "seats", "electorate")
    votes = ("ballots", "party_source", "party", "votes", "elected", "county_code")
    counties, names = _counties(raw), _names(raw)
    found: dict[tuple[str, str], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in read(raw, CANDIDATES, (*needed, *votes)):
        if row["source"] == HANDBOOK and row["ward_code"]:
            district = row["council"]
            if row["type"] == DIVISIONS:
                row = {**row, "council": counties[row["county_code"]]}
            council = names.get(council_key(row["council"]), row["council"])
            row = {**row, "council": council, "district": district}
            found[row["year"], row["ward_code"]][row["ward"]].append(row)
    return {
        (year, code + letter): _with_seats(rows)
        for (year, code), alike in sorted(found.items())
        for letter, rows in zip(LETTERS, alike.values(), strict=False)
    }


def _wards_of_2023(
    raw: Path, others: dict[tuple[str, str], list[Row]]
) -> dict[tuple[str, str], list[Row]]:
    """Return the wards of 2023, of which only each party's best candidate is known.

    A ward that is in no other year has the code of its council and its name.
    """
    names, authorities = _names(raw), _authorities(raw)
    code_of = {
        (year, council_key(row["council"]), council_key(row["ward"])): code
        for (year, code), (row, *_) in others.items()
    }
    needed = ("council", "ward", "seats", "type", "electorate", "party", "top_votes")
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in read(raw, BEST, needed):
        found[council_key(row["council"]), row["ward"]].append(row)
    seats: dict[str, list[int]] = defaultdict(list)
    for (council, _), rows in found.items():
        seats[council].append(whole(rows[0], "seats", BEST))
    out = {}
    for (council, ward), rows in found.items():
        places = [
            (year, council, council_key(ward))
            for year in SAME_WARDS[sum(seats[council]) > 1.5 * len(seats[council])]
        ]
        own = f"{authorities[council]}-{ward.lower().replace(' ', '-')}"
        code = next((code_of[place] for place in places if place in code_of), own)
        out["2023", code] = [
            {
                **row,
                "council": names[council],
                "district": names[council],
                "ballots": "",
                "elected": "",
                "votes": row["top_votes"],
                "party": LABELS.get(row["party"], "Other"),
                "party_source": row["party"],
            }
            for row in rows
        ]
    return out


def _authorities(raw: Path) -> dict[str, str]:
    """Return the ONS code of each district by `council_key`."""
    rows = read(raw, AUTHORITIES, ("lad23", "lad_name"))
    return {district_key(row["lad_name"]): row["lad23"] for row in rows}


def _names(raw: Path) -> dict[str, str]:
    """Return one spelling of every council's name."""
    rows = read(raw, COUNCILS, ("council",))
    return {council_key(row["council"]): row["council"].replace("&", "and") for row in rows}


def _with_seats(rows: list[Row]) -> list[Row]:
    """Return rows with the seats of their ward: where the source has none, as many as were won."""
    if rows[0]["seats"] in ("", "0"):
        won = sum(row["elected"] == "1" for row in rows)
        return [{**row, "seats": str(won)} for row in rows]
    return rows


def _counties(raw: Path) -> dict[str, str]:
    rows = read(raw, AUTHORITIES, ("upper_code", "upper_name"))
    return {row["upper_code"]: row["upper_name"] for row in rows if row["upper_code"]}


def _ward_table(wards: dict[tuple[str, str], list[Row]]) -> Table:
    lines = []
    # Two wards are given without a type; they are of the kind of their council's other ones.
    kinds = {
        row["council"]: _kind(row["type"], code)
        for (_, code), (row, *_) in wards.items()
        if row["type"]
    }
    for (year, code), (row, *_) in wards.items():
        sizes = [shown(decimal(row, name, CANDIDATES), 0) for name in ("electorate", "ballots")]
        place = [row["ward"], row["council"], kinds[row["council"]]]
        lines.append([year, code, *place, row["seats"], *sizes])
    return table_of("councils/wards.csv", lines)


def _kind(text: str, ward: str) -> str:
    """Return the kind of a council from its type, of which UAA, UAT and UC are unitary."""
    if ward.startswith("W"):
        return "Welsh"
    return KINDS.get(text, "unitary" if text.startswith("U") else "district")


def _candidacy_table(wards: dict[tuple[str, str], list[Row]]) -> Table:
    lines = []
    for (year, code), rows in wards.items():
        known = year != "2023" or rows[0]["seats"] == "1"
        elected = _elected(rows) if known else set()
        parties: dict[tuple[str, str], list[tuple[int, bool]]] = defaultdict(list)
        for place, row in enumerate(rows):
            party = CODES.get(row["party"], row["party"])
            label = row["party_source"] if party == "Other" else ""
            parties[party, label].append((whole(row, "votes", CANDIDATES), place in elected))
        for (party, label), candidates in sorted(parties.items()):
            candidates.sort(reverse=True)
            votes = " ".join(str(votes) for votes, _ in candidates)
            won = str(sum(elected for _, elected in candidates)) if known else ""
            lines.append([year, code, party, label, votes, won])
    return table_of("councils/candidacies.csv", lines)


def _elected(rows: Sequence[Row]) -> set[int]:
    """Return who was elected, by place: as flagged, by votes where the flags cannot be right."""
    seats = whole(rows[0], "seats", CANDIDATES)
    flagged = {place for place, row in enumerate(rows) if row["elected"] == "1"}
    if len(flagged) == min(seats, len(rows)):
        return flagged
    order = sorted(range(len(rows)), key=lambda place: -whole(rows[place], "votes", CANDIDATES))
    return set(order[:seats])


def _constituency_table(raw: Path, wards: dict[tuple[str, str], list[Row]]) -> Table:
    """Return the constituencies of wards by area; of other divisions those of their district."""
    newest: dict[str, dict[str, dict[str, float]]] = defaultdict(dict)
    for row in read(raw, OVERLAPS, ("wards_of", "ward_code", "seat", "share_of_ward_area")):
        of = newest[row["ward_code"]].setdefault(row["wards_of"], {})
        of[row["seat"]] = decimal(row, "share_of_ward_area", OVERLAPS) or 0.0
    districts: dict[str, dict[str, float]] = defaultdict(dict)
    for row in read(raw, AUTHORITIES, ("seat", "lad_name", "share_of_lad")):
        part = decimal(row, "share_of_lad", AUTHORITIES) or 0.0
        districts[district_key(row["lad_name"])][row["seat"]] = part
    lines = []
    # The first year's rows name the district of a county division, later ones its county.
    district_of = {code: rows[0]["district"] for (_, code), rows in reversed(wards.items())}
    for code, district in sorted(district_of.items()):
        years = newest.get(code[:9])
        parts = years[max(years)] if years else districts.get(district_key(district), {})
        lines += [[code, seat, part] for seat, part in _normalised(parts)]
    return table_of("councils/constituencies.csv", lines)


def _normalised(parts: dict[str, float]) -> Iterable[tuple[str, str]]:
    kept = {seat: part for seat, part in parts.items() if part >= LEAST_PART}
    return [(seat, shown(part / sum(kept.values()), 4)) for seat, part in sorted(kept.items())]


def _result_table(raw: Path, known: set[str]) -> Table:
    found: dict[tuple[str, str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
    votes: dict[tuple[str, str, str], Counter[tuple[str, str]]] = defaultdict(Counter)
    names = _names(raw)
    for row in read(raw, COUNCILS, ("year", "system", "council", "seats", "party", "votes", "won")):
        if row["system"] != "FPTP" or int(row["year"]) < FIRST_RESULTS:
            continue
        if council_key(row["council"]) not in known:
            continue
        won = whole(row, "won", COUNCILS)
        party = NAMES.get(row["party"], "Other")
        label = row["party"] if party == "Other" and won else ""
        council = row["year"], names[council_key(row["council"])], row["seats"]
        found[council][party, label] += won
        votes[council][party, label] += whole(row, "votes", COUNCILS)
    lines = []
    for council, won in sorted(found.items()):
        for (party, label), number in sorted(won.items()):
            lines.append([*council, party, label, str(votes[council][party, label]), str(number)])
    return table_of("councils/results.csv", lines)
