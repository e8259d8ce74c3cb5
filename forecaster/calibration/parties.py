"""Estimate lambda and the parties' errors from the residuals of past elections."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from forecaster.arrays import Floats, Ints
from forecaster.calibration import components as co
from forecaster.calibration.components import Components, Layout, Moments
from forecaster.calibration.laws import growth, random_mean, tail_dof
from forecaster.calibration.residuals import BRITISH, Carried, PartyResiduals, Past
from forecaster.plan.build import correlation_matrix
from forecaster.swing.base import growth_with_share
from forecaster.vocabulary import (
    BALLOT,
    GB_PARTIES,
    NATIONS,
    OWN_PARTY,
    PARTIES,
    SEATS_IN_THE_COMMONS,
)

SIZE_ROUNDS = 3
"""Rounds between the exponent of the error's size and the variances, which start from:"""
FIRST_EXPONENT = 0.5

FEWEST_IN_NORTHERN_IRELAND = 5
"""Fewest seats at an election from which a party's error in Northern Ireland is estimated."""

LEAST_EIGENVALUE = 0.05
"""Smallest eigenvalue of a correlation matrix, with a margin for the rounding of its entries."""

INFLATIONS = np.exp(np.linspace(np.log(0.5), np.log(4.0), 209))
"""Factors among which `seat.shared_inflation` is chosen."""


@dataclass(frozen=True)
class Party:
    """What is fitted to one party over all elections."""

    elections: list[int]
    """Indices of the elections at which the party was evaluated."""
    contests: list[PartyResiduals]
    exponent: float
    """Exponent of `growth_with_share`."""
    reference: float
    """Reference share of `growth_with_share`."""
    moments: Moments
    components: Components
    own: Floats
    """The seat's own error at the reference share [pp], shape (election, seat); NaN for none."""


def fit_parties(
    pasts: list[Past],
    layout: Layout,
    floor: float,
    lambda_sd: Floats | None,
) -> dict[str, Party]:
    """Fit every party that was evaluated at two or more elections."""
    out = {}
    for name in BRITISH:
        there = [e for e, past in enumerate(pasts) if name in past.contests]
        if len(there) > 1:
            contests = [pasts[e].contests[name] for e in there]
            out[name] = _fit_party(there, contests, layout, floor, lambda_sd)
    return out


def _fit_party(
    elections: list[int],
    contests: list[PartyResiduals],
    layout: Layout,
    floor: float,
    lambda_sd: Floats | None,
) -> Party:
    reference = float(np.mean([contest.actual.mean() for contest in contests]))
    exponent = FIRST_EXPONENT
    for _ in range(SIZE_ROUNDS):
        sizes = [
            np.maximum(growth_with_share(contest.expected, reference, exponent), floor)
            for contest in contests
        ]
        moments = co.moments(contests, sizes)
        components = co.fit(moments, layout, lambda_sd)
        fitted = zip(moments.values, moments.design, components.found, strict=True)
        left = [y - z @ found for y, z, found in fitted]
        used = exponent
        errors = [e * size for e, size in zip(left, sizes, strict=True)]
        exponent = max(growth(errors, [contest.expected for contest in contests]), 0.0)
    own = np.full((len(contests), SEATS_IN_THE_COMMONS), np.nan)
    for row, contest, alone in zip(own, contests, left, strict=True):
        row[contest.seat] = alone
    return Party(elections, contests, used, reference, moments, components, own)


@dataclass(frozen=True)
class LambdaRow:
    """What one election contributes to the estimate of lambda."""

    products: Floats
    """Normal equations of the correction to lambda where parties fall and where they rise."""
    towards: Floats
    """Their right-hand side, shape (2,)."""
    rises: Ints
    """Direction of each unit, as in `Pull`, shape (unit,)."""
    found: Floats
    """Correction to each unit's lambda alone, shape (unit,)."""
    error: Floats
    """Its standard error, shape (unit,)."""
    weight: Floats
    """Sum of squares of the unit's derivatives [pp^2], shape (unit,)."""


def lambda_row(past: Past) -> LambdaRow:
    """Regress all shares of an election on their derivatives by lambda and on sitting MPs."""
    pull = past.pull
    sitting = pull.sitting[:, pull.sitting.any(0)]
    inverse = np.linalg.inv(sitting.T @ sitting)

    def beside(values: Floats) -> Floats:
        return np.asarray(values - sitting @ (inverse @ (sitting.T @ values)))

    residual, units = beside(pull.residual), beside(pull.by_lambda)
    both = np.column_stack([units[:, pull.rises == k].sum(1) for k in (0, 1)])
    weight = (units**2).sum(0)
    error = np.sqrt(((residual[:, None] * units) ** 2).sum(0)) / weight
    return LambdaRow(
        both.T @ both, both.T @ residual, pull.rises, units.T @ residual / weight, error, weight
    )


