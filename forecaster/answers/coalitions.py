"""Coalitions that have a majority of the MPs who vote, and parties that are pivotal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from forecaster.answers.run import Names, several
from forecaster.answers.summary import precision_note
from forecaster.arrays import Floats, Ints, Shorts
from forecaster.columns import table_of
from forecaster.elections.election import Election
from forecaster.errors import ConfigError
from forecaster.results.precision import average, chance, interval
from forecaster.results.run import RunTables
from forecaster.table import Table
from forecaster.vocabulary import (
    MAJORITY,
    PARTIES,
    PARTY_NAMES,
    SEATS_IN_THE_COMMONS,
    find_parties,
    find_party,
)

SPEAKER = "Spk"
NOBODY = "nobody"
ABSTENTIONISTS = ("SF",)
"""Parties whose MPs do not take their seats, unless the user says otherwise."""

SHOWN = 20
"""Coalitions in a printed table, unless the user asks for more."""

LARGEST = 8
"""Number of parties to choose from on a page; each further one doubles the number of sets."""

NOT_OFFERED = frozenset({*ABSTENTIONISTS, SPEAKER, "Ind", "Other"})
"""Not among the parties to choose from: they do not vote, or are not one party."""

TALKED_ABOUT = (
    ("Lab",),
    ("Con",),
    ("Reform",),
    ("Con", "Reform"),
    ("Lab", "LD"),
    ("Lab", "Green"),
    ("Lab", "LD", "Green"),
    ("Lab", "LD", "Green", "SNP", "PC"),
    ("Con", "LD"),
    ("Con", "Reform", "DUP"),
)
"""Sets of parties that the page lists before the reader chooses others."""


@dataclass(frozen=True)
class House:
    """Seats of the parties that vote, in every draw."""

    title: str
    parties: tuple[str, ...]
    seats: Shorts
    """Shape (draw, party)."""
    needed: Shorts
    """Seats that are more than half of those that vote, shape (draw,)."""
    absent: tuple[str, ...]
    """Parties that do not vote, besides the Speaker."""
    cluster: int = 1
    """See `forecaster.config.config.Config.cluster`."""
    chamber: int = SEATS_IN_THE_COMMONS
    """Seats of the whole chamber: of the Commons, or of a council."""

    @cached_property
    def counted(self) -> tuple[dict[tuple[str, ...], int], Floats]:
        """The result of `minimal_counts`."""
        return minimal_counts(self)

    @property
    def happened(self) -> bool:
        """Whether this is one actual election rather than many simulated ones."""
        return len(self.seats) == 1


def house_of_run(run: RunTables, scenario: str, without: Sequence[str]) -> House:
    """Return the House in every draw of a scenario; the parties `without` do not vote.

    Raises ConfigError if nobody is left to vote.
    """
    return _house(run.title, run.parties, run.won(scenario), without, run.cluster)


def house_of_election(election: Election, without: Sequence[str]) -> House:
    """Return the House after an election; the parties `without` do not vote."""
    won = np.bincount(election.winner, minlength=len(PARTIES))
    return _house(election.name, PARTIES, won[None].astype(np.int16), without)


def _house(
    title: str, parties: Sequence[str], won: Shorts, without: Sequence[str], cluster: int = 1
) -> House:
    votes = [i for i, p in enumerate(parties) if p not in (*without, SPEAKER) and won[:, i].any()]
    seats = np.asarray(won[:, votes], np.int16)
    if not seats.any(axis=1).all():
        raise ConfigError(
            "--without: nobody is left to vote"
            + (" in some of the elections" if seats.any() else "")
            + ". Leave fewer parties out."
        )
    names = tuple(parties[i] for i in votes)
    needed = seats.sum(1, dtype=np.int16) // 2 + 1
    return House(title, names, seats, needed, tuple(without), cluster)


def absent_parties(names: Names) -> tuple[str, ...]:
    """Return the codes of parties whose MPs do not vote; ``"nobody"`` means that all vote."""
    wanted = (name for name in several(names) if name.lower() != NOBODY)
    return tuple(find_party(name, PARTIES, "--without") for name in wanted)


def read_coalition(text: str, house: House) -> tuple[str, ...]:
    """Return the parties of a text like ``"Lab+LD+Green"``, without those that never win a seat.

    Raises ConfigError if a party is unknown, named twice, does not vote, or no named party has a
    seat.
    """
    option = "--coalition"
    named = find_parties(text, PARTIES, option)
    for party in named:
        if party in (*house.absent, SPEAKER):
            raise ConfigError(
                f"{option} {text!r}: {party} does not vote. '--without {NOBODY}' lets every party "
                "vote; the Speaker never does."
            )
    found = tuple(party for party in house.parties if party in named)
    if not found:
        raise ConfigError(f"{option} {text!r}: no seat for any of them in {house.title}.")
    return found


def minimal_counts(house: House) -> tuple[dict[tuple[str, ...], int], Floats]:
    """Count minimal winning coalitions, and return every party's power.

    A coalition is minimal if it has a majority and would lose it without any one of its members.
    Those that never are minimal are left out. Power, shape (draw, party), is the normalised Banzhaf
    index (Banzhaf 1965): the number of coalitions whose majority the party would end by leaving,
    divided by the sum of these numbers over all parties.
    """
    from forecaster.kernels.coalitions import count_coalitions

    counts, swings = count_coalitions(
        np.ascontiguousarray(house.seats), house.needed.astype(np.int16)
    )
    names = np.array(house.parties)
    bits = np.arange(len(names))
    found = {
        tuple(names[(k >> bits) & 1 == 1].tolist()): int(counts[k]) for k in np.flatnonzero(counts)
    }
    return found, swings / swings.sum(1, keepdims=True)


def coalitions_table(
    house: House, named: Iterable[tuple[str, ...]], most: int | None = None
) -> Table:
    """Return a row per coalition: those named, or else all that are minimal in some draw.

    `most`: number of rows if none is named: those that are minimal most often.
    """
    chosen, left = list(named), 0
    if not chosen:
        counts = house.counted[0]
        mean = dict(zip(house.parties, house.seats.mean(0), strict=True))
        order = sorted(counts, key=lambda c: (-counts[c], -sum(mean[party] for party in c)))
        chosen, left = order[:most], len(order) - len(order[:most])
    rows = [_row(house, parties) for parties in chosen]
    others = ", so do the pooled others" if "Other" in house.parties else ""
    notes = (
        _quorum(house),
        "Minimal: it has a majority and needs every member. Arithmetic only: nothing is said about "
        f"who would sit down with whom. {PARTY_NAMES['Ind']}s count as one party{others}.",
    )
    wanted = (
        "coalition | parties | seats | needed | ?spare_p5 | spare_p50 | ?spare_p95 | "
        "?majority=Majority of those who vote | ?minimal"
    )
    whole = _table(f"Coalitions with a majority, {house.title}", wanted, rows, notes, house)
    return whole.shortened_by(left)


def _table(
    title: str, wanted: str, rows: list[dict[str, Any]], notes: tuple[str, ...], house: House
) -> Table:
    """Return a table of mean seats and chances, or of the seats of an actual election."""
    seats, spare = ("Seats", "Spare") if house.happened else ("Mean seats", "median")
    kind = "integer" if house.happened else "number"
    wanted = wanted.replace("| seats", f"| seats:{kind}~={seats}")
    wanted = wanted.replace("| spare_p50", f"| spare_p50={spare}")
    if not house.happened:
        notes += (precision_note(len(house.seats)),)
    return table_of(title, wanted, rows, *notes, hide=house.happened)


def _row(house: House, parties: tuple[str, ...]) -> dict[str, Any]:
    own = house.seats[:, [house.parties.index(p) for p in parties]]
    together = own.sum(1)
    spare = together - house.needed
    needs_all = (spare >= 0) & (spare < own.min(1))
    return {
        "coalition": "+".join(parties),
        "parties": len(parties),
        **average("seats", together, house.cluster),
        "needed": float(house.needed.mean()),
        "spare_p50": round(np.median(spare)),
        **interval(spare, "spare"),
        **_chance(house, "majority", spare >= 0),
        **_chance(house, "minimal", needs_all),
    }


def _chance(house: House, key: str, happened: Any) -> dict[str, float | None]:
    """Return a chance and its error as cells; there is no error for an actual election."""
    cells = chance(key, happened, house.cluster)
    return {**cells, f"{key}_mcse": None} if house.happened else {**cells}


def pivots_table(house: House) -> Table:
    """Return a row per party: how often it is pivotal, and its power."""
    _, power = house.counted
    rows: list[dict[str, Any]] = [
        {
            "party": party,
            **average("seats", house.seats[:, j], house.cluster),
            **_chance(house, "alone", house.seats[:, j] >= house.needed),
            **_chance(house, "pivotal", power[:, j] > 0),
            **average("power", power[:, j], house.cluster),
        }
        for j, party in enumerate(house.parties)
    ]
    rows.sort(key=lambda row: (-row["power"], -row["seats"]))
    notes = (
        "Pivotal: some coalition has a majority with the party and none without it. Power: "
        "Banzhaf index, the party's part of all such cases, whichever parties would sit down "
        "together.",
        _quorum(house),
    )
    wanted = "party | seats | ?alone=Alone a majority of those who vote | ?pivotal | power"
    return _table(f"Who is pivotal, {house.title}", wanted, rows, notes, house)


def _quorum(house: House) -> str:
    if house.chamber != SEATS_IN_THE_COMMONS:
        return f"Needed: more than half of the {house.chamber} seats, {_range(house.needed)}."
    absent = [f"{PARTY_NAMES[party]}'s MPs" for party in house.absent] + ["the Speaker"]
    voting = house.seats.sum(1)
    return (
        f"Needed: more than half of those who vote, {_range(voting // 2 + 1)} of "
        f"{SEATS_IN_THE_COMMONS}; without {' and '.join(absent)}. By custom the three Deputy "
        "Speakers do not vote either; they are counted with their parties. Without them "
        f"{_range((voting - 3) // 2 + 1)} would be enough."
    )


def _range(values: Ints | Shorts) -> str:
    low, high = values.min(), values.max()
    return str(low) if low == high else f"{low} to {high}"


@dataclass(frozen=True)
class Majorities:
    """How often sets of parties reach a majority."""

    parties: tuple[str, ...]
    """Parties that can be chosen, the largest first. Bit `k` of a set's number is party `k`."""
    chances: Floats
    """Probability of a majority of all seats, and of a majority of those who vote, shape
    (scenario, 2, set)."""

    def of(self, parties: tuple[str, ...]) -> int | None:
        """Return the number of a set; None if one of its parties is not offered."""
        if not set(parties) <= set(self.parties):
            return None
        return sum(1 << self.parties.index(party) for party in parties)


def majorities(run: RunTables) -> Majorities:
    """Count, over all draws, which sets of parties reach a majority.

    Of those who vote there are fewer than of all seats: without `ABSTENTIONISTS` and the Speaker.
    """
    names = run.parties
    mean = np.max([run.won(scenario).mean(0) for scenario in run.scenarios], axis=0)
    order = np.argsort(-mean, kind="stable")
    offered = [names[i] for i in order if names[i] not in NOT_OFFERED and mean[i] >= 0.5]
    chosen = tuple(offered[:LARGEST])
    inside = (np.arange(1 << len(chosen)) >> np.arange(len(chosen))[:, None]) & 1
    chances = []
    for scenario in run.scenarios:
        seats = np.stack([run.won(scenario, (party,)) for party in chosen], axis=1)
        # Matrix products of float32 are many times faster than of integers, and exact for small
        # sums.
        together = seats.astype(np.float32) @ inside.astype(np.float32)
        voting = house_of_run(run, scenario, ABSTENTIONISTS).needed[:, None]
        chances.append([(together >= needed).mean(0) for needed in (MAJORITY, voting)])
    return Majorities(chosen, np.array(chances))
