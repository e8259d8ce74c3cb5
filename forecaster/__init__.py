"""Monte Carlo forecaster of UK general elections and of what an electoral pact would change.

>>> import forecaster
>>> forecaster.load_election("2019").votes.sel(seat="E14000786", party="LD").item()
23811
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr

    from forecaster.config.config import Config

__all__ = ["load_election", "open_run", "simulate"]


def load_election(name: str) -> xr.Dataset:
    """Return an election of the embedded data.

    Parameters
    ----------
    name : str
        ``"2010"``, ``"2015"``, ``"2017"``, ``"2019"``, ``"2024"``, or one re-estimated on the
        next boundaries: ``"2005-notional"``, ``"2019-notional"``.

    Returns
    -------
    xarray.Dataset
        Dimensions seat and party, with units and descriptions.

    Raises
    ------
    forecaster.errors.DataError
        If there is no such election, or its files are damaged.
    """
    from forecaster.elections.election import election_dataset, read_election

    return election_dataset(read_election(name))


def simulate(
    config: str | os.PathLike[str] | Config,
    *,
    draws: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    out: str | os.PathLike[str] | None = None,
    keep_draws: int = 100_000,
    keep_winners: bool = False,
) -> xr.Dataset:
    """Simulate many elections.

    Parameters
    ----------
    config : str, path or Run
        A TOML file, the name of an embedded config (``"next-election"``), or a checked `Config`.
    draws, seed : int, optional
        Instead of those of the config.
    threads : int, optional
        Default: all processors. The result does not depend on it.
    out : path, optional
        Folder to store the run in; it must not exist. Without it nothing is stored.
    keep_draws : int
        The first draws, as many as this, are stored one by one: totals, national shares.
    keep_winners : bool
        Keep who won each seat in each draw that is stored (one byte each).

    Returns
    -------
    xarray.Dataset
        As `open_run` gives it.

    Raises
    ------
    forecaster.errors.ConfigError
        If the config is wrong, saying where and how to mend it.
    forecaster.errors.DataError
        If an embedded table is missing or was changed.
    forecaster.errors.ResultsError
        If `out` exists or cannot be written.
    """
    from functools import partial
    from pathlib import Path

    from forecaster.config.config import Config
    from forecaster.config.files import check
    from forecaster.config.load import load_config
    from forecaster.pipeline import simulate_run, simulate_to
    from forecaster.results.dataset import to_dataset

    given = {"draws": draws, "seed": seed}
    overrides = [f"{key}={value}" for key, value in given.items() if value is not None]
    if isinstance(config, Config):
        changed = {key: value for key, value in given.items() if value is not None}
        run = check(Config, {**config.model_dump(), **changed}, "config")
    else:
        run = load_config(os.fspath(config), overrides)
    store = simulate_run if out is None else partial(simulate_to, Path(out))
    tables = store(run, threads=threads, keep_draws=keep_draws, keep_winners=keep_winners)
    return to_dataset(tables)


def open_run(path: str | os.PathLike[str]) -> xr.Dataset:
    """Read a stored run.

    Parameters
    ----------
    path : path
        A run folder, as written by ``forecast simulate`` or `simulate`.

    Returns
    -------
    xarray.Dataset
        Dimensions scenario, seat, party, draw and area; every variable with its unit and a
        description. NaN where a party does not stand.

    Raises
    ------
    forecaster.errors.ResultsError
        If there is no run, it has another schema version, or a file is damaged.
    """
    from pathlib import Path

    from forecaster.results.dataset import to_dataset
    from forecaster.results.store import read_tables

    return to_dataset(read_tables(Path(path)))
