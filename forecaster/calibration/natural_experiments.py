"""Natural experiments: where votes went in seats in which a party had no candidate.

A regression over the seats of an election, in shares of the electorate so that people who stay at
home count:

``y_q = b_q x + controls``

Here ``y_q`` is the change of party q (or of turnout) since the election before, and ``x`` the share
that the absent party would have had, zero where it stood. ``b_q`` is the part of its votes that q
received. ``x`` is predicted by the same controls from the seats in which the party stood.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from forecaster.arrays import Bools, Floats
from forecaster.columns import table_of
from forecaster.elections.election import Election, read_election
from forecaster.resources import read_table
from forecaster.swing.base import COVERED, column_votes, standardised_covariates, to_columns
from forecaster.swing.tactical import PAIRS
from forecaster.table import Table
from forecaster.vocabulary import BALLOT, GB_PARTIES, NATIONS, OWN_PARTY

CONTROLS = ("leave", "degree", "density", "muslim", "age_65_plus", "students")
RESAMPLES, SEED = 400, 20

FEWEST = 5
"""Fewest absences from which anything is estimated."""

RECEIVERS = (*GB_PARTIES, "Other", "National")
"""Parties that may receive votes; National is SNP or Plaid."""


def _everywhere(election: Election) -> Bools:
    return np.ones(len(election.seats.code), bool)


@dataclass(frozen=True)
class Event:
    """A party's absence in some seats of an election."""

    name: str
    party: str
    """The absent party."""
    election: str
    """One of `swing.tactical.PAIRS`."""
    caution: str
    """Why the estimate may not be a causal effect."""
    among: Callable[[Election], Bools] = _everywhere
    """Returns a mask of the seats that belong to the event if the party is absent."""
    nations: tuple[str, ...] = ("England", "Wales")
    """Nations whose seats are used."""
    named: bool = False
    """Whether the party stood aside for somebody."""


@dataclass(frozen=True)
class TransferEstimate:
    """Where the votes of an absent party went."""

    event: Event
    seats: int
    """Number of seats without the party."""
    part: dict[str, float]
    """Part of the expected votes by receiver; ``abstain`` is the fall in turnout."""
    error: dict[str, float]
    """Bootstrap standard errors."""


def remain(*parties: str) -> Callable[[Election], Bools]:
    """Return a function that marks the seats of Unite to Remain with these flag bearers."""

    def inside(election: Election) -> Bools:
        table = read_table("pacts/unite-to-remain-2019.csv")
        bearers = zip(table["seat"], table["party"], strict=True)
        return np.isin(election.seats.code, [seat for seat, bearer in bearers if bearer in parties])

    return inside


def no_pact(election: Election) -> Bools:
    """Mark the seats outside Unite to Remain."""
    return ~remain("LD", "Green", "PC")(election)


EVENTS = (
    Event(
        "UKIP 2017",
        "Reform",
        "2017",
        "UKIP chose where to withdraw, often for candidates who had been for Leave",
    ),
    Event(
        "Brexit Party 2019",
        "Reform",
        "2019",
        "it withdrew in every seat that Conservatives held, so only its expected share tells "
        "absence from being such a seat",
        named=True,
    ),
    Event(
        "Green 2019, for LD in Unite to Remain",
        "Green",
        "2019",
        "seats were chosen where the Lib Dems campaigned: parts above one are targeting",
        remain("LD"),
        named=True,
    ),
    Event(
        "Green 2019, no pact",
        "Green",
        "2019",
        "Greens have no candidate where they are weakest",
        no_pact,
    ),
    Event("LD 2019, for Green", "LD", "2019", "few seats, chosen", remain("Green"), named=True),
    Event("LD 2019, for Plaid", "LD", "2019", "few, chosen", remain("PC"), ("Wales",), named=True),
    Event(
        "Reform 2024, failed nominations",
        "Reform",
        "2024",
        "close to chance, candidates whose papers came late or were withdrawn; but few, and the "
        "part of Con lies between .16 and .37 with other controls",
    ),
)


