"""What the map shows: in each layer, the level of every seat. The page only paints it."""

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


def levels(values: Floats) -> list[int]:
    """Return the level of each chance, 0 to 6; −1 where there is none."""
    found = np.digitize(values, CHANCE_LEVELS)
    return [int(level) for level in np.where(np.isnan(values), -1, found)]


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
    found = np.digitize(net, EFFECT_LEVELS)
    return [int(level) for level in np.where(np.isnan(net), -1, found)]


def tragedy_levels(run: RunTables, definition: str) -> list[int]:
    """Return the level of the chance that each seat is a tragedy."""
    names = list(DEFINITIONS)
    values = run.column("tragedies", "tragedy").reshape(len(names), -1)
    return levels(values[names.index(definition)])
