"""Simulate a config at many points of its options, and store the outcomes at each.

The points are kept in a folder: ``sweep.json`` names the version of the program, and
``outcomes/point=DIGEST/outcomes.parquet`` holds the rows of one point, where DIGEST is the start of
its config's digest; beside it a manifest vouches for them as for a run. A point is written whole
or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from forecaster.arrays import Floats
from forecaster.columns import columns, table_of
from forecaster.config.config import Config
from forecaster.config.sweep_file import Point, points_of, read_sweep
from forecaster.config.toml import inline
from forecaster.errors import ConfigError, ResultsError, readable
from forecaster.experiments.outcomes import (
    Outcome,
    Won,
    all_outcomes,
    definitions,
    mean_and_error,
    parse_outcome,
)
from forecaster.files import new_file, new_folder, writing
from forecaster.plan.build import build_plan
from forecaster.plan.scenarios import build_scenarios
from forecaster.results.store import read_sealed, stored_table, write_manifest
from forecaster.simulation.program import differences, program
from forecaster.simulation.workers import Execution, Machines
from forecaster.table import Column, Kind, Table
from forecaster.vocabulary import NO_PACT

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA_VERSION = 3
"""Version of the format of a sweep's folder."""

OUTCOMES = "outcomes.parquet"

MANIFEST = "_manifest.json"
"""Readers of the folder as a Parquet dataset ignore names that begin with an underscore."""

MEND = "Remove the folder that it lies in, and give the same command again."

DIGITS = 16
"""Hexadecimal digits of a config's digest that name its point."""

SHOWN = 6
"""Number of parties in the table of a sweep for which no outcomes are named."""

Rows = list[tuple[str, str, str, float, float]]
"""Rows of a point: scenario, outcome, party or bloc, mean and Monte Carlo standard error."""

Found = dict[Outcome, dict[str, tuple[float, float]]]
"""Mean and standard error of every outcome at every point, by the point's name."""

Progress = Callable[[int], AbstractContextManager[Callable[[int], object]]]
"""A function that takes the amount of work and returns a context manager, which yields the function
to call with each amount that is done."""


@contextmanager
def no_progress(total: int) -> Iterator[Callable[[int], object]]:
    """Show no progress."""
    yield lambda done: None


def sweep(
    name: str,
    outcomes: Sequence[str] = (),
    default: Sequence[str] = (),
    *,
    out: Path | None = None,
    seed: int | None = None,
    progress: Progress = no_progress,
    **machines: Unpack[Machines],
) -> tuple[list[Point], Path, list[Outcome]]:
    """Simulate a config at every point of a sweep that is not in its folder.

    Return the points, their folder and the outcomes: the arguments of `sweep_table`. If `outcomes`,
    such as ``"majority:Lab:progressive"``, is empty, they are those that the file shows, or else
    `default`.

    `name`: a sweep file, or the name of a bundled sweep. `out`: folder of the points, by default
    `sweep_folder`. `seed`: takes precedence over the config. `progress`: called with the number of
    points.

    Raises ConfigError if the sweep or an outcome is wrong. Raises ResultsError if the folder holds
    something else, or cannot be written.
    """
    described = read_sweep(name)
    points = points_of(described, seed)
    plan = build_plan(points[0].config)
    build_scenarios(plan)  # so that a mistake in the pacts is reported before any work is done
    known = all_outcomes(plan)
    wanted = [parse_outcome(text, known) for text in outcomes or described.show or default]
    folder = out or sweep_folder(name)
    with progress(len(points)) as advance:
        run_sweep(points, folder, progress=advance, **machines)
    return points, folder, wanted


def sweep_folder(name: str) -> Path:
    """Return the default folder of the points of a sweep."""
    return Path("runs") / Path(name).stem


