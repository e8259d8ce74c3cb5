"""The rules of a pact file as bounds on sums over the seats."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from forecaster.arrays import Floats
from forecaster.config.pact import Term
from forecaster.experiments.choosing.alternatives import NOBODY, Question
from forecaster.experiments.choosing.programme import Promise
from forecaster.vocabulary import PARTIES, REGIONS

KEEP = "incumbents_keep: another flag bearer in 0 seats that a member holds"
WINNABLE = 0.5
"""A seat is winnable for a flag bearer with this chance: an even one."""


def promises_of(question: Question, chances: Floats) -> list[Promise]:
    """Return everything that the pact file promises.

    Parameters
    ----------
    question : Question
    chances : ndarray, shape (option, seat, party)
        See `OptionDraws.chances`.
    """
    choose = question.pact.choose
    promises = []
    if question.pact.flag_bearer.incumbents_keep:
        others = (question.holds.any(axis=0) & ~question.holds).astype(float)
        promises.append(Promise(KEEP, others, high=0))
    if choose.most_seats is not None:
        promises.append(at_most_seats(question, choose.most_seats))
    for term in choose.terms:
        for party in (term.party,) if term.party else question.members:
            promises += _promised(question, chances, term, party)
    return promises


def at_most_seats(question: Question, seats: int) -> Promise:
    """Return the promise that the pact holds in at most so many seats."""
    return Promise(
        f"most_seats: the pact in at most {seats} seats",
        np.ones(question.stands.shape),
        high=seats,
    )


def _promised(question: Question, chances: Floats, term: Term, party: str) -> Iterator[Promise]:
    region = np.ones(len(question.scope), bool)
    everywhere = np.ones(chances.shape[1], bool)
    where = ""
    if term.region is not None:
        region = question.region == REGIONS.index(term.region)
        everywhere = question.plan.base.seats.region == REGIONS.index(term.region)
        where = f" in {term.region}"
    code = PARTIES.index(party)
    without = float(chances[NOBODY, everywhere, code].sum())
    with_each = chances[1:, question.scope, code]
    gains = (with_each - chances[NOBODY, question.scope, code]) * region
    own = np.array([[member == party] for member in question.members])
    if term.most_asides is not None:
        stands = question.stands[own[:, 0]].any(axis=0) & region
        yield Promise(
            f"{party}: stands aside in at most {term.most_asides} seats{where}",
            (~own & stands).astype(float),
            high=term.most_asides,
        )
    if term.expected_seats is not None:
        yield Promise(
            f"{party}: at least {term.expected_seats:g} expected seats{where}",
            gains,
            low=term.expected_seats,
            without=without,
        )
    if term.winnable_seats is not None:
        yield Promise(
            f"{party}: flag bearer in at least {term.winnable_seats} winnable seats{where}",
            (own & region & (with_each >= WINNABLE)).astype(float),
            low=term.winnable_seats,
        )
    if term.most_lost is not None:
        yield Promise(
            f"{party}: at least {0.0 - term.most_lost:+g} expected seats against no pact{where}",
            gains,
            low=-term.most_lost,
        )
