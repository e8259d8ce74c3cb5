"""The backtest: it scores what it should, and knows nothing that came later."""

import dataclasses
from datetime import date

import numpy as np
import pytest

from forecaster.analysis import backtest
from forecaster.elections import read as elections
from forecaster.errors import ConfigError
from forecaster.polls import read as polls


@pytest.fixture(scope="module")
def from_truth():
    return backtest.backtest(("2017", "2019"), "truth", 500)


def test_every_method_is_scored_on_the_same_631_seats(from_truth):
    assert {one.row["seats"] for one in from_truth} == {631}
    methods = [one.method for one in from_truth if one.election == "2019"]
    assert methods == ["forecaster", *backtest.BASELINES]
    for one in from_truth:
        assert one.chances.sum(1) == pytest.approx(1)


def test_with_true_national_shares_it_calls_at_least_nine_seats_in_ten(from_truth):
    ours = {one.election: one.row for one in from_truth if one.method == backtest.OURS}
    assert ours["2019"]["called"] > 0.9 * 631
    hard = {
        one.election: one.row["brier"] for one in from_truth if one.method in backtest.BASELINES
    }
    for year, row in ours.items():
        assert row["brier"] < hard[year]


def test_a_row_over_all_elections_adds_up(from_truth):
    table = backtest.summary_table(from_truth, "truth")
    whole = [row for row in table.rows if row["election"] == "all"]
    assert [row["seats"] for row in whole] == [2 * 631] * 4
    parts = [r["brier"] for r in table.rows if r["method"] == "uniform" and r["election"] != "all"]
    uniform = next(row for row in whole if row["method"] == "uniform")
    assert uniform["brier"] == pytest.approx(np.mean(parts))


def test_later_polls_and_results_change_nothing(monkeypatch):
    run = backtest.run_before("2019", "polls", 200)
    honest = backtest.simulate_run(run)
    day = date(2019, 12, 12)
    real_table, real_election = polls.read_table, elections.read_election

    def poisoned_table(name):
        table = dict(real_table(name))
        when = next((key for key in ("end", "date") if key in table), None)
        if when and not name.startswith("elections/"):
            for party in ("Con", "Lab", "LD"):
                table[party] = [
                    1.0 if end >= day and value is not None else value
                    for end, value in zip(table[when], table[party], strict=True)
                ]
        return table

    def poisoned_election(name):
        election = real_election(name)
        if name in ("2019", "2019-notional", "2024"):
            # Nominations stay as they are: they are known before the day.
            votes = np.where(election.votes > 0, 7, 0)
            return dataclasses.replace(
                election, votes=votes, valid_votes=votes.sum(1), winner=votes.argmax(1)
            )
        return election

    monkeypatch.setattr(polls, "read_table", poisoned_table)
    for module in ("simulation.plan", "simulation.targets", "polls.read"):
        monkeypatch.setattr(f"forecaster.{module}.read_election", poisoned_election)
    assert backtest.simulate_run(run).seats.equals(honest.seats)


@pytest.mark.parametrize(
    ("years", "source", "message"),
    [
        (("2018",), "polls", "Did you mean"),
        (("2019",), "2019-12-12", "not before the election"),
        (("2019",), "yesterday", "expected polls, truth or a day"),
    ],
)
def test_what_cannot_be_backtested_is_refused(years, source, message):
    with pytest.raises(ConfigError, match=message):
        backtest.backtest(years, source, 64)
