"""Resolve a pact seat by seat: where it holds, who is the flag bearer, and who moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecaster.arrays import Bools, Floats, Ints
from forecaster.config.pact import Choice, Guarantee, Pact, Tactical, Where
from forecaster.elections.names import seat_here
from forecaster.errors import ConfigError, DataError
from forecaster.files import Mistakes
from forecaster.files import listed as all_of
from forecaster.swing.base import Base, party_columns
from forecaster.swing.tactical import clarity
from forecaster.vocabulary import NATIONS, REGIONS


@dataclass(frozen=True)
class PactSeats:
    """A pact, seat by seat: arrays of shape (seat, column) except for `flag`."""

    pact: Pact
    flag: Ints
    """Column of the flag bearer; -1 where the pact does not hold, shape (seat,)."""
    donors: Bools
    """Members who stand aside or whose voters may move."""
    clarity: Floats
    """How clear it is to a donor's voters that the flag bearer is ahead, from 0 to 1."""
    members: Bools
    """Those who stand in the seat, as below."""
    opponents: Bools
    notes: tuple[str, ...] = ()
    """Which parts of the pact's list of seats are not used."""

    def leading_opponent(self, seat: int, expected: Floats) -> int:
        """Return the column of the opponent expected to do best in a seat."""
        return int(np.where(self.opponents[seat], expected[seat], -1.0).argmax())


def resolve_pact(pact: Pact, base: Base, expected: Floats, likely: Floats) -> PactSeats:
    """Decide where a pact holds and who is its flag bearer.

    `expected`, shape (seat, column): expected shares without the pact. `likely`, shape (seat,
    column): probabilities of winning without the pact, for the rule ``most-likely``.

    Raises ConfigError if the pact holds nowhere, a seat is unknown or named twice, or a chosen flag
    bearer does not stand there. If a file names the seat, it is a DataError.
    """
    members = party_columns(pact.members)[base.seats.nation] & base.stands
    opponents = party_columns(pact.opponents)[base.seats.nation] & base.stands
    scope = _scope(pact, base, expected)
    scope &= (members.sum(1) >= min(2, len(pact.members))) & opponents.any(1)
    donors = members.copy()
    if pact.flag_bearer.file is not None:
        flag, donors, listed = _from_file(pact, pact.flag_bearer.file, base, members)
        unheld = base.seats.name[listed & ~scope].tolist()
        scope &= listed
    else:
        unheld = []
        flag = _by_rule(pact, base, expected, likely, members, scope)
    if not scope.any():
        raise ConfigError(
            f"{pact.name}: the pact holds in no seat. Look at its members, opponents and 'where'."
        )
    flag = np.where(scope, flag, -1)
    rows = np.arange(len(flag))
    donors[rows, np.maximum(flag, 0)] = False
    donors &= scope[:, None]
    lead = expected[rows, np.maximum(flag, 0)][:, None] - expected
    clear = np.zeros_like(expected)
    if isinstance(pact.strength, Tactical):
        half = pact.strength.half_clarity_pp / 100
        clear = np.where(donors, clarity(np.maximum(lead, 0), half), 0)
    notes = pact.flag_bearer.notes
    if unheld:
        why = "no opponent stands, no other member does, or 'where' leaves the seat out"
        notes += (f"{pact.name}: listed seats without the pact: {all_of(unheld)} ({why}).",)
    return PactSeats(pact, flag, donors, clear, members, opponents, notes)


def _scope(pact: Pact, base: Base, expected: Floats) -> Bools:
    where: Where = pact.where
    seats = base.seats
    scope = np.ones(len(seats.code), bool)
    if where.nations:
        scope &= np.isin(np.array(NATIONS)[seats.nation], where.nations)
    if where.regions:
        scope &= np.isin(np.array(REGIONS)[seats.region], where.regions)
    if where.seats:
        named = np.zeros_like(scope)
        named[_find(pact, base, where.seats)] = True
        scope &= named
    if where.held_by:
        scope &= party_columns(where.held_by)[seats.nation, base.holder]
    if where.led_by:
        placed = np.where(base.stands, expected, -1)
        leads = placed == placed.max(1, keepdims=True)
        scope &= (party_columns(where.led_by)[seats.nation] & leads).any(1)
    return scope


def _find(pact: Pact, base: Base, names: Sequence[str], places: Sequence[str] = ()) -> list[int]:
    """Return the indices of seats by name; raise an error that lists every wrong name."""
    found: dict[int, str] = {}
    wrong = Mistakes()
    for name, place in zip(names, places or [""] * len(names), strict=True):
        where = place or pact.name
        with wrong.kept():
            seat = seat_here(base.seats, name, where)
            if seat in found:
                raise ConfigError(
                    f"{where}: seat {name!r} is listed twice (also as {found[seat]!r})."
                )
            found[seat] = name
    wrong.check(DataError if any(places) else ConfigError)
    return list(found)


