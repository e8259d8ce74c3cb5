"""The estimated parameters as a table, and as a model file for a run."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from forecaster.calibration.estimate import ParameterEstimate, calibrate, calibrate_other
from forecaster.calibration.nation_errors import calibrate_nations
from forecaster.calibration.residuals import elections_but
from forecaster.columns import table_of
from forecaster.config.load import default_model, default_parameters
from forecaster.config.toml import inline, model_text
from forecaster.table import Table


def estimates(leave_out: str | None) -> list[ParameterEstimate]:
    """Estimate swing, tactical voting and the errors of nations and seats.

    `leave_out`: election that is not evaluated.

    Raises ConfigError if the election to leave out is not known.
    """
    parameters, elections = default_parameters(), elections_but(leave_out)
    other = calibrate_other(elections, parameters)
    parameters = parameters.replaced({other.key: other.value})
    found = calibrate(elections, parameters)
    return [*calibrate_nations(elections, parameters.national), other, *found]


def changes_without(leave_out: str) -> dict[str, Any]:
    """Return the estimates as changes of a config, for a run that must not know an election."""
    return {f"parameters.{one.key}.value": one.value for one in estimates(leave_out)}


def estimates_table(leave_out: str | None) -> Table:
    """Return a row per parameter and party: estimate, standard error and method."""
    found, used = estimates(leave_out), ", ".join(elections_but(leave_out))
    rows: list[dict[str, Any]] = [
        asdict(one) | {"name": name, "value": value, "standard_error": error}
        for one in found
        for name, value, error in _flat(one.value, one.error)
    ]
    return table_of(
        "The swing, tactical voting, and the error of nations and seats",
        "key=Parameter | name=Of | value:fraction!=Estimate | standard_error | -elections | "
        "-seats | -method",
        rows,
        f"From {used}, in points of the vote at the party's reference share.",
        *(f"{one.key}: {one.method}." for one in found),
    )


def model_file(leave_out: str | None) -> str:
    """Return the bundled model file with the estimates in place of its values."""
    document, used = default_model(), ", ".join(elections_but(leave_out))
    for one in estimates(leave_out):
        group, name = one.key.split(".")
        quantity = document[group][name]
        quantity["value"] = one.value
        quantity["source"] = (
            f"'forecast calibrate model' on {used}: {one.method}. "
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
    """Return the numbers of a parameter that have a standard error, each with its name."""
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
