"""Variance components: how much of a party's residuals is shared, and along what.

For one party, election e and seat i, in points at the party's reference share:

``y = Z b + noise``, ``b_f ~ N(0, variance of its group)``, ``noise ~ scale_e t(4)``

Z holds the covariates, the regions, their level, the sitting MP and the derivatives by lambda. The
variances are maximum likelihood estimates, found by expectation and maximisation (Dempster, Laird
and Rubin, Journal of the Royal Statistical Society B 39, 1977; for variance components Laird and
Ware, Biometrics 38, 1982). They are uncentred, free of sampling noise, and never negative. Heavy
tails enter as weights of the seats (Lange, Little and Taylor, Journal of the American Statistical
Association 84, 1989, p. 881), so that one extraordinary seat does not move a whole region.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecaster.arrays import Bools, Floats
from forecaster.calibration.residuals import Contest
from forecaster.vocabulary import ENGLAND, REGIONS

FLAT = 1e6
"""Prior variance of a coefficient that is not shrunk."""

LEAST = 1e-6
INFORMATIVE = 1.0
"""A region with less than one seat's worth of information does not count for their spread."""

ROUNDS = 36
REWEIGHTED = 6
"""Rounds after which the seats are weighted anew."""

DOF = 4.0
"""Of the seat's own error while the variances are fitted, as the kernel draws it."""


@dataclass(frozen=True)
class Moments:
    """Cross products of one party's design and residuals, with one row per election.

    Attributes
    ----------
    design : list of ndarray, each of shape (n, k)
    values : list of ndarray, each of shape (n,)
        Residuals at the reference share [pp].
    products : ndarray, shape (election, k, k)
    towards : ndarray, shape (election, k)
    squares, count : ndarray, shape (election,)
    """

    design: list[Floats]
    values: list[Floats]
    products: Floats
    towards: Floats
    squares: Floats
    count: Floats


@dataclass(frozen=True)
class Layout:
    """Columns of the design by what they hold."""

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
    """Variances of one party, and its coefficients at each election.

    Attributes
    ----------
    variance : ndarray, shape (k,)
        Prior variance of each coefficient; estimated for covariates and regions.
    noise : ndarray, shape (election,)
        Squared scale of the seat's own error, whose variance is ``DOF / (DOF - 2)`` times that.
    found, uncertainty : ndarray, shape (election, k)
        Posterior mean and variance of the coefficients.
    weighted : Moments
        With the weights that heavy tails give to seats.
    """

    variance: Floats
    noise: Floats
    found: Floats
    uncertainty: Floats
    weighted: Moments


def moments(contests: list[Contest], sizes: list[Floats]) -> Moments:
    """Return the cross products of a party's contests, one per election.

    Parameters
    ----------
    contests : list of Contest
    sizes : list of ndarray, each of shape (n,)
        Scale of the error relative to that at the reference share. Slopes and regions grow with
        it, an MP's advantage and lambda do not.
    """
    designs, values = [], []
    for contest, size in zip(contests, sizes, strict=True):
        # Scotland and Wales are one region each, whose mean is given with the nation's share.
        region = contest.region[:, None] == np.arange(len(REGIONS))
        region &= (contest.nation == ENGLAND)[:, None]
        # The level, which all regions have in common, is no error of regions: multiplied by the
        # size of the error it is a slope on the share, which lambda covers.
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


def _centred(columns: Floats, contest: Contest) -> Floats:
    # The model subtracts the nation's mean from all shared error: national shares are given.
    out = columns.copy()
    for nation in np.unique(contest.nation):
        here = contest.nation == nation
        weight = contest.weight[here]
        out[here] -= weight @ columns[here] / weight.sum()
    return out


def groups(products: Floats, layout: Layout) -> list[Bools]:
    """Return the groups of coefficients that share a variance, as masks ``(election, k)``."""
    informative = np.einsum("ekk->ek", products) > INFORMATIVE
    together = [slice(f, f + 1) for f in range(layout.covariates.stop)] + [layout.regions]
    every = np.arange(products.shape[1])
    masks = [informative & np.isin(every, every[columns]) for columns in together]
    return [mask for mask in masks if mask.any()]


def fit(party: Moments, layout: Layout, lambda_sd: Floats | None) -> Components:
    """Estimate the variances of one party, those of its regions from England only.

    Parameters
    ----------
    party : Moments
    layout : Layout
    lambda_sd : ndarray, shape (2,), or None
        Spread of lambda, falling and rising, around those of the swing; None leaves it free.
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
