"""From the plans to what the kernel reads: seats in the order it takes them, masks as bits.

Plain NumPy, once a run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from forecaster.kernels import random, rules
from forecaster.kernels.layout import (
    LEVELS,
    LOGIT,
    MOST_IN_RUN,
    MOVING,
    NARROW,
    NEVER,
    REFUSAL,
    SEAT,
    SIX,
    USUAL,
    KernelPlan,
    PactPlan,
    Sampling,
    TragedyPlan,
    inputs,
)

Arrays = dict[str, npt.NDArray[Any]]
Indices = npt.NDArray[np.int64]

_F = np.float32
NOBODY = 31
"""Stands for a column that there is not."""


def pack(
    plan: KernelPlan, pacts: PactPlan, tragedies: TragedyPlan, sampling: Sampling
) -> tuple[Arrays, int]:
    """Return the arrays of `layout.inputs`, and the width of narrow seats.

    What is not made here is as in the plans.
    """
    rows = seat_rows(plan)
    narrow, fits = narrow_seats(rows)
    place = np.where(fits, 0, 1)
    # Seats of one width, nation and region follow one another, and find their memory in the cache.
    order = np.lexsort((plan.region, plan.nation, place))
    law = plan.lambda_mean, plan.lambda_sd, *plan.lambda_bounds.T
    known = {
        **pacts._asdict(),
        **plan._asdict(),
        **pack_sampling(sampling),
        **_seats(plan, rows, order),
        **_actions(plan, pacts, order),
        **_tragedies(plan, tragedies),
        "runs": _runs(plan.nation[order], place[order]),
        "ranges": _ranges(plan, place[order], order),
        "lambda_law": np.stack(law, 1),
        "levels": [getattr(plan, name) for name in LEVELS],
    }
    declared = inputs(plan.base.shape[1], random.STREAMS)
    arrays = {
        name: np.ascontiguousarray(known[name], dtype) for name, (dtype, _) in declared.items()
    }
    return arrays, narrow


def narrow_seats(rows: Arrays) -> tuple[int, npt.NDArray[np.bool_]]:
    """Return that of `NARROW` widths that fits most seats, and which have just these columns."""
    each = []
    for width in (min(narrow, rows["stands"].shape[1]) for narrow in NARROW):
        fits = (rows["stands"][:, width:] == 0).all(1)
        for (row, column), known in USUAL.items():
            if column < width:
                fits &= rows[row][:, column] == known
        each.append((width, fits))
    return max(each, key=lambda found: found[1].sum())


def pack_sampling(sampling: Sampling) -> Arrays:
    """Return the seeds as halves of words, and the Sobol points as they are."""
    halves = sampling.seeds & np.uint64(0xFFFFFFFF), sampling.seeds >> np.uint64(32)
    return {
        "keys": np.stack(halves, 1).astype(np.uint32),
        "start": sampling.start,
        "rows": sampling.rows,
        "shift": sampling.shift,
        "direction": sampling.direction,
        "log_scale": sampling.log_scale,
    }


def seat_rows(plan: KernelPlan) -> Arrays:
    """Return the rows of `seat`, in the plan's order of seats."""
    base = plan.base
    best = np.arange(base.shape[1]) == plan.tactical_best[:, None]
    tactical = (plan.tactical_best >= 0)[:, None]
    rows = {
        "base": base,
        "floor": np.minimum(base, _F(rules.FLOOR)),
        "odds": (1 - base) / np.maximum(base, _F(rules.TINY)) if plan.rule == LOGIT else 0 * base,
        "stands": plan.stands,
        "clarity": plan.tactical_clarity * tactical,
        "best": (-best.astype(np.int32)).view(_F),
        "offset": plan.offset,
        "sitting": plan.sitting,
        "size": plan.size,
        "factor": plan.win_factor,
    }
    return {row: np.asarray(numbers, _F) for row, numbers in rows.items()}


def moving(plan: KernelPlan) -> Indices:
    """Return among which columns tactical votes move in each seat: a place in `MOVING`, or -1."""
    columns, best = range(plan.base.shape[1]), plan.tactical_best
    asked = (plan.tactical_clarity > 0) | (columns == best[:, None])
    others = [[c for c in columns if c not in among] for among in MOVING]
    fits = [*(~asked[:, each].any(1) for each in others), np.ones(len(asked), bool)]
    return np.where(best < 0, -1, np.argmax(fits, 0))


