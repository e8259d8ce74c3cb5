"""Votes by seat at five general elections, and two results re-estimated on later boundaries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from catalogue import Table, table_of
from raw import RawDataError, Row, read, shown, whole
from seats import read_results, read_revised_codes

from forecaster.vocabulary import BOUNDARIES, PARTIES, SEATS_IN_THE_COMMONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from seats import Overlap

NOTIONAL_2005 = "results/notional-2005-on-2010-boundaries.csv"
NOTIONAL_2019 = "results/notional-2019-on-2024-boundaries.csv"

SAME_CODE = ("Con", "Lab", "LD", "Green", "SNP", "PC", "DUP", "SF", "SDLP", "UUP", "TUV", "Spk")
PARTY_OF = {code: code for code in SAME_CODE} | {
    "APNI": "Alliance",
    "BRX": "Reform",
    "RUK": "Reform",
}
UKIP_IS_REFORM = ("2005-notional", "2010", "2015", "2017")

# In the notional file of 2019, whose labels are its own. TOTOTHV and MAXOTHV repeat other rows.
PARTY_OF_NOTIONAL = {
    "CONV": "Con",
    "LABV": "Lab",
    "LDV": "LD",
    "BRXV": "Reform",
    "GRNV": "Green",
    "SNPV": "SNP",
    "PCV": "PC",
    "DUPV": "DUP",
    "SFV": "SF",
    "SDLPV": "SDLP",
    "UUPV": "UUP",
    "APNIV": "Alliance",
    "UKIPV": "UKIP",
    "Commons Speaker": "Spk",
}
AGGREGATES = ("TOTOTHV", "MAXOTHV")

# In 2010 the Ulster Unionists stood with the Conservatives ("Ulster Conservatives and Unionists
# - New Force") and the source codes them as independents. They left Fermanagh and South Tyrone
# to Rodney Connor, an independent whom the DUP backed too: he is no Ulster Unionist here.
ULSTER_UNIONISTS_2010 = {
    "N06000001": "Ringland",
    "N06000002": "Cobain",
    "N06000003": "Bradshaw",
    "N06000004": "Manwaring",
    "N06000005": "McCune",
    "N06000006": "Macaulay",
    "N06000008": "Harding",
    "N06000009": "Trimble",
    "N06000010": "Overend",
    "N06000011": "Kennedy",
    "N06000012": "Armstrong",
    "N06000013": "Parsley",
    "N06000014": "Empey",
    "N06000015": "McCallister",
    "N06000016": "Nesbitt",
    "N06000017": "Hamilton",
    "N06000018": "Hussey",
}
ULSTER_UNIONIST_VOTES_2010 = 102_361

# The notional files name no candidate; these four and the Speaker of 2019 won in fact.
NAMES = {
    ("2005-notional", "E14000555"): "George Galloway",
    ("2005-notional", "E14001058"): "Richard Taylor",
    ("2005-notional", "S14000032"): "Michael Martin",
    ("2005-notional", "W07000072"): "Peter Law",
    ("2019-notional", "E14001170"): "Lindsay Hoyle",
}

PREDECESSOR = {"2015": ("2010", 55), "2017": ("2015", 56), "2019": ("2017", 57)}
"""The election before on the same boundaries, and the number of the parliament between."""


@dataclass(frozen=True)
class Candidate:
    """One line of a result: a candidate, or in the notional files a party."""

    seat: str
    party: str
    label: str
    name: str
    votes: int
    sitting: bool = False


@dataclass(frozen=True)
class Election:
    """A result: who stood, and the electorate and valid votes of each seat."""

    id: str
    candidates: list[Candidate]
    electorate: dict[str, int]
    valid: dict[str, int]


def read_election(raw: Path, election: str) -> Election:
    """Return one election, its winners outside the listed parties recoded and all sums checked.

    Raises RawDataError if seats are missing or votes do not add up.
    """
    readers = {"2005-notional": _read_notional_2005, "2019-notional": _read_notional_2019}
    result = readers[election](raw) if election in readers else _read_actual(raw, election)
    sums: dict[str, int] = defaultdict(int)
    for candidate in result.candidates:
        sums[candidate.seat] += candidate.votes
    if len(sums) != SEATS_IN_THE_COMMONS:
        raise RawDataError(f"{election}: {len(sums)} seats instead of 650: fetch its files again")
    if wrong := [seat for seat in sums if sums[seat] != result.valid.get(seat)]:
        raise RawDataError(f"{election}: the votes in {wrong[0]} do not add up: mend its files")
    winners = _winners(result.candidates)
    candidates = [
        replace(one, party="Ind") if one.party == "Other" and one == winners[one.seat] else one
        for one in result.candidates
    ]
    return replace(result, candidates=candidates)


def _winners(candidates: Iterable[Candidate]) -> dict[str, Candidate]:
    return {one.seat: one for one in sorted(candidates, key=lambda one: one.votes)}


def party_of(abbreviation: str, election: str) -> str:
    """Return our code for a party of the source; UKIP's depends on the election."""
    if abbreviation == "UKIP":
        return "Reform" if election in UKIP_IS_REFORM else "UKIP"
    return PARTY_OF.get(abbreviation, "Other")


