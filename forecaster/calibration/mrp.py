"""How far published seat estimates missed: the error of a run that is centred on some."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from forecaster.arrays import Floats
from forecaster.calibration import model_file as model_calibration
from forecaster.calibration.laws import jackknife
from forecaster.calibration.published import Published, read_published
from forecaster.calibration.seat_estimates import seat_miss
from forecaster.columns import columns
from forecaster.config.load import default_model, load_config
from forecaster.config.parameters import Parameters
from forecaster.config.toml import model_text
from forecaster.elections.election import read_election
from forecaster.elections.estimates import Estimates
from forecaster.errors import ConfigError, DataError
from forecaster.polls.data import THREE, last_day
from forecaster.polls.error import ErrorModel, fit_error
from forecaster.swing.base import OTHER, to_columns
from forecaster.swing.tactical import PAIRS
from forecaster.table import Table
from forecaster.vocabulary import BALLOT, suggest

FACTORS = ("national", "shared", "own")


@dataclass(frozen=True)
class Miss:
    """How one forecast missed, in units of the errors of polls and swing.

    Attributes
    ----------
    election, forecast : str
    factors : ndarray, shape (3,)
        By `FACTORS`.
    """

    election: str
    forecast: str
    factors: Floats


def misses(folder: Path, names: tuple[str, ...], leave_out: str | None) -> list[Miss]:
    """Return how the forecasts of a folder missed.

    Parameters
    ----------
    folder : Path
    names : tuple of str
        Forecasts to read, as `analysis.backtest` names them; all that give shares if empty.
    leave_out : str or None
        Election whose result is not read.

    Raises
    ------
    ConfigError
        If an election or a forecast is not known.
    DataError
        If the folder holds no forecasts of shares, or a file in it is damaged.
    """
    if leave_out is not None and leave_out not in PAIRS:
        raise ConfigError(
            f"--leave-out {leave_out!r}: no such election. {suggest(leave_out, PAIRS)}"
        )
    found = [one for one in read_published(folder, tuple(PAIRS)) if not one.chances]
    known = [one.name for one in found]
    for name in names:
        if name not in known:
            raise ConfigError(
                f"--forecast {name!r}: not among the forecasts of shares in {folder}. "
                f"{suggest(name, known)}"
            )
    chosen = [
        one for one in found if one.election != leave_out and (not names or one.name in names)
    ]
    if not chosen:
        raise DataError(f"{folder}: no forecasts of shares left to learn from.")
    changes = model_calibration.changes_without(leave_out) if leave_out else {}
    parameters = load_config("next-election", changes).parameters
    error = fit_error(last_day(), [leave_out] if leave_out else [])
    return [_miss(one, parameters, error) for one in chosen]


def _miss(one: Published, parameters: Parameters, error: ErrorModel) -> Miss:
    election = read_election(one.election)
    shares = to_columns(election, one.values)
    # Some publish no others; what is missing is theirs.
    shares[:, OTHER] += np.maximum(1 - shares.sum(1), 0)
    shares /= shares.sum(1, keepdims=True)
    found = seat_miss(
        one.election, Estimates(shares * one.covered[:, None], one.covered), parameters
    )
    britain = found.britain[[BALLOT["England"].index(party) for party in THREE]]
    national = float(np.sqrt(np.mean((britain / error.base) ** 2)))
    return Miss(one.election, one.name, np.array([national, found.shared, found.own]))


def pooled(found: list[Miss]) -> tuple[Floats, Floats, int]:
    """Return the factors, their standard errors and the number of elections.

    Root mean squares over elections of the mean squares of an election's forecasts, which miss
    together; standard errors from leaving out each election (NaN with one).
    """
    elections = sorted({one.election for one in found})
    squares = np.array(
        [np.mean([m.factors**2 for m in found if m.election == e], axis=0) for e in elections]
    )
    factors = np.sqrt(squares.mean(0))
    if len(elections) < 2:
        return factors, np.full(len(FACTORS), np.nan), len(elections)
    without = np.sqrt([np.delete(squares, e, 0).mean(0) for e in range(len(elections))])
    errors = np.array([jackknife(without[:, k]) for k in range(len(FACTORS))])
    return factors, errors, len(elections)


def mrp_table(found: list[Miss]) -> Table:
    """Return a row per forecast and one of all: factors and standard errors."""
    rows: list[dict[str, Any]] = [
        {"election": one.election, "forecast": one.forecast, **_cells(one.factors)} for one in found
    ]
    factors, errors, elections = pooled(found)
    rows.append({"election": "all", "forecast": "each election once", **_cells(factors)})
    rows.append({"election": "all", "forecast": "standard error", **_cells(errors)})
    return Table(
        "How far published seat estimates missed",
        columns("election | forecast:text=Forecast | national | shared | own"),
        rows,
        (
            "National: root mean square of what Con, Lab and LD missed in Great Britain, in units "
            "of what final polls miss. Shared and own: factors on the standard deviations of the "
            "swing model's slopes and regions and of its seats' own error that fit the misses once "
            "the estimates are moved to the true national shares.",
            f"Forecasts of one election miss together, so that each of the {elections} elections "
            "counts once, and standard errors are from leaving out each.",
        ),
    )


def mrp_model(found: list[Miss], leave_out: str | None) -> str:
    """Return a model file: the embedded one with the factors in the place of its values."""
    factors, errors, elections = pooled(found)
    document = default_model()
    used = "; ".join(
        f"{e}: {', '.join(m.forecast for m in found if m.election == e)}"
        for e in sorted({m.election for m in found})
    )
    for name, factor, error in zip(FACTORS, factors.tolist(), errors.tolist(), strict=True):
        quantity = document["estimates"][name]
        quantity["value"] = round(factor, 2)
        quantity["source"] = (
            f"'forecast calibrate mrp' on {used}: root mean square over {elections} elections. "
            f"Standard error {error:.2f}"
        )
    return model_text(document, model_calibration.head("mrp DIR", leave_out))


def _cells(factors: Floats) -> dict[str, float | None]:
    return {
        name: None if np.isnan(value) else round(value, 3)
        for name, value in zip(FACTORS, factors.tolist(), strict=True)
    }