def _seats(plan: KernelPlan, rows: Arrays, order: Indices) -> Arrays:
    factors = plan.covariates.shape[1]
    padded = np.zeros((len(order), -(-factors // SIX) * SIX), _F)
    padded[:, :factors] = plan.covariates
    return {
        "number": order,
        "region": plan.region[order],
        "bloc": plan.tactical_bloc[order],
        "moving": moving(plan)[order],
        "weight": plan.weight[order],
        "seat": np.stack([rows[row][order] for row in SEAT], 1),
        "covariates": padded[order].reshape(len(order), -1, SIX),
    }


def _runs(nation: npt.NDArray[Any], place: npt.NDArray[Any]) -> Indices:
    """Return runs of seats alike, short enough to be counted in bytes."""
    new = (np.diff(nation) != 0) | (np.diff(place) != 0)
    ends = np.append(np.flatnonzero(new) + 1, len(nation))
    starts = np.append(0, ends[:-1])
    cuts = [range(a, b, MOST_IN_RUN) for a, b in zip(starts, ends, strict=True)]
    starts = np.array([start for each in cuts for start in each])
    ends = np.append(starts[1:], len(nation))
    return np.stack([starts, ends, nation[starts], place[starts]], 1)


def _ranges(plan: KernelPlan, place: Indices, order: Indices) -> Indices:
    out = np.zeros((len(plan.target), 2, 2), np.int64)
    for a in range(len(out)):
        for width in range(2):
            here = np.flatnonzero((plan.nation[order] == a) & (place == width))
            if len(here):
                out[a, width] = here[0], here[-1] + 1
    return out


def _actions(plan: KernelPlan, pacts: PactPlan, order: Indices) -> Arrays:
    each, taken = action_order(pacts, order)
    starts = np.append(0, np.cumsum(each))
    columns = plan.base.shape[1]
    seat = np.repeat(order, each)
    flag, pact = pacts.flag[taken], pacts.pact[taken]
    transfer, clarity = pacts.transfer[taken], pacts.clarity[taken]
    opponents = pacts.opponents[taken]
    able = np.arange(columns) != flag[:, None]
    has = pacts.strength[pact, :, 0] > NEVER
    donates = transfer >= 0
    gives = donates | (clarity > 0)
    # Those who give come first, in the order of the columns.
    action, column = np.nonzero(gives)
    giver, giver_row = np.zeros_like(transfer), np.zeros_like(transfer)
    place = action, (gives.cumsum(1) - 1)[gives]
    giver[place], giver_row[place] = column, transfer[gives]
    # The last row is that of columns without rates.
    passes = donates & np.append(pacts.transfer_weight[:, [1, 3]].any(1), False)[transfer]
    lucky = donates & np.append(pacts.transfer_seat_sd > 0, False)[transfer]
    lucky |= donates & has[:, REFUSAL, None]
    seat_sd = np.unique(pacts.transfer_seat_sd[pacts.transfer_seat_sd > 0])
    return {
        "actions_from": starts,
        "action": taken,
        "scenario": pacts.scenario[taken],
        "end_of_scenario": _ends(seat, pacts.scenario[taken]),
        "pact": pact,
        "flag": flag,
        "members": _bits(pacts.members[taken]),
        "opponents": _bits(opponents),
        "has": has,
        "passes_on": passes.any(1) | has[:, 1],
        "givers": gives.sum(1),
        "giver": giver,
        "giver_row": giver_row,
        "lucky": _together(_bits(lucky), starts),
        "luck_column": np.array(random.luck_order(columns) + [NOBODY] * (-columns % 4)),
        "role": np.stack(
            [able * opponents, able * (1 - opponents), clarity, able * plan.win_factor[seat]], 1
        ),
        "strength_law": pacts.strength,
        "luck_of": pacts.luck,
        "transfer_luck": np.searchsorted(seat_sd, pacts.transfer_seat_sd, side="right") - 1,
        "seat_sd": seat_sd,
    }


def action_order(pacts: PactPlan, order: Indices) -> tuple[Indices, Indices]:
    """Return how many actions each seat has, and which, in the order of the seats."""
    if not len(pacts.flag):
        return np.zeros(len(order), np.int64), np.zeros(0, np.int64)
    each = np.diff(pacts.start)[order]
    ends = np.cumsum(each)
    # A seat's first action, less the place that it gets.
    shift = pacts.start[:-1][order] - (ends - each)
    return each, np.repeat(shift, each) + np.arange(ends[-1])


def _ends(seat: Indices, scenario: npt.NDArray[Any]) -> Indices:
    """Return for every action where those of its seat and scenario end."""
    differs = (np.diff(seat) != 0) | (np.diff(scenario) != 0)
    ends = np.append(np.flatnonzero(differs) + 1, len(seat))
    return ends[np.searchsorted(ends, np.arange(len(seat)), side="right")]


def _together(masks: Indices, starts: Indices) -> Indices:
    """Return for every action what any action of its seat needs."""
    if not len(masks):
        return masks
    first = starts[:-1][np.diff(starts) > 0]
    return np.repeat(np.bitwise_or.reduceat(masks, first), np.diff(np.append(first, len(masks))))


def _bits(mask: npt.NDArray[Any]) -> Indices:
    """Return masks of columns as bits of integers."""
    return np.asarray(mask @ (1 << np.arange(mask.shape[-1])))


def _tragedies(plan: KernelPlan, tragedies: TragedyPlan) -> Arrays:
    """Return the sets of parties whose votes definitions compare, and which compares which.

    The votes of the winner are a set of their own, after all others.
    """
    nations, columns = plan.target.shape
    winners, *both = (_bits(mask)[:, :nations] for mask in tragedies)
    compared = np.stack(both, 2)
    sets = [sorted(set(compared[:, a].flat) - {0}) for a in range(nations)]
    most = max(map(len, sets))
    place = np.full_like(compared, most)
    size, members = np.zeros((nations, most), int), np.zeros((nations, most, columns), int)
    for a, each in enumerate(sets):
        for s, parties in enumerate(each):
            place[:, a][compared[:, a] == parties] = s
            found = [c for c in range(columns) if parties >> c & 1]
            size[a, s], members[a, s, : len(found)] = len(found), found
    return {
        "sets_of": np.array([len(each) for each in sets]),
        "set_size": size,
        "in_set": members,
        "tragedy": np.concatenate([winners[..., None], place], 2),
    }
