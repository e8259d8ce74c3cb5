"""Variance components: how much of a party's residuals seats share, by covariate and region.

The model of a party's residuals y at one election, in points at the party's reference share, is

``y = Z b + noise``, ``b_f ~ N(0, variance of its group)``, ``noise ~ scale_e t(4)``

The columns of Z are the covariates, the regions, the level that all regions share, the sitting MP
and the derivatives by lambda. The variances are maximum likelihood estimates by the EM algorithm
(Dempster, Laird and Rubin, Journal of the Royal Statistical Society B 39, 1977; for variance
components Laird and Ware, Biometrics 38, 1982). They are around zero, exclude sampling noise, and
are never negative. Heavy tails enter as weights of the seats (Lange, Little and Taylor, Journal of
the American Statistical Association 84, 1989, p. 881), so that one extreme seat does not move a
whole region.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecaster.arrays import Bools, Floats
from forecaster.calibration.residuals import PartyResiduals
from forecaster.vocabulary import ENGLAND, REGIONS

FLAT = 1e6
"""Prior variance of a coefficient that is not shrunk."""

LEAST = 1e-6
"""Smallest variance of a coefficient."""

INFORMATIVE = 1.0
"""A coefficient with less than one seat's worth of information does not count in its group."""

ROUNDS = 36
"""Rounds of the EM algorithm."""

REWEIGHTED = 6
"""The weights of the seats are renewed every so many rounds."""

DOF = 4.0
"""Degrees of freedom of the seat's own error: those with which the kernel draws it."""


@dataclass(frozen=True)
class Moments:
    """Cross products of one party's design and residuals at each election."""

    design: list[Floats]
    """Each of shape (n, k)."""
    values: list[Floats]
    """Residuals at the reference share [pp], each of shape (n,)."""
    products: Floats
    """``Z' W Z``, with the weights of the seats on the diagonal of W, shape (election, k, k)."""
    towards: Floats
    """``Z' W y``, shape (election, k)."""
    squares: Floats
    """``y' W y``, shape (election,)."""
    count: Floats
    """Number of seats, shape (election,)."""


@dataclass(frozen=True)
class Layout:
    """Which columns of the design hold what."""

    covariates: slice
    regions: slice
    level: int
    sitting: int
    lambdas: slice

    @staticmethod
    def of(covariates: int) -> Layout:
        """Return the layout for a number of covariates."""
        n = covariates + len(REGIONS)
        return Layout(slice(0, covariates), slice(covariates, n), n, n + 1, slice(n + 2, n + 4))


@dataclass(frozen=True)
class Components:
    """Variances of one party, and its coefficients at each election."""

    variance: Floats
    """Prior variance of each coefficient; estimated for covariates and regions, shape (k,)."""
    noise: Floats
    """Squared scale of the seat's own error; the variance is ``DOF / (DOF - 2)`` times that."""
    found: Floats
    """Posterior mean of the coefficients, shape (election, k)."""
    uncertainty: Floats
    """Posterior variance of the coefficients, shape (election, k)."""
    weighted: Moments
    """Moments with the final weights of the seats."""


def moments(contests: list[PartyResiduals], sizes: list[Floats]) -> Moments:
    """Return the cross products of a party's contests, one per election.

    `sizes`, shape (n,): scale of the error relative to that at the reference share. The effects of
    covariates and regions grow with it, those of sitting MPs and lambda do not.
    """
    designs, values = [], []
    for contest, size in zip(contests, sizes, strict=True):
        # Scotland and Wales are one region each, whose mean the nation's share determines.
        region = contest.region[:, None] == np.arange(len(REGIONS))
        region &= (contest.nation == ENGLAND)[:, None]
        # A level that all regions share is not a regional error: times the size of the error, it
        # is a slope on the share, which lambda covers.
        level = np.ones(len(region))
        shared = np.column_stack([contest.covariates, region, level])
        shared = _centred(shared * size[:, None], contest)
        alone = np.column_stack([_centred(contest.sitting[:, None], contest), contest.by_lambda])
        designs.append(np.column_stack([shared, alone]) / size[:, None])
        values.append(contest.residual / size)
    return _weighted(designs, values, [np.ones(len(y)) for y in values])


