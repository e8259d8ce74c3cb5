"""Expected national shares of a run and their error, from the source that its config names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from forecaster.arrays import Floats
from forecaster.config.config import Config, ElectionShares, GivenShares, Polls, SeatShares
from forecaster.config.parameters import NationalParameters
from forecaster.elections.election import Election, read_election
from forecaster.errors import ConfigError
from forecaster.kernels import exact, rules
from forecaster.polls.data import AREAS, as_polls, last_day
from forecaster.polls.error import FINAL, ErrorModel, fit_error, on_election_day, polling_error
from forecaster.polls.model import ESTIMATED, PollEstimate, cautions, estimate
from forecaster.swing.base import COLUMNS, Base, nation_means, nation_shares
from forecaster.swing.nations import MOVED, britain_weights, spread_britain
from forecaster.vocabulary import BALLOT, NATIONS, NO_ONE_PARTY, places

CONTRADICTION = 0.002
"""Largest difference between a share of Great Britain and the sum of its nations (judgement)."""


@dataclass(frozen=True)
class Targets:
    """Expected national shares, their error, and a sentence on where they come from."""

    shares: Floats
    """Shape (nation, column)."""
    loading: Floats
    """Loadings on independent standard normal factors, whose sum of squares is the variance, shape
    (nation, column, factor)."""
    source: str
    notes: tuple[str, ...] = ()
    """Which of the user's polls are not used, and why."""


def expected_targets(config: Config, election: Election, base: Base) -> Targets:
    """Return the national shares that a run is centred on.

    `election`: the result of `base.election`. `base`: what the swing starts from, with seat
    estimates alone where there are any.

    Raises ConfigError if there are no polls to read, or the election of `national.election` was
    fought on other boundaries than the base.
    """
    national = config.parameters.national
    weights = britain_weights(election)
    last = nation_shares(election)
    notes: tuple[str, ...] = ()
    if isinstance(config.national, Polls):
        as_of = config.national.as_of
        day = config.national.election_day or as_of + timedelta(days=1)
        found = _polled(config.national.model_dump_json(include={"source", "as_of", "file"}))
        then = on_election_day(found, _error(as_of, national.regression.value), day, national)
        given = {area: _named(then.shares[a]) for a, area in enumerate(AREAS)}
        britain = given.pop("GB")
        shares = spread_britain(britain, given, last, weights)
        covariance, source = then.covariance, _sentence(found, election)
        notes = (*config.national.notes, *found.notes)
    elif isinstance(config.national, SeatShares):
        shares = nation_means(base, rules.close(base.shares, base.stands))
        error = _error_of_estimates(config.national, config.estimates_miss("national"))
        covariance = polling_error(_by_area(shares, weights), error, config.national.days, national)
        moved = f", moved by the polls to {config.estimates_day}" if config.estimates_day else ""
        source = f"the seat estimates added up{moved}"
    else:
        if isinstance(config.national, GivenShares):
            shares, source = _given(config.national, last, weights), "given in the config"
        else:
            shares, source = _true(config.national, election)
        # Shares from these sources are taken to be as uncertain as final polls.
        covariance = polling_error(_by_area(shares, weights), _error(last_day()), FINAL, national)
    return Targets(shares, _loading(covariance, weights, national), source, notes)


def _error_of_estimates(source: SeatShares, factor: float) -> ErrorModel:
    """Return the error model of polls with its error on the eve of an election times `factor`."""
    error = _error(source.as_of or last_day())
    return replace(error, base=factor * error.base)


@lru_cache(maxsize=16)
def _error(as_of: date, regression: float = 1.0) -> ErrorModel:
    """Return the error of the polls before a day, cached: plans of a day share it."""
    return fit_error(as_of, regression=regression)


@lru_cache(maxsize=4)
def _polled(source: str) -> PollEstimate:
    """Return the estimate from a config's polls (JSON), cached: points of a sweep share them."""
    polls = Polls.model_validate_json(source)
    return estimate(polls.as_of, as_polls(polls.file))


def _given(source: GivenShares, base: Floats, weights: Floats) -> Floats:
    given = {
        area: {party: value / sum(shares.values()) for party, value in shares.items()}
        for area, shares in source.percent.items()
    }
    britain = given.pop("GB", {})
    shares = spread_britain(britain, given, base, weights)
    check_britain(britain, shares, weights)
    return shares


