"""A run of council elections: its tables and manifest, and the figures in them by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from forecaster.arrays import Floats, Ints, Names, Shorts
from forecaster.councils.contest import Contest
from forecaster.councils.data import OTHER, PARTIES
from forecaster.councils.kernel import MOST, WardCounts
from forecaster.councils.simulate import Asked, Simulated
from forecaster.councils.slates import Slates
from forecaster.results.build import axes, described, dictionary
from forecaster.results.manifest import provenance
from forecaster.results.run import Tables
from forecaster.results.schema import COUNCIL_RUNS, COUNT, PART, Schema
from forecaster.results.store import open_tables
from forecaster.vocabulary import NO_PACT

UNIT = 2.0**20
"""Of the kernel's sums of shares."""

SHOWN = 0.05
"""Fewest mean councillors in the whole run with which a party has a column."""

NUMBERS = [f"elected_{n}" for n in range(MOST + 1)]
TRAGEDIES = ["tragedy_left", "tragedy_right"]
BY_WARD = ("split", "more", "fewer", "squares")


def _mistakes(manifest: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the manifest of a run of councils beside what any run has."""
    councils = manifest["councils"]
    if manifest["parties"] != list(PARTIES):
        yield "parties are not those of councils"
    if list(manifest["seats"]) != councils:
        yield "seats are not those of its councils"
    if len(manifest["pacts"]) != len(manifest["scenarios"]) - 1:
        yield "pacts are not those of its scenarios"
    if set(manifest["rows"]) != set(SCHEMA.tables):
        yield "rows do not name the tables of a run of councils"


def _check_rows(name: str, table: pa.Table, manifest: dict[str, Any]) -> None:
    scenarios, councils = len(manifest["scenarios"]), len(manifest["councils"])
    wards, left = divmod(manifest["rows"]["counts"], scenarios)
    rows = {
        "wards": scenarios * wards * len(PARTIES),
        "counts": scenarios * wards,
        "councils": manifest["draws"] * scenarios * councils,
    }
    if left or table.num_rows != rows[name]:
        raise ValueError("it has not as many rows as wards, councils and draws make")


SCHEMA = Schema(
    kind=COUNCIL_RUNS,
    versions=(4,),
    manifest={
        **dict.fromkeys(("pacts", "councils", "notes"), list),
        **dict.fromkeys(("labels", "seats", "sitting", "given"), dict),
        "year": int,
    },
    tables={
        "wards": {
            **dict.fromkeys(("scenario", "ward", "name", "council")),
            "party": PARTIES,
            "share": PART,
            **dict.fromkeys(("seats", "candidates", "led", *NUMBERS), COUNT),
        },
        "counts": {
            **dict.fromkeys(("scenario", "ward")),
            **dict.fromkeys((*BY_WARD, *TRAGEDIES), COUNT),
        },
        "councils": {
            **dict.fromkeys(("scenario", "council")),
            **dict.fromkeys(("draw", *PARTIES), COUNT),
        },
    },
    mistakes=_mistakes,
    check_rows=_check_rows,
)
"""``wards`` has a row for each scenario, ward and party, ``counts`` for each scenario and ward,
``councils`` for each draw, scenario and council; `WardCounts` says what their numbers are."""


class CouncilTables(Tables):
    """A run of councils. Scenarios come first on every axis of the figures below."""

    @property
    def councils(self) -> list[str]:
        """The councils, in the order of their axis."""
        return list(self.manifest["councils"])

    def of_ward(self, name: str) -> npt.NDArray[Any]:
        """Return a column of ``counts``, shape (scenario, ward)."""
        return self.column("counts", name).reshape(len(self.scenarios), -1)

    def of_party(self, name: str) -> npt.NDArray[Any]:
        """Return a column of ``wards``, shape (scenario, ward, party)."""
        return self.column("wards", name).reshape(len(self.scenarios), -1, len(PARTIES))

    @property
    def code(self) -> Names:
        """ONS codes of the wards, shape (ward,)."""
        return self.of_party("ward")[0, :, 0]

    @property
    def name(self) -> Names:
        """Names of the wards, shape (ward,)."""
        return self.of_party("name")[0, :, 0]

    @property
    def council(self) -> Names:
        """Councils of the wards, shape (ward,)."""
        return self.of_party("council")[0, :, 0]

    @property
    def seats(self) -> Ints:
        """Councillors that are elected, shape (ward,)."""
        return self.of_party("seats")[0, :, 0]

    @property
    def candidates(self) -> Ints:
        """Who stands with how many candidates, shape (scenario, ward, party)."""
        return self.of_party("candidates")

    @cached_property
    def elected(self) -> Ints:
        """Draws by number of councillors, shape (scenario, ward, party, 6)."""
        return np.stack([self.of_party(name) for name in NUMBERS], -1)

    @property
    def tragedy(self) -> Ints:
        """Draws in which a side had more votes and fewer councillors, shape (2, ward)."""
        return np.array([self.of_ward(name)[0] for name in TRAGEDIES])

    @cached_property
    def won(self) -> Shorts:
        """Councillors, shape (draw, scenario, council, party)."""
        shape = self.draws, len(self.scenarios), len(self.councils)
        return np.stack([self.column("councils", p).reshape(shape) for p in PARTIES], -1)

    @cached_property
    def sitting(self) -> Shorts:
        """Councillors who are not up for election, shape (council, party)."""
        found = (self.manifest["sitting"].get(council, {}) for council in self.councils)
        return np.array([[others.get(party, 0) for party in PARTIES] for others in found], np.int16)

    @cached_property
    def held(self) -> Shorts:
        """Councillors after the election, shape (draw, scenario, council, party)."""
        return np.asarray(self.won + self.sitting)

    @cached_property
    def mean(self) -> Floats:
        """Mean number of councillors, shape (scenario, ward, party)."""
        return np.asarray(self.elected @ np.arange(MOST + 1) / self.draws)

    @cached_property
    def shown(self) -> list[int]:
        """Places of the parties that win anything worth a column."""
        return np.flatnonzero((self.mean.sum(1) >= SHOWN).any(0)).tolist()

    def at(self, scenario: str) -> int:
        """Return the place of a scenario."""
        return self.scenarios.index(scenario)

    def pact(self, scenario: str) -> dict[str, Any]:
        """Return the pact of a scenario: its title, rule, members, opponents, wards."""
        return dict(self.manifest["pacts"][self.at(scenario) - 1])


def read_council_tables(folder: Path) -> CouncilTables:
    """Open the folder of a run of councils; see `forecaster.results.store.open_tables`."""
    return CouncilTables(*open_tables(folder, SCHEMA))


def tables_of(found: Simulated, asked: Asked, **slates: Any) -> CouncilTables:
    """Return the tables of a simulation. `asked` and `slates` are recorded in the manifest."""
    of, contest = found.elections, found.elections.contest
    given = {**asdict(asked), **slates}
    manifest = {
        "kind": COUNCIL_RUNS.name,
        "title": title_of(_place_of(contest), int(contest.seats.sum()), contest.year, given),
        "year": contest.year,
        "scenarios": [NO_PACT, *(pact.name for pact in found.pacts)],
        "pacts": [_pact_of(pact) for pact in found.pacts],
        "councils": contest.councils,
        "parties": list(PARTIES),
        "labels": _labels(contest),
        "seats": {c: int(contest.seats[contest.last.council == c].sum()) for c in contest.councils},
        "sitting": {
            council: {p: int(n) for p, n in zip(PARTIES, others, strict=True) if n}
            for council, others in contest.sitting.items()
        },
        "draws": of.draws,
        "seed": of.seed,
        "given": given,
        "notes": [
            *contest.notes,
            *(n for pact in found.pacts for one in pact.each for n in one.notes),
        ],
        "parameters": of.model.model_dump(mode="json"),
        **provenance(),
    }
    return CouncilTables(manifest, _tables(contest, found))


def _pact_of(slates: Slates) -> dict[str, Any]:
    pact, who = slates.pact, (" + ".join(one.pact.members) for one in slates.each)
    return {
        "name": slates.name,
        "title": f"{', and '.join(who)}, slates {slates.rule}",
        "rule": slates.rule,
        "members": [party for party in pact.members if party in PARTIES],
        "opponents": [party for party in pact.opponents if party in PARTIES],
        "wards": int(np.any([one.holds for one in slates.each], axis=0).sum()),
        "also": [one.pact.name for one in slates.also],
        "pact": pact.model_dump(mode="json"),
    }


def title_of(place: str, seats: int, year: int, given: Mapping[str, Any]) -> str:
    """Return the title of a run: place, year, seats, and source of the shares."""
    shares = {
        "polls": "from the polls",
        "actual": "at the shares that came",
        "none": "at the shares of last time",
    }
    by_hand = given["given"] or given["by_council"]
    how = "at shares given by hand" if by_hand else shares[given["swing"]]
    return f"{place}, May {year}, {seats:,} seats: {how}"


def _place_of(contest: Contest) -> str:
    """Return the council, or the kind of councils and their number."""
    if len(contest.councils) == 1:
        return contest.councils[0]
    return f"{contest.name[:-5].capitalize()}, {len(contest.councils)} councils"


def _labels(contest: Contest) -> dict[str, str]:
    """Return which party the ``Other`` of each council mostly is."""
    last, other = contest.last, contest.candidates[:, OTHER] > 0
    out = {}
    for council in contest.councils:
        names = last.label[(last.council == council) & other & (last.label != "")]
        if len(names):
            text, number = np.unique(names, return_counts=True)
            out[council] = str(text[number.argmax()])
    return out


def _tables(contest: Contest, found: Simulated) -> dict[str, pa.Table]:
    """Return the tables of a run; `SCHEMA` says what their rows are."""
    counts: WardCounts = found.counts
    last, draws = contest.last, found.elections.draws
    scenarios = [NO_PACT, *(pact.name for pact in found.pacts)]
    candidates = np.stack([contest.candidates, *(pact.standing for pact in found.pacts)])
    shape = candidates.shape
    names, councils = last.name.tolist(), contest.councils
    council = np.array([councils.index(one) for one in last.council.tolist()])
    scenario, ward, party = axes(shape)
    share = np.broadcast_to(counts.share / UNIT / draws, shape)
    of_party = {
        "scenario": dictionary(scenario, scenarios),
        "ward": dictionary(ward, last.code.tolist()),
        "name": dictionary(ward, names),
        "council": dictionary(council[ward], councils),
        "seats": contest.seats[ward],
        "party": dictionary(party, PARTIES),
        "candidates": candidates.ravel(),
        "share": share.ravel(),
        "led": counts.led.ravel(),
        **{name: counts.elected[..., n].ravel() for n, name in enumerate(NUMBERS)},
    }
    scenario, ward = axes(shape[:2])
    of_ward = {
        "scenario": dictionary(scenario, scenarios),
        "ward": dictionary(ward, last.code.tolist()),
        **{name: getattr(counts, name).ravel() for name in BY_WARD},
        **{t: np.tile(counts.tragedy[i], len(scenarios)) for i, t in enumerate(TRAGEDIES)},
    }
    draw, scenario, place = axes(counts.won.shape[:3])
    of_council = {
        "draw": draw,
        "scenario": dictionary(scenario, scenarios),
        "council": dictionary(place, councils),
        **{code: counts.won[..., p].ravel() for p, code in enumerate(PARTIES)},
    }
    each = {"wards": of_party, "counts": of_ward, "councils": of_council}
    return {name: described(values) for name, values in each.items()}
