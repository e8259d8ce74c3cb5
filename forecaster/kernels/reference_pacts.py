"""Pacts in plain NumPy, one draw and seat at a time: the twin of `forecaster.kernels.pacts`."""

from __future__ import annotations

import numpy as np

from forecaster.kernels import layout, random
from forecaster.kernels.layout import KernelPlan, PactPlan
from forecaster.kernels.reference_random import Seed, factors
from forecaster.kernels.reference_random import luck as lucky
from forecaster.kernels.rules import Array


def strengths(pacts: PactPlan, seed: Seed, draw: int) -> Array:
    """Return refusal, backlash, kappa and gain of every pact in one draw, shape ``(pact, 4)``."""
    z = [factors(4, seed, draw, int(item), random.PACTS) for item in pacts.luck]
    odds = pacts.strength[..., 0] + pacts.strength[..., 1] * np.reshape(z, (-1, 4))
    return np.asarray(1 / (1 + np.exp(-odds)))


def parts(pacts: PactPlan, row: int, luck: float, seed: Seed, draw: int) -> Array:
    """Return the parts that arrive, go to opponents, abstain and go to others; they sum to one."""
    z = factors(4, seed, draw, int(pacts.transfer_donor[row]), random.TRANSFERS)[:3]
    weight = pacts.transfer_weight[row].astype(float)
    weight[:3] *= np.exp(pacts.transfer_sd[row] * z)
    weight[0] *= np.exp(pacts.transfer_seat_sd[row] * luck)
    return np.asarray(weight / weight.sum())


def move_votes(
    plan: KernelPlan,
    pacts: PactPlan,
    shares: Array,
    seat: int,
    scenario: int,
    seed: Seed,
    draw: int,
) -> tuple[Array, float]:
    """Count one seat of one draw in a scenario.

    Parameters
    ----------
    shares : ndarray, shape (column,)
        Shares of the seat without pacts.

    Returns
    -------
    moved : ndarray, shape (column,)
        Votes after the pacts, in units of the votes without: they sum to one less `lost`.
    lost : float
        Voters who stay at home.
    """
    columns = len(shares)
    luck, lots = lucky(columns, seed, draw, seat)
    strength = strengths(pacts, seed, draw)
    here = [
        x for x in range(pacts.start[seat], pacts.start[seat + 1]) if pacts.scenario[x] == scenario
    ]
    standing = shares.copy()
    for x in here:
        asked = pacts.transfer[x] >= 0
        standing[asked & (lots > strength[pacts.pact[x], layout.REFUSAL])] = 0
    moved, lost = shares.copy(), 0.0
    for x in here:
        flag = pacts.flag[x]
        _, backlash, kappa, gain = strength[pacts.pact[x]]
        pots = np.zeros(4)
        for c in range(columns):
            if pacts.transfer[x, c] >= 0:
                amount = shares[c] - standing[c]
                pots += amount * parts(pacts, int(pacts.transfer[x, c]), luck[c], seed, draw)
            else:
                amount = kappa * pacts.clarity[x, c] * shares[c]
                pots[0] += amount
            moved[c] -= amount
        leave = backlash * shares[flag]
        pots += [0, leave / 2, leave / 2, 0]
        moved[flag] += pots[0] - leave
        lost += pots[2]
        able = (plan.stands[seat] == 1) & (np.arange(columns) != flag)
        for pot, side in ((pots[1], 1), (pots[3], 0)):
            votes = np.where(able & (pacts.opponents[x] == side), standing, 0)
            if votes.sum() > 0:
                moved += pot * votes / votes.sum()
            else:
                lost += pot
        moved *= 1 - gain
        moved[flag] += gain * (1 - lost)
    return moved, lost
