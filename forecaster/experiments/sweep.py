"""A config simulated at many points of its options, and what comes out at each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from forecaster.arrays import Floats
from forecaster.columns import columns
from forecaster.config.config import Config
from forecaster.config.sweep_file import Point, Sweep, points_of, read_sweep
from forecaster.config.toml import check, find_config, inline
from forecaster.errors import ConfigError
from forecaster.experiments.outcomes import (
    CHANCES,
    OUTCOMES,
    Outcome,
    all_outcomes,
    mean_and_error,
    parse_outcome,
    seats_in_draws,
)
from forecaster.experiments.points import DIGITS, open_sweep, point_file, read_points, write_point
from forecaster.pipeline import processors
from forecaster.plan.build import build_plan
from forecaster.plan.scenarios import build_scenarios
from forecaster.simulation.simulate import simulate
from forecaster.simulation.workers import Workers
from forecaster.table import Column, Kind, Table
from forecaster.vocabulary import NO_PACT

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

SHOWN = 6
"""Parties in the table of a sweep that names no outcomes."""

Rows = list[tuple[str, str, str, float, float]]

Progress = Callable[[int], AbstractContextManager[Callable[[int], object]]]
"""Opened with how much there is to do; gives what is called with how much was just done."""


@contextmanager
def no_progress(total: int) -> Iterator[Callable[[int], object]]:
    """Show no progress."""
    yield lambda done: None


def sweep(
    name: str,
    outcomes: Sequence[str] = (),
    *,
    out: Path | None = None,
    seed: int | None = None,
    threads: int | None = None,
    workers: Workers | None = None,
    progress: Progress = no_progress,
) -> Table:
    """Simulate a config at every point of a sweep, and return a row per point.

    Parameters
    ----------
    name : str
        A sweep file, or the name of a bundled sweep.
    outcomes : sequence of str
        As ``"majority:Lab:progressive"``. Without any: those that the file shows, or else the seats
        of the parties that have most.
    out : Path, optional
        Folder of the points, by default `sweep_folder`; those that it holds are not computed again.
    seed : int, optional
        Instead of the config's.
    threads : int, optional
        Default: every processor. The result does not depend on it.
    workers : Workers, optional
        Processes that simulate instead.
    progress : callable
        Opened with the number of points.

    Raises
    ------
    ConfigError
        If the sweep or an outcome is wrong.
    ResultsError
        If the folder holds something else, or cannot be written.
    """
    described = read_sweep(name)
    points, wanted = asked(described, outcomes, seed)
    folder = out or sweep_folder(name)
    with progress(len(points)) as advance:
        run_sweep(points, folder, threads=threads, workers=workers, progress=advance)
    return sweep_table(described.title, points, folder, wanted)


def sweep_frame(
    config: str,
    vary: Mapping[str, Any],
    *,
    pacts: Iterable[str] = (),
    options: Mapping[str, Any] | None = None,
    draws: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    out: str | Path | None = None,
) -> pd.DataFrame:
    """Return every outcome of a grid of options; see `forecaster.sweep`."""
    document = {
        "title": config,
        "config": str(find_config(config)),
        "pacts": tuple(pacts),
        "draws": draws,
        "set": dict(options or {}),
        "vary": dict(vary),
    }
    points = points_of(check(Sweep, document, "sweep"), seed)
    with TemporaryDirectory() as temporary:
        folder = Path(temporary, "points") if out is None else Path(out)
        run_sweep(points, folder, threads=threads)
        stored = read_points(folder, [point.digest for point in points])
        return stored.drop_columns("point").to_pandas()


def sweep_folder(name: str) -> Path:
    """Return the folder in which the points of a sweep are kept unless another is named."""
    return Path("runs") / Path(name).stem


def asked(
    described: Sweep, outcomes: Sequence[str], seed: int | None, default: Sequence[str] = ()
) -> tuple[list[Point], list[Outcome]]:
    """Return the points of a sweep, and the outcomes that are asked for.

    Parameters
    ----------
    described : Sweep
    outcomes : sequence of str
        Without any, those that the sweep shows; if it shows none, `default`.
    seed : int or None
        Instead of the config's.
    default : sequence of str
    """
    points = points_of(described, seed)
    known = first_outcomes(points)
    texts = outcomes or described.show or default
    return points, [parse_outcome(text, known) for text in texts]


def run_sweep(
    points: list[Point],
    folder: Path,
    *,
    threads: int | None = None,
    workers: Workers | None = None,
    progress: Callable[[int], object] | None = None,
) -> int:
    """Compute the points of a sweep that its folder does not hold yet.

    Parameters
    ----------
    points : list of Point
    folder : Path
        Made if it is not there. A point is added as soon as it is finished.
    threads : int, optional
        Threads of a run, by default one for every processor; each of the workers has one.
    workers : Workers, optional
    progress : callable, optional
        Called with the number of points just finished, first with those that were there.

    Returns
    -------
    int
        Number of points that were computed.

    Raises
    ------
    ConfigError
        If the parts of a point's config do not fit together.
    ResultsError
        If the folder holds something else, or cannot be written.
    """
    open_sweep(folder)
    missing = [p for p in points if not point_file(folder, p.digest).is_file()]
    if progress is not None:
        progress(len(points) - len(missing))
    texts = _texts(points)
    runs = (point.config for point in missing)
    if workers is None:
        threads = threads or processors()
        results: Iterable[tuple[int, Rows]] = enumerate(point_rows(r, threads) for r in runs)
    else:
        results = workers.each(_rows_of_text, (config.model_dump_json() for config in runs))
    for place, rows in results:
        point = missing[place]
        write_point(folder, point.digest, _point_table(point, rows, texts))
        if progress is not None:
            progress(1)
    return len(missing)


def point_rows(config: Config, threads: int = 1) -> Rows:
    """Simulate a run: every outcome's scenario, name, party or bloc, mean and standard error."""
    plan = build_plan(config)
    scenarios = build_scenarios(plan)
    counts = simulate(plan, scenarios, threads=threads, keep_draws=config.draws, shares=False)
    won = seats_in_draws(plan, scenarios, counts)
    return [(o.scenario, o.name, o.group, *mean_and_error(o, won)) for o in all_outcomes(plan)]


