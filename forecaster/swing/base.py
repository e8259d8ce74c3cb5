"""The base of a swing: last shares on ballot columns, as if every party had stood.

A party that did not stand is not a party at 0 %. Where a party of Great Britain was not on the
ballot paper, its share is imputed from seats where it was, by regression on seat covariates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from forecaster.arrays import Bools, Floats, Ints
from forecaster.config.parameters import SeatParameters
from forecaster.elections.election import Election, Seats, read_covariates
from forecaster.elections.estimates import Estimates
from forecaster.errors import ConfigError
from forecaster.vocabulary import BALLOT, FIXED_PARTIES, GB_PARTIES, NATIONS, PARTIES

COLUMNS = 8
OTHER = 5
"""The column of ``Other``, the same in every nation."""

COVERED = 0.5
"""A party that stood in less than half of a (notional) seat counts as absent there."""

SPEAKER_NEIGHBOURS = 8
IMPUTED_FLOOR = 0.005
IMPUTING_COVARIATES = ("leave", "degree", "density", "muslim", "age_65_plus", "students")

Donors = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Base:
    """Where the swing starts.

    Attributes
    ----------
    seats : Seats
    shares : ndarray of float, shape (seat, column)
        Share last time, imputed where a party did not stand and now does; a row sums to one.
    stands : ndarray of bool, shape (seat, column)
        Who stands at the election to come.
    sitting : ndarray of float, shape (seat, column)
        Probability that a sitting MP stands again for the party.
    weight : ndarray of float, shape (seat,)
        Share of the nation's valid votes.
    best_other : ndarray of float, shape (seat,)
        The strongest single candidate's part of the votes of ``Other``; NaN where unknown.
    last : ndarray of float, shape (seat, column)
        Share last time as it was, zero where the party did not stand.
    holder : ndarray of int, shape (seat,)
        Column of the party that won last time.
    """

    seats: Seats
    shares: Floats
    stands: Bools
    sitting: Floats
    weight: Floats
    best_other: Floats
    last: Floats
    holder: Ints


def to_columns(election: Election, values: Floats) -> Floats:
    """Rearrange ``(seat, party)`` into ``(seat, column)``, adding up unnamed parties in Other."""
    out = np.zeros((len(values), COLUMNS))
    for a, nation in enumerate(NATIONS):
        seats = election.seats.nation == a
        for column, party in enumerate(BALLOT[nation]):
            if column != OTHER:
                out[seats, column] = values[seats, PARTIES.index(party)]
    out[:, OTHER] = values.sum(1) - out.sum(1)
    return out


def fixed_columns() -> Bools:
    """Return which columns no swing moves, shape ``(nation, column)``."""
    return party_columns(FIXED_PARTIES)


def nation_weights(election: Election) -> Floats:
    """Return each seat's share of its nation's valid votes, shape ``(seat,)``."""
    nation = election.seats.nation
    totals = np.bincount(nation, weights=election.valid_votes, minlength=len(NATIONS))
    return np.asarray(election.valid_votes / totals[nation])


def nation_means(base: Base, values: Floats) -> Floats:
    """Return the means over each nation's votes, shape ``(nation, column)``."""
    of = np.arange(len(NATIONS))[:, None] == base.seats.nation
    return np.asarray((of * base.weight) @ values)


def nation_shares(election: Election, names_from: Election | None = None) -> Floats:
    """Return true shares by nation, shape ``(nation, column)``.

    The Speaker and independents of `election` are counted as Other unless the same name stood in
    the same seat at `names_from` (default: `election` itself).
    """
    votes = to_columns(election, election.votes.astype(float))
    if names_from is not None and names_from is not election:
        known = fixed_columns()[election.seats.nation]
        same = (to_columns(names_from, names_from.votes.astype(float)) > 0) & known
        moved = np.where(known & ~same, votes, 0)
        votes -= moved
        votes[:, OTHER] += moved.sum(1)
    out = np.array([votes[election.seats.nation == a].sum(0) for a in range(len(NATIONS))])
    return np.asarray(out / out.sum(1, keepdims=True))


