"""The query language: what conditions mean, and where a mistake is pointed at."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecaster.answers.expression import evaluate
from forecaster.errors import ConfigError

LAB = np.array([300, 310, 320, 330])
LD = np.array([50, 40, 6, 2])


def known(name, values):
    if name not in values:
        raise ConfigError(f"unknown {name!r}.")
    return values[name]


class Four:
    """Four draws; parties are numbered Lab, LD, Green."""

    def seats(self, party):
        return known(party, {"Lab": LAB, "LD": LD})

    def share(self, area, party):
        by_party = known(area, {"Northern Ireland": {"LD": np.array([0.1, 0.2, 0.3, 0.4])}})
        return known(party, by_party)

    def winner(self, seat):
        won = {"Ynys Môn": np.array([0, 1, 2, 0]), "Lewes": np.array([0, 0, 2, 2])}
        return known(seat, won)

    def party(self, name):
        return known(name, {"Lab": 0, "LD": 1, "Green": 2})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seats.Lab >= 320", [0, 0, 1, 1]),
        ("seats['Lab'] < 310", [1, 0, 0, 0]),
        ("326 <= seats.Lab + seats.LD", [1, 1, 1, 1]),
        ("seats.Lab - seats.LD - 10 > 290", [0, 0, 1, 1]),
        ("seats.Lab - (seats.LD - 10) > 290", [0, 0, 1, 1]),
        ("seats.Lab - (seats.LD + 300) > 0", [0, 0, 1, 1]),
        ("share['Northern Ireland'].LD > 20%", [0, 0, 1, 1]),
        ("share['Northern Ireland'].LD - 12.5% < 0%", [1, 0, 0, 0]),
        ("winner['Ynys Môn'] == 'LD'", [0, 1, 0, 0]),
        ('"LD" != winner["Ynys Môn"]', [1, 0, 1, 1]),
        ("winner['Ynys Môn'] == winner['Lewes']", [1, 0, 1, 0]),
        ("not seats.Lab > 310", [1, 1, 0, 0]),
        ("not not seats.Lab > 310", [0, 0, 1, 1]),
        # 'and' binds closer than 'or', and 'not' closer than 'and'.
        ("seats.Lab == 300 or seats.Lab == 330 and seats.LD == 50", [1, 0, 0, 0]),
        ("(seats.Lab == 300 or seats.Lab == 330) and seats.LD == 2", [0, 0, 0, 1]),
        ("not seats.Lab == 300 and seats.LD < 40", [0, 0, 1, 1]),
        ("1 < 2", 1),
        ("300 < seats.Lab <= 320 > seats.LD", [0, 1, 1, 0]),
        ("seats.LD - seats.Lab > -300", [1, 1, 0, 0]),
        ("seats . Lab\n>= 0320and 1<2", [0, 0, 1, 1]),
        ("1 < 9" + "0" * 5000, 1),
    ],
)
def test_what_a_condition_means(text, expected):
    np.testing.assert_array_equal(evaluate(text, Four()), np.array(expected, bool))


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("", 1, "expected a condition"),
        ("seats.Lab <", 12, "expected more of the condition"),
        ("seats.Lab < 3 and", 18, "expected more of the condition"),
        ("seats.Lab", 1, "a number of seats, where a condition is expected"),
        ("seats.Tory < 3", 7, "unknown 'Tory'"),
        ("seat.Lab < 3", 1, "Did you mean 'seats'?"),
        ("seats < 3", 7, "expected .PARTY or ['PARTY']"),
        ("seats.Lab = 3", 11, "Write == to compare"),
        ("seats.Lab < 3 seats.LD > 2", 15, "invalid syntax"),
        ("(seats.Lab < 3", 1, "'(' was never closed"),
        ("seats.Lab < 300 < (seats.LD < 3)", 17, "cannot compare a number of seats with a cond"),
        ("winner['Lewes'] < 'LD'", 17, "compared with == or !="),
        ("winner['Lewes'] == 3", 17, "cannot compare a party with a number of seats"),
        ("winner[Lewes] == 'LD'", 8, "in quotation marks"),
        ("winner['Lewes == 3", 8, "not closed"),
        ("'a' == 'b'", 5, "cannot compare"),
        ("share['Northern Ireland'].LD > 20", 30, "per cent, as in 30%"),
        ("seats.Lab + 3% > 2", 11, "cannot add or subtract a number of seats and a share"),
        ("seats.Lab > 3 and 5", 19, "where a condition is expected"),
        ("not 5", 5, "where a condition is expected"),
        ("seats.Lab > 3 & seats.LD > 2", 15, "cannot be read"),
        ("__import__('os').system('true')", 1, "no part of a condition"),
        ("(share.x)(3) < 4", 1, "no part of a condition"),
        ("seats.Lab.LD < 3", 11, "expected no more after PARTY"),
        ("winner[b'Lewes'] == 'LD'", 9, "invalid syntax"),
        ("seats.Lab is 3", 11, "Compare with"),
        ("30j < 3", 3, "invalid"),
        ("True", 1, "no part of a condition"),
        ("('Lab' == winner['Lewes']) < 3", 28, "cannot compare"),
        ("winner['Ynys Môn'] == 'Tory'", 23, "unknown 'Tory'"),
        ("(" * 5000, None, "too many brackets"),
        ("not " * 100_000 + "1 < 2", None, "too many brackets"),
        ("1 + " * 100_000 + "1 < 2", None, "too many brackets"),
    ],
)
def test_a_mistake_is_pointed_at(text, position, message):
    with pytest.raises(ConfigError) as error:
        evaluate(text, Four())
    assert message in str(error.value)
    if position is not None:
        assert f"position {position}:" in str(error.value)
        assert str(error.value).splitlines()[-1] == "  " + " " * (position - 1) + "^"


@given(st.text(alphabet="seatsLabwinr.'[]()<>=!+-% 0123and or not", max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        found = evaluate(text, Four())
    except ConfigError as error:
        assert str(error).startswith("query")
    else:
        assert found.dtype == bool
