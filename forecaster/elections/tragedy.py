"""Named definitions of a tragedy: a seat that a divided side loses despite having more votes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from forecaster.arrays import Bools
from forecaster.elections.election import Election
from forecaster.vocabulary import NATIONS, places

Votes = npt.NDArray[Any]
"""Votes or shares of parties, or indices, by seat."""

BRITAIN = ("England", "Scotland", "Wales")
LAB_LD_GREEN = ("Lab", "LD", "Green")
WITH_NATIONALISTS = (*LAB_LD_GREEN, "SNP", "PC")
CON_REFORM = ("Con", "Reform", "UKIP")


@dataclass(frozen=True)
class Definition:
    """A definition of a tragedy."""

    name: str
    statement: str
    """One sentence, printed with every number based on the definition."""
    winners: tuple[str, ...]
    """Parties whose win may be a tragedy."""
    together: tuple[str, ...]
    """Parties whose votes are added up."""
    against: tuple[str, ...] | str = "winner"
    """Whose votes these must exceed: the sum of some parties, or the winner's."""
    nations: tuple[str, ...] = BRITAIN
    """Nations in which tragedies are counted."""


DEFINITIONS: dict[str, Definition] = {
    d.name: d
    for d in (
        Definition(
            "lab-ld-green",
            "Won by Con or UKIP/Brexit Party/Reform in Great Britain, although Lab, LD and Green "
            "together had more votes than the winner.",
            CON_REFORM,
            LAB_LD_GREEN,
        ),
        Definition(
            "with-nationalists",
            "Won by Con or UKIP/Brexit Party/Reform in Great Britain, although Lab, LD, Green, SNP "
            "and Plaid together had more votes than the winner.",
            CON_REFORM,
            WITH_NATIONALISTS,
        ),
        Definition(
            "over-bloc",
            "Won by Con or UKIP/Brexit Party/Reform in Great Britain, although Lab, LD and Green "
            "together had more votes than Con, UKIP and Brexit Party/Reform together.",
            CON_REFORM,
            LAB_LD_GREEN,
            CON_REFORM,
        ),
        Definition(
            "england",
            "Won by Con or UKIP/Brexit Party/Reform in England, although Lab, LD and Green "
            "together had more votes than the winner.",
            CON_REFORM,
            LAB_LD_GREEN,
            nations=("England",),
        ),
        Definition(
            "con-reform",
            "Won by Lab, LD, Green, SNP or Plaid in Great Britain, although Con and UKIP/Brexit "
            "Party/Reform together had more votes than the winner.",
            WITH_NATIONALISTS,
            CON_REFORM,
        ),
    )
}

SIDES = ("lab-ld-green", "con-reform")
"""The definitions for each side, which are always reported together."""


def votes_of(parties: tuple[str, ...], votes: Votes) -> Votes:
    """Add up the votes or shares of parties: ``(seat, party)`` to ``(seat,)``."""
    return np.asarray(votes[:, places(parties)].sum(axis=1))


def votes_against(definition: Definition, votes: Votes, winner: Votes) -> Votes:
    """Return the votes that the parties together must exceed, shape (seat,)."""
    if isinstance(definition.against, tuple):
        return votes_of(definition.against, votes)
    return np.take_along_axis(votes, winner[:, None], axis=1)[:, 0]


def combined_lead(definition: Definition, votes: Votes, winner: Votes) -> Votes:
    """Return the votes of the parties together less `votes_against`, shape (seat,).

    `votes`, shape (seat, party): votes or shares, parties in the order of `vocabulary.PARTIES`.
    `winner`, shape (seat,): index of `vocabulary.PARTIES`.
    """
    against = votes_against(definition, votes, winner)
    return np.asarray(votes_of(definition.together, votes) - against)


def tragic(definition: Definition, votes: Votes, winner: Votes, nation: Votes) -> Bools:
    """Return which seats are tragedies, shape (seat,).

    `definition`, `votes` and `winner`: as in `combined_lead`. `nation`, shape (seat,): index of
    `vocabulary.NATIONS`.
    """
    won = np.isin(winner, places(definition.winners))
    counted = np.isin(nation, places(definition.nations, NATIONS))
    return np.asarray(won & counted & (combined_lead(definition, votes, winner) > 0))


def tragic_seats(definition: Definition, election: Election) -> Bools:
    """Return which seats of an election were tragedies, shape (seat,)."""
    return tragic(definition, election.votes, election.winner, election.seats.nation)
