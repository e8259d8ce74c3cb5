"""``forecast backtest``: what it prints, in which formats, and how it refuses."""

import csv
import io
import json
from contextlib import contextmanager

import pytest

from forecaster.api import backtest
from forecaster.calibration import model_file
from forecaster.cli import simulating
from forecaster.cli.main import run
from forecaster.cli.simulating import BACKTESTS
from forecaster.elections.election import read_election
from forecaster.errors import ConfigError
from forecaster.experiments.backtest import BASELINES, TABLES

pytestmark = pytest.mark.slow


def output(capsys, *arguments):
    code = run(["backtest", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_three_tables_for_people_and_no_word_of_others_unless_asked(capsys):
    code, out, _ = output(capsys, "2019", "--from", "truth", "--draws", "64")
    assert code == 0
    for text in ("Backtest from truth", "Favourites that won", "Reliability", "hard call"):
        assert text in out
    assert "Published forecasts" not in out


def test_csv_has_a_row_per_election_and_method_and_one_over_all(capsys):
    code, out, _ = output(
        capsys, "2017", "2019", "--from", "truth", "--draws", "64", "--format", "csv"
    )
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert [(row["election"], row["method"]) for row in rows] == [
        (election, method)
        for election in ("2017", "2019", "all")
        for method in ("forecaster", *BASELINES)
    ]


@pytest.mark.parametrize(("name", "key"), [("bands", "band"), ("reliability", "chances")])
def test_one_table_as_json(capsys, name, key):
    code, out, _ = output(
        capsys, "2019", "--from", "truth", "--draws", "64", "--table", name, "--format", "json"
    )
    assert code == 0
    assert all(key in row for row in json.loads(out))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seat,party\n", "no forecasts here"),
        ("election,ons,Con,Lab,LD\n2019,E14000786,many,1,1\n", "line 2: Con: 'many'"),
    ],
)
def test_damaged_forecasts_are_a_data_error(capsys, tmp_path, text, message):
    (tmp_path / "one.csv").write_text(text)
    code, out, err = output(capsys, "2019", "--draws", "64", "--published", str(tmp_path))
    assert (code, out) == (3, "")
    assert message in err


def test_published_forecasts_stand_beside_ours(capsys, tmp_path):
    after = read_election("2019")
    days = ("2019-12-01", "2019-12-02")
    rows = [f"2019,{day},{code},60,20,20" for day in days for code in after.seats.code]
    (tmp_path / "one.csv").write_text("\n".join(["election,snapshot,ons,Con,Lab,LD", *rows]))
    arguments = ("2019", "--from", "2019-12-01", "--draws", "64", "--published", str(tmp_path))
    code, out, _ = output(capsys, *arguments)
    assert code == 0
    assert "Published forecasts, beside ours from 2019-12-01" in out
    assert "the last one published by 2019-12-01" in out
    code, out, _ = output(capsys, *arguments, "--table", "published", "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(out))
    assert (row["provider"], row["published"]) == ("Electoral Calculus", "2019-12-01")
    assert row["called"] == "365"  # the Conservatives' seats
    assert float(row["our_called"]) > 500


def test_a_table_of_published_forecasts_needs_a_folder(capsys):
    code, _, err = output(capsys, "2019", "--draws", "64", "--table", "published")
    assert code == 2
    assert "needs --published DIR" in err


def test_the_command_and_python_know_the_same_tables():
    assert BACKTESTS == TABLES
    with pytest.raises(ConfigError, match="Did you mean 'bands'"):
        backtest("2019", table="band")


def test_an_unknown_election_is_a_usage_error(capsys):
    code, out, err = output(capsys, "2018", "--draws", "64")
    assert (code, out) == (2, "")
    assert "Known: " in err


def test_absences_have_a_row_for_each_recipient_under_the_rates_named(capsys):
    part = {}
    for name in ("formal", "informal"):
        arguments = ("2024", "--pacts", "--draws", "16", "--transfers", name, "--format", "csv")
        rows = list(csv.DictReader(io.StringIO(output(capsys, *arguments)[1])))
        assert [(row["donor"], row["recipient"]) for row in rows] == [
            ("Reform", party) for party in ("Con", "Lab", "LD")
        ]
        part[name] = [float(row["part"]) for row in rows]
    # A voter who was recommended a party follows more often than one who was not.
    assert sum(part["formal"]) > sum(part["informal"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--pacts", "--from", "truth"), "does not go with --from"),
        (("--transfers", "formal"), "go with --pacts"),
        (("--pacts", "--transfers", "formel"), "Did you mean"),
    ],
)
def test_what_does_not_go_with_absences_is_refused(capsys, arguments, message):
    code, out, err = output(capsys, "2024", *arguments)
    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.parametrize(
    ("arguments", "steps"),
    [
        (["2019", "--from", "truth"], 1),
        (["2024", "--pacts", "--transfers", "informal"], 3),
    ],
)
def test_the_bar_is_full_when_the_work_is_done(arguments, steps, monkeypatch, capsys):
    seen = []

    @contextmanager
    def bar(total, label):
        done = []
        yield done.append
        seen.append((total, sum(done)))

    monkeypatch.setattr(simulating, "progress_bar", bar)
    assert output(capsys, *arguments, "--draws", "64")[0] == 0
    assert seen == [(steps, steps)]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (["--set", "x=1"], "x: unknown option"),
        (["--pacts", "--set", "x=1"], "x: unknown option"),
        (["--from", "2030-01-01"], "not before the election"),
    ],
)
def test_what_is_wrong_is_refused_before_anything_is_estimated(capsys, monkeypatch, wrong, message):
    monkeypatch.setattr(model_file, "estimates", lambda leave_out: 1 / 0)
    code, _, error = output(capsys, "2019", *wrong)
    assert code == 2
    assert message in error
