"""The parameters of council elections, estimated from the embedded candidacies.

The errors of wards come from divisions with the same codes in 2021 and 2025: like most councils'
elections, these are four years and a general election apart. They are all in large counties, so
the errors of councils come from boroughs, unitary councils and districts in 2021 and 2024. Those of
the polls come from all pairs of years. London's elections of 2026 are kept for testing. `estimates`
can leave out any other year that is to be tested, if another one can take its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
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
"""The longest time between two elections of many councils; the next longest, in case 2024 is left
out; and the kind of councils that is left out in both."""

FEWEST, MOST_WARDS, LOCAL = 30, 0.5, 0.1
"""Fewest wards of a kind in a pair of years; and parts of them in which a national party, and
independents or others, must stand for their error to count (judgement)."""

SLATES, SMALLEST = (2, 3), 0.1
"""Sizes of the full slates from which the spread of candidates comes, and the smallest share of
their best one, as few votes differ by chance."""

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
    """Shares of wards less those of a swing to the true shares of all of them."""

    error: Floats
    """In units of ``sqrt(share (1 - share))``; NaN where a party did not stand, shape (ward,
    party)."""
    luck: Floats
    """Variance of the best candidate around the party for a spread of one, in that unit's square,
    shape (ward, party)."""
    seats: Ints
    """Shape (ward,)."""
    council: Ints
    """Shape (ward,)."""
    squares: float
    """Mean over the wards of the sum of squared errors of shares."""


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
    """All councils of a kind in two years, in wards with the same code."""

    last: Wards
    now: Wards
    votes: Floats
    """Parts of the wards in the place's votes, shape (ward,)."""

    @property
    def between(self) -> bool:
        """Whether a general election lay between."""
        return (self.last.year, self.now.year) == BETWEEN

    def miss(self, general: float, follows: float) -> Floats:
        """Return the place's shares less those expected from the polls, shape (party,).

        In units of ``sqrt(share (1 - share))``; NaN if a party stood in few of the wards.
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
    return _best_part(lambda x: squares(direct, 0.0, x))


def place_errors(some: Sequence[Place], general: float) -> Floats:
    """Return the SD of places around the polls by party, shape (party,); zero if not known.

    `poll_change` for each year is estimated from the others, and every year has the same weight. As
    the years are few, the root mean square is widened: its normal 90 % range becomes that of
    Student's distribution with as many degrees of freedom as years.
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
    """How far the candidates of a full slate lie apart."""

    party: str
    size: int
    """Candidates, as many as there are seats."""
    in_london: bool
    spread: float
    """Range of the candidates by that of as many normals, in units of ``sqrt(share)``."""


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
    """Return the mean spread by party, and the factors on it in large wards and in London."""
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

    `without`: a year to leave out, because it is to be tested. 2025 stays in what is estimated from
    wards with a general election between, as no other year has one.
    """
    pair = same_wards(*BETWEEN)
    weight = _best_part(lambda w: residuals(*pair, w).squares)
    found = residuals(*pair, weight)
    some = [x for x in places() if without not in (x.last.year, x.now.year) or x.between]
    between = [x for x in some if x.between]
    general = _best_part(lambda g: squares(between, g, 1.0))
    apart = NEARER if without in APART else APART
    small = residuals(*of_small_councils(apart), weight)
    slates = full_slates()
    spread, three, ratio = candidate_spread(slates)
    outside = [slate for slate in slates if not slate.in_london]
    large = sum(slate.size >= LARGE for slate in outside)
    wards = f"{len(found.error)} wards with the same code in {BETWEEN[0]} and {BETWEEN[1]}"
    number = f"{len(some)} kinds of councils in pairs of years from {years()[0]} to {years()[-1]}"
    out = {
        "base": {
            "general_election": _quantity(
                round(weight, 2), "part of the base", f"least squares of all shares in {wards}"
            ),
            "general_level": _quantity(
                round(general, 2),
                "part of a place's expected shares",
                f"least squares of the shares of {len(between)} kinds of councils in {BETWEEN[1]}",
            ),
            "poll_change": _quantity(
                round(poll_change(some), 2),
                "part of the polls' change",
                f"least squares of the shares of national parties in those of {number} without a "
                "general election between",
            ),
        },
        "errors": {
            "place": _quantity(
                _rounded(place_errors(some, general)),
                UNIT,
                f"root mean square over the years of what the polls missed in {number}, with the "
                "part of the polls' change that other years followed; widened as the years are few",
            ),
            "council": _quantity(
                _rounded(variances(small)[0]),
                UNIT,
                f"between {small.council.max() + 1} councils, without counties, in "
                f"{len(small.error)} wards with the same code in {apart[0]} and {apart[1]}",
            ),
            "ward": _quantity(
                _rounded(ward_errors(found, spread, three)),
                UNIT,
                f"{wards}: within councils, less the spread of candidates",
            ),
            "correlation": _quantity(
                {parties: round(x, 2) for parties, x in correlations(found).items()},
                "1",
                f"{wards}, in which both parties stood",
            ),
        },
        "candidates": {
            "spread": _quantity(
                _rounded(spread),
                "sqrt(share)",
                f"mean range of {len(outside)} full slates of two and three outside London by that "
                "of as many normals",
            ),
            "three": _quantity(
                round(three, 2), "1", f"{large} such slates of three, by those of two"
            ),
            "london": _quantity(
                round(ratio, 2),
                "1",
                f"{len(slates) - len(outside)} such slates in London in 2022, by those elsewhere",
            ),
            "joint": _quantity(1.0, "1", "below"),
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


def _quantity(value: Any, unit: str, source: str) -> dict[str, Any]:
    return {"value": value, "unit": unit, "source": source}


def _best_part(loss: Callable[[float], float]) -> float:
    """Return the part from 0 to 1 with the smallest loss."""
    return float(minimize_scalar(loss, bounds=(0, 1), method="bounded").x)


def ward_errors(found: Residuals, spread: Floats, three: float) -> Floats:
    """Return the SDs of wards within their councils, without the spread of candidates."""
    there = ~np.isnan(found.error)
    each = found.luck * (np.where(found.seats >= LARGE, three, 1.0)[:, None] * spread) ** 2
    luck = (each * there).sum(0) / np.maximum(there.sum(0), 1)
    return np.asarray(np.sqrt(np.maximum(variances(found)[1] ** 2 - luck, 0)))


def _filled(values: Floats) -> Floats:
    """Replace missing values, which are zero, by the mean of the five national parties."""
    return np.where(values > 0, values, values[list(NATIONAL)].mean())


def _rounded(values: Floats) -> dict[str, float]:
    return {party: round(float(x), 3) for party, x in zip(PARTIES, _filled(values), strict=True)}


def model_file() -> str:
    """Return the file of parameters as text."""
    return model_text(estimates(), HEAD)
