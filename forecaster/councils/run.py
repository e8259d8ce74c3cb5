"""A run of council elections: stored whole or not at all, and read again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from forecaster.arrays import Floats, Ints, Names, Shorts
from forecaster.councils.contest import Contest
from forecaster.councils.data import PARTIES
from forecaster.councils.kernel import MOST
from forecaster.councils.model import council_model
from forecaster.councils.simulate import Simulated
from forecaster.errors import ConfigError, ResultsError
from forecaster.resources import catalogue
from forecaster.results.store import (
    COUNCILS,
    MANIFEST,
    MEND,
    is_council_run,
    read_sealed,
    stored_table,
    write_manifest,
)
from forecaster.version import VERSION
from forecaster.vocabulary import NO_PACT, one_of

SCHEMA_VERSION = 3
FILES = ("wards", "counts", COUNCILS)
UNIT = 2.0**20
"""Of the kernel's sums of shares."""

TYPES = {
    **dict.fromkeys(("scenarios", "pacts", "councils", "parties", "notes"), list),
    **dict.fromkeys(("labels", "seats", "given"), dict),
    **dict.fromkeys(("draws", "seed", "year"), int),
    "title": str,
}
"""Types of what the tables of a run take from its manifest, by key."""

NUMBERS = [f"elected_{n}" for n in range(MOST + 1)]
SIDES = ("left", "right")
"""In how many draws a side lost a ward although it had more votes, as columns of a file."""


@dataclass(frozen=True)
class CouncilTables:
    """The figures of a run; scenarios come first on every axis of theirs.

    Attributes
    ----------
    manifest : dict
        What was simulated, from which data, with which seed.
    code, name, council : ndarray of str, shape (ward,)
    seats : ndarray of int, shape (ward,)
    candidates : ndarray of int, shape (scenario, ward, party)
    share : ndarray, shape (ward, party)
        Mean share of each party's best candidate without a pact.
    elected : ndarray of int, shape (scenario, ward, party, 6)
        Draws by number of councillors.
    led : ndarray of int, shape (scenario, ward, party)
        Draws in which the party's best candidate had most votes.
    split, more, fewer : ndarray of int, shape (scenario, ward)
        Draws in which several parties were elected; in which the members had more, or fewer,
        councillors together than without the pact.
    squares : ndarray of int, shape (scenario, ward)
        Sum over the draws of the square of how many more they had.
    tragedy : ndarray of int, shape (2, ward)
        Draws in which a side had more votes and fewer councillors than the other, without a pact.
    won : ndarray of int16, shape (draw, scenario, council, party)
        Councillors.
    """

    manifest: dict[str, Any]
    code: Names
    name: Names
    council: Names
    seats: Ints
    candidates: Ints
    share: Floats
    elected: Ints
    led: Ints
    split: Ints
    more: Ints
    fewer: Ints
    squares: Ints
    tragedy: Ints
    won: Shorts

    @property
    def scenarios(self) -> list[str]:
        """Return the ways of counting, the first without a pact."""
        return list(self.manifest["scenarios"])

    @property
    def councils(self) -> list[str]:
        """Return the councils, in the order of their axis."""
        return list(self.manifest["councils"])

    @property
    def draws(self) -> int:
        """Return the number of simulated elections."""
        return len(self.won)

    @cached_property
    def sitting(self) -> Shorts:
        """Return the councillors who are not up for election, shape (council, party)."""
        found = (self.manifest["sitting"].get(council, {}) for council in self.councils)
        return np.array([[others.get(party, 0) for party in PARTIES] for others in found], np.int16)

    @cached_property
    def held(self) -> Shorts:
        """Return the councillors after the election, shape (draw, scenario, council, party)."""
        return np.asarray(self.won + self.sitting)

    @cached_property
    def mean(self) -> Floats:
        """Return the mean number of councillors, shape (scenario, ward, party)."""
        return np.asarray(self.elected @ np.arange(MOST + 1) / self.draws)

    def scenario(self, name: str | None) -> int:
        """Return the place of a scenario; that without a pact for None."""
        return self.scenarios.index(one_of(name, self.scenarios, "--scenario")) if name else 0

    def with_pacts(self, name: str | None = None) -> list[int]:
        """Return the places of the scenarios with pacts, or of one of them.

        Raises
        ------
        ConfigError
            If the run has no pact, or none of that name.
        """
        named = self.scenarios[1:]
        if not named:
            raise ConfigError(
                "the run has no pact; simulate it with --pact, such as --pact progressive."
            )
        return (
            [self.scenarios.index(one_of(name, named, "--scenario"))]
            if name
            else [place for place, _ in enumerate(named, start=1)]
        )


