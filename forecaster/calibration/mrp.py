"""Errors of published seat estimates, as factors on the errors of polls and swing model.

Too few elections had seat estimates to estimate all variances from them, so they only give factors
on the known errors of polls and swing. The estimates are moved to the true national shares as a run
would; what they still miss is split, as in the swing model, into errors that seats share and each
seat's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from forecaster.arrays import Floats
from forecaster.calibration import components as co
from forecaster.calibration import model_file as model_calibration
from forecaster.calibration.components import Layout, Moments
from forecaster.calibration.laws import jackknife, without_each
from forecaster.calibration.published import Published, read_published
from forecaster.calibration.residuals import PartyResiduals, british_contests, elections_but
from forecaster.columns import table_of
from forecaster.config.load import default_model, load_config
from forecaster.config.parameters import Parameters, SeatParameters
from forecaster.config.toml import model_text
from forecaster.elections.election import read_election
from forecaster.elections.estimates import SeatEstimates, completed
from forecaster.errors import ConfigError, DataError
from forecaster.kernels import rules
from forecaster.polls.data import THREE, last_day
from forecaster.polls.error import FINAL, ErrorModel, fit_error
from forecaster.swing.average import averaged
from forecaster.swing.base import (
    OTHER,
    column_shares,
    column_votes,
    fixed_columns,
    growth_with_share,
    nation_means,
    reachable,
    to_columns,
)
from forecaster.swing.spread import rule_named, swing_seats
from forecaster.swing.tactical import PAIRS, read_pair
from forecaster.table import Table
from forecaster.vocabulary import BALLOT, places, suggest

FACTORS = ("national", "shared", "own")

ROUNDS = 60
"""Rounds of the iteration between the seats' own error and the factor on the shared one."""


@dataclass(frozen=True)
class Miss:
    """The errors of one forecast, in units of those of polls and swing."""

    election: str
    forecast: str
    factors: Floats
    """By `FACTORS`, shape (3,)."""
    averaged: int = 1
    """Number of forecasts that it is the average of."""


def misses(folder: Path, names: tuple[str, ...], leave_out: str | None) -> list[Miss]:
    """Return the misses of the forecasts in a folder, and of the average for each election.

    `names`: forecasts to use, named as in the backtest; all that give shares if empty. `leave_out`:
    election that is not evaluated.

    Raises ConfigError if an election or a forecast is not known. Raises DataError if the folder
    holds no forecasts of shares, or a file in it is damaged.
    """
    elections = elections_but(leave_out)
    found = [one for one in read_published(folder, tuple(PAIRS)) if not one.chances]
    known = [one.name for one in found]
    for name in names:
        if name not in known:
            raise ConfigError(
                f"--forecast {name!r}: not among the forecasts of shares in {folder}. "
                f"{suggest(name, known)}"
            )
    chosen = [
        one for one in found if one.election in elections and (not names or one.name in names)
    ]
    if not chosen:
        raise DataError(f"{folder}: no forecasts of shares left to learn from.")
    changes = model_calibration.changes_without(leave_out) if leave_out else {}
    parameters = load_config("next-election", changes).parameters
    error = fit_error(last_day(), [leave_out] if leave_out else [])
    groups = [[one] for one in chosen]
    groups += [
        group
        for name in elections
        if len(group := [one for one in chosen if one.election == name]) > 1
    ]
    return [_miss(group, parameters, error) for group in groups]


def _miss(group: list[Published], parameters: Parameters, error: ErrorModel) -> Miss:
    """Return the miss of the average of some forecasts of an election."""
    election, k = group[0].election, len(group)
    estimates = completed(np.array([_shares(one) for one in group]), np.ones(k))
    found = seat_miss(election, estimates, parameters)
    three = places(THREE, BALLOT["England"])
    after = read_election(election)
    votes = column_votes(after)[after.seats.in_britain].sum(axis=0)
    of_polls = error.rms((votes / votes.sum())[three], FINAL)
    national = float(np.sqrt(np.mean((found.britain[three] / of_polls) ** 2)))
    name = group[0].name if k == 1 else f"average of these {k}"
    return Miss(election, name, np.array([national, found.shared, found.own]), k)


