"""A run of councils for the page: its elections, wards, parties, rates of transfer, slates."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from forecaster.arrays import Bools, Floats, Ints
from forecaster.config.load import read_pact
from forecaster.config.pact import Pact
from forecaster.councils.contest import Contest
from forecaster.councils.data import PARTIES
from forecaster.councils.kernel import (
    CANDIDATES,
    GROUPS,
    LOTS,
    LUCK,
    MOST,
    TRANSFERS,
    WARDS,
    WardPlan,
    draw_shares,
    elect_from,
    normal_quantiles,
)
from forecaster.councils.plan import Expectation, build_plan
from forecaster.councils.run import CouncilTables
from forecaster.councils.simulate import Asked
from forecaster.councils.slates import RULES, Slates, places, slates_of
from forecaster.errors import ConfigError, ResultsError
from forecaster.files import json_digest
from forecaster.kernels import layout
from forecaster.plan.scenarios import Z90
from forecaster.report import wording
from forecaster.report.building.sample import (
    DRAWS,
    UNIT,
    Singles,
    Whole,
    packed,
    rest_columns,
    rounded,
    zipped,
)
from forecaster.report.building.strengths import DIGITS, Tables, judged, strength_of
from forecaster.resources import bundled
from forecaster.vocabulary import FIXED_PARTIES

CASES = 720 * DRAWS
"""Wards times elections that a page of seven megabytes has room for."""

FEWEST = 256
"""Elections below which a page would say little."""


@dataclass(frozen=True)
class DrawnWards:
    """The first draws of a run without a pact: shares and councillors by draw, ward and party."""

    contest: Contest
    expected: Expectation
    plan: WardPlan
    shares: Singles
    won: Ints


def content(run: CouncilTables) -> tuple[dict[str, Any], str]:
    """Return the data of the page, ready for JSON, and its packed shares.

    Its elections are the first of the run, simulated again from what was asked and its seed.

    Raises ConfigError if the run has too many wards. Raises ResultsError if it does not come out as
    stored.
    """
    drawn = drawn_wards(run)
    rest = rest_columns(drawn.shares)
    shares = rounded(drawn.shares)
    _restore_elected(shares, drawn, run.manifest["seed"])
    return _document(run, drawn, rest), packed(shares, drawn.plan.slates[0] > 0, rest)


def drawn_wards(run: CouncilTables) -> DrawnWards:
    """Simulate the first draws of a stored run again, as many as a page has room for."""
    draws = DRAWS
    while draws * len(run.code) > CASES:
        draws //= 2
    if draws < FEWEST:
        raise ConfigError(
            f"{len(run.code):,} wards are too many for a page. Simulate fewer, such as with "
            "--council NAME, which may be repeated."
        )
    given = run.manifest["given"]
    asked = Asked(**{field.name: given[field.name] for field in fields(Asked)})
    elections = asked.elections()
    contest, expected = elections.contest, elections.expected
    if contest.last.code.tolist() != run.code.tolist():
        raise _changed()
    plan = build_plan(contest, elections.model, expected, own_slates(run))
    seed = np.uint64(run.manifest["seed"])
    shares = np.empty((draws, *contest.candidates.shape), np.float32)
    draw_shares(plan, seed, shares)
    draw, ward = np.indices(shares.shape[:2]).reshape(2, -1)
    won = _elected(plan, seed, draw, ward, shares.reshape(len(draw), -1)).reshape(shares.shape)
    found = np.zeros((draws, len(contest.councils), len(PARTIES)), int)
    np.add.at(found.transpose(1, 0, 2), plan.council, won.transpose(1, 0, 2))
    stored = run.won[:draws, 0]
    if (found[: len(stored)] != stored).any():
        raise _changed()
    return DrawnWards(contest, expected, plan, shares, won)


def _changed() -> ResultsError:
    return ResultsError(
        "the run does not come out as stored, since data or program have changed. "
        "Simulate it again with 'forecast council simulate'."
    )


def own_slates(run: CouncilTables) -> tuple[Slates, ...]:
    """Return the pacts of a run with the slates that it was simulated with, without joined ones."""
    return tuple(
        Slates(
            Pact.model_validate(pact["pact"]),
            pact["rule"],
            candidates,
            (candidates != run.candidates[0]).any(1),
        )
        for pact, candidates in zip(run.manifest["pacts"], run.candidates[1:], strict=True)
        if not pact["also"]
    )


def _elected(plan: WardPlan, seed: np.uint64, draw: Ints, ward: Ints, shares: Singles) -> Ints:
    """Return who is elected at some shares, shape (case, party)."""
    won = np.zeros(shares.shape, np.int64)
    elect_from(plan, seed, draw, ward, shares, won)
    return won


def _restore_elected(shares: Whole, drawn: DrawnWards, seed: int) -> None:
    """Move units from who is elected by rounding alone to who is elected unrounded, in place."""
    draw, ward = np.indices(shares.shape[:2]).reshape(2, -1)
    while len(draw):
        now = (shares[draw, ward] / UNIT).astype(np.float32)
        excess = _elected(drawn.plan, np.uint64(seed), draw, ward, now) - drawn.won[draw, ward]
        shares[draw, ward] -= excess
        off = excess.any(1)
        draw, ward = draw[off], ward[off]


def _document(run: CouncilTables, drawn: DrawnWards, rest: Ints) -> dict[str, Any]:
    """Return the data of the page: positions instead of names. A ward's columns are all parties."""
    plan, contest = drawn.plan, drawn.contest
    stands = plan.slates[0] > 0
    pacts, tables = _pacts(run, drawn)
    seed = run.manifest["seed"]
    largest = np.diff(plan.slot, axis=1, append=plan.slates.max(0).sum(1, keepdims=True))
    return {
        # By which an address knows the wards that it was made with.
        "wards": json_digest(run.code.tolist())[:16],
        "title": run.manifest["title"],
        "run": json_digest(run.manifest)[:16],
        "election": run.manifest["given"]["name"],
        "notes": run.manifest["notes"],
        "draws": len(drawn.shares),
        "unit": UNIT,
        # Name, seats elected, how many of all make a majority, and who sits on by party.
        "chambers": [
            [council, seats, (seats + int(others.sum())) // 2 + 1, others.tolist()]
            for (council, seats), others in zip(
                run.manifest["seats"].items(), run.sitting, strict=True
            )
        ],
        "random": {
            "seed": [seed & 0xFFFFFFFF, seed >> 32],
            "wards": WARDS,
            "transfers": TRANSFERS,
            "groups": [GROUPS, LUCK, LOTS, CANDIDATES],
            "fours": 0,
        },
        "most": MOST,
        "normals": _steps(),
        "never": 2 * layout.NEVER,
        "z90": Z90,
        "parties": wording.looks(PARTIES),
        "joining": [
            p
            for p, code in enumerate(PARTIES)
            if code not in (*FIXED_PARTIES, "Other") and stands[:, p].any()
        ],
        "nations": ["England and Wales"],
        "regions": contest.councils,
        "counties": [],
        "ballots": [list(range(len(PARTIES)))],
        "seats": _wards(drawn),
        "last": [_pairs(row) for row in contest.last.won],
        "elects": plan.seats.tolist(),
        "rest": rest.tolist(),
        "stands": [np.flatnonzero(row).tolist() for row in stands],
        # Of everybody who stands: candidates without the pact, the number of the first among all of
        # the ward, and how many have a number.
        "usual": _standing(plan.slates[0], stands),
        "slot": _standing(plan.slot, stands),
        "numbered": _standing(largest, stands),
        "spread": _standing(plan.spread, stands),
        "ahead": _standing(plan.ahead, stands),
        # Who is expected to win a place.
        "leads": [np.flatnonzero(row).tolist() for row in _expected_places(drawn)],
        "expected": np.round(drawn.expected.shares[stands], DIGITS).tolist(),
        "rates": tables,
        "joint": plan.joint,
        "pacts": pacts,
        "judged": judged(),
    }


def _wards(drawn: DrawnWards) -> list[list[Any]]:
    """Return code, name, nation, council, who had most places last time, and no county."""
    last = drawn.contest.last
    holder = (last.won + last.top / (1 + last.top.sum(1, keepdims=True))).argmax(1)
    rows = zip(last.code, last.name, drawn.plan.council, holder, strict=True)
    return [[str(code), str(name), 0, int(k), int(p), -1] for code, name, k, p in rows]


def _pairs(numbers: Ints) -> list[list[int]]:
    """Return the parties that have any, with how many."""
    return [[int(p), int(numbers[p])] for p in np.flatnonzero(numbers)]


def _standing(values: Floats | Ints, stands: Bools) -> list[list[float]]:
    """Return the values of everybody who stands, by ward; a float32 as its shortest decimals."""
    return [
        [float(str(x)) if x.dtype == np.float32 else int(x) for x in row[there]]
        for row, there in zip(values, stands, strict=True)
    ]


def _steps() -> str:
    """Return the upper half of the normal quantiles, in units of 2^-20, each less the last."""
    table = normal_quantiles().astype(float) * 2**20
    upper = table[len(table) // 2 :].astype("<i4")
    return zipped(np.diff(upper, prepend=np.int32(0)).astype("<i4").tobytes())


def _expected_places(drawn: DrawnWards) -> Ints:
    contest, every = drawn.contest, np.ones(len(PARTIES), bool)
    return places(drawn.expected.shares, contest.candidates, contest.seats, every)


def _pacts(
    run: CouncilTables, drawn: DrawnWards
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the pacts to start from, those of the run first, and the tables of their rates.

    A bundled pact that cannot be had in these wards is left out.
    """
    tables = Tables(PARTIES)
    guarantees = run.manifest["given"]["guarantees"]
    out = {s.pact.name: _pact(s, guarantees, drawn, tables) for s in own_slates(run)}
    for pact in map(read_pact, bundled("pacts")):
        try:
            found = slates_of(pact, RULES[0], {}, drawn.contest, drawn.expected.shares)
        except ConfigError:
            continue
        out.setdefault(pact.name, _pact(found, {}, drawn, tables))
    return list(out.values()), tables.documents()


def _pact(
    slates: Slates, guarantees: dict[str, int], drawn: DrawnWards, tables: Tables
) -> dict[str, Any]:
    """Return a pact as the page has it; with a rule that it does not know, as a list of wards."""
    known, pact = slates.rule in RULES, slates.pact
    members = np.where(slates.members, slates.candidates, 0)
    usual = np.where(slates.members, drawn.contest.candidates, 0) > 0
    return {
        "name": pact.name,
        "title": pact.title or pact.name,
        "members": np.flatnonzero(slates.members).tolist(),
        "opponents": np.flatnonzero(slates.opponents).tolist(),
        "where": {"nations": [], "regions": [], "seats": [], "held": [], "led": []},
        "rule": slates.rule if known else "list",
        "keep": False,
        "guarantees": [[PARTIES.index(p), n] for p, n in guarantees.items() if known],
        "list": {}
        if known
        else {
            int(i): [[int(p), int(members[i, p])] for p in np.flatnonzero(usual[i])]
            for i in np.flatnonzero(slates.holds)
        },
        "seats": {},
        **strength_of(pact, tables),
    }