def tables_of(found: Simulated, draws: int, seed: int, given: dict[str, Any]) -> CouncilTables:
    """Return what a simulation gave; `given` is what the user asked for, for the manifest."""
    contest, counts = found.contest, found.counts
    notes = [*contest.notes, *(note for pact in found.pacts for note in pact.notes)]
    manifest = {
        "schema_version": SCHEMA_VERSION,
        "kind": COUNCILS,
        "year": contest.year,
        "scenarios": [NO_PACT, *(pact.pact.name for pact in found.pacts)],
        "pacts": [_pact_of(pact) for pact in found.pacts],
        "councils": contest.councils,
        "parties": list(PARTIES),
        "labels": labels_of(found),
        "seats": {c: int(contest.seats[contest.last.council == c].sum()) for c in contest.councils},
        "sitting": {
            council: {p: int(n) for p, n in zip(PARTIES, others, strict=True) if n}
            for council, others in contest.sitting.items()
        },
        "draws": draws,
        "seed": seed,
        "given": given,
        "notes": notes,
        "versions": {"forecaster": VERSION},
        "parameters": council_model().model_dump(mode="json"),
        "data": {
            path: entry["sha256"]
            for path, entry in catalogue().items()
            if path.startswith(("councils/", "elections/2", "polls/"))
        },
    }
    manifest["title"] = title_of(_place_of(contest), int(contest.seats.sum()), manifest)
    return CouncilTables(
        manifest=manifest,
        code=contest.last.code,
        name=contest.last.name,
        council=contest.last.council,
        seats=contest.seats,
        candidates=np.stack([contest.candidates, *(pact.candidates for pact in found.pacts)]),
        share=counts.share / UNIT / draws,
        **{name: getattr(counts, name) for name in TALLIES},
    )


BY_WARD = ("split", "more", "fewer", "squares")
TALLIES = ("elected", "led", *BY_WARD, "tragedy", "won")


def _pact_of(pact: Any) -> dict[str, Any]:
    return {
        "name": pact.pact.name,
        "title": f"{' + '.join(pact.pact.members)}, slates {pact.rule}",
        "rule": pact.rule,
        "members": [party for party in pact.pact.members if party in PARTIES],
        "opponents": [party for party in pact.pact.opponents if party in PARTIES],
        "wards": int(pact.holds.sum()),
        "pact": pact.pact.model_dump(mode="json"),
    }


def title_of(place: str, seats: int, manifest: dict[str, Any]) -> str:
    """Return what was simulated in a place, in words."""
    return f"{place}, May {manifest['year']}, {seats:,} seats: {_how(manifest['given'])}"


def _how(given: dict[str, Any]) -> str:
    """Return at which shares, in words."""
    if given["given"] or given["by_council"]:
        return "at shares given by hand"
    return {
        "polls": "from the polls",
        "actual": "at the shares that came",
        "none": "at the shares of last time",
    }[given["swing"]]


def _place_of(contest: Contest) -> str:
    """Return the council, or the kind of councils and their number."""
    if len(contest.councils) == 1:
        return contest.councils[0]
    return f"{contest.name[:-5].capitalize()}, {len(contest.councils)} councils"


def labels_of(found: Simulated) -> dict[str, str]:
    """Return which party the ``Other`` of each council mostly is."""
    last, other = found.contest.last, found.contest.candidates[:, PARTIES.index("Other")] > 0
    out = {}
    for council in found.contest.councils:
        names = last.label[(last.council == council) & other & (last.label != "")]
        if len(names):
            text, number = np.unique(names, return_counts=True)
            out[council] = str(text[number.argmax()])
    return out


def write_tables(tables: CouncilTables, folder: Path) -> None:
    """Write a run into a folder, with a manifest that vouches for it."""
    for name, table in zip(FILES, _arrow(tables), strict=True):
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
    write_manifest(tables.manifest, folder)


