"""The estimated parameters: as a table, and as a model file that a run can name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np

from forecaster.calibration.estimate import Estimate, calibrate
from forecaster.calibration.nation_errors import calibrate_nations
from forecaster.calibration.residuals import Squeezes
from forecaster.columns import columns
from forecaster.config.load import default_model, default_parameters
from forecaster.config.parameters import Parameters
from forecaster.config.toml import inline, model_text
from forecaster.polls.by_elections import squeezes
from forecaster.polls.data import day_of
from forecaster.swing.tactical import PAIRS
from forecaster.table import Table


def squeezes_before(leave_out: str | None, parameters: Parameters) -> dict[str, Squeezes]:
    """Return how far the first bloc gathered at the by-elections before each election."""
    bloc = parameters.swing.tactical.value[0]
    out = {}
    for name in PAIRS:
        if name != leave_out:
            found = squeezes(day_of(name) - timedelta(days=1), bloc, parameters)
            moved = np.array([one.moved for one in found])
            out[name] = Squeezes(moved, np.array([one.expected for one in found]))
    return out


def estimates(leave_out: str | None) -> list[Estimate]:
    """Estimate swing, tactical voting and the error of seats, one election left out or none."""
    parameters = default_parameters()
    found = calibrate(leave_out, parameters, squeezes_before(leave_out, parameters))
    used = [name for name in PAIRS if name != leave_out]
    return [*calibrate_nations(used, parameters.national), *found]


def changes_without(leave_out: str) -> dict[str, Any]:
    """Return the estimates as changes of a config, for a run that may not know an election."""
    return {f"parameters.{one.key}.value": one.value for one in estimates(leave_out)}


def estimates_table(leave_out: str | None) -> Table:
    """Return a row per parameter and party: estimate, standard error and method."""
    rows: list[dict[str, Any]] = []
    for one in estimates(leave_out):
        for name, value, error in _flat(one.value, one.error):
            rows.append(
                {
                    "key": one.key,
                    "name": name,
                    "value": value,
                    "standard_error": error,
                    "elections": one.elections,
                    "seats": one.seats,
                    "method": one.method,
                }
            )
    methods = {row["key"]: row["method"] for row in rows}
    used = [name for name in PAIRS if name != leave_out]
    return Table(
        "The swing, tactical voting, and the error of nations and seats",
        columns(
            "key=Parameter | name=Of | value:fraction!=Estimate | standard_error | -elections | "
            "-seats | -method"
        ),
        rows,
        (
            f"From {', '.join(used)}, in points of the vote at the party's reference share.",
            *(f"{key}: {method}." for key, method in methods.items()),
        ),
    )


def model_file(leave_out: str | None) -> str:
    """Return a model file: the embedded one with the estimates in the place of its values."""
    document = default_model()
    used = [name for name in PAIRS if name != leave_out]
    for one in estimates(leave_out):
        group, name = one.key.split(".")
        quantity = document[group][name]
        quantity["value"] = one.value
        quantity["source"] = (
            f"'forecast calibrate model' on {', '.join(used)}: {one.method}. "
            f"Standard errors {inline(one.error)}"
        )
    return model_text(document, head("model", leave_out))


def head(what: str, leave_out: str | None) -> str:
    """Return the comment at the head of a model file that ``forecast calibrate`` writes."""
    left = f", {leave_out} left out" if leave_out else ""
    return (
        f"Parameters of the model, written by 'forecast calibrate {what} --out FILE'{left}.\nEvery "
        "value carries its unit and its source; one without a source is refused. The error of the\n"
        "polls is no parameter: every run learns it from past elections ('forecast polls')."
    )


def _flat(value: Any, error: Any, prefix: str = "") -> list[tuple[str, float, float | None]]:
    if isinstance(value, list):
        parts = zip(value, error, strict=False)
        return [row for one, own in parts for row in _flat(one, own, "+".join(one["members"]))]
    if not isinstance(value, dict):
        return [(prefix or "all", value, error)]
    rows = []
    for key, item in value.items():
        if isinstance(error, dict) and key in error:
            rows += _flat(item, error[key], f"{prefix} {key}".strip())
    return rows
