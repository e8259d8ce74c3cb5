"""Two processes at once, and processes that end before they have finished."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from forecaster import partial
from forecaster.errors import ResultsError
from forecaster.files import new_file, new_folder
from forecaster.partial import ENDING, TakenError, hidden_folder, is_taken
from forecaster.results.store import default_folder

WRITING = """
import sys, time
from pathlib import Path
from forecaster.cli.main import prepare_process
from forecaster.files import new_folder

prepare_process()
try:
    with new_folder(Path(sys.argv[1])) as partial:
        (partial / "half").write_text("half")
        print("ready", flush=True)
        time.sleep(60)
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.fixture
def writer(tmp_path):
    """Return a process that is writing the folder ``run``."""
    command = [sys.executable, "-c", WRITING, str(tmp_path / "run")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


@pytest.mark.parametrize("new", [new_file, new_folder])
def test_the_second_of_two_on_one_target_is_refused_at_once(tmp_path, new):
    with new(tmp_path / "a") as first:
        if new is new_file:
            first.write_text("first")
        with pytest.raises(TakenError, match="a: another process is writing it now"):
            new(tmp_path / "a").__enter__()
        with new_file(tmp_path / "b") as other:
            other.write_text("other")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a", "b"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_a_process_that_is_told_to_end_leaves_nothing(tmp_path, writer):
    assert is_taken(tmp_path / "run")
    with pytest.raises(TakenError):
        new_folder(tmp_path / "run").__enter__()
    writer.send_signal(signal.SIGTERM)
    assert writer.wait() == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path, writer):
    writer.kill()
    writer.wait()
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".run.")
    strangers = [tmp_path / ".run.mine", tmp_path / f".file{ENDING}"]
    strangers[0].mkdir()
    strangers[1].write_text("a file, not a folder")
    with new_file(tmp_path / "other") as other:
        other.write_text("other")
    assert sorted(tmp_path.iterdir()) == sorted([*strangers, tmp_path / "other"])


def test_a_default_folder_is_one_that_nobody_is_writing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with new_folder(default_folder("mine.toml")):
        assert default_folder("mine.toml") == Path("runs/mine-2")
    assert default_folder("mine.toml") == Path("runs/mine-2")


def test_what_is_new_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    seen = []
    real = os.fsync

    def synced(file):
        seen.append((os.fstat(file).st_ino, (tmp_path / "run").exists()))
        real(file)

    monkeypatch.setattr(partial.os, "fsync", synced)
    with new_folder(tmp_path / "run") as made:
        (made / "one").write_text("1")
    folder = tmp_path / "run"
    assert {inode for inode, there in seen if not there} == {
        one.stat().st_ino for one in (folder, folder / "one")
    }


@pytest.mark.skipif(sys.platform == "win32", reason="modes are those of POSIX")
def test_new_files_and_folders_have_the_modes_that_the_user_wants(tmp_path):
    before = os.umask(0o027)
    try:
        with new_folder(tmp_path / "run") as made:
            (made / "one").write_text("1")
        with new_file(tmp_path / "file") as one:
            one.write_text("1")
    finally:
        os.umask(before)
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("run", "run/one", "file")]
    assert modes == [0o750, 0o640, 0o640]


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "run", tmp_path / ("n" * 300)):
        with pytest.raises(ResultsError, match=r"cannot be written \("):
            new_folder(path).__enter__()
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_hidden_folders_are_never_the_same(tmp_path):
    with hidden_folder(tmp_path / "a") as one, hidden_folder(tmp_path / "b") as other:
        assert one != other
        assert one.parent == other.parent == tmp_path
    assert list(tmp_path.iterdir()) == []
