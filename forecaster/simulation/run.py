"""Run a plan: blocks of draws over threads, counts added up at the end."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import local

import numpy as np

from forecaster.errors import ConfigError
from forecaster.kernels import engine, layout, random
from forecaster.simulation.plan import Plan
from forecaster.simulation.scenarios import Scenarios
from forecaster.simulation.tally import empty_tally

CHUNK = 8 * layout.LANES
"""Draws of one kernel call: short enough for progress and Ctrl-C, long enough to cost nothing."""

ADDED = ("wins", "share_sum", "histogram", "effects", "break_even", "tragedies")
"""Counters that threads add to; the others hold a slice for every draw."""


@dataclass(frozen=True)
class Counts:
    """What was counted over all draws; the axes are those of `forecaster.kernels.layout.Tally`."""

    draws: int
    tally: layout.Tally


def simulate(
    plan: Plan,
    scenarios: Scenarios,
    *,
    threads: int = 1,
    keep_winners: bool = False,
    progress: Callable[[int], object] | None = None,
) -> Counts:
    """Simulate every draw of a plan and count it in every scenario.

    The result does not depend on `threads`: random numbers are a function of the draw, and only
    integers are added up.

    Parameters
    ----------
    plan : Plan
    scenarios : Scenarios
    threads : int
        Threads that run the kernel.
    keep_winners : bool
        Keep the winner of every seat in every draw (one byte each).
    progress : callable, optional
        Called from this thread with the number of draws that have just been finished.

    Raises
    ------
    ConfigError
        If the parameters are so extreme that vote shares overflow.
    """
    draws = plan.run.draws
    arrays = (plan.arrays, scenarios.arrays, scenarios.tragedies)
    seeds = random.equal_seeds(plan.run.seed)
    whole = empty_tally(*arrays, draws, keep_winners)
    own = local()
    partial: list[layout.Tally] = []

    def work(start: int) -> int:
        # Each thread has counters of its own; the per-draw arrays are slices of the whole.
        if not hasattr(own, "tally"):
            own.tally = empty_tally(*arrays, 0)
            partial.append(own.tally)
        count = min(CHUNK, draws - start)
        piece = slice(start, start + count)
        tally = own.tally._replace(
            seats_won=whole.seats_won[piece],
            national=whole.national[piece],
            winners=whole.winners[piece],
            tragedies_in_draw=whole.tragedies_in_draw[piece],
        )
        engine.simulate(*arrays, seeds, np.uint64(start), np.int64(count), tally)
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
        for name in ADDED:
            getattr(whole, name)[...] += getattr(tally, name)
    _check_shares(whole, draws)
    _complete(whole, scenarios)
    return Counts(draws, whole)


def _check_shares(tally: layout.Tally, draws: int) -> None:
    """Raise ConfigError if the shares of a seat do not add up to 1 in every draw."""
    counted = tally.share_sum[0].sum(1) / (layout.SHARE_UNIT * draws)
    # Shares are cut to whole units, so a seat loses less than one unit a party.
    lost = 1 - counted > layout.COLUMNS / layout.SHARE_UNIT + 1e-6
    if lost.any():
        raise ConfigError(
            f"in {lost.sum()} seats the vote shares of some draws are not finite, so nothing can "
            "be counted: a standard deviation, spread, inflation or swing parameter is far too "
            "large, or parameters.seat.share_floor far too small. Compare yours with "
            "configs/models/default.toml"
        )


def _complete(tally: layout.Tally, scenarios: Scenarios) -> None:
    """Give a scenario the no-pact counts of the seats in which none of its pacts holds."""
    touched = np.zeros(tally.wins.shape[:2], bool)
    for action in scenarios.actions:
        touched[action.scenario, action.seat] = True
    for k in range(1, len(touched)):
        same = ~touched[k]
        for counter in (tally.wins, tally.share_sum, tally.histogram):
            counter[k, same] = counter[0, same]
        if len(tally.winners):
            tally.winners[:, k, same] = tally.winners[:, 0, same]
