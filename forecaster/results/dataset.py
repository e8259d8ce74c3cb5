"""A run as an xarray Dataset: the same figures as the Parquet tables, with labelled axes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from forecaster.elections.election import read_election
from forecaster.results.build import QUANTILES, Tables, column, positions
from forecaster.vocabulary import (
    NATIONS,
    PARTIES,
    PARTY_NAMES,
    REGIONS,
    SEATS_IN_THE_COMMONS,
    VARIABLES,
)

if TYPE_CHECKING:
    import pyarrow as pa
    import xarray as xr


def to_dataset(tables: Tables) -> xr.Dataset:
    """Return the tables of a run as one Dataset.

    Returns
    -------
    xarray.Dataset
        Dimensions scenario, seat, party, draw, total and area; variables as registered in
        `vocabulary.VARIABLES`, with ``units`` and ``long_name``. NaN where a party does not
        stand. The manifest is in ``attrs["manifest"]`` as JSON.
    """
    import xarray as xr

    manifest = tables.manifest
    seats = read_election(manifest["base"]).seats
    scenarios, parties = manifest["scenarios"], manifest["parties"]
    areas = set(column(tables.national, "area"))
    axes: dict[str, list[str]] = {
        "scenario": scenarios,
        "seat": seats.code.tolist(),
        "party": parties,
        "area": [name for name in ("GB", *NATIONS) if name in areas],
    }
    coordinates = {
        **axes,
        "draw": np.arange(manifest["draws_kept"]),
        "total": np.arange(SEATS_IN_THE_COMMONS + 1),
        "seat_name": ("seat", seats.name),
        "nation": ("seat", np.array(NATIONS)[seats.nation]),
        "region": ("seat", np.array(REGIONS)[seats.region]),
        "latitude": ("seat", seats.latitude, {"units": "degrees_north"}),
        "longitude": ("seat", seats.longitude, {"units": "degrees_east"}),
        "party_name": ("party", [PARTY_NAMES[party] for party in parties]),
    }
    variables = {}
    for name in ("win_probability", "win_probability_mcse", "mean_share", *QUANTILES):
        variables[name] = _fill(tables.seats, name, axes)
    for name in ("elections", "elections_largest"):
        variables[name] = _counted(tables.distribution, name, axes)
    shape = (manifest["draws_kept"], len(scenarios), len(parties))
    variables["seats"] = column(tables.totals, "seats").reshape(shape)
    variables["national_share"] = _national(tables, axes)
    if tables.winners is not None:
        shape = (manifest["draws_kept"], len(scenarios), len(seats.code))
        codes = np.array([parties.index(p) if p in parties else -1 for p in PARTIES], np.int8)
        variables["winner"] = codes[column(tables.winners, "winner")].reshape(shape)
    return xr.Dataset(
        {
            name: (
                VARIABLES[name].dims,
                values,
                {"units": VARIABLES[name].unit, "long_name": VARIABLES[name].description},
            )
            for name, values in variables.items()
        },
        coords=coordinates,
        attrs={"title": manifest["title"], "manifest": json.dumps(manifest)},
    )


def _fill(table: pa.Table, name: str, axes: dict[str, list[str]]) -> np.ndarray:
    dims = VARIABLES[name].dims
    out = np.full([len(axes[dim]) for dim in dims], np.nan)
    out[tuple(positions(table, dim, axes[dim]) for dim in dims)] = column(table, name)
    return out


def _counted(table: pa.Table, name: str, axes: dict[str, list[str]]) -> np.ndarray:
    values = column(table, name)
    scenario, party = (positions(table, dim, axes[dim]) for dim in ("scenario", "party"))
    shape = (len(axes["scenario"]), len(axes["party"]), SEATS_IN_THE_COMMONS + 1)
    out = np.zeros(shape, values.dtype)
    standing = party >= 0
    total = column(table, "total")
    out[scenario[standing], party[standing], total[standing]] = values[standing]
    return out


def _national(tables: Tables, axes: dict[str, list[str]]) -> np.ndarray:
    draws = tables.manifest["draws_kept"]
    out = np.full((draws, len(axes["area"]), len(axes["party"])), np.nan, np.float32)
    out[
        column(tables.national, "draw"),
        positions(tables.national, "area", axes["area"]),
        positions(tables.national, "party", axes["party"]),
    ] = column(tables.national, "national_share")
    return out
