"""Build the plan of a run: every array that the kernel needs, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar, get_type_hints

import numpy as np
import numpy.typing as npt

from forecaster.arrays import Floats
from forecaster.config.config import MAIN_PARTIES, Config, Errors
from forecaster.config.parameters import (
    Parameters,
    SeatParameters,
    SwingParameters,
    TruncatedNormal,
)
from forecaster.elections.election import Election, read_election
from forecaster.elections.local import LocalElections
from forecaster.errors import ConfigError
from forecaster.kernels import exact, layout, rules
from forecaster.kernels.rules import TINY
from forecaster.plan.blend import blend, blended_errors, estimated_base
from forecaster.plan.national import Targets, expected_targets
from forecaster.polls.by_elections import SinceBase, kappa_laws, since_base, surprises
from forecaster.swing.base import (
    COLUMNS,
    OTHER,
    Base,
    build_base,
    error_size,
    fixed_columns,
    nation_means,
    standardised_covariates,
    to_columns,
)
from forecaster.swing.nations import britain_weights
from forecaster.swing.spread import Rule, swing_seats
from forecaster.swing.tactical import clarity, facing
from forecaster.vocabulary import BALLOT, NATIONS, NORTHERN_IRELAND, PARTIES, places

T = TypeVar("T")

PP = 0.01
"""One percentage point as a fraction."""

NEWTON_STEPS = 12
"""Steps of Newton's method in `truncation_shift`."""

STEPS = ("last", "candidates", "swing", "by_election", "local", "tactical", "sitting_mp")
"""The steps from the last shares of a seat to the expected ones; see `steps`."""


@dataclass(frozen=True)
class Plan:
    """A run, ready for the kernel."""

    config: Config
    base: Base
    targets: Targets
    expected: Floats
    """Seat shares without errors, before tactical voting and sitting MPs, shape (seat, column)."""
    by_election: Floats
    """Effect of by-elections since the base on their seats, included in `expected`; same shape."""
    local_elections: Floats
    """Effect of local elections since the base, included too; same shape."""
    sitting_mp: Floats
    """Effect of sitting MPs who may stand again, not included; same shape."""
    since: SinceBase
    rule: Rule
    """How national shares spread over the seats."""
    britain_weight: Floats
    """Weights of England, Scotland and Wales in Great Britain, shape (3,)."""
    arrays: layout.KernelPlan


def build_plan(config: Config, targets: Targets | None = None) -> Plan:
    """Turn a checked config into arrays.

    `targets`: national shares to use in place of those that the config names.

    Raises ConfigError if parts of the config do not fit together, such as a base and a ballot paper
    on different boundaries, or correlations that no distribution can have. Raises DataError if an
    embedded table is missing or was changed.
    """
    parameters = config.parameters
    election = read_election(config.base.election)
    named = config.ballot.candidates
    known = since_base(config)
    last = build_base(
        election,
        None if named == MAIN_PARTIES else read_election(named),
        parameters.seat,
        config.ballot.speaker_stands,
        known.members,
        config.ballot.changes,
    )
    last = replace(last, notes=config.ballot.notes)
    estimates = estimated_base(config, election, last)
    start = blend(config, last, estimates, targets or expected_targets(config, election, estimates))
    base, targets = start.base, start.targets
    errors = blended_errors(config)
    surprise = surprises(known.by_elections, base, config.base.election)
    of_local = local_change(election, known.local, parameters.seat.local_elections.value)
    by_election, local = (
        (1 - config.base.weight) * centred(base, effect * base.stands)
        for effect in (parameters.seat.by_election.value * surprise, of_local)
    )
    carried = by_election + local
    expected = rules.close(np.maximum(start.expected + carried, TINY), base.stands)
    of_mps = _by_party(parameters.seat.incumbency.value)[base.seats.nation]
    advantage = centred(base, base.sitting * of_mps * errors.incumbency)
    size = error_size(base, expected, parameters.seat)
    fields = {
        **_base_fields(base, parameters),
        **_target_fields(base, targets, parameters, errors, config.sampling),
        **_swing_fields(start.rule, parameters, errors),
        **_tactical_fields(
            base, expected, kappa_laws(config, known.by_elections), parameters.swing, errors
        ),
        **_shared_error_fields(base, size, parameters.seat, errors),
        **_seat_error_fields(base, size, parameters.seat, errors),
    }
    # The kernel lifts shares to a floor, which raises the means of small parties. The shift makes
    # up for it, so that their national shares stay right.
    sd = np.linalg.norm(fields["seat_cholesky"], axis=2)[base.seats.nation] * size
    cut = truncation_shift(expected + advantage, sd, parameters.seat.share_floor.value)
    fields["offset"] = start.shift + carried + advantage + cut
    arrays = pack(layout.KernelPlan, fields)
    return Plan(
        config,
        base,
        targets,
        expected,
        by_election,
        local,
        advantage,
        known,
        start.rule,
        britain_weights(election),
        arrays,
    )


