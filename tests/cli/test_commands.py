"""The command line, as people use it: what it prints and how it ends."""

import csv
import io
import json
import signal
import subprocess
import sys
import time

import pytest

from forecaster.cli.main import COMMANDS, run

CONFIG = "configs/next-election.toml"


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli") / "run"
    assert run(["simulate", CONFIG, "--draws", "640", "--out", str(folder), "-q"]) == 0
    return str(folder)


def output(capsys, *arguments):
    code = run(list(arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name, capsys):
    code, out, _ = output(capsys, name, "--help")
    assert code == 0
    assert out.startswith(f"Usage: forecast {name}")


def test_help_imports_no_heavy_package():
    script = (
        "import sys; from forecaster.cli.main import run; run(['--help']); "
        "print(sorted({'numpy', 'numba', 'pyarrow', 'rich', 'xarray'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_simulate_prints_a_summary_and_where_the_run_is(tmp_path, capsys):
    folder = tmp_path / "mine"
    code, out, _ = output(
        capsys, "simulate", CONFIG, "--draws", "64", "--seed", "7", "--out", str(folder)
    )
    assert code == 0
    for text in ("National shares assumed", "Hung parliament", "The 15 closest seats", str(folder)):
        assert text in out
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["draws"], manifest["seed"]) == (64, 7)


def test_runs_get_the_next_free_number(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = [output(capsys, "simulate", "next-election", "--draws", "64", "-q")[1] for _ in "ab"]
    assert names == ["runs/next-election-1\n", "runs/next-election-2\n"]


def test_show_seats_of_a_party_in_a_region_as_csv(stored, capsys):
    code, out, _ = output(
        capsys, "show", stored, "seats", "--party", "reform", "--region", "north east",
        "--sort", "win_probability", "--format", "csv",
    )  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(out)))
    chances = [float(row["win_probability"]) for row in rows]
    assert code == 0
    assert len(rows) == 27
    assert {row["region"] for row in rows} == {"North East"}
    assert chances == sorted(chances, reverse=True)


@pytest.mark.parametrize("what", ["totals", "national", "seats"])
def test_every_table_comes_in_every_format(stored, what, capsys):
    rows = json.loads(output(capsys, "show", stored, what, "--format", "json")[1])
    lines = output(capsys, "show", stored, what, "--format", "csv")[1].splitlines()
    markdown = output(capsys, "show", stored, what, "--format", "markdown")[1]
    assert len(lines) == len(rows) + 1
    assert lines[0].split(",") == list(rows[0])
    assert sum(line.startswith("|") for line in markdown.splitlines()) == len(rows) + 2


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Lewes", "Lewes (E14001330)"),
        ("E14001330", "Lewes (E14001330)"),
        ("ynys mon", "Ynys Môn (W07000112)"),
        ("Islington North", "Jeremy Corbyn"),
        ("South West Surrey", "was a seat from 2010 to 2024"),
        ("kilmarn", "Kilmarnock and Loudoun"),
        ("Gorton", "By-election of 26 February 2026: Green 41 % (+20)"),
        ("Newark", "The MP today: Reform UK."),
        ("Lewes", "Why: from the share of 2024 to the expected one, in points"),
    ],
)
def test_seat_is_found_by_whatever_it_is_called(stored, name, found, capsys):
    code, out, _ = output(capsys, "seat", stored, name)
    assert code == 0
    assert found in " ".join(out.split())


def test_data_commands(capsys):
    rows = json.loads(output(capsys, "data", "list", "--format", "json")[1])
    assert all(row["source"] and row["licence"] for row in rows)
    code, out, _ = output(capsys, "data", "verify")
    assert code == 0
    assert out.startswith(f"{len(rows)} tables")


def test_config_explain_names_every_parameter_with_its_source(capsys):
    rows = json.loads(output(capsys, "config", "explain", "--format", "json")[1])
    keys = {row["key"] for row in rows}
    assert {"draws", "swing.rule", "parameters.seat.sd.value"} <= keys
    assert all(row["meaning"] and row["type"] for row in rows)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["simulate", CONFIG, "--set", "swing.rul=uniform"], 2, "Did you mean 'rule'?"),
        (["simulate", CONFIG, "--draws", "0"], 2, "draws"),
        (["simulate", CONFIG, "--draws", "1000000000000"], 2, "draws"),
        (["simulate", "no-such-config"], 2, "Embedded configs: election-2019"),
        (["shoow"], 2, "No such command"),
        (["show", "no-such-run"], 4, "no run is stored here"),
        (["seat", "STORED", "Cambrdge"], 2, "Did you mean 'Cambridge'?"),
        (["seat", "STORED", "Birmingham"], 2, "fits 9 seats"),
        (["show", "STORED", "seats", "--party", "Refrm"], 2, "Did you mean 'Reform'?"),
        (["show", "STORED", "seats", "--sort", "chance"], 2, "no such column"),
        (["simulate", CONFIG, "--out", "STORED"], 4, "exists already"),
    ],
)
def test_bad_input_ends_with_one_clear_message(arguments, code, message, stored, capsys):
    filled = [stored if word == "STORED" else word for word in arguments]
    got, out, err = output(capsys, *filled)
    assert (got, out) == (code, "")
    assert message in err
    assert "Traceback" not in err


def test_a_bug_is_called_a_bug(capsys, monkeypatch):
    monkeypatch.setattr("forecaster.resources.catalogue", lambda: 1 / 0)
    code, _, err = output(capsys, "data", "verify")
    assert code == 1
    assert "ZeroDivisionError" in err
    with pytest.raises(ZeroDivisionError):
        run(["-v", "data", "verify"])


@pytest.mark.slow
def test_interrupt_leaves_nothing_behind(tmp_path):
    # A program that a shell starts in the background is born deaf to this signal.
    start = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    process = subprocess.Popen(
        [sys.executable, "-c", start + "from forecaster.cli.main import main; main()", "simulate",
         "next-election", "--draws", "5000000", "--out", str(tmp_path / "runs" / "x")],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while not (tmp_path / "runs").is_dir() and process.poll() is None:
        time.sleep(0.05)
    time.sleep(1)  # a good chance that it is in the middle; nothing depends on it
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert "Interrupted: nothing unfinished was stored." in err
    assert list((tmp_path / "runs").iterdir()) == []