def build_base(
    election: Election,
    ballot: Election | None,
    donors: Donors,
    stand_again: float,
    speaker_stands: bool = True,
) -> Base:
    """Build the base of the swing from `election` to the next one.

    Parameters
    ----------
    election : Election
        The last result.
    ballot : Election or None
        The election whose nominations and sitting MPs are taken; None for the main parties
        everywhere and the winners of `election` as sitting MPs.
    donors : dict
        For a party, the parties from which its imputed votes are taken, as fractions; a party not
        named takes from all in proportion.
    stand_again : float
        Probability that a winner of `election` stands again, used without `ballot`.
    speaker_stands : bool
        Whether the Speaker of `election` does, used without `ballot`.

    Raises
    ------
    ConfigError
        If `ballot` was fought on other boundaries than `election`.
    """
    if ballot is not None and ballot.seats.boundaries != election.seats.boundaries:
        raise ConfigError(
            f"ballot.candidates: {ballot.name} was fought on the {ballot.seats.boundaries} "
            f"boundaries, but the base {election.name} is on those of "
            f"{election.seats.boundaries}. Take '{election.name}-notional' where there is one."
        )
    votes = to_columns(election, election.votes.astype(float))
    shares = votes / votes.sum(1, keepdims=True)
    fixed = fixed_columns()[election.seats.nation]
    stands = _nominations(election, ballot, fixed, speaker_stands)
    if ballot is not election:
        # The same election counted again has nothing to swing, not even where a notional seat was
        # fought in part.
        shares = impute_absent(election, shares, stands, donors)
    # Whoever stood for himself and does not stand again leaves his votes to the others.
    gone = fixed & ~stands
    speaker = (election.votes[:, PARTIES.index("Spk")] > 0) & (gone & (shares > 0)).any(1)
    shares = np.where(gone, 0, shares)
    for i in np.flatnonzero(speaker).tolist():
        shares[i] = _neighbours_mean(election.seats, shares, i, ~speaker)
    sitting = _sitting(election, ballot, stand_again)
    other = votes[:, OTHER]
    best = np.divide(
        election.best_other_votes, other, out=np.full(len(other), np.nan), where=other > 0
    )
    return Base(
        seats=election.seats,
        shares=shares / shares.sum(1, keepdims=True),
        stands=stands,
        sitting=sitting * stands,
        weight=nation_weights(election),
        best_other=np.where(best > 0, np.minimum(best, 1), np.nan),
        last=votes / votes.sum(1, keepdims=True),
        holder=_holders(election),
    )


def with_estimates(base: Base, estimates: Estimates) -> Base:
    """Put seat estimates in the place of the last shares.

    Parties that do not stand lose what the estimates give them to the others in the seat. A seat
    without an estimate keeps its last shares.

    Raises
    ------
    ConfigError
        If nobody stands in a seat who has a share in its estimate.
    """
    found = estimates.shares.copy()
    # Who estimates seats counts the independent or the Speaker of a seat among the others: they
    # keep the part of these that they had.
    alone = fixed_columns()[base.seats.nation] & base.stands & (found == 0)
    part = np.where(alone, base.shares, 0)
    part /= np.maximum(part.sum(1, keepdims=True) + base.shares[:, [OTHER]], 1e-9)
    others = found[:, OTHER].copy()
    found += part * others[:, None]
    found[:, OTHER] = others * (1 - part.sum(1))
    found *= base.stands
    total = found.sum(1, keepdims=True)
    empty = np.flatnonzero(estimates.given & (total[:, 0] <= 0))
    if len(empty):
        raise ConfigError(
            f"base.seats: nobody who has a share in {base.seats.name[empty[0]]} stands there; "
            "leave the seat out where that is possible, or change [ballot]."
        )
    found /= np.where(total > 0, total, 1)
    return replace(base, shares=np.where(estimates.given[:, None], found, base.shares))


def reachable(base: Base, shares: Floats) -> Floats:
    """Return national shares with those of the base for the Speaker and independents.

    No swing moves them, so that no swing reaches national shares that have them otherwise.

    Parameters
    ----------
    base : Base
    shares : ndarray, shape (nation, column)
    """
    fixed = fixed_columns()
    kept = np.where(fixed, nation_means(base, base.shares), 0)
    moving = np.where(fixed, 0, shares)
    left = 1 - kept.sum(1, keepdims=True)
    return np.asarray(kept + moving * left / moving.sum(1, keepdims=True))


def party_columns(parties: Iterable[str]) -> Bools:
    """Return where the parties stand on each nation's ballot paper, shape ``(nation, column)``."""
    wanted = set(parties)
    return np.array([[party in wanted for party in BALLOT[nation]] for nation in NATIONS])


def _holders(election: Election) -> Ints:
    won = np.zeros(election.votes.shape)
    won[np.arange(len(won)), election.winner] = 1
    return np.asarray(to_columns(election, won).argmax(1))