def steps(plan: Plan) -> dict[str, Floats]:
    """Return the steps from the last shares of the seats to the expected ones, by name of `STEPS`.

    Each has shape (seat, column), and they add up to the expected shares. ``last`` is the last
    shares, ``candidates`` the effect of other candidates, of moving a strong Other towards its
    nation and of seat estimates, ``swing`` that of the national shares; the others are those of
    by-elections, of local elections, of tactical voting at its mean, and of sitting MPs.
    """
    base, arrays, swing = plan.base, plan.arrays, plan.config.parameters.swing
    kappa = arrays.tactical_kappa[:, 0][arrays.tactical_bloc]
    amount = np.asarray(kappa[:, None] * arrays.tactical_clarity, float)
    without, gathered = (
        swing_seats(base, plan.targets.shares, plan.rule, swing, moves)
        for moves in (None, (arrays.tactical_best.astype(np.int64), amount))
    )
    before = plan.expected + gathered - without
    # Closing takes what a sitting MP gains from the other parties of the seat.
    floored = np.maximum(before + plan.sitting_mp, arrays.share_floor)
    return {
        "last": base.last,
        "candidates": base.shares - base.last,
        "swing": plan.expected - plan.by_election - plan.local_elections - base.shares,
        "by_election": plan.by_election,
        "local": plan.local_elections,
        "tactical": gathered - without,
        "sitting_mp": rules.close(floored, base.stands) - before,
    }


def centred(base: Base, effect: Floats) -> Floats:
    """Return an effect on the seats less its mean in every nation, shape (seat, column).

    National shares then stay the same.
    """
    return np.asarray(effect - nation_means(base, effect)[base.seats.nation])


def local_change(election: Election, found: LocalElections, part: Mapping[str, float]) -> Floats:
    """Return the change that local elections since the base let expect, shape (seat, column).

    `election`: the result of the base. `part`: by party, the part of the change of its local share
    that a general election shows.
    """
    return to_columns(
        election, found.change * np.array([part.get(party, 0.0) for party in PARTIES])
    )


def _by_party(points: Mapping[str, float]) -> Floats:
    """Turn points by party into fractions, shape (nation, column)."""
    return np.array([scaled(BALLOT[nation], points) for nation in NATIONS])


def cholesky(
    parties: tuple[str, ...], sd: Mapping[str, float], pairs: Mapping[str, float], where: str
) -> Floats:
    """Return the lower Cholesky factor of the parties' error covariance, in fractions.

    `parties`: one per column. `sd`: standard deviation by party [pp]; a party without one gets a
    row of zeros. `pairs`: see `correlation_matrix`. `where`: key in the model file, for the error
    message.

    Raises ConfigError if no distribution has these correlations.
    """
    try:
        factor = exact.cholesky(correlation_matrix(parties, pairs))
    except ValueError:
        raise ConfigError(
            f"parameters.{where}.correlation: no distribution has these correlations together. "
            "Move the strongest ones towards zero."
        ) from None
    return np.asarray(scaled(parties, sd)[:, None] * factor)


