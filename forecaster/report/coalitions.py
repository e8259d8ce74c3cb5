"""Which parties together reach a majority, and how often: every set of the larger parties."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forecaster.answers.coalitions import ABSTENTIONISTS, SPEAKER, House, house_of_run
from forecaster.answers.summary import seats_won
from forecaster.results.build import Tables

LARGEST = 8
"""So many parties can be chosen; every one more doubles the number of sets."""

NOT_OFFERED = frozenset({*ABSTENTIONISTS, SPEAKER, "Ind", "Other"})
"""The first do not vote; the others are no party."""

RULES: tuple[tuple[str, ...], ...] = (ABSTENTIONISTS, ())
"""Who does not take seats: as now, or nobody. The Speaker never votes."""

TALKED_ABOUT = (
    ("Lab",),
    ("Con",),
    ("Reform",),
    ("Con", "Reform"),
    ("Lab", "LD"),
    ("Lab", "Green"),
    ("Lab", "LD", "Green"),
    ("Lab", "LD", "Green", "SNP", "PC"),
    ("Con", "LD"),
    ("Con", "Reform", "DUP"),
)
"""Sets of parties that the page lists at first; the reader can choose any other."""


@dataclass(frozen=True)
class Majorities:
    """How often sets of parties reach a majority.

    Attributes
    ----------
    parties : tuple of str
        Those that can be chosen, the largest first. Bit `k` of a set stands for party `k`.
    chances : ndarray, shape (scenario, rule, set)
        Part of the draws, for each of `RULES`.
    """

    parties: tuple[str, ...]
    chances: npt.NDArray[np.float64]

    def of(self, parties: tuple[str, ...]) -> int | None:
        """Return the number of a set; None if one of its parties is not offered."""
        if not set(parties) <= set(self.parties):
            return None
        return sum(1 << self.parties.index(party) for party in parties)


def majorities(tables: Tables) -> Majorities:
    """Count, over all draws, which sets of parties reach a majority of those who vote."""
    names, scenarios = tables.manifest["parties"], tables.manifest["scenarios"]
    mean = np.max([seats_won(tables, scenario).mean(0) for scenario in scenarios], axis=0)
    order = np.argsort(-mean, kind="stable")
    offered = [names[i] for i in order if names[i] not in NOT_OFFERED and mean[i] >= 0.5]
    chosen = tuple(offered[:LARGEST])
    chances = [
        [_chances(house_of_run(tables, scenario, absent), chosen) for absent in RULES]
        for scenario in scenarios
    ]
    return Majorities(chosen, np.array(chances))


def _chances(house: House, chosen: tuple[str, ...]) -> npt.NDArray[np.float64]:
    """Return the part of the draws in which each set of the chosen parties has a majority."""
    seats = np.zeros((len(house.seats), len(chosen)), np.float32)
    for k, party in enumerate(chosen):
        if party in house.parties:
            seats[:, k] = house.seats[:, house.parties.index(party)]
    sets = np.arange(1 << len(chosen))
    inside = (sets[None, :] >> np.arange(len(chosen))[:, None] & 1).astype(np.float32)
    # Exact: sums of at most 650 in float32, whose product is many times faster than integers'.
    return np.asarray((seats @ inside >= house.needed[:, None]).mean(0))
