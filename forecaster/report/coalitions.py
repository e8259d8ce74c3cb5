"""Which parties together reach a majority, and how often: every set of the larger parties."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from forecaster.analysis.summary import seats_won
from forecaster.results.tables import Tables
from forecaster.vocabulary import SEATS_IN_THE_COMMONS

LARGEST = 8
"""So many parties can be chosen; every one more doubles the number of sets."""

NOT_OFFERED = frozenset({"SF", "Spk", "Ind", "Other"})
"""Sinn Féin and the Speaker do not vote; the others are no party."""

RULES: tuple[tuple[bool, ...], ...] = tuple(product((True, False), repeat=2))
"""Sinn Féin stays away or not, the Speaker does not vote or does."""

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
    """Count, over all draws, which sets of parties reach a majority of those who vote.

    A majority is more than half of the seats less those of Sinn Féin and of the Speaker, where
    they do not vote.
    """
    names = tables.manifest["parties"]
    won = [
        seats_won(tables, scenario).astype(np.int16) for scenario in tables.manifest["scenarios"]
    ]
    mean = np.max([counts.mean(0) for counts in won], axis=0)
    order = [i for i in np.argsort(-mean, kind="stable") if names[i] not in NOT_OFFERED]
    chosen = [int(i) for i in order if mean[i] >= 0.5][:LARGEST]
    sets = np.arange(1 << len(chosen))
    bits = (sets[None, :] >> np.arange(len(chosen))[:, None] & 1).astype(np.float32)
    chances = np.array([_chances(counts, names, chosen, bits) for counts in won])
    return Majorities(tuple(names[i] for i in chosen), chances)


def _chances(
    counts: npt.NDArray[np.int16],
    names: list[str],
    chosen: list[int],
    bits: npt.NDArray[np.float32],
) -> list[npt.NDArray[np.float64]]:
    # Exact: sums of at most 650 in float32, whose product is many times faster than integers'.
    sums = counts[:, chosen].astype(np.float32) @ bits
    return [(sums >= _needed(counts, names, rule)).mean(0) for rule in RULES]


def _needed(
    counts: npt.NDArray[np.int16], names: list[str], rule: tuple[bool, ...]
) -> npt.NDArray[np.int64]:
    voting = np.full(len(counts), SEATS_IN_THE_COMMONS)
    for party, absent in zip(("SF", "Spk"), rule, strict=True):
        if absent and party in names:
            voting = voting - counts[:, names.index(party)]
    return np.asarray(voting // 2 + 1)[:, None]
