"""A user's own candidates and sitting MPs: read whole, or the row at fault is named."""

import numpy as np
import pytest

from forecaster.config.load import digest, load_config
from forecaster.elections.election import read_election
from forecaster.elections.names import find_seat
from forecaster.errors import DataError
from forecaster.plan.build import build_plan
from forecaster.swing.base import to_columns
from forecaster.vocabulary import BALLOT, NATIONS, PARTIES

HEAD = "seat,party,stands,sitting,note\n"


def config_with(path, text):
    path.write_text(text, encoding="utf-8")
    return load_config("next-election", {"ballot.candidates": str(path)})


def test_every_row_is_in_the_config(tmp_path):
    text = f"{HEAD}Clacton,Reform,,no,retires\nE14001251,Green,no,,\nNewark,Reform,Yes,TRUE,\n"
    ballot = config_with(tmp_path / "mine.csv", text).ballot
    assert ballot.candidates == "main-parties"
    assert [(c.seat, c.party, c.stands, c.sitting) for c in ballot.changes] == [
        ("Clacton", "Reform", None, False),
        ("E14001251", "Green", False, None),
        ("Newark", "Reform", True, True),
    ]


NOMINATED = """person_name,party_name,post_label
A,Labour and Co-operative Party,Lewes
B,Liberal Democrats,Lewes
C,Workers Party of Britain,Lewes
D,Independent,Lewes
E,Scottish National Party (SNP),Glasgow East
F,Labour Party,Glasgow East
G,Sinn Féin,Foyle
H,Social Democratic and Labour Party,Foyle
"""


def test_a_list_of_nominations_says_who_stands_and_who_does_not(tmp_path):
    config = config_with(tmp_path / "nominated.csv", NOMINATED)
    base = build_plan(config).base
    for seat, standing in (
        ("Lewes", {"Lab", "LD", "Other"}),
        ("Glasgow East", {"SNP", "Lab"}),
        ("Foyle", {"SF", "SDLP"}),
    ):
        i = find_seat(base.seats, seat).index
        ballot = BALLOT[NATIONS[base.seats.nation[i]]]
        assert {p for p, on in zip(ballot, base.stands[i], strict=False) if on} == standing
    elsewhere = find_seat(base.seats, "Bath").index
    assert base.stands[elsewhere, :5].all()


def test_a_list_says_how_it_is_read_and_whom_it_counts_under_other(tmp_path):
    text = NOMINATED.replace("Workers Party of Britain", "Labuor Party")
    notes = build_plan(config_with(tmp_path / "nominated.csv", text)).base.notes
    assert "read as a list of nominations in 3 seats" in " ".join(notes)
    assert "counted under Other: Labuor Party" in " ".join(notes)


ELECTION = read_election("2024")
NAMES = {
    "Lab": "Labour/Co-operative",
    "LD": "Liberal Democrat",
    "SNP": "Scottish National Party",
    "Con": "Conservative",
    "Ind": "Independent",
    "Spk": "Speaker",
    "Green": "Green Party",
    "PC": "Plaid Cymru",
    "SF": "Sinn Féin",
    "DUP": "Democratic Unionist Party",
    "Reform": "RUK",
}
MPS = {
    name: NAMES.get(PARTIES[party], PARTIES[party])
    for name, party in zip(ELECTION.seats.name.tolist(), ELECTION.winner, strict=True)
}
ROWS = [(f"A{i}", party, seat) for i, (seat, party) in enumerate(MPS.items())]
MP_LISTS = {
    "TheyWorkForYou": [
        ("Person ID", "First name", "Last name", "Party", "Constituency", "URI"),
        *((10000, name, "B", party, seat, "https://…") for name, party, seat in ROWS),
    ],
    "UK Parliament": [
        ("Name (List as)", "Name (Display as)", "Party", "Constituency"),
        *((name, name, party, seat) for name, party, seat in ROWS),
    ],
    "Democracy Club": [
        ("person_id", "person_name", "elected", "party_name", "post_label", "gss"),
        *((7, name, "True", party, seat, "") for name, party, seat in ROWS),
        *((8, "Loser", "False", "Workers Party", seat, "") for _, _, seat in ROWS),
    ],
}


