"""Rates at which votes went from one party to another by what voters did, not what they said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from catalogue import Table, table_of
from raw import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from forecaster.arrays import Floats, Ints


@dataclass(frozen=True, order=True)
class Rate:
    """One row of `evidence/behaviour.csv`; the catalogue says what each field is."""

    kind: str
    donor: str
    to: str
    against: str
    period: str
    rate: float
    error: float
    spread: float | None
    cases: int
    source: str
    licence: str


def pooled(part: Floats, whole: Floats, cluster: Ints) -> tuple[float, float]:
    """Return the sum of `part` over that of `whole` and its standard error by clusters.

    The error is that of a ratio of two sums (Cochran 1977, Sampling Techniques, 6.4), with the
    clusters as the independent units.
    """
    rate = part.sum() / whole.sum()
    off = np.bincount(cluster, part - rate * whole)
    off = off[np.bincount(cluster) > 0]
    error = np.sqrt(len(off) / max(len(off) - 1, 1) * (off**2).sum()) / whole.sum()
    return float(rate), float(error)


def between(rate: Floats, weight: Floats, mean: float, noise: float) -> float | None:
    """Return the standard deviation of the true rates of places, None if it cannot be told.

    By the moments of the weighted squares, ``E Σ w (r - r̄)² = (k - 1) noise + τ² (Σw - Σw²/Σw)``
    (Cochran 1954; DerSimonian and Laird 1986), where ``noise / w`` is the sampling variance of a
    rate; 0 where the rates differ less than sampling alone would make them.
    """
    room = weight.sum() - (weight**2).sum() / weight.sum()
    if len(rate) < 2 or room <= 0:
        return None
    excess = (weight * (rate - mean) ** 2).sum() - (len(rate) - 1) * noise
    return float(np.sqrt(max(excess / room, 0)))


def behaviour_table(rates: Iterable[Rate]) -> Table:
    """Return a row per kind, donor, receiver and situation."""
    return table_of("evidence/behaviour.csv", [_row(rate) for rate in sorted(rates)])


def _row(rate: Rate) -> tuple[str, ...]:
    return (
        rate.kind,
        rate.donor,
        rate.to,
        rate.against,
        *(shown(number, 4) for number in (rate.rate, rate.error, rate.spread)),
        str(rate.cases),
        rate.period,
        rate.source,
        rate.licence,
    )
