"""Where votes went between the two rounds of the French election of 2024, by Goodman regression.

It is evidence on withdrawals before an election, but its parties are not British ones.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
from catalogue import Table, table_of
from raw import read, shown, whole

if TYPE_CHECKING:
    from pathlib import Path

    from raw import Row

    from forecaster.arrays import Floats

CONSTITUENCIES = "france-2024/constituencies.csv"
FIRST = "france-2024/first-round.csv"
SECOND = "france-2024/second-round.csv"
OVERSEAS = ("97", "98", "ZZ")
"""How the codes of constituencies outside metropolitan France begin."""

OPPONENTS = ("ENS", "LR", "NFP")
"""Blocs that met the RN alone in at least 50 constituencies; the same are donors elsewhere."""
FEWEST = 15
"""A bloc with candidates in fewer constituencies of a field is pooled with the small ones."""
STAYED = "nonvote"
"""Those who cast no valid vote in the first round."""

Voters = dict[str, dict[str, float]]
"""Of the register, by constituency: where voters were, or went."""


def france_table(raw: Path) -> Table:
    """Return the rates by field of the second round, from blocs no longer in."""
    before, after = _rounds(raw)
    rows = [row for opponent in OPPONENTS for row in _field(opponent, before, after)]
    return table_of("evidence/france-2024.csv", rows)


def _rounds(raw: Path) -> tuple[Voters, Voters]:
    """Return where voters were in the first and second round in metropolitan France."""
    bloc = {(row["code"], row["cand"]): row for row in read(raw, SECOND, ("code", "cand", "bloc"))}
    before: Voters = defaultdict(lambda: defaultdict(float))
    after: Voters = defaultdict(lambda: defaultdict(float))
    first = read(raw, FIRST, ("code", "cand", "bloc", "votes", "withdrew"))
    seats = {
        row["code"]: row
        for row in read(raw, CONSTITUENCIES, ("code", "turnout_2", "blank_null_2"))
        if row["turnout_2"] and not row["code"].startswith(OVERSEAS)
    }
    for row in first:
        if seat := seats.get(row["code"]):
            still = bloc.get((row["code"], row["cand"]))
            how = "withdrew" if row["withdrew"] == "1" else "eliminated"
            place = still["bloc"] if still else f"{row['bloc']} {how}"
            before[row["code"]][place] += _part(row, "votes", FIRST, seat, "registered_1")
    for (code, _), row in bloc.items():
        if seat := seats.get(code):
            after[code][row["bloc"]] += _part(row, "votes", SECOND, seat, "registered_2")
    for code, seat in seats.items():
        before[code][STAYED] = 1 - _part(seat, "valid_1", CONSTITUENCIES, seat, "registered_1")
        turnout, blank = (
            _part(seat, name, CONSTITUENCIES, seat, "registered_2")
            for name in ("turnout_2", "blank_null_2")
        )
        after[code] |= {"blank": blank, "abstain": 1 - turnout}
    return before, after


def _part(row: Row, name: str, path: str, seat: Row, register: str) -> float:
    return whole(row, name, path) / whole(seat, register, CONSTITUENCIES)


def _field(opponent: str, before: Voters, after: Voters) -> list[tuple[str, ...]]:
    """Return the rates where only one bloc stood against the RN."""
    to = (opponent, "RN", "blank", "abstain")
    codes = sorted(code for code, went in after.items() if set(went) == set(to))
    count: dict[str, int] = defaultdict(int)
    for code in codes:
        for place in before[code]:
            count[place] += 1
    places = sorted(place for place in count if count[place] >= FEWEST)
    was = np.array([[before[code].get(place, 0) for place in places] for code in codes])
    was = np.column_stack([was, 1 - was.sum(1)])  # the small ones
    went = np.array([[after[code][name] for name in to] for code in codes])
    rate, error = _goodman(was, went)
    return [
        (
            f"{opponent} v RN",
            *place.split(),
            name,
            shown(float(rate[i, j]), 4),
            shown(float(error[i, j]), 4),
            str(count[place]),
        )
        for i, place in enumerate(places)
        for j, name in enumerate(to)
        if " " in place and place.split()[0] in OPPONENTS and place.split()[0] != opponent
    ]


def _goodman(was: Floats, went: Floats) -> tuple[Floats, Floats]:
    """Return the shares that went from each place to each other, and their errors.

    Goodman (1953), Ecological regressions and behavior of individuals: shares on shares, without a
    constant. Errors are HC3 (MacKinnon and White 1985).
    """
    inverse = np.linalg.inv(was.T @ was)
    rate = inverse @ was.T @ went
    leverage = np.einsum("ij,jk,ik->i", was, inverse, was)
    residual = (went - was @ rate) / (1 - leverage)[:, None]
    return rate, np.sqrt((inverse @ was.T) ** 2 @ residual**2)
