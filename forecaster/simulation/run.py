"""Run a plan: blocks of draws over threads, counts added up at the end."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import local

import numpy as np

from forecaster.kernels import engine
from forecaster.simulation.plan import Plan

CHUNK = 8 * engine.LANES
"""Draws of one kernel call: short enough for progress and Ctrl-C, long enough to cost nothing."""


@dataclass(frozen=True)
class Counts:
    """What was counted over all draws; the axes are those of `forecaster.kernels.engine.Tally`."""

    draws: int
    tally: engine.Tally


def empty_tally(plan: Plan, draws: int, winners: bool = False) -> engine.Tally:
    """Return a tally of zeros for `draws` draws of one scenario."""
    seats, columns = plan.arrays.base.shape
    nations = len(plan.arrays.target)
    return engine.Tally(
        wins=np.zeros((1, seats, columns), np.int64),
        share_sum=np.zeros((1, seats, columns), np.int64),
        histogram=np.zeros((1, seats, columns, engine.BINS), np.uint32),
        seats_won=np.zeros((1, draws, nations, columns), np.int16),
        national=np.zeros((draws, nations, columns), np.float32),
        winners=np.zeros((1, draws, seats) if winners else (1, 0, 0), np.int8),
    )


def simulate(
    plan: Plan,
    *,
    threads: int = 1,
    keep_winners: bool = False,
    progress: Callable[[int], object] | None = None,
) -> Counts:
    """Simulate every draw of a plan.

    The result does not depend on `threads`: random numbers are a function of the draw, and only
    integers are added up.

    Parameters
    ----------
    plan : Plan
    threads : int
        Threads that run the kernel.
    keep_winners : bool
        Keep the winner of every seat in every draw (one byte each).
    progress : callable, optional
        Called from this thread with the number of draws that have just been finished.
    """
    draws = plan.run.draws
    whole = empty_tally(plan, draws, keep_winners)
    own = local()
    partial: list[engine.Tally] = []

    def work(start: int) -> int:
        # Each thread has counters of its own; the per-draw arrays are slices of the whole.
        if not hasattr(own, "tally"):
            own.tally = empty_tally(plan, 0)
            partial.append(own.tally)
        count = min(CHUNK, draws - start)
        piece = slice(start, start + count)
        tally = own.tally._replace(
            seats_won=whole.seats_won[:, piece],
            national=whole.national[piece],
            winners=whole.winners[:, piece],
        )
        engine.simulate(
            plan.arrays, np.uint64(plan.run.seed), np.uint64(start), np.int64(count), tally
        )
        return count

    with ThreadPoolExecutor(threads) as pool:
        waiting: set[Future[int]] = {pool.submit(work, at) for at in range(0, draws, CHUNK)}
        try:
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                finished = sum(future.result() for future in done)
                if progress is not None:
                    progress(finished)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    for tally in partial:
        whole.wins[...] += tally.wins
        whole.share_sum[...] += tally.share_sum
        whole.histogram[...] += tally.histogram
    return Counts(draws, whole)
