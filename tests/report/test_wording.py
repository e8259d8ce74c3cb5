"""Numbers as people read them: never surer than the simulation is."""

import doctest

from hypothesis import given
from hypothesis import strategies as st

from forecaster.answers.summary import percent
from forecaster.report import wording
from forecaster.results.precision import monte_carlo_error


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
    step = wording.precision(100 * error)
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
