"""What lies around a command: a terminal that is not UTF-8, paths with ~, a switch of numba's."""

import os
import subprocess
import sys

import pytest

from forecaster.cli.main import run

COMMAND = "import sys; from forecaster.cli.main import main; main(sys.argv[1:])"


def called(*arguments, **variables):
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments],
        env=os.environ | variables,
        capture_output=True,
        check=False,
    )


def test_a_terminal_that_is_not_utf_8_gets_the_numbers_of_letters(stored_with_pacts):
    done = called("seat", stored_with_pacts, "Ynys Mon", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stdout.startswith(b"Ynys M\\xf4n (W07000112)")


def test_numba_told_not_to_compile_is_named(tmp_path):
    out = f"--out={tmp_path / 'run'}"
    done = called("simulate", "next-election", "--draws", "64", out, NUMBA_DISABLE_JIT="1")
    assert done.returncode == 2
    assert b"NUMBA_DISABLE_JIT is set" in done.stderr


@pytest.mark.slow
def test_a_number_of_threads_that_numba_refuses_does_not_matter(tmp_path):
    out = f"--out={tmp_path / 'run'}"
    done = called("simulate", "next-election", "--draws", "64", out, NUMBA_NUM_THREADS="0")
    assert done.returncode == 0


def test_a_file_below_the_users_folder_is_written_there(stored_with_pacts, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert run(["report", stored_with_pacts, "--out=~/page.html"]) == 0
    assert (tmp_path / "page.html").is_file()
