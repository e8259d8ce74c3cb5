"""The embedded results agree with the official ones and with themselves."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from forecaster.vocabulary import BOUNDARIES, ELECTIONS, PARTIES

VALID_VOTES = {
    "2010": 29_687_604,
    "2015": 30_697_525,
    "2017": 32_204_184,
    "2019": 32_014_110,
    "2024": 28_809_340,
}

# As the House of Commons Library counts them; the Speaker stands apart.
SEATS_WON = {
    "2005-notional": "Lab 348 Con 210 LD 62 DUP 9 SNP 6 SF 5 SDLP 3 Ind 3 PC 2 UUP 1 Spk 1",
    "2010": "Con 306 Lab 258 LD 57 DUP 8 SNP 6 SF 5 PC 3 SDLP 3 Green 1 Alliance 1 Ind 1 Spk 1",
    "2015": "Con 330 Lab 232 SNP 56 LD 8 DUP 8 SF 4 PC 3 SDLP 3 UUP 2 Reform 1 Green 1 Ind 1 Spk 1",
    "2017": "Con 317 Lab 262 SNP 35 LD 12 DUP 10 SF 7 PC 4 Green 1 Ind 1 Spk 1",
    "2019": "Con 365 Lab 202 SNP 48 LD 11 DUP 8 SF 7 PC 4 SDLP 2 Green 1 Alliance 1 Spk 1",
    "2019-notional": "Con 372 Lab 200 SNP 48 LD 8 DUP 8 SF 7 PC 2 SDLP 2 Green 1 Alliance 1 Spk 1",
    "2024": "Lab 411 Con 121 LD 72 SNP 9 SF 7 Ind 6 Reform 5 DUP 5 Green 4 PC 4 SDLP 2 Alliance 1"
    " UUP 1 TUV 1 Spk 1",
}

CANDIDACIES_IN_GREAT_BRITAIN = [
    ("2017", "Reform", 378),
    ("2019", "Reform", 275),
    ("2024", "Reform", 609),
    ("2010", "Green", 331),
    ("2015", "Green", 568),
    ("2017", "Green", 460),
    ("2019", "Green", 494),
    ("2024", "Green", 618),
    ("2019", "LD", 611),
    ("2024", "UKIP", 24),
]

VOTES = [
    ("2019", "E14000786", {"Con": 26_268, "LD": 23_811, "Lab": 3_206, "Green": 1_453}),  # Lewes
    ("2010", "N06000013", {"Ind": 21_181, "UUP": 6_817}),  # North Down
    ("2010", "N06000007", {"SF": 21_304}),  # Fermanagh and South Tyrone, won by 4 votes
    ("2024", "E14001305", {"Ind": 24_120, "Lab": 16_873}),  # Islington North
]

NAMED = [
    ("2005-notional", "W07000072", "Peter Law"),
    ("2010", "E14000608", "John Bercow"),
    ("2010", "N06000013", "Sylvia Hermon"),
    ("2019-notional", "E14001170", "Lindsay Hoyle"),
    ("2024", "E14001305", "Jeremy Corbyn"),
]


@pytest.fixture
def election(table):
    def read(name):
        seats, votes = (table(f"elections/{name}/{kind}.csv") for kind in ("seats", "votes"))
        return {row["seat"]: row for row in seats}, votes

    return read


@pytest.mark.parametrize(("name", "votes"), VALID_VOTES.items())
def test_valid_votes_of_the_united_kingdom_are_official(election, name, votes):
    seats, _ = election(name)
    assert sum(int(seat["valid_votes"]) for seat in seats.values()) == votes


@pytest.mark.parametrize("name", ELECTIONS)
def test_votes_add_up_in_every_seat_of_the_boundary_set(election, table, name):
    seats, votes = election(name)
    sums = Counter()
    for row in votes:
        sums[row["seat"]] += int(row["votes"])
    assert sums == {code: int(seat["valid_votes"]) for code, seat in seats.items()}
    assert sums.keys() == {row["code"] for row in table(f"seats/{BOUNDARIES[name]}-boundaries.csv")}


@pytest.mark.parametrize("name", ELECTIONS)
def test_the_winner_is_the_candidate_with_most_votes(election, name):
    seats, votes = election(name)
    best = defaultdict(lambda: (0, ""))
    for row in votes:
        seat = seats[row["seat"]]
        single = seat["best_other_votes"] if row["party"] == "Other" else row["votes"]
        best[row["seat"]] = max(best[row["seat"]], (int(single), row["party"]))
    assert {code: party for code, (_, party) in best.items()} == {
        code: seat["winner"] for code, seat in seats.items()
    }


@pytest.mark.parametrize(("name", "won"), SEATS_WON.items())
def test_seats_won_are_official(election, name, won):
    words = won.split()
    expected = dict(zip(words[::2], map(int, words[1::2]), strict=True))
    assert Counter(seat["winner"] for seat in election(name)[0].values()) == expected


@pytest.mark.parametrize(("name", "party", "count"), CANDIDACIES_IN_GREAT_BRITAIN)
def test_a_party_that_did_not_stand_has_no_row(election, name, party, count):
    _, votes = election(name)
    stood = [row for row in votes if row["party"] == party and not row["seat"].startswith("N")]
    assert len(stood) == count


@pytest.mark.parametrize(("name", "seat", "expected"), VOTES)
def test_votes_of_known_contests(election, name, seat, expected):
    _, votes = election(name)
    found = {row["party"]: int(row["votes"]) for row in votes if row["seat"] == seat}
    assert {party: found[party] for party in expected} == expected


@pytest.mark.parametrize(("name", "seat", "candidate"), NAMED)
def test_winning_independents_and_the_speaker_are_named(election, name, seat, candidate):
    _, votes = election(name)
    assert [row["candidate"] for row in votes if row["seat"] == seat and row["candidate"]] == [
        candidate
    ]


@pytest.mark.parametrize("name", ELECTIONS)
def test_party_coverage_and_sitting_hold_only_what_they_may(election, name):
    _, votes = election(name)
    assert {row["party"] for row in votes} <= set(PARTIES)
    assert len({(row["seat"], row["party"]) for row in votes}) == len(votes)
    coverage = [float(row["coverage"]) for row in votes]
    notional = name == "2019-notional"
    assert min(coverage) < 1 if notional else set(coverage) == {1.0}
    assert 0 <= min(coverage) <= max(coverage) <= 1
    assert {row["sitting"] for row in votes} == ({"0"} if "notional" in name else {"0", "1"})


def test_an_mp_who_moved_to_another_seat_is_not_its_sitting_mp(election):
    _, votes = election("2019")
    sitting = {(row["seat"], row["party"]): row["sitting"] for row in votes}
    assert sitting["E14000703", "LD"] == "0"  # Luciana Berger in Finchley and Golders Green
    assert sitting["E14000703", "Con"] == "1"


def test_ulster_unionists_of_2010_are_told_from_independents(election):
    _, votes = election("2010")
    assert sum(int(row["votes"]) for row in votes if row["party"] == "UUP") == 102_361
