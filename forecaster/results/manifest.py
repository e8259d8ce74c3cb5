"""The manifest of a run: all that is needed to get the same numbers again."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import Any

from forecaster.config.load import digest
from forecaster.plan.build import Plan
from forecaster.plan.scenarios import Scenarios
from forecaster.resources import catalogue
from forecaster.simulation.blocks import Counts
from forecaster.version import VERSION
from forecaster.vocabulary import BOUNDARIES

LIBRARIES = ("numpy", "numba", "pyarrow")


def build_manifest(
    plan: Plan, scenarios: Scenarios, parties: list[str], counts: Counts, timings: dict[str, float]
) -> dict[str, Any]:
    """Return the manifest of a run, ready for JSON.

    `parties`: the party axis of the totals. `timings`: seconds by stage.
    """
    config = plan.config
    source = provenance()
    source["data"] |= {one.file: one.sha256 for one in config.base.seats}
    return {
        "title": config.headline,
        "scenarios": list(scenarios.names),
        "draws": config.draws,
        "draws_kept": counts.kept,
        "draws_of_shares": counts.draws_of_shares,
        "cluster": config.cluster,
        "seed": config.seed,
        "base": config.base.election,
        "boundaries": BOUNDARIES[config.base.election],
        "start": config.base.start,
        "national_source": plan.targets.source,
        "notes": file_notes(plan, scenarios),
        "parties": parties,
        "config_digest": digest(config),
        "config": config.model_dump(mode="json"),
        **source,
        "timings": {name: round(seconds, 3) for name, seconds in timings.items()},
    }


def provenance() -> dict[str, dict[str, str]]:
    """Return what any run is made from: checksums of the embedded data, and versions."""
    return {
        "data": {path: entry["sha256"] for path, entry in catalogue().items()},
        "versions": {
            "forecaster": VERSION,
            "python": platform.python_version(),
            **{name: version(name) for name in LIBRARIES},
        },
    }


def file_notes(plan: Plan, scenarios: Scenarios) -> list[str]:
    """Return notes on parts of the user's files that are not used."""
    of_pacts = (note for seats in scenarios.pacts for note in seats.notes)
    return list(dict.fromkeys([*plan.base.notes, *plan.targets.notes, *of_pacts]))