def run_sweep(points: list[Point], folder: Path, **how: Unpack[Execution]) -> int:
    """Compute the points of a sweep that are not in its folder, and return their number.

    `folder`: made if it does not exist. A point is added as soon as it is finished. ``progress`` is
    called first with the number of points in the folder, then with those just finished.

    Raises ConfigError if the parts of a point's config do not fit together. Raises ResultsError if
    the folder holds something else, or cannot be written.
    """
    progress, workers = how.get("progress"), how.get("workers")
    varied = (item for point in points for item in point.values.items())
    texts = {k for k, v in varied if isinstance(v, bool) or not isinstance(v, int | float)}
    with open_sweep(folder):
        lacking = missing_points(folder, [point.digest for point in points])
        missing = [point for point in points if point.digest in lacking]
        if progress is not None:
            progress(len(points) - len(missing))
        runs = (point.config for point in missing)
        if workers is None:
            threads = how.get("threads")
            results: Iterable[tuple[int, Rows]] = enumerate(point_rows(r, threads) for r in runs)
        else:
            results = workers.each(_rows_of_text, (config.model_dump_json() for config in runs))
        for place, rows in results:
            point = missing[place]
            write_point(folder, point.digest, _point_table(point, rows, texts))
            if progress is not None:
                progress(1)
        return len(missing)


def point_rows(config: Config, threads: int | None = None) -> Rows:
    """Simulate a run and return every outcome."""
    plan = build_plan(config)
    won = Won(plan, build_scenarios(plan), threads=threads)
    return [(o.scenario, o.name, o.group, *mean_and_error(o, won)) for o in all_outcomes(plan)]


def _rows_of_text(config: str) -> Rows:
    """Return `point_rows` of a config given as JSON, as checked configs cannot be pickled."""
    return point_rows(Config.model_validate_json(config), threads=1)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else inline(value)


def _point_table(point: Point, rows: Rows, texts: set[str]) -> pa.Table:
    """Return the rows of a point; options in `texts` are stored as text, others as numbers."""
    import pyarrow as pa

    columns: dict[str, Any] = {
        key: [_shown(value)] * len(rows) if key in texts else np.full(len(rows), value, float)
        for key, value in point.values.items()
    }
    names = ("scenario", "outcome", "group", "value", "mcse")
    return pa.table(columns | dict(zip(names, zip(*rows, strict=True), strict=True)))


@contextmanager
def open_sweep(folder: Path) -> Iterator[None]:
    """Make the folder of a sweep, or check that this version made it, and lock it.

    Raises ResultsError if the folder holds something else, was made by another program, cannot be
    written, or is held by another process.
    """
    about = {"schema_version": SCHEMA_VERSION, "program": program()}
    path = folder / "sweep.json"
    with readable(path, ResultsError, "Remove the folder, or choose another --out."):
        if path.is_file():
            _check(folder, json.loads(path.read_text(encoding="utf-8")))
        elif folder.exists() and not all(one.name.startswith(".") for one in folder.iterdir()):
            raise ResultsError(
                f"{folder}: exists and holds no sweep (sweep.json is missing). Choose another "
                "--out."
            )
    with writing(folder / "outcomes"):
        if not path.is_file():
            with new_file(path) as partial:
                partial.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
        yield


def _check(folder: Path, about: Any) -> None:
    if not isinstance(about, dict) or not isinstance(about.get("program"), dict):
        raise ValueError("it describes no sweep")
    other = differences(about["program"])
    if about.get("schema_version") != SCHEMA_VERSION or other:
        raise ResultsError(
            f"{folder}: made by another version of the program: {other or 'schema'}. Its points "
            "cannot stand beside new ones; choose another --out, or remove the folder."
        )


def point_folder(folder: Path, digest: str) -> Path:
    """Return the folder of a point."""
    return folder / "outcomes" / f"point={digest[:DIGITS]}"


def write_point(folder: Path, digest: str, table: pa.Table) -> None:
    """Add the rows of a point, whole or not at all.

    Raises ResultsError if it cannot be written, such as on a full disk.
    """
    import pyarrow.parquet as pq

    try:
        # A partial folder begins with a dot, so readers of the folder as a dataset ignore it.
        with new_folder(point_folder(folder, digest)) as partial:
            pq.write_table(table, partial / OUTCOMES, compression="zstd")
            write_manifest({"point": digest}, partial, MANIFEST)
    except ResultsError as error:
        raise ResultsError(
            f"{error} The points finished before are kept; make room, and the same command "
            "computes the missing ones."
        ) from error


def read_point(path: Path) -> tuple[str, pa.Table]:
    """Return the config's digest and the rows of the point in a folder.

    Raises ResultsError if a file is missing or was changed.
    """
    manifest = read_sealed(path / MANIFEST, MEND)
    return str(manifest.get("point")), stored_table(path, manifest, OUTCOMES, MEND)


