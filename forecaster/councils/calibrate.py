"""The parameters of council elections, estimated from the embedded candidacies.

What wards do around their council comes from divisions whose codes were the same in 2021 and
2025, four years and a general election apart, as most councils' elections are. Those are of large
counties, so that what councils do around their kind comes from the boroughs, unitary councils and
districts of 2021 and 2024; the polls' miss from all pairs of years. London's elections of 2026,
which are there to test the model, are not among them. `estimates` also leaves out any other year
that is to be tested, as far as there is another one in its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import norm
from scipy.stats import t as student

from forecaster.arrays import Floats, Ints
from forecaster.config.toml import model_text
from forecaster.councils.base import base_shares, swing_wards, unit_of
from forecaster.councils.data import IND, LONDON, NATIONAL, OTHER, PARTIES, Wards, read_wards, years
from forecaster.councils.kernel import MOST
from forecaster.councils.model import EXPECTED_BEST, LARGE, VARIANCE_BEST, CouncilModel
from forecaster.councils.polls import expected_of_place
from forecaster.councils.tickets import joint_odds, shared_wards
from forecaster.resources import read_table

BETWEEN = 2021, 2025
"""Two elections of the same wards with a general election between them."""

APART, NEARER, COUNTIES = (2021, 2024), (2021, 2023), ("county",)
"""The longest time between two elections of many councils, the next longest for when 2024 is left
out, and the kind that is left out there."""

FEWEST, MOST_WARDS, LOCAL = 30, 0.5, 0.1
"""Wards of a kind in a pair of years, for its change, and the part of them in which a national
party, and in which independents or others stand, for its miss (judgement)."""

SLATES, SMALLEST = (2, 3), 0.1
"""Sizes of the full slates from which the spread of candidates comes, and the least share of their
best one: few votes differ by chance."""

UNIT = "sqrt(share (1 - share))"

HEAD = """\
Parameters of council elections, written by 'forecast calibrate councils --out FILE' from the
embedded candidacies. Errors are in units of sqrt(share (1 - share)), of best candidates' shares.
A party of which there are no such wards has the mean of the five national ones."""


def same_wards(first: int, second: int) -> tuple[Wards, Wards]:
    """Return the contested wards of two years whose codes are the same, in the same order."""
    early, late = read_wards(first), read_wards(second)
    place = {code: i for i, code in enumerate(early.code) if early.top[i].sum() > 0}
    rows = [i for i, code in enumerate(late.code) if code in place and late.top[i].sum() > 0]
    before = [place[late.code[i]] for i in rows]
    return early.take(np.array(before, int)), late.take(np.array(rows, int))


@dataclass(frozen=True)
class Residuals:
    """How far wards came out beside a swing to the true shares of all of them.

    Attributes
    ----------
    error : ndarray, shape (ward, party)
        In units of ``sqrt(share (1 - share))``; nan where a party did not stand.
    luck : ndarray, shape (ward, party)
        Variance of the best candidate around the party for a spread of one, in that unit's square.
    seats : ndarray of int, shape (ward,)
    council : ndarray of int, shape (ward,)
    squares : float
        Mean over the wards of the sum of squared errors of shares.
    """

    error: Floats
    luck: Floats
    seats: Ints
    council: Ints
    squares: float


def residuals(last: Wards, now: Wards, weight: float) -> Residuals:
    """Predict wards, kind by kind, from their last election with a weight of the general one."""
    base = base_shares(last, now.candidates, now.year, weight)
    expected = np.empty_like(base)
    for kind in np.unique(now.kind):
        of = now.kind == kind
        votes = now.top[of].sum(1) / now.top[of].sum()
        expected[of], _ = swing_wards(base[of], votes @ now.shares[of], votes)
    miss = now.shares - expected
    return Residuals(
        error=np.where(now.stands, miss / unit_of(expected), np.nan),
        luck=np.take(VARIANCE_BEST, np.minimum(now.candidates, MOST))
        * (expected / unit_of(expected) ** 2),
        seats=now.seats,
        council=np.unique(now.council, return_inverse=True)[1],
        squares=float((miss**2).sum(1).mean()),
    )


def of_small_councils(pair: tuple[int, int]) -> tuple[Wards, Wards]:
    """Return two elections of the wards of all councils but the counties."""
    last, now = same_wards(*pair)
    small = ~np.isin(now.kind, COUNTIES)
    return last.take(small), now.take(small)


def variances(found: Residuals) -> tuple[Floats, Floats]:
    """Return standard deviations between councils and of wards within them, shapes (party,).

    By the analysis of variance of one unbalanced factor (Searle, Casella and McCulloch, *Variance
    Components*, 1992, section 3.6).
    """
    between, within = np.zeros((2, found.error.shape[1]))
    for p, error in enumerate(found.error.T):
        there = ~np.isnan(error)
        group, values = np.unique(found.council[there], return_inverse=True)[1], error[there]
        size = np.bincount(group)
        if len(size) < 2 or len(values) <= len(size):
            continue
        mean = np.bincount(group, values) / size
        inside = ((values - mean[group]) ** 2).sum() / (len(values) - len(size))
        outside = (size * (mean - values.mean()) ** 2).sum() / (len(size) - 1)
        usual = (len(values) - (size**2).sum() / len(values)) / (len(size) - 1)
        between[p], within[p] = max((outside - inside) / usual, 0) ** 0.5, inside**0.5
    return between, within


def correlations(found: Residuals) -> dict[str, float]:
    """Return the correlation of each pair of parties over the wards in which both stood."""
    out = {}
    for i, first in enumerate(PARTIES):
        for j in range(i + 1, len(PARTIES)):
            both = ~np.isnan(found.error[:, [i, j]]).any(1)
            if both.sum() >= FEWEST:
                value = np.corrcoef(found.error[both, i], found.error[both, j])[0, 1]
                out[f"{first}-{PARTIES[j]}"] = float(value)
    return out


@dataclass(frozen=True)
class Place:
    """All councils of a kind in two years, in wards with the same code.

    Attributes
    ----------
    last, now : Wards
    votes : ndarray, shape (ward,)
        Parts of the wards in the place's votes.
    """

    last: Wards
    now: Wards
    votes: Floats

    @property
    def between(self) -> bool:
        """Whether a general election lay between."""
        return (self.last.year, self.now.year) == BETWEEN

    def miss(self, general: float, follows: float) -> Floats:
        """Return how the place came out beside what the polls made expect, shape (party,).

        In units of ``sqrt(share (1 - share))``; nan where a party stood in few of the wards.
        """
        year, stood = self.now.year, self.now.candidates
        expected = expected_of_place(self.last, stood, year, self.votes, general, follows)
        least = np.where(np.isin(range(len(PARTIES)), (IND, OTHER)), LOCAL, MOST_WARDS)
        error = (self.votes @ self.now.shares - expected) / unit_of(expected)
        return np.where(self.now.stands.mean(0) > least, error, np.nan)


@cache
def places() -> tuple[Place, ...]:
    """Return all kinds of councils in all pairs of years."""
    out = []
    for first, second in combinations(years(), 2):
        last, now = same_wards(first, second)
        for kind in np.unique(now.kind):
            of = now.kind == kind
            if of.sum() >= FEWEST:
                top = now.top[of].sum(1)
                out.append(Place(last.take(of), now.take(of), top / top.sum()))
    return tuple(out)


def squares(some: Iterable[Place], general: float, follows: float) -> float:
    """Return the squared misses of the national parties in some places."""
    return sum(float(np.nansum(x.miss(general, follows)[list(NATIONAL)] ** 2)) for x in some)


def poll_change(some: Iterable[Place]) -> float:
    """Return the part of the polls' change that places without a general election followed."""
    direct = [x for x in some if not x.between]
    return float(minimize_scalar(lambda x: squares(direct, 0.0, x), bounds=(0, 1)).x)


