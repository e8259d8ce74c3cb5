"""Sealed forecasts: scored as a backtest is, refused when changed."""

import json
from datetime import date

import numpy as np
import pytest

from forecaster.answers.sealed import audit_tables, election_after, read_sealed, seal
from forecaster.config.load import load_config
from forecaster.elections.election import read_election
from forecaster.elections.members import by_elections
from forecaster.errors import ConfigError, ResultsError
from forecaster.experiments.backtest import _score_run, run_before
from forecaster.pipeline import simulate_run
from forecaster.vocabulary import PARTIES


@pytest.fixture(scope="module")
def run():
    return simulate_run(run_before("2024", "polls", 512, None, {}))


@pytest.fixture
def path(run, tmp_path):
    path = tmp_path / "sealed.json"
    path.write_text(json.dumps(seal(run)))
    return path


def test_an_audit_scores_what_a_backtest_scores(run, path):
    sealed = read_sealed(path)
    assert election_after(sealed) == "2024"
    table, bands = audit_tables(sealed, "2024")
    (row,) = table.rows
    # A backtest leaves out Northern Ireland and the Speaker's seat.
    ours = _score_run(run, read_election("2024")).row
    assert row["seats"] == 650
    assert ours["called"] <= row["called"] <= ours["called"] + 19
    assert row["brier"] == pytest.approx(ours["brier"], abs=0.03)
    assert sum(band["seats"] for band in bands.rows) == 650


def test_chances_survive_the_file(run, path):
    sealed = read_sealed(path)
    code = str(run.places.code[3])
    row = [p for p in run.chances.win[0, 3] if p >= 0]
    np.testing.assert_allclose(list(sealed["chances"][code].values()), row, atol=1e-6)


@pytest.mark.parametrize("key", ["title", "draws", "sealed", "chances"])
def test_a_file_that_was_changed_is_refused(path, key):
    sealed = json.loads(path.read_text())
    sealed[key] = "2020" if isinstance(sealed[key], str) else {}
    path.write_text(json.dumps(sealed))
    with pytest.raises(ResultsError, match="was changed after it was sealed"):
        read_sealed(path)


def test_another_forecast_than_the_published_one_is_refused(path):
    digest = read_sealed(path)["digest"]
    assert read_sealed(path, digest[:12])["digest"] == digest
    with pytest.raises(ResultsError, match="another forecast"):
        read_sealed(path, "abc")


@pytest.mark.parametrize("text", ["", "[]", "{}", "not json"])
def test_what_is_no_sealed_forecast_is_refused(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(ResultsError, match=r"cannot be read: .* writes a sealed forecast"):
        read_sealed(path)


def test_by_elections_are_scored_before_an_election_has_come():
    config = load_config("next-election", {"draws": 128, "national.as_of": "2025-01-01"})
    run = simulate_run(config)
    sealed = json.loads(json.dumps(seal(run)))
    assert election_after(sealed) is None
    (table,) = audit_tables(sealed, None)
    rows = {row["name"]: row for row in table.rows}
    held = by_elections(date(2025, 1, 1), date.max)
    assert [row["seat"] for row in table.rows] == [one.seat for one in held]
    row = rows["Runcorn and Helsby"]
    chances = np.nan_to_num(run.chances.win[0, run.seat("Runcorn and Helsby")])
    assert (row["day"], row["winner"]) == ("2025-05-01", "Reform")
    assert row["winner_chance"] == pytest.approx(chances[PARTIES.index("Reform")], abs=1e-6)
    assert row["win_probability"] == pytest.approx(chances.max(), abs=1e-6)
    called = sum(row["favourite"] == row["winner"] for row in table.rows)
    assert table.notes[0].startswith(f"{called} of {len(held)} called right, Brier ")


def test_by_elections_after_the_election_are_not_its_forecasts(path):
    tables = audit_tables(read_sealed(path), "2024")
    assert [table.title for table in tables[1:]] == ["Favourites"]


def test_what_has_not_come_cannot_be_audited(path):
    sealed = read_sealed(path)
    sealed["config"]["national"]["as_of"] = "2029-10-05"
    assert election_after(sealed) is None
    with pytest.raises(ConfigError, match="no election and no by-election after 2029-10-05"):
        audit_tables(sealed, None)
