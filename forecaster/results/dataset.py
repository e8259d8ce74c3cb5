"""Convert a run to an xarray Dataset: the figures of the tables with labelled axes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from forecaster.elections.election import seat_coordinates
from forecaster.elections.tragedy import DEFINITIONS
from forecaster.results.run import RunTables, positions
from forecaster.vocabulary import NATIONS, PARTIES, PARTY_NAMES, SEATS_IN_THE_COMMONS, VARIABLES

if TYPE_CHECKING:
    import xarray as xr

TABLE_OF = {
    "seats": ("scenario", "seat", "party"),
    "distribution": ("scenario", "party", "total"),
    "totals": ("draw", "scenario", "party"),
    "national": ("draw", "area", "party"),
    "winners": ("draw", "scenario", "seat"),
    "pact_effects": ("scenario", "pact", "seat"),
    "tragedies": ("definition", "seat"),
    "tragedy_totals": ("draw", "definition"),
}
"""Axes of each table of a run, by which the table of a variable is found."""


def to_dataset(run: RunTables) -> xr.Dataset:
    """Return the tables of a run as one Dataset.

    Its dimensions are scenario, seat (by name), party, draw, total, area, definition and, with
    pacts, pact. The variables are those of `vocabulary.VARIABLES`, with ``units`` and
    ``long_name``. They are NaN where a party does not stand or a pact does not hold. The manifest
    is in ``attrs["manifest"]`` as JSON.
    """
    import xarray as xr

    axes = _axes(run)
    variables = {}
    for name, about in VARIABLES.items():
        table = next(t for t, dims in TABLE_OF.items() if dims == about.dims)
        if table in run.tables:
            values = _spread(run, table, name, [axes[dim] for dim in about.dims], about.dims)
            described = {"units": about.unit, "long_name": about.description}
            variables[name] = (about.dims, values, described)
    used = {dim for dims, *_ in variables.values() for dim in dims}
    coordinates: dict[str, Any] = {dim: axes[dim] for dim in axes if dim in used}
    return xr.Dataset(
        variables,
        coords={
            **coordinates,
            **seat_coordinates(run.places),
            "party_name": ("party", [PARTY_NAMES[party] for party in run.parties]),
        },
        attrs={"title": run.title, "manifest": json.dumps(run.manifest)},
    )


def _axes(run: RunTables) -> dict[str, Any]:
    areas = set(run.drawn_shares[0])
    pacts = [pact["name"] for name in run.scenarios for pact in run.pacts(name)]
    return {
        "scenario": run.scenarios,
        "seat": run.places.name.tolist(),
        "party": run.parties,
        "area": [name for name in ("GB", *NATIONS) if name in areas],
        "draw": np.arange(run.kept),
        "total": np.arange(SEATS_IN_THE_COMMONS + 1),
        "pact": list(dict.fromkeys(pacts)),
        "definition": list(DEFINITIONS),
    }


def _spread(
    run: RunTables, table: str, name: str, axes: list[Any], dims: tuple[str, ...]
) -> npt.NDArray[Any]:
    """Return a column of a table as an array over axes; without a row NaN, or 0 for counts."""
    values = run.column(table, name)
    if name == "winner":
        codes = np.array([run.parties.index(p) if p in run.parties else -1 for p in PARTIES])
        return np.asarray(codes.astype(np.int8)[run.winners])
    shape = [len(axis) for axis in axes]
    if len(values) == np.prod(shape) and "draw" in dims:
        return np.asarray(values.reshape(shape))
    empty = 0 if table == "distribution" else np.nan
    out = np.full(shape, empty, values.dtype if table in ("distribution", "national") else float)
    at = [_places(run, table, dim, axis) for dim, axis in zip(dims, axes, strict=True)]
    known = np.all([place >= 0 for place in at], axis=0)
    out[tuple(place[known] for place in at)] = values[known]
    return out


def _places(run: RunTables, table: str, dim: str, axis: Any) -> npt.NDArray[Any]:
    """Return the index on an axis of every row of a table; -1 if the axis lacks it."""
    if dim in ("draw", "total"):
        return run.column(table, dim)
    return positions(run.tables[table], "name" if dim == "seat" else dim, list(axis))
