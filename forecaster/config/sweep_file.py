"""Sweep files: which options of a config are varied, over what, and in which design."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Discriminator, Field, Tag, model_validator

from forecaster.config.config import MAX_DRAWS, Config
from forecaster.config.load import digest, given, load_config
from forecaster.config.parameters import NO_BOOLEAN, Closed, Real
from forecaster.config.toml import check, find_beside, inline, read_toml
from forecaster.errors import ConfigError
from forecaster.resources import root

MOST_POINTS = 100_000

WHOLE = frozenset({"from", "to", "source", "form"})
"""Keys of tables that are values as a whole: spans, national shares, strengths of a pact."""


class Span(Closed):
    """Numbers between two ends, which are included."""

    start: Real = Field(alias="from")
    """lowest value"""
    to: Real
    """highest value"""
    steps: Annotated[int, Field(ge=2, le=MOST_POINTS), NO_BOOLEAN] | None = None
    """grid: number of equal steps, both ends counted"""

    @model_validator(mode="after")
    def _rising(self) -> Span:
        if self.start >= self.to:
            raise ValueError(f"from ({self.start:g}) must be below to ({self.to:g})")
        return self


def _values_kind(value: object) -> str:
    return "span" if isinstance(value, dict | Span) else "list"


Values = Annotated[
    Annotated[Span, Tag("span")] | Annotated[tuple[Any, ...], Tag("list")],
    Discriminator(_values_kind),
]


class Sweep(Closed):
    """A config to be simulated at many points, each a setting of the varied options."""

    title: str
    """printed above the table"""
    config: str
    """config that is varied: a file, or the name of an embedded one"""
    pacts: tuple[str, ...] = ()
    """further scenarios, as --pact: a pact file each, or A+B"""
    draws: Annotated[int, Field(ge=1, le=MAX_DRAWS), NO_BOOLEAN] | None = None
    """simulated elections at every point; the config's if left out"""
    design: Literal["grid", "latin-hypercube"] = "grid"
    """grid: every value with every other. latin-hypercube: a number of points"""
    points: Annotated[int, Field(ge=2, le=MOST_POINTS), NO_BOOLEAN] | None = None
    """latin-hypercube: number of points"""
    set: dict[str, Any] = Field(default_factory=dict)
    """options that are the same at every point, as --set"""
    vary: dict[str, Values] = Field(min_length=1)
    """by option: a list of values, or { from, to, steps } (no steps: hypercube)"""
    show: tuple[str, ...] = ()
    """outcomes to print, as 'majority:Lab:progressive'"""

    @model_validator(mode="after")
    def _complete(self) -> Sweep:
        self._check_given("points", self.points, self.design == "latin-hypercube")
        for key, values in self.vary.items():
            if isinstance(values, Span):
                self._check_given("steps", values.steps, self.design == "grid", f"vary.{key}: ")
            elif len(values) < 1:
                raise ValueError(f"vary.{key}: no value")
        return self

    def _check_given(self, name: str, value: object, needed: bool, where: str = "") -> None:
        if (value is not None) != needed:
            verb = "needs" if needed else "does not take"
            raise ValueError(f"{where}the design {self.design!r} {verb} {name!r}")


@dataclass(frozen=True)
class Point:
    """One point of a sweep, whose config has been checked."""

    values: dict[str, Any]
    """Values of the varied options."""
    digest: str
    """Digest of the checked config."""
    changes: dict[str, Any]
    """Changes, by dotted key, that turn the sweep's config into that of the point."""
    sweep: Sweep

    @property
    def config(self) -> Config:
        """The config, read again each time: those of thousands of points would fill memory."""
        return load_config(self.sweep.config, self.changes, self.sweep.pacts)


def is_sweep(name: str) -> bool:
    """Return whether a name that `read_sweep` takes is a sweep rather than a config."""
    path = Path(name)
    if path.is_file():
        return "vary" in read_toml(path)
    return (root() / "configs" / "sweeps" / f"{path.stem}.toml").is_file()


def read_sweep(name: str) -> Sweep:
    """Read and check a sweep, by the path of a file or the name of a bundled one.

    Raises ConfigError with every mistake on a line of its own.
    """
    file = name if Path(name).is_file() else f"sweeps/{Path(name).stem}.toml"
    path = find_beside(None, file, "sweep")
    document = read_toml(path)
    for table in ("set", "vary"):
        if isinstance(document.get(table), dict):
            document[table] = dict(_flat(document[table]))
    if isinstance(document.get("config"), str):
        file = document["config"]
        file = file if file.endswith(".toml") else f"{file}.toml"
        document["config"] = str(find_beside(path, file, "config"))
    return check(Sweep, document, str(path))


def points_of(sweep: Sweep, seed: int | None = None) -> list[Point]:
    """Return every point of a sweep, its config checked.

    All points share the seed of the config, or `seed`, and so the same random numbers.

    Raises ConfigError if a varied option does not exist or a value does not fit; the message names
    the point.
    """
    fixed = sweep.set | given(draws=sweep.draws, seed=seed)
    points = []
    for values in _design(sweep):
        changes = fixed | values
        try:
            config = load_config(sweep.config, changes, sweep.pacts)
        except ConfigError as error:
            where = ", ".join(f"{key}={inline(value)}" for key, value in values.items())
            raise ConfigError(f"at the point {where}:\n{error}") from None
        points.append(Point(values, digest(config), changes, sweep))
    return points


def _flat(table: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield dotted keys and values from a table that may be nested.

    ``errors.national = [0, 1]`` and ``"errors.national" = [0, 1]`` are the same. A table counts as
    a value if its quoted key has a dot, or if it has one of the keys in `WHOLE`.
    """
    for key, value in table.items():
        if isinstance(value, dict) and "." not in key and not WHOLE & set(value):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def _design(sweep: Sweep) -> Iterator[dict[str, Any]]:
    keys = list(sweep.vary)
    if sweep.design == "grid":
        axes = [_steps(values) for values in sweep.vary.values()]
        size = int(np.prod([len(axis) for axis in axes], dtype=float))
        if size > MOST_POINTS:
            raise ConfigError(
                f"the grid has {size:,} points, at most {MOST_POINTS:,}. Take fewer steps, or "
                "design = 'latin-hypercube'."
            )
        for values in product(*axes):
            yield dict(zip(keys, values, strict=True))
        return
    from scipy.stats import qmc

    # The design belongs to the sweep and does not change with the seed of the run.
    for row in qmc.LatinHypercube(len(keys), rng=1).random(sweep.points):
        picked = (_at(values, float(u)) for values, u in zip(sweep.vary.values(), row, strict=True))
        yield dict(zip(keys, picked, strict=True))


def _steps(values: Values) -> list[Any]:
    if not isinstance(values, Span):
        return list(values)
    # Rounded so that 0.3 is not shown as 0.30000000000000004.
    return [round(float(x), 12) for x in np.linspace(values.start, values.to, values.steps or 2)]


def _at(values: Values, u: float) -> Any:
    if isinstance(values, Span):
        return round(values.start + u * (values.to - values.start), 12)
    return values[int(u * len(values))]
