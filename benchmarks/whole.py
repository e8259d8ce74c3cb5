"""The whole engine: every source of error, raking, all counters; scenarios and threads."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial

import numpy as np

from benchmarks.core import agree
from benchmarks.measure import Line, Size, at_least, at_most, interleave
from benchmarks.numpy_model import Model, normals_floor
from forecaster.config.load import load_config, parse_changes
from forecaster.kernels.layout import Tally
from forecaster.plan.build import Plan, build_plan
from forecaster.plan.scenarios import Scenarios, build_scenarios
from forecaster.simulation.simulate import simulate

TEN = (
    "progressive", "right", "tactical", "lab-ld", "ld-green", "campaign", "non-aggression",
    "progressive-every-vote", "progressive-on-last-votes",
)  # fmt: skip
"""Nine pacts, which with no-pact are ten scenarios."""


on_one_thread = partial(simulate, threads=1)
"""As contenders do; with two, each would touch counters of its own."""


def measure(size: Size) -> list[Line]:
    """Measure one, two and ten scenarios, NumPy and the floor on one thread; then two threads.

    All scenarios count the shares' histogram as usual, unless the row says otherwise.
    """
    one, two, ten = (planned(size.draws, TEN[:n]) for n in (0, 1, 9))
    plan, draws = one[0], size.draws
    fewer = max(draws // 16, 128)
    each = int(plan.arrays.stands.sum())
    vectorised = Model(plan.arrays)
    found = on_one_thread(*one).tally.wins / draws
    agree(found, draws, vectorised.simulate(fewer, 5).wins / fewer, fewer, independent=False)
    times = interleave(
        {
            "one": lambda: on_one_thread(*one),
            "two": lambda: on_one_thread(*two),
            "ten": lambda: on_one_thread(*ten),
            "one, all shares": lambda: on_one_thread(*one, shares_every=1),
            "one, no shares": lambda: on_one_thread(*one, shares_every=0),
            "two, no shares": lambda: on_one_thread(*two, shares_every=0),
            "numpy": lambda: vectorised.simulate(fewer, 1),
            "floor": lambda: normals_floor(fewer, each),
        },
        size.rounds,
    )
    scale = draws / fewer
    lines = [
        times.line("one", "whole engine, one election", per=draws / 1e6, unit="µs"),
        times.line("two", "whole engine, two scenarios", per=draws / 1e6, unit="µs"),
        times.ratio(
            "floor", "one", "whole engine: NumPy normals / kernel", scale=scale, goal=at_least(5)
        ),
        times.ratio(
            "floor",
            "two",
            "whole engine, two scenarios: NumPy normals / kernel",
            scale=scale,
            goal=at_least(3),
        ),
        times.ratio("numpy", "one", "whole engine: NumPy / kernel", scale=scale, goal=at_least(75)),
        *(
            times.difference(
                name,
                "one",
                f"a further pact of {name} scenarios, by seat it holds in and draw",
                per=len(scenarios.actions) * draws / 1e9,
                unit="ns",
                goal=at_most(goal),
            )
            for name, (_, scenarios), goal in (("two", two, 7.5), ("ten", ten, 6))
        ),
        times.ratio("one", "one, all shares", "whole engine: shares of a quarter / of all"),
        times.ratio("one, no shares", "one", "whole engine: shares off / on"),
        times.ratio("two, no shares", "two", "whole engine, two scenarios: shares off / on"),
    ]
    # Many chunks a thread: of two, one each, the start would be most.
    many = planned(8 * size.draws, ())
    threads = interleave(
        {
            "one": lambda: simulate(*many, threads=1),
            "two": lambda: simulate(*many, threads=2),
        },
        size.rounds,
        wall=True,
    )
    _check_threads(one)
    lines.append(
        threads.ratio(
            "one",
            "two",
            "one thread / two",
            goal="at least 1.9",
            note="wall time: other programs on the machine lower it",
        )
    )
    return lines


def planned(draws: int, pacts: tuple[str, ...]) -> tuple[Plan, Scenarios]:
    """Return the next election with some pacts, each a scenario."""
    files = [f"pacts/{name}.toml" for name in pacts]
    plan = replace(
        _plan(), config=load_config("next-election", parse_changes([f"draws={draws}"]), files)
    )
    return plan, build_scenarios(plan)


@cache
def _plan() -> Plan:
    """Return what does not depend on draws and pacts: the model of the polls takes seconds."""
    return build_plan(load_config("next-election"))


def _check_threads(planned: tuple[Plan, Scenarios]) -> None:
    single, double = (simulate(*planned, threads=n).tally for n in (1, 2))
    for name in Tally._fields:
        if not np.array_equal(getattr(single, name), getattr(double, name)):
            raise AssertionError(f"{name} depends on the number of threads")
