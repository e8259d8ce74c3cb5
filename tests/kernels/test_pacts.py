"""The jitted counting of pacts against its plain twin, and what no pact may do."""

import numpy as np
import pytest

from forecaster.config.load import load_config, parse_changes
from forecaster.kernels import layout, reference, reference_pacts
from forecaster.plan.build import build_plan
from forecaster.plan.scenarios import build_scenarios
from forecaster.simulation.simulate import simulate

PACTS = ("progressive", "right", "tactical", "campaign", "non-aggression", "dup-uup-tuv")
DRAWS = 3


def pact_files(*names):
    return [f"pacts/{name}.toml" for name in names]


@pytest.fixture(scope="module")
def counted():
    """A few draws of every form of pact, with the winners kept."""
    joint = "pacts/progressive.toml+pacts/right.toml"
    run = load_config(
        "next-election", parse_changes([f"draws={DRAWS}"]), [*pact_files(*PACTS), joint]
    )
    plan = build_plan(run)
    scenarios = build_scenarios(plan)
    tally = simulate(plan, scenarios, keep_winners=True).tally
    return run, plan, scenarios, tally


@pytest.mark.parametrize("draw", range(DRAWS))
def test_kernel_and_twin_agree_on_every_winner(counted, draw):
    run, plan, scenarios, tally = counted
    _, shares = reference.simulate_draw(plan.arrays, run.seed, draw)
    clear = 0
    for action in scenarios.actions[::7]:
        moved, lost = reference_pacts.move_votes(
            plan.arrays, scenarios.arrays, shares[action.seat], action.seat, action.scenario,
            run.seed, draw,
        )  # fmt: skip
        assert moved.sum() + lost == pytest.approx(1, abs=1e-12)
        assert moved.min() >= -1e-12
        votes = np.where(plan.arrays.stands[action.seat], moved, 0)
        votes = votes * plan.arrays.win_factor[action.seat]
        first, second = np.sort(votes)[[-1, -2]]
        if first - second > 1e-5:
            clear += 1
            assert tally.winners[draw, action.scenario, action.seat] == votes.argmax()
    assert clear > 300


def test_a_pact_that_moves_nothing_is_no_pact_bit_for_bit(tmp_path):
    nothing = tmp_path / "nothing.toml"
    nothing.write_text(
        'members = ["Lab", "LD", "Green"]\nopponents = ["Con", "Reform"]\n'
        '[strength]\nform = "stand-aside"\ntransfers = 1.0\nrefusal = 1.0\nbacklash = 0.0\n'
    )
    run = load_config("next-election", parse_changes(["draws=6000"]), [str(nothing)])
    plan = build_plan(run)
    scenarios = build_scenarios(plan)
    tally = simulate(plan, scenarios, keep_winners=True).tally
    for counter in (tally.wins, tally.share_sum, tally.histogram):
        assert (counter[0] == counter[1]).all()
    for per_draw in (tally.seats_won, tally.winners):
        assert (per_draw[:, 0] == per_draw[:, 1]).all()


def test_pacts_do_not_disturb_the_count_without_them(counted):
    _, _, _, tally = counted
    alone = load_config("next-election", parse_changes([f"draws={DRAWS}"]))
    plan = build_plan(alone)
    without = simulate(plan, build_scenarios(plan), keep_winners=True).tally
    assert (without.winners[:, 0] == tally.winners[:, 0]).all()
    assert (without.share_sum[0] == tally.share_sum[0]).all()


def test_a_scenario_is_counted_alike_whatever_stands_beside_it(counted):
    _, _, scenarios, tally = counted
    alone = load_config("next-election", parse_changes([f"draws={DRAWS}"]), pact_files("right"))
    plan = build_plan(alone)
    one = simulate(plan, build_scenarios(plan)).tally
    k = scenarios.names.index("right")
    assert (one.seats_won[:, 1] == tally.seats_won[:, k]).all()


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_and_chunks_change_no_bit(threads, monkeypatch):
    run = load_config("next-election", parse_changes(["draws=1500"]), pact_files("progressive"))
    plan = build_plan(run)
    scenarios = build_scenarios(plan)
    expected = simulate(plan, scenarios, threads=1, keep_winners=True).tally
    monkeypatch.setattr("forecaster.simulation.simulate.CHUNK", layout.LANES)
    got = simulate(plan, scenarios, threads=threads, keep_winners=True).tally
    for name in layout.Tally._fields:
        assert (getattr(got, name) == getattr(expected, name)).all(), name


def test_counters_add_up(counted):
    _, plan, scenarios, tally = counted
    assert (tally.wins.sum(2) == DRAWS).all()
    assert (tally.seats_won.sum((2, 3)) == 650).all()
    stands = plan.base.stands
    assert (tally.histogram.sum(3)[:, stands] == DRAWS).all()
    assert (tally.break_even.sum(1) == tally.effects[:, layout.WITHOUT]).all()
    assert (tally.effects[:, layout.EXCEEDED] <= tally.effects[:, layout.WITHOUT]).all()
    for k in range(1, len(scenarios.names)):
        mine = np.array([a.scenario == k for a in scenarios.actions])
        gained = tally.effects[mine, layout.GAINED].sum()
        assert gained > 0
