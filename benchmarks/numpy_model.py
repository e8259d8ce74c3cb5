"""The whole model in vectorised NumPy: what somebody would write who does not compile anything.

float32, SFC64, chunks of draws that stay in the cache. It takes the arrays of the kernel's plan,
draws random numbers of its own, and counts the same things.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecaster.kernels import layout, rules
from forecaster.kernels.layout import BINS, COLUMNS, KernelPlan

CHUNK = 32

_F = np.float32


@dataclass
class Counts:
    """Counters as in `layout.Tally`, without pact effects and tragedies."""

    wins: np.ndarray
    share_sum: np.ndarray
    histogram: np.ndarray
    seats_won: np.ndarray


class Model:
    """A plan, and optionally a pact in which the donors' votes all go to the flag bearer.

    Parameters
    ----------
    plan : KernelPlan
        A mixture rule without floor of targets that binds.
    flag : ndarray of int, shape (seat,)
        Column that gets the votes, -1 where there is no pact.
    donors : ndarray of bool, shape (seat, column)
    """

    def __init__(
        self, plan: KernelPlan, flag: np.ndarray | None = None, donors: np.ndarray | None = None
    ) -> None:
        self.plan = plan
        self.stands = (plan.stands == 1).astype(_F)
        self.flag = flag
        self.donors = donors
        self.nations = [np.flatnonzero(plan.nation == a) for a in range(len(plan.target))]
        self.own = plan.seat_cholesky[plan.nation].transpose(0, 2, 1).copy()
        members = (plan.tactical_best >= 0)[:, None] * plan.tactical_clarity * self.stands
        self.clarity = members.astype(_F)
        self.best = np.eye(COLUMNS, dtype=_F)[np.maximum(plan.tactical_best, 0)]
        self.floor = np.minimum(plan.base, _F(rules.FLOOR))

    def simulate(self, draws: int, seed: int) -> Counts:
        """Simulate and count."""
        plan, scenarios = self.plan, 1 if self.flag is None else 2
        seats = len(plan.nation)
        counts = Counts(
            np.zeros((scenarios, seats, COLUMNS), np.int64),
            np.zeros((scenarios, seats, COLUMNS)),
            np.zeros((scenarios, seats * COLUMNS * BINS), np.int64),
            np.zeros((draws, scenarios, len(plan.target), COLUMNS), np.int16),
        )
        generator = np.random.Generator(np.random.SFC64(seed))
        for start in range(0, draws, CHUNK):
            n = min(CHUNK, draws - start)
            shares = self._draw(generator, n)
            self._count(counts, shares, 0, start)
            if self.flag is not None and self.donors is not None:
                given = shares * self.donors
                shares = shares - given
                here = np.flatnonzero(self.flag >= 0)
                shares[:, here, self.flag[here]] += given.sum(2)[:, here]
                self._count(counts, shares, 1, start)
        return counts

    def _normals(self, generator: np.random.Generator, *shape: int) -> np.ndarray:
        return generator.standard_normal(shape, _F)

    def _t_scale(self, generator: np.random.Generator, dof: int, *shape: int) -> np.ndarray:
        if dof == 0:
            return np.ones(shape, _F)
        return np.sqrt(_F(dof - 2) / (2 * generator.standard_gamma(dof / 2, shape, _F)))

    def _draw(self, generator: np.random.Generator, n: int) -> np.ndarray:
        """Return shares of shape ``(draw, seat, column)``."""
        plan = self.plan
        target = self._targets(generator, n)
        z = self._normals(generator, n, 2 * COLUMNS)[:, plan.lambda_row]
        k = (target >= plan.nation_base).astype(np.intp)
        weight = np.clip(
            plan.lambda_mean[k] + plan.lambda_sd[k] * z,
            plan.lambda_bounds[k, 0],
            plan.lambda_bounds[k, 1],
        )
        mean, sd, low, high = plan.tactical_kappa.T
        kappa = np.clip(mean + sd * self._normals(generator, n, len(mean)), low, high)
        shares = self._rake(target, weight, kappa[:, plan.tactical_bloc])
        shares += self._errors(generator, n)
        np.maximum(shares, _F(plan.share_floor), out=shares)
        shares *= self.stands
        shares /= shares.sum(2, keepdims=True)
        return shares

    def _targets(self, generator: np.random.Generator, n: int) -> np.ndarray:
        plan = self.plan
        z = self._normals(generator, n, plan.target_loading.shape[2])
        z *= self._t_scale(generator, plan.target_dof, n, 1)
        drawn = plan.target + np.tensordot(z, plan.target_loading, (1, 2))
        drawn = np.maximum(drawn, plan.target_floor)
        swings = plan.swings == 1
        fixed = np.where(swings, 0, plan.target).sum(1, keepdims=True)
        free = np.where(swings, drawn, 0).sum(2, keepdims=True)
        return np.where(swings, drawn * ((1 - fixed) / free), plan.target).astype(_F)

    def _swing(self, theta: np.ndarray, weight: np.ndarray, kappa: np.ndarray) -> np.ndarray:
        plan = self.plan
        first = (theta * weight)[:, plan.nation]
        second = (1 + theta * (1 - weight) / plan.nation_base)[:, plan.nation]
        second *= plan.base
        second += first
        np.maximum(second, self.floor, out=second)
        second *= self.stands
        second /= second.sum(2, keepdims=True)
        moved = second * self.clarity
        moved *= kappa[:, :, None]
        second -= moved
        second += moved.sum(2, keepdims=True) * self.best
        return second

    def _rake(self, target: np.ndarray, weight: np.ndarray, kappa: np.ndarray) -> np.ndarray:
        plan = self.plan
        swings = (plan.swings == 1).astype(_F)
        theta = (target - plan.nation_base) * swings
        step = last = np.zeros_like(theta)
        for round_ in range(plan.rakes):
            shares = self._swing(theta, weight, kappa)
            mean = np.empty_like(theta)
            for a, seats in enumerate(self.nations):
                mean[:, a] = np.einsum("dsc,s->dc", shares[:, seats], plan.weight[seats])
            miss = (target - mean) * swings
            change = miss - last
            part = (miss * change).sum(2) / np.maximum((change * change).sum(2), rules.SETTLED)
            part = np.clip(part, *rules.EXTRAPOLATION)[:, :, None] if round_ > 0 else _F(0)
            step = (miss - part * (step + change)).astype(_F)
            theta, last = theta + step, miss
        return self._swing(theta, weight, kappa)

    def _errors(self, generator: np.random.Generator, n: int) -> np.ndarray:
        plan = self.plan
        factors = plan.covariates.shape[1]
        z = self._normals(generator, n, factors, COLUMNS)
        slopes = np.einsum("afcj,dfj->dafc", plan.slope_cholesky, z, optimize=True)
        z = self._normals(generator, n, len(plan.region_nation), COLUMNS)
        regional = np.einsum("rcj,drj->drc", plan.region_cholesky[plan.region_nation], z)
        strength = plan.strength_sd * self._normals(generator, n, 1, COLUMNS)
        regional += strength[:, plan.region_nation]
        centre = np.einsum("acf,dafc->dac", plan.slope_centre, slopes)
        for r, a in enumerate(plan.region_nation):
            centre[:, a] += plan.region_centre[r] * regional[:, r]
        advantage = plan.incumbency_sd * self._normals(generator, n, 1, COLUMNS)
        centre += plan.sitting_centre * advantage
        spread = np.exp(_F(plan.seat_spread) * self._normals(generator, n, 1, 1))
        scale = self._t_scale(generator, plan.seat_dof, n, len(plan.nation)) * spread[:, :, 0]
        z = self._normals(generator, n, len(plan.nation), COLUMNS)
        own = np.matmul(z.transpose(1, 0, 2), self.own).transpose(1, 0, 2)
        own = own * scale[:, :, None]
        own += regional[:, plan.region]
        for a, seats in enumerate(self.nations):
            own[:, seats] += np.matmul(plan.covariates[seats], slopes[:, a])
        own *= plan.size
        own += plan.offset + plan.sitting * advantage[:, plan.nation]
        own -= centre[:, plan.nation]
        return own.astype(_F, copy=False)

    def _count(self, counts: Counts, shares: np.ndarray, k: int, start: int) -> None:
        plan, n = self.plan, len(shares)
        winner = (shares * plan.win_factor).argmax(2)
        seats = np.arange(len(plan.nation))
        cells = seats * COLUMNS + winner
        wins = counts.wins[k]
        wins += np.bincount(cells.ravel(), minlength=wins.size).reshape(wins.shape)
        place = plan.nation * COLUMNS + winner + np.arange(n)[:, None] * len(self.nations) * COLUMNS
        total = np.bincount(place.ravel(), minlength=n * len(self.nations) * COLUMNS)
        counts.seats_won[start : start + n, k] = total.reshape(n, -1, COLUMNS)
        counts.share_sum[k] += shares.sum(0, dtype=np.float64)
        bins = np.minimum(np.sqrt(np.maximum(shares, 0)) * _F(BINS), BINS - 1).astype(np.int32)
        bins += (np.arange(len(seats) * COLUMNS, dtype=np.int32) * BINS).reshape(-1, COLUMNS)
        counts.histogram[k] += np.bincount(bins.ravel(), minlength=counts.histogram[k].size)


def normals_floor(draws: int, each: int) -> None:
    """Draw `each` normals for every draw with SFC64, and do nothing with them."""
    generator = np.random.Generator(np.random.SFC64(1))
    row = np.empty(each, _F)
    for _ in range(draws):
        generator.standard_normal(out=row, dtype=_F)


def shares_of(tally: layout.Tally, draws: int) -> np.ndarray:
    """Return the mean share of every scenario, seat and column of a kernel's tally."""
    return tally.share_sum / (layout.SHARE_UNIT * draws)
