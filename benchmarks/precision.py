"""Sobol points against random draws: the time that the same standard error takes."""

from __future__ import annotations

from dataclasses import replace
from statistics import median
from time import process_time

import numpy as np

from benchmarks.measure import Line, Size
from benchmarks.whole import planned
from forecaster.config.config import SOBOL_DRAWS
from forecaster.plan.build import build_plan
from forecaster.plan.scenarios import build_scenarios
from forecaster.results.precision import cluster_error, standard_error
from forecaster.simulation.blocks import Counts, party_seats
from forecaster.simulation.simulate import simulate
from forecaster.vocabulary import MAJORITY, PARTIES

DRAWS = SOBOL_DRAWS[1]

WHAT = (
    "Labour's mean seats",
    "the pact's effect on them",
    "chance of a Labour majority",
    "chances in seats",
)


def measure(size: Size) -> list[Line]:
    """Measure both on one thread, with one pact; the points' own making is part of the time."""
    plan, scenarios = planned(DRAWS, ("progressive",))
    sobol = build_plan(plan.config.model_copy(update={"sampling": "sobol"}))
    seconds: dict[str, list[float]] = {"random": [], "sobol": []}
    squares: dict[str, list[np.ndarray]] = {"random": [], "sobol": []}
    simulate(plan, scenarios), simulate(sobol, build_scenarios(sobol))
    # Of few seeds not even the order of a gain in variance is known.
    for seed in range(3 * size.rounds):
        for name, one in (("random", plan), ("sobol", sobol)):
            own = replace(one, config=one.config.model_copy(update={"seed": seed}))
            started = process_time()
            counts = simulate(own, scenarios, threads=1)
            seconds[name].append(process_time() - started)
            squares[name].append(_squares(counts, own.config.cluster))
    both = zip(squares["random"], squares["sobol"], strict=True)
    rounds = [one / other for one, other in both]
    fewer = np.mean(squares["random"], axis=0) / np.mean(squares["sobol"], axis=0)
    slower = median(seconds["sobol"]) / median(seconds["random"])
    return [
        Line(
            f"time for an equal error, {what}: random / Sobol",
            gain / slower,
            min(r[i] for r in rounds) / slower,
            max(r[i] for r in rounds) / slower,
            "×",
            note=f"{gain:.3g} times fewer draws, each {slower:.2f} times as long",
        )
        for i, (what, gain) in enumerate(zip(WHAT, fewer, strict=True))
    ]


def _squares(counts: Counts, cluster: int) -> np.ndarray:
    """Return the squared standard errors of `WHAT`; of seats the mean over those in doubt."""
    without, with_pact = party_seats(counts.tally.seats_won)[:, :, PARTIES.index("Lab")].T
    draws = np.array([without, with_pact - without, without >= MAJORITY], float)
    chance = counts.tally.wins / counts.draws
    doubt = (chance > 0.05) & (chance < 0.95)
    if cluster == 1:
        seats = (chance * (1 - chance) / counts.draws)[doubt]
    else:
        seats = cluster_error(counts.scrambles["wins"], cluster)[doubt] ** 2
    own = [standard_error(values, cluster) ** 2 for values in draws]
    return np.append(own, seats.mean())
