"""What-if runs: the user names some national shares, and the others follow the forecast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from forecaster.arrays import Floats
from forecaster.config.config import SUM_TOLERANCE, Config
from forecaster.config.load import change, national_shares
from forecaster.elections.election import read_election
from forecaster.errors import ConfigError
from forecaster.plan.build import build_plan
from forecaster.plan.national import check_britain
from forecaster.swing.base import OTHER, fixed_columns
from forecaster.swing.nations import britain_weights, spread_britain
from forecaster.vocabulary import (
    BALLOT,
    FIXED_PARTIES,
    NATIONS,
    OWN_PARTY,
    PARTIES,
    find_party,
    one_of,
)

Percent = dict[str, float]
BRITAIN = "GB"


def read_shares(words: tuple[str, ...]) -> dict[str, Percent]:
    """Return shares typed as ``Lab=30`` (of Great Britain) or ``Scotland:SNP=33``, by area.

    Raises ConfigError if a word has another form, a party or area is unknown, or a party is named
    twice.

    >>> read_shares(("Lab=30", "Scotland:SNP=33"))
    {'GB': {'Lab': 30.0}, 'Scotland': {'SNP': 33.0}}
    """
    out: dict[str, Percent] = {}
    for word in words:
        name, equals, value = word.partition("=")
        area, colon, party = name.rpartition(":")
        try:
            share = float(value.strip().removesuffix("%"))
        except ValueError:
            share = -1.0
        if not equals or not 0 <= share <= 100:
            raise ConfigError(f"{word!r}: expected PARTY=PERCENT, as Lab=30 or Scotland:SNP=33.")
        place = one_of(area.strip(), (BRITAIN, *NATIONS), "area") if colon else BRITAIN
        _put(out, place, party.strip(), share)
    return out


def _put(out: dict[str, Percent], area: str, party: str, share: float) -> None:
    """Add a party's share in an area to `out`; refuse one that is there already."""
    code = find_party(party, PARTIES, "party")
    if code in out.setdefault(area, {}):
        raise ConfigError(f"{party}: {code} in {area} is named twice.")
    out[area][code] = share


def with_shares(config: Config, shares: Mapping[str, Any]) -> Config:
    """Return a config with the user's national shares in place of its polls.

    If an area's shares do not sum to about 100, the other parties divide the rest in the
    proportions that they have in the forecast of `config`. Nations that are not named move with
    Great Britain from the forecast; Northern Ireland stays. The shares of SNP and Plaid in Great
    Britain follow from those named in their nations.

    `shares`: per cent by party for Great Britain, or by area and party.

    Raises ConfigError if shares are impossible, or contradict each other.
    """
    table = national_shares(shares)
    named: dict[str, Percent] = {}
    for area, of in table["percent"].items():
        place = one_of(area, (BRITAIN, *NATIONS), "area")
        for party, share in of.items():
            _put(named, place, party, share)
    table["percent"] = named
    if any(abs(sum(of.values()) - 100) > SUM_TOLERANCE for of in named.values()):
        table["percent"] = _filled_in(config, {area: dict(of) for area, of in named.items()})
    return change(config, {"national": table})


def _filled_in(config: Config, named: dict[str, Percent]) -> dict[str, Percent]:
    """Return the shares of all parties in each nation, in per cent."""
    forecast = build_plan(config).targets.shares.copy()
    alone = fixed_columns()  # polls count the Speaker and independents under Other
    forecast[:, OTHER] += np.where(alone, forecast, 0).sum(1)
    forecast[alone] = 0
    weights = britain_weights(read_election(config.base.election))
    britain = named.pop(BRITAIN, None)
    nations = {
        nation: _completed(nation, of, _by_party(nation, forecast[NATIONS.index(nation)]))
        for nation, of in named.items()
    }
    whole: Percent = {}
    if britain is not None:
        every: Percent = {}
        for a, nation in enumerate(NATIONS[:3]):
            own = OWN_PARTY.get(nation)
            for party, share in _by_party(nation, forecast[a]).items():
                every[party] = every.get(party, 0.0) + float(weights[a]) * share
            if own in nations.get(nation, {}):
                britain.setdefault(own, float(weights[a]) * nations[nation][own])
        whole = _completed(BRITAIN, britain, every)
    parts = {nation: _fractions(of) for nation, of in nations.items()}
    of_britain = _fractions(whole)
    shares = spread_britain(of_britain, parts, forecast, weights)
    check_britain(of_britain, shares, weights)
    return {nation: _by_party(nation, shares[a]) for a, nation in enumerate(NATIONS)}


def _completed(area: str, named: Percent, forecast: Percent) -> Percent:
    """Return the shares of an area: those named, and the others scaled to what is left."""
    for party in named:
        if party not in forecast:
            raise ConfigError(
                f"{area}: {party} does not stand there. Known: {', '.join(forecast)}."
            )
    total = sum(named.values())
    others = {party: share for party, share in forecast.items() if party not in named}
    if total > 100 + SUM_TOLERANCE:
        raise ConfigError(f"{area}: the shares named sum to {total:g} %, more than all votes.")
    if total < 100 - SUM_TOLERANCE and not sum(others.values()):
        raise ConfigError(f"{area}: all parties are named, but their shares sum to {total:g} %.")
    scale = max(100 - total, 0) / (sum(others.values()) or 1)
    return {**named, **{party: scale * share for party, share in others.items()}}


def _by_party(nation: str, shares: Floats) -> Percent:
    """Return a nation's shares in per cent by party."""
    ballot = zip(BALLOT[nation], (100 * shares).tolist(), strict=True)
    return {party: share for party, share in ballot if party not in FIXED_PARTIES}


def _fractions(percent: Percent) -> dict[str, float]:
    return {party: share / sum(percent.values()) for party, share in percent.items()}
