"""What a ward starts from, and the swing of all wards of a place to its shares."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np

from forecaster.arrays import Bools, Floats, Ints
from forecaster.config.load import default_parameters
from forecaster.config.pact import middle, read_transfers
from forecaster.councils.data import (
    GENERAL_ELECTIONS,
    IND,
    NATIONAL,
    OTHER,
    PARTIES,
    Wards,
    general_election,
    usual_shares,
)
from forecaster.kernels import exact, rules
from forecaster.swing.spread import POINT_RAKES

FEWEST = 20
"""Fewest wards in which a party must have stood to compare its council votes with its votes at the
general election (judgement)."""

NEARLY, SHARED = 0.9, 3
"""Least part of a council's wards in which two slates fill the places, and fewest wards with
candidates of both, for a joint ticket (judgement)."""

ASIDE = 0.01
"""A party of a joint ticket with a smaller share at the general election is taken to have had no
candidate in most of the ward (judgement)."""

UNKNOWN = 0.05
"""Share from which independents or others start if none stood anywhere last time (judgement). The
swing then moves it to the share of the place."""

SMALLEST = 0.01
"""Share below which errors stop shrinking (judgement), so that tiny parties are not too certain."""


def base_shares(last: Wards, candidates: Ints, year: int, weight: float) -> Floats:
    """Return the shares from which the wards swing, shape (ward, party).

    A party that is new in a ward starts from its share at the last general election in the ward's
    constituency, scaled to what it had where it stood. Independents and other parties start from
    their median share where they stood. If the general election lay between the two, `weight` of
    the base is its vote for the national parties that stand in the ward, at the cost of all.

    `last`: their last election. `candidates`, shape (ward, party): who stands now. `year`: of the
    election to come, in May.
    """
    before, general = last_general(last, year)
    last = without_joint_tickets(last, general)
    shares, stood = last.shares.copy(), last.stands
    for p in NATIONAL:
        new, there = (candidates[:, p] > 0) & ~stood[:, p], general[:, p] > 0
        # Where it did not stand at the general election either, as in the mean of other wards.
        usual = np.where(there, general[:, p], general[there, p].mean() if there.any() else 0.0)
        shares[new, p] = usual[new] * _level(shares, general, stood[:, p], p)
    for p in (IND, OTHER):
        new = (candidates[:, p] > 0) & ~stood[:, p]
        shares[new, p] = np.median(shares[stood[:, p], p]) if stood[:, p].any() else UNKNOWN
    shares = rules.close(shares, candidates > 0)
    if last.year <= before < year:
        national = np.zeros_like(shares)
        national[:, NATIONAL] = np.where(candidates > 0, general, 0)[:, NATIONAL]
        part = weight * (national.sum(1, keepdims=True) > 0)
        size = np.maximum(national.sum(1, keepdims=True), rules.TINY)
        shares = (1 - part) * shares + part * national / size
    return rules.close(np.maximum(shares, rules.FLOOR), candidates > 0)


def last_general(wards: Wards, year: int) -> tuple[int, Floats]:
    """Return the year of the general election before a May, and its shares where wards lie.

    A ward of whose council the data say nothing has the mean of the others; shape (ward, party).
    """
    earlier = [when for when in GENERAL_ELECTIONS if when < year]
    before = max(earlier, default=min(GENERAL_ELECTIONS))
    general = general_election(wards, before)
    known = ~np.isnan(general[:, 0])
    general[~known] = general[known].mean(0) if known.any() else 1 / general.shape[1]
    return before, general


def moved_by(base: Floats, weight: Floats, change: Floats) -> Floats:
    """Return a place's shares after a national change, which moves parties where they stand.

    Every party keeps the part of its share that the model of general elections leaves it.

    `base` has shape (ward, party), `weight` (ward,), and `change` (party,).
    """
    mean = exact.dot(weight, base)
    least = default_parameters().national.floor.value * mean
    moved = np.maximum(mean + change * exact.dot(weight, (base > 0) * 1.0), least)
    return np.asarray(moved / moved.sum())


def unit_of(share: Floats) -> Floats:
    """Return the unit of errors, ``sqrt(share (1 - share))``, of at least the smallest share."""
    share = np.clip(share, SMALLEST, 1 - SMALLEST)
    return np.asarray(np.sqrt(share * (1 - share)))


def joint_tickets(last: Wards) -> list[tuple[str, int, int]]:
    """Return councils where two national parties shared the places, with both parties.

    Their candidates together are as many as there are seats in nearly every ward, and both stand
    in some of the same wards.
    """
    found = []
    for council in np.unique(last.council[last.seats > 1]):
        here = (last.council == council) & (last.seats > 1)
        for first, second in combinations(NATIONAL, 2):
            number = last.candidates[here][:, [first, second]]
            together = number.sum(1) == last.seats[here]
            both = (number > 0).all(1)
            if together.mean() >= NEARLY and (together & both).sum() >= SHARED:
                found.append((str(council), first, second))
    return found


def without_joint_tickets(last: Wards, general: Floats) -> Wards:
    """Return an election with the votes of joint tickets divided between the parties.

    What each would have had alone is not known. The ratio of their votes is that of the general
    election; a party that stood aside there too counts with its usual share of wards of that kind.
    The ticket is taken to have all votes of the larger party, and the part of the smaller one's
    that arrives by the formal rates of transfer.
    """
    top, candidates = last.top.copy(), last.candidates.copy()
    for council, *pair in joint_tickets(last):
        here = np.flatnonzero((last.council == council) & (last.seats > 1))
        cells = np.ix_(here, np.array(pair))
        usual = usual_shares(last.year, str(last.kind[here[0]]))[pair]
        votes = np.where(general[cells] > ASIDE, general[cells], usual)
        large = int(votes.sum(0).argmax())
        host, guest = PARTIES[pair[large]], PARTIES[pair[1 - large]]
        row = read_transfers("formal").find(guest, host, None)
        arrives = middle(row.arrive) if row else 1.0
        ticket = votes[:, large] + arrives * votes[:, 1 - large]
        top[cells] = votes * (top[cells].max(1) / ticket)[:, None]
        candidates[cells] = last.seats[here][:, None]
    return replace(last, top=top, candidates=candidates)


def _level(shares: Floats, general: Floats, stood: Bools, party: int) -> float:
    """Return a party's council votes where it stood by its votes at the general election there."""
    if stood.sum() < FEWEST or not general[stood, party].sum():
        return 1.0
    return min(float(shares[stood, party].mean() / general[stood, party].mean()), 1.0)


def swing_wards(base: Floats, target: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Swing the wards of a place to its shares by the rule of the seats.

    Return shares, shape (ward, party), and slopes, shape (2, ward, party): what a point by which
    the place's share falls, or rises, moves in each ward.

    `base`, shape (ward, party): zero where a party does not stand. `target` has shape (party,).
    `weight`, shape (ward,): votes, which sum to one.
    """
    falling, rising = lambdas()
    mean = exact.dot(weight, base)
    stands = base > 0
    possible = np.where(stands.any(0), target, 0)
    uniform = np.where(target >= mean, rising, falling)
    every = np.ones(len(target), bool)
    shares = rules.swing(
        "mixture", base, stands, weight, possible / possible.sum(), every, uniform, 0.0, POINT_RAKES
    )
    level = np.maximum(exact.dot(weight, shares), rules.TINY)
    slopes = [np.where(stands, x + (1 - x) * shares / level, 0) for x in (falling, rising)]
    return shares, np.array(slopes)


def lambdas() -> tuple[float, float]:
    """Return the mean parts of uniform swing of parties that fall and that rise, as for seats."""
    swing = default_parameters().swing
    return swing.lambda_falling.value.mean, swing.lambda_rising.value.mean
