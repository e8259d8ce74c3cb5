"""Simulate a plan: count blocks of draws on threads or machines, and add them up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from forecaster.config.config import Config
from forecaster.errors import ConfigError
from forecaster.kernels import layout
from forecaster.plan.build import Plan
from forecaster.plan.scenarios import Scenarios
from forecaster.simulation.blocks import CHUNK, Counts, Job, count_block, on_threads
from forecaster.simulation.sampling import sampling_of
from forecaster.simulation.workers import Workers, processors

KEEP_DRAWS = 100_000
"""Default number of draws that are stored one by one. They give any probability to .16 points, and
joint ones of several parties, with bounded memory."""

LONGEST = 128 * CHUNK
"""Most draws of a block on another machine: some seconds of work, the most that a lost worker
costs."""

BY_SCRAMBLE = ("wins", "effects", "tragedies")
"""Counters that are also kept by scramble of the Sobol points, for standard errors."""

Block = tuple[int, int]
"""First draw, and number of draws."""


def simulate(
    plan: Plan,
    scenarios: Scenarios,
    *,
    sampling: layout.Sampling | None = None,
    threads: int | None = None,
    workers: Workers | None = None,
    keep_draws: int = KEEP_DRAWS,
    keep_winners: bool = False,
    shares_every: int = layout.SHARES_EVERY,
    keep_regions: bool = False,
    keep_shares: bool = False,
    progress: Callable[[int], object] | None = None,
) -> Counts:
    """Simulate every draw of a plan and count it in every scenario.

    The result does not depend on `threads` or `workers`, because random numbers are a function of
    the draw, and all sums are of integers.

    `sampling`: source of the random numbers; by default that of the config. `threads`, `workers`
    and `progress`: see `forecaster.simulation.workers.Execution`. `keep_draws`: number of draws,
    from the first, that are stored one by one. `keep_winners`, `keep_regions` and `keep_shares`:
    whether the winner of every seat, and without pacts the votes of every region and the shares of
    every seat, are stored for each of them. `shares_every`: the histogram of every seat's vote
    shares, which gives their quantiles, is counted in one of so many kernel blocks; 0 for none.

    Raises ConfigError if the parameters are so extreme that vote shares overflow, or if no draws
    are to be kept, or fewer than Sobol points need.
    """
    draws, threads = plan.config.draws, threads or processors()
    _check_kept(plan.config, keep_draws)
    job = Job(
        plan.arrays,
        scenarios.arrays,
        scenarios.tragedies,
        sampling_of(plan) if sampling is None else sampling,
        min(draws, keep_draws),
        keep_winners,
        shares_every,
        keep_regions,
        keep_shares,
    )
    if plan.config.cluster > 1:
        whole = _count_scrambles(job, plan.config, threads, workers, progress)
    elif workers is None:
        whole = count_block(job, 0, draws, threads=threads, progress=progress)
    else:
        # At least four blocks per worker, so that none is idle for long at the end.
        size = CHUNK * max(1, min(LONGEST, draws // (4 * workers.threads())) // CHUNK)
        blocks = [(first, min(size, draws - first)) for first in range(0, draws, size)]
        whole = job.empty_whole(draws, job.kept)
        for first, part in _elsewhere(job, blocks, workers):
            _add(whole, first, part, progress)
    _check_shares(whole.tally, draws)
    _complete(whole, scenarios)
    return whole


def _check_kept(config: Config, keep_draws: int) -> None:
    if keep_draws < 1:
        raise ConfigError(
            f"--keep-draws {keep_draws}: expected at least 1, for tables are made of stored draws."
        )
    if config.cluster > 1 and keep_draws < config.draws:
        raise ConfigError(
            f"--keep-draws {keep_draws}: with sampling = 'sobol' every draw is stored, for "
            "standard errors are made of them. Leave the option out, or take at least "
            f"{config.draws}."
        )


def _count_scrambles(
    job: Job,
    config: Config,
    threads: int,
    workers: Workers | None,
    progress: Callable[[int], object] | None,
) -> Counts:
    """Count every scramble of Sobol points as a block, and also keep its counters separately."""
    whole = job.empty_whole(config.draws, job.kept)
    blocks = [(first, config.cluster) for first in range(0, config.draws, config.cluster)]
    for name in BY_SCRAMBLE:
        counter = getattr(whole.tally, name)
        whole.scrambles[name] = np.zeros((len(blocks), *counter.shape), counter.dtype)
    each = _here(job, blocks, threads) if workers is None else _elsewhere(job, blocks, workers)
    for first, part in each:
        _add(whole, first, part, progress)
        for name, counter in whole.scrambles.items():
            counter[first // config.cluster] = getattr(part.tally, name)
    return whole


def _here(job: Job, blocks: list[Block], threads: int) -> Iterator[tuple[int, Counts]]:
    def work(block: Block) -> tuple[int, Counts]:
        return block[0], count_block(job, *block)

    return on_threads(threads, work, blocks)


def _elsewhere(job: Job, blocks: list[Block], workers: Workers) -> Iterator[tuple[int, Counts]]:
    for place, part in workers.each(partial(_block, job), blocks):
        yield blocks[place][0], part


def _block(job: Job, block: Block) -> Counts:
    return count_block(job, *block)


def _add(whole: Counts, first: int, part: Counts, progress: Callable[[int], object] | None) -> None:
    whole.add(part)
    whole.place(part.tally, first, part.kept)
    if progress is not None:
        progress(part.draws)


def _check_shares(tally: layout.Tally, draws: int) -> None:
    """Raise ConfigError if the shares of a seat do not add up to 1 in every draw."""
    counted = tally.share_sum[0].sum(1) / (layout.SHARE_UNIT * draws)
    # Shares are rounded down to whole units, so a seat loses less than one unit per party.
    lost = 1 - counted > layout.COLUMNS / layout.SHARE_UNIT + 1e-6
    if lost.any():
        raise ConfigError(
            f"in {lost.sum()} seats the vote shares of some draws are not finite, so nothing can "
            "be counted: a standard deviation, spread, inflation or swing parameter is far too "
            "large, or parameters.seat.share_floor far too small. Compare yours with "
            "configs/models/default.toml"
        )


def _complete(counts: Counts, scenarios: Scenarios) -> None:
    """Copy the no-pact counts of seats to scenarios in which no pact holds there."""
    tally = counts.tally
    touched = np.zeros(tally.wins.shape[:2], bool)
    for action in scenarios.actions:
        touched[action.scenario, action.seat] = True
    for k in range(1, len(touched)):
        same = ~touched[k]
        for counter in (tally.wins, tally.wins_twice, tally.share_sum, tally.histogram):
            if len(counter):
                counter[k, same] = counter[0, same]
        if len(tally.winners):
            tally.winners[:, k, same] = tally.winners[:, 0, same]
        if counts.scrambles:
            wins = counts.scrambles["wins"]
            wins[:, k, same] = wins[:, 0, same]
