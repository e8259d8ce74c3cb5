"""The record of pacts in wards: absences of a party from council elections, predicted and scored.

The expected share of the recipient is its last share, plus the mean change in wards of the same
council and years in which the same parties stood both times, plus a part of the absent party's last
share. The user supplies the candidacies, as none may be shipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise, permutations
from pathlib import Path

import numpy as np

from forecaster.arrays import Bools, Floats, Ints
from forecaster.calibration.laws import jackknife, random_mean
from forecaster.calibration.transfer_law import side_of
from forecaster.config.pact import TransferRow, TransferTable, read_transfers
from forecaster.errors import DataError
from forecaster.experiments.absences import LAW, Case, Prediction
from forecaster.experiments.pact_record import OTHER_WARDS, law_without, others_for, pact_tables
from forecaster.files import CsvFile
from forecaster.plan.scenarios import transfer_law
from forecaster.table import Table
from forecaster.vocabulary import GB_PARTIES

LONGEST = 5
"""Most years between the two elections of a ward."""

FEWEST = 4
"""Fewest wards of a council and years, with the same parties twice, for a swing (judgement)."""

FEWEST_ABSENCES = 20
"""Fewest absences for a pair of donor and recipient to be scored (judgement)."""

NOTES = (
    "Wards that one party left or joined while all others stayed; the recipient stood both times. "
    "Who joined is looked at backwards in time. Gain, in points, and part: beyond the mean change "
    "in wards of the same council and years where the same parties stood. Standard errors are from "
    "the jackknife over councils and years.",
    "The law: rates from polls, ballots and general elections, estimated without any ward. 'Other "
    "wards': the part in all other councils and years. Errors of single wards are drawn from wards "
    "elsewhere that the party left or joined. Parties leave where a friend is strong and tries, so "
    "withdrawals give an upper and entries a lower figure for an absence at random.",
)
NEEDED = ("year", "council", "ward_code", "party", "votes")
SEED = 21


@dataclass(frozen=True)
class Pairs:
    """Pairs of elections of the same ward, by party of `GB_PARTIES`."""

    before: Floats
    """Shares of each party's best candidate, shape (pair, party)."""
    after: Floats
    place: Ints
    """Number of the council and years, shape (pair,)."""


def read_wards(path: Path) -> Pairs:
    """Read candidacies by ward: year, council, ward_code, party and votes.

    Raises DataError if the file cannot be read, lacks a column or holds no pair of elections.
    """
    best: dict[tuple[str, str], dict[str, dict[str, float]]] = {}
    for row in CsvFile(path).rows(needed=NEEDED):
        council, ward, year, party, votes = (
            row.text(key) for key in ("council", "ward_code", "year", "party", "votes")
        )
        if not (year.isdigit() and votes.replace(".", "").isdigit() | (votes == "")):
            raise row.error(f"year {year!r}, votes {votes!r}: expected numbers.")
        if ward and votes:
            of = best.setdefault((council, ward), {}).setdefault(year, {})
            party = party.replace("UKIP", "Reform")
            of[party] = max(of.get(party, 0.0), float(votes))
    found = [
        (_shares(years[first]), _shares(years[second]), f"{council} {first} {second}")
        for (council, _), years in best.items()
        for first, second in pairwise(sorted(years))
        if int(second) - int(first) <= LONGEST
    ]
    if not found:
        raise DataError(f"{path}: no ward has two elections within {LONGEST} years.")
    before, after, place = zip(*found, strict=True)
    return Pairs(np.array(before), np.array(after), np.unique(place, return_inverse=True)[1])


def _shares(votes: dict[str, float]) -> list[float]:
    total = max(sum(votes.values()), 1.0)
    return [votes.get(party, 0.0) / total for party in GB_PARTIES]


def ward_predictions(
    wards: Pairs, kind: str, law: TransferTable, left_out: int | None, draws: int
) -> Iterator[Prediction]:
    """Yield a prediction for every absent party and every recipient that stood both times."""
    first, second = wards.before > 0, wards.after > 0
    left, came = first & ~second, second & ~first
    same = ~(left | came).any(1)
    for donor, recipient in permutations(range(len(GB_PARTIES)), 2):
        giver, to = GB_PARTIES[donor], GB_PARTIES[recipient]
        stayed = (first & second)[:, recipient]
        alone = left[:, donor] & (left.sum(1) == 1) & ~came.any(1) & stayed
        change = wards.after[:, recipient] - wards.before[:, recipient]
        swing, number = _swings(change, wards.place, same & stayed)
        alone &= number >= FEWEST
        if law.find(giver, to, None) is None or alone.sum() < FEWEST_ABSENCES:
            continue
        case = Case("wards", kind, (giver,), to, False)
        given, had = wards.before[alone, donor], wards.before[alone, recipient]
        place, gained = wards.place[alone], (change - swing)[alone]
        part, error = _elsewhere(given, gained, place)
        random = np.random.default_rng(SEED)
        noise = errors_elsewhere(gained - part * given, place, draws, random)
        expected = had + swing[alone] + noise
        luck = random.standard_normal((draws, 3))
        gains: dict[str, Floats] = {}
        for name, table in {LAW: law, **others_for([giver], to)}.items():
            row = table.find(giver, to, None)
            assert row is not None
            drawn = drawn_parts(row, table.seat_sd, luck, len(given), random)
            gains[name] = (had + drawn[..., 0] * given) / (1 - drawn[..., 2] * given) - had
        gains |= {
            OTHER_WARDS: (part + error * random.standard_normal((draws, 1))) * given,
            "every vote": given,
            "no vote": np.zeros_like(given),
            "in proportion": given * had / (1 - given),
        }
        shares = {rule: expected + gain for rule, gain in gains.items()}
        yield Prediction(
            case, given, shares, {}, wards.after[alone, recipient], None, place, left_out
        )