def lambda_law(rows: list[LambdaRow]) -> tuple[Floats, Floats]:
    """Return mean and SD of the correction to lambda, each for falling and rising parties.

    The mean is the least squares estimate over all shares. The SD is that of the units, weighted by
    how much they move shares, less their sampling variance.
    """
    products = np.sum([row.products for row in rows], axis=0)
    towards = np.sum([row.towards for row in rows], axis=0)
    mean: Floats = np.linalg.solve(products, towards)
    spread = np.zeros(2)
    for k in (0, 1):
        found, error, weight = (
            np.concatenate([getattr(row, name)[row.rises == k] for row in rows])
            for name in ("found", "error", "weight")
        )
        variance = weight @ ((found - mean[k]) ** 2 - error**2) / weight.sum()
        spread[k] = max(variance, 0.0) ** 0.5
    return mean, spread


def shared_sd(parties: dict[str, Party], column: int) -> dict[str, float]:
    """Return the standard deviation of a coefficient of the design by party [pp]; see `Layout`."""
    return {p: float(party.components.variance[column] ** 0.5) for p, party in parties.items()}


def regions(parties: dict[str, Party], layout: Layout) -> tuple[dict[str, float], dict[str, float]]:
    """Return the standard deviation of regions by party [pp], and their correlations.

    Scotland and Wales are one region each, and have no regional error as their mean is given.
    """
    british = {p: party for p, party in parties.items() if p in GB_PARTIES}
    sd = shared_sd(parties, layout.regions.start)
    errors = {p: party.components.found[:, layout.regions].ravel() for p, party in british.items()}
    return {p: value for p, value in sd.items() if p not in OWN_PARTY.values()}, {
        f"{p}-{q}": float(
            errors[p] @ errors[q] / np.sqrt((errors[p] @ errors[p]) * (errors[q] @ errors[q]))
        )
        for p, q in combinations(british, 2)
        if len(errors[p]) == len(errors[q])
    }


def incumbency(
    parties: dict[str, Party], layout: Layout, of: tuple[str, ...]
) -> tuple[dict[str, float], dict[str, float]]:
    """Return mean and SD of the advantage of a sitting MP at the next election, by party [pp].

    The SD combines the spread between elections with the error of the mean.
    """
    means, sds = {}, {}
    for name in of:
        if name not in parties:
            continue
        party = parties[name]
        there = np.array([contest.sitting.sum() > 0 for contest in party.contests])
        effect = party.components.found[there, layout.sitting]
        error = np.sqrt(party.components.uncertainty[there, layout.sitting])
        mean, between, off = random_mean(effect, error)
        means[name] = max(mean, 0.0)
        sds[name] = (between**2 + off**2) ** 0.5
    return means, sds


def by_election(carried: list[Carried], advantage: dict[str, float]) -> float:
    """Return the part of a by-election's surprise that lasts until the next general election."""
    surprise = np.concatenate([one.surprise for one in carried])
    left = np.concatenate(
        [
            one.residual - one.sitting * [advantage.get(party, 0.0) for party in one.party]
            for one in carried
        ]
    )
    return float(surprise @ left / (surprise @ surprise)) if len(surprise) else 0.0


def local_elections(pasts: list[Past], advantage: dict[str, float]) -> dict[str, float]:
    """Return the part of a change at local elections that a general election shows, by party."""
    towards: dict[str, float] = defaultdict(float)
    squares: dict[str, float] = defaultdict(float)
    for past in pasts:
        for name, one in past.contests.items():
            change = past.local[one.seat, PARTIES.index(name)]
            known = change != 0
            if not known.any():
                continue
            left = one.residual - one.sitting * advantage.get(name, 0.0)
            # With the mean and the covariates taken out of both (Frisch and Waugh 1933).
            others = np.column_stack([np.ones(len(change)), one.covariates])[known]
            both = np.column_stack([change, left])[known]
            change, left = (both - others @ np.linalg.lstsq(others, both)[0]).T
            towards[name] += float(change @ left)
            squares[name] += float(change @ change)
    return {name: min(max(towards[name] / squares[name], 0.0), 1.0) for name in squares}


def spread(parties: dict[str, Party]) -> float:
    """Return the SD between elections of the log size of the seats' own errors.

    The log is averaged over the parties of Great Britain, so that the SD is that of a common scale.
    """
    logs = np.array([np.log(parties[p].components.noise) / 2 for p in GB_PARTIES])
    return float(logs.mean(0).std(ddof=1))


