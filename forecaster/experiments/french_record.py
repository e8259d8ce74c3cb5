"""The record of pacts in France: the second round of 2024, predicted with the bundled rates.

The RN and its allies were ahead after the first round; before the second, 225 candidates withdrew,
nearly all against them. Votes for candidates who withdrew or were eliminated move to the best
placed opponent of the RN, by the formal rates between the nearest British parties. As these may not
fit France, the odds of arriving are also scaled by several factors, and by one that is estimated.
The user supplies the results of the Ministère de l'Intérieur (data.gouv.fr).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from forecaster.arrays import Floats
from forecaster.columns import table_of
from forecaster.config.pact import TransferTable, read_transfers
from forecaster.experiments.pact_record import LEVELS, inside, means_without
from forecaster.experiments.ward_record import drawn_parts
from forecaster.files import CsvFile
from forecaster.table import Table

RN = "RN"
NEAREST = {"NFP": "Lab", "ENS": "LD", "LR": "Con", "DVG": "Green", "EXG": "Green"}
"""British party by French bloc (judgement); voters of other blocs stay at home."""

SCALES = (0.5, 1.0, 2.0, 4.0)
"""Factors on the odds of the part that arrives."""

SEED = 22
NEEDED = ("code", "cand", "bloc", "votes")


def french_rows(
    folder: Path, rates: TransferTable | str | None, draws: int
) -> list[dict[str, Any]]:
    """Predict the seats of the RN and its allies at several scales of the law, and by naive rules.

    `folder`: folder of ``first-round.csv`` and ``second-round.csv``, with the columns code, cand,
    bloc, votes and status (``elected``). `rates`: the law or its name; None for the formal rates.

    Raises DataError if a file cannot be read or lacks a column.
    """
    law = rates if isinstance(rates, TransferTable) else read_transfers(rates or "formal")
    first, second = _read(folder / "first-round.csv"), _read(folder / "second-round.csv")
    safe = sum(
        one["bloc"] == RN and one["status"] == "elected" for c in first.values() for one in c
    )
    contests = {code: of for code, of in second.items() if any(one["bloc"] == RN for one in of)}
    won = np.array([_first(of)["bloc"] == RN for of in contests.values()])
    shares = np.array([_votes(of, RN) / _votes(of) for of in contests.values()])
    departments = np.unique([code[:2] for code in contests], return_inverse=True)[1]
    rows = []

    def add(rule: str, scale: Floats) -> Floats:
        drawn, lead = _shares(first, contests, law, scale, draws)
        total = safe + (lead > 0).sum(1)
        low, high = np.quantile(total, (0.05, 0.95))
        error = drawn.mean(0) - shares
        rows.append(
            {
                "rule": rule,
                "mean": float(total.mean()),
                "p5": float(low),
                "p95": float(high),
                "wins": int(safe + won.sum()),
                "contests": len(won),
                "called": int((((lead > 0).mean(0) > 0.5) == won).sum()),
                "error": 100 * float(error.mean()),
                **{f"coverage_{n}": inside(drawn, shares, n) for n in LEVELS},
            }
        )
        return np.asarray(error)

    errors = [add(f"law, scale {scale:g}", np.full(len(won), scale)) for scale in SCALES]
    away = np.array([means_without(error, departments)[departments] for error in errors])
    free = np.exp([np.interp(0, one[::-1], np.log(SCALES)[::-1]) for one in away.T])
    add(f"law, scale free ({free.mean():.1f})", free)
    add("every vote", np.full(len(won), np.inf))
    add("no vote", np.zeros(len(won)))
    return rows


def _read(path: Path) -> dict[str, list[dict[str, str]]]:
    """Return candidates by constituency."""
    out: dict[str, list[dict[str, str]]] = {}
    for row in CsvFile(path).rows(needed=NEEDED):
        cells = {key: row.text(key) for key in (*NEEDED, "status")}
        if not cells["votes"].isdigit():
            raise row.error(f"votes: {cells['votes']!r}: expected a number.")
        out.setdefault(cells["code"], []).append(cells)
    return out


def _first(candidates: list[dict[str, str]]) -> dict[str, str]:
    return max(candidates, key=lambda one: int(one["votes"]))


def _votes(candidates: list[dict[str, str]], bloc: str = "") -> int:
    """Return the votes of candidates, of all or of one bloc."""
    return sum(int(one["votes"]) for one in candidates if bloc in ("", one["bloc"]))


def _shares(
    first: Any, contests: Any, law: TransferTable, scale: Floats, draws: int
) -> tuple[Floats, Floats]:
    """Return the RN's share in the second round and its lead, each of shape (draw, contest).

    `scale`, shape (contest,): factor on the odds of the part that arrives.
    """
    random = np.random.default_rng(SEED)
    luck = {party: random.standard_normal((draws, 3)) for party in NEAREST.values()}
    share, lead = np.zeros((2, draws, len(contests)))
    for number, (code, second) in enumerate(contests.items()):
        there = {one["cand"] for one in second}
        staying = [one for one in first[code] if one["cand"] in there]
        best = _first([one for one in staying if one["bloc"] != RN])
        ours, front = (np.full(draws, float(n)) for n in (_votes(staying, RN), best["votes"]))
        others = _votes(staying) - ours - front
        for one in first[code]:
            donor, to = NEAREST.get(one["bloc"]), NEAREST.get(best["bloc"], "LD")
            row = law.find(donor, to, "Reform") if donor else None
            if one["cand"] in there or row is None or scale[number] == 0:
                continue
            parts = drawn_parts(row, law.seat_sd, luck[row.donor], 1, random)[:, 0]
            arrive, opponent = _scaled(parts, scale[number])
            ours += int(one["votes"]) * opponent
            front += int(one["votes"]) * arrive
        share[:, number] = ours / (ours + front + others)
        lead[:, number] = ours - front
    return share, lead


def _scaled(parts: Floats, scale: float) -> tuple[Floats, Floats]:
    """Return the parts that arrive and go to the opponent, with the odds of the former scaled."""
    if np.isinf(scale):
        return np.ones(len(parts)), np.zeros(len(parts))
    total = 1 + (scale - 1) * parts[:, 0]
    return scale * parts[:, 0] / total, parts[:, 1] / total


def french_table(rows: list[dict[str, Any]]) -> Table:
    """Return a row per rule: the seats of the RN and its allies."""
    return table_of(
        "The RN and its allies in the second round of 2024",
        "rule | mean:number! | p5 | p95 | wins | contests:integer | called | "
        "error:difference=Share's error | coverage_50=Shares in 50 % | coverage_80 | "
        "coverage_90",
        rows,
        "All votes of who withdrew or was eliminated move to the best placed opponent of the "
        "RN by the formal rates of the British parties "
        f"nearest to their blocs ({', '.join(f'{f}: {b}' for f, b in NEAREST.items())}); the "
        "scale multiplies what arrives. Who else stays in a round of three keeps the votes of "
        "the first round. Called: of the contests with the RN in the second round. Shares: of "
        "the RN in these; who voted for nobody before and the turnout are left out.",
        "At scale 1 the rates are taken as they are. The free scale is the one without a mean "
        "error in all other departments. Nothing but the rates errs here.",
    )
