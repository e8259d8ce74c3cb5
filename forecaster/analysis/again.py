"""A stored run simulated again, for what it does not store: the same elections, from its seed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

import numpy as np

from forecaster.analysis.summary import seats_won
from forecaster.config.run import Run
from forecaster.elections.read import Floats, read_election
from forecaster.errors import ResultsError
from forecaster.kernels import engine
from forecaster.kernels.layout import SHARE_UNIT
from forecaster.results.tables import Tables, party_of, seats_by_party
from forecaster.simulation.blocks import CHUNK
from forecaster.simulation.plan import Plan, build_plan
from forecaster.simulation.sampling import sampling_of
from forecaster.simulation.scenarios import build_scenarios
from forecaster.simulation.tally import empty_tally
from forecaster.vocabulary import NO_PACT, PARTIES, REGIONS


def stored_config(tables: Tables) -> Run:
    """Return the config of a stored run.

    Raises
    ------
    ResultsError
        If this version of the program reads other configs.
    """
    from pydantic import ValidationError

    try:
        return Run.model_validate(tables.manifest["config"])
    except ValidationError as error:
        key = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise ResultsError(
            f"the run was stored by another version of the program (its config differs at {key}). "
            "Simulate it again."
        ) from None


def plan_again(run: Run) -> Plan:
    """Return the plan of a stored run, without its pacts."""
    return build_plan(run.model_copy(update={"scenarios": ()}))


def check_same(found: Any, stored: Any) -> None:
    """Raise ResultsError if seats won do not come out as the run stored them."""
    if np.any(found != stored):
        raise ResultsError(
            "the run does not come out as it was stored: data or program have changed since. "
            "Simulate it again."
        )


def regional_shares(
    tables: Tables, threads: int, progress: Callable[[int], object] | None = None
) -> Floats:
    """Return the shares of every region in every draw, without pacts.

    The kernel adds shares up over the draws of a call. So every draw is a call of its own, which
    takes some 5 ms: as long as a whole block of draws.

    Parameters
    ----------
    tables : Tables
    threads : int
    progress : callable, optional
        Called with the number of draws just finished.

    Returns
    -------
    ndarray, shape (draw, region, party)
        Of the region's valid votes at the turnout of the base; parties as in
        `vocabulary.PARTIES`.

    Raises
    ------
    ResultsError
        If the run does not come out as stored, since data or program have changed.
    """
    plan, stored = plan_again(stored_config(tables)), seats_won(tables, NO_PACT)
    scenarios = build_scenarios(plan)
    arrays = (plan.arrays, scenarios.arrays, scenarios.tragedies)
    sampling, parties = sampling_of(plan), tables.manifest["parties"]
    region = plan.base.seats.region
    votes = read_election(plan.run.base.election).valid_votes
    weight = (votes / np.bincount(region, votes)[region])[:, None] / SHARE_UNIT
    cell = region[:, None] * len(PARTIES) + party_of(plan)
    out = np.empty((len(stored), len(REGIONS) * len(PARTIES)))

    def work(first: int) -> int:
        tally = empty_tally(*arrays, 1, shares=False)
        last = min(first + CHUNK, len(out))
        for draw in range(first, last):
            tally.share_sum[:] = 0
            engine.simulate(*arrays, sampling, np.uint64(draw), np.int64(1), tally)
            check_same(seats_by_party(tally, parties)[0, 0], stored[draw])
            shares = (tally.share_sum[0] * weight).ravel()
            out[draw] = np.bincount(cell.ravel(), shares, out.shape[1])
        return last - first

    with ThreadPoolExecutor(threads) as pool:
        for future in as_completed([pool.submit(work, at) for at in range(0, len(out), CHUNK)]):
            done = future.result()
            if progress is not None:
                progress(done)
    return out.reshape(len(out), len(REGIONS), len(PARTIES))
