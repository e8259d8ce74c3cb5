"""Draws counted by workers: the same bits, whatever dies; and clear words where nothing can run."""

import os
import signal
import sys

import numpy as np
import pytest

from forecaster.errors import ConfigError
from forecaster.kernels.layout import TIE
from forecaster.simulation import workers as workers_module
from forecaster.simulation.blocks import ADDED, BY_DRAW, CHUNK, party_seats
from forecaster.simulation.simulate import simulate
from forecaster.simulation.workers import Workers, open_workers

pytestmark = pytest.mark.slow

distributed = pytest.importorskip("distributed", reason="needs the optional extra 'workers'")

DRAWS = 5 * CHUNK + 100
KEPT = CHUNK + 300
PACTS = ("pacts/progressive-on-last-votes.toml",)


@pytest.fixture(scope="module")
def here(counted, given_shares):
    overrides = [given_shares, f"draws={DRAWS}"]
    return counted(overrides, pacts=PACTS, keep_draws=KEPT, keep_winners=True)


@pytest.fixture(scope="module")
def client():
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def assert_same(first, second):
    for name in (*ADDED, *BY_DRAW):
        np.testing.assert_array_equal(getattr(first.tally, name), getattr(second.tally, name), name)


def test_workers_count_the_same_bits(here, client):
    plan, scenarios, expected = here
    finished = []
    got = simulate(
        plan,
        scenarios,
        workers=Workers(client),
        keep_draws=KEPT,
        keep_winners=True,
        progress=finished.append,
    )
    assert_same(expected, got)
    assert len(finished) > 1
    assert sum(finished) == DRAWS


def test_draws_that_are_not_kept_are_counted_all_the_same(here):
    plan, scenarios, some = here
    every = simulate(plan, scenarios, threads=2, keep_winners=True)
    assert (some.kept, every.kept) == (KEPT, DRAWS)
    for name in BY_DRAW:
        rows = getattr(every.tally, name)[:KEPT]
        np.testing.assert_array_equal(getattr(some.tally, name), rows)
    for name in ADDED:
        np.testing.assert_array_equal(getattr(some.tally, name), getattr(every.tally, name))


def test_totals_of_all_draws_are_those_of_the_single_ones(here):
    plan, scenarios, _ = here
    every = simulate(plan, scenarios)
    won = party_seats(every.tally.seats_won).astype(int)
    most = won.max(axis=2)
    ties = (won == most[:, :, None]).sum(axis=2)
    for k in range(won.shape[1]):
        for party in range(won.shape[2]):
            own = won[:, k, party]
            times = np.bincount(own, minlength=every.tally.totals.shape[2])
            np.testing.assert_array_equal(every.tally.totals[k, party], times)
            largest = (TIE / ties[:, k])[own == most[:, k]].sum()
            assert every.tally.largest[k, party].sum() == largest


def test_a_worker_with_another_program_is_refused(here, client, monkeypatch):
    plan, scenarios, _ = here
    other = {**workers_module.program(), "code": "another"}
    monkeypatch.setattr(workers_module, "program", lambda: other)
    with pytest.raises(ConfigError, match=r"another version of the program.*Install the same"):
        simulate(plan, scenarios, workers=Workers(client))


def test_a_worker_without_the_program_is_refused():
    class Failed:
        def result(self):
            raise ModuleNotFoundError("No module named 'forecaster'")

    with pytest.raises(ConfigError, match=r"or none .No module named 'forecaster'"):
        workers_module._result(Failed())


def test_what_cannot_run_is_said_before_anything_runs(monkeypatch):
    monkeypatch.setattr(workers_module, "PATIENCE", 0.5)
    with (
        pytest.raises(ConfigError, match="no Dask scheduler answers there"),
        open_workers(None, "tcp://127.0.0.1:9"),
    ):
        pass
    with pytest.raises(ConfigError, match="give one"), open_workers(2, "tcp://127.0.0.1:9"):
        pass
    with (
        distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=":0") as empty,
        pytest.raises(ConfigError, match="has no workers"),
        open_workers(None, empty.scheduler_address),
    ):
        pass
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(ConfigError, match=r"pip install 'uk-election-forecaster\[workers\]'"),
        open_workers(1, None),
    ):
        pass


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_costs_nothing_but_time(here):
    plan, scenarios, expected = here
    killed = []

    def kill(_):
        if not killed:
            killed.append(next(iter(workers._client.run(os.getpid).values())))
            os.kill(killed[0], signal.SIGKILL)

    with open_workers(2, None) as workers:
        got = simulate(
            plan, scenarios, workers=workers, keep_draws=KEPT, keep_winners=True, progress=kill
        )
    assert killed
    assert_same(expected, got)