def _from_file(
    pact: Pact, choices: tuple[Choice, ...], base: Base, members: Bools
) -> tuple[Ints, Bools, Bools]:
    """Return flag bearers, donors, and a mask of the seats that the list names."""
    seats = _find(pact, base, [c.seat for c in choices], [c.place for c in choices])
    flag = np.full(len(members), -1)
    donors = members.copy()
    listed = np.zeros(len(members), bool)
    wrong = Mistakes()
    for i, choice in zip(seats, choices, strict=True):
        ballot = base.seats.ballot(i)
        if choice.party not in ballot or not members[i, ballot.index(choice.party)]:
            wrong.lines.append(
                f"{choice.place or pact.name}: {base.seats.name[i]}: the flag bearer "
                f"{choice.party} does not stand there."
            )
            continue
        flag[i], listed[i] = ballot.index(choice.party), True
        if choice.aside is not None:
            donors[i] &= np.array([party in choice.aside for party in ballot])
    wrong.check(DataError if any(choice.place for choice in choices) else ConfigError)
    return flag, donors, listed


def _by_rule(
    pact: Pact, base: Base, expected: Floats, likely: Floats, members: Bools, scope: Bools
) -> Ints:
    bearer = pact.flag_bearer
    # A member that stands now but did not last time comes after all that did.
    placed = np.where(members, base.last, -1.0)
    flag = _largest(placed, expected)
    if bearer.rule == "most-likely":
        flag = _largest(np.where(members, likely, -1.0), expected)
    keeps = bearer.incumbents_keep or bearer.rule == "one-in-n"
    rows = np.arange(len(flag))
    held = members[rows, base.holder]
    if bearer.rule == "one-in-n" and bearer.party and bearer.n:
        flag = _one_in_n(bearer.party, bearer.n, base, placed, expected, flag, scope & ~held)
    elif bearer.rule == "guaranteed":
        locked = held if keeps else np.zeros_like(held)
        flag = _guaranteed(bearer.guarantees, pact, base, expected, flag, scope & ~locked)
    return np.where(held, base.holder, flag) if keeps else flag


def _largest(values: Floats, then: Floats) -> Ints:
    """Return the column of each row's largest value; the largest of `then` breaks ties."""
    level = values == values.max(1, keepdims=True)
    return np.asarray(np.where(level, then, -1.0).argmax(1))


def _one_in_n(
    party: str, n: int, base: Base, placed: Floats, expected: Floats, flag: Ints, open_: Bools
) -> Ints:
    # The rule of Electoral Calculus for the Constitution Society (2022) does not say which seats;
    # we take those in which the party did best.
    column = party_columns([party]).argmax(1)[base.seats.nation]
    share = placed[np.arange(len(flag)), column]
    candidates = np.flatnonzero(open_ & (share >= 0))
    best = candidates[np.argsort(-share[candidates], kind="stable")]
    out = flag.copy()
    others = placed.copy()
    others[np.arange(len(flag)), column] = -1.0
    out[candidates] = _largest(others, expected)[candidates]
    chosen = best[: round(len(candidates) / n)]
    out[chosen] = column[chosen]
    return out


def _guaranteed(
    guarantees: tuple[Guarantee, ...],
    pact: Pact,
    base: Base,
    expected: Floats,
    flag: Ints,
    open_: Bools,
) -> Ints:
    """Hand winnable seats to guaranteed parties, region by region, where it costs least."""
    members = party_columns(pact.members)[base.seats.nation] & base.stands
    opponents = party_columns(pact.opponents)[base.seats.nation] & base.stands
    together = np.where(members, expected, 0).sum(1)
    winnable = together > np.where(opponents, expected, 0).max(1)
    out = flag.copy()
    rows = np.arange(len(flag))
    taken = np.zeros(len(flag), bool)
    for guarantee in guarantees:
        column = party_columns([guarantee.party]).argmax(1)[base.seats.nation]
        stands = members[rows, column]
        for region in range(len(REGIONS)):
            usable = open_ & winnable & stands & (base.seats.region == region) & ~taken
            has = usable & (out == column)
            taken |= has
            missing = guarantee.seats - int(has.sum())
            behind = expected[rows, out] - expected[rows, column]
            others = np.flatnonzero(usable & ~has)
            chosen = others[np.argsort(behind[others], kind="stable")][: max(missing, 0)]
            out[chosen] = column[chosen]
            taken[chosen] = True
    return out
