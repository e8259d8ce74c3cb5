"""Every command that the README tells a newcomer to type runs as written, in its order."""

import re
import shlex

import pytest

import forecaster
from forecaster.cli.main import run
from forecaster.resources import root

SHOWN_ELSEWHERE = ("backtest", "calibrate", "frontier", "sweep", "sensitivity", "optimise")
"""Commands that take long, and whose own tests run them."""


def commands():
    text = (root() / "README.md").read_text(encoding="utf-8")
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["forecast"] and words[1] not in SHOWN_ELSEWHERE:
                yield words[1:]


@pytest.mark.slow
def test_the_readmes_commands_run_in_order(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    election = forecaster.load_election("2024")
    votes = election.votes.sel(party=["Con", "Lab", "LD", "Reform", "Green", "SNP", "PC"])
    shares = (100 * votes / election.votes.sum("party")).where(votes > 0)
    table = shares.to_pandas().rename_axis("seat")
    table.assign(Other=100 - table.sum(axis=1)).to_csv("mrp.csv")
    (tmp_path / "mine.csv").write_text("seat,party,stands\nLewes,Green,no\n")
    typed = list(commands())
    assert len(typed) > 20
    for words in typed:
        assert run(words) == 0, (words, capsys.readouterr().err)
        capsys.readouterr()
