"""Provenance of a run: what would be needed to get the same numbers again."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import Any

from forecaster.config.load import digest
from forecaster.resources import catalogue
from forecaster.simulation.plan import Plan
from forecaster.simulation.scenarios import Scenarios
from forecaster.vocabulary import BOUNDARIES

LIBRARIES = ("numpy", "numba", "pyarrow")


def build_manifest(
    plan: Plan, scenarios: Scenarios, parties: list[str], kept: int, timings: dict[str, float]
) -> dict[str, Any]:
    """Return the manifest of a run, ready for JSON.

    Parameters
    ----------
    plan : Plan
    scenarios : Scenarios
    parties : list of str
        The party axis of the totals.
    kept : int
        Number of draws that are stored one by one.
    timings : dict
        Seconds by stage.
    """
    run = plan.run
    data = {path: entry["sha256"] for path, entry in catalogue().items()}
    if run.base.seats is not None:
        data[run.base.seats.path] = run.base.seats.sha256
    return {
        "title": run.title,
        "scenarios": list(scenarios.names),
        "draws": run.draws,
        "draws_kept": kept,
        "cluster": run.cluster,
        "seed": run.seed,
        "base": run.base.election,
        "boundaries": BOUNDARIES[run.base.election],
        "start": run.base.start,
        "national_source": plan.targets.source,
        "parties": parties,
        "config_digest": digest(run),
        "config": run.model_dump(mode="json"),
        "data": data,
        "versions": {
            "forecaster": version("forecaster"),
            "python": platform.python_version(),
            **{name: version(name) for name in LIBRARIES},
        },
        "timings": {name: round(seconds, 3) for name, seconds in timings.items()},
    }
