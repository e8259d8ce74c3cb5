"""Parameters of the seat error, estimated from how seats deviated from the swing in the past.

For each election the seats are swung to the true national shares by the asymmetric rule. What is
left is regressed, party by party, on seat covariates, region and whether a sitting MP stands;
slopes and regions are summarised over elections, and what is left of that is the seat's own error.
Everything is measured in units of `swing.base.error_size`, as the kernel uses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from forecaster.config.parameters import Parameters
from forecaster.elections.read import Floats, read_election
from forecaster.errors import ConfigError
from forecaster.swing.base import (
    build_base,
    error_size,
    fixed_columns,
    nation_shares,
    standardised_covariates,
    to_columns,
)
from forecaster.swing.rules import rule_named, swing_seats
from forecaster.swing.tactical import PAIRS
from forecaster.vocabulary import BALLOT, COVARIATES, NATIONS, PARTIES, REGIONS, suggest

BRITISH = ("Con", "Lab", "LD", "Reform", "Green", "Other", "SNP", "PC")
FEWEST_SEATS = 25
SHRINK_REGION = 2.0
"""Ridge on regional means [seats]: a region is pulled to zero as by two seats without error."""


@dataclass(frozen=True)
class Estimate:
    """A parameter, estimated.

    Attributes
    ----------
    key : str
        Of the model file, such as ``"seat.sd"``.
    value : object
        As the model file holds it.
    error : object
        Standard errors, of the same shape.
    elections : int
    method : str
    """

    key: str
    value: Any
    error: Any
    elections: int
    method: str


@dataclass(frozen=True)
class _Fit:
    """What one party did at one election, in points at the reference share."""

    slopes: Floats  # (covariate,)
    slope_errors: Floats  # (covariate,)
    regions: Floats  # (region,)
    incumbency: float  # NaN where no MP of the party stood
    own: Floats  # (seat,), NaN where it did not stand


def calibrate(leave_out: str | None, parameters: Parameters) -> list[Estimate]:
    """Estimate the parameters of the seat error.

    Parameters
    ----------
    leave_out : str or None
        Election whose result is not read.
    parameters : Parameters
        Supplies the swing rule and the size of the error, which are not estimated here.

    Raises
    ------
    ConfigError
        If the election to leave out is not known.
    """
    if leave_out is not None and leave_out not in PAIRS:
        raise ConfigError(
            f"--leave-out {leave_out!r}: no such election. {suggest(leave_out, PAIRS)}"
        )
    names = [name for name in PAIRS if name != leave_out]
    fits = {name: _fits(name, parameters) for name in names}
    by_party = {
        party: [fits[name][party] for name in names if party in fits[name]] for party in BRITISH
    }
    return [
        _slopes(by_party, used_covariates(parameters)),
        _regions(by_party),
        _incumbency(by_party, parameters),
        _own(by_party, parameters),
        _correlations(fits, parameters),
        _stand_again(names),
    ]


def _fits(election: str, parameters: Parameters) -> dict[str, _Fit]:
    before, after = read_election(PAIRS[election]), read_election(election)
    seat = parameters.seat
    donors = seat.imputed_from.value.get(before.name, {})
    base = build_base(before, after, donors, seat.stand_again.value)
    rule = rule_named("asymmetric", parameters.swing)
    expected = swing_seats(base, nation_shares(after, before), rule, parameters.swing)
    votes = to_columns(after, after.votes.astype(float))
    residual = 100 * (votes / votes.sum(1, keepdims=True) - expected)
    size = error_size(base, expected, seat)
    residual /= size
    residual[~base.stands | fixed_columns()[base.seats.nation]] = np.nan
    # The Speaker's seat has no contest.
    residual[after.votes[:, PARTIES.index("Spk")] > 0] = np.nan
    britain = base.seats.nation != NATIONS.index("Northern Ireland")
    covariates = standardised_covariates(base.seats, used_covariates(parameters), britain)
    out = {}
    for party in BRITISH:
        places = [BALLOT[n].index(party) if party in BALLOT[n] else -1 for n in NATIONS]
        column = np.array(places)[base.seats.nation]
        rows = np.arange(len(column))
        used = britain & (column >= 0) & ~np.isnan(residual[rows, column])
        seats = np.flatnonzero(used)
        if len(seats) >= FEWEST_SEATS:
            out[party] = _fit(
                residual[seats, column[seats]],
                covariates[seats],
                base.seats.region[seats],
                base.sitting[seats, column[seats]],
                size[seats, column[seats]],
                seats,
            )
    return out


def used_covariates(parameters: Parameters) -> tuple[str, ...]:
    """Return the covariates that a model file names, in the order of the vocabulary."""
    return tuple(name for name in COVARIATES if name in parameters.seat.slope_sd.value)


def _fit(
    values: Floats, covariates: Floats, region: Any, sitting: Floats, size: Floats, seats: Any
) -> _Fit:
    regions = (region[:, None] == np.arange(len(REGIONS))).astype(float)
    # The simulation adds incumbency in points: the one effect that does not grow with size.
    design = np.column_stack([covariates, sitting / size, regions])
    k = covariates.shape[1]
    ridge = np.diag([1e-6] * k + [1e-6] + [SHRINK_REGION] * len(REGIONS))
    inverse = np.linalg.inv(design.T @ design + ridge)
    found = inverse @ design.T @ values
    left = values - design @ found
    noise = (left**2).mean()
    own = np.full(650, np.nan)
    own[seats] = left
    return _Fit(
        slopes=found[:k],
        slope_errors=np.sqrt(noise * np.diag(inverse)[:k]),
        regions=found[k + 1 :][regions.any(0)],
        incumbency=float(found[k]) if sitting.sum() >= 3 else np.nan,
        own=own,
    )


def _root_mean_square(values: Floats, noise: Floats | float = 0.0) -> tuple[float, float]:
    """Return the root mean square less what sampling alone would give, and its standard error."""
    squares = values**2 - np.asarray(noise) ** 2
    mean = max(float(squares.mean()), 0.0)
    root = mean**0.5
    spread = float(squares.std(ddof=1) / len(squares) ** 0.5) if len(squares) > 1 else np.nan
    return round(root, 2), round(spread / (2 * root), 2) if root > 0 else 0.0


def _slopes(by_party: dict[str, list[_Fit]], names: tuple[str, ...]) -> Estimate:
    value: dict[str, dict[str, float]] = {}
    error: dict[str, dict[str, float]] = {}
    for f, name in enumerate(names):
        value[name], error[name] = {}, {}
        for party, fits in by_party.items():
            got = _root_mean_square(
                np.array([fit.slopes[f] for fit in fits]),
                np.array([fit.slope_errors[f] for fit in fits]),
            )
            value[name][party], error[name][party] = got
    return Estimate(
        "seat.slope_sd",
        value,
        error,
        len(by_party["Con"]),
        "root mean square over elections of the slopes, less their sampling variance; uncentred, "
        "for most slopes change sign",
    )


def _regions(by_party: dict[str, list[_Fit]]) -> Estimate:
    value, error = {}, {}
    for party, fits in by_party.items():
        if party not in ("SNP", "PC"):
            got = _root_mean_square(np.concatenate([fit.regions for fit in fits]))
            value[party], error[party] = got
    return Estimate(
        "seat.region_sd",
        value,
        error,
        len(by_party["Con"]),
        "root mean square of regional means beyond covariates and incumbency",
    )


def _incumbency(by_party: dict[str, list[_Fit]], parameters: Parameters) -> Estimate:
    value, error = {}, {}
    for party, fits in by_party.items():
        effects = np.array([fit.incumbency for fit in fits])
        effects = effects[~np.isnan(effects)]
        if party in parameters.seat.incumbency.value and len(effects):
            value[party] = round(max(float(effects.mean()), 0.0), 2)
            many = len(effects) > 1
            spread = effects.std(ddof=1) / len(effects) ** 0.5 if many else np.nan
            error[party] = round(float(spread), 2)
    return Estimate(
        "seat.incumbency",
        value,
        error,
        len(by_party["Con"]),
        "mean over elections of the effect of a sitting MP who stands; standard error between "
        "elections",
    )


def _own(by_party: dict[str, list[_Fit]], parameters: Parameters) -> Estimate:
    value = dict(parameters.seat.sd.value)
    error: dict[str, float] = {}
    for party, fits in by_party.items():
        sds = np.array([np.sqrt(np.nanmean(fit.own**2)) for fit in fits])
        value[party] = round(float(np.sqrt((sds**2).mean())), 2)
        many = len(sds) > 1
        error[party] = round(float(sds.std(ddof=1) / len(sds) ** 0.5), 2) if many else np.nan
    return Estimate(
        "seat.sd",
        value,
        error,
        len(by_party["Con"]),
        "root mean square over seats and elections of what covariates, region and incumbency "
        "leave, at the reference share; Northern Ireland, Ind and TUV not estimated here",
    )


def _correlations(fits: dict[str, dict[str, _Fit]], parameters: Parameters) -> Estimate:
    value, error = {}, {}
    for pair in parameters.seat.correlation.value:
        first, second = pair.split("-")
        found = []
        for parties in fits.values():
            if first in parties and second in parties:
                one, two = parties[first].own, parties[second].own
                both = ~np.isnan(one) & ~np.isnan(two)
                found.append(float(np.corrcoef(one[both], two[both])[0, 1]))
        value[pair] = round(float(np.mean(found)), 2)
        error[pair] = round(float(np.std(found, ddof=1) / len(found) ** 0.5), 2)
    return Estimate(
        "seat.correlation",
        value,
        error,
        len(fits),
        "mean over elections of the correlation of the seat's own errors",
    )


def _stand_again(names: list[str]) -> Estimate:
    stood = [float(read_election(name).sitting.any(1).mean()) for name in names]
    return Estimate(
        "seat.stand_again",
        round(float(np.mean(stood)), 2),
        round(float(np.std(stood, ddof=1) / len(stood) ** 0.5), 2),
        len(names),
        "mean share of seats whose sitting MP stood",
    )
