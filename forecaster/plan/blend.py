"""Blend seat estimates with the swing from the last result, by their weight (0 to 1).

A weight of zero is the swing alone, and means the same as no estimates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from forecaster.arrays import Floats
from forecaster.config.config import Config, Errors, Polls
from forecaster.elections.election import Election
from forecaster.elections.estimates import read_estimates
from forecaster.files import listed
from forecaster.kernels.rules import TINY
from forecaster.plan.national import Targets, expected_targets
from forecaster.swing.average import averaged, left_to_swing, untied
from forecaster.swing.base import COLUMNS, Base, party_columns, reachable
from forecaster.swing.spread import Rule, rule_named, swing_seats
from forecaster.vocabulary import NATIONS, NEW_PARTIES


@dataclass(frozen=True)
class Blend:
    """What the kernel swings, and the shares that it should arrive at without errors."""

    base: Base
    """Weighted mean of last shares and seat estimates."""
    targets: Targets
    """National shares; the Speaker and independents, whom no swing moves, keep those of `base`."""
    rule: Rule
    """How national shares that differ from those of `base` spread over the seats."""
    expected: Floats
    """Seat shares without errors, shape (seat, column): the weighted mean of last shares and seat
    estimates, after each was moved to the national shares."""
    shift: Floats
    """`expected` less the swing of `base`, which differ as the swing rule is not linear."""


def estimated_base(config: Config, election: Election, last: Base) -> Base:
    """Return the base with the average of the run's seat estimates in place of the last shares.

    `election`: the result of `base.election`. `last`: returned as it is if there are no seat
    estimates.
    """
    base, parameters = config.base, config.parameters
    if not base.seats:
        return last
    rule = rule_named(config.swing.rule, parameters.swing)
    files = read_estimates(base.seats, election)
    start = averaged(
        last,
        files,
        np.array(base.file_weights),
        _moved_since(config, election, last),
        rule.towards(parameters.estimates.uniform.value, 1),
        parameters.swing,
    )
    start = left_to_swing(last, start, files[0].given, rule, parameters.swing)
    start, tied = untied(last, start)
    notes = last.notes + files[0].notes
    if tied.any():
        where = listed(election.seats.name[tied].tolist())
        notes += (
            f"Tied for the lead in the seat estimates, and so led by who was ahead in "
            f"{election.name}: {where}.",
        )
    return replace(start, notes=notes)


def _moved_since(config: Config, election: Election, last: Base) -> Floats:
    """Return how far polls have moved since each file's day [fraction], (file, nation, column).

    Zeros if the national shares come from elsewhere than the files.
    """
    today, files = config.estimates_day, config.base.seats
    if today is None:
        return np.zeros((len(files), len(NATIONS), COLUMNS))
    days = [one.date or today for one in files]

    def polled(day: date) -> Floats:
        polls = Polls(source="polls", as_of=day)
        then = config.model_copy(update={"national": polls})
        return expected_targets(then, election, last).shares

    shares = {day: polled(day) for day in {*days, today}}
    return np.array([shares[today] - shares[day] for day in days])


def blend(config: Config, last: Base, estimates: Base, targets: Targets) -> Blend:
    """Return the weighted mean of the swing and the seat estimates.

    `last` and `estimates`: the base with the last shares, and with the estimates in their place.
    """
    weight, swing = config.base.weight, config.parameters.swing
    rule = rule_named(config.swing.rule, swing)
    last, estimates = (_with_votes(base, targets.shares) for base in (last, estimates))
    if weight == 0:
        targets = replace(targets, shares=reachable(last, targets.shares))
        expected = swing_seats(last, targets.shares, rule, swing)
        base = replace(last, notes=estimates.notes)
        return Blend(base, targets, rule, expected, np.zeros_like(expected))
    uniform = config.parameters.estimates.uniform.value
    between = rule.towards(uniform, weight)
    shares = (1 - weight) * last.shares + weight * estimates.shares
    base = replace(estimates, shares=shares)

    def moved(start: Base, by: Rule) -> Floats:
        return swing_seats(start, reachable(start, targets.shares), by, swing)

    expected = (1 - weight) * moved(last, rule) + weight * moved(
        estimates, rule.towards(uniform, 1)
    )
    shift = expected - moved(base, between)
    return Blend(
        base, replace(targets, shares=reachable(base, targets.shares)), between, expected, shift
    )


def _with_votes(base: Base, target: Floats) -> Base:
    """Return a base in which new parties stand only in nations where they get votes."""
    none = party_columns(NEW_PARTIES) & (target <= TINY)
    return replace(base, stands=base.stands & ~none[base.seats.nation])


def blended_errors(config: Config) -> Errors:
    """Return the multipliers of a run's errors.

    Standard deviations are averaged like shares, as if the errors of swing and estimates were fully
    correlated: an upper bound. Seat estimates already include tactical voting and sitting MPs, so
    those two terms have the weight of the swing only.
    """
    weight, errors = config.base.weight, config.errors
    shared = 1 - weight + weight * config.estimates_miss("shared")
    own = 1 - weight + weight * config.estimates_miss("own")
    return errors.model_copy(
        update={
            "tactical": errors.tactical * (1 - weight),
            "slopes": errors.slopes * shared,
            "regions": errors.regions * shared,
            "seats": errors.seats * own,
            "incumbency": errors.incumbency * (1 - weight),
        }
    )