def correlation_matrix(parties: Sequence[str], pairs: Mapping[str, float]) -> Floats:
    """Return the correlation matrix of some parties, from correlations by ``"Con-Lab"``.

    Pairs that are not named are uncorrelated.
    """
    out = np.eye(len(parties))
    for pair, value in pairs.items():
        if {*pair.split("-")} <= {*parties}:
            i, j = places(pair.split("-"), parties)
            out[i, j] = out[j, i] = value
    return out


def scaled(parties: tuple[str, ...], points: Mapping[str, float]) -> Floats:
    """Return points by party as fractions, 0 for a party without any, shape (party,)."""
    return np.array([points.get(party, 0.0) for party in parties]) * PP


def principal_axes(loading: Floats, seats: npt.NDArray[np.int64]) -> Floats:
    """Rotate the national factors to principal axes, in descending order of variance over seats.

    The distribution of the shares stays the same; Sobol points are evenest in their first
    dimensions.

    `loading` has shape (nation, column, factor). `seats`, shape (nation,): number of seats.
    """
    # Axes of equal length are not unique; slightly different weights of the parties make them so.
    weight = seats[:, None] * np.linspace(1, 1.01, loading.shape[1])
    moved = (loading * weight[:, :, None]).reshape(-1, loading.shape[2])
    axes = exact.singular(moved)[1]
    # The sign of an axis is arbitrary; its largest loading is made positive.
    along = exact.dot(moved, axes)
    sign = np.sign(along[np.abs(along).argmax(0), np.arange(len(axes))])
    return exact.dot(loading, axes) * np.where(sign < 0, -1, 1)


def _base_fields(base: Base, parameters: Parameters) -> dict[str, Any]:
    weak = np.minimum(base.shares, parameters.swing.weak_threshold.value)
    win_factor = np.ones_like(base.shares)
    known = ~np.isnan(base.best_other)
    win_factor[:, OTHER] = np.where(known, base.best_other, parameters.seat.best_other.value)
    return {
        "nation": base.seats.nation,
        "region": base.seats.region,
        "party": [[PARTIES.index(party) for party in BALLOT[nation]] for nation in NATIONS],
        "stands": base.stands,
        "base": base.shares,
        "weight": base.weight,
        "nation_base": np.maximum(nation_means(base, base.shares), TINY),
        "nation_weak": nation_means(base, weak),
        "win_factor": win_factor,
        "share_floor": parameters.seat.share_floor.value,
    }


def _target_fields(
    base: Base, targets: Targets, parameters: Parameters, errors: Errors, sampling: str
) -> dict[str, Any]:
    loading = targets.loading
    if sampling == "sobol":
        loading = principal_axes(loading, np.bincount(base.seats.nation, minlength=len(NATIONS)))
    return {
        "swings": ~fixed_columns(),
        "target": targets.shares,
        "target_floor": targets.shares * parameters.national.floor.value,
        "target_loading": loading * errors.national,
        "target_dof": parameters.national.dof.value,
    }


def _swing_fields(rule: Rule, parameters: Parameters, errors: Errors) -> dict[str, Any]:
    laws = (rule.falling, rule.rising)
    rows = np.tile(np.arange(COLUMNS), (len(NATIONS), 1))
    rows[NORTHERN_IRELAND] += COLUMNS  # its parties have lambdas of their own
    return {
        "rule": layout.RULES.index(rule.form),
        "rakes": parameters.swing.rakes.value,
        "weak_threshold": parameters.swing.weak_threshold.value,
        "lambda_row": rows,
        "lambda_mean": [law.mean for law in laws],
        "lambda_sd": [law.sd * errors.swing for law in laws],
        "lambda_bounds": [(law.low, law.high) for law in laws],
    }


def _tactical_fields(
    base: Base,
    expected: Floats,
    laws: list[TruncatedNormal],
    swing: SwingParameters,
    errors: Errors,
) -> dict[str, Any]:
    best = np.full(len(expected), -1)
    bloc_of = np.zeros(len(expected))
    clear = np.zeros_like(expected)
    for number, bloc in enumerate(swing.tactical.value):
        faced, to, lead = facing(base, expected, bloc.members, bloc.opponents)
        best[faced], bloc_of[faced] = to[faced], number
        clear[faced] = clarity(lead, swing.half_clarity.value)[faced]
    kappa = [(k.mean * errors.tactical, k.sd * errors.tactical, k.low, k.high) for k in laws]
    return {
        "tactical_best": best,
        "tactical_bloc": bloc_of,
        "tactical_clarity": clear,
        "tactical_kappa": np.reshape(kappa, (len(laws), 4)),
    }


