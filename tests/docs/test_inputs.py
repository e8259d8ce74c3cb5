"""Every example of docs/inputs.md is read, and means what the page says."""

import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from forecaster.config.candidates_file import read_candidates
from forecaster.config.config import SeatFile
from forecaster.config.pact import FlagBearer
from forecaster.config.poll_file import read_poll_file
from forecaster.elections.election import read_election
from forecaster.elections.estimates import REQUIRED, _read
from forecaster.elections.names import find_seat
from forecaster.resources import checksum
from forecaster.vocabulary import BALLOT

TEXT = (Path(__file__).parents[2] / "docs" / "inputs.md").read_text("utf-8")
EXAMPLES = re.findall(r"<!-- (\w+) -->\n```csv\n(.*?)```", TEXT, re.DOTALL)
ELECTION = read_election("2024")


@pytest.fixture
def examples(tmp_path):
    def write(kind):
        for i, (of, text) in enumerate(EXAMPLES):
            if of == kind:
                path = tmp_path / f"{i}.csv"
                path.write_text(text, "utf-8")
                yield path

    return write


def test_seat_estimates(examples):
    for path in examples("seats"):
        file = SeatFile(file=str(path), sha256=checksum(path))
        shares, rows, _ = _read(file, ELECTION, REQUIRED[:-1])
        lewes, ayr = (find_seat(ELECTION.seats, n).index for n in ("Lewes", "S14000107"))
        assert np.flatnonzero(rows).tolist() == sorted([lewes, ayr])
        assert shares[lewes, BALLOT["England"].index("LD")] == pytest.approx(0.497)
        assert shares[ayr, BALLOT["Scotland"].index("SNP")] == pytest.approx(0.27)


def test_polls(examples):
    for path in examples("polls"):
        polls, notes = read_poll_file(path, date(2026, 11, 1))
        assert [poll["end"].isoformat() for poll in polls] == ["2026-09-30", "2026-10-01"]
        assert [poll["percent"]["Reform"] for poll in polls] == [27, 26]
        assert any("1 row not used: a seat model" in note for note in notes) == (len(notes) > 0)


def test_pacts(examples):
    for path in examples("pact"):
        bearer = FlagBearer(rule="file", file=str(path))
        found = [find_seat(ELECTION.seats, one.seat).index for one in bearer.file]
        names = ELECTION.seats.name[found].tolist()
        assert list(zip(names, [one.party for one in bearer.file], strict=True)) == [
            ("Lewes", "LD"),
            ("City of Durham", "Lab"),
        ]
        assert not bearer.notes or "Hull East (blank), Bath (Labour or Lib Dem)" in bearer.notes[-1]


def test_candidates(examples):
    differences, nominations = examples("candidates")
    assert [row["party"] for row in read_candidates(differences)[0]] == ["Green", "LD"]
    rows, notes = read_candidates(nominations)
    assert [row["party"] for row in rows if row["stands"]] == ["LD", "Lab", "Other"]
    assert notes[-1] == f"{nominations}: read as a list of nominations in 1 seat."


def test_members(examples):
    [path] = examples("members")
    [row], notes = read_candidates(path)
    assert (row["seat"], row["party"], row["holds"]) == ("Lewes", "Lab", True)
    assert notes[-1] == f"{path}: read as a list of 1 present MP."
