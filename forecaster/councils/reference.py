"""Council elections in plain NumPy, one draw and ward at a time: the twin of the kernel.

It defines what `forecaster.councils.kernel` counts; only rounding may differ.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from forecaster.arrays import Floats, Ints
from forecaster.councils import kernel
from forecaster.councils.kernel import WardPlan
from forecaster.kernels.reference_random import words


class Counted(NamedTuple):
    """A ward in one draw and scenario: shares of best candidates, and councillors, by party."""

    shares: Floats
    won: Ints


def normals(plan: WardPlan, seed: int, draw: int, item: int, stream: int) -> Floats:
    """Return eight standard normals, two from each word of a counter."""
    four = words(seed, draw, 0, item, stream)
    return np.array([plan.normal[half] for w in four for half in (w & 0xFFFF, w >> 16)], float)


def simulate_ward(plan: WardPlan, seed: int, draw: int, w: int) -> list[Counted]:
    """Return a ward without a pact and with each of them."""
    shares, luck = voters(plan, seed, draw, w)
    out = [Counted(shares, elect(plan, w, plan.slates[0, w], shares, luck))]
    for s in range(len(plan.lead)):
        slate, moved = plan.slates[0, w], shares
        for p in np.flatnonzero(plan.scenario == s).tolist():
            slate, moved = with_pact(plan, seed, draw, w, p, slate, moved)
        out.append(Counted(moved, elect(plan, w, slate, moved, luck)))
    return out


def best_votes(plan: WardPlan, seed: int, draw: int, w: int) -> tuple[Floats, Ints]:
    """Return the votes of each party's best candidate without a pact, and its councillors."""
    shares, luck = voters(plan, seed, draw, w)
    slate = plan.slates[0, w]
    best = np.zeros(len(shares))
    for votes, c in candidates(plan, w, slate, shares, luck):
        best[c] = max(best[c], votes)
    return best, elect(plan, w, slate, shares, luck)


def voters(plan: WardPlan, seed: int, draw: int, w: int) -> tuple[Floats, Floats]:
    """Return the shares of a ward's best candidates without a pact, and the candidates' luck."""
    item = w * kernel.GROUPS
    place = normals(plan, seed, draw, int(plan.place[w]), kernel.PLACES)
    council = normals(plan, seed, draw, int(plan.council[w]), kernel.COUNCILS)
    ward = normals(plan, seed, draw, item, kernel.WARDS)
    shift = place @ plan.place_root[plan.place[w]]
    shift = shift * np.where(shift < 0, plan.fall[w], plan.rise[w])
    error = plan.scale[w] * (council @ plan.council_root + ward @ plan.ward_root)
    stands = plan.share[w] > 0
    shares = np.where(stands, np.maximum(plan.share[w] + shift + error, kernel.FLOOR), 0)
    shares = shares / shares.sum()
    number = -(-int(plan.slates[:, w].max(0).sum()) // 8)
    groups = range(kernel.CANDIDATES, kernel.CANDIDATES + number)
    luck = np.concatenate([normals(plan, seed, draw, item + g, kernel.WARDS) for g in groups])
    return shares, luck


def candidates(
    plan: WardPlan, w: int, slate: Ints, shares: Floats, luck: Floats
) -> list[tuple[float, int]]:
    """Return votes and party of every candidate, those with most votes first."""
    found = []
    for c, share in enumerate(shares):
        unit = np.sqrt(share)
        for k in range(slate[c]):
            votes = share + unit * (
                plan.spread[w, c] * luck[plan.slot[w, c] + k] - plan.ahead[w, c]
            )
            found.append((votes, c))
    return sorted(found, key=lambda one: -one[0])


def elect(plan: WardPlan, w: int, slate: Ints, shares: Floats, luck: Floats) -> Ints:
    """Return the councillors by party: those of the candidates with most votes."""
    first = candidates(plan, w, slate, shares, luck)[: plan.seats[w]]
    return np.bincount([c for _, c in first], minlength=len(shares))


def with_pact(
    plan: WardPlan, seed: int, draw: int, w: int, s: int, standing: Ints, shares: Floats
) -> tuple[Ints, Floats]:
    """Return slates and shares of a ward with the pact `s`, from those without it."""
    usual, agreed = plan.slates[0, w], plan.slates[s + 1, w]
    if (usual == agreed).all():
        return standing, shares
    item, member = w * kernel.GROUPS, plan.member[s] == 1
    luck = normals(plan, seed, draw, item + kernel.LUCK, kernel.WARDS)
    four = words(seed, draw, 0, item + kernel.LOTS, kernel.WARDS)
    lots = np.array([(half + 0.5) / 2**16 for w in four for half in (w & 0xFFFF, w >> 16)])
    z = normals(plan, seed, draw, len(shares) + int(plan.luck[s]), kernel.TRANSFERS)[:2]
    refusal, backlash = 1 / (1 + np.exp(-(plan.strength[s] @ [1, 0] + plan.strength[s, :, 1] * z)))
    own = np.where((agreed < usual) & (lots < refusal), usual, agreed)
    slate = np.where(member, own, standing)
    out, pots = shares.copy(), np.zeros(2)
    for c in np.flatnonzero(member):
        freed, row = usual[c] - slate[c], plan.rate[s, w, c]
        if row >= 0 and freed > 0:
            parts = _parts(plan, seed, draw, int(row), luck[c], plan.joint if slate[c] else 1.0)
            others = np.where(member & (np.arange(len(shares)) != c), slate, 0)
            if others.any():
                out += np.where(others > 0, parts[0] * shares[c] * min(1, freed / others.sum()), 0)
            pots += parts[[1, 3]] * shares[c] * freed / usual[c]
            if slate[c] == 0:
                out[c] = 0
        elif slate[c] > 0:
            left = backlash * shares[c]
            out[c] -= left
            pots[0] += left / 2
    opponent = plan.opponent[s] == 1
    for pot, side in zip(pots, (opponent, ~opponent & ~member), strict=True):
        votes = np.where(side & (slate > 0), shares, 0)
        if votes.any():
            out += pot * votes / votes.sum()
    return slate, out


def _parts(plan: WardPlan, seed: int, draw: int, row: int, luck: float, odds: float) -> Floats:
    """Return the parts that arrive, go to opponents, stay at home and go elsewhere."""
    z = normals(plan, seed, draw, int(plan.donor[row]), kernel.TRANSFERS)[:3]
    weight = plan.weight[row].astype(float)
    weight[:3] *= np.exp(plan.weight_sd[row] * z)
    weight[0] *= odds * np.exp(plan.seat_sd * luck)
    return np.asarray(weight / weight.sum())