def _swings(change: Floats, place: Ints, usual: Bools) -> tuple[Floats, Ints]:
    """Return mean change, and number, of the `usual` wards in each ward's council and years."""
    number = np.bincount(place[usual], minlength=place.max() + 1)
    total = np.bincount(place[usual], change[usual], minlength=place.max() + 1)
    return (total / np.maximum(number, 1))[place], number[place]


def drawn_parts(
    row: TransferRow, seat_sd: float, luck: Floats, seats: int, random: np.random.Generator
) -> Floats:
    """Draw the parts of a transfer as the kernel does, shape (draw, seat, 4).

    `seat_sd`: SD between seats of the log weight of the part that arrives. `luck`, shape (draw, 3):
    standard normals that all seats of a draw share. `random`: source of the standard normals of
    single seats.
    """
    middles, spreads = transfer_law(row.arrive, row.opponent, row.abstain)
    weight = np.tile(middles, (len(luck), seats, 1))
    weight[..., :3] *= np.exp(np.array(spreads) * luck)[:, None]
    weight[..., 0] *= np.exp(seat_sd * random.standard_normal((len(luck), seats)))
    return np.asarray(weight / weight.sum(2, keepdims=True))


def _elsewhere(given: Floats, gained: Floats, place: Ints) -> tuple[Floats, float]:
    """Return the part that arrived in all other councils and years, shape (ward,).

    Also return its standard error, by the jackknife over councils and years.
    """
    product, square = np.bincount(place, given * gained), np.bincount(place, given**2)
    part = (product.sum() - product) / np.maximum(square.sum() - square, 1e-9)
    return part[place], jackknife(part[np.unique(place)])


def errors_elsewhere(left: Floats, place: Ints, draws: int, random: np.random.Generator) -> Floats:
    """Draw an error for each ward from those in all other councils and years."""
    drawn = np.empty((draws, len(left)))
    for group in np.unique(place):
        others = left[place != group]
        size = draws, int((place == group).sum())
        drawn[:, place == group] = random.choice(others - others.mean(), size)
    return drawn


def ward_record(
    path: Path, rates: TransferTable | str | None = None, draws: int = 1_000
) -> list[Prediction]:
    """Predict the absences in a file of candidacies: withdrawals, then entries looked at backwards.

    Raises DataError if the file cannot be read, or lacks a column.
    """
    wards = read_wards(path)
    law, left_out = read_transfers(rates) if isinstance(rates, str) else rates, None
    if law is None:
        law, left_out = law_without(lambda p: p.kind in ("withdrawal", "entry"), "formal", True)
    back = replace(wards, before=wards.after, after=wards.before)
    return [
        one
        for kind, pairs in {"wards, withdrawal": wards, "wards, entry": back}.items()
        for one in ward_predictions(pairs, kind, law, left_out, draws)
    ]


def own_gain(found: Prediction) -> tuple[float, float]:
    """Return the part of the recipient's gain that does not grow with the absent party's share.

    It is the intercept of a line through the wards [points], below zero if own voters left. Its
    error, also returned, is from the jackknife over councils and years.
    """
    x, y = found.donated, 100 * (found.actual - found.shares["no vote"].mean(0))
    place = np.unique(found.place, return_inverse=True)[1]
    own = np.array([np.bincount(place, v) for v in (np.ones_like(x), x, y, x * x, x * y)])
    n, x, y, xx, xy = own.sum(1, keepdims=True) - np.column_stack([np.zeros(5), own])
    intercept = (y * xx - x * xy) / (n * xx - x * x)
    return float(intercept[0]), jackknife(intercept[1:])


def friends_words(found: list[Prediction]) -> Iterator[str]:
    """Yield the mean of `own_gain` over recipients of the absent party's side, by class."""
    for kind in dict.fromkeys(one.case.election for one in found):
        here = [one for one in found if one.case.election == kind]
        own = [own_gain(one) for one in here if one.case.recipient in side_of(one.case.donors[0])]
        if len(own) > 1:
            mean, sd, off = random_mean(*np.array(own).T)
            yield (
                f"{kind.capitalize()}: recipients of the absent party's side gained {mean:+.1f} ± "
                f"{off:.1f} points whatever it had had (SD between pairs {sd:.1f}); below zero if "
                "own voters had left."
            )


def ward_tables(found: list[Prediction]) -> tuple[Table, Table]:
    """Return the tables of `pact_record.pact_tables` for wards."""
    title = "Wards that a party left or joined: predicted and real"
    return pact_tables(found, title, (*friends_words(found), *NOTES))
