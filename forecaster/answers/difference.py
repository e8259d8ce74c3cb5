"""Compare two runs: seats, the chances that moved most, and the differences behind them."""

from __future__ import annotations

from collections.abc import Iterator
from math import hypot
from typing import Any

import numpy as np

from forecaster.answers.summary import MAJORITY_NOTE, one_digit, precision_note
from forecaster.columns import table_of
from forecaster.errors import ConfigError
from forecaster.results.precision import average, chance, interval
from forecaster.results.run import RunTables
from forecaster.table import Table
from forecaster.vocabulary import MAJORITY, NATIONS, NO_PACT, PARTIES, REGIONS

KINDS = {
    "national": "national shares",
    "parameters": "model",
    "model": "model",
    "swing": "model",
    "errors": "model",
    "scenarios": "pacts",
    "base": "base",
    "ballot": "candidates",
    "data": "data",
    "versions": "program",
}
"""What a difference is about, by its first key; all others are about the draws."""


def difference_table(first: RunTables, second: RunTables, scenario: str = NO_PACT) -> Table:
    """Return seats by party in two runs: the first, the second, and their difference.

    Runs with the same seed have the same random numbers, so differences are paired, election by
    election. Otherwise the errors of both runs are combined.
    """
    one, two = (
        (run.manifest["seed"], run.manifest["base"], run.kept, run.cluster)
        for run in (first, second)
    )
    paired = one == two
    rows: list[dict[str, Any]] = []
    for party in dict.fromkeys((*first.parties, *second.parties)):
        before, after = (run.won(scenario, (party,)).astype(int) for run in (first, second))
        row: dict[str, Any] = {
            "group": party,
            **average("without", before, first.cluster),
            **average("with", after, second.cluster),
        }
        if paired:
            row |= average("difference", after - before, first.cluster)
            row |= interval(after - before, "difference")
        else:
            row |= {"difference": row["with"] - row["without"]}
            row |= {"difference_mcse": hypot(row["without_mcse"], row["with_mcse"])}
        row |= chance("majority_without", before >= MAJORITY, first.cluster)
        row |= chance("majority_with", after >= MAJORITY, second.cluster)
        if row["with"] > 0 or row["without"] > 0:
            rows.append(row)
    rows.sort(key=lambda row: -max(row["with"], row["without"]))
    largest = max(float(row["difference_mcse"]) for row in rows)
    how = (
        "The same seed: differences are taken election by election"
        if paired
        else "Other draws or another base: differences are of two independent means"
    )
    return table_of(
        "Seats, the first run and the second",
        "group=Party | without=First | with=Second | difference | "
        + ("difference_p5 | difference_p95 | " if paired else "")
        + "majority_without=Majority in the first | majority_with=in the second",
        rows,
        f"First: {first.title}. Second: {second.title}. {MAJORITY_NOTE}",
        f"{how}; their standard error is at most {one_digit(largest)} seats.",
        precision_note(min(first.kept, second.kept)),
    )


