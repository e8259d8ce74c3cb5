"""A user's own candidates and sitting MPs: read whole, or the row at fault is named."""

import pytest

from forecaster.config.load import load_config
from forecaster.elections.names import find_seat
from forecaster.errors import DataError
from forecaster.plan.build import build_plan
from forecaster.vocabulary import BALLOT, NATIONS

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


def test_a_nomination_without_a_seat_is_named(tmp_path):
    with pytest.raises(DataError, match="line 2: a candidate needs a seat and a party"):
        config_with(tmp_path / "n.csv", "person_name,party_name,post_label\nA,Labour Party,\n")


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
