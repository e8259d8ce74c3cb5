"""Estimate the parameters of the swing rule and of the seat error, with standard errors.

An election that is left out is not evaluated, but is still the base of the election after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecaster.arrays import Floats
from forecaster.calibration import parties as summary
from forecaster.calibration import squeeze
from forecaster.calibration.components import Layout
from forecaster.calibration.laws import jackknife, without_each
from forecaster.calibration.residuals import START, Lambdas, Past, compare
from forecaster.config.parameters import Parameters, SwingParameters
from forecaster.polls.by_elections import RULE
from forecaster.swing.base import OTHER, column_shares, nation_means, nation_shares
from forecaster.swing.spread import rule_named, swing_seats
from forecaster.swing.tactical import read_pair

LAMBDA_ROUNDS = 2
"""Times that lambda is estimated, each time with derivatives at the last estimate."""

DRAWN_DOF = (4, 6, 8)
"""Degrees of freedom of the t distributions that the kernel draws."""

MOST_TAILED = 12.0
"""Above so many degrees of freedom the normal is nearer than any t that the kernel draws."""

DIGITS = {"seat.size_reference": 3}
"""Decimal places of values and standard errors, where they are not two."""

OTHER_RETENTION = "seat.other_retention"

METHODS = {
    "swing.lambda_falling": "mean: least squares of all shares in Great Britain, beside sitting "
    "MPs; SD: between parties and elections, weighted by what they move",
    "swing.lambda_rising": "as for lambda_falling",
    "swing.tactical": "SD of the first bloc: root mean square of the changes of 'forecast "
    "calibrate tactical' around none; the rest by judgement: opponents and members, bounds, a mean "
    "of no change, and for the second bloc half the SD, for its own changes are those of one "
    "party's rise and fall",
    "swing.squeeze": "regression of those changes on the squeeze of the by-elections before "
    "('forecast calibrate by-elections'), through the origin, few by-elections drawn to the mean",
    "seat.slope_sd": "maximum likelihood of variance components, uncentred: a mean of the slopes "
    "worsens the forecasts of elections left out",
    "seat.strength_sd": "the same fit: a constant times the size of the error, which sets the "
    "seats where a party is strong against those where it is weak",
    "seat.region_sd": "the same fit, from the nine regions of England beyond covariates",
    "seat.region_correlation": "of the regions' errors as that fit predicts them",
    "seat.shared_inflation": "the factor at which elections held out in turn are most likely "
    "under the variances of the others",
    "seat.incumbency": "mean over elections of the effect of the sitting MP of the party that won "
    "last time, in the same fit",
    "seat.incumbency_sd": "SD of the next election's effect about that mean: between elections "
    "(Paule and Mandel), with the mean's own error",
    "seat.by_election": "regression, through the origin, of what swing and sitting MP leave at a "
    "general election on the surprise of a by-election in the seat before it",
    "seat.local_elections": "regression of the same on the change of local shares since the base, "
    "with a mean and covariates of each election",
    "seat.stand_again": "mean share of seats in which he or she stood",
    "seat.sd": "root mean square over elections of what the same fit leaves at the reference "
    "share; Northern Ireland: of what uniform swing leaves; without a standard error: judgement",
    "seat.correlation": "mean over elections of the correlation of what is left",
    "seat.dof": "maximum likelihood of a multivariate t on what is left, whitened: {:.1f}, of "
    "which the nearest that the kernel draws",
    "seat.spread": "SD between elections of the logarithm of the errors' SD, mean over the parties "
    "of Great Britain",
    "seat.size_exponent": "slope of log |error| on log expected share times one less it, within "
    "elections",
    "seat.size_reference": "mean share over elections in the seats where the party stands",
}
"""How each parameter is estimated; the order is that of the model file."""


@dataclass(frozen=True)
class ParameterEstimate:
    """An estimated parameter of the model."""

    key: str
    """Key in the model file, such as ``"seat.sd"``."""
    value: Any
    """Value in the form of the model file."""
    error: Any
    """Standard errors in the same form, without the parts that are not estimated."""
    elections: int
    """Number of elections that it is based on."""
    seats: int
    """Number of seats that it is based on; a seat counts once per election."""
    method: str


def calibrate(elections: list[str], parameters: Parameters) -> list[ParameterEstimate]:
    """Estimate the parameters of the swing rule and of the seat error.

    `elections`: elections to evaluate, of `swing.tactical.PAIRS`. `parameters`: supplies what is
    not estimated here: bounds, donors of imputed votes, tactical blocs, and which parties and
    covariates have an effect.
    """
    by_elections = {name: squeeze.by_elections_before(name, parameters) for name in elections}

    def compare_all(lambdas: Lambdas) -> list[Past]:
        return [compare(name, lambdas, parameters, by_elections[name]) for name in elections]

    return estimate(compare_all, parameters)


def estimate(
    compare_all: Callable[[Lambdas], list[Past]], parameters: Parameters
) -> list[ParameterEstimate]:
    """Estimate the parameters, given a function that compares elections with a swing by lambdas."""
    layout = Layout.of(len(parameters.seat.covariates))
    floor = parameters.seat.size_floor.value
    lambdas = START
    for _ in range(LAMBDA_ROUNDS):
        lambdas, lambda_errors = _lambdas(compare_all(lambdas), lambdas)
    pasts = compare_all(lambdas)

    def fit(of: list[Past]) -> dict[str, summary.Party]:
        return summary.fit_parties(of, layout, floor, lambdas.sd)

    parties = fit(pasts)
    whole = _values(pasts, parties, parameters, layout)
    fewer = [_values(of, fit(of), parameters, layout) for of in without_each(pasts)]
    errors = _nested(fewer, jackknife)
    curves = summary.inflation_curves(parties, layout, len(pasts))
    best = summary.INFLATIONS[curves.sum(0).argmax()]
    without_one = (curves.sum(0) - curves).argmax(1)
    whole["seat.shared_inflation"] = float(best)
    errors["seat.shared_inflation"] = jackknife(summary.INFLATIONS[without_one])
    for k, key in enumerate(("swing.lambda_falling", "swing.lambda_rising")):
        whole[key] = {"mean": lambdas.mean[k], "sd": lambdas.sd[k]}
        errors[key] = {"mean": float(lambda_errors[0, k]), "sd": float(lambda_errors[1, k])}
    return _estimates(whole, errors, pasts, parameters)


def _lambdas(pasts: list[Past], around: Lambdas) -> tuple[Lambdas, Floats]:
    """Return mean and SD of lambda, and their standard errors, shape (2, direction)."""
    rows = [summary.lambda_row(past) for past in pasts]
    mean, spread = summary.lambda_law(rows)
    fewer = np.array([summary.lambda_law(rest) for rest in without_each(rows)])
    return Lambdas(mean + around.mean, spread), np.apply_along_axis(jackknife, 0, fewer)


def _values(
    pasts: list[Past], parties: dict[str, summary.Party], parameters: Parameters, layout: Layout
) -> dict[str, Any]:
    """Return the estimates from a list of elections: all, or all but one for the jackknife."""
    region_sd, region_correlation = summary.regions(parties, layout)
    spread = summary.spread(parties)
    pairs = summary.correlations(parties)
    advantage, advantage_sd = summary.incumbency(
        parties, layout, tuple(parameters.seat.incumbency.value)
    )
    kappas = [past.kappa for past in pasts]
    return {
        # The SD around a mean of no change.
        "swing.tactical": float(np.mean([kappa**2 for kappa in kappas]) ** 0.5),
        "swing.squeeze": squeeze.squeeze_law(kappas, [past.squeezes for past in pasts]),
        "seat.slope_sd": {
            name: summary.shared_sd(parties, f) for f, name in enumerate(parameters.seat.covariates)
        },
        "seat.strength_sd": summary.shared_sd(parties, layout.strength),
        "seat.region_sd": region_sd,
        "seat.region_correlation": region_correlation,
        "seat.incumbency": advantage,
        "seat.incumbency_sd": advantage_sd,
        "seat.by_election": summary.by_election([past.carried for past in pasts], advantage),
        "seat.local_elections": summary.local_elections(pasts, advantage),
        "seat.stand_again": float(np.mean([past.stood_again for past in pasts])),
        "seat.sd": {**summary.own_sd(parties, spread), **summary.northern_ireland_sd(pasts)},
        "seat.correlation": pairs,
        "seat.dof": summary.dof(parties, pairs, len(pasts)),
        "seat.spread": spread,
        "seat.size_exponent": {name: party.exponent for name, party in parties.items()},
        "seat.size_reference": {name: party.reference for name, party in parties.items()},
    }


def _estimates(
    whole: dict[str, Any], errors: dict[str, Any], pasts: list[Past], parameters: Parameters
) -> list[ParameterEstimate]:
    """Round the values and bring them into the form of the model file."""
    swing, seat = parameters.swing, parameters.seat
    whole, errors = ({key: _rounded(key, of[key]) for key in of} for of in (whole, errors))
    # Bounds and the errors of parties with too few candidates are not estimated: they stay.
    whole["swing.lambda_falling"] |= swing.lambda_falling.value.model_dump(include={"low", "high"})
    whole["swing.lambda_rising"] |= swing.lambda_rising.value.model_dump(include={"low", "high"})
    whole["swing.tactical"] = _blocs(swing, whole["swing.tactical"])
    errors["swing.tactical"] = [{"kappa": {"sd": errors["swing.tactical"]}}]
    whole["seat.sd"] = {**seat.sd.value, **whole["seat.sd"]}
    tails = whole["seat.dof"]
    normal = tails > MOST_TAILED
    whole["seat.dof"] = 0 if normal else min(DRAWN_DOF, key=lambda even: abs(even - tails))
    methods = METHODS | {"seat.dof": METHODS["seat.dof"].format(tails)}
    seats = [np.concatenate([c.seat for c in past.contests.values()]) for past in pasts]
    judged = sum(len(np.unique(of)) for of in seats)
    return [
        ParameterEstimate(key, whole[key], errors[key], len(pasts), judged, method)
        for key, method in methods.items()
    ]


def _blocs(swing: SwingParameters, sd: float) -> list[dict[str, Any]]:
    """Return the tactical blocs with a new SD of kappa for the first, and half that for others."""
    blocs = [bloc.model_dump(mode="json") for bloc in swing.tactical.value]
    for i, bloc in enumerate(blocs):
        bloc["kappa"]["sd"] = sd if i == 0 else sd / 2
    return blocs


def _rounded(key: str, value: Any) -> Any:
    # Adding zero turns a rounded -0.0 into 0.0.
    return _nested([value], lambda one: round(float(one[0]), DIGITS.get(key, 2)) + 0.0)


def _nested(parts: list[Any], of: Callable[[Any], float]) -> Any:
    """Combine nested tables of the same form into one, by a function of the values at each key."""
    if isinstance(parts[0], dict):
        return {key: _nested([part[key] for part in parts if key in part], of) for key in parts[0]}
    return of(np.array(parts))


def calibrate_other(elections: list[str], parameters: Parameters) -> ParameterEstimate:
    """Estimate `seat.other_retention` from the seats of Great Britain.

    `elections`: elections to evaluate, of `swing.tactical.PAIRS`. `parameters`: supplies the donors
    of imputed votes.
    """
    whole = parameters.replaced({OTHER_RETENTION: 1.0})
    moments = np.array([_distance_moments(name, whole) for name in elections])
    towards, squares = moments.sum(0)
    without = (towards - moments[:, 0]) / (squares - moments[:, 1])
    return ParameterEstimate(
        OTHER_RETENTION,
        round(float(np.clip(towards / squares, 0, 1)), 2),
        round(jackknife(without), 2),
        len(elections),
        0,
        "regression, through the origin, of a seat's distance from its nation's share of Other on "
        "the distance that a swing of the last shares gives",
    )


def _distance_moments(election: str, parameters: Parameters) -> tuple[float, float]:
    """Return sums of expected times actual distances, and of squares of the expected ones."""
    before, after, base = read_pair(election, parameters.seat)
    rule = rule_named(RULE, parameters.swing)
    target = nation_shares(after, names_from=before)
    used = base.seats.in_britain & ~before.speaker & ~after.speaker

    def distance(shares: Floats) -> Floats:
        mean = nation_means(base, shares)[base.seats.nation]
        return np.asarray((shares - mean)[used, OTHER])

    expected = distance(swing_seats(base, target, rule, parameters.swing))
    return float(expected @ distance(column_shares(after))), float(expected @ expected)
