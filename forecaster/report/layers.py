"""What the map shows: in each layer, the level of every seat. The page only paints it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from forecaster.answers.scores import BANDS
from forecaster.elections.election import read_election
from forecaster.elections.tragedy import DEFINITIONS
from forecaster.results.build import Tables, column, positions
from forecaster.vocabulary import PARTIES

Floats = npt.NDArray[np.float64]

CHANCE_LEVELS = (0.01, 0.10, 0.25, 0.50, 0.75, 0.95)
"""Lower ends of the levels of a chance above the lowest."""

CHANCE_WORDS = ("under 1 %", "1 to 10 %", "10 to 25 %", "25 to 50 %", "50 to 75 %", "75 to 95 %",
                "95 % and more")  # fmt: skip

EFFECT_LEVELS = (-0.25, -0.10, -0.01, 0.01, 0.10, 0.25)
"""Ends of the levels of a pact's gain less its backfire, from loss to gain."""

EFFECT_WORDS = ("−25 points and worse", "−10 to −25", "−1 to −10", "within 1 point", "+1 to +10",
                "+10 to +25", "+25 points and more")  # fmt: skip

EFFECT_SIGNS = "−−−·+++"


@dataclass(frozen=True)
class SeatChances:
    """Chances and shares of a run, seat by seat.

    Attributes
    ----------
    win, mean, low, high : ndarray, shape (scenario, seat, party)
        Win probability; mean, 5 % and 95 % share. NaN where a party does not stand. Seats in the
        order of their codes, parties in the order of the vocabulary.
    """

    win: Floats
    mean: Floats
    low: Floats
    high: Floats

    @property
    def stands(self) -> npt.NDArray[np.bool_]:
        """Who stands, shape (seat, party)."""
        return np.asarray(~np.isnan(self.win[0]))


def seat_chances(tables: Tables) -> SeatChances:
    """Return the chances of every party in every seat and scenario."""
    manifest = tables.manifest
    seats = read_election(manifest["base"]).seats.code.tolist()
    axes = {"scenario": manifest["scenarios"], "seat": seats, "party": list(PARTIES)}
    at = tuple(positions(tables.seats, name, axis) for name, axis in axes.items())
    shape = tuple(len(axis) for axis in axes.values())

    def spread(name: str) -> Floats:
        out = np.full(shape, np.nan)
        out[at] = column(tables.seats, name)
        return out

    return SeatChances(*map(spread, ("win_probability", "mean_share", "share_p5", "share_p95")))


def winners(chances: SeatChances, scenario: int) -> list[str]:
    """Return each seat's favourite and the band of its chance, as ``"LD-0"`` for a safe one."""
    win = np.nan_to_num(chances.win[scenario])
    lowest = np.array([low for _, low in BANDS])
    band = (win.max(1)[:, None] < lowest).sum(1)
    return [f"{PARTIES[p]}-{b}" for p, b in zip(win.argmax(1), band, strict=True)]


def levels(values: Floats) -> list[int]:
    """Return the level of each chance, 0 to 6; −1 where there is none."""
    found = np.digitize(values, CHANCE_LEVELS)
    return [int(level) for level in np.where(np.isnan(values), -1, found)]


def party_levels(chances: SeatChances, scenario: int, party: str) -> list[int]:
    """Return the level of a party's chance in each seat; −1 where it does not stand."""
    return levels(chances.win[scenario, :, PARTIES.index(party)])


def effect_levels(tables: Tables, scenario: str, pact: str) -> list[int]:
    """Return the level of a pact's gain less its backfire in each seat; −1 where it does not hold.

    Levels run from 0 (loss) to 6 (gain).
    """
    seats = read_election(tables.manifest["base"]).seats.code.tolist()
    net, table = np.full(len(seats), np.nan), tables.pact_effects
    if table is not None:
        here = (column(table, "scenario") == scenario) & (column(table, "pact") == pact)
        at = positions(table, "seat", seats)[here]
        net[at] = (column(table, "gain") - column(table, "backfire"))[here]
    found = np.digitize(net, EFFECT_LEVELS)
    return [int(level) for level in np.where(np.isnan(net), -1, found)]


def effect_rows(tables: Tables) -> list[dict[str, Any]]:
    """Return the rows of the pact effects; none for a run without pacts."""
    rows: list[dict[str, Any]] = (
        [] if tables.pact_effects is None else tables.pact_effects.to_pylist()
    )
    return rows


def tragedy_levels(tables: Tables, definition: str) -> list[int]:
    """Return the level of the chance that each seat is a tragedy."""
    names = list(DEFINITIONS)
    values = column(tables.tragedies, "tragedy").reshape(len(names), -1)
    return levels(values[names.index(definition)])
