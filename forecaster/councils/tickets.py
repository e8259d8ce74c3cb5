"""Joint tickets of past elections, and how often voters of one party on them vote for the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar

from forecaster.arrays import Floats, Ints
from forecaster.config.load import read_pact
from forecaster.councils.base import joint_tickets, last_general, without_joint_tickets
from forecaster.councils.contest import Contest
from forecaster.councils.data import PARTIES, Wards
from forecaster.councils.kernel import WardPlan
from forecaster.councils.model import EXPECTED_BEST, CouncilModel
from forecaster.councils.plan import Expectation, build_plan
from forecaster.councils.slates import Slates

WIDEST = 3.0
"""Largest size of the logarithm of the odds (judgement): beyond, nobody or all are loyal."""


def once_more(wards: Wards, shares: Floats, candidates: Ints) -> tuple[Contest, Expectation]:
    """Return an election held again at known shares, with the usual errors around them."""
    since, nothing = np.full(len(wards), wards.year), np.zeros(len(wards), int)
    stands = np.minimum(candidates, wards.seats[:, None])
    contest = Contest("once-more", wards.year, wards, since, wards.seats, stands, wards, ())
    slopes = np.zeros((2, *shares.shape))
    level = shares.mean(0, keepdims=True)
    return contest, Expectation(shares, slopes, nothing, level, np.array([True]))


def as_it_was(wards: Wards, *members: str) -> tuple[Contest, Expectation, Slates]:
    """Return an election as if the members had stood apart, and the slates that they had.

    Their common votes are divided as at the general election before.
    """
    pact = read_pact("ld-green").model_copy(update={"members": members})
    divided = without_joint_tickets(wards, last_general(wards, wards.year)[1])
    both = (divided.candidates > 0) & np.isin(PARTIES, members)
    full = np.where(both, wards.seats[:, None], divided.candidates)
    contest, expected = once_more(wards, divided.shares, full)
    slates = np.minimum(wards.candidates, wards.seats[:, None])
    differ = (slates != contest.candidates).any(1)
    return contest, expected, Slates(pact, "as they were", slates, differ)


class SharedWard(NamedTuple):
    """A ward of a joint ticket with candidates of both parties."""

    plan: WardPlan
    """As if they had stood apart, with their slates as a pact."""
    ward: int
    host: int
    """The party that is larger by the general election."""
    guest: int
    came: float
    """Votes of the guest's best candidate over those of the host's."""
    ticket: str
    """Council and year."""

    def expected(self, odds: float) -> float:
        """Return the expected value of `came`, given the odds of `joint_odds`."""
        plan, w = self.plan, self.ward
        share, (usual, slate) = plan.share[w].astype(float), plan.slates[:, w]
        votes = share.copy()
        for donor, to in ((self.host, self.guest), (self.guest, self.host)):
            row, freed = int(plan.rate[0, w, donor]), usual[donor] - slate[donor]
            if row >= 0 and freed > 0:
                weight = plan.weight[row] * (odds, 1, 1, 1)
                part = weight[0] / weight.sum() * min(1.0, freed / slate[to])
                votes[to] += part * share[donor]
        ahead = plan.spread[w] * np.take(EXPECTED_BEST, slate) - plan.ahead[w]
        best = votes + np.sqrt(votes) * ahead
        return float(best[self.guest] / best[self.host])


def joint_odds(found: Sequence[SharedWard]) -> float:
    """Return the factor on the odds that a freed vote arrives on joint tickets.

    It is estimated by least squares of the logarithm of the guest's best candidate's votes over the
    host's, and one if there are no wards.
    """
    if not found:
        return 1.0

    def loss(size: float) -> float:
        return sum(float(np.log(one.expected(np.exp(size)) / one.came) ** 2) for one in found)

    best = minimize_scalar(loss, bounds=(-WIDEST, WIDEST), method="bounded")
    return float(np.exp(best.x))


def shared_wards(wards: Wards, model: CouncilModel) -> Iterator[SharedWard]:
    """Yield the wards of a year's joint tickets that have candidates of both parties.

    Tickets on which the larger party of the general election has fewer votes are left out, because
    the general election then tells nothing of the parties' votes there.
    """
    for council, *pair in joint_tickets(wards):
        of = wards.take((wards.council == council) & (wards.top.sum(1) > 0))
        contest, expected, slates = as_it_was(of, *(PARTIES[p] for p in pair))
        host, guest = sorted(pair, key=lambda p: -expected.shares[:, p].sum())
        shared = np.flatnonzero((of.top[:, pair] > 0).all(1))
        if of.top[shared, host].sum() > of.top[shared, guest].sum():
            plan = build_plan(contest, model, expected, [slates])
            for w in shared.tolist():
                came = float(of.top[w, guest] / of.top[w, host])
                yield SharedWard(plan, w, host, guest, came, f"{council} {wards.year}")