def _weighted(designs: list[Floats], values: list[Floats], weights: list[Floats]) -> Moments:
    both = list(zip(designs, values, weights, strict=True))
    return Moments(
        designs,
        values,
        np.array([(z * w[:, None]).T @ z for z, _, w in both]),
        np.array([z.T @ (w * y) for z, y, w in both]),
        np.array([y @ (w * y) for _, y, w in both]),
        np.array([len(y) for y in values], dtype=float),
    )


def reweighted(party: Moments, found: Floats, noise: Floats) -> Moments:
    """Return the moments with seats weighted by how well the coefficients fit them."""
    weights = [
        (DOF + 1) / (DOF + (y - z @ b) ** 2 / scale)
        for z, y, b, scale in zip(party.design, party.values, found, noise, strict=True)
    ]
    return _weighted(party.design, party.values, weights)


def _centred(columns: Floats, contest: PartyResiduals) -> Floats:
    # As in the model, shared errors have a mean of zero in each nation: national shares are given.
    out = columns.copy()
    for nation in np.unique(contest.nation):
        here = contest.nation == nation
        weight = contest.weight[here]
        out[here] -= weight @ columns[here] / weight.sum()
    return out


def groups(products: Floats, layout: Layout) -> list[Bools]:
    """Return a mask ``(election, k)`` for each group of coefficients that share a variance."""
    informative = np.einsum("ekk->ek", products) > INFORMATIVE
    together = [slice(f, f + 1) for f in range(layout.covariates.stop)] + [layout.regions]
    every = np.arange(products.shape[1])
    masks = [informative & np.isin(every, every[columns]) for columns in together]
    return [mask for mask in masks if mask.any()]


def fit(party: Moments, layout: Layout, lambda_sd: Floats | None) -> Components:
    """Estimate the variances of one party; those of regions come from England only.

    `lambda_sd`, shape (2,): SD of lambda around its mean, falling and rising; None estimates it
    without shrinkage.
    """
    k = party.products.shape[1]
    variance = np.ones(k)
    variance[[layout.level, layout.sitting]] = FLAT
    variance[layout.lambdas] = FLAT if lambda_sd is None else np.square(lambda_sd) + LEAST
    noise = party.squares / party.count
    shared = groups(party.products, layout)
    found, uncertainty, left = posterior(party, variance, noise)
    for round_ in range(1, ROUNDS):
        for group in shared:
            columns = group.any(0)
            variance[columns] = max((found**2 + uncertainty)[group].mean(), LEAST)
        noise = left / party.count
        if round_ % REWEIGHTED == 0:
            party = reweighted(party, found, noise)
        found, uncertainty, left = posterior(party, variance, noise)
    return Components(variance, noise, found, uncertainty, party)


def posterior(party: Moments, variance: Floats, noise: Floats) -> tuple[Floats, Floats, Floats]:
    """Return mean and variance of the coefficients, and the expected sum of squared noise."""
    inverse = np.linalg.inv(party.products / noise[:, None, None] + np.diag(1 / variance))
    found = np.einsum("ekj,ej->ek", inverse, party.towards) / noise[:, None]
    left = party.squares - 2 * np.einsum("ek,ek->e", found, party.towards)
    left += np.einsum("ek,ekj,ej->e", found, party.products, found)
    left += np.einsum("ekj,ejk->e", party.products, inverse)
    return found, np.einsum("ekk->ek", inverse).copy(), left


def log_likelihood(party: Moments, election: int, variance: Floats, noise: float) -> float:
    """Return the log density of one election's residuals, integrated over the coefficients."""
    products, towards = party.products[election], party.towards[election]
    inner = np.eye(len(variance)) + products * variance / noise
    found = np.linalg.solve(products + np.diag(noise / variance), towards)
    square = (party.squares[election] - towards @ found) / noise
    count = party.count[election]
    return float(-0.5 * (count * np.log(noise) + np.linalg.slogdet(inner)[1] + square))


def without(party: Moments, election: int) -> Moments:
    """Return the moments of all elections but one."""
    keep = [e for e in range(len(party.values)) if e != election]
    return Moments(
        [party.design[e] for e in keep],
        [party.values[e] for e in keep],
        *(of[keep] for of in (party.products, party.towards, party.squares, party.count)),
    )