def moved_table(first: RunTables, second: RunTables, scenario: str = NO_PACT) -> Table:
    """Return a row per seat, in descending order of how much its chances moved.

    That is half the sum of the absolute changes of the parties' chances.

    Raises ConfigError if the runs are on different boundaries.
    """
    places = first.places
    if places.boundaries != second.places.boundaries:
        raise ConfigError(
            f"the first run is on boundaries of {places.boundaries}, the second on those of "
            f"{second.places.boundaries}: seats cannot be told side by side."
        )
    at = [(run.chances, run.scenarios.index(scenario)) for run in (first, second)]
    wins = [np.nan_to_num(chances.win[k]) for chances, k in at]
    errors = [chances.win_mcse[k] for chances, k in at]
    moved = np.abs(wins[1] - wins[0]).sum(1) / 2
    rows = []
    for i in np.argsort(-moved, kind="stable"):
        row: dict[str, Any] = {
            "seat": str(places.code[i]),
            "name": str(places.name[i]),
            "region": REGIONS[places.region[i]],
            "nation": NATIONS[places.nation[i]],
            "moved": float(moved[i]),
        }
        for key, win, error in zip(("first", "second"), wins, errors, strict=True):
            best = int(win[i].argmax())
            row[f"favourite_{key}"] = PARTIES[best]
            row[f"chance_{key}"] = float(win[i, best])
            row[f"chance_{key}_mcse"] = float(error[i, best])
        rows.append(row)
    return table_of(
        "Seats whose chances moved most",
        "seat | name | region | -nation | favourite_first=First | "
        "chance_first:probability~=Chance | favourite_second=Second | "
        "chance_second:probability~=Chance | moved:probability=Moved",
        rows,
        "Moved: half the sum of the changes of all parties' chances; never less than none, so "
        "runs of other draws move a little by chance alone.",
        precision_note(min(first.draws, second.draws)),
    )


def why_table(first: RunTables, second: RunTables) -> Table:
    """Return a row per difference between two runs: national shares, model, pacts, data, draws."""
    found = [("national.shares", "–", _shares_moved(first, second))]
    found += _differences(_facts(first.manifest), _facts(second.manifest))
    order = list(dict.fromkeys(KINDS.values()))
    rows = [
        {"about": about, "option": key, "first": one, "second": two}
        for key, one, two in found
        if one != two
        for about in [KINDS.get(key.split(".")[0], "draws")]
    ]
    rows.sort(key=lambda row: [*order, row["about"]].index(row["about"]))
    return table_of(
        "Why they differ",
        "about | option | first:text=First | second:text=Second",
        rows,
        *() if rows else ("Nothing differs: the same config, data and program.",),
    )


def _shares_moved(first: RunTables, second: RunTables) -> str:
    """Return a text with the changes of the mean shares in Great Britain, in points."""
    means: list[dict[str, float]] = []
    for run in (first, second):
        areas, parties, drawn = run.drawn_shares
        here = zip(areas, parties, drawn.mean(0).tolist(), strict=True)
        means.append({party: mean for area, party, mean in here if area == "GB"})
    points = {p: 100 * (means[1].get(p, 0) - means[0].get(p, 0)) for p in {**means[0], **means[1]}}
    told = [f"{p} {v:+.1f}".replace("-", "−") for p, v in points.items() if abs(v) >= 0.05]
    return ", ".join(told) or "–"


def _facts(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of a manifest in which runs can differ."""
    config = {key: value for key, value in manifest["config"].items() if key != "title"}
    config["national"] = {k: v for k, v in config["national"].items() if k != "percent"}
    entries = config["scenarios"]
    named = {entry["name"]: {pact["name"]: pact for pact in entry["pacts"]} for entry in entries}
    config["scenarios"] = {"names": list(named), **named}
    return config | {key: manifest[key] for key in ("data", "versions")}


def _differences(one: Any, two: Any, key: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield the differences of two documents: a dotted key, and both values as text."""
    if isinstance(one, dict) and "source" in one and "value" in one:  # a parameter of the model
        one, two = one["value"], two["value"] if isinstance(two, dict) else two
    if one == two:
        return
    if not (isinstance(one, dict) and isinstance(two, dict)):
        yield key, _brief(one), _brief(two)
        return
    for name in dict.fromkeys((*one, *two)):
        # A scenario of only one run shows up in the list of their names.
        if key != "scenarios" or (name in one and name in two):
            yield from _differences(one.get(name), two.get(name), f"{key}.{name}".lstrip("."))


def _brief(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, dict):
        return f"{len(value)} entries"
    if not isinstance(value, list | tuple):
        return str(value) if len(str(value)) < 40 else f"{str(value)[:12]}…"
    if any(isinstance(one, dict | list) for one in value):
        return f"{len(value)} entries"
    return ", ".join(map(str, value)) or "none"
