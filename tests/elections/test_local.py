"""Local elections since a general election: what is known on a day, and what it changes."""

from collections import defaultdict
from datetime import date

import numpy as np
import pytest

from forecaster.config.load import load_config
from forecaster.elections.election import read_election
from forecaster.elections.local import local_elections
from forecaster.plan.build import STEPS, build_plan, steps
from forecaster.polls.data import day_of
from forecaster.resources import read_table
from forecaster.vocabulary import BALLOT, PARTIES

CONFIG = load_config("next-election")


def test_changes_say_nothing_of_the_national_swing():
    table = read_table("results/local-elections.csv")
    found = defaultdict(list)
    for base, day, seat, party, change in zip(*table.values(), strict=True):
        if base != "2017":  # whose seats are on other boundaries than the regression's
            found[base, day, seat[0], party].append(change)
    assert len(found) > 20
    for changes in found.values():
        assert len(changes) >= 20
        assert np.mean(changes) == pytest.approx(0, abs=0.01)


def test_a_run_knows_no_later_local_elections_than_its_day():
    election, day = read_election("2019-notional"), date(2023, 5, 3)
    before, after = local_elections(election, day), local_elections(election, date(2023, 5, 4))
    assert max(before.day) == "2022-05-05"
    assert max(after.day) == "2023-05-04"
    same = after.day == before.day
    assert (after.change[same] == before.change[same]).all()
    assert 100 < (~same).sum() < 500
    assert not local_elections(election, day_of("2019")).change.any()


def test_london_in_2026_moves_its_seats_and_no_nation():
    plan, part = build_plan(CONFIG), CONFIG.parameters.seat.local_elections.value
    i = plan.base.seats.name.tolist().index("East Ham")
    labour = BALLOT["England"].index("Lab")
    change = plan.since.local.change[i, PARTIES.index("Lab")]
    assert change < -0.03
    assert plan.local_elections[i, labour] == pytest.approx(part["Lab"] * change, abs=0.002)
    assert plan.base.weight @ plan.local_elections == pytest.approx(0, abs=1e-9)
    assert not plan.local_elections[plan.base.seats.nation != 0].any()
    assert (steps(plan)["local"] == plan.local_elections).all()
    assert tuple(steps(plan)) == STEPS


@pytest.mark.parametrize(
    "changes",
    [
        {"parameters.seat.local_elections.value": {}},
        {"national": {"source": "polls", "as_of": date(2026, 5, 6)}},
        {"base.election": "2019-notional"},  # not the last general election
    ],
)
def test_without_local_elections_since_the_base_nothing_changes(changes):
    assert not build_plan(load_config("next-election", changes)).local_elections.any()
