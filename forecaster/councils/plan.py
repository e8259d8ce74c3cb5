"""From a contest and its pacts to the arrays of the kernel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from forecaster.arrays import Bools, Floats, Ints
from forecaster.config.pact import StandAside, Transfer, TransferTable
from forecaster.councils.base import base_shares, swing_wards, unit_of
from forecaster.councils.contest import Contest, official_shares
from forecaster.councils.data import LONDON, PARTIES, slug
from forecaster.councils.kernel import MOST, WardPlan, normal_quantiles
from forecaster.councils.model import EXPECTED_BEST, CouncilModel, council_model
from forecaster.councils.polls import expected_of_place
from forecaster.councils.slates import Slates, among
from forecaster.errors import ConfigError
from forecaster.kernels import exact
from forecaster.plan.scenarios import log_odds, transfer_law
from forecaster.vocabulary import suggest

SIDES = (("Lab", "LD", "Green", "PC"), ("Con", "Reform"))
"""The two sides of which tragedies are counted, as at general elections."""


@dataclass(frozen=True)
class Shares:
    """Assumptions on the shares of all wards together."""

    swing: str = "polls"
    """One of `SWINGS`."""
    given: Mapping[str, float] | None = None
    """Shares of some parties, as fractions; the others share what is left as the polls have
    them."""
    by_council: Mapping[str, Mapping[str, float]] | None = None
    """The same for single councils, by name or slug; these are taken as known."""
    sure: bool = False
    """Without the error of the polls."""


@dataclass(frozen=True)
class Expectation:
    """Expected shares, before slates."""

    shares: Floats
    """Of each party's best candidate among all best ones, shape (ward, party)."""
    slopes: Floats
    """What a point that the place's share falls, or rises, moves in each ward, (2, ward, party)."""
    place: Ints
    """Number of the place that a ward swings with, shape (ward,)."""
    level: Floats
    """Expected share of all wards of a place, shape (place, party)."""
    certain: Bools
    """Whether its shares are taken as known, shape (place,)."""


def expect(contest: Contest, wanted: Shares, model: CouncilModel | None = None) -> Expectation:
    """Return the expected shares of the wards of a contest.

    Wards of one kind of council with the last election in one year swing together; councils whose
    shares are given swing by themselves.

    `model`: the embedded parameters if left out.

    Raises ConfigError if shares are impossible, or the data hold none.
    """
    model = model or council_model()
    shape = contest.candidates.shape
    base, shares, slopes = np.empty(shape), np.empty(shape), np.empty((2, *shape))
    of = _by_council(contest, wanted)
    keys = [
        (council, 0, "") if council in of else ("", int(since), kind)
        for council, since, kind in zip(
            contest.last.council.tolist(), contest.since, contest.last.kind.tolist(), strict=True
        )
    ]
    places = sorted(set(keys))
    place = np.array([places.index(key) for key in keys])
    part = model.base.general_election.value
    for since in np.unique(contest.since):
        rows = contest.since == since
        base[rows] = base_shares(contest.before(rows), contest.candidates[rows], contest.year, part)
    level = np.empty((len(places), len(PARTIES)))
    for x, (council, _, _) in enumerate(places):
        rows = place == x
        votes = contest.votes[rows] / contest.votes[rows].sum()
        target = _target(contest, model, wanted, of.get(council), rows, base[rows], votes)
        shares[rows], slopes[:, rows] = swing_wards(base[rows], target, votes)
        level[x] = exact.dot(votes, shares[rows])
    known = wanted.sure or wanted.swing == "actual"
    return Expectation(
        shares, slopes, place, level, np.array([bool(council) or known for council, *_ in places])
    )


def _by_council(contest: Contest, wanted: Shares) -> Mapping[str, Mapping[str, float]]:
    """Return the shares of single councils by the names that the contest has for them."""
    names = {slug(council): council for council in contest.councils}
    out = {}
    for council, given in (wanted.by_council or {}).items():
        if slug(council) not in names:
            raise ConfigError(
                f"shares of {council}: no ward of it elects anybody in {contest.name}. "
                f"{suggest(council, names)}"
            )
        out[names[slug(council)]] = given
    return out


def _target(
    contest: Contest,
    model: CouncilModel,
    wanted: Shares,
    of_council: Mapping[str, float] | None,
    rows: Bools,
    base: Floats,
    votes: Floats,
) -> Floats:
    """Return the shares that a place, or a council with shares of its own, swings to."""
    given = of_council or wanted.given
    if wanted.swing == "actual" and not given:
        return official_shares(contest, rows)
    if wanted.swing == "none" and not given:
        return exact.dot(votes, base)
    usual = expected_of_place(
        contest.before(rows),
        contest.candidates[rows],
        contest.year,
        votes,
        model.base.general_level.value,
        model.base.poll_change.value,
    )
    return _shared(usual, given) if given else usual


def _shared(usual: Floats, given: Mapping[str, float]) -> Floats:
    """Return the given shares, and those of the other parties scaled to what is left."""
    wrong = [party for party in given if party not in PARTIES]
    if wrong:
        raise ConfigError(f"shares: {', '.join(wrong)}: expected {', '.join(PARTIES)}.")
    total = sum(given.values())
    fixed = np.isin(PARTIES, list(given))
    if min(given.values()) < 0 or total > 1 or (usual[~fixed].sum() == 0 and total < 1):
        raise ConfigError(f"shares: they sum to {100 * total:g} %, of at most 100.")
    out = usual * (1 - total) / max(usual[~fixed].sum(), 1e-9)
    for party, share in given.items():
        out[PARTIES.index(party)] = share
    return np.asarray(out)