def estimate(event: Event, resamples: int = RESAMPLES) -> TransferEstimate | None:
    """Estimate where an absent party's votes went; None if it was absent from too few seats.

    `resamples`: bootstrap samples of seats for the standard errors; the same in every call.
    """
    before, after = read_election(PAIRS[event.election]), read_election(event.election)
    column = GB_PARTIES.index(event.party)
    in_play = np.isin(np.array(NATIONS)[after.seats.nation], event.nations)
    in_play &= (_votes(before)[:, : len(GB_PARTIES)] > 0).sum(1) >= 3  # no Speaker's seat
    in_play &= (_votes(after)[:, : len(GB_PARTIES)] > 0).sum(1) >= 2
    stood = to_columns(after, after.coverage)[:, column] > COVERED
    absent = in_play & ~stood & event.among(after)
    if absent.sum() < FEWEST:
        return None
    # Seats without the party that belong to another event are left out.
    used = np.flatnonzero(in_play & (stood | absent))
    controls = _controls(before, after, event.nations)[used]
    turnout = after.valid_votes / after.electorate
    own = (_votes(after)[:, column] / after.electorate)[used]
    change = _votes(after) / after.electorate[:, None] - _votes(before) / before.electorate[:, None]
    turnout_change = turnout - before.valid_votes / before.electorate
    outcome = np.column_stack([change, turnout_change])[used]
    missing = absent[used]
    fit = _fit(controls, own, outcome, missing)
    random = np.random.default_rng(SEED)
    samples = []
    for _ in range(resamples):
        groups = (missing, ~missing)
        chosen = np.concatenate([random.choice(np.flatnonzero(of), of.sum()) for of in groups])
        samples.append(_fit(controls[chosen], own[chosen], outcome[chosen], missing[chosen]))
    spread = np.std(samples, axis=0, ddof=1)
    names = [*RECEIVERS, "abstain"]
    keep = [i for i, name in enumerate(names) if name != event.party]
    return TransferEstimate(
        event,
        int(missing.sum()),
        {names[i]: float(fit[i]) for i in keep},
        {names[i]: float(spread[i]) for i in keep},
    )


def _votes(election: Election) -> Floats:
    """Return votes of `RECEIVERS`, shape ``(seat, receiver)``."""
    votes = column_votes(election)
    out = np.zeros((len(votes), len(RECEIVERS)))
    out[:, : len(GB_PARTIES)] = votes[:, : len(GB_PARTIES)]
    for nation, party in OWN_PARTY.items():
        seats = election.seats.nation == NATIONS.index(nation)
        out[seats, -1] = votes[seats, BALLOT[nation].index(party)]
    out[:, len(GB_PARTIES)] = votes.sum(1) - out.sum(1)
    return out


def _controls(before: Election, after: Election, nations: tuple[str, ...]) -> Floats:
    inside = np.isin(np.array(NATIONS)[before.seats.nation], nations)
    shares = _votes(before) / before.valid_votes[:, None]
    covariates = standardised_covariates(before.seats, CONTROLS, inside)
    sitting = np.minimum(to_columns(after, after.sitting.astype(float)), 1)[:, :3]
    held = _votes(before)[:, :3] == _votes(before).max(1, keepdims=True)
    regions = before.seats.of_region.T
    return np.column_stack([shares[:, :5], shares[:, -1], covariates, sitting, held, regions])


def _fit(controls: Floats, own: Floats, outcome: Floats, missing: Bools) -> Floats:
    """Return the coefficients of the expected share; that of turnout with its sign reversed."""
    expected = np.linalg.lstsq(controls[~missing], own[~missing], rcond=None)[0]
    would = np.maximum(controls @ expected, 0)
    design = np.column_stack([np.where(missing, would, 0), controls])
    part = np.linalg.lstsq(design, outcome, rcond=None)[0][0]
    part[-1] = -part[-1]
    return np.asarray(part)


def transfers_table() -> Table:
    """Return a row per natural experiment and receiver: the part of the votes that it got."""
    found = [one for one in map(estimate, EVENTS) if one is not None]
    rows = [
        {
            "event": one.event.name,
            "donor": one.event.party,
            "seats": one.seats,
            "receiver": receiver,
            "part": part,
            "standard_error": one.error[receiver],
            "caution": one.event.caution,
        }
        for one in found
        for receiver, part in one.part.items()
    ]
    return table_of(
        "Where the votes of an absent party went",
        "event | -donor=Party | seats | receiver | part | standard_error | -caution",
        rows,
        "Regression of changes since the election before, in shares of the electorate, on the "
        "share the absent party would have had; standard errors from resampled seats. Abstain: "
        "turnout lost. National: SNP or Plaid. Parts below 0 or above 1: noise or selection.",
        *(f"{one.event.name}: {one.event.caution}." for one in found),
    )
