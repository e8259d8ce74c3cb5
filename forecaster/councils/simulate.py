"""Simulate council elections: blocks of draws over threads, with integer counts only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from forecaster.councils.contest import Contest, read_contest
from forecaster.councils.data import SWINGS
from forecaster.councils.kernel import WardCounts, WardPlan, count_draws, empty_counts
from forecaster.councils.lists import read_shares
from forecaster.councils.model import CouncilModel, council_model
from forecaster.councils.plan import Expectation, Shares, build_plan, expect
from forecaster.councils.slates import Slates
from forecaster.simulation.blocks import on_threads
from forecaster.simulation.workers import processors
from forecaster.vocabulary import one_of

BLOCK = 250
"""Draws that a thread takes at a time; the result does not depend on it."""

DRAWS, SEED = 10_000, 1


@dataclass(frozen=True, kw_only=True)
class Asked(Shares):
    """A user's request for an election: councils, lists of candidates and results, and shares."""

    name: str
    """PLACE-YEAR."""
    councils: Sequence[str] = ()
    """Only these councils."""
    candidates: str | None = None
    """List of slates."""
    results: str | None = None
    """List of elections that the data do not hold."""

    def elections(
        self,
        draws: int = DRAWS,
        seed: int = SEED,
        threads: int | None = None,
        model: CouncilModel | None = None,
    ) -> Elections:
        """Return the elections to be simulated, by the embedded parameters or by others.

        Raises ConfigError if there is no such place, council or share. Raises DataError if a list
        is wrong.
        """
        lists = (None if path is None else Path(path) for path in (self.candidates, self.results))
        contest = read_contest(self.name, self.councils, *lists)
        model = model or council_model()
        expected = expect(contest, self, model)
        return Elections(contest, expected, draws, seed, threads or processors(), model)


def ask(
    name: str,
    *,
    councils: Sequence[str] = (),
    candidates: str | Path | None = None,
    results: str | Path | None = None,
    swing: str = SWINGS[0],
    shares: Mapping[str, float] | str | Path | None = None,
    sure: bool = False,
) -> Asked:
    """Check a request and read its shares; parameters as of `forecaster.simulate_councils`."""
    how = one_of(swing, SWINGS, "--swing")
    given, by_council = read_shares(shares, how)
    return Asked(
        name=name,
        councils=councils,
        candidates=str(candidates) if candidates else None,
        results=str(results) if results else None,
        swing=how,
        given=given,
        by_council=by_council,
        sure=sure,
    )


@dataclass(frozen=True)
class Elections:
    """A contest to be simulated, with its expected shares and the settings of the simulation."""

    contest: Contest
    expected: Expectation
    draws: int = DRAWS
    seed: int = SEED
    threads: int = field(default_factory=processors)
    model: CouncilModel = field(default_factory=council_model)

    def others(self, added: int) -> Elections:
        """Return the same elections with other random numbers: `added` is added to the seed."""
        return replace(self, seed=self.seed + added)

    def simulate(self, pacts: Sequence[Slates] = ()) -> Simulated:
        """Simulate the elections without a pact and with each of `pacts`."""
        plan = build_plan(self.contest, self.model, self.expected, pacts)
        councils = len(self.contest.councils)
        counts = simulate_wards(plan, councils, self.draws, self.seed, self.threads)
        return Simulated(self, tuple(pacts), plan, counts)


@dataclass(frozen=True)
class Simulated:
    """Simulated elections: their pacts, the plan of the kernel, and its counts."""

    elections: Elections
    pacts: tuple[Slates, ...]
    plan: WardPlan
    counts: WardCounts


def simulate_wards(
    plan: WardPlan, councils: int, draws: int, seed: int, threads: int
) -> WardCounts:
    """Return the counts of so many elections; they do not depend on the number of threads."""

    def block(start: int) -> tuple[int, WardCounts]:
        counts = empty_counts(plan, councils, min(BLOCK, draws - start))
        count_draws(plan, np.uint64(seed), np.int64(start), counts)
        return start, counts

    total = empty_counts(plan, councils, draws)
    for start, counts in on_threads(threads, block, range(0, draws, BLOCK)):
        total.won[start : start + len(counts.won)] = counts.won
        for added, to in zip(counts[1:], total[1:], strict=True):
            to += added
    return total
