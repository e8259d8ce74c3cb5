"""Every command that README and docs tell people to type runs as written, in its order.

Its tables fit the widths of terminals, and lose nothing in a pipe.
"""

import io
import re
import shlex
from contextlib import redirect_stdout
from dataclasses import replace
from functools import cache

import click
import pytest

import forecaster
from forecaster.cli import terminal
from forecaster.cli.main import COMMANDS, forecast, run
from forecaster.report.wording import cell
from forecaster.resources import root

PAGES = [root() / "README.md", *sorted((root() / "docs").glob("*.md"))]

ENOUGH = ["--draws", "256"]
"""Of a command that takes draws."""

LONG = {
    "backtest": "tests/cli/test_backtest.py",
    "calibrate": "tests/calibration/test_calibration.py",
    "sweep": "tests/cli/test_scale.py",
    "--workers": "tests/simulation/test_workers.py",
}
"""What takes ten seconds and more whatever the draws, and the tests that run it."""

OTHERS = {
    "backtest": ("FILE", "CSV", "DIR"),
    "simulate": ("tcp://host:8786",),
}
"""What only a reader has: files of their own, and a scheduler."""

BESIDES = """
backtest 2019
calibrate tactical
calibrate transfers --show absences
pact runs/pacts --deals
polls --election 2019
show runs/mine seats --party Reform
sweep rates.toml
transfers --evidence
"""
"""Commands whose tables the pages' own do not show."""

RATES = """
title = "Rates [a title with brackets]"
config = "next-election"
pacts = ["progressive"]
draws = 128
[vary]
"pacts.progressive.strength.refusal" = [0.0, 0.5]
"""

WITHOUT_TABLES = {"build", "export", "plot", "register", "report"}
ROWS = 12
ANSI = re.compile(r"\x1b\[[\d;]*m")


@cache
def typed(page):
    """Return the words of every command in the blocks that a page shows for a shell."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    words = [shlex.split(line, comments=True) for line in lines]
    return [of_line[1:] for of_line in words if of_line[:1] == ["forecast"]]


def command(words):
    """Return a command and the arguments that it is called with."""
    found, rest = forecast, list(words)
    while isinstance(found, click.Group) and rest:
        name = rest.pop(0)
        found = found.get_command(click.Context(found), name)
        assert found is not None, words
    return found, rest


def is_run(words):
    return not set(words) & {*LONG, *OTHERS.get(words[0], ())}


@pytest.fixture
def newcomer(tmp_path, monkeypatch):
    """Go to a new folder that holds what the pages say is somebody's: estimates and candidates."""
    monkeypatch.chdir(tmp_path)
    election = forecaster.load_election("2024")
    votes = election.votes.sel(party=["Con", "Lab", "LD", "Reform", "Green", "SNP", "PC"])
    shares = (100 * votes / election.votes.sum("party")).where(votes > 0)
    table = shares.to_pandas().rename_axis("seat")
    for name, part in {"mrp.csv": 1, "yougov.csv": 1, "more-in-common.csv": 0.99}.items():
        table.mul(part).assign(Other=100 - part * table.sum(axis=1)).to_csv(name)
    (tmp_path / "mine.csv").write_text("seat,party,stands\nLewes,Green,no\n")
    (tmp_path / "rates.toml").write_text(RATES)


@pytest.mark.slow
def test_commands_run_in_the_order_of_the_pages_and_their_tables_fit(newcomer, capsys, monkeypatch):
    of_pages = {tuple(words): page.name for page in PAGES for words in typed(page) if is_run(words)}
    besides = {tuple(line.split()): "besides" for line in BESIDES.strip().splitlines()}
    assert len(of_pages) > 50
    tables, looked_at, with_tables = [], set(), set()
    monkeypatch.setattr(terminal, "print_table", tables.append)
    for words, page in (of_pages | besides).items():
        takes_draws = any(option.name == "draws" for option in command(words)[0].params)
        code = run([*words, *ENOUGH * takes_draws])
        assert code == 0, (page, words, capsys.readouterr().err)
        with_tables |= {words[0]} if tables else set()
        for table in tables:
            headings = (words[0], *(column.heading for column in table.columns))
            if headings not in looked_at:
                looked_at.add(headings)
                fits(replace(table, rows=table.rows[:ROWS]))
        tables.clear()
        capsys.readouterr()
    assert with_tables == set(COMMANDS) - WITHOUT_TABLES


def fits(table):
    """Check that a table fits three terminals without breaking a number, and is whole in a pipe."""
    shown = [column for column in table.columns if not column.data_only]
    for width in (80, 100, 140):
        lines = lines_of(table, COLUMNS=str(width), FORCE_COLOR="1", TERM="xterm")
        assert max(map(len, lines)) <= width, (table.title, width)
        missing = left_out(lines)
        for column in shown:
            if column.kind == "text" or column.heading in missing:
                continue
            for row in table.rows:
                words = cell(column, row)
                assert words == "–" or any(words in line for line in lines), (column, width)
        assert shown[0].heading not in missing
    piped = lines_of(table)
    assert not any(line != line.rstrip() for line in piped)
    assert not left_out(piped)
    for column in shown:
        assert any(column.heading in line for line in piped)
        for row in table.rows:
            assert any(terminal.visible(cell(column, row)) in line for line in piped)
    assert all(any(note in line for line in piped) for note in table.notes)


PRINT_TABLE = terminal.print_table


def lines_of(table, **variables):
    """Return the lines of a table on a terminal that these variables describe, else in a pipe."""
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out):
        for name, value in variables.items():
            patch.setenv(name, value)
        PRINT_TABLE(table)
    return ANSI.sub("", out.getvalue()).splitlines()


def left_out(lines):
    """Return the headings of columns that were left out, as the table names them."""
    said = " ".join(line.strip() for line in lines).partition("Not shown for want of width: ")[2]
    return said.partition(". A wider terminal")[0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_are_not_run_can_be_read(page):
    for words in typed(page):
        if not is_run(words):
            found, rest = command(words)
            parent = click.Context(forecast, **forecast.context_settings)
            found.make_context(found.name, rest, parent=parent)


def test_commands_are_left_out_for_a_reason():
    every = [words for page in PAGES for words in typed(page)]
    for name, tests in LONG.items():
        assert any(name in words for words in every)
        assert name.strip("-") in (root() / tests).read_text(encoding="utf-8")
    for name, words in OTHERS.items():
        assert all(any(one[0] == name and word in one for one in every) for word in words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_options_named_in_a_sentence_are_the_commands(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for line in re.findall(r"`forecast ([^`]+)`", text):
        found, rest = command(line.split())
        known = {name for option in found.params for name in option.opts}
        assert {word for word in rest if word.startswith("--")} <= known, line