def missing_points(folder: Path, digests: Iterable[str]) -> set[str]:
    """Return the points that a folder lacks.

    Raises ResultsError if one that it holds was changed, so that this is known before others are
    simulated.
    """
    every = {*digests}
    kept = {digest for digest in every if point_folder(folder, digest).exists()}
    if kept:
        read_points(folder, kept)
    return every - kept


def read_points(folder: Path, digests: Iterable[str]) -> pa.Table:
    """Return the rows of some points in one table, with the column ``point``.

    Raises ResultsError if a point is missing, or its files were changed or are those of another
    point.
    """
    import pyarrow as pa

    tables = []
    for digest in digests:
        path = point_folder(folder, digest)
        found, table = read_point(path)
        if found != digest:
            raise ResultsError(f"{path}: holds another point. {MEND}")
        tables.append(table.append_column("point", pa.array([digest[:DIGITS]] * len(table))))
    return pa.concat_tables(tables, promote_options="permissive")


def sweep_table(points: list[Point], folder: Path, wanted: list[Outcome]) -> Table:
    """Return a row per point of a folder: the varied options, and some outcomes.

    By default these are the seats of the largest parties or, with pacts, the differences that the
    last scenario makes to them.
    """
    found = _outcomes(folder, points)
    wanted = wanted or _largest(found)
    rows = []
    for point in points:
        name = point.digest[:DIGITS]
        row: dict[str, Any] = {"point": name}
        row |= {key: _shown(value) for key, value in point.values.items()}
        for outcome in wanted:
            value, error = found[outcome].get(name, (None, None))
            row |= {str(outcome): value, f"{outcome}_mcse": error}
        rows.append(row)
    draws = points[0].config.draws
    return table_of(
        points[0].sweep.title,
        (
            *columns("-point"),
            *(Column(key, short) for key, short in _short_names(list(points[0].values)).items()),
            *(column for outcome in wanted for column in _columns(outcome)),
        ),
        rows,
        f"{len(points)} points of {draws:,} simulated elections, the same at every point, so "
        "that differences between points are paired.",
        *definitions(wanted, points[0].config),
    )


def _outcomes(folder: Path, points: list[Point]) -> Found:
    found: Found = {}
    for stored in read_points(folder, [point.digest for point in points]).to_pylist():
        outcome = Outcome(stored["outcome"], stored["group"], stored["scenario"])
        found.setdefault(outcome, {})[stored["point"]] = (stored["value"], stored["mcse"])
    return found


def sweep_values(points: list[Point], folder: Path, wanted: list[Outcome]) -> list[Floats]:
    """Return the means of some outcomes, each of shape ``(point,)``.

    Raises ConfigError if a point lacks an outcome, because its parties or scenarios differ.
    """
    names = [point.digest[:DIGITS] for point in points]
    found = _outcomes(folder, points)
    for outcome in wanted:
        if len(found.get(outcome, ())) < len(set(names)):
            raise ConfigError(f"outcome {outcome}: not every point has it.")
    return [np.array([found[outcome][name][0] for name in names]) for outcome in wanted]


def _short_names(keys: list[str]) -> dict[str, str]:
    """Return the shortest unique end, in whole parts, of every dotted key."""
    parts = {key: key.split(".") for key in keys}
    return {
        key: next(
            ".".join(own[-n:])
            for n in range(1, len(own) + 1)
            if sum(own[-n:] == other[-n:] for other in parts.values()) == 1
        )
        for key, own in parts.items()
    }


def _largest(found: Found) -> list[Outcome]:
    """Return the default outcomes: seats, or their differences, of the largest parties."""
    last = list(found)[-1].scenario
    name = "seats" if last == NO_PACT else "difference"
    mean = {
        outcome.group: float(np.mean([value for value, _ in values.values()]))
        for outcome, values in found.items()
        if outcome.name == "seats" and outcome.scenario == NO_PACT and "+" not in outcome.group
    }
    return [Outcome(name, group, last) for group in sorted(mean, key=lambda g: -mean[g])[:SHOWN]]


def _columns(outcome: Outcome) -> tuple[Column, Column]:
    kind: Kind = "difference" if outcome.name == "difference" else "number"
    error: Kind = "number"
    if outcome.kind.is_chance:
        kind, error = "probability", "error"
    return (
        Column(str(outcome), outcome.words, kind),
        Column(f"{outcome}_mcse", "Standard error", error, data_only=True),
    )
