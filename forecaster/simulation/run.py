"""Run a plan: blocks of draws over threads or machines, counts added up at the end."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from forecaster.errors import ConfigError
from forecaster.kernels import layout
from forecaster.simulation.blocks import CHUNK, Counts, Job, count_block
from forecaster.simulation.plan import Plan
from forecaster.simulation.sampling import sampling_of
from forecaster.simulation.scenarios import Scenarios
from forecaster.simulation.workers import Workers

KEEP_DRAWS = 100_000
"""Draws that are stored one by one: they give any probability to .16 points and what holds for
parties together, while a longer run needs no more memory."""

LONGEST = 128 * CHUNK
"""Draws of a block on another machine: some seconds, the most that a lost worker costs."""


def simulate(
    plan: Plan,
    scenarios: Scenarios,
    *,
    sampling: layout.Sampling | None = None,
    threads: int = 1,
    workers: Workers | None = None,
    keep_draws: int = KEEP_DRAWS,
    keep_winners: bool = False,
    shares: bool = True,
    progress: Callable[[int], object] | None = None,
) -> Counts:
    """Simulate every draw of a plan and count it in every scenario.

    The result does not depend on `threads` or `workers`: random numbers are a function of the draw,
    and only integers are added up.

    Parameters
    ----------
    plan : Plan
    scenarios : Scenarios
    sampling : Sampling, optional
        What the draws are made of; if left out, as the run asks for.
    threads : int
        Threads that run the kernel, if no workers do.
    workers : Workers, optional
        Processes, perhaps on other machines, that run the kernel.
    keep_draws : int
        The first draws, as many as this, are stored one by one.
    keep_winners : bool
        Keep for each of them the winner of every seat (one byte each).
    shares : bool
        Count the histogram of every seat's vote shares, of which their quantiles are made. Without
        it `Tally.histogram` is empty and all else the same, a seventh faster.
    progress : callable, optional
        Called from this thread with the number of draws that have just been finished.

    Raises
    ------
    ConfigError
        If the parameters are so extreme that vote shares overflow.
    """
    draws = plan.run.draws
    job = Job(
        plan.arrays,
        scenarios.arrays,
        scenarios.tragedies,
        sampling_of(plan) if sampling is None else sampling,
        min(draws, keep_draws),
        keep_winners,
        shares,
    )
    if workers is None:
        whole = count_block(job, 0, draws, threads=threads, progress=progress)
    else:
        whole = _count_elsewhere(job, draws, workers, progress)
    _check_shares(whole.tally, draws)
    _complete(whole.tally, scenarios)
    return whole


def _count_elsewhere(
    job: Job, draws: int, workers: Workers, progress: Callable[[int], object] | None
) -> Counts:
    whole = job.empty(draws, job.kept)
    # Four blocks a worker at least, that none is idle for long at the end.
    size = CHUNK * max(1, min(LONGEST, draws // (4 * workers.threads())) // CHUNK)
    blocks = [(first, min(size, draws - first)) for first in range(0, draws, size)]
    for place, part in workers.each(partial(_block, job), blocks):
        whole.add(part)
        whole.place(part.tally, blocks[place][0], part.kept)
        if progress is not None:
            progress(part.draws)
    return whole


def _block(job: Job, block: tuple[int, int]) -> Counts:
    return count_block(job, *block)


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
            if len(counter):
                counter[k, same] = counter[0, same]
        if len(tally.winners):
            tally.winners[:, k, same] = tally.winners[:, 0, same]