def _shares(one: Published) -> Floats:
    """Return the shares of a forecast, NaN in seats that it leaves out, shape (seat, column)."""
    shares = to_columns(read_election(one.election), one.values)
    # Some publish no figure for Other, which then has what is missing.
    shares[:, OTHER] += np.maximum(1 - shares.sum(1), 0)
    shares /= shares.sum(1, keepdims=True)
    return np.where(one.covered[:, None], shares, np.nan)


@dataclass(frozen=True)
class SeatMiss:
    """The errors of one set of seat estimates."""

    shared: float
    """Factor on the errors that seats share (slopes and regions); see `seat_factors`."""
    own: float
    """Factor on the seat's own error."""
    britain: Floats
    """Result less estimate in Great Britain, by column of England's ballot paper [fraction]."""


def seat_miss(
    election: str, estimates: Sequence[SeatEstimates], parameters: Parameters
) -> SeatMiss:
    """Compare the average of seat estimates with the result of the election they were made for.

    `election`: one of `swing.tactical.PAIRS`. `estimates`: they must cover the same seats.
    `parameters`: parameters of the swing model whose errors the factors multiply.
    """
    _, after, base = read_pair(election, parameters.seat)
    rule = rule_named("uniform", parameters.swing).towards(parameters.estimates.uniform.value, 1)
    weights, still = np.full(len(estimates), 1 / len(estimates)), np.zeros((len(estimates), 1, 1))
    base = averaged(base, estimates, weights, still, rule, parameters.swing)
    actual = column_shares(after)
    # Seat estimates count new independents under Other.
    fixed = fixed_columns()[base.seats.nation]
    new = fixed & ~base.stands
    actual[:, OTHER] += np.where(new, actual, 0).sum(1)
    actual[new] = 0
    used = estimates[0].given & base.seats.in_britain & ~after.speaker
    # Seats that are not evaluated get the result, and so no error.
    base = replace(
        base,
        shares=np.where(used[:, None], base.shares, actual),
        stands=np.where(used[:, None], base.stands, actual > 0),
    )
    britain = (after.valid_votes * used) @ (actual - base.shares) / after.valid_votes[used].sum()
    target = reachable(base, nation_means(base, actual))
    expected = swing_seats(base, target, rule, parameters.swing)
    there = used[:, None] & base.stands & ~fixed & (expected >= rules.FLOOR)
    # Seat estimates include the effect of sitting MPs, and lambda does not enter them.
    sitting = np.zeros_like(expected)
    contests = british_contests(base, expected, actual, there, sitting, {}, parameters)
    return SeatMiss(*seat_factors(contests, parameters), np.asarray(britain))


def seat_factors(
    contests: dict[str, PartyResiduals], parameters: Parameters
) -> tuple[float, float]:
    """Return the factors on the standard deviations of shared and own error.

    With the factor on the shared error (slopes, strength and regions), the prior variance of a
    seat's share from slopes and regions equals its posterior expectation given the misses.
    Variances are first summed over parties, because a slope that hardly varies carries little
    information.

    `contests`: the parties at one election.
    """
    layout = Layout.of(len(parameters.seat.covariates))
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
    # The swing model's mean square error includes the spread of its scale between elections.
    expected = sum(seats[p] * seat.sd.value[p] ** 2 for p in contests)
    expected *= float(np.exp(2 * seat.spread.value**2))
    return shared, float(np.sqrt(own / expected))


def _brought(variance: Floats, layout: Layout) -> float:
    """Return the variance of a seat's share that comes from slopes and regions [pp^2]."""
    return float(variance[layout.covariates].sum() + variance[layout.regions].mean())


def _variance(party: str, layout: Layout, parameters: Parameters) -> Floats:
    """Return the swing model's variance of each coefficient; zero for those that it lacks."""
    out = np.zeros(layout.lambdas.stop)
    slopes = parameters.seat.slope_sd.value
    out[layout.covariates] = [slopes[n].get(party, 0.0) ** 2 for n in parameters.seat.covariates]
    out[layout.strength] = parameters.seat.strength_sd.value.get(party, 0.0) ** 2
    out[layout.regions] = parameters.seat.region_sd.value.get(party, 0.0) ** 2
    return out


def _moments(party: str, contest: PartyResiduals, seat: SeatParameters) -> Moments:
    size = growth_with_share(
        contest.expected,
        seat.size_reference.value[party],
        seat.size_exponent.value.get(party, 0.0),
    )
    return co.moments([contest], [np.maximum(size, seat.size_floor.value)])


