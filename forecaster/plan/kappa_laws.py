"""How much tactical voting a run expects to have changed since its base."""

from __future__ import annotations

from datetime import date, timedelta

from forecaster.config.config import Config, ElectionShares, Polls, SeatShares
from forecaster.config.parameters import TruncatedNormal
from forecaster.polls.by_elections import by_elections, kappa_after, squeezes
from forecaster.polls.data import day_of, last_day


def kappa_laws(config: Config) -> list[TruncatedNormal]:
    """Return the law of kappa of every bloc.

    The first follows the by-elections since the base, if there were any in which it could gather
    and the config lets it; the others keep the law of the model file.
    """
    swing = config.parameters.swing
    first, *others = swing.tactical.value
    laws = [bloc.kappa for bloc in others]
    as_of = _as_of(config)
    since, _ = by_elections(as_of)
    if not config.swing.by_elections or since != config.base.election.removesuffix("-notional"):
        return [first.kappa, *laws]
    found = squeezes(as_of, first, config.parameters)
    return [kappa_after(found, swing.squeeze.value, first.kappa), *laws]


def _as_of(config: Config) -> date:
    """Return the day up to which a run may know by-elections."""
    if isinstance(config.national, Polls | SeatShares) and config.national.as_of is not None:
        return config.national.as_of
    if isinstance(config.national, ElectionShares):
        return day_of(config.national.election) - timedelta(days=1)
    return last_day()
