"""Commands that simulate much: numbers as 1e3, sweeps and sensitivity from end to end."""

import csv
import io
import json

import pytest

import forecaster
from forecaster.cli.main import run

GRID = """
title = "t"
config = "next-election"
pacts = ["pacts/progressive-on-last-votes.toml"]
draws = 64
show = ["difference:Con"]
[vary]
pacts.progressive-on-last-votes.strength.refusal = [0.0, 1.0]
errors.national = [0, 1]
"""


@pytest.fixture
def grid(tmp_path):
    (tmp_path / "grid.toml").write_text(GRID)
    return str(tmp_path / "grid.toml"), str(tmp_path / "out")


def output(capsys, *arguments):
    code = run(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_draws_may_be_written_as_1e3_and_fewer_stored_than_counted(tmp_path, capsys):
    folder = str(tmp_path / "run")
    arguments = ("simulate", "next-election", "--draws", "1e3", "--keep-draws", "100", "-q")
    assert output(capsys, *arguments, "--out", folder)[0] == 0
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert (manifest["draws"], manifest["draws_kept"]) == (1000, 100)
    assert manifest["rows"]["totals"] == 100 * len(manifest["parties"])
    note = "Over the first 100 of 1,000 elections"
    for command in (("show", folder, "totals"), ("show", folder, "seats")):
        code, out, _ = output(capsys, *command)
        assert (code, note in " ".join(out.split())) == (0, False)
    for command in (("show", folder, "national"), ("tragedies", folder)):
        code, out, _ = output(capsys, *command)
        assert (code, note in " ".join(out.split())) == (0, True)
    assert forecaster.open_run(folder).seats.sizes["draw"] == 100


@pytest.mark.parametrize(
    ("draws", "message"), [("1e3.5", "is no number"), ("2.5", "no whole number"), ("5e9", "draws")]
)
def test_a_number_of_draws_that_is_none_is_refused(draws, message, capsys):
    code, _, err = output(capsys, "simulate", "next-election", "--draws", draws)
    assert code == 2
    assert message in err


def test_at_least_one_draw_is_stored(tmp_path, capsys):
    arguments = ("simulate", "next-election", "--draws", "10", "--keep-draws", "0")
    code, _, err = output(capsys, *arguments, "--out", str(tmp_path / "run"))
    assert code == 2
    assert "expected 1 or more" in err
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_sweep_and_its_sensitivity(grid, capsys):
    file, folder = grid
    code, out, _ = output(capsys, "sweep", file, "--out", folder, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    name = "difference:Con:progressive-on-last-votes"
    assert code == 0
    # Where all refuse to stand aside only the backlash is left of the pact.
    assert [abs(float(row[name])) < 3 for row in rows] == [False, False, True, True]
    code, out, _ = output(capsys, "sensitivity", file, "--out", folder, "--format", "json")
    refusal, national = json.loads(out)
    assert code == 0
    assert refusal["first"] > 0.8
    assert national["first"] <= national["total"] < 0.2


def test_what_does_not_go_with_a_sweep_or_a_config_is_refused(grid, capsys):
    assert output(capsys, "sensitivity", grid[0], "--draws", "10")[0] == 2
    assert output(capsys, "sensitivity", "next-election", "--out", "x")[0] == 2


def test_sensitivity_of_a_stored_run_is_that_of_its_config(given_shares, tmp_path, capsys):
    config = ("next-election", "--draws", "200", "--set", given_shares)
    folder = str(tmp_path / "run")
    assert output(capsys, "simulate", *config, "--out", folder)[0] == 0
    code, of_run, _ = output(capsys, "sensitivity", folder, "--format", "csv")
    assert code == 0
    assert of_run == output(capsys, "sensitivity", *config, "--format", "csv")[1]
    assert output(capsys, "sensitivity", folder, "--set", "seed=2")[0] == 2


def test_sensitivity_of_a_config(capsys):
    arguments = ("sensitivity", "next-election", "--draws", "200", "--outcome", "seats:Con")
    code, out, _ = output(capsys, *arguments, "--format", "json")
    rows = json.loads(out)
    assert code == 0
    assert [row["source"] for row in rows][:1] == ["national"]
    assert {row["outcome"] for row in rows} == {"seats:Con:no-pact"}
