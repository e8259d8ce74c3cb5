"""The base of a swing: last shares by ballot column, as if every party had stood.

A party that did not stand is not a party at 0 %. Where a party of Great Britain was not on the
ballot paper, its share is imputed by a regression on covariates over the seats where it stood.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecaster.arrays import Bools, Floats, Ints
from forecaster.config.config import Candidacy
from forecaster.config.parameters import SeatParameters
from forecaster.elections.election import Election, Seats, read_covariates
from forecaster.elections.estimates import SeatEstimates
from forecaster.elections.members import Members
from forecaster.elections.names import seat_here
from forecaster.errors import ConfigError, DataError
from forecaster.files import Mistakes
from forecaster.kernels import exact
from forecaster.vocabulary import (
    BALLOT,
    FIXED_PARTIES,
    GB_PARTIES,
    NATIONS,
    NEW_PARTIES,
    OWN_PARTY,
    PARTIES,
    places,
    suggest,
)

COLUMNS = len(BALLOT["England"])
"""Columns of every nation's ballot paper."""

OTHER = 5
"""The column of ``Other``, the same in every nation."""

COVERED = 0.5
"""A party that stood in less than this part of a (notional) seat counts as absent there."""

SPEAKER_NEIGHBOURS = 8
"""Nearest seats whose mean stands in for the Speaker's, which had no contest."""

IMPUTED_FLOOR = 0.005
"""Smallest share that is imputed [fraction]."""
IMPUTING_COVARIATES = ("leave", "degree", "density", "muslim", "age_65_plus", "students")


@dataclass(frozen=True)
class Base:
    """Where the swing starts: arrays of shape (seat, column) or (seat,)."""

    seats: Seats
    shares: Floats
    """Share last time, imputed where a party did not stand but now does; a row sums to one."""
    stands: Bools
    """Which parties stand at the next election, shape (seat, column)."""
    sitting: Floats
    """Probability that a sitting MP stands again for the party, shape (seat, column)."""
    weight: Floats
    """The seat's part of its nation's valid votes, shape (seat,)."""
    best_other: Floats
    """Part of the votes of ``Other`` that its strongest candidate won; NaN where unknown."""
    last: Floats
    """Actual share last time, zero where the party did not stand, shape (seat, column)."""
    holder: Ints
    """Column of the party that holds the seat, shape (seat,)."""
    notes: tuple[str, ...] = ()
    """What the user should know of their files, such as unused rows."""


def to_columns(election: Election, values: Floats) -> Floats:
    """Rearrange ``(seat, party)`` into ``(seat, column)``, adding unnamed parties to Other."""
    party = np.array([places(BALLOT[nation], PARTIES) for nation in NATIONS])
    out: Floats = values[np.arange(len(values))[:, None], party[election.seats.nation]]
    out[:, OTHER] = 0
    out[:, OTHER] = values.sum(1) - out.sum(1)
    return out


def column_votes(election: Election) -> Floats:
    """Return the votes of an election by ballot column, shape ``(seat, column)``."""
    return to_columns(election, election.votes.astype(float))


def column_shares(election: Election) -> Floats:
    """Return the shares of an election by ballot column [fraction], shape ``(seat, column)``."""
    votes = column_votes(election)
    return np.asarray(votes / votes.sum(1, keepdims=True))


def party_columns(parties: Iterable[str]) -> Bools:
    """Return a mask of the columns of some parties, shape ``(nation, column)``."""
    wanted = set(parties)
    return np.array([[party in wanted for party in BALLOT[nation]] for nation in NATIONS])


def fixed_columns() -> Bools:
    """Return a mask of the columns that no swing moves, shape ``(nation, column)``."""
    return party_columns(FIXED_PARTIES)


def nation_means(base: Base, values: Floats) -> Floats:
    """Return means over the seats of each nation, weighted by votes, shape ``(nation, column)``."""
    return exact.dot(base.seats.of_nation * base.weight, values)


def nation_shares(election: Election, names_from: Election | None = None) -> Floats:
    """Return true shares by nation, shape ``(nation, column)``.

    Independents of `election` count as Other unless one stood in the same seat at `names_from`
    (default: `election` itself).
    """
    votes = column_votes(election)
    if names_from is not None and names_from is not election:
        alone = party_columns(["Ind"])[election.seats.nation]
        moved = np.where(alone & (column_votes(names_from) == 0), votes, 0)
        votes -= moved
        votes[:, OTHER] += moved.sum(1)
    out = np.array([votes[election.seats.nation == a].sum(0) for a in range(len(NATIONS))])
    return np.asarray(out / out.sum(1, keepdims=True))


