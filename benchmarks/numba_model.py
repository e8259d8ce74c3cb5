"""The core loop as one writes it in numba at first: scalars, and ``np.random.normal``."""

from __future__ import annotations

import numba
import numpy as np

from forecaster.kernels.layout import BINS, COLUMNS


@numba.njit
def simulate(
    draws,
    seed,
    shares,
    stands,
    nation,
    cholesky,
    dof,
    size,
    offset,
    floor,
    factor,
    flag,
    donors,
    wins,
    share_sum,
    histogram,
    seats_won,
):
    """Noise, two scenarios and counting; arrays as in `forecaster.kernels.layout`.

    `shares` are those that a swing without error gives, `flag` and `donors` a pact in which every
    vote of the donors goes to the flag bearer.
    """
    np.random.seed(seed)
    z, own = np.empty(COLUMNS), np.empty(COLUMNS)
    for draw in range(draws):
        for i in range(len(nation)):
            a = nation[i]
            for c in range(COLUMNS):
                z[c] = np.random.normal()
            scale = np.sqrt((dof - 2) / np.random.chisquare(dof))
            total = 0.0
            for c in range(COLUMNS):
                own[c] = 0.0
                if stands[i, c] == 1:
                    error = 0.0
                    for j in range(c + 1):
                        error += cholesky[a, c, j] * z[j]
                    error = size[i, c] * scale * error
                    own[c] = max(shares[i, c] + offset[i, c] + error, floor)
                    total += own[c]
            for c in range(COLUMNS):
                own[c] /= total
            for k in range(2):
                if k == 1 and flag[i] >= 0:
                    for c in range(COLUMNS):
                        if donors[i, c]:
                            own[flag[i]] += own[c]
                            own[c] = 0.0
                winner, best = 0, -1.0
                for c in range(COLUMNS):
                    if own[c] * factor[i, c] > best:
                        winner, best = c, own[c] * factor[i, c]
                    share_sum[k, i, c] += own[c]
                    histogram[k, i, c, min(int(np.sqrt(own[c]) * BINS), BINS - 1)] += 1
                wins[k, i, winner] += 1
                seats_won[draw, k, a, winner] += 1