def _read_candidacies(raw: Path, year: str) -> list[Row]:
    path = f"results/candidacies-{year}.csv"
    return read(raw, path, ("ONS ID", "Votes"), like="results/candidacies-2024.csv")


def _read_actual(raw: Path, year: str) -> Election:
    path = f"results/candidacies-{year}.csv"
    members = _members_before(raw, year)
    candidates = []
    for row in _read_candidacies(raw, year):
        seat, surname = row["ONS ID"], row["Candidate surname"]
        ulster_unionist = (
            year == "2010"
            and row["Party abbreviation"] == "Ind"
            and ULSTER_UNIONISTS_2010.get(seat) == surname
        )
        # The source marks MPs; those who moved to a seat that was not theirs do not count.
        sitting = row["Sitting MP"] == "Yes" and (
            members is None or row["Member MNIS ID"] in members[seat]
        )
        candidates.append(
            Candidate(
                seat=seat,
                party="UUP" if ulster_unionist else party_of(row["Party abbreviation"], year),
                label=row["Party name"],
                name=f"{row['Candidate first name']} {surname}".strip(),
                votes=whole(row, "Votes", path),
                sitting=sitting,
            )
        )
    uup = sum(one.votes for one in candidates if one.party == "UUP")
    if year == "2010" and uup != ULSTER_UNIONIST_VOTES_2010:
        raise RawDataError(f"{path}: Ulster Unionists have {uup} votes, not 102361: check names")
    results = f"results/constituencies-{year}.csv"
    rows = read_results(raw, year)
    return Election(
        year,
        candidates,
        electorate={row["ONS ID"]: whole(row, "Electorate", results) for row in rows},
        valid={row["ONS ID"]: whole(row, "Valid votes", results) for row in rows},
    )


def _members_before(raw: Path, year: str) -> dict[str, set[str]] | None:
    """Return the MPs of each seat since the election before, None where its seats differed."""
    if year not in PREDECESSOR:
        return None
    before, parliament = PREDECESSOR[year]
    path = f"results/by-elections-parliament-{parliament}.csv"
    columns = ("Election date", "ONS ID", "Member MNIS ID", "Votes")
    rows = [{**row, "Election date": ""} for row in _read_candidacies(raw, before)]
    rows += read(raw, path, columns)
    rows.sort(key=lambda row: whole(row, "Votes", path))
    elected = {(row["Election date"], row["ONS ID"]): row["Member MNIS ID"] for row in rows}
    members: dict[str, set[str]] = defaultdict(set)
    for (_, seat), member in elected.items():
        members[seat].add(member)
    return members


def _read_notional_2005(raw: Path) -> Election:
    columns = ("constituency_id", "mnis_party_name", "mnis_party_abbrev", "votes", "total_votes")
    rows = read(raw, NOTIONAL_2005, (*columns, "electorate"))
    candidates = []
    for row in rows:
        seat, party = row["constituency_id"], party_of(row["mnis_party_abbrev"], "2005-notional")
        # A row without a party holds all remaining votes of the seat.
        label = row["mnis_party_name"].removeprefix("NA")
        name = NAMES.get(("2005-notional", seat), "")
        votes = whole(row, "votes", NOTIONAL_2005)
        candidates.append(Candidate(seat, party, label, name, votes))
    return Election(
        "2005-notional",
        candidates,
        electorate={r["constituency_id"]: whole(r, "electorate", NOTIONAL_2005) for r in rows},
        valid={r["constituency_id"]: whole(r, "total_votes", NOTIONAL_2005) for r in rows},
    )


