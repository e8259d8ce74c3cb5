"""The backtest: it scores what it should, and knows nothing that came later."""

import dataclasses
from datetime import date

import numpy as np
import pytest

from forecaster.calibration import model_file
from forecaster.elections import election as elections
from forecaster.elections import members
from forecaster.errors import ConfigError
from forecaster.experiments import backtest
from forecaster.plan import national as targets
from forecaster.polls import by_elections
from forecaster.polls import data as polls

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def from_truth():
    return backtest.backtest(("2017", "2019"), "truth", 500)


def test_every_method_is_scored_on_the_same_631_seats(from_truth):
    assert {one.row["seats"] for one in from_truth} == {631}
    methods = [one.method for one in from_truth if one.election == "2019"]
    assert methods == ["forecaster", *backtest.BASELINES]
    for one in from_truth:
        assert one.chances.sum(1) == pytest.approx(1)


def test_tragedies_of_either_side_are_counted(from_truth):
    (row,) = (o.row for o in from_truth if (o.election, o.method) == ("2019", backtest.OURS))
    # As 'forecast tragedies 2019' counts them; from true shares about as many are expected.
    for key, real in (("lab_ld_green", 56), ("con_reform", 39)):
        assert row[key] == real
        assert real / 2 < row[f"{key}_expected"] < 2 * real


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


def with_wrong_polls(monkeypatch, since):
    """Plant 20 % for every party in polls and national results that ended on a day or later.

    A poll that ended on the very day is added, for the data may hold none.
    """
    real = polls.read_table
    # The polls of a day are read once in a process.
    caches = (targets, "_polled"), (targets, "_error"), (by_elections, "_compared_until")
    for module, name in caches:
        monkeypatch.setattr(module, name, getattr(module, name).__wrapped__)

    def table(name):
        columns = {key: list(values) for key, values in real(name).items()}
        when = next((key for key in ("end", "date") if key in columns), None)
        if when is None:
            return columns
        if name == "polls/history.csv":
            last = max(i for i, end in enumerate(columns["end"]) if end < since)
            for key, values in columns.items():
                values.append(since if key in ("start", "end") else values[last])
        for party in {*polls.THREE, "SNP"} & set(columns):
            columns[party] = [
                20.0 if end >= since and value is not None else value
                for end, value in zip(columns[when], columns[party], strict=True)
            ]
        return columns

    monkeypatch.setattr(polls, "read_table", table)


def with_wrong_results(monkeypatch, names, modules):
    """Plant the same votes for everyone; who stood is known before the day and stays."""
    real = elections.read_election

    def election(name):
        found = real(name)
        if name not in names:
            return found
        votes = np.where(found.votes > 0, 7, 0)
        return dataclasses.replace(
            found, votes=votes, valid_votes=votes.sum(1), winner=votes.argmax(1)
        )

    for module in modules:
        monkeypatch.setattr(f"forecaster.{module}.read_election", election)


def with_wrong_by_elections(monkeypatch, since):
    """Plant the same votes for every candidate of by-elections held on a day or later."""
    real = members.read_table
    monkeypatch.setattr(by_elections, "_compared_until", by_elections._compared_until.__wrapped__)

    def table(name):
        columns = real(name)
        if "votes" not in columns:
            return columns
        pairs = zip(columns["date"], columns["votes"], strict=True)
        return columns | {"votes": [7 if day >= since else votes for day, votes in pairs]}

    monkeypatch.setattr(members, "read_table", table)


# The last by-election of the parliament was held in Blackpool South on 2 May 2024.
@pytest.mark.parametrize(("since", "unchanged"), [("2024-05-03", True), ("2024-05-02", False)])
def test_only_by_elections_before_the_day_tell_of_tactical_voting(monkeypatch, since, unchanged):
    run = backtest.run_before("2024", "2024-05-02", 64)
    honest = backtest.simulate_run(run)
    with_wrong_by_elections(monkeypatch, date.fromisoformat(since))
    assert backtest.simulate_run(run).tables["seats"].equals(honest.tables["seats"]) == unchanged


@pytest.mark.parametrize(("days_before", "unchanged"), [(0, True), (1, False)])
def test_polls_of_the_day_and_later_change_nothing_and_those_of_the_eve_do(
    monkeypatch, days_before, unchanged
):
    # Its parameters come from the other elections, of which one is later.
    run = backtest.run_before("2019", "polls", 200)
    honest = backtest.simulate_run(run)
    with_wrong_polls(monkeypatch, date(2019, 12, 12 - days_before))
    assert backtest.simulate_run(run).tables["seats"].equals(honest.tables["seats"]) == unchanged


def test_later_results_change_nothing_in_a_run(monkeypatch):
    run = backtest.run_before("2019", "polls", 200)
    honest = backtest.simulate_run(run)
    modules = ("plan.build", "plan.national", "polls.data")
    with_wrong_results(monkeypatch, ("2019", "2019-notional", "2024"), modules)
    assert backtest.simulate_run(run).tables["seats"].equals(honest.tables["seats"])


# Only 2024 is no base from which the next election of the calibration starts.
def test_every_parameter_is_estimated_without_the_election(monkeypatch):
    honest = model_file.estimates("2024")
    with_wrong_results(monkeypatch, ("2024",), ("swing.tactical", "polls.data"))
    assert model_file.estimates.__wrapped__("2024") == honest


@pytest.mark.parametrize(
    ("years", "source", "message"),
    [
        (("2018",), "polls", r"not an election here\. Known: 2010"),
        (("2019",), "2019-12-12", "not before the election"),
        (("2019",), "yesterday", "expected polls, truth or a day"),
    ],
)
def test_what_cannot_be_backtested_is_refused(years, source, message):
    with pytest.raises(ConfigError, match=message):
        backtest.backtest(years, source, 64)


def test_overrides_are_made_last():
    changed = {"errors.slopes": 0, "parameters.seat.incumbency.value.LD": 3}
    run = backtest.run_before("2019", "truth", 64, changed)
    assert run.errors.slopes == 0
    assert run.parameters.seat.incumbency.value["LD"] == 3
