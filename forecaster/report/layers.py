"""The layers of the map: the level of every seat, from which the page takes its colour."""

from __future__ import annotations

import numpy as np

from forecaster.answers.scores import BANDS
from forecaster.arrays import Floats
from forecaster.elections.tragedy import DEFINITIONS
from forecaster.results.run import RunTables, SeatChances, positions
from forecaster.vocabulary import PARTIES

CHANCE_LEVELS = (0.01, 0.10, 0.25, 0.50, 0.75, 0.95)
"""Lower ends of the levels of a chance above the lowest."""

CHANCE_WORDS = ("under 1 %", "1 to 10 %", "10 to 25 %", "25 to 50 %", "50 to 75 %", "75 to 95 %",
                "95 % and more")  # fmt: skip

EFFECT_LEVELS = (-0.25, -0.10, -0.01, 0.01, 0.10, 0.25)
"""Ends of the levels of a pact's gain less its backfire, from loss to gain."""

EFFECT_WORDS = ("−25 points and worse", "−10 to −25", "−1 to −10", "within 1 point", "+1 to +10",
                "+10 to +25", "+25 points and more")  # fmt: skip

EFFECT_SIGNS = "−−−·+++"


def winners(chances: SeatChances, scenario: int) -> list[str]:
    """Return each seat's favourite and the band of its chance, as ``"LD-0"`` for a safe one."""
    win = np.nan_to_num(chances.win[scenario])
    lowest = np.array([low for _, low in BANDS])
    band = (win.max(1)[:, None] < lowest).sum(1)
    return [f"{PARTIES[p]}-{b}" for p, b in zip(win.argmax(1), band, strict=True)]


def party_of(favourite: str) -> str:
    """Return the party of a favourite as `winners` returns it."""
    return favourite.rpartition("-")[0]


def levels(values: Floats, ends: tuple[float, ...] = CHANCE_LEVELS) -> list[int]:
    """Return the level of each value, 0 to 6, between the ends of levels; −1 for NaN."""
    found = np.where(np.isnan(values), -1, np.digitize(values, ends))
    return list(found.tolist())


def party_levels(chances: SeatChances, scenario: int, party: str) -> list[int]:
    """Return the level of a party's chance in each seat; −1 where it does not stand."""
    return levels(chances.win[scenario, :, PARTIES.index(party)])


def effect_levels(run: RunTables, scenario: str, pact: str) -> list[int]:
    """Return the level of a pact's gain less its backfire in each seat; −1 where it does not hold.

    Levels run from 0 (loss) to 6 (gain).
    """
    net = np.full(len(run.places.code), np.nan)
    if run.pacts(scenario):
        here = run.column("pact_effects", "scenario") == scenario
        here = here & (run.column("pact_effects", "pact") == pact)
        at = positions(run.tables["pact_effects"], "seat", run.places.code.tolist())[here]
        gain, backfire = (run.column("pact_effects", key) for key in ("gain", "backfire"))
        net[at] = (gain - backfire)[here]
    return levels(net, EFFECT_LEVELS)


def tragedy_levels(run: RunTables, definition: str) -> list[int]:
    """Return the level of the chance that each seat is a tragedy."""
    values = run.column("tragedies", "tragedy").reshape(len(DEFINITIONS), -1)
    return levels(values[list(DEFINITIONS).index(definition)])
