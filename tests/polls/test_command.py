"""``forecast polls``: what it prints, and how it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date

import pytest

from forecaster.answers import polls as answers
from forecaster.answers.summary import age_note
from forecaster.cli.main import run


def test_shares_lie_in_their_intervals_and_sum_to_one(capsys):
    assert run(["polls", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    britain = [row for row in rows if row["area"] == "GB"]
    assert {row["area"] for row in rows} == {"GB", "Scotland", "Wales"}
    assert sum(row["share"] for row in britain) == pytest.approx(1)
    assert sum(row["expected"] for row in britain) == pytest.approx(1)
    assert all(row["p5"] <= row["expected"] <= row["p95"] for row in rows)
    assert {(row["polls"], row["last"]) for row in britain} == {(556, "2026-10-05")}


def test_an_election_has_its_result_beside(capsys):
    assert run(["polls", "--election", "2024", "--format", "json"]) == 0
    rows = {(row["area"], row["party"]): row for row in json.loads(capsys.readouterr().out)}
    assert rows["GB", "Lab"]["result"] == pytest.approx(0.3464, abs=1e-4)
    assert rows["GB", "Lab"]["share"] == pytest.approx(0.39, abs=0.01)
    assert rows["Scotland", "SNP"]["result"] == pytest.approx(0.30, abs=1e-2)


def test_people_see_the_pollsters_too(capsys):
    assert run(["polls", "--as-of", "2026-09-01", "--on", "2027-05-06"]) == 0
    out = capsys.readouterr().out
    for text in ("National shares, polls to 1 September 2026", "247 days ahead", "YouGov"):
        assert text in " ".join(out.split())


def test_old_polls_are_named_by_the_day_asked_for_or_today(monkeypatch):
    class Later(date):
        @classmethod
        def today(cls):
            return date(2026, 11, 28)

    monkeypatch.setattr(answers, "date", Later)
    notes = " ".join(answers.shares_table(answers.ask(None, None)).notes)
    assert "to 5 October 2026, last poll 54 days old." in notes
    assert "to 19 March 2026, last poll 254 days old." in notes
    notes = " ".join(answers.shares_table(answers.ask(date(2026, 10, 5), None)).notes)
    assert "to 5 October 2026." in notes
    assert "last poll 200 days old" in notes


@pytest.mark.parametrize(
    ("national", "said"),
    [
        ({}, ("Great Britain on 2026-11-28: last poll 54 days old.",)),
        ({"election_day": "2026-10-13"}, ("Great Britain on 2026-10-13: last poll 8 days old.",)),
        ({"election_day": "2026-10-06"}, ()),
        ({"source": "shares"}, ()),
    ],
)
def test_a_run_is_printed_with_the_age_of_its_polls(national, said):
    config = {"source": "polls", "as_of": "2026-10-05", "file": []} | national
    assert age_note(config, date(2026, 11, 28)) == said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--as-of", "2030-01-01"], "to 2026-10-05"),
        (["--as-of", "1950-01-01"], "from 2005-05-23"),
        (["--as-of", "yesterday"], "does not match the format"),
        (["--election", "1992"], "expected one of 2010, 2015, 2017, 2019, 2024"),
        (["--election", "2024", "--on", "2024-07-04"], "leave out the others"),
        (["--as-of", "2026-09-01", "--on", "2026-08-01"], "expected a day after 2026-09-01"),
    ],
)
def test_bad_input_ends_with_one_clear_message(arguments, message, capsys):
    assert run(["polls", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err


def test_polls_import_no_statistics_package():
    script = (
        "import sys; from forecaster.cli.main import run; run(['polls', '--format', 'csv']); "
        "print(sorted({'scipy.stats', 'scipy.optimize', 'statsmodels'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
