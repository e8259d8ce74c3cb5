"""Estimate how tactical voting changes between elections, and how by-elections predict it.

Kappa is the part of the votes of a bloc's other parties that moved to its best placed one, beyond
the swing to the true national shares, in seats where an opponent leads in the expected shares. As
the swing starts from the election before, it is the change of tactical voting, not its level.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from forecaster.arrays import Floats
from forecaster.calibration.laws import random_mean
from forecaster.columns import table_of
from forecaster.config.load import default_parameters
from forecaster.config.parameters import Parameters, TacticalBloc
from forecaster.polls.by_elections import (
    CONTENTION,
    CONTESTED,
    ComparedByElection,
    Squeeze,
    compared_by_elections,
    squeezes,
)
from forecaster.polls.data import day_of, read_results
from forecaster.resources import read_table
from forecaster.swing.base import column_shares, nation_shares, party_columns
from forecaster.swing.spread import rule_named, swing_by_lambda, swing_seats
from forecaster.swing.tactical import PAIRS, clarity, facing, read_pair
from forecaster.table import Table
from forecaster.vocabulary import PARTY_NAMES

FEWEST_PARLIAMENTS = 2
"""Fewest parliaments with by-elections from which `squeeze_law` is estimated."""

LOWEST, HIGHEST = -0.5, 1.0
"""Bounds of kappa."""

STEP = 0.02
"""Step of kappa in numerical derivatives."""


@dataclass(frozen=True)
class Kappa:
    """An estimate of kappa."""

    election: str
    seats: int
    """Number of seats in which an opponent leads in the expected shares."""
    kappa: float
    kappa_se: float


def by_elections_before(election: str, parameters: Parameters) -> list[ComparedByElection]:
    """Return the by-elections of the parliament before a general election."""
    return compared_by_elections(day_of(election) - timedelta(days=1), parameters)


def estimate_kappa(
    election: str,
    members: tuple[str, ...],
    opponents: tuple[str, ...],
    parameters: Parameters,
    *,
    all_clear: bool = False,
) -> Kappa:
    """Estimate kappa of one election by least squares of seat shares.

    `election`: one of `swing.tactical.PAIRS`. `members` and `opponents`: the bloc whose voters
    move, and the parties against whose lead they do. `all_clear`: whether the part that moves is
    kappa however clear the choice is, not kappa times clarity.
    """
    before, after, base = read_pair(election, parameters.seat)
    target = nation_shares(after, names_from=before)
    rule = rule_named("asymmetric", parameters.swing)
    expected = swing_seats(base, target, rule, parameters.swing)
    faced, best, lead = facing(base, expected, members, opponents)
    actual = column_shares(after)
    lambdas = np.where(target >= nation_shares(before), rule.rising.mean, rule.falling.mean)
    ours = party_columns(members)[base.seats.nation]

    half = parameters.swing.half_clarity.value
    weight = (lead > 0).astype(float) if all_clear else clarity(lead, half)

    def errors(kappa: float) -> Floats:
        """Return the squared share error of each seat where an opponent leads."""
        shares = swing_by_lambda(base, target, lambdas, (best, kappa * weight))
        return np.asarray((np.where(ours, shares - actual, 0)[faced] ** 2).sum(1))

    return Kappa(election, int(faced.sum()), *_least_squares(errors))


def _least_squares(errors: Callable[[float], Floats]) -> tuple[float, float]:
    """Return the value at which the sum of the seats' errors is least, and its standard error.

    The latter is the sandwich estimate for independent seats, ``sqrt(sum g^2) / sum h``, from each
    seat's slope g and curvature h at the minimum (White, Econometrica 48, 1980, p. 817).
    """
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(
        lambda value: errors(value).sum(), bounds=(LOWEST, HIGHEST), method="bounded"
    )
    kappa = float(found.x)
    below, at, above = (errors(kappa + shift) for shift in (-STEP, 0.0, STEP))
    slope = (above - below) / (2 * STEP)
    curvature = (above - 2 * at + below) / STEP**2
    return kappa, float(np.sqrt((slope**2).sum()) / curvature.sum())


def squeeze_law(kappas: list[float], found: list[list[Squeeze]]) -> dict[str, float]:
    """Estimate the fields of `config.parameters.SqueezeLaw`.

    A squeeze is relative to the part of the bloc's votes that its other parties were expected to
    have. Its error is larger the smaller that part is, so squeezes are weighted by it. The spread
    between parliaments is that of `laws.random_mean`. Kappa is regressed, through the origin, on
    the squeezes of the parliaments, which are shrunk towards their mean.

    `kappas`: change of tactical voting at each general election. `found`: squeezes at the
    by-elections before each.

    Raises ValueError if fewer than two elections have by-elections before them.
    """
    moved = [np.array([one.moved for one in of]) for of in found if of]
    part = [np.array([one.expected for one in of]) for of in found if of]
    if len(moved) < FEWEST_PARLIAMENTS:
        raise ValueError("tactical voting follows by-elections: two parliaments with some needed")
    means = np.array([p @ m / p.sum() for p, m in zip(part, moved, strict=True)])
    squares = [p @ (m - mean) ** 2 for p, m, mean in zip(part, moved, means, strict=True)]
    # A parliament with one by-election adds nothing to the spread within parliaments.
    freedom = sum(len(of) - 1 for of in moved)
    within = (sum(squares) / max(freedom, 1)) ** 0.5
    noise = within / np.sqrt([p.sum() for p in part])
    mean, between, _ = random_mean(means, noise)
    weight = between**2 / (between**2 + noise**2) if between > 0 else np.zeros(len(means))
    x = mean + weight * (means - mean)
    y = np.array([kappa for kappa, of in zip(kappas, found, strict=True) if of])
    slope = float(x @ y / (x @ x))
    sd = float(((y - slope * x) ** 2).sum() / (len(x) - 1)) ** 0.5
    return {
        "mean": mean,
        "between": between,
        "within": float(within),
        "slope": slope,
        "slope_error": sd / float(x @ x) ** 0.5,
        "sd": sd,
    }


def kappa_table(members: tuple[str, ...], opponents: tuple[str, ...]) -> Table:
    """Return a row per election: the change of tactical voting since the one before.

    `members` and `opponents`: the bloc whose voters move, and the parties against whose lead they
    do.
    """
    parameters = default_parameters()
    sides = " and ".join(
        ", ".join(PARTY_NAMES[party] for party in side) for side in (members, opponents)
    )

    def row(name: str) -> dict[str, Any]:
        clear = estimate_kappa(name, members, opponents, parameters)
        plain = estimate_kappa(name, members, opponents, parameters, all_clear=True)
        return asdict(clear) | {"plain": plain.kappa, "plain_se": plain.kappa_se}

    return table_of(
        f"Tactical voting: {'+'.join(members)} against {'+'.join(opponents)}",
        "election | seats | kappa | kappa_se | plain | plain_se",
        [row(name) for name in PAIRS],
        f"Between {sides}.",
        "Kappa: part of the votes of the bloc's other parties that moved to its best placed "
        "one, times how clear that was (half at a lead of 5 points), in the seats where an "
        "opponent leads in the expected shares. All clear: as if it had been clear everywhere.",
        "Least squares of seat shares after the asymmetric swing to the true national shares, "
        "against the election before: a change of tactical voting, not its level. Standard "
        "errors as if seats were independent.",
    )


def by_elections_table() -> Table:
    """Return a row per by-election in Great Britain: its surprise and the first bloc's squeeze."""
    parameters = default_parameters()
    bloc = parameters.swing.tactical.value[0]
    first = min(read_table("results/by-elections.csv")["date"])
    days = [one.day for one in read_results(date.max) if one.day > first]
    parliaments = [day - timedelta(days=1) for day in days] + [date.max]
    every = [one for day in parliaments for one in compared_by_elections(day, parameters)]
    return table_of(
        f"By-elections, and tactical voting of {'+'.join(bloc.members)} against "
        f"{'+'.join(bloc.opponents)}",
        "day | seat | name | winner | surprise | best | expected | actual | squeeze",
        [_by_election_row(one, bloc) for one in every],
        "Surprise: the winner's share less the expected one, in points; the part "
        "'seat.by_election' of every party's is carried to the next general election. None "
        f"where parties with over {100 * (1 - CONTESTED):.0f} % of the expected votes did not "
        f"stand ({sum(not one.contested for one in every)} of {len(every)}).",
        "Others: the part of the bloc's votes that its other parties were expected to have, by "
        "the swing since the general election to the polls of the day, and had. Squeeze: the "
        "part of it that moved to the best. None unless an opponent held the seat, led, or lay "
        f"less than {100 * CONTENTION:.0f} points behind the first in the expected shares, and "
        "two of the bloc's parties stood.",
        "How the next general election follows: 'seat.by_election' and 'swing.squeeze' in "
        "'forecast calibrate model'.",
    )


def _by_election_row(compared: ComparedByElection, bloc: TacticalBloc) -> dict[str, Any]:
    one = compared.by_election
    winner = int(compared.actual.argmax())
    gathered = squeezes([compared], bloc)
    squeeze = gathered[0] if gathered else None
    return {
        "day": one.day.isoformat(),
        "seat": one.seat,
        "name": one.name,
        "winner": compared.ballot[winner],
        "surprise": 100 * float(compared.surprise[winner]) if compared.contested else None,
        "best": squeeze.best if squeeze else None,
        "expected": squeeze.expected if squeeze else None,
        "actual": squeeze.actual if squeeze else None,
        "squeeze": squeeze.moved if squeeze else None,
    }