def place_errors(some: Sequence[Place], general: float) -> Floats:
    """Return the errors of places by what the polls missed, shape (party,); zero if not known.

    Each year is judged by what the others followed, and counts alike however many places voted. So
    few years may all have been calm, so that their root mean square is widened until its normal
    range of 90 % is that of Student's distribution with as many degrees of freedom as years.
    """
    by_year, judged = [], sorted({x.now.year for x in some})
    for year in judged:
        follows = poll_change([x for x in some if x.now.year != year])
        found = np.array([x.miss(general, follows) for x in some if x.now.year == year])
        number = (~np.isnan(found)).sum(0)
        by_year.append(np.where(number > 0, np.nansum(found**2, 0) / np.maximum(number, 1), np.nan))
    known = (~np.isnan(by_year)).sum(0)
    wider = student.ppf(0.95, len(judged)) / norm.ppf(0.95)
    return np.asarray(wider * np.sqrt(np.nansum(by_year, 0) / np.maximum(known, 1)))


@dataclass(frozen=True)
class Slate:
    """How far the candidates of a full slate lie apart.

    Attributes
    ----------
    party : str
    size : int
        Candidates, as many as there are seats.
    in_london : bool
    spread : float
        Range of the candidates by that of as many normals, in units of ``sqrt(share)``.
    """

    party: str
    size: int
    in_london: bool
    spread: float


