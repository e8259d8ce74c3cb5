"""A user's own candidates and sitting MPs: read whole, or the row at fault is named."""

import pytest

from forecaster.config.load import load_config
from forecaster.errors import DataError

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
