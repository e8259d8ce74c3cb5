"""A pact in wards: which member stands how many candidates for the places of each ward."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from forecaster.arrays import Bools, Floats, Ints
from forecaster.config.pact import Pact, StandAside
from forecaster.councils.contest import Contest
from forecaster.councils.data import PARTIES
from forecaster.councils.lists import read_slates
from forecaster.errors import ConfigError
from forecaster.files import listed

RULES = ("best-placed", "proportional")


@dataclass(frozen=True)
class Slates:
    """A pact, ward by ward; other pacts may be in force at the same time."""

    pact: Pact
    rule: str
    """One of `RULES`, or the file of the slates."""
    candidates: Ints
    """Shape (ward, party)."""
    holds: Bools
    """Where the pact changes who stands, shape (ward,)."""
    notes: tuple[str, ...] = ()
    also: tuple[Slates, ...] = ()
    """Slates of the other pacts."""

    @property
    def each(self) -> tuple[Slates, ...]:
        """Return the slates of every pact in force."""
        return (self, *self.also)

    @property
    def name(self) -> str:
        """Return the name of the scenario."""
        return "+".join(one.pact.name for one in self.each)

    @property
    def standing(self) -> Ints:
        """Return the candidates of all parties, shape (ward, party)."""
        out = self.candidates.copy()
        for one in self.also:
            out[:, one.members] = one.candidates[:, one.members]
        return out

    @property
    def members(self) -> Bools:
        """Return which parties are members, shape (party,)."""
        return among(self.pact.members)

    @property
    def opponents(self) -> Bools:
        """Return which parties are opponents, shape (party,)."""
        return among(self.pact.opponents)


def among(codes: tuple[str, ...]) -> Bools:
    """Return which parties of the axis are named, shape (party,)."""
    return np.isin(PARTIES, codes)


def slates_of(
    pact: Pact, rule: str, guarantees: Mapping[str, int], contest: Contest, expected: Floats
) -> Slates:
    """Return the slates of a pact.

    It holds in wards where at least two members stand and an opponent is expected to win a place,
    or in those that a list names.

    `rule`: ``best-placed`` gives all places to the member expected to do best, ``proportional``
    divides them by expected votes (Sainte-Laguë); else the path of a list of slates. `guarantees`:
    number of winnable places in every council by party. Winnable are wards of the pact in which the
    members together are expected to have more votes than anybody else; a party gets places first
    where it is least behind the best placed. Notes say which guarantees could not be kept.
    `expected`, shape (ward, party): expected shares.

    Raises ConfigError if the pact is no pact of candidates, holds nowhere, or guarantees places to
    a party that is no member. Raises DataError if the list is wrong.
    """
    if not isinstance(pact.strength, StandAside):
        raise ConfigError(
            f"{pact.name}: wards need a pact of candidates "
            '(form = "stand-aside", transfers = "formal").'
        )
    if pact.strength.gain != 0:
        raise ConfigError(f"{pact.name}: strength.gain: wards do not know it; leave it out.")
    members, opponents = among(pact.members), among(pact.opponents)
    notes = tuple(
        f"{pact.name}: {party} is not told apart in council elections, and left out."
        for party in (*pact.members, *pact.opponents)
        if party not in PARTIES
    )
    if members.sum() < 2:
        raise ConfigError(f"{pact.name}: fewer than two of its members stand in council elections.")
    if rule not in RULES:
        path = Path(rule)
        candidates, seats, named = read_slates(path, contest, contest.candidates)
        if (seats != contest.seats).any():
            raise ConfigError(f"{rule}: seats belong into --candidates, not into a pact's slates.")
        _check_list(path, contest, candidates, members, named)
        return Slates(pact, path.name, candidates, named, notes)
    stands = (contest.candidates > 0) & members
    winner = places(expected, contest.candidates, contest.seats, np.ones(len(PARTIES), bool))
    holds = (stands.sum(1) >= 2) & (winner[:, opponents].sum(1) > 0)
    if not holds.any():
        raise ConfigError(
            f"{pact.name}: it holds in no ward; in none do two members stand and an opponent is "
            "expected to win."
        )
    candidates = contest.candidates.copy()
    shared = np.where(stands, expected, 0)
    for i in np.flatnonzero(holds):
        candidates[i, members] = _share_out(shared[i], int(contest.seats[i]), rule)[members]
    winnable = holds & (shared.sum(1) > np.where(members, 0, expected).max(1))
    short = _guarantee(guarantees, pact, contest, shared, winnable, candidates)
    return Slates(pact, rule, candidates, holds, (*notes, *short))


def places(votes: Floats, candidates: Ints, seats: Ints, among: Bools) -> Ints:
    """Return the places that parties win by expected votes: full slates in order of their votes.

    `votes`, `candidates`: shape (ward, party). `among`, shape (party,): parties that are counted.
    """
    out = np.zeros_like(candidates)
    order = np.argsort(-np.where(among, votes, -1), axis=1, kind="stable")
    left = seats.copy()
    for column in order.T:
        rows = np.arange(len(seats))
        won = np.minimum(left, candidates[rows, column])
        out[rows, column] = won
        left = left - won
    return out


def _share_out(votes: Floats, seats: int, rule: str) -> Ints:
    """Return candidates by party: all of the best placed, or by Sainte-Laguë's divisors."""
    out = np.zeros(len(votes), int)
    for _ in range(seats):
        best = votes if rule == "best-placed" else votes / (2 * out + 1)
        out[int(np.argmax(best))] += 1
    return out


def _guarantee(
    guarantees: Mapping[str, int],
    pact: Pact,
    contest: Contest,
    shared: Floats,
    winnable: Bools,
    candidates: Ints,
) -> list[str]:
    """Give parties their places in every council, changing `candidates`; return what is missing.

    Places of parties that come earlier in `guarantees` are not taken away.
    """
    missing = []
    donors = among(pact.members)
    for party, owed in guarantees.items():
        if party not in pact.members or party not in PARTIES:
            raise ConfigError(
                f"--guarantee {party}: not a member of {pact.name} ({', '.join(pact.members)})."
            )
        p = PARTIES.index(party)
        donors[p] = False
        behind = shared.max(1) - shared[:, p]
        short = []
        for council in contest.councils:
            here = winnable & (contest.last.council == council) & (contest.candidates[:, p] > 0)
            rows = np.flatnonzero(here)
            left = owed - int(candidates[rows, p].sum())
            for i in rows[np.argsort(behind[rows], kind="stable")]:
                while left > 0 and candidates[i, donors].any():
                    candidates[i, np.where(donors, candidates[i], 0).argmax()] -= 1
                    candidates[i, p] += 1
                    left -= 1
            short += [council] * (left > 0)
        if short:
            missing.append(
                f"{pact.name}: fewer than {owed} winnable places for {party} in {listed(short)}."
            )
    return missing


def _check_list(
    path: Path, contest: Contest, candidates: Ints, members: Bools, named: Bools
) -> None:
    total = candidates[:, members].sum(1)
    over = named & (total > contest.seats)
    if over.any():
        raise ConfigError(
            f"{path}: the members together have more candidates than there are places in "
            f"{listed(contest.last.name[over].tolist())}. Give every member that stands there a "
            "row, with 0 candidates where it stands aside."
        )
    new = named[:, None] & (candidates > 0) & (contest.candidates == 0)
    if new.any():
        i, p = np.argwhere(new)[0]
        raise ConfigError(
            f"{path}: {PARTIES[p]} has nobody in {contest.last.name[i]} without the pact, so its "
            "votes there are not known. Put its candidates into --candidates too."
        )
