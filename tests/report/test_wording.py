"""Numbers as people read them: never surer than the simulation is."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecaster.answers.summary import percent
from forecaster.report import wording
from forecaster.results.precision import monte_carlo_error
from forecaster.table import Column


def test_examples():
    assert doctest.testmod(wording).failed == 0


@st.composite
def counted(draw):
    draws = draw(st.integers(10, 20_000))
    return draw(st.integers(0, draws)), draws


@given(counted())
def test_a_chance_is_rounded_to_what_its_error_supports(what):
    wins, draws = what
    error = float(monte_carlo_error(wins, draws))
    text = wording.chance(wins / draws, error)
    number = int(text.lstrip("<>"))
    step = max(1, wording.precision(100 * error))
    assert 0 < number < 100
    assert number % step == 0
    assert (100 * error) / 2 <= step or step == 10
    if text[0] == "<":
        assert 100 * wins / draws <= step / 2
    elif text[0] == ">":
        assert 100 * wins / draws >= 100 - step / 2
    else:
        assert abs(number - 100 * wins / draws) <= step / 2 + 1e-9


@given(st.integers(0, 10_000))
def test_page_and_terminal_say_the_same_of_many_draws(wins):
    p, error = wins / 10_000, float(monte_carlo_error(wins, 10_000))
    on_page, in_terminal = wording.percent(p, error), percent(p)
    if wins not in (50, 9950):  # exactly between two steps
        assert on_page == in_terminal


@given(
    st.sampled_from(["number", "difference", "score", "share"]),
    st.floats(-700, 700),
    st.floats(0, 20),
)
def test_a_figure_is_no_more_precise_than_its_error(kind, value, error):
    factor = 100 if kind == "share" else 1
    row = {"x": value / factor, "x_mcse": error / factor}
    words = wording.cell(Column("x", "X", kind), row)
    number = words.removesuffix(" %").replace("−", "-").replace(",", "")
    decimals = len(number.partition(".")[2])
    assert decimals <= {"number": 1, "difference": 1, "score": 3, "share": 1}[kind]
    assert 10**-decimals >= min(error / 2, 1) or decimals == 0
    assert abs(float(number) - value) <= max(0.5 * 10**-decimals, min(error, 5)) + 1e-9
    if float(number) == 0:
        assert number[0] not in "+-"


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("integer", 12345, "12,345"),
        ("difference", -0.04, "0.0"),
        ("difference", 6.72, "+6.7"),
        ("whole_difference", -3, "−3"),
        ("fraction", 0.314, "+0.31"),
        ("score", 84.145, "84.1"),
        ("score", 0.1154, "0.115"),
        ("share", 0.2914, "29.1 %"),
        ("error", 0.0123, "1"),
        ("probability", 0.0001, "<1 %"),
        ("text", "[Lewes]", "[Lewes]"),
        ("number", None, "–"),
    ],
)
def test_a_figure_without_an_error_is_written_by_its_kind(kind, value, words):
    assert wording.cell(Column("x", "X", kind), {"x": value}) == words
