"""Council elections: all wards of London, one and two scenarios, beside NumPy's normals alone."""

from __future__ import annotations

from functools import partial

from benchmarks.measure import Line, Size, interleave
from benchmarks.numpy_model import normals_floor
from forecaster.config.load import read_pact
from forecaster.councils.contest import read_contest
from forecaster.councils.model import council_model
from forecaster.councils.plan import Shares, build_plan, expect
from forecaster.councils.simulate import simulate_wards
from forecaster.councils.slates import RULES, slates_of

ELECTIONS = 10_000
PARTIES = 8


def measure(size: Size) -> list[Line]:
    """Measure wards counted on one thread, and how long 10,000 elections take on two."""
    contest = read_contest("london-2026")
    expected = expect(contest, Shares("actual"))
    pact = slates_of(read_pact("progressive"), RULES[0], {}, contest, expected.shares)
    councils, model = len(contest.councils), council_model()
    plans = [build_plan(contest, model, expected, pacts) for pacts in ((), (pact,))]
    draws = 250 if size.smoke else ELECTIONS
    each = len(contest.last) * PARTIES + int(plans[0].slates[0].sum())
    fewer = draws // 10
    times = interleave(
        {
            "one": partial(simulate_wards, plans[0], councils, draws, 1, 1),
            "two": partial(simulate_wards, plans[1], councils, draws, 1, 1),
            "floor": lambda: normals_floor(fewer, each),
        },
        size.rounds,
    )
    both = interleave(
        {"two": partial(simulate_wards, plans[1], councils, draws, 1, 2)}, size.rounds, wall=True
    )
    wards = draws * len(contest.last) / 1e9
    return [
        times.line("one", "councils: a ward of London", per=wards, unit="ns"),
        times.line("two", "councils: a ward of London, two scenarios", per=wards, unit="ns"),
        times.ratio("floor", "one", "councils: NumPy normals / kernel", scale=draws / fewer),
        both.line(
            "two",
            "councils: 10,000 elections of London, two scenarios",
            per=draws / ELECTIONS,
            unit="s",
            goal="at most 2",
            note="two threads",
        ),
    ]