def pooled(found: list[Miss]) -> tuple[Floats, Floats, int]:
    """Return the factors, their standard errors and the number of elections.

    Forecasts of one election have correlated errors, so each election counts once: the factors are
    root means of the elections' mean squares. Standard errors are jackknife estimates over
    elections (NaN with one election).
    """
    elections = sorted({one.election for one in found})
    squares = np.array([_mean_square(found, e) for e in elections])
    factors = np.sqrt(squares.mean(0))
    if len(elections) < 2:
        return factors, np.full(len(FACTORS), np.nan), len(elections)
    without = np.sqrt([np.mean(rest, axis=0) for rest in without_each(squares)])
    return factors, np.apply_along_axis(jackknife, 0, without), len(elections)


def correlations(found: list[Miss]) -> Floats:
    """Return the correlation of the errors of two forecasts of an election, shape (3,).

    With a correlation r, the average of k forecasts has ``r + (1 - r) / k`` times their mean
    square. The result is clipped to 0 and 1, and NaN if no election has several forecasts.
    """
    averages = [one for one in found if one.averaged > 1]
    if not averages:
        return np.full(len(FACTORS), np.nan)
    single = np.array([_mean_square(found, one.election) for one in averages])
    alone = np.array([[1 / one.averaged] for one in averages])
    square = np.array([one.factors**2 for one in averages])
    common = (square - single * alone).sum(0)
    return np.asarray(np.clip(common / (single * (1 - alone)).sum(0), 0, 1))


def _mean_square(found: list[Miss], election: str) -> Floats:
    single = [m.factors**2 for m in found if m.election == election and m.averaged == 1]
    return np.asarray(np.mean(single, axis=0))


def mrp_table(found: list[Miss]) -> Table:
    """Return a row per forecast and three for all: factors, standard errors, correlations."""
    rows: list[dict[str, Any]] = [
        {"election": one.election, "forecast": one.forecast, **_cells(one.factors)} for one in found
    ]
    factors, errors, elections = pooled(found)
    rows.append({"election": "all", "forecast": "each election once", **_cells(factors)})
    rows.append({"election": "all", "forecast": "standard error", **_cells(errors)})
    common = correlations(found)
    rows.append({"election": "all", "forecast": "correlation of two", **_cells(common)})
    return table_of(
        "How far published seat estimates missed",
        "election | forecast:text=Forecast | national | shared | own",
        rows,
        "National: root mean square of what Con, Lab and LD missed in Great Britain, in units "
        "of what final polls miss. Shared and own: factors on the standard deviations of the "
        "swing model's slopes and regions and of its seats' own error that fit the misses once "
        "the estimates are moved to the true national shares.",
        f"Forecasts of one election miss together, so that each of the {elections} elections "
        "counts once, and standard errors are from leaving out each. The correlation of two is "
        "what the average of all forecasts of an election and each of them missed by tell.",
    )


def mrp_model(found: list[Miss], leave_out: str | None) -> str:
    """Return the bundled model file with the factors in place of its values."""
    factors, errors, elections = pooled(found)
    document = default_model()
    used = "; ".join(
        f"{e}: {', '.join(m.forecast for m in found if m.election == e and m.averaged == 1)}"
        for e in sorted({m.election for m in found})
    )
    for name, factor, error in zip(FACTORS, factors.tolist(), errors.tolist(), strict=True):
        quantity = document["estimates"][name]
        quantity["value"] = round(factor, 2)
        quantity["source"] = (
            f"'forecast calibrate mrp' on {used}: root mean square over {elections} elections. "
            f"Standard error {error:.2f}"
        )
    averages = [f"{m.election}: {m.averaged} forecasts" for m in found if m.averaged > 1]
    common = np.nan_to_num(correlations(found), nan=1.0)
    document["estimates"]["correlation"] |= {
        "value": dict(zip(FACTORS, common.round(2).tolist(), strict=True)),
        "source": (
            f"'forecast calibrate mrp' on {'; '.join(averages)}: how far their average missed, "
            "against each of them"
            if averages
            else "no election with several forecasts to learn from: the bound of an average that "
            "misses as each of its files does"
        ),
    }
    return model_text(document, model_calibration.head("mrp DIR", leave_out))


def _cells(factors: Floats) -> dict[str, float | None]:
    return {
        name: None if np.isnan(value) else round(value, 3)
        for name, value in zip(FACTORS, factors.tolist(), strict=True)
    }