def build_plan(
    contest: Contest, model: CouncilModel, expected: Expectation, pacts: Sequence[Slates]
) -> WardPlan:
    """Return the arrays of the kernel.

    Raises ConfigError if the transfers of a pact lack a rate.
    """
    scenario = [s for s, found in enumerate(pacts) for _ in found.each]
    lead = [scenario.index(s) for s in range(len(pacts))]
    pacts = [one for found in pacts for one in found.each]
    candidates = np.stack([contest.candidates, *(pact.candidates for pact in pacts)])
    largest = np.minimum(candidates.max(0), MOST)
    slot = np.cumsum(largest, axis=1) - largest
    rates: dict[tuple[object, ...], int] = {}
    rate = np.full((len(pacts), *contest.candidates.shape), -1)
    for p, pact in enumerate(pacts):
        _fill_rates(rate[p], rates, pact, contest, expected.shares)
    laws = [transfer_law(*key[1:]) for key in rates]
    root = model.covariance_root(model.errors.place.value)
    units = np.where(expected.certain[:, None], 0, unit_of(expected.level))
    spread = model.spreads(contest.last.seats, contest.last.kind == LONDON)
    return WardPlan(
        seats=_whole(np.minimum(contest.seats, MOST)),
        council=_whole([contest.councils.index(name) for name in contest.last.council.tolist()]),
        place=_whole(expected.place),
        share=_single(expected.shares),
        fall=_single(expected.slopes[0]),
        rise=_single(expected.slopes[1]),
        scale=_single(np.where(expected.shares > 0, unit_of(expected.shares), 0)),
        slates=_whole(np.minimum(candidates, MOST)),
        slot=_whole(slot),
        spread=_single(spread),
        ahead=_single(spread * np.take(EXPECTED_BEST, np.minimum(contest.candidates, MOST))),
        place_root=_single(root * units[:, None, :]),
        council_root=_single(model.covariance_root(model.errors.council.value)),
        ward_root=_single(model.covariance_root(model.errors.ward.value)),
        scenario=_whole(scenario),
        lead=_whole(lead),
        side=np.array([among(side) for side in SIDES], np.uint8),
        member=np.reshape([pact.members for pact in pacts], (-1, len(PARTIES))).astype(np.uint8),
        opponent=np.reshape([pact.opponents for pact in pacts], (-1, len(PARTIES))).astype(
            np.uint8
        ),
        rate=_whole(rate),
        donor=_whole([key[0] for key in rates]),
        weight=_single(np.reshape([law[0] for law in laws], (-1, 4))),
        weight_sd=_single(np.reshape([law[1] for law in laws], (-1, 3))),
        seat_sd=_seat_sd(pacts),
        joint=model.candidates.joint.value,
        luck=_whole([int(pact.members.argmax()) for pact in pacts]),
        strength=_single(np.reshape([_strength(pact) for pact in pacts], (-1, 2, 2))),
        normal=normal_quantiles(),
    )


def _whole(values: object) -> Ints:
    return np.asarray(values, np.int32)


def _single(values: object) -> Floats:
    return np.asarray(values, np.float32)


def _aside(pact: Slates) -> StandAside:
    assert isinstance(pact.pact.strength, StandAside)
    return pact.pact.strength


def _seat_sd(pacts: Sequence[Slates]) -> float:
    tables = [_aside(pact).transfers for pact in pacts]
    return max((t.seat_sd for t in tables if isinstance(t, TransferTable)), default=0.0)


def _strength(pact: Slates) -> list[tuple[float, float]]:
    return [log_odds(_aside(pact).refusal), log_odds(_aside(pact).backlash)]


def _transfer(pact: Slates, donor: str, to: str, against: str) -> Transfer:
    """Return where the votes of a donor go: by the pact's table, or its rates for everybody."""
    rates = _aside(pact).transfers
    if isinstance(rates, Transfer):
        return rates
    found = rates.find(donor, to, against)
    if found is None:
        raise ConfigError(
            f"{pact.pact.name}: '{rates.title}' has no row for {donor} standing aside for {to}. "
            "Add one, or one for any recipient."
        )
    return found


def _fill_rates(
    rate: Ints, rates: dict[tuple[object, ...], int], pact: Slates, contest: Contest, shares: Floats
) -> None:
    """Write the row of every donor's rates, to the member with most candidates in the ward."""
    fewer = pact.candidates < contest.candidates
    rival = np.where(pact.opponents, shares, -1).argmax(1)
    for i, donor in np.argwhere(fewer & pact.members & pact.holds[:, None]):
        others = np.where(pact.members, pact.candidates[i], 0)
        others[donor] = 0
        to, against = PARTIES[int(others.argmax())], PARTIES[int(rival[i])]
        found = _transfer(pact, PARTIES[donor], to, against)
        key = (int(donor), found.arrive, found.opponent, found.abstain)
        rate[i, donor] = rates.setdefault(key, len(rates))
