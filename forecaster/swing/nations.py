"""From shares in Great Britain to shares in each nation."""

from __future__ import annotations

import numpy as np

from forecaster.elections.read import Election, Floats
from forecaster.swing.base import COLUMNS, OTHER, fixed_columns
from forecaster.vocabulary import BALLOT, GB_PARTIES, NATIONS

MOVED = (*range(len(GB_PARTIES)), OTHER)
"""Columns that mean the same in all nations of Great Britain."""


def britain_weights(election: Election) -> Floats:
    """Return the weights of England, Scotland and Wales in Great Britain from their valid votes."""
    votes = np.bincount(election.seats.nation, weights=election.valid_votes)[:3]
    return np.asarray(votes / votes.sum())


def spread_britain(
    britain: dict[str, float], nations: dict[str, dict[str, float]], base: Floats, weights: Floats
) -> Floats:
    """Return expected shares by nation, shape ``(nation, column)``.

    Scotland and Wales, where not given, move by the same points as Great Britain since the base;
    their own parties take what the British figure says (SNP 2.5 % of Great Britain is 2.5 % over
    Scotland's weight). England is what is left. Northern Ireland, where not given, stays at the
    base: no poll of it is in the data.

    Parameters
    ----------
    britain : dict
        Shares in Great Britain by party [fraction]; Other is the rest. May be empty if all three
        nations are given.
    nations : dict
        Shares of single nations, which go before the movement.
    base : ndarray, shape (nation, column)
        Shares at the base.
    weights : ndarray, shape (3,)
        Share of the votes of Great Britain cast in England, Scotland and Wales.
    """
    out = base.copy()
    for a, nation in enumerate(NATIONS):
        if nation in nations:
            out[a] = _columns(nation, nations[nation], base[a])
    if not britain:
        return _close(out, base)
    base_britain = weights @ base[:3][:, MOVED]
    wanted = np.array([britain.get(party, np.nan) for party in GB_PARTIES])
    wanted = np.where(np.isnan(wanted), base_britain[:-1], wanted)
    own = {"Scotland": "SNP", "Wales": "PC"}
    own_britain = {}
    for nation, party in own.items():
        a = NATIONS.index(nation)
        column = BALLOT[nation].index(party)
        own_britain[nation] = britain.get(party, base[a, column] * weights[a])
    other = max(1 - wanted.sum() - sum(own_britain.values()), 0.001)
    moved = np.append(wanted, other) - base_britain
    for nation, party in own.items():
        if nation not in nations:
            a = NATIONS.index(nation)
            out[a, MOVED] = np.maximum(base[a, MOVED] + moved, base[a, MOVED] * 0.1)
            out[a, BALLOT[nation].index(party)] = own_britain[nation] / weights[a]
    out = _close(out, base)
    if "England" not in nations:
        rest = np.append(wanted, other) - weights[1:] @ out[1:3][:, MOVED]
        out[0, MOVED] = np.maximum(rest / weights[0], base[0, MOVED] * 0.1)
    return _close(out, base)


def _columns(nation: str, shares: dict[str, float], base: Floats) -> Floats:
    out = np.zeros(COLUMNS)
    for column, party in enumerate(BALLOT[nation]):
        out[column] = shares.get(party, 0.0)
    known = sum(shares.get(party, 0.0) for party in BALLOT[nation] if party != "Other")
    out[OTHER] = max(1 - known, 0.001)
    return out


def _close(shares: Floats, base: Floats) -> Floats:
    # The Speaker and sitting independents keep their votes; the rest shares what remains, and
    # Other gives up theirs, since a poll counts them as others.
    fixed = fixed_columns()
    kept = np.where(fixed, base, 0)
    out = np.where(fixed, 0, shares)
    out[:, OTHER] = np.maximum(out[:, OTHER] - kept.sum(1), base[:, OTHER] * 0.1)
    return np.asarray(out * ((1 - kept.sum(1)) / out.sum(1))[:, None] + kept)