def own_sd(parties: dict[str, Party], of_elections: float) -> dict[str, float]:
    """Return the standard deviation of the seat's own error at the reference share [pp].

    The model multiplies it by a log-normal of spread `of_elections`, whose mean square is
    ``exp(2 spread^2)``.
    """
    shrink = float(np.exp(-(of_elections**2))) * (co.DOF / (co.DOF - 2)) ** 0.5
    return {
        name: float(party.components.noise.mean() ** 0.5) * shrink
        for name, party in parties.items()
    }


def northern_ireland_sd(pasts: list[Past]) -> dict[str, float]:
    """Return the root mean square of the residuals of uniform swing in Northern Ireland [pp]."""
    out = {}
    for name in BALLOT["Northern Ireland"]:
        residuals = [past.northern_ireland.get(name, np.empty(0)) for past in pasts]
        squares = [(r**2).mean() for r in residuals if len(r) >= FEWEST_IN_NORTHERN_IRELAND]
        if len(squares) > 1:
            out[name] = float(np.mean(squares) ** 0.5)
    return out


def correlations(parties: dict[str, Party]) -> dict[str, float]:
    """Return the correlations of the seat's own errors, averaged over elections.

    All are shrunk towards zero until no nation's matrix has an eigenvalue below `LEAST_EIGENVALUE`.
    """
    out = {}
    for p, q in combinations(parties, 2):
        if not any({p, q} <= set(BALLOT[nation]) for nation in NATIONS):
            continue
        found = []
        for e, one in zip(parties[p].elections, parties[p].own, strict=True):
            if e in parties[q].elections:
                two = parties[q].own[parties[q].elections.index(e)]
                both = ~np.isnan(one) & ~np.isnan(two)
                a, b = one[both], two[both]
                found.append(float(a @ b / np.sqrt((a @ a) * (b @ b))))
        out[f"{p}-{q}"] = float(np.mean(found))
    on_ballot = [[name for name in parties if name in BALLOT[n]] for n in NATIONS[:3]]
    matrices = [correlation_matrix(names, out) for names in on_ballot]
    least = min(float(np.linalg.eigvalsh(one)[0]) for one in matrices)
    # The least eigenvalue of (1 - t) R + t I is (1 - t) least + t.
    shrink = max((LEAST_EIGENVALUE - least) / (1 - least), 0.0)
    return {pair: (1 - shrink) * value for pair, value in out.items()}


def dof(parties: dict[str, Party], pairs: dict[str, float], elections: int) -> float:
    """Return the degrees of freedom of the seat's own errors, whitened by their correlations.

    Other is left out, because the remaining parties nearly determine it.
    """
    names = [name for name in parties if name != "Other"]
    whole = correlation_matrix(names, pairs)
    squares, count = [], []
    for e in range(elections):
        table = np.full((SEATS_IN_THE_COMMONS, len(names)), np.nan)
        for column, name in enumerate(names):
            party = parties[name]
            if e in party.elections:
                at = party.elections.index(e)
                table[:, column] = party.own[at] / party.components.noise[at] ** 0.5
        q, k = _whitened(table, whole)
        squares.append(q)
        count.append(k)
    return tail_dof(squares, count)


def _whitened(table: Floats, whole: Floats) -> tuple[Floats, Ints]:
    """Return the squared whitened length and the number of errors of each seat that has any."""
    there = ~np.isnan(table)
    squares, count = np.zeros(len(table)), there.sum(1)
    for pattern in np.unique(there, axis=0):
        if pattern.any():
            seats = (there == pattern).all(1)
            errors = table[np.ix_(seats, pattern)]
            inverse = np.linalg.inv(whole[np.ix_(pattern, pattern)])
            squares[seats] = np.einsum("ij,jk,ik->i", errors, inverse, errors)
    return squares[count > 0], count[count > 0]


def inflation_curves(parties: dict[str, Party], layout: Layout, elections: int) -> Floats:
    """Return the log likelihood of each factor on the shared errors, shape (election, factor).

    Each election's residuals are evaluated under the variances estimated from the others, with
    those of slopes and regions multiplied by the square of the factor, and summed over parties.
    Other is left out, because it pools different candidates at each election.
    """
    out = np.zeros((elections, len(INFLATIONS)))
    for name, party in parties.items():
        if name == "Other" or len(party.elections) < 3:
            continue
        for at, e in enumerate(party.elections):
            # The spread of the lambdas stays as it was estimated.
            lambda_sd = np.sqrt(party.components.variance[layout.lambdas])
            others = co.fit(co.without(party.moments, at), layout, lambda_sd)
            for n, factor in enumerate(INFLATIONS):
                variance = others.variance.copy()
                variance[: layout.regions.stop] *= factor**2
                noise = float(party.components.noise[at])
                out[e, n] += co.log_likelihood(party.components.weighted, at, variance, noise)
    return out