def impute_absent(election: Election, shares: Floats, stands: Bools, donors: Donors) -> Floats:
    """Give the parties of Great Britain the share they would have had where they did not stand.

    Only where they stand at the election to come (`stands`): elsewhere nothing is to be swung.

    A party's share is regressed on seat covariates over the seats where it stood; in a notional
    seat where it stood in part, its votes are scaled up. What it gets is taken from `donors`.
    """
    out = shares.copy()
    coverage = to_columns(election, election.coverage)
    in_play = (election.seats.nation != NATIONS.index("Northern Ireland")) & (
        election.votes[:, PARTIES.index("Spk")] == 0
    )
    design = _design(election.seats, in_play)
    for column, party in enumerate(GB_PARTIES):
        stood = coverage[:, column]
        absent = in_play & (stood < 1) & stands[:, column]
        fit = in_play & (stood >= COVERED)
        if not absent.any() or not fit.any():
            continue
        full = np.divide(out[:, column], stood, out=np.zeros(len(stood)), where=stood > 0)
        coefficients = np.linalg.lstsq(design[fit], full[fit], rcond=None)[0]
        predicted = np.maximum(design @ coefficients, IMPUTED_FLOOR)
        new = np.where(stood >= COVERED, full, predicted)
        added = np.where(absent, new - out[:, column], 0)
        if party in donors:
            taken = np.zeros(COLUMNS)
            for giver, part in donors[party].items():
                taken[GB_PARTIES.index(giver)] = part
            taken = np.tile(taken / taken.sum(), (len(out), 1))
        else:
            rest = np.delete(out, column, axis=1).sum(1, keepdims=True)
            taken = out / rest
            taken[:, column] = 0
        out = np.maximum(out - added[:, None] * taken, np.minimum(out, 0.001))
        out[:, column] = np.where(absent, new, out[:, column])
        out /= out.sum(1, keepdims=True)
    return out


def _design(seats: Seats, of: Bools) -> Floats:
    columns = [np.ones(len(seats.code))]
    columns += list(standardised_covariates(seats, IMPUTING_COVARIATES, of).T)
    columns += [seats.nation == NATIONS.index(name) for name in ("Scotland", "Wales")]
    return np.column_stack(columns)


def standardised_covariates(seats: Seats, names: tuple[str, ...], of: Bools) -> Floats:
    """Return covariates with mean 0 and SD 1 over the seats `of`, shape ``(seat, name)``.

    Density enters as its logarithm. What is missing becomes the mean.
    """
    table = read_covariates(seats.boundaries)
    raw = np.column_stack([np.log(table[n]) if n == "density" else table[n] for n in names])
    mean, sd = np.nanmean(raw[of], axis=0), np.nanstd(raw[of], axis=0)
    return np.asarray(np.nan_to_num((raw - mean) / sd, nan=0.0))


def _nominations(
    election: Election, ballot: Election | None, fixed: Bools, speaker_stands: bool
) -> Bools:
    stood = to_columns(election, election.coverage) > 0
    if ballot is not None:
        nominated = to_columns(ballot, ballot.coverage) > 0
        nominated[:, OTHER] = True
        return np.where(fixed, nominated & stood, nominated)
    stands = stood.copy()
    britain = election.seats.nation != NATIONS.index("Northern Ireland")
    speaker = election.votes[:, PARTIES.index("Spk")] > 0
    if not speaker_stands:
        stands[speaker] = False
        speaker = np.zeros_like(speaker)
    stands[np.ix_(britain & ~speaker, np.arange(len(GB_PARTIES)))] = True
    for nation, party in (("Scotland", "SNP"), ("Wales", "PC")):
        stands[election.seats.nation == NATIONS.index(nation), BALLOT[nation].index(party)] = True
    stands[:, OTHER] = True
    return stands


def _sitting(election: Election, ballot: Election | None, stand_again: float) -> Floats:
    if ballot is not None:
        return np.minimum(to_columns(ballot, ballot.sitting.astype(float)), 1)
    won = np.zeros(election.votes.shape)
    won[np.arange(len(won)), election.winner] = stand_again
    return to_columns(election, won)


def error_size(base: Base, expected: Floats, seat: SeatParameters) -> Floats:
    """Return the scale of a seat's error relative to its standard deviation, (seat, column).

    `growth_with_share` of the expected share, within bounds.
    """
    exponent, reference = seat.size_exponent.value, seat.size_reference.value
    size = np.ones_like(expected)
    for a, nation in enumerate(NATIONS):
        seats = base.seats.nation == a
        for column, party in enumerate(BALLOT[nation]):
            if party in exponent and party in reference:
                size[seats, column] = growth_with_share(
                    expected[seats, column], reference[party], exponent[party]
                )
    return np.clip(size, *seat.size_bounds.value)


def growth_with_share(share: Floats, reference: float, exponent: float) -> Floats:
    """Return how large an error is at a share, relative to that at the reference share.

    ``(s (1 - s) / (r (1 - r))) ** exponent``: small parties err in proportion to their share, and
    nobody errs more for being far above a half. At an exponent of 1/2 it is the standard deviation
    of a binomial share.
    """
    return np.asarray((share * (1 - share) / (reference * (1 - reference))) ** exponent)


def _neighbours_mean(seats: Seats, shares: Floats, i: int, usable: Bools) -> Floats:
    # A Speaker's seat has no contest to start from: take the nearest seats of its nation.
    east = (seats.longitude - seats.longitude[i]) * np.cos(np.radians(seats.latitude[i]))
    distance = np.hypot(east, seats.latitude - seats.latitude[i])
    distance = np.where(usable & (seats.nation == seats.nation[i]), distance, np.inf)
    distance[i] = np.inf
    return np.asarray(shares[np.argsort(distance, kind="stable")[:SPEAKER_NEIGHBOURS]].mean(0))