def _rows_of_text(config: str) -> Rows:
    """Return `point_rows` of a run as JSON, for checked configs cannot be pickled."""
    return point_rows(Config.model_validate_json(config))


def _texts(points: list[Point]) -> set[str]:
    """Return the options that have a value which is no number; they are stored as text."""
    return {
        key
        for point in points
        for key, value in point.values.items()
        if isinstance(value, bool) or not isinstance(value, int | float)
    }


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else inline(value)


def _point_table(point: Point, rows: Rows, texts: set[str]) -> pa.Table:
    import pyarrow as pa

    columns: dict[str, Any] = {
        key: [_shown(value)] * len(rows) if key in texts else np.full(len(rows), value, float)
        for key, value in point.values.items()
    }
    names = ("scenario", "outcome", "group", "value", "mcse")
    return pa.table(columns | dict(zip(names, zip(*rows, strict=True), strict=True)))


def first_outcomes(points: list[Point]) -> list[Outcome]:
    """Return the outcomes of a sweep, from the plan of its first point.

    Raises
    ------
    ConfigError
        If the parts of its config do not fit together.
    """
    plan = build_plan(points[0].config)
    build_scenarios(plan)
    return all_outcomes(plan)


def sweep_table(title: str, points: list[Point], folder: Path, wanted: list[Outcome]) -> Table:
    """Return a row per point: the varied options, and some outcomes.

    Parameters
    ----------
    title : str
    points : list of Point
    folder : Path
        Where every point is stored.
    wanted : list of Outcome
        Without any: the seats of the parties that have most, with pacts the differences that the
        last scenario makes to them.
    """
    digests = [point.digest[:DIGITS] for point in points]
    found = _outcomes(folder, digests)
    wanted = wanted or _largest(found)
    rows = []
    for point, name in zip(points, digests, strict=True):
        row: dict[str, Any] = {"point": name} | {
            key: _shown(value) for key, value in point.values.items()
        }
        for outcome in wanted:
            value, error = found[outcome].get(name, (None, None))
            row |= {str(outcome): value, f"{outcome}_mcse": error}
        rows.append(row)
    draws = points[0].config.draws
    return Table(
        title,
        (
            *columns("-point"),
            *(Column(key, short) for key, short in _short_names(list(points[0].values)).items()),
            *(column for outcome in wanted for column in _columns(outcome)),
        ),
        rows,
        (
            f"{len(points)} points of {draws:,} simulated elections, the same at every point, so "
            "that differences between points are paired.",
            *(f"{name}: {OUTCOMES[name]}." for name in dict.fromkeys(o.name for o in wanted)),
        ),
    )


def _outcomes(folder: Path, digests: list[str]) -> dict[Outcome, dict[str, tuple[float, float]]]:
    """Return mean and standard error of every stored outcome by point."""
    found: dict[Outcome, dict[str, tuple[float, float]]] = {}
    for stored in read_points(folder, digests).to_pylist():
        outcome = Outcome(stored["outcome"], stored["group"], stored["scenario"])
        found.setdefault(outcome, {})[stored["point"]] = (stored["value"], stored["mcse"])
    return found


def sweep_values(points: list[Point], folder: Path, wanted: list[Outcome]) -> list[Floats]:
    """Return the means of some outcomes, each of shape ``(point,)``.

    Raises
    ------
    ConfigError
        If a point does not have an outcome, for its parties or scenarios are others.
    """
    digests = [point.digest[:DIGITS] for point in points]
    found = _outcomes(folder, digests)
    for outcome in wanted:
        if len(found.get(outcome, ())) < len(set(digests)):
            raise ConfigError(f"outcome {outcome}: not every point has it.")
    return [np.array([found[outcome][name][0] for name in digests]) for outcome in wanted]


def _short_names(keys: list[str]) -> dict[str, str]:
    """Return the shortest ends of the keys, whole parts, that tell them apart."""
    parts = {key: key.split(".") for key in keys}
    return {
        key: next(
            ".".join(own[-n:])
            for n in range(1, len(own) + 1)
            if sum(own[-n:] == other[-n:] for other in parts.values()) == 1
        )
        for key, own in parts.items()
    }


def _largest(found: dict[Outcome, dict[str, tuple[float, float]]]) -> list[Outcome]:
    """Return the default columns: what happens to the parties that have most seats."""
    last = list(found)[-1].scenario
    name = "seats" if last == NO_PACT else "difference"
    mean = {
        outcome.group: float(np.mean([value for value, _ in values.values()]))
        for outcome, values in found.items()
        if outcome.name == "seats" and outcome.scenario == NO_PACT and "+" not in outcome.group
    }
    return [Outcome(name, group, last) for group in sorted(mean, key=lambda g: -mean[g])[:SHOWN]]


def _columns(outcome: Outcome) -> tuple[Column, Column]:
    heading = " ".join(part for part in (outcome.group, outcome.name, outcome.scenario) if part)
    kind: Kind = "probability" if outcome.name in CHANCES else "number"
    kind = "difference" if outcome.name == "difference" else kind
    error: Kind = "error" if outcome.name in CHANCES else "number"
    return (
        Column(str(outcome), heading, kind),
        Column(f"{outcome}_mcse", "Standard error", error, data_only=True),
    )
