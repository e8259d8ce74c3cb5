"""Every command that README and docs tell people to type runs as written, in its order."""

import re
import shlex
from functools import cache

import click
import pytest

import forecaster
from forecaster.cli.main import forecast, run
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


@pytest.mark.slow
def test_commands_run_in_the_order_of_the_pages(newcomer, capsys):
    done = 0
    for page in PAGES:
        for words in typed(page):
            if not is_run(words):
                continue
            takes_draws = any(option.name == "draws" for option in command(words)[0].params)
            code = run([*words, *ENOUGH * takes_draws])
            assert code == 0, (page.name, words, capsys.readouterr().err)
            capsys.readouterr()
            done += 1
    assert done > 50


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
