"""The catalogue describes what is there, and the builder makes the same bytes again."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

LARGEST_FILE = 3_000_000


def build(repository, raw, out):
    return subprocess.run(
        [sys.executable, "-B", repository / "data" / "builder", raw, out],
        env={**os.environ, "PYTHONPATH": str(repository)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_catalogue_matches_every_table(repository):
    folder = repository / "data"
    catalogue = json.loads((folder / "catalogue.json").read_text(encoding="utf-8"))
    assert catalogue["schema_version"] == 1
    paths = [entry["path"] for entry in catalogue["tables"]]
    built = (path.relative_to(folder) for path in folder.rglob("*.csv"))
    assert paths == sorted(path.as_posix() for path in built if path.parts[0] != "builder")
    for entry in catalogue["tables"]:
        content = (folder / entry["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"], entry["path"]
        header, *rows = csv.reader(content.decode().splitlines())
        assert header == list(entry["columns"])
        assert len(rows) == entry["rows"]
        assert len(content) < LARGEST_FILE
        assert all(entry[field] for field in ("title", "source", "licence"))


@pytest.mark.slow
def test_a_build_from_raw_files_gives_the_same_bytes(repository, tmp_path):
    raw = Path(os.environ.get("FORECASTER_RAW", repository.parent / "shared" / "data"))
    if not raw.is_dir():
        pytest.skip(f"no raw files in {raw}: name their folder in FORECASTER_RAW")
    done = build(repository, raw, tmp_path)
    assert done.returncode == 0, done.stderr
    built = {file.relative_to(tmp_path): file for file in tmp_path.rglob("*.*") if file.is_file()}
    assert len(built) > 20
    for path, file in built.items():
        assert file.read_bytes() == (repository / "data" / path).read_bytes(), path


@pytest.mark.slow
def test_a_missing_raw_file_stops_the_build_with_one_clear_line(repository, tmp_path):
    done = build(repository, tmp_path / "nowhere", tmp_path / "out")
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert "missing raw file geography/centroids-2010-boundaries.csv" in done.stderr
    assert not (tmp_path / "out").exists()
