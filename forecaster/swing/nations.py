"""Spread shares in Great Britain over its nations."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from forecaster.arrays import Floats
from forecaster.elections.election import Election
from forecaster.kernels import exact
from forecaster.swing.base import OTHER, fixed_columns
from forecaster.vocabulary import (
    BALLOT,
    BRITISH_PARTIES,
    GB_PARTIES,
    NATIONS,
    NEW_PARTIES,
    OWN_PARTY,
    places,
)

MOVED = (*places(GB_PARTIES, BALLOT["England"]), OTHER, *places(NEW_PARTIES, BALLOT["England"]))
"""Columns that hold the same party in all nations of Great Britain."""

LEAST = 0.1
"""A party keeps at least this part of its base share (judgement)."""


def britain_weights(election: Election) -> Floats:
    """Return the weights of England, Scotland and Wales in Great Britain from their valid votes."""
    votes = np.bincount(election.seats.nation, weights=election.valid_votes)[:3]
    return np.asarray(votes / votes.sum())


def spread_britain(
    britain: dict[str, float], nations: dict[str, dict[str, float]], base: Floats, weights: Floats
) -> Floats:
    """Return expected shares by nation, shape ``(nation, column)``.

    Scotland and Wales, unless given, move by the same points as Great Britain since the base. Their
    own parties follow from the British figure: the SNP's share of Great Britain, divided by
    Scotland's weight. England is what is left. Northern Ireland, unless given, stays at the base,
    because the data hold no polls of it.

    `britain`: shares in Great Britain by party [fraction]; Other is the rest. A party left out has
    zero, except that SNP and Plaid keep their base. It may be empty if all three nations are given.
    `nations`: shares of single nations, used in place of the movement. `base`, shape (nation,
    column): shares at the base. `weights`, shape (3,): share of the votes of Great Britain cast in
    England, Scotland and Wales.
    """
    out = base.copy()
    for a, nation in enumerate(NATIONS):
        if nation in nations:
            out[a] = _given(nation, nations[nation], base[a])
    if not britain:
        return out
    left = max(1 - sum(britain.get(party, 0.0) for party in BRITISH_PARTIES), 0.0)
    own = {
        nation: britain.get(party, min(base[a, column] * weights[a], left / 2))
        for nation, party, a, column in _own_parties()
    }
    others = max(left - sum(own.values()), 0.001)
    shares = {party: britain.get(party, 0.0) for party in BRITISH_PARTIES} | {"Other": others}
    wanted = np.array([shares[BALLOT["England"][column]] for column in MOVED])
    moved = wanted - exact.dot(weights, base[:3][:, MOVED])
    for nation, _, a, column in _own_parties():
        if nation not in nations:
            out[a, column] = own[nation] / weights[a]
            _close(out[a], base[a, MOVED] + moved, base[a, MOVED] * (wanted > 0))
    if "England" not in nations:
        rest = (wanted - exact.dot(weights[1:], out[1:3][:, MOVED])) / weights[0]
        # Polls count the Speaker and independents under Other.
        rest[OTHER] -= base[0, fixed_columns()[0]].sum()
        _close(out[0], rest, base[0, MOVED] * (wanted > 0))
    return out


def _own_parties() -> Iterator[tuple[str, str, int, int]]:
    """Yield name, own party, index and the party's column for Scotland and Wales."""
    for nation, party in OWN_PARTY.items():
        yield nation, party, NATIONS.index(nation), BALLOT[nation].index(party)


def _given(nation: str, shares: dict[str, float], base: Floats) -> Floats:
    """Return the shares of a nation that are given, by column; Other is the rest."""
    out = np.array([shares.get(party, 0.0) for party in BALLOT[nation]])
    fixed = fixed_columns()[NATIONS.index(nation)]
    out[fixed] = base[fixed]
    out[OTHER] = max(1 - np.delete(out, OTHER).sum(), 0.001)
    return np.asarray(out / out.sum())


def _close(out: Floats, moved: Floats, base: Floats) -> None:
    """Set the columns `MOVED` of a nation to `moved`, scaled so that the nation sums to one.

    None falls below `LEAST` of its `base`. The nation's own party, the Speaker and independents
    keep what they have.
    """
    kept = np.delete(out, MOVED).sum()
    floored = np.maximum(moved, base * LEAST)
    out[list(MOVED)] = floored * (1 - kept) / floored.sum()
