"""A history is each day's own forecast, kept, and nothing later is read."""

from datetime import date

import pytest

from forecaster.config.load import change, load_config
from forecaster.errors import ConfigError
from forecaster.experiments.history import history, history_days, history_table
from forecaster.pipeline import simulate_run
from forecaster.report.plots import history as drawn

CONFIG = load_config("next-election", {"draws": 128})
DAYS = [date(2025, 6, 1), date(2026, 10, 5)]


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("history") / "days"
    return history(CONFIG, DAYS, folder), folder


def test_a_day_is_the_forecast_of_that_day(kept):
    rows, _ = kept
    run = simulate_run(change(CONFIG, {"national.as_of": DAYS[0]}))
    row = next(r for r in rows if (r["day"], r["party"]) == ("2025-06-01", "Reform"))
    assert row["mean"] == pytest.approx(run.won(parties=("Reform",)).mean())
    assert {r["day"] for r in rows} == {"2025-06-01", "2026-10-05"}


def test_days_that_are_kept_are_not_simulated_again(kept, monkeypatch):
    rows, folder = kept
    monkeypatch.setattr("forecaster.experiments.history.simulate_run", None)
    assert history(CONFIG, DAYS, folder) == rows


def test_table_and_picture_hold_every_day(kept):
    rows, _ = kept
    table = history_table(rows, "no-pact")
    assert [row["day"] for row in table.rows] == ["2025-06-01", "2026-10-05"]
    by = {(r["day"], r["party"]): r for r in rows}
    assert table.rows[0]["Lab_p5"] == by["2025-06-01", "Lab"]["p5"]
    assert 0 <= table.rows[0]["hung"] <= 1
    assert "Labour" in drawn(rows) and "in the forecast of 2026-10-05" in drawn(rows)


def test_months_begin_on_their_first_day_and_the_last_day_is_the_configs():
    days = history_days(CONFIG, date(2026, 8, 15))
    assert days == [date(2026, 8, 15), date(2026, 9, 1), date(2026, 10, 1), date(2026, 10, 5)]
    weeks = history_days(CONFIG, date(2026, 9, 21), "week")
    assert weeks == [date(2026, 9, 21), date(2026, 9, 28), date(2026, 10, 5)]


def test_a_first_day_that_is_too_late_is_refused():
    with pytest.raises(ConfigError, match=r"expected a day before the config's, 2026-10-05"):
        history_days(CONFIG, date(2026, 10, 5))
    with pytest.raises(ConfigError, match=r"needs a config with national\.source"):
        history_days(load_config("election-2019"), date(2019, 10, 5))
