"""A run: its tables and the figures in them by name. Each column is decoded once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from forecaster.arrays import Bools, Floats, Shorts
from forecaster.config.pact import pact_words
from forecaster.elections.election import Election, Seats, read_election
from forecaster.elections.names import find_seat
from forecaster.errors import ConfigError, ResultsError
from forecaster.vocabulary import NO_PACT, PARTIES, one_of

Row = dict[str, Any]

ALWAYS = ("seats", "distribution", "totals", "national", "tragedies", "tragedy_totals")
"""Tables of every run."""

SOMETIMES = ("pact_effects", "winners", "shares")
"""Tables of runs with pacts, kept winners or kept shares."""

QUANTILES = {"share_p5": 0.05, "share_p50": 0.50, "share_p95": 0.95}
"""Quantiles of a party's share in a seat, by column."""


class SeatChances(NamedTuple):
    """Chances and shares of a run, each of shape (scenario, seat, party).

    They are NaN where a party does not stand. Seats are in the order of their codes, parties in
    that of `vocabulary.PARTIES`.
    """

    win: Floats
    win_mcse: Floats
    mean: Floats
    low: Floats
    median: Floats
    high: Floats

    @property
    def stands(self) -> Bools:
        """Which parties stand, shape (seat, party)."""
        return np.asarray(~np.isnan(self.win[0]))


class Tables:
    """A run of any kind: its manifest, its tables, and the figures in them by name.

    `manifest`: provenance. `folder`: folder of the stored run, with copies of the files that it was
    made from. `part`: takes the names of a table and of a column, and returns a table with at least
    that column; by default the table itself.
    """

    def __init__(
        self,
        manifest: dict[str, Any],
        tables: Mapping[str, pa.Table],
        folder: Path | None = None,
        part: Callable[[str, str], pa.Table] | None = None,
    ) -> None:
        self.manifest = manifest
        self.tables = tables
        self.folder = folder
        self._part = part or (lambda table, _: tables[table])
        self._decoded: dict[tuple[str, str], npt.NDArray[Any]] = {}

    @property
    def title(self) -> str:
        """The run in words."""
        return str(self.manifest["title"])

    @property
    def scenarios(self) -> list[str]:
        """Ways of counting the same draws; `vocabulary.NO_PACT` is the first."""
        return list(self.manifest["scenarios"])

    @property
    def parties(self) -> list[str]:
        """Codes of the parties, in the order of the axis of seats won."""
        return list(self.manifest["parties"])

    @property
    def draws(self) -> int:
        """Number of simulated elections."""
        return int(self.manifest["draws"])

    def scenario(self, name: str | None) -> str:
        """Return the scenario with a name, in any case; no-pact for None.

        Raises ConfigError if the run has no such scenario.
        """
        return NO_PACT if name is None else one_of(name, self.scenarios, "--scenario")

    def with_pacts(self, wanted: str | tuple[str, ...] = ()) -> list[str]:
        """Return the wanted scenarios with pacts, or all of them.

        Raises ResultsError if the run has no pacts. Raises ConfigError if it has none of that name.
        """
        known = self.scenarios[1:]
        if not known:
            raise ResultsError(
                "the run has no pacts: simulate again with one, for example --pact progressive."
            )
        names = (wanted,) if isinstance(wanted, str) else wanted
        return [one_of(name, known, "--scenario") for name in names] or known

    def column(self, table: str, name: str) -> npt.NDArray[Any]:
        """Return a column of a table: numbers, or names as objects."""
        key = (table, name)
        if key not in self._decoded:
            self._decoded[key] = column(self._part(table, name), name)
        return self._decoded[key]


