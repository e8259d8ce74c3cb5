"""Attribute the variance of an outcome to sources of error: Sobol indices by pick-freeze.

Two seeds give two independent samples A and B of elections. Each stream of random numbers can have
a seed of its own. So a further sample takes the streams of one source from B and all others from A,
without storing any of them.

References
----------
Saltelli, Annoni, Azzini, Campolongo, Ratto and Tarantola, "Variance based sensitivity analysis of
model output", Computer Physics Communications 181 (2010), table 2: Jansen's estimators (b) and (f).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Unpack

import numpy as np
import numpy.typing as npt

from forecaster.answers.summary import one_digit
from forecaster.arrays import Floats
from forecaster.columns import table_of
from forecaster.config.config import Config
from forecaster.config.load import Pacts, build_config
from forecaster.config.sweep_file import Point, is_sweep
from forecaster.errors import ConfigError
from forecaster.experiments.outcomes import (
    Outcome,
    Won,
    all_outcomes,
    definitions,
    in_draws,
    parse_outcome,
)
from forecaster.experiments.sweep import Progress, no_progress, sweep, sweep_values
from forecaster.kernels import random
from forecaster.pipeline import stored_config
from forecaster.plan.build import Plan, build_plan
from forecaster.plan.scenarios import Scenarios, build_scenarios
from forecaster.results.store import read_tables
from forecaster.simulation.workers import Execution, Machines
from forecaster.table import Table


class Source(NamedTuple):
    """A source of error."""

    meaning: str
    streams: tuple[int, ...]
    """Its streams of random numbers; every stream belongs to one source."""


SOURCES = {
    "national": Source("what the polls miss", (random.NATIONAL, random.NATIONAL_SCALE)),
    "lambda": Source("how proportional the swing is", (random.LAMBDA,)),
    "kappa": Source("tactical voting", (random.TACTICAL,)),
    "slopes": Source("kinds of seats that move together", (random.SLOPES, random.STRENGTH)),
    "regions": Source("regions that move together", (random.REGIONS,)),
    "incumbency": Source("what sitting MPs are worth", (random.INCUMBENCY,)),
    "seats": Source(
        "each seat's own error", (random.SEATS, random.MORE_OF_SEATS, random.ELECTION_SCALE)
    ),
    "transfers": Source(
        "how voters follow pacts",
        (random.PACTS, random.TRANSFERS, random.SEAT_TRANSFERS, random.REFUSALS),
    ),
}

DEFAULT = ("seats:Con", "seats:Lab", "seats:Reform")
"""Outcomes if none is asked for."""

RESAMPLES = 400
"""Bootstrap samples of the draws for standard errors."""

INDEPENDENT = 0x9E3779B97F4A7C15
"""Added to the seed of sample A for that of sample B."""


@dataclass(frozen=True)
class Sobol:
    """Sobol indices of an outcome; arrays have an element for each of `SOURCES`."""

    first: Floats
    """Part of the variance that would vanish if the source were known."""
    first_error: Floats
    """Standard error by bootstrap over the draws, as all below."""
    total: Floats
    """Part that would remain if all other sources were known."""
    total_error: Floats
    mean: float
    """Mean of the outcome."""
    mean_error: float
    sd: float
    """Standard deviation of the outcome."""
    sd_error: float


def run_sensitivity(
    what: str | Path | Config,
    outcomes: Sequence[str] = (),
    *,
    options: Mapping[str, Any] | None = None,
    pacts: Pacts = (),
    draws: int | None = None,
    seed: int | None = None,
    out: Path | None = None,
    progress: Progress = no_progress,
    **machines: Unpack[Machines],
) -> Table:
    """Attribute the variance of outcomes to sources of error (of a run) or options (of a sweep).

    A run is simulated again several times, with random draws. Missing points of a sweep are
    computed first.

    The parameters are those of `forecaster.api.sensitivity`. `outcomes` are by default those that a
    sweep shows, or `DEFAULT`. Options and pacts are not allowed for a stored run or a sweep, which
    has its own draws. `out`: folder of the points of a sweep.

    Raises ConfigError if the config, the sweep or an outcome is wrong, or an argument does not go
    with `what`. Raises ResultsError if the run or the points of the sweep cannot be read.
    """
    stored = not isinstance(what, Config) and Path(what).is_dir()
    varied = not isinstance(what, Config) and not stored and is_sweep(str(what))
    if varied and (draws or options or pacts):
        raise ConfigError(f"{what}: a sweep's draws, options and pacts stand in its file.")
    if stored and (options or pacts):
        raise ConfigError(f"{what}: a run's options and pacts stand in its config.")
    if out and not varied:
        raise ConfigError(f"--out {out}: goes with a sweep; else nothing is stored.")
    if varied:
        swept = sweep(
            str(what), outcomes, DEFAULT, out=out, seed=seed, progress=progress, **machines
        )
        return sweep_sensitivity_table(*swept)
    config = stored_config(read_tables(Path(str(what)))) if stored else what
    # The estimator compares two independent samples.
    random_draws = {**(options or {}), "sampling": "random"}
    config = build_config(config, options=random_draws, pacts=pacts, draws=draws, seed=seed)
    plan = build_plan(config)
    scenarios = build_scenarios(plan)
    known = all_outcomes(plan)
    wanted = [parse_outcome(text, known) for text in outcomes or DEFAULT]
    with progress((2 + len(SOURCES)) * config.draws) as advance:
        found = sensitivity(plan, scenarios, wanted, progress=advance, **machines)
    return sensitivity_table(config, wanted, found)


def sobol_indices(a: Floats, b: Floats, mixed: Floats) -> Sobol:
    """Estimate first-order and total Sobol indices.

    ``S = 1 - E (f_B - f_AB)^2 / 2 V`` and ``T = E (f_A - f_AB)^2 / 2 V`` (Jansen 1999).

    `a` and `b`, shape (draw,): the outcome in two independent samples. `mixed`, shape (source,
    draw): the outcome in sample A with one source at a time from sample B.
    """
    both = np.concatenate([a, b])
    centre = both.mean()
    # Every estimate is a ratio of means over the draws, so resampling means weighting the draws.
    terms = np.vstack(
        [
            ((a - centre) ** 2 + (b - centre) ** 2) / 2,
            a / 2 + b / 2 - centre,
            (b - mixed) ** 2 / 2,
            (a - mixed) ** 2 / 2,
        ]
    )

    def estimate(weights: Floats) -> Floats:
        means = terms @ weights / weights.sum()
        variance = max(means[0] - means[1] ** 2, 0)
        parts = means[2:] / variance if variance > 0 else np.full(len(means) - 2, np.nan)
        parts[: len(mixed)] = 1 - parts[: len(mixed)]
        return np.array([centre + means[1], np.sqrt(variance), *parts])

    draws = len(a)
    found = estimate(np.ones(draws))
    generator, chances = np.random.default_rng(1), np.full(draws, 1 / draws)
    weightings = (generator.multinomial(draws, chances).astype(float) for _ in range(RESAMPLES))
    resampled = np.array([estimate(weights) for weights in weightings])
    errors = resampled.std(axis=0, ddof=1)
    (mean, mean_error), (sd, sd_error) = zip(found[:2].tolist(), errors[:2].tolist(), strict=True)
    (first, total), (first_error, total_error) = (np.split(x[2:], 2) for x in (found, errors))
    return Sobol(first, first_error, total, total_error, mean, mean_error, sd, sd_error)


def sensitivity(
    plan: Plan, scenarios: Scenarios, outcomes: list[Outcome], **how: Unpack[Execution]
) -> list[Sobol]:
    """Simulate the samples of a plan and return the Sobol indices of each outcome.

    `plan`: its number of draws is that of one sample; there are two, and one more for each source.
    """
    # A seed is part of the key of the random numbers, so it is enough that the two differ.
    a = np.full(random.STREAMS, plan.config.seed, np.uint64)
    b = a + np.uint64(INDEPENDENT)

    def values(seeds: npt.NDArray[np.uint64]) -> list[Floats]:
        won = Won(plan, scenarios, sampling=random.independent(seeds), **how)
        return [in_draws(outcome, won) for outcome in outcomes]

    streams = np.arange(random.STREAMS)
    mixed = [values(np.where(np.isin(streams, of.streams), b, a)) for of in SOURCES.values()]
    samples = zip(values(a), values(b), *mixed, strict=True)
    return [sobol_indices(in_a, in_b, np.array(others)) for in_a, in_b, *others in samples]


def grid_indices(design: list[dict[str, Any]], values: Floats) -> list[tuple[float, float]]:
    """Return first-order and total index of every option of a full grid, exact for its points.

    `design`: values of the options at each point: every combination once. `values`, shape (point,):
    an outcome at each point; the indices are NaN if it never varies.
    """
    found, whole = [], float(np.var(values)) or float("nan")
    for key in design[0]:
        own = [repr(point[key]) for point in design]
        others = [repr({k: v for k, v in point.items() if k != key}) for point in design]
        # The variance of means by level, and the mean of variances where all else is equal.
        first = np.var([group.mean() for group in _grouped(values, own)])
        total = np.mean([np.var(group) for group in _grouped(values, others)])
        found.append((float(first) / whole, float(total) / whole))
    return found


def _grouped(values: Floats, names: list[str]) -> list[Floats]:
    """Return the values grouped by name."""
    of_name = np.array(names)
    return [values[of_name == name] for name in dict.fromkeys(names)]


def hypercube_indices(design: list[dict[str, Any]], values: Floats) -> list[float]:
    """Estimate the first-order index of every option of a Latin hypercube.

    It is one minus the variance within slices of the option over the whole variance, each with its
    degrees of freedom, so that an option without effect has an index of zero on average. Numbers
    are cut into slices with equally many points; each other value is a slice.

    `values` has shape (point,).
    """
    number = len(design)
    slices = max(2, round(np.sqrt(number) / 2))
    whole = values.var(ddof=1)
    found = []
    for key in design[0]:
        own = [point[key] for point in design]
        if len({repr(value) for value in own}) == number:
            place = np.argsort(np.argsort(own)) * slices // number
        else:
            _, place = np.unique([repr(value) for value in own], return_inverse=True)
        means = np.bincount(place, values) / np.bincount(place)
        left = max(number - len(means), 1)
        within = ((values - means[place]) ** 2).sum() / left
        found.append(float(1 - within / whole) if whole > 0 else float("nan"))
    return found


def sweep_sensitivity_table(points: list[Point], folder: Path, wanted: list[Outcome]) -> Table:
    """Return a row for each outcome and varied option: its part of the variance over points."""
    described, design = points[0].sweep, [point.values for point in points]
    rows: list[dict[str, Any]] = []
    for outcome, own in zip(wanted, sweep_values(points, folder, wanted), strict=True):
        whole: dict[str, Any] = {"outcome": str(outcome), "words": outcome.words}
        whole |= {"mean": float(own.mean()), "sd": float(own.std())}
        if described.design == "grid":
            indices = grid_indices(design, own)
        else:
            indices = [(first, np.nan) for first in hypercube_indices(design, own)]
        for key, (first, total) in zip(design[0], indices, strict=True):
            rows.append({**whole, "source": key, "first": _number(first), "total": _number(total)})
    return table_of(
        described.title,
        "-outcome | words=Outcome | mean:score! | sd | source=Option | first | total",
        rows,
        f"Parts of the variance of the outcome's mean over {len(points)} points, every "
        "point weighing the same: it says what the options do over the values they were given.",
        *definitions(wanted, points[0].config),
    )


def sensitivity_table(config: Config, outcomes: list[Outcome], found: list[Sobol]) -> Table:
    """Return a row for each outcome and source: its indices with their standard errors."""
    rows: list[dict[str, Any]] = []
    for outcome, sobol in zip(outcomes, found, strict=True):
        whole: dict[str, Any] = {"outcome": str(outcome), "words": outcome.words}
        whole |= {"mean": sobol.mean, "mean_mcse": sobol.mean_error}
        whole |= {"sd": sobol.sd, "sd_mcse": sobol.sd_error}
        order = np.argsort(-np.nan_to_num(sobol.total), kind="stable")
        for place in order.tolist():
            source = list(SOURCES)[place]
            row = {**whole, "source": source, "meaning": SOURCES[source].meaning}
            for name in ("first", "total"):
                row[name] = _number(getattr(sobol, name)[place])
                row[f"{name}_mcse"] = _number(getattr(sobol, f"{name}_error")[place])
            rows.append(row)
    errors = [row["first_mcse"] for row in rows if row["first_mcse"] is not None]
    return table_of(
        config.headline,
        "-outcome | words=Outcome | mean:score | sd~ | -source | meaning=Source of error | "
        "first+ | total+",
        rows,
        "Alone: part of the variance that would go if the source were known (first-order Sobol "
        "index). With others: part that would stay if everything else were "
        "known (total index); the two differ where sources work through one another, as at "
        "the threshold of a majority.",
        f"Pick-freeze on {2 + len(SOURCES)} samples of {config.draws:,} simulated elections; "
        "standard errors, in points, by bootstrap: at most "
        f"{one_digit(100 * max(errors, default=0))}.",
        "Without pacts, unless one is named. The mean of what may happen is its chance.",
        *definitions(outcomes, config),
        *(["An outcome that never varies has no indices."] if len(errors) < len(rows) else []),
    )


def _number(value: float) -> float | None:
    """Return a number, or None for NaN."""
    return float(value) if np.isfinite(value) else None
