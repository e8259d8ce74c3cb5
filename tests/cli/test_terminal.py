"""Bars and colours where a terminal shows them, and nowhere else."""

import doctest
import re

import pytest

from forecaster.cli import terminal
from forecaster.cli.terminal import print_table
from forecaster.columns import columns
from forecaster.report.palette import PARTY_COLOURS
from forecaster.table import Column, Table

TABLE = Table(
    "A title",
    (Column("name", "Seat"), Column("party", "Party"), *columns("p:probability+=Chance")),
    [
        {"name": "[Lewes]", "party": "LD", "p": 0.5, "p_mcse": 0.1},
        {"name": "Ynys Môn", "party": "Lab+LD", "p": None, "p_mcse": None},
    ],
    ("A note.",),
)
COLOUR = re.compile(r"\x1b\[[\d;]*38;2;(\d+);(\d+);(\d+)m")


@pytest.fixture
def printed(capsys, monkeypatch):
    def show(columns=100, **environment):
        for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setenv("TERM", environment.pop("TERM", "xterm-256color"))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        print_table(TABLE)
        return capsys.readouterr().out

    return show


def test_examples():
    assert doctest.testmod(terminal).failed == 0


def test_a_terminal_shows_bars_and_the_parties_colours(printed):
    out = printed(FORCE_COLOR="1", COLORTERM="truecolor")
    assert "████    " in out
    (found,) = COLOUR.findall(out)
    assert "#{:02x}{:02x}{:02x}".format(*map(int, found)) == PARTY_COLOURS["LD"]
    assert "■" in out
    assert "[Lewes]" in out


def test_no_color_leaves_the_bars(printed):
    out = printed(FORCE_COLOR="1", COLORTERM="truecolor", NO_COLOR="1")
    assert "████    " in out
    assert not COLOUR.search(out)
    assert "■" not in out


def test_a_simple_terminal_gets_no_colours(printed):
    assert "■" not in printed(FORCE_COLOR="1", TERM="dumb")


def test_a_pipe_gets_neither(printed):
    out = printed(columns=40)
    assert "\x1b" not in out
    assert "█" not in out
    assert "[Lewes]    LD         50 %" in out


def test_bars_that_do_not_fit_are_left_out(printed):
    out = printed(columns=35, FORCE_COLOR="1", COLORTERM="truecolor")
    assert "█" not in out
    assert "50 %" in out