def full_slates() -> list[Slate]:
    """Return all full slates whose best candidate has more than `SMALLEST` of the votes."""
    kind, seats = (dict(zip(*_of_wards(name), strict=True)) for name in ("kind", "seats"))
    table = read_table("councils/candidacies.csv")
    each = [[int(number) for number in str(votes).split()] for votes in table["votes"]]
    ward = list(zip(table["year"], table["ward"], strict=True))
    total: Counter[tuple[int, str]] = Counter()
    for key, votes in zip(ward, each, strict=True):
        total[key] += votes[0]
    return [
        Slate(
            party,
            len(votes),
            kind[key] == LONDON,
            # The mean range of normals is twice their expected maximum.
            (votes[0] - votes[-1])
            / (total[key] * votes[0]) ** 0.5
            / (2 * EXPECTED_BEST[len(votes)]),
        )
        for key, party, votes in zip(ward, table["party"], each, strict=True)
        if len(votes) == seats[key] and len(votes) in SLATES and votes[0] > SMALLEST * total[key]
    ]


def _of_wards(column: str) -> tuple[list[tuple[int, str]], list[Any]]:
    table = read_table("councils/wards.csv")
    return list(zip(table["year"], table["ward"], strict=True)), list(table[column])


def candidate_spread(slates: list[Slate]) -> tuple[Floats, float, float]:
    """Return the mean spread by party, what it is times in large wards, and times in London."""
    party = np.array([PARTIES.index(slate.party) for slate in slates])
    spread = np.array([slate.spread for slate in slates])
    large = np.array([slate.size >= LARGE for slate in slates])
    london = np.array([slate.in_london for slate in slates])
    small = ~large & ~london
    two = _means(party[small], spread[small])
    three = spread[large & ~london].sum() / two[party[large & ~london]].sum()
    factor = np.where(large, three, 1.0)
    usual = _means(party[~london], (spread / factor)[~london])
    ratio = spread[london].sum() / (usual[party] * factor)[london].sum()
    return usual, float(three), float(ratio)


def _means(party: Ints, values: Floats) -> Floats:
    """Return the mean of some values by party."""
    number = np.bincount(party, minlength=len(PARTIES))
    return _filled(np.bincount(party, values, len(PARTIES)) / np.maximum(number, 1))