def build_base(
    election: Election,
    ballot: Election | None,
    seat: SeatParameters,
    speaker_stands: bool = True,
    members: Members | None = None,
    changes: Sequence[Candidacy] = (),
) -> Base:
    """Build the base of the swing from `election` to the next one.

    `election`: the last result. `ballot`: the election that supplies nominations and sitting MPs;
    None stands for the main parties everywhere, with `members` as sitting MPs. `seat`: supplies the
    donors of imputed votes and, without `ballot`, the probability that an MP stands again.
    `speaker_stands`: whether the Speaker of `election` stands again; used without `ballot` only.
    `members`: who holds the seats; the winners of `election` if left out. `changes`: a user's own,
    applied last.

    Raises ConfigError if `ballot` was fought on other boundaries than `election`, or a change does
    not fit. If a file names the change, it is a DataError.
    """
    if ballot is not None and ballot.seats.boundaries != election.seats.boundaries:
        raise ConfigError(
            f"ballot.candidates: {ballot.name} was fought on the {ballot.seats.boundaries} "
            f"boundaries, but the base {election.name} is on those of "
            f"{election.seats.boundaries}. Take '{election.name}-notional' where there is one."
        )
    last = shares = column_shares(election)
    fixed = fixed_columns()[election.seats.nation]
    party = election.winner if members is None else members.party
    held = to_columns(election, np.equal.outer(party, np.arange(len(PARTIES))).astype(float))
    sitting = _sitting(ballot, held, members, seat.stand_again.value)
    stands = _nominations(election, ballot, fixed, speaker_stands)
    wrong = Mistakes()
    for one in changes:
        with wrong.kept():
            _change(one, election.seats, fixed, stands, sitting, held, seat.stand_again.value)
    wrong.check(DataError if any(one.place for one in changes) else ConfigError)
    if ballot is not election:
        # If the election is its own ballot, there is nothing to impute, not even in a notional
        # seat where a party stood in part only.
        donors = seat.imputed_from.value.get(election.name, {})
        shares = impute_absent(election, shares, stands, donors)
        shares = regress_other(election, shares, seat.other_retention.value)
        shares = _with_speakers(election, ballot, shares, stands)
    shares = _without_retired(election, shares, fixed & ~stands)
    totals = np.bincount(election.seats.nation, weights=election.valid_votes)
    return Base(
        seats=election.seats,
        shares=shares / shares.sum(1, keepdims=True),
        stands=stands,
        sitting=sitting * stands,
        weight=np.asarray(election.valid_votes / totals[election.seats.nation]),
        best_other=_best_other(election),
        last=last,
        holder=held.argmax(1),
    )


def _best_other(election: Election) -> Floats:
    """Return the part of Other's votes that its strongest candidate won, NaN where unknown."""
    other = column_votes(election)[:, OTHER]
    best = np.divide(
        election.best_other_votes, other, out=np.full(len(other), np.nan), where=other > 0
    )
    return np.where(best > 0, np.minimum(best, 1), np.nan)


def with_estimates(base: Base, estimates: SeatEstimates) -> Base:
    """Return the base with seat estimates in place of the last shares.

    Shares of parties that do not stand go to those that do, in proportion. A seat without an
    estimate keeps its last shares.

    Raises ConfigError if nobody with a share in a seat's estimate stands there.
    """
    found = estimates.shares.copy()
    # Seat estimates count the Speaker and independents under Other. They get the same part of its
    # votes as last time.
    alone = fixed_columns()[base.seats.nation] & base.stands & (found == 0)
    part = np.where(alone, base.shares, 0)
    part /= np.maximum(part.sum(1, keepdims=True) + base.last[:, [OTHER]], 1e-9)
    others = found[:, OTHER].copy()
    found += part * others[:, None]
    found[:, OTHER] = others * (1 - part.sum(1))
    # Some estimates count the Speaker under a former party. What they give to parties that do not
    # stand against the Speaker goes to the Speaker.
    speaks = party_columns(["Spk"])[base.seats.nation] & base.stands
    found += speaks * np.where(base.stands, 0, found).sum(1, keepdims=True)
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
    """Return national shares in which the Speaker and independents keep those of the base.

    No swing moves them, so no swing could reach other shares.

    `shares` has shape (nation, column).
    """
    fixed = fixed_columns()
    kept = np.where(fixed, nation_means(base, base.shares), 0)
    moving = np.where(fixed, 0, shares)
    left = 1 - kept.sum(1, keepdims=True)
    return np.asarray(kept + moving * left / moving.sum(1, keepdims=True))