def check_britain(britain: dict[str, float], shares: Floats, weights: Floats) -> None:
    """Raise an error if the shares of the nations do not add up to those of Great Britain.

    `britain`: shares by party [fraction]. `shares`, shape (nation, column): shares by nation that
    were made of them. `weights`, shape (3,): share of the votes of Great Britain cast in England,
    Scotland and Wales.

    Raises ConfigError if a party has more votes than its nation, or shares contradict each other.
    """
    for party in [p for p in britain if p not in NO_ONE_PARTY]:
        where = [a for a, nation in enumerate(NATIONS[:3]) if party in BALLOT[nation]]
        most, wanted = float(weights[where].sum()), britain[party]
        if wanted > most:
            nation = NATIONS[where[0]]
            raise ConfigError(
                f"{party}: {100 * wanted:.1f} % of Great Britain is more than all votes of "
                f"{nation} ({100 * most:.1f} %). Give its share of {nation} instead."
            )
        own = [float(shares[a, BALLOT[NATIONS[a]].index(party)]) for a in where]
        reached = float(weights[where] @ own)
        if abs(reached - wanted) > CONTRADICTION:
            told = [f"{NATIONS[a]} {100 * one:.1f} %" for a, one in zip(where, own, strict=True)]
            raise ConfigError(
                f"{party}: {100 * wanted:.1f} % of Great Britain contradicts what else is given, "
                f"by which it has {100 * reached:.1f} % ({', '.join(told)}). Change one of them."
            )


def _true(source: ElectionShares, base: Election) -> tuple[Floats, str]:
    election = read_election(source.election)
    if election.seats.boundaries != base.seats.boundaries:
        # National shares do not depend on boundaries, but named candidates are matched by seat.
        raise ConfigError(
            f"national.election: {election.name} was fought on other boundaries than the base "
            f"{base.name}; give its shares under national.percent instead."
        )
    shares = nation_shares(election, names_from=base)
    return shares, f"true national shares of {election.name}"


def _named(shares: Floats) -> dict[str, float]:
    return {party: float(share) for party, share in zip(ESTIMATED, shares, strict=True) if share}


def _sentence(found: PollEstimate, election: Election) -> str:
    parts = []
    for area, polls in found.polls.items():
        name = "Great Britain" if area == "GB" else area
        number = f"{len(polls)} poll{'' if len(polls) == 1 else 's'}"
        last = f", the last of {polls[-1].end}" if polls else ""
        doubts = ", ".join(cautions(area, polls, found.as_of))
        parts.append(f"{name}: {number} since {found.since}{last}{doubts and f' ({doubts})'}")
    return "; ".join([*parts, f"{NATIONS[3]}: as in {election.name}"])


def _by_area(shares: Floats, weights: Floats) -> Floats:
    """Turn shares of nations into shares by `polls.data.AREAS` and `polls.model.ESTIMATED`."""
    out = np.zeros((len(AREAS), len(ESTIMATED)))
    for a, nation in enumerate(NATIONS[:3]):
        for column, row in enumerate(_in_polls(nation)):
            out[0, row] += weights[a] * shares[a, column]
            if nation in AREAS:
                out[AREAS.index(nation), row] += shares[a, column]
    return out


def _in_polls(nation: str) -> list[int]:
    """Return the index in `ESTIMATED` of each ballot column; others count as Other."""
    named = (party if party in ESTIMATED else "Other" for party in BALLOT[nation])
    return places(named, ESTIMATED)


def _loading(covariance: Floats, weights: Floats, national: NationalParameters) -> Floats:
    """Turn the covariance of Great Britain, Scotland and Wales into loadings of the nations.

    England's error is that of Great Britain less those of Scotland and Wales. Northern Ireland, of
    which there are no polls, has independent errors.
    """
    size = len(AREAS) * len(ESTIMATED)
    factors = exact.symmetric_root(covariance.reshape(size, size))
    areas = factors.reshape(len(AREAS), len(ESTIMATED), -1)
    ireland = BALLOT[NATIONS[3]]
    out = np.zeros((len(NATIONS), COLUMNS, factors.shape[1] + len(ireland)))
    for a, nation in enumerate(NATIONS[1:3], start=1):
        for column, row in enumerate(_in_polls(nation)):
            if BALLOT[nation][column] in ESTIMATED:
                out[a, column, : factors.shape[1]] = areas[AREAS.index(nation), row]
    for column in MOVED:
        rest = exact.dot(weights[1:], out[1:3, column, : factors.shape[1]])
        rest = areas[0, _in_polls("England")[column]] - rest
        out[0, column, : factors.shape[1]] = rest / weights[0]
    sd = national.northern_ireland_sd.value
    for column, party in enumerate(ireland):
        out[3, column, factors.shape[1] + column] = sd.get(party, 0) / 100
    return out
