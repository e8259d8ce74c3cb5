"""Count blocks of draws on threads, and add blocks up.

A block is a range of draws. Its counters are integers that are summed; the first draws of a run,
which are stored one by one, are rows at fixed places. So the result depends neither on the number
of threads nor on the sizes and order of blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from threading import Lock, local
from typing import TypeVar

import numpy as np

from forecaster.arrays import Ints, Shorts
from forecaster.kernels import engine, layout
from forecaster.kernels.tally import empty_tally
from forecaster.vocabulary import BALLOT, NATIONS, PARTIES

CHUNK = 32 * layout.LANES
"""Draws of one kernel call: few enough for progress and Ctrl-C, enough that calls cost nothing."""

ADDED = (
    "wins", "share_sum", "histogram", "totals", "largest", "effects", "break_even", "tragedies",
    "wins_twice", "effects_twice", "tragedies_twice",
)  # fmt: skip
"""Counters of the kernel that are summed over draws."""

BY_DRAW = ("seats_won", "national", "winners", "regional", "seat_shares", "tragedies_in_draw")
"""Arrays of the kernel with a row for every draw."""

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Job:
    """All that is needed to count a block of a run; it is sent to other machines."""

    plan: layout.KernelPlan
    pacts: layout.PactPlan
    tragedies: layout.TragedyPlan
    sampling: layout.Sampling
    kept: int
    """Number of draws, from the first, that are stored one by one."""
    winners: bool
    """Store the winner of every seat for each of them."""
    shares_every: int
    """Count the histogram of vote shares in one of so many kernel blocks; 0 for none."""
    regions: bool
    """Store the votes of every region without pacts for each stored draw."""
    seat_shares: bool = False
    """Store the shares of every seat without pacts for each stored draw."""

    def empty(self, draws: int, kept: int) -> Counts:
        """Return zero counts for a number of draws, of which `kept` are stored one by one."""
        arrays = (self.plan, self.pacts, self.tragedies)
        tally = empty_tally(
            *arrays,
            kept,
            self.winners,
            self.shares_every > 0,
            self.regions,
            self.seat_shares,
        )
        return Counts(draws, tally)

    def empty_whole(self, draws: int, kept: int) -> Counts:
        """Return counts like `empty`, with a histogram wide enough for so many draws."""
        counts = self.empty(draws, kept)
        if draws <= layout.MOST_COUNTED:
            return counts
        wide = np.zeros(counts.tally.histogram.shape, np.uint32)
        return replace(counts, tally=counts.tally._replace(histogram=wide))


@dataclass(frozen=True)
class Counts:
    """Counts over a number of draws."""

    draws: int
    tally: layout.Tally
    """The axes are those of `forecaster.kernels.layout.Tally`. Its arrays by draw hold the first
    `kept` draws only."""
    scrambles: dict[str, Ints] = field(default_factory=dict)
    """With Sobol points: counters of the tally by name, with the scramble as first axis."""

    @property
    def kept(self) -> int:
        """Number of draws that are stored one by one."""
        return len(self.tally.seats_won)

    @property
    def draws_of_shares(self) -> int:
        """Number of draws in the histogram of seats' shares."""
        return int(self.tally.histogram[0].sum(2).max(initial=0))

    def add(self, part: Counts) -> None:
        """Add the counters of other draws, but not their rows."""
        for name in ADDED:
            getattr(self.tally, name)[...] += getattr(part.tally, name)

    def with_rows_of(self, other: Counts) -> Counts:
        """Return these counters with the rows of others."""
        rows = {name: getattr(other.tally, name) for name in BY_DRAW}
        return replace(self, tally=self.tally._replace(**rows))

    def place(self, rows: layout.Tally, at: int, draws: int) -> None:
        """Copy the first rows of a tally to the rows from `at` on."""
        for name in BY_DRAW:
            own, other = getattr(self.tally, name), getattr(rows, name)
            own[at : at + draws] = other[:draws]


def count_block(
    job: Job,
    first: int,
    draws: int,
    *,
    threads: int = 1,
    progress: Callable[[int], object] | None = None,
) -> Counts:
    """Count a block of draws.

    `first`: first draw, a multiple of `CHUNK`. `draws`: number of draws. `progress`: called from
    this thread with the number of draws just finished.
    """
    whole = job.empty_whole(draws, min(max(job.kept - first, 0), draws))
    election = engine.Election(job.plan, job.pacts, job.tragedies, job.sampling)
    own, adding = local(), Lock()
    # Each thread has its own counters; those of the whole serve the first, if the kernel fits them.
    spare = [whole] if draws <= layout.MOST_COUNTED else []
    parts: list[Counts] = []

    def work(start: int) -> int:
        if not hasattr(own, "counts"):
            own.counts, own.counted = job.empty(0, CHUNK), 0
            with adding:
                if spare:
                    own.counts = spare.pop().with_rows_of(own.counts)
                else:
                    parts.append(own.counts)
        count = min(CHUNK, first + draws - start)
        if own.counted + count > layout.MOST_COUNTED:
            with adding:
                whole.tally.histogram[...] += own.counts.tally.histogram
            own.counts.tally.histogram[...] = 0
            own.counted = 0
        own.counted += count
        rows = _count_chunk(job, election, start, count, own.counts)
        stored = min(max(whole.kept - (start - first), 0), count)
        whole.place(rows, start - first, stored)
        return count

    for finished in on_threads(threads, work, range(first, first + draws, CHUNK)):
        if progress is not None:
            progress(finished)
    for part in parts:
        whole.add(part)
    return whole


def _count_chunk(
    job: Job, election: engine.Election, start: int, count: int, counts: Counts
) -> layout.Tally:
    """Add a chunk of draws to counts, and return the tally with its rows."""
    tally = counts.tally._replace(
        **{name: getattr(counts.tally, name)[:count] for name in BY_DRAW},
    )
    if start >= job.kept:
        optional = ("winners", "regional", "seat_shares")
        tally = tally._replace(**{name: getattr(tally, name)[:0] for name in optional})
    election.simulate(start, count, tally, job.shares_every)
    return tally


def party_seats(seats_won: Shorts) -> Shorts:
    """Return seats by party of the vocabulary, shape (draw, scenario, party).

    `seats_won` has shape (draw, scenario, nation, column).
    """
    draws, scenarios, nations, _ = seats_won.shape
    out = np.zeros((draws, scenarios, len(PARTIES)), np.int16)
    for a, nation in enumerate(NATIONS[:nations]):
        for column, party in enumerate(BALLOT[nation]):
            out[:, :, PARTIES.index(party)] += seats_won[:, :, a, column]
    return out


def on_threads(
    threads: int, work: Callable[[Item], Result], items: Sequence[Item]
) -> Iterator[Result]:
    """Yield the result of the work for every item, in any order.

    With one thread or one item, the caller's own thread works: a new one would begin with cold
    caches on another processor, which takes a quarter of the time of some thousand draws.
    """
    if min(threads, len(items)) == 1:
        yield from map(work, items)
        return
    waiting: set[Future[Result]] = set()
    pool = ThreadPoolExecutor(threads)
    try:
        for item in items:
            waiting.add(pool.submit(work, item))
            if len(waiting) == 2 * threads:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        for future in waiting:
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