def impute_absent(
    election: Election, shares: Floats, stands: Bools, donors: dict[str, dict[str, float]]
) -> Floats:
    """Impute the shares that parties of Great Britain would have had where they did not stand.

    This is done only where they stand at the next election (`stands`). The share is predicted by a
    regression on seat covariates over the seats where the party stood; where it stood in only part
    of a notional seat, its votes are scaled up. The votes are taken from the parties named in
    `donors[party]`, in those proportions, or else from all others in proportion to their shares.
    """
    out = shares.copy()
    coverage = to_columns(election, election.coverage)
    in_play = election.seats.in_britain & ~election.speaker
    covariates = standardised_covariates(election.seats, IMPUTING_COVARIATES, in_play)
    nations = election.seats.of_nation[places(OWN_PARTY, NATIONS)].T
    design = np.column_stack([np.ones(len(out)), covariates, nations])
    for column, party in enumerate(GB_PARTIES):
        stood = coverage[:, column]
        absent = in_play & (stood < 1) & stands[:, column]
        fit = in_play & (stood >= COVERED)
        if not absent.any() or not fit.any():
            continue
        full = np.divide(out[:, column], stood, out=np.zeros(len(stood)), where=stood > 0)
        coefficients = exact.least_squares(design[fit], full[fit])
        predicted = np.maximum(exact.dot(design, coefficients), IMPUTED_FLOOR)
        new = np.where(stood >= COVERED, full, predicted)
        added = np.where(absent, new - out[:, column], 0)
        if party in donors:
            taken = np.zeros(COLUMNS)
            taken[places(donors[party], GB_PARTIES)] = list(donors[party].values())
            taken = np.tile(taken / taken.sum(), (len(out), 1))
        else:
            rest = np.delete(out, column, axis=1).sum(1, keepdims=True)
            taken = out / rest
            taken[:, column] = 0
        out = np.maximum(out - added[:, None] * taken, np.minimum(out, 0.001))
        out[:, column] = np.where(absent, new, out[:, column])
        out /= out.sum(1, keepdims=True)
    return out


def regress_other(election: Election, shares: Floats, retention: float) -> Floats:
    """Move the share of Other in each seat of Great Britain towards that of its nation.

    Other is many parties and candidates. Where they were strong last time, most do not stand again
    or do much worse. The other columns share the difference in proportion.

    `shares` has shape (seat, column). `retention`: part of a seat's distance from its nation that
    is kept.
    """
    of_nation = election.seats.of_nation * election.valid_votes
    mean = (exact.dot(of_nation, shares) / of_nation.sum(1, keepdims=True))[
        election.seats.nation, OTHER
    ]
    other = shares[:, OTHER]
    kept = np.where(election.seats.in_britain, mean + retention * (other - mean), other)
    out = shares * ((1 - kept) / (1 - other))[:, None]
    out[:, OTHER] = kept
    return np.asarray(out)


def standardised_covariates(seats: Seats, names: tuple[str, ...], of: Bools) -> Floats:
    """Return covariates with mean 0 and SD 1 over the seats in mask `of`, shape ``(seat, name)``.

    Density enters as its logarithm; missing values become the mean.
    """
    table = read_covariates(seats.boundaries)
    raw = np.column_stack([exact.log(table[n]) if n == "density" else table[n] for n in names])
    mean, sd = np.nanmean(raw[of], axis=0), np.nanstd(raw[of], axis=0)
    return np.asarray(np.nan_to_num((raw - mean) / sd, nan=0.0))


def _sitting(
    ballot: Election | None, held: Floats, members: Members | None, stand_again: float
) -> Floats:
    """Return the chance that a sitting MP stands for each party, shape (seat, column)."""
    if ballot is not None:
        return np.minimum(to_columns(ballot, ballot.sitting.astype(float)), 1)
    whip = 1.0 if members is None else members.whip[:, None]
    return np.asarray(held * whip * stand_again)


