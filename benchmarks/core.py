"""The core loop: the seats' own noise, two scenarios, and counting; nothing shared, no swing.

The kernel runs a plan whose swing is certain (national shares of the last election, no raking, no
covariates, no regions), so it does what the contenders do and a little more: the pact's effects.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from benchmarks import numba_model
from benchmarks.measure import Line, Size, at_least, interleave
from benchmarks.numpy_model import Model, normals_floor
from forecaster.config.load import load_config, parse_changes
from forecaster.kernels import engine, layout, random
from forecaster.kernels.machine import Kernel, aligned, compiled, lanes, loop
from forecaster.kernels.packing import pack_sampling
from forecaster.kernels.tally import empty_tally
from forecaster.plan.build import Plan, build_plan
from forecaster.plan.scenarios import Scenarios, build_scenarios
from forecaster.simulation.simulate import simulate

FARTHEST = 6.0
"""Standard errors that no seat's chance may be apart: some 8,000 are compared."""


def measure(size: Size) -> list[Line]:
    """Measure the core loop against NumPy, numba, JAX, the floor and its own normals."""
    plan, scenarios, flag, donors = core_plan(size.draws)
    arrays, draws = plan.arrays, size.draws
    each = int(arrays.stands.sum())
    shares = _certain_shares(plan, scenarios)
    vectorised = Model(arrays, flag, donors)
    # A slower contender does fewer draws, in whole chunks, and is scaled up.
    fewer = max(draws // 8, 256)

    def scalar(n: int, seed: int) -> np.ndarray:
        wins = np.zeros((2, *arrays.base.shape), np.int64)
        numba_model.simulate(
            n, seed, shares, arrays.stands, arrays.nation, arrays.seat_cholesky, arrays.seat_dof,
            arrays.size, arrays.offset, arrays.share_floor, arrays.win_factor, flag, donors, wins,
            np.zeros(wins.shape), np.zeros((*wins.shape, layout.BINS), np.int64),
            np.zeros((n, 2, 4, layout.COLUMNS), np.int16),
        )  # fmt: skip
        return wins

    found = simulate(plan, scenarios).tally.wins / draws
    agree(found, draws, vectorised.simulate(fewer, 5).wins / fewer, fewer)
    agree(found, draws, scalar(fewer, 5) / fewer, fewer)
    contenders = {
        "kernel": lambda: simulate(plan, scenarios, threads=1),
        "floor": lambda: normals_floor(fewer, each),
        "numpy": lambda: vectorised.simulate(fewer, 1),
        "numba": lambda: scalar(fewer, 1),
        "fill": lambda: _fill(len(arrays.nation), draws),
    }
    try:
        from benchmarks import jax_model

        jitted = jax_model.build(arrays, shares, flag, donors)
    except ImportError:
        print("JAX is not installed (pip install 'uk-election-forecaster[bench]'): left out")
    else:
        agree(found, draws, jitted(fewer, 5) / fewer, fewer)
        contenders["jax"] = lambda: jitted(fewer, 1)
    times = interleave(contenders, size.rounds)
    scale = draws / fewer
    lines = [
        times.line("kernel", "core loop, one election", per=draws / 1e6, unit="µs"),
        times.ratio("numpy", "kernel", "core loop: NumPy / kernel", scale=scale, goal=at_least(65)),
        times.ratio("numba", "kernel", "core loop: numba, np.random / kernel", scale=scale),
        times.ratio(
            "floor", "kernel", "core loop: NumPy normals / kernel", scale=scale, goal=at_least(5.5)
        ),
        times.ratio("floor", "fill", "normals alone: NumPy / kernel", scale=scale),
    ]
    if "jax" in contenders:
        what = "core loop: JAX / kernel"
        lines.append(times.ratio("jax", "kernel", what, scale=scale, goal=at_least(50)))
    return lines


def core_plan(draws: int) -> tuple[Plan, Scenarios, np.ndarray, np.ndarray]:
    """Return the plan, its scenarios, and of the pact the flag bearers and donors by seat."""
    shared = ("national", "swing", "tactical", "slopes", "regions", "incumbency")
    off = [f"errors.{name}=0" for name in shared]
    run = load_config(
        "next-election",
        parse_changes([f"draws={draws}", "national={source='election', election='2024'}", *off]),
        ["pacts/progressive-every-vote.toml"],
    )
    plan = build_plan(run)
    scenarios = build_scenarios(plan)
    a, none = plan.arrays, np.zeros((len(plan.arrays.nation), 0), np.float32)
    core = a._replace(
        rakes=0,
        covariates=none,
        slope_cholesky=a.slope_cholesky[:, :0].copy(),
        slope_centre=a.slope_centre[:, :, :0].copy(),
        tactical_best=np.full_like(a.tactical_best, -1),
        seat_spread=0.0,
    )
    flag = np.full(len(a.nation), -1)
    donors = np.zeros(a.base.shape, bool)
    for number, action in enumerate(scenarios.actions):
        flag[action.seat] = scenarios.arrays.flag[number]
        donors[action.seat] = scenarios.arrays.transfer[number] >= 0
    nothing = scenarios.tragedies._replace(
        **{name: mask[:0] for name, mask in scenarios.tragedies._asdict().items()}
    )
    return replace(plan, arrays=core), replace(scenarios, tragedies=nothing), flag, donors


def agree(p: np.ndarray, n: int, q: np.ndarray, m: int, *, independent: bool = True) -> None:
    """Check that chances of winning from `n` and `m` draws differ by chance only.

    Where seats move together, the mean square over them says nothing, and only the largest
    difference counts.

    Raises
    ------
    AssertionError
        If they do not: a contender then computes something else, and no ratio means anything.
    """
    pooled = (p * n + q * m) / (n + m)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    # Where a party wins next to never, the normal law of the difference does not hold.
    usual = pooled * (1 - pooled) * min(n, m) > 5
    z = (p - q)[usual] / error[usual]
    if np.abs(z).max() > FARTHEST or (independent and (z**2).mean() > 1.5):
        raise AssertionError(
            f"contenders disagree: largest difference {np.abs(z).max():.1f} standard errors, "
            f"mean square {(z**2).mean():.2f}"
        )


def _certain_shares(plan: Plan, scenarios: Scenarios) -> np.ndarray:
    """Return the shares before the seats' own noise, as the kernel has them."""
    a = plan.arrays
    quiet = a._replace(
        seat_cholesky=0 * a.seat_cholesky, offset=0 * a.offset, share_floor=0.0, seat_dof=0
    )
    arrays = quiet, scenarios.arrays, scenarios.tragedies
    tally = empty_tally(*arrays, 1)
    engine.simulate(*arrays, random.independent(1), 0, 1, tally)
    return (tally.share_sum[0] / layout.SHARE_UNIT).astype(np.float32)


@cache
def _normals(seats: int) -> Kernel:
    """Return a kernel that draws eight normals for every seat of a block, as ours does."""
    arrays = {"keys": ("uint32", (random.STREAMS, 2)), "row": ("float32", (8, layout.LANES))}

    def body(m, first, count):
        for block in loop(count):
            m.draw = first + block * layout.LANES
            for item in loop(seats):
                for _ in lanes():
                    for column, z in enumerate(random.normals(m, 8, random.SEATS, item)):
                        m.row[column] = z

    return compiled(body, arrays)


def _fill(seats: int, draws: int) -> None:
    row = aligned((8, layout.LANES), "float32")
    keys = pack_sampling(random.independent(1))["keys"]
    _normals(seats)({"keys": keys, "row": row}, {}, 0, draws // layout.LANES)