def _read_notional_2019(raw: Path) -> Election:
    seat = ("name", "short name", "code", "number", "region", "nation", "type", "turnout")
    votes = ("electorate", "valid", "majority", "label", "votes", "party", "party name")
    rows = read(raw, NOTIONAL_2019, seat + votes, header=False)
    revised = read_revised_codes(raw)
    candidates = []
    for row in rows:
        row["code"] = revised.get(row["code"], row["code"])
        if row["label"] in AGGREGATES:
            continue
        # Independents come as IND1V, IND2V and so on.
        independent = row["label"].startswith("IND") and row["label"][3:-1].isdigit()
        candidates.append(
            Candidate(
                seat=row["code"],
                party=PARTY_OF_NOTIONAL.get(row["label"], "Other"),
                label="Independent" if independent else row["party name"],
                name=NAMES.get(("2019-notional", row["code"]), ""),
                votes=whole(row, "votes", NOTIONAL_2019),
            )
        )
    return Election(
        "2019-notional",
        candidates,
        electorate={row["code"]: whole(row, "electorate", NOTIONAL_2019) for row in rows},
        valid={row["code"]: whole(row, "valid", NOTIONAL_2019) for row in rows},
    )


def read_coverage(raw: Path, overlaps: list[Overlap]) -> dict[tuple[str, str], float]:
    """Return the share of each 2024 seat's people who could vote for a party in 2019.

    A party that stood nowhere in the seat has no entry.
    """
    stood: dict[str, set[str]] = defaultdict(set)
    for candidate in read_election(raw, "2019").candidates:
        stood[candidate.seat].add(candidate.party)
    coverage: dict[tuple[str, str], float] = defaultdict(float)
    for piece in overlaps:
        for party in stood[piece.old]:
            coverage[piece.new, party] += piece.share_of_new
    return coverage


def election_tables(
    election: Election, coverage: Mapping[tuple[str, str], float] | None = None
) -> list[Table]:
    """Return the tables of seats and votes of one election.

    `coverage`: share of a seat in which a party stood, by seat and party; all of it if left out.
    """
    return [_seats_table(election), _votes_table(election, coverage)]


def _words(election: str) -> dict[str, str]:
    """Return the words that the descriptions of an election's tables need."""
    year, boundaries = election.removesuffix("-notional"), BOUNDARIES[election]
    later = "" if year == election else f" re-estimated on {boundaries} boundaries"
    return {"boundaries": boundaries, "election": f"general election of {year}{later}"}


def _seats_table(election: Election) -> Table:
    winners = _winners(election.candidates)
    others = _winners(one for one in election.candidates if one.party == "Other")
    rows = []
    for seat in sorted(election.valid):
        other = others.get(seat)
        best = (other.name, other.label, str(other.votes)) if other else ("", "", "")
        numbers = (str(election.electorate[seat]), str(election.valid[seat]))
        rows.append((seat, *numbers, winners[seat].party, *best))
    return table_of(f"elections/{election.id}/seats.csv", rows, **_words(election.id))


def _votes_table(
    election: Election, coverage: Mapping[tuple[str, str], float] | None = None
) -> Table:
    pooled: dict[tuple[str, int], list[Candidate]] = defaultdict(list)
    for one in election.candidates:
        pooled[one.seat, PARTIES.index(one.party)].append(one)
    rows = []
    for (seat, index), group in sorted(pooled.items()):
        party = PARTIES[index]
        covered = 1.0 if coverage is None else min(1.0, coverage.get((seat, party), 0.0))
        rows.append(
            (
                seat,
                party,
                group[0].name if party in ("Ind", "Spk") else "",
                str(sum(one.votes for one in group)),
                shown(covered, 4),
                str(int(any(one.sitting for one in group))),
            )
        )
    return table_of(f"elections/{election.id}/votes.csv", rows, **_words(election.id))