def _arrow(tables: CouncilTables) -> tuple[pa.Table, pa.Table, pa.Table]:
    scenarios, wards, parties = tables.candidates.shape
    names = np.array(tables.scenarios)

    def repeated(values: Any, times: int) -> Any:
        return np.tile(np.repeat(values, times), scenarios)

    of_party = {
        "scenario": np.repeat(names, wards * parties),
        "ward": repeated(tables.code, parties),
        "name": repeated(tables.name, parties),
        "council": repeated(tables.council, parties),
        "seats": repeated(tables.seats, parties),
        "party": np.tile(PARTIES, scenarios * wards),
        "candidates": tables.candidates.ravel(),
        "share": np.tile(tables.share.ravel(), scenarios),
        "led": tables.led.ravel(),
        **{name: tables.elected[..., n].ravel() for n, name in enumerate(NUMBERS)},
    }
    of_ward = {
        "scenario": np.repeat(names, wards),
        "ward": np.tile(tables.code, scenarios),
        **{name: getattr(tables, name).ravel() for name in BY_WARD},
        **{f"tragedy_{s}": np.tile(tables.tragedy[i], scenarios) for i, s in enumerate(SIDES)},
    }
    draws, _, councils, _ = tables.won.shape
    # A row per draw, scenario and council: names are stored once, or they would fill the memory.
    place = np.indices((draws, scenarios, councils), np.int32).reshape(3, -1)
    of_council = {
        "draw": place[0],
        "scenario": pa.DictionaryArray.from_arrays(place[1], tables.scenarios),
        "council": pa.DictionaryArray.from_arrays(place[2], tables.councils),
        **{party: tables.won[..., p].ravel() for p, party in enumerate(PARTIES)},
    }
    return pa.table(of_party), pa.table(of_ward), pa.table(of_council)


def load(folder: Path) -> CouncilTables:
    """Read a run.

    Raises
    ------
    ResultsError
        If there is none in the folder, or a file is missing or damaged.
    """
    if not is_council_run(folder):
        raise ResultsError(
            f"{folder}: no run of council elections is stored here. "
            "'forecast council simulate london-2026 --out DIR' makes one."
        )
    manifest = read_sealed(folder / MANIFEST)
    if manifest.get("schema_version") != SCHEMA_VERSION:
        raise ResultsError(f"{folder}: stored by another version. Simulate it again.")
    for key, kind in TYPES.items():
        if not isinstance(manifest.get(key), kind):
            raise ResultsError(f"{folder}: damaged ({key} is missing, or of another type). {MEND}")
    try:
        of_party, of_ward = (_columns(folder, manifest, name) for name in FILES[:2])
        of_council = _columns(folder, manifest, FILES[2], PARTIES)
        scenarios, parties = len(manifest["scenarios"]), len(PARTIES)
        councils, draws = len(manifest["councils"]), int(manifest["draws"])
        shape = scenarios, len(of_ward["ward"]) // scenarios, parties
        wards = slice(0, shape[1] * parties, parties)
        return CouncilTables(
            manifest=manifest,
            code=of_party["ward"][wards],
            name=of_party["name"][wards],
            council=of_party["council"][wards],
            seats=of_party["seats"][wards],
            candidates=of_party["candidates"].reshape(shape),
            share=of_party["share"].reshape(shape)[0],
            elected=np.stack([of_party[name] for name in NUMBERS], 1).reshape(*shape, -1),
            led=of_party["led"].reshape(shape),
            **{name: of_ward[name].reshape(shape[:2]) for name in BY_WARD},
            tragedy=np.array([of_ward[f"tragedy_{side}"][: shape[1]] for side in SIDES]),
            won=np.stack([of_council[party] for party in PARTIES], 1).reshape(
                draws, scenarios, councils, parties
            ),
        )
    except (KeyError, ValueError, OSError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0]
        raise ResultsError(f"{folder}: damaged ({reason}). Simulate it again.") from None


def _columns(
    folder: Path, manifest: dict[str, Any], name: str, wanted: Sequence[str] | None = None
) -> dict[str, Any]:
    """Return some columns of a stored file, or all."""
    table = stored_table(folder, manifest, f"{name}.parquet", columns=wanted)
    return {name: table.column(name).to_numpy() for name in table.column_names}
