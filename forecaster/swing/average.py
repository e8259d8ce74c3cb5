"""Average seat estimates, each first moved to the same national shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from forecaster.arrays import Bools, Floats
from forecaster.config.parameters import SwingParameters
from forecaster.elections.estimates import SeatEstimates
from forecaster.kernels import exact
from forecaster.kernels.rules import TINY, close
from forecaster.swing.base import Base, nation_means, party_columns, reachable, with_estimates
from forecaster.swing.spread import Rule, swing_seats

AHEAD = 1e-6
"""Lead given to one of several tied parties [fraction]: larger than the rounding error of single
precision, smaller than any difference that is published."""


def averaged(
    last: Base,
    estimates: Sequence[SeatEstimates],
    weights: Floats,
    change: Floats,
    rule: Rule,
    parameters: SwingParameters,
) -> Base:
    """Return the base with the average of seat estimates in place of the last shares.

    Each is first moved to the average of their national shares, so that the average blends how
    they spread votes over the seats, whatever their national shares were.

    `weights`, shape (estimate,): summing to one. `change`, shape (estimate, nation, column):
    movement of the national shares since each was made [fraction]. `rule`: swing rule that moves
    the estimates to other national shares.
    """
    starts = [with_estimates(last, one) for one in estimates]
    if len(starts) == 1 and not change.any():
        return starts[0]  # a swing, even to its own shares, would lift parties at zero to the floor
    means = np.array([nation_means(one, one.shares) for one in starts])
    stood = means.max(0) > 0
    target = close(np.maximum((weights[:, None, None] * (means + change)).sum(0), TINY), stood)
    moved = [swing_seats(one, reachable(one, target), rule, parameters) for one in starts]
    return replace(last, shares=(weights[:, None, None] * moved).sum(0))


def left_to_swing(last: Base, start: Base, given: Bools, rule: Rule, by: SwingParameters) -> Base:
    """Fill in the seats of Great Britain that have no estimate, from the swing of the others.

    Their last shares swing to the national shares of the seats that have an estimate. The Speaker's
    seat, which no swing moves, keeps its result.

    `last` and `start`: the base with the last shares, and with the estimates in their place.
    `given`, shape (seat,): which seats have an estimate. `rule` and `by`: the run's swing rule, and
    its parameters.
    """
    alone = (party_columns(["Spk"])[last.seats.nation] & last.stands).any(1)
    missing = ~given & last.seats.in_britain & ~alone
    if not missing.any():
        return start
    counted = start.weight * ~missing
    nations = last.seats.of_nation
    target = exact.dot(nations * counted, start.shares) / exact.dot(nations, counted)[:, None]
    swung = swing_seats(last, reachable(last, target), rule, by)
    return replace(start, shares=np.where(missing[:, None], swung, start.shares))


def untied(last: Base, start: Base) -> tuple[Base, Bools]:
    """Return seat estimates without ties for the lead, and a mask of the seats that had one.

    The tied party with most votes last time is put `AHEAD`, so that neither rounding in the kernel
    nor the order of a ballot paper decides.

    `last` and `start`: the base with the last shares, and with the estimates in their place.
    """
    best = start.shares.max(1, keepdims=True)
    level = start.stands & (start.shares > best - AHEAD / 2)
    tied = np.asarray(level.sum(1) > 1)
    first = np.where(level, last.last, -1).argmax(1)[:, None] == np.arange(level.shape[1])
    by = np.where(
        first, AHEAD, np.where(level, -AHEAD / np.maximum(level.sum(1) - 1, 1)[:, None], 0)
    )
    return replace(start, shares=start.shares + tied[:, None] * by), tied
