"""Shares of every seat from the jitted core and its twin, also far out in draws and seeds."""

from dataclasses import replace

import numpy as np
import pytest

from forecaster.config.load import load_config, parse_changes
from forecaster.kernels import engine, layout, random, reference, reference_pacts
from forecaster.kernels.packing import moving, narrow_seats, seat_rows
from forecaster.kernels.tally import empty_tally
from forecaster.plan.build import build_plan
from forecaster.plan.scenarios import build_scenarios
from forecaster.simulation.sampling import sampling_of

SEED = 2**40 + 11
TWO_PACTS = ["pacts/progressive-on-last-votes.toml", "pacts/tactical.toml"]


@pytest.mark.parametrize("draw", [77, 2**33 + 5])
def test_shares_are_those_of_the_twin(rule, draw, given_shares):
    plan = build_plan(
        load_config("next-election", parse_changes([given_shares, f"swing.rule={rule}"]))
    )
    scenarios = build_scenarios(plan)
    arrays = (plan.arrays, scenarios.arrays, scenarios.tragedies)
    tally = empty_tally(*arrays, 1)
    engine.simulate(*arrays, random.independent(SEED), np.uint64(draw), np.int64(1), tally)
    # The sum over one draw is the share itself.
    found = tally.share_sum[0] / layout.SHARE_UNIT
    _, shares = reference.simulate_draw(plan.arrays, SEED, draw)
    np.testing.assert_allclose(found, shares, atol=1e-5)


@pytest.mark.parametrize(
    "rule", ["asymmetric", "proportional", pytest.param("logit", marks=pytest.mark.slow)]
)
def test_a_new_party_starts_level_as_in_the_twin(rule):
    # The TUV had no votes in 2005.
    options = ["base.election=2005-notional", "ballot.candidates=2010", f"swing.rule={rule}"]
    result = "national={source='election', election='2010'}"
    plan = build_plan(load_config("next-election", parse_changes([result, *options])))
    assert_same_draw(plan, build_scenarios(plan), random.independent(SEED), 77)


@pytest.mark.parametrize(
    "source",
    [
        "target_loading",
        "lambda_sd",
        "tactical_kappa",
        "slope_cholesky",
        "region_cholesky",
        "seat_cholesky",
        "offset",
        "incumbency_sd",
        "strength_sd",
    ],
)
def test_no_source_of_error_is_idle(source, given_shares):
    # What moves no share could not be told apart in the comparison above.
    plan = build_plan(load_config("next-election", parse_changes([given_shares]))).arrays
    quiet = plan._replace(**{source: np.zeros_like(getattr(plan, source))})
    moved = np.subtract(*(reference.simulate_draw(p, SEED, 77)[1] for p in (plan, quiet)))
    assert np.abs(moved).max() > 0.002


def test_seats_unlike_most_are_counted_as_the_twin_counts_them(given_shares):
    plan = build_plan(load_config("next-election", parse_changes([given_shares])))
    fields = {**plan.arrays._asdict()}
    for name in ("tactical_clarity", "sitting", "win_factor"):
        fields[name] = fields[name].copy()
    _, narrow = narrow_seats(seat_rows(plan.arrays))
    # In turn, of the seats that the kernel knows much of: the others vote tactically, one of them
    # sits, and the winner's votes are divided between many.
    odd = np.flatnonzero(narrow & (plan.arrays.tactical_best >= 0))[:30]
    fields["tactical_clarity"][odd[::3], 5] = 0.9
    fields["sitting"][odd[1::3], 5] = 0.9
    split = odd[2::3]
    fields["win_factor"][split, plan.arrays.base[split].argmax(1)] = 0.01
    arrays = layout.KernelPlan(**fields)
    assert (moving(arrays)[odd[::3]] == len(layout.MOVING)).all()
    assert not narrow_seats(seat_rows(arrays))[1][[*odd[1::3], *split]].any()
    assert_same_draw(replace(plan, arrays=arrays), build_scenarios(plan), random.independent(9), 77)
    _, shares = reference.simulate_draw(arrays, 9, 77)
    counted = arrays, *(getattr(build_scenarios(plan), n) for n in ("arrays", "tragedies"))
    tally = empty_tally(*counted, 1)
    engine.simulate(*counted, random.independent(9), 77, 1, tally)
    votes = shares[odd] * arrays.win_factor[odd]
    np.testing.assert_array_equal(tally.wins[0, odd].argmax(1), votes.argmax(1))


