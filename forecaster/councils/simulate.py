"""Simulate council elections: blocks of draws over threads, with integer counts only."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from forecaster.councils.contest import Contest
from forecaster.councils.kernel import WardCounts, WardPlan, count_draws, empty_counts
from forecaster.councils.model import CouncilModel, council_model
from forecaster.councils.plan import Expectation, Shares, build_plan, expectation
from forecaster.councils.slates import Slates

BLOCK = 250
"""Draws that a thread takes at a time; the result does not depend on it."""

DRAWS, SEED = 10_000, 1


@dataclass(frozen=True)
class Simulated:
    """What was simulated, and what came out.

    Attributes
    ----------
    contest : Contest
    expected : Expectation
    pacts : tuple of Slates
    plan : WardPlan
    counts : WardCounts
    """

    contest: Contest
    expected: Expectation
    pacts: tuple[Slates, ...]
    plan: WardPlan
    counts: WardCounts


def simulate_wards(
    plan: WardPlan, councils: int, draws: int, seed: int, threads: int
) -> WardCounts:
    """Return the counts of so many elections; they do not depend on the number of threads."""
    starts = range(0, draws, BLOCK)

    def block(start: int) -> WardCounts:
        counts = empty_counts(plan, councils, min(BLOCK, draws - start))
        count_draws(plan, np.uint64(seed), np.int64(start), counts)
        return counts

    total = empty_counts(plan, councils, draws)
    with ThreadPoolExecutor(threads) as pool:
        for start, counts in zip(starts, pool.map(block, starts), strict=True):
            total.won[start : start + len(counts.won)] = counts.won
            for added, to in zip(counts[1:], total[1:], strict=True):
                to += added
    return total


def expect(contest: Contest, shares: Shares, model: CouncilModel | None = None) -> Expectation:
    """Return what the wards of a contest are expected to give, by the embedded parameters."""
    return expectation(contest, model or council_model(), shares)


def simulate_contest(
    contest: Contest,
    expected: Expectation,
    pacts: tuple[Slates, ...],
    draws: int,
    seed: int,
    threads: int,
    model: CouncilModel | None = None,
) -> Simulated:
    """Simulate a contest without a pact and with each of some, by the embedded parameters."""
    plan = build_plan(contest, model or council_model(), expected, pacts)
    counts = simulate_wards(plan, len(contest.councils), draws, seed, threads)
    return Simulated(contest, expected, pacts, plan, counts)
