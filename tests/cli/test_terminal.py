"""Bars and colours where a terminal shows them, and nowhere else."""

import doctest
import io
import re
from contextlib import redirect_stdout

import pytest
from hypothesis import given
from hypothesis import strategies as some

from forecaster.cli import terminal
from forecaster.cli.output import Output
from forecaster.cli.terminal import print_table
from forecaster.columns import columns
from forecaster.report.wording import cell
from forecaster.table import Column, Table
from forecaster.vocabulary import PARTY_COLOURS

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
    assert "[Lewes]   LD        50 %" in out
    assert not re.search(" $", out, re.MULTILINE)


def test_bars_that_do_not_fit_are_left_out(printed):
    out = printed(columns=35, FORCE_COLOR="1", COLORTERM="truecolor")
    assert "█" not in out
    assert "50 %" in out


WORDS = some.lists(
    some.text("abcdefghij[]&'é", min_size=1, max_size=20), min_size=1, max_size=4
).map(" ".join)
KINDS = ("integer", "difference", "share", "number")


@some.composite
def tables(draw):
    kinds = draw(some.lists(some.sampled_from(KINDS), min_size=1, max_size=9))
    shown = [Column("name", draw(WORDS))]
    shown += [Column(f"c{k}", draw(WORDS), kind) for k, kind in enumerate(kinds)]
    rows = [
        {"name": draw(WORDS)} | {c.key: draw(some.integers(-(10**6), 10**6)) for c in shown[1:]}
        for _ in range(draw(some.integers(1, 4)))
    ]
    return Table(draw(WORDS), tuple(shown), rows, (draw(WORDS),))


@given(tables(), some.sampled_from([None, 60, 80, 100, 140]))
def test_no_line_is_too_long_and_no_number_is_broken(table, width):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_COLOR", "1")
        out = io.StringIO()
        if width:
            patch.setenv("FORCE_COLOR", "1")
            patch.setenv("COLUMNS", str(width))
            patch.setenv("TERM", "xterm")
        with redirect_stdout(out):
            print_table(table)
    lines = re.sub(r"\x1b\[[\d;]*m", "", out.getvalue()).splitlines()
    assert not width or max(map(len, lines)) <= width
    if not any(line.startswith("Not shown for want of width: ") for line in lines):
        numbers = " ".join(lines)
        assert all(cell(c, row) in numbers for c in table.columns[1:] for row in table.rows)


def test_steering_characters_are_shown_as_marks(printed, monkeypatch):
    monkeypatch.setitem(TABLE.rows[0], "name", "\x1b[2J[red]Lewes")
    out = printed()
    assert "�[2J[red]Lewes" in out and "\x1b[2J" not in out


@pytest.mark.parametrize(
    ("limit", "rows", "said"), [(None, 2, "3 more"), (1, 1, "4 more"), (0, 5, "")]
)
def test_a_person_gets_few_rows_and_is_told(capsys, limit, rows, said):
    table = Table("Seats", (Column("name", "Seat"),), [{"name": f"seat {k}"} for k in range(5)])
    Output(None, limit, "table").write(table, few=2)
    out = capsys.readouterr().out
    assert out.count("seat ") == rows
    assert (f"… {said} rows: --limit 0 shows all." in out) == bool(said)
    Output(None, limit, "csv").write(table, few=2)
    assert capsys.readouterr().out.count("seat ") == (limit or 5)


@pytest.mark.parametrize(("total", "told"), [(3, "3/3"), (None, "0:00:0")])
def test_a_terminal_shows_how_far_the_work_is_and_a_pipe_nothing(capsys, monkeypatch, total, told):
    for forced in ("1", None):
        if forced:
            monkeypatch.setenv("FORCE_COLOR", forced)
            monkeypatch.setenv("TERM", "xterm")
        else:
            monkeypatch.delenv("FORCE_COLOR")
        with terminal.progress_bar(total, label="Elections") as advance:
            for _ in range(3):
                advance(1)
        out, err = capsys.readouterr()
        assert out == ""
        assert ("Elections" in err) == ("\x1b" in err) == (told in err) == bool(forced)