def test_a_stream_follows_its_own_seed_and_no_other(given_shares):
    plan = build_plan(load_config("next-election", parse_changes([given_shares]), TWO_PACTS))
    scenarios = build_scenarios(plan)
    seeds = SEED + np.arange(random.STREAMS, dtype=np.uint64) * np.uint64(2**33 + 7)
    assert_same_draw(plan, scenarios, random.independent(seeds), 77)


@pytest.mark.slow
@pytest.mark.parametrize("draw", [77, 1_000, 65_535])
def test_a_draw_of_sobol_points_is_that_of_the_twin(draw, given_shares):
    sobol = ["sampling=sobol", "draws=65536"]
    plan = build_plan(
        load_config("next-election", parse_changes([given_shares, *sobol]), TWO_PACTS)
    )
    assert_same_draw(plan, build_scenarios(plan), sampling_of(plan), draw)


def assert_same_draw(plan, scenarios, sampling, draw):
    arrays = (plan.arrays, scenarios.arrays, scenarios.tragedies)
    tally = empty_tally(*arrays, 1)
    engine.simulate(*arrays, sampling, np.uint64(draw), np.int64(1), tally)
    national, shares = reference.simulate_draw(plan.arrays, sampling, draw)
    np.testing.assert_allclose(tally.national[0], national, atol=1e-6)
    np.testing.assert_allclose(tally.share_sum[0] / layout.SHARE_UNIT, shares, atol=1e-5)
    for action in scenarios.actions[::20]:
        moved, lost = reference_pacts.move_votes(
            plan.arrays, scenarios.arrays, shares[action.seat], action.seat, action.scenario,
            sampling, draw,
        )  # fmt: skip
        found = tally.share_sum[action.scenario, action.seat] / layout.SHARE_UNIT
        np.testing.assert_allclose(found, moved / (1 - lost), atol=1e-5)


@pytest.mark.slow
def test_a_longer_ballot_paper_has_the_same_elections_and_room_for_more(given_shares):
    # More than 16: what is seen of a ballot paper takes four bytes, not two.
    columns = 17
    plan = build_plan(load_config("next-election", parse_changes([given_shares]))).arrays
    more = columns - layout.COLUMNS

    def widened(name, array):
        axes = [
            (0, more if axis > 0 and size == layout.COLUMNS else 0)
            for axis, size in enumerate(np.shape(array))
        ]
        known = name in ("region_nation", "region", "nation", "tactical_kappa")
        return array if known or not np.shape(array) else np.pad(array, axes)

    fields = {name: widened(name, array) for name, array in plan._asdict().items()}
    # A new party takes the place of Other in every tenth seat, in the last column.
    old, new = 5, columns - 1
    fields["lambda_row"][:, layout.COLUMNS :] = np.arange(layout.COLUMNS, columns)
    for name in ("stands", "base", "size", "offset", "win_factor"):
        fields[name][::10, new] = fields[name][::10, old]
        fields[name][::10, old] = 0
    fields["win_factor"][:, layout.COLUMNS :] = 1
    fields["seat_cholesky"][:, new, new] = 0.02
    fields["swings"][:, new] = fields["swings"][:, old]
    for a in range(len(fields["target"])):
        weight = fields["weight"] * (fields["nation"] == a)
        base = weight @ fields["base"]
        fields["nation_base"][a] = np.maximum(base, 1e-6)
        fields["nation_weak"][a] = weight @ np.minimum(fields["base"], fields["weak_threshold"])
        part = base[new] / max(base[new] + base[old], 1e-6)
        fields["target"][a, new] = part * fields["target"][a, old]
        fields["target"][a, old] *= 1 - part
    wide = layout.KernelPlan(**fields)
    nothing = build_scenarios(
        build_plan(load_config("next-election", parse_changes([given_shares])))
    )
    pacts = nothing.arrays._replace(
        **{
            name: np.zeros((0, columns), getattr(nothing.arrays, name).dtype)
            for name in ("transfer", "clarity", "opponents", "members")
        }
    )
    tragedies = layout.TragedyPlan(*(np.zeros((0, 4, columns), np.int32) for _ in range(3)))
    tally = empty_tally(wide, pacts, tragedies, 1, winners=True)
    engine.simulate(wide, pacts, tragedies, random.independent(SEED), 77, 1, tally)
    _, shares = reference.simulate_draw(wide, SEED, 77)
    np.testing.assert_allclose(tally.share_sum[0] / layout.SHARE_UNIT, shares, atol=1e-5)
    votes = np.sort(shares * wide.win_factor, axis=1)
    sure = votes[:, -1] - votes[:, -2] > 1e-5
    winner = (shares * wide.win_factor).argmax(1)
    np.testing.assert_array_equal(tally.winners[0, 0][sure], winner[sure])
    assert (shares[::10, new] > 0.002).any()
