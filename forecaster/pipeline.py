"""The method of a run, read from top to bottom: load, plan, simulate, store."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from forecaster.config.run import Run
from forecaster.results.manifest import build_manifest
from forecaster.results.store import new_run, write_tables
from forecaster.results.tables import Tables, build_tables, parties_standing
from forecaster.simulation.plan import build_plan
from forecaster.simulation.run import KEEP_DRAWS, simulate
from forecaster.simulation.scenarios import build_scenarios
from forecaster.simulation.workers import Workers


def simulate_run(
    run: Run,
    *,
    threads: int | None = None,
    workers: Workers | None = None,
    keep_draws: int = KEEP_DRAWS,
    keep_winners: bool = False,
    all_shares: bool = False,
    progress: Callable[[int], object] | None = None,
) -> Tables:
    """Simulate a run and return its tables.

    Parameters
    ----------
    run : Run
        A checked config.
    threads : int, optional
        Default: every processor this process may use. The result does not depend on it.
    workers : Workers, optional
        Processes that simulate instead; see `forecaster.simulation.workers.open_workers`.
    keep_draws : int
        The first draws, as many as this, are stored one by one.
    keep_winners : bool
        Keep who won each seat in each of them.
    all_shares : bool
        Take the quantiles of seats' shares from all draws, not from every fourth block.
    progress : callable, optional
        Called with the number of draws just finished.
    """
    started = perf_counter()
    plan = build_plan(run)
    scenarios = build_scenarios(plan)
    planned = perf_counter()
    counts = simulate(
        plan,
        scenarios,
        threads=threads or processors(),
        workers=workers,
        keep_draws=keep_draws,
        keep_winners=keep_winners,
        all_shares=all_shares,
        progress=progress,
    )
    simulated = perf_counter()
    timings = {"plan_s": planned - started, "simulate_s": simulated - planned}
    manifest = build_manifest(plan, scenarios, parties_standing(plan), counts.kept, timings)
    return build_tables(plan, scenarios, counts, manifest)


def simulate_to(
    folder: Path,
    run: Run,
    *,
    threads: int | None = None,
    workers: Workers | None = None,
    keep_draws: int = KEEP_DRAWS,
    keep_winners: bool = False,
    all_shares: bool = False,
    progress: Callable[[int], object] | None = None,
) -> Tables:
    """Simulate a run and store it, whole or not at all. Parameters as in `simulate_run`.

    Raises
    ------
    ResultsError
        Before anything is simulated, if `folder` exists or cannot be written.
    """
    with new_run(folder) as partial:
        tables = simulate_run(
            run,
            threads=threads,
            workers=workers,
            keep_draws=keep_draws,
            keep_winners=keep_winners,
            all_shares=all_shares,
            progress=progress,
        )
        write_tables(tables, partial)
    return tables


def processors() -> int:
    """Return how many processors this process may use; not every system can say."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
