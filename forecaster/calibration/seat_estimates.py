"""How far seat estimates missed, seat by seat, as factors on the errors of the swing model.

Few elections had seat estimates, so no table of variances is learnt from them: two factors are,
on what is known of the swing's errors. The estimates are moved to the true national shares as a
run moves them; what is left is split, as it is for the swing model, into what seats share and what
is a seat's own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from forecaster.arrays import Bools, Floats
from forecaster.calibration import components as co
from forecaster.calibration.components import Layout, Moments
from forecaster.calibration.residuals import (
    BRITISH,
    FEWEST_SEATS,
    NORTHERN_IRELAND,
    PP,
    Contest,
    used_covariates,
)
from forecaster.config.parameters import Parameters, SeatParameters
from forecaster.elections.election import read_election
from forecaster.elections.estimates import Estimates
from forecaster.kernels import rules
from forecaster.swing.base import (
    OTHER,
    Base,
    build_base,
    fixed_columns,
    growth_with_share,
    nation_means,
    reachable,
    standardised_covariates,
    to_columns,
    with_estimates,
)
from forecaster.swing.rules import rule_named, swing_seats
from forecaster.swing.tactical import PAIRS
from forecaster.vocabulary import BALLOT, NATIONS, PARTIES

ROUNDS = 60
"""Rounds between the seats' own error and the factor on the shared one."""


@dataclass(frozen=True)
class SeatMiss:
    """How one set of estimates missed an election.

    Attributes
    ----------
    shared, own : float
        Factors on what seats share (slopes and regions) and on the seat's own error; see
        `seat_factors`.
    britain : ndarray, shape (column,)
        Result less estimate in Great Britain [fraction], by column of England's ballot paper.
    """

    shared: float
    own: float
    britain: Floats


def seat_miss(election: str, estimates: Estimates, parameters: Parameters) -> SeatMiss:
    """Compare seat estimates with the result of the election they were made for.

    Parameters
    ----------
    election : str
        One of `swing.tactical.PAIRS`.
    estimates : Estimates
    parameters : Parameters
        Of the swing model whose errors the factors multiply.
    """
    before, after = read_election(PAIRS[election]), read_election(election)
    seat = parameters.seat
    donors = seat.imputed_from.value.get(before.name, {})
    base = with_estimates(build_base(before, after, donors, seat.stand_again.value), estimates)
    votes = to_columns(after, after.votes.astype(float))
    actual = votes / votes.sum(1, keepdims=True)
    # New independents are among the others of whoever estimated the seat.
    new = fixed_columns()[base.seats.nation] & ~base.stands
    actual[:, OTHER] += np.where(new, actual, 0).sum(1)
    actual[new] = 0
    used = estimates.given & (base.seats.nation != NORTHERN_IRELAND)
    # The Speaker's seat has no contest.
    used &= after.votes[:, PARTIES.index("Spk")] == 0
    # What is not judged misses nothing.
    base = replace(
        base,
        shares=np.where(used[:, None], base.shares, actual),
        stands=np.where(used[:, None], base.stands, actual > 0),
    )
    britain = (after.valid_votes * used) @ (actual - base.shares) / after.valid_votes[used].sum()
    shared, own = seat_factors(_contests(base, actual, parameters, used), parameters)
    return SeatMiss(shared, own, np.asarray(britain))


def _contests(
    base: Base, actual: Floats, parameters: Parameters, used: Bools
) -> dict[str, Contest]:
    """Return what each party did beyond the estimates moved to the true national shares."""
    target = reachable(base, nation_means(base, actual))
    rule = rule_named("uniform", parameters.swing).towards(parameters.estimates.uniform.value, 1)
    expected = swing_seats(base, target, rule, parameters.swing)
    there = used[:, None] & base.stands & ~fixed_columns()[base.seats.nation]
    there &= expected >= rules.FLOOR
    names = used_covariates(parameters)
    covariates = standardised_covariates(base.seats, names, base.seats.nation != NORTHERN_IRELAND)
    out = {}
    for party in BRITISH:
        named = np.array([[party == column for column in BALLOT[nation]] for nation in NATIONS])
        at = np.nonzero(there & named[base.seats.nation])
        seats = at[0]
        if len(seats) >= FEWEST_SEATS:
            out[party] = Contest(
                seat=seats,
                residual=PP * (actual - expected)[at],
                expected=expected[at],
                actual=actual[at],
                covariates=covariates[seats],
                region=base.seats.region[seats],
                nation=base.seats.nation[seats],
                weight=base.weight[seats],
                # Whoever estimates a seat knows who sits there, and no lambda moved it.
                sitting=np.zeros(len(seats)),
                by_lambda=np.zeros((len(seats), 2)),
            )
    return out


def seat_factors(contests: dict[str, Contest], parameters: Parameters) -> tuple[float, float]:
    """Return the factors on the standard deviations of shared and own error.

    The factor on the shared one is that at which the variance that slopes and regions are expected
    to bring to a seat, given the misses, is the one they were expected to bring before. Variances
    are added up first: a party's slope that hardly varies at all says little by varying.

    Parameters
    ----------
    contests : dict of Contest
        Of one election.
    parameters : Parameters
    """
    layout = Layout.of(len(used_covariates(parameters)))
    seat = parameters.seat
    known = {party: _variance(party, layout, parameters) for party in contests}
    fits = {party: _moments(party, one, seat) for party, one in contests.items()}
    noise = {party: fit.squares / fit.count for party, fit in fits.items()}
    seats = {party: len(one.seat) for party, one in contests.items()}
    prior = sum(seats[p] * _brought(known[p], layout) for p in contests)
    shared = 1.0
    for _ in range(ROUNDS):
        brought = 0.0
        for p, fit in fits.items():
            variance = known[p] * shared**2 + co.LEAST
            found, uncertainty, left = co.posterior(fit, variance, noise[p])
            noise[p] = left / fit.count
            fits[p] = co.reweighted(fit, found, noise[p])
            brought += seats[p] * _brought((found**2 + uncertainty)[0], layout)
        shared = float(np.sqrt(brought / prior))
    tails = co.DOF / (co.DOF - 2)
    own = sum(seats[p] * float(noise[p][0]) * tails for p in contests)
    # The mean square of the swing model's error, whose scale differs between elections.
    expected = sum(seats[p] * seat.sd.value[p] ** 2 for p in contests)
    expected *= float(np.exp(2 * seat.spread.value**2))
    return shared, float(np.sqrt(own / expected))


def _brought(variance: Floats, layout: Layout) -> float:
    """Return the variance that slopes and regions bring to a seat [pp^2]."""
    return float(variance[layout.covariates].sum() + variance[layout.regions].mean())


def _variance(party: str, layout: Layout, parameters: Parameters) -> Floats:
    """Return the swing model's variance of each coefficient; what it does not have is zero."""
    out = np.zeros(layout.lambdas.stop)
    slopes = parameters.seat.slope_sd.value
    out[layout.covariates] = [slopes[n].get(party, 0.0) ** 2 for n in used_covariates(parameters)]
    out[layout.regions] = parameters.seat.region_sd.value.get(party, 0.0) ** 2
    return out


def _moments(party: str, contest: Contest, seat: SeatParameters) -> Moments:
    size = growth_with_share(
        contest.expected,
        seat.size_reference.value[party],
        seat.size_exponent.value.get(party, 0.0),
    )
    return co.moments([contest], [np.clip(size, *seat.size_bounds.value)])