def _shared_error_fields(
    base: Base, size: Floats, seat: SeatParameters, errors: Errors
) -> dict[str, Any]:
    names, britain = seat.covariates, base.seats.in_britain
    covariates = standardised_covariates(base.seats, names, britain) * britain[:, None]
    inflation = seat.shared_inflation.value
    slopes = [
        [np.diag(scaled(BALLOT[nation], seat.slope_sd.value[name])) for name in names]
        for nation in NATIONS
    ]
    regions = [
        cholesky(BALLOT[n], seat.region_sd.value, seat.region_correlation.value, "seat.region")
        for n in NATIONS
    ]
    weighted = base.weight[:, None] * (size * base.stands)
    return {
        "strength_sd": _by_party(seat.strength_sd.value) * inflation * errors.slopes,
        "covariates": covariates,
        "slope_cholesky": np.array(slopes) * inflation * errors.slopes,
        "slope_centre": np.stack(
            [exact.dot(base.seats.of_nation, weighted * one[:, None]) for one in covariates.T], 2
        ),
        "region_cholesky": np.array(regions) * inflation * errors.regions,
        "region_nation": [base.seats.nation[seats][0] for seats in base.seats.of_region],
        "region_centre": exact.dot(base.seats.of_region, weighted),
    }


def _seat_error_fields(
    base: Base, size: Floats, seat: SeatParameters, errors: Errors
) -> dict[str, Any]:
    own = [cholesky(BALLOT[n], seat.sd.value, seat.correlation.value, "seat") for n in NATIONS]
    return {
        "sitting": base.sitting,
        "sitting_centre": nation_means(base, base.sitting),
        "incumbency_sd": _by_party(seat.incumbency_sd.value) * errors.incumbency,
        "size": size,
        "seat_cholesky": np.array(own) * errors.seats,
        "seat_dof": seat.dof.value,
        "seat_spread": seat.spread.value * errors.seats,
    }


def truncation_shift(mean: Floats, sd: Floats, floor: float) -> Floats:
    """Return the shift with which a normal variable keeps its mean when cut off at a floor.

    Solves ``E max(m + shift + sd z, floor) = m`` by Newton's method, with
    ``E max(a + sd z, floor) = floor + (a - floor) Phi(u) + sd phi(u)``, ``u = (a - floor) / sd``.

    `mean` and `sd`: of the same shape. The shift is 0 where the mean is at most twice the floor or
    the SD is 0.
    """
    out = np.zeros_like(mean)
    usable = (mean > 2 * floor) & (sd > 0)
    scale, wanted = sd[usable], mean[usable]
    at, left = wanted.copy(), np.arange(len(wanted))
    for _ in range(NEWTON_STEPS):
        before, size = at[left], scale[left]
        u = (before - floor) / size
        inside = exact.normal_cdf(u)
        excess = floor + (before - floor) * inside + size * exact.normal_density(u) - wanted[left]
        # The derivative is the probability of being above the floor; a step is at most one SD.
        at[left] = before - np.clip(excess / np.maximum(inside, 0.05), -size, size)
        left = left[at[left] != before]
    out[usable] = at - wanted
    return out


def pack(kind: type[T], fields: dict[str, Any]) -> T:
    """Return a named tuple of the kernel, its fields cast to the types it was compiled for."""
    ready: dict[str, Any] = {}
    for name, hint in get_type_hints(kind).items():
        value = fields[name]
        if hint in (int, float):
            ready[name] = hint(value)
            continue
        array = np.ascontiguousarray(value, np.int32 if hint == layout.Ints else np.float32)
        if not np.isfinite(array).all():
            raise AssertionError(f"{kind.__name__}.{name} is not finite")
        ready[name] = array
    return kind(**ready)