class RunTables(Tables):
    """A run of the House. Its tables are those of `ALWAYS` and some of `SOMETIMES`.

    `forecaster.results.manifest` makes the manifest; `forecaster.results.build` makes the tables,
    and says what their rows are.
    """

    @property
    def kept(self) -> int:
        """Number of draws, from the first, that are stored one by one."""
        return int(self.manifest["draws_kept"])

    @property
    def cluster(self) -> int:
        """Number of draws in a cluster; see `forecaster.config.config.Config.cluster`."""
        return int(self.manifest.get("cluster", 1))

    @cached_property
    def base(self) -> Election:
        """The election that the swing started from."""
        return read_election(self.manifest["base"])

    @property
    def places(self) -> Seats:
        """The seats, sorted by code."""
        return self.base.seats

    def pacts(self, scenario: str) -> list[dict[str, Any]]:
        """Return the pacts of a scenario as in the config; none for no-pact."""
        entries = self.manifest["config"]["scenarios"]
        return next((list(e["pacts"]) for e in entries if e["name"] == scenario), [])

    def words(self, scenario: str) -> str:
        """Return a scenario in words: who does what."""
        each = (pact_words(p["members"], p["strength"]["form"]) for p in self.pacts(scenario))
        return "; ".join(each) or "no pacts"

    def named(self, scenario: str) -> str:
        """Return a scenario for a title: in words, with its name."""
        return "no pacts" if scenario == NO_PACT else f"{self.words(scenario)} ({scenario})"

    def rows(self, table: str, name: str, value: str) -> list[Row]:
        """Return the rows of a table with a value in a column of names; NaN becomes None."""
        here, keys = self.column(table, name) == value, self.tables[table].column_names
        columns = []
        for key in keys:
            found = self.column(table, key)[here]
            values = found.astype(object)
            if found.dtype.kind == "f":
                values[np.isnan(found)] = None
            columns.append(values.tolist())
        return [dict(zip(keys, row, strict=True)) for row in zip(*columns, strict=True)]

    @cached_property
    def seats_won(self) -> Shorts:
        """Seats won in the stored draws, shape (draw, scenario, party), parties as `parties`."""
        shape = (self.kept, len(self.scenarios), len(self.parties))
        return np.asarray(self.column("totals", "seats").reshape(shape))

    def won(self, scenario: str = NO_PACT, parties: tuple[str, ...] | None = None) -> Shorts:
        """Return seats won by every party in the stored draws, or by some parties together.

        They have shape (draw, party) or (draw,). `parties`: those that stand nowhere count as zero.
        """
        every = self.seats_won[:, self.scenarios.index(scenario)]
        if parties is None:
            return np.asarray(every)
        own = [self.parties.index(party) for party in parties if party in self.parties]
        return np.asarray(every[:, own].sum(axis=1))

    def distribution(self, scenario: str, party: str) -> tuple[Shorts, Floats, Floats]:
        """Return numbers of seats that a party won, how often, and how often as the largest."""
        here = self.column("distribution", "scenario") == scenario
        here = here & (self.column("distribution", "party") == party)
        total, times, largest = (
            self.column("distribution", name)[here]
            for name in ("total", "elections", "elections_largest")
        )
        return total, times, largest

    @cached_property
    def drawn_shares(self) -> tuple[list[str], list[str], npt.NDArray[np.float32]]:
        """Areas, parties, and their shares in the stored draws, shape (draw, area and party)."""
        per_draw = len(self.tables["national"]) // self.kept
        first = self.tables["national"].slice(0, per_draw)
        areas, parties = (column(first, key).tolist() for key in ("area", "party"))
        return areas, parties, self.column("national", "national_share").reshape(-1, per_draw)

    @cached_property
    def winners(self) -> npt.NDArray[np.int8]:
        """Winners as indices of `vocabulary.PARTIES`, shape (draw, scenario, seat).

        Raises ResultsError if the run did not store them.
        """
        if "winners" not in self.tables:
            raise ResultsError(
                "the run does not store who won which seat in which election. Simulate it again "
                "with --keep-winners; the same config and seed give the same elections."
            )
        shape = (self.kept, len(self.scenarios), len(self.places.code))
        return np.asarray(self.column("winners", "winner").reshape(shape))

    @cached_property
    def chances(self) -> SeatChances:
        """Chances and shares of every party in every seat and scenario."""
        axes = {
            "scenario": self.scenarios,
            "seat": self.places.code.tolist(),
            "party": list(PARTIES),
        }
        at = tuple(positions(self.tables["seats"], name, axis) for name, axis in axes.items())
        names = ("win_probability", "win_probability_mcse", "mean_share", *QUANTILES)
        out = np.full((len(names), *(len(axis) for axis in axes.values())), np.nan)
        for k, name in enumerate(names):
            if name in self.tables["seats"].column_names:
                out[k][at] = self.column("seats", name)
        return SeatChances(*out)

    def seat(self, name: str) -> int:
        """Return the index of a seat by name or code, on the boundaries of the run.

        Raises ConfigError if no seat of the run, or more than one, fits the name.
        """
        found = find_seat(self.places, name)
        if found.note:
            raise ConfigError(f"not a seat of this run. {found.note}")
        return found.index

    def seat_rows(self, scenario: str) -> list[Row]:
        """Return the chances and shares of a scenario, a row per seat and party."""
        return self.rows("seats", "scenario", scenario)

    def effect_rows(self, scenario: str) -> list[Row]:
        """Return the effects of a scenario's pacts, a row per pact and seat."""
        if "pact_effects" not in self.tables:
            return []
        return self.rows("pact_effects", "scenario", scenario)


def column(table: pa.Table, name: str) -> npt.NDArray[Any]:
    """Return a column of a stored table: numbers, or names as objects.

    Arrow's own conversion to NumPy imports pandas if it is installed, which takes longer than
    reading a run and answering from it.
    """
    array = table.column(name).combine_chunks()
    if not pa.types.is_dictionary(array.type):
        return np.from_dlpack(array)
    names = np.array(array.dictionary.to_pylist(), dtype=object)
    return np.asarray(names[np.from_dlpack(array.indices)])


def positions(table: pa.Table, name: str, axis: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return the index on an axis of every name in a column; -1 if the axis lacks it."""
    place = {label: i for i, label in enumerate(axis)}
    array = table.column(name).combine_chunks()
    lookup = np.array([place.get(label, -1) for label in array.dictionary.to_pylist()])
    return np.asarray(lookup[np.from_dlpack(array.indices)])