def estimates(without: int | None = None) -> dict[str, dict[str, Any]]:
    """Return every parameter with unit and source, as in ``configs/models/councils.toml``.

    `without`: a year that is left out, as it is to be tested. 2025, which alone has a general
    election before it, stays where that is what is estimated, and for the errors of wards.
    """
    pair = same_wards(*BETWEEN)
    best = minimize_scalar(lambda w: residuals(*pair, w).squares, bounds=(0, 1), method="bounded")
    found = residuals(*pair, float(best.x))
    some = [x for x in places() if without not in (x.last.year, x.now.year) or x.between]
    between = [x for x in some if x.between]
    general = float(minimize_scalar(lambda g: squares(between, g, 1.0), bounds=(0, 1)).x)
    apart = NEARER if without in APART else APART
    small = residuals(*of_small_councils(apart), float(best.x))
    slates = full_slates()
    spread, three, ratio = candidate_spread(slates)
    wards = f"{len(found.error)} wards with the same code in {BETWEEN[0]} and {BETWEEN[1]}"
    number = f"{len(some)} kinds of councils in pairs of years from {years()[0]} to {years()[-1]}"
    out: dict[str, dict[str, Any]] = {
        "base": {
            "general_election": {
                "value": round(float(best.x), 2),
                "unit": "part of the base",
                "source": f"least squares of all shares in {wards}",
            },
            "general_level": {
                "value": round(general, 2),
                "unit": "part of a place's expected shares",
                "source": f"least squares of the shares of {len(between)} kinds of councils in "
                f"{BETWEEN[1]}",
            },
            "poll_change": {
                "value": round(poll_change(some), 2),
                "unit": "part of the polls' change",
                "source": f"least squares of the shares of national parties in those of {number} "
                "without a general election between",
            },
        },
        "errors": {
            "place": {
                "value": _rounded(place_errors(some, general)),
                "unit": UNIT,
                "source": f"root mean square over the years of what the polls missed in {number}, "
                "with the part of the polls' change that other years followed; widened as the "
                "years are few",
            },
            "council": {
                "value": _rounded(variances(small)[0]),
                "unit": UNIT,
                "source": f"between {small.council.max() + 1} councils, without counties, in "
                f"{len(small.error)} wards with the same code in {apart[0]} and {apart[1]}",
            },
            "ward": {
                "value": _rounded(ward_errors(found, spread, three)),
                "unit": UNIT,
                "source": f"{wards}: within councils, less the spread of candidates",
            },
            "correlation": {
                "value": {pair: round(x, 2) for pair, x in correlations(found).items()},
                "unit": "1",
                "source": f"{wards}, in which both parties stood",
            },
        },
        "candidates": {
            "spread": {
                "value": _rounded(spread),
                "unit": "sqrt(share)",
                "source": f"mean range of {sum(not slate.in_london for slate in slates)} full "
                "slates of two and three outside London by that of as many normals",
            },
            "three": {
                "value": round(three, 2),
                "unit": "1",
                "source": f"{sum(s.size >= LARGE and not s.in_london for s in slates)} such slates "
                "of three, by those of two",
            },
            "london": {
                "value": round(ratio, 2),
                "unit": "1",
                "source": f"{sum(slate.in_london for slate in slates)} such slates in London in "
                "2022, by those elsewhere",
            },
            "joint": {"value": 1.0, "unit": "1", "source": "below"},
        },
    }
    model, known = CouncilModel.model_validate(out), (year for year in years() if year != without)
    shared = [ward for year in known for ward in shared_wards(read_wards(year), model)]
    names = ", ".join(dict.fromkeys(ward.ticket for ward in shared))
    out["candidates"]["joint"] |= {
        "value": round(joint_odds(shared), 2),
        "source": "least squares of the logarithm of the smaller party's votes by the larger one's "
        f"in {len(shared)} wards of joint tickets ({names})",
    }
    return out


def ward_errors(found: Residuals, spread: Floats, three: float) -> Floats:
    """Return the deviations of wards within their councils, beside their candidates' luck."""
    there = ~np.isnan(found.error)
    each = found.luck * (np.where(found.seats >= LARGE, three, 1.0)[:, None] * spread) ** 2
    luck = (each * there).sum(0) / np.maximum(there.sum(0), 1)
    return np.asarray(np.sqrt(np.maximum(variances(found)[1] ** 2 - luck, 0)))


def _filled(values: Floats) -> Floats:
    """Return a number for every party: that of the five national ones where there is none."""
    return np.where(values > 0, values, values[list(NATIONAL)].mean())


def _rounded(values: Floats) -> dict[str, float]:
    return {party: round(float(x), 3) for party, x in zip(PARTIES, _filled(values), strict=True)}


def model_file() -> str:
    """Return the file of parameters as text."""
    return model_text(estimates(), HEAD)