def _change(
    one: Candidacy,
    seats: Seats,
    fixed: Bools,
    stands: Bools,
    sitting: Floats,
    held: Floats,
    stand_again: float,
) -> None:
    """Apply a user's change of who stands or sits in a seat, in place."""
    where = f"{one.place or 'ballot.candidates'}: {one.seat}, {one.party}"
    i = seat_here(seats, one.seat, where)
    ballot = seats.ballot(i)
    if one.holds:
        held[i] = np.arange(COLUMNS) == (ballot.index(one.party) if one.party in ballot else OTHER)
        sitting[i] = stand_again * held[i]
        return
    if one.party not in ballot:
        raise ConfigError(f"{where}: not on the ballot paper there. {suggest(one.party, ballot)}")
    column = ballot.index(one.party)
    if one.stands and fixed[i, column] and not stands[i, column]:
        raise ConfigError(f"{where}: no votes to start from; add the candidate's to Other.")
    if one.stands is not None:
        stands[i, column] = one.stands
    if not stands[i].any():
        raise ConfigError(f"{where}: nobody is left who stands there.")
    if one.sitting is not None:
        sitting[i] = np.where(one.sitting, 0.0, sitting[i])
        sitting[i, column] = float(one.sitting)
    if one.sitting:
        held[i] = np.arange(COLUMNS) == column


def _with_speakers(
    election: Election, ballot: Election | None, shares: Floats, stands: Bools
) -> Floats:
    """Return the shares where a new Speaker has the votes of the parties that make way."""
    if ballot is None:
        return shares
    new = ballot.speaker & ~election.speaker
    making_way = np.where(new[:, None] & ~stands, shares, 0)
    speaker = party_columns(["Spk"])[election.seats.nation]
    return np.asarray(shares - making_way + making_way.sum(1, keepdims=True) * speaker)


def _without_retired(election: Election, shares: Floats, gone: Bools) -> Floats:
    """Return the shares without the Speaker and independents who do not stand again."""
    speaker = election.speaker & (gone & (shares > 0)).any(1)
    shares = np.where(gone, 0, shares)
    for i in np.flatnonzero(speaker).tolist():
        shares[i] = _neighbours_mean(election.seats, shares, i, ~speaker)
    return shares


def _nominations(
    election: Election, ballot: Election | None, fixed: Bools, speaker_stands: bool
) -> Bools:
    stood = to_columns(election, election.coverage) > 0
    if ballot is not None:
        nominated = to_columns(ballot, ballot.coverage) > 0
        nominated[:, OTHER] = True
        return np.where(fixed, nominated & (stood | ballot.speaker[:, None]), nominated)
    stands = stood.copy()
    speaker = election.speaker
    if not speaker_stands:
        stands[speaker] = False
        speaker = np.zeros_like(speaker)
    contested = election.seats.in_britain & ~speaker
    stands[np.ix_(contested, np.arange(len(GB_PARTIES)))] = True
    stands |= party_columns(OWN_PARTY.values())[election.seats.nation]
    new = (party for party, since in NEW_PARTIES.items() if since == election.name)
    stands |= contested[:, None] & party_columns(new)[election.seats.nation]
    stands[:, OTHER] = True
    return stands


def error_size(base: Base, expected: Floats, seat: SeatParameters) -> Floats:
    """Return the factor on the standard deviation of each seat's error, shape (seat, column).

    It is the `growth_with_share` of the expected share, but at least `seat.size_floor`.
    """
    exponent, reference = (
        np.array([[law.get(party, np.nan) for party in BALLOT[nation]] for nation in NATIONS])
        for law in (seat.size_exponent.value, seat.size_reference.value)
    )
    seats, column = np.nonzero(~np.isnan(exponent + reference)[base.seats.nation])
    nation = base.seats.nation[seats]
    size = np.ones_like(expected)
    size[seats, column] = growth_with_share(
        expected[seats, column], reference[nation, column], exponent[nation, column]
    )
    return np.maximum(size, seat.size_floor.value)


def growth_with_share(share: Floats, reference: float | Floats, exponent: float | Floats) -> Floats:
    """Return the size of an error at a share, relative to that at the reference share.

    ``(s (1 - s) / (r (1 - r))) ** exponent``: the error of a party grows with its share up to a
    half, and falls again above. With an exponent of 1/2 it follows the standard deviation of a
    binomial share.
    """
    return exact.power(share * (1 - share) / (reference * (1 - reference)), exponent)


def _neighbours_mean(seats: Seats, shares: Floats, i: int, usable: Bools) -> Floats:
    # The Speaker's seat had no contest to start from; the nearest seats of its nation stand in.
    east = (seats.longitude - seats.longitude[i]) * np.cos(np.radians(seats.latitude[i]))
    distance = np.hypot(east, seats.latitude - seats.latitude[i])
    distance = np.where(usable & (seats.nation == seats.nation[i]), distance, np.inf)
    distance[i] = np.inf
    return np.asarray(shares[np.argsort(distance, kind="stable")[:SPEAKER_NEIGHBOURS]].mean(0))
