"""Who could govern with whom: coalitions with a majority of those who vote, and who is pivotal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from forecaster.answers.summary import Counts, precision_note, seats_won
from forecaster.columns import columns
from forecaster.elections.election import Election
from forecaster.elections.names import fold
from forecaster.errors import ConfigError
from forecaster.results.build import Tables
from forecaster.results.precision import probability, standard_error
from forecaster.table import Column, Table, chance, one_of
from forecaster.vocabulary import PARTIES, PARTY_NAMES, SEATS_IN_THE_COMMONS

SPEAKER = "Spk"
NOBODY = "nobody"
ABSTENTIONISTS = ("SF",)
"""Parties whose MPs do not take their seats, unless the user says otherwise."""

CHUNK = 2**22
"""Coalitions times draws that are looked at at once: small enough to stay in memory."""

Votes = npt.NDArray[np.int16]


@dataclass(frozen=True)
class House:
    """Seats of the parties that vote, in every draw.

    Attributes
    ----------
    title : str
    parties : tuple of str
    seats : ndarray of int, shape (draw, party)
    needed : ndarray of int, shape (draw,)
        More than half of those who vote.
    absent : tuple of str
        Parties that do not vote, but for the Speaker, who never does.
    cluster : int
        Of the run, see `forecaster.results.precision`.
    """

    title: str
    parties: tuple[str, ...]
    seats: Votes
    needed: Votes
    absent: tuple[str, ...]
    cluster: int = 1

    @property
    def happened(self) -> bool:
        """Whether this is one election that took place, not many simulated ones."""
        return len(self.seats) == 1


def house_of_run(tables: Tables, scenario: str, without: Sequence[str]) -> House:
    """Return the House in every draw of a scenario; `without` names parties that do not vote.

    Raises
    ------
    ConfigError
        If nobody is left to vote.
    """
    title = tables.manifest["title"]
    house = _house(title, tables.manifest["parties"], seats_won(tables, scenario), without)
    return replace(house, cluster=tables.cluster)


def house_of_election(election: Election, without: Sequence[str]) -> House:
    """Return the House that an election gave; `without` names parties that do not vote."""
    won = np.bincount(election.winner, minlength=len(PARTIES))
    return _house(election.name, PARTIES, won[None].astype(np.int16), without)


def _house(title: str, parties: Sequence[str], won: Counts, without: Sequence[str]) -> House:
    votes = [i for i, p in enumerate(parties) if p not in (*without, SPEAKER) and won[:, i].any()]
    seats = np.asarray(won[:, votes], np.int16)
    if not seats.any(axis=1).all():
        raise ConfigError(
            "--without: nobody is left to vote"
            + (" in some of the elections" if seats.any() else "")
            + ". Leave fewer parties out."
        )
    names = tuple(parties[i] for i in votes)
    return House(title, names, seats, seats.sum(1, dtype=np.int16) // 2 + 1, tuple(without))


def party_called(text: str, option: str) -> str:
    """Return the code of a party given by code or name, whatever its case and accents.

    Raises
    ------
    ConfigError
        If there is none.
    """
    for code, name in PARTY_NAMES.items():
        if fold(text) in (fold(code), fold(name)):
            return code
    return one_of(text, PARTIES, option)


def read_coalition(text: str, house: House) -> tuple[str, ...]:
    """Return the parties of ``"Lab+LD+Green"``; those without a seat in any draw are left out.

    Raises
    ------
    ConfigError
        If a party is unknown, named twice, does not vote, or no named party has a seat.
    """
    option = "--coalition"
    named = [party_called(part, option) for part in text.split("+")]
    for party in named:
        if named.count(party) > 1:
            raise ConfigError(f"{option} {text!r}: {party} is named twice.")
        if party in (*house.absent, SPEAKER):
            raise ConfigError(
                f"{option} {text!r}: {party} does not vote. '--without {NOBODY}' lets every party "
                "vote; the Speaker never does."
            )
    found = tuple(party for party in house.parties if party in named)
    if not found:
        raise ConfigError(f"{option} {text!r}: no seat for any of them in {house.title}.")
    return found


def minimal_counts(house: House) -> tuple[dict[tuple[str, ...], int], npt.NDArray[np.float64]]:
    """Count minimal winning coalitions, and find every party's power.

    A coalition is minimal if it has a majority and loses it without any one of its members.

    Returns
    -------
    counts : dict
        For each coalition, the number of draws in which it is minimal; those that never are, are
        left out.
    power : ndarray, shape (draw, party)
        Banzhaf index: of all coalitions with a majority from which some party could take it by
        leaving, counted once for each such party, the part in which it is this party (Banzhaf 1965,
        normalised).
    """
    size = len(house.parties)
    members = (np.arange(2**size)[:, None] >> np.arange(size)) & 1
    counts = np.zeros(2**size, np.int64)
    power = np.empty(house.seats.shape)
    step = max(CHUNK >> size, 1)
    for at in range(0, len(house.seats), step):
        piece = slice(at, at + step)
        together, smallest = _coalitions(house.seats[piece])
        wins = together >= house.needed[piece, None]
        counts += (wins & (together - smallest < house.needed[piece, None])).sum(0)
        # More seats never lose a majority: those won with a party less those won without it.
        with_party = wins.astype(np.float32) @ members.astype(np.float32)
        power[piece] = 2 * with_party - wins.sum(1, keepdims=True)
    found = {
        tuple(p for p, inside in zip(house.parties, members[k], strict=True) if inside): int(
            counts[k]
        )
        for k in np.flatnonzero(counts)
    }
    return found, power / power.sum(1, keepdims=True)


def _coalitions(seats: Votes) -> tuple[Votes, Votes]:
    """Return seats and smallest member of every coalition, shape (draw, coalition).

    Coalition number k holds party j if bit j of k is set.
    """
    together = np.zeros((len(seats), 1), np.int16)
    smallest = np.full((len(seats), 1), np.iinfo(np.int16).max, np.int16)
    for own in seats.T[:, :, None]:
        together = np.concatenate([together, together + own], axis=1)
        smallest = np.concatenate([smallest, np.minimum(smallest, own)], axis=1)
    return together, smallest


def coalitions_table(house: House, named: Iterable[tuple[str, ...]]) -> Table:
    """Return a row per coalition: those named, or else every one that is minimal in some draw."""
    wanted = list(named)
    rows = [_row(house, parties) for parties in wanted or minimal_counts(house)[0]]
    if not wanted:
        rows.sort(key=lambda row: (-row["minimal"], -row["seats"]))
    happened = house.happened
    return Table(
        f"Coalitions with a majority, {house.title}",
        (
            *columns("coalition | parties"),
            Column("seats", "Seats" if happened else "Mean seats", "number"),
            *columns("needed"),
            Column("spare_p5", "Spare, 90 % from", "whole_difference", data_only=happened),
            Column("spare_p50", "Spare" if happened else "median", "whole_difference"),
            Column("spare_p95", "to", "whole_difference", data_only=happened),
            *_simulated(house, chance("majority", "Majority")),
            *_simulated(house, chance("minimal", "Minimal")),
        ),
        rows,
        (
            _quorum(house),
            "Minimal: it has a majority and needs every member. Arithmetic only: nothing is said "
            f"about who would sit down with whom. {PARTY_NAMES['Ind']}s count as one party"
            + (", so do the pooled others." if "Other" in house.parties else "."),
            *([] if happened else [precision_note(len(house.seats))]),
        ),
    )


def _row(house: House, parties: tuple[str, ...]) -> dict[str, Any]:
    own = house.seats[:, [house.parties.index(p) for p in parties]]
    together = own.sum(1)
    spare = together - house.needed
    low, middle, high = (round(q) for q in np.quantile(spare, (0.05, 0.5, 0.95)))
    majority, majority_error = probability(spare >= 0, house.cluster)
    needs_all = (spare >= 0) & (spare < own.min(1))
    minimal, minimal_error = probability(needs_all, house.cluster)
    return {
        "coalition": "+".join(parties),
        "parties": len(parties),
        "seats": float(together.mean()),
        "needed": float(house.needed.mean()),
        "spare_p5": low,
        "spare_p50": middle,
        "spare_p95": high,
        "majority": majority,
        "majority_mcse": None if house.happened else majority_error,
        "minimal": minimal,
        "minimal_mcse": None if house.happened else minimal_error,
    }


def pivots_table(house: House) -> Table:
    """Return a row per party: how often it is pivotal, and its power."""
    _, power = minimal_counts(house)
    rows: list[dict[str, Any]] = []
    for j, party in enumerate(house.parties):
        pivotal, pivotal_error = probability(power[:, j] > 0, house.cluster)
        alone, alone_error = probability(house.seats[:, j] >= house.needed, house.cluster)
        rows.append(
            {
                "party": party,
                "seats": float(house.seats[:, j].mean()),
                "alone": alone,
                "alone_mcse": None if house.happened else alone_error,
                "pivotal": pivotal,
                "pivotal_mcse": None if house.happened else pivotal_error,
                "power": float(power[:, j].mean()),
                "power_mcse": standard_error(power[:, j], house.cluster),
            }
        )
    rows.sort(key=lambda row: (-row["power"], -row["seats"]))
    return Table(
        f"Who is pivotal, {house.title}",
        (
            *columns("party"),
            Column("seats", "Seats" if house.happened else "Mean seats", "number"),
            *_simulated(house, chance("alone", "Majority alone")),
            *_simulated(house, chance("pivotal", "Pivotal")),
            *columns("power"),
        ),
        rows,
        (
            "Pivotal: some coalition has a majority with the party and none without it. Power: "
            "Banzhaf index, the party's part of all such cases, whichever parties would sit down "
            "together.",
            _quorum(house),
            *([] if house.happened else [precision_note(len(house.seats))]),
        ),
    )


def _simulated(house: House, columns: Iterable[Column]) -> list[Column]:
    """Return columns of chances; what happened has none, and keeps them for programs only."""
    return [replace(column, data_only=column.data_only or house.happened) for column in columns]


def _quorum(house: House) -> str:
    absent = [f"{PARTY_NAMES[party]}'s MPs" for party in house.absent] + ["the Speaker"]
    voting = house.seats.sum(1)
    return (
        f"Needed: more than half of those who vote, {_range(voting // 2 + 1)} of "
        f"{SEATS_IN_THE_COMMONS}; without {' and '.join(absent)}. By custom the three Deputy "
        "Speakers do not vote either; they are counted with their parties. Without them "
        f"{_range((voting - 3) // 2 + 1)} would be enough."
    )


def _range(values: npt.NDArray[np.int_]) -> str:
    low, high = values.min(), values.max()
    return str(low) if low == high else f"{low} to {high}"