@pytest.mark.parametrize("layout", MP_LISTS)
def test_a_list_of_present_mps_says_who_holds_a_seat_and_not_who_stands(tmp_path, layout):
    text = "\n".join(",".join(f'"{cell}"' for cell in row) for row in MP_LISTS[layout])
    text = text.replace('"Conservative","Newark"', '"Reform UK","Newark"')
    config = config_with(tmp_path / "mps.csv", text)
    base, plain = build_plan(config).base, build_plan(load_config("next-election")).base
    np.testing.assert_array_equal(base.stands, plain.stands)
    assert "read as a list of 650 present MPs" in " ".join(base.notes)
    newark = find_seat(base.seats, "Newark").index
    reform = BALLOT["England"].index("Reform")
    assert base.holder[newark] == base.sitting[newark].argmax() == reform
    # Those who have moved since the election are where the list has them.
    winner = np.equal.outer(ELECTION.winner, np.arange(len(PARTIES)))
    others = np.arange(len(base.holder)) != newark
    held = to_columns(ELECTION, winner.astype(float)).argmax(1)
    np.testing.assert_array_equal(base.holder[others], held[others])
    assert base.sitting.max() == plain.sitting.max() < 1  # they may stand again, or not


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("A,Labour Party,\n", "line 2: expected a seat and a party beside the name"),
        ("A,Labour Party,Lewes\n", "line 2: Lewes has no other candidate. A list of nominations"),
    ],
)
def test_a_list_of_people_that_says_too_little_is_refused(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        config_with(tmp_path / "n.csv", "person_name,party_name,post_label\n" + text)


def test_two_mps_of_one_seat_are_refused(tmp_path):
    text = "person,party,seat,elected\nA,Lab,Lewes,t\nB,LD,Lewes,yes\nC,Con,Bath,yes\n"
    with pytest.raises(DataError, match="line 3: Lewes has an MP already, in line 2"):
        config_with(tmp_path / "n.csv", text.replace(",t\n", ",yes\n"))


def test_all_seats_that_are_not_there_are_named_with_their_lines(tmp_path):
    text = f"{HEAD}Lewess,LD,no,,\nIsle of Wight,LD,no,,\nBath,LD,no,,\n"
    with pytest.raises(DataError) as caught:
        build_plan(config_with(tmp_path / "mine.csv", text))
    assert "line 2: Lewess, LD: seat 'Lewess': none fits. Did you mean 'Lewes'?" in str(
        caught.value
    )
    assert "line 3: Isle of Wight, LD: seat 'Isle of Wight' is not on the bound" in str(
        caught.value
    )


def test_the_place_of_a_file_does_not_change_the_digest(tmp_path):
    text = f"{HEAD}Newark,Reform,yes,yes,\n"
    one, two = (config_with(tmp_path / name, text) for name in ("a.csv", "b.csv"))
    assert digest(one) == digest(two) != digest(load_config("next-election"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{HEAD}Clacton,Refrm,yes,,\n", "line 2: party: 'Refrm' is no party here.*'Reform'"),
        (f"{HEAD}Clacton,Reform,perhaps,,\n", "line 2: stands: 'perhaps': expected yes or no"),
        (f"{HEAD}Clacton,Reform,,,\n", "line 2: says nothing"),
        (f"{HEAD}Clacton,Reform,no,yes,\n", "line 2: a sitting MP who is no candidate"),
        (f"{HEAD}Clacton,Con,no,,\nclacton,Con,yes,,\n", "line 3: .*again, as in line 2"),
        ("seat,stands\nClacton,yes\n", "party"),
    ],
)
def test_a_wrong_row_is_named(tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        config_with(tmp_path / "mine.csv", text)
