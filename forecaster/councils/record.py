"""The record of council forecasts, made by ``make record`` and stored beside this module.

    python -m forecaster.councils.record [CANDIDACIES]

CANDIDACIES is a list as ``--results`` reads, of London in 2026 and of 2018 and 2019, whose rows may
not be shipped; without it the record keeps only what the embedded data give.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from forecaster.config.load import read_pact
from forecaster.councils.answers import compare_table
from forecaster.councils.base import base_shares, joint_tickets, swing_wards
from forecaster.councils.calibrate import estimates
from forecaster.councils.contest import Contest, read_contest
from forecaster.councils.data import LONDON, PARTIES, Wards, read_wards, slug, years
from forecaster.councils.lists import read_votes
from forecaster.councils.model import CouncilModel, council_model
from forecaster.councils.optimise import chosen_slates
from forecaster.councils.plan import Shares, build_plan, expect
from forecaster.councils.run import tables_of
from forecaster.councils.score import scores, splits_simulated, splits_that_came
from forecaster.councils.simulate import Asked, Elections
from forecaster.councils.slates import RULES
from forecaster.councils.tickets import as_it_was, joint_odds, once_more, shared_wards
from forecaster.files import CsvFile

FILE = Path(__file__).with_name("record.json")
DRAWS, SEED = 10_000, 1
SPLIT_DRAWS = 20
PACT = "progressive"

EMBEDDED = (
    *("counties-2025", "unitary-2025"),
    *("metropolitan-2024", "unitary-2024", "districts-2024"),
    *("metropolitan-2023", "unitary-2023", "districts-2023"),
)
OTHERS = ("london-2026", "metropolitan-2022")
"""Elections that are scored: with the embedded data, and with a list of others."""

DRY_RUNS = (
    ("london-2026", "actual"),
    ("milton-keynes-2024", "actual"),
    ("cambridgeshire-2025", "actual"),
)
"""Elections whose pact is counted, and at which shares."""

SLATES = (
    ("richmond-upon-thames", 2018),
    ("richmond-upon-thames", 2022),
    ("south-oxfordshire", 2019),
    ("folkestone-and-hythe", 2019),
    ("somerset-west-and-taunton", 2019),
)
"""Councils in which Lib Dems and Greens shared the places."""

SOURCES = ("GLA 2026", "LEAP 2018", "LEAP 2019")
"""Parts of the raw candidacies that the embedded data do not hold and a record is made of."""


def read_record() -> dict[str, Any]:
    """Return the stored record."""
    record: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return record


def build_record(results: Path | None) -> dict[str, Any]:
    """Return the record, from the embedded data and perhaps a list of further elections."""
    cases: list[tuple[str, Path | None]] = [(name, None) for name in EMBEDDED]
    cases += [(name, results) for name in OTHERS if results]
    return {
        "draws": DRAWS,
        "scores": [
            _score(name, swing, path) for name, path in cases for swing in ("actual", "polls")
        ],
        "leaders": leaders(read_contest("london-2026", results=results)) if results else None,
        "splits": _splits(),
        "slates": list(_real_slates(results)),
        "dry_runs": [_dry_run(name, swing, results) for name, swing in DRY_RUNS],
    }


def _score(name: str, swing: str, results: Path | None) -> dict[str, Any]:
    """Score a forecast by parameters that are estimated without the year's elections."""
    asked = Asked(name=name, swing=swing, results=str(results) if results else None)
    elections = asked.elections(DRAWS, SEED, model=model_without(int(name[-4:])))
    run = tables_of(elections.simulate(), asked)
    return {"election": name, "swing": swing, **scores(run, elections.contest)}


@cache
def model_without(year: int) -> CouncilModel:
    """Return the parameters that are estimated without the elections of a year."""
    return CouncilModel.model_validate(estimates(year))


def leaders(contest: Contest) -> dict[str, float]:
    """Return the part of the wards in which each rule names the leading party.

    All rules know the true shares of all wards together. "This model" is its expectation.
    """
    assert contest.now is not None
    now, last = contest.now, contest.last
    stands, first = now.stands, now.top.argmax(1)
    change = now.shares.mean(0) - last.shares.mean(0)
    ratio = now.shares.mean(0) / np.maximum(last.shares.mean(0), 1e-6)
    ways = {
        "the same party again": last.shares,
        "uniform swing": last.shares + change,
        "proportional swing": last.shares * ratio,
        "this model": expect(contest, Shares("actual")).shares,
    }
    base = base_shares(last, now.candidates, contest.year, 0.0)
    votes = now.top.sum(1) / now.top.sum()
    ways["without the general election"] = swing_wards(base, votes @ now.shares, votes)[0]
    return {
        name: float((np.where(stands, shares, -1).argmax(1) == first).mean())
        for name, shares in ways.items()
    }


def _splits() -> list[dict[str, Any]]:
    """Return how often wards of two and three seats are split, by lead, in London and elsewhere."""
    rows = []
    for place in ("London", "elsewhere"):
        real: Counter[tuple[int, float, str]] = Counter()
        for year in years():
            every = read_wards(year)
            of = every.counted & np.isin(every.seats, (2, 3)) & (every.top.sum(1) > 0)
            wards = every.take(of & ((every.kind == LONDON) == (place == "London")))
            if not len(wards):
                continue
            contest, expected = once_more(wards, wards.shares, wards.candidates)
            plan = build_plan(contest, council_model(), expected, ())
            for kind, found in (
                ("came", splits_that_came(wards)),
                ("simulated", splits_simulated(plan, SEED, SPLIT_DRAWS)),
            ):
                for (seats, lead), (number, split) in found.items():
                    real[seats, lead, kind] += number
                    real[seats, lead, f"{kind} split"] += split
        for seats, lead in sorted({key[:2] for key in real}):
            rows.append(
                {
                    "place": place,
                    "seats": seats,
                    "lead": lead,
                    "wards": real[seats, lead, "came"],
                    "split": real[seats, lead, "came split"],
                    "simulated": real[seats, lead, "simulated split"]
                    / max(real[seats, lead, "simulated"], 1),
                }
            )
    return rows


def _real_slates(results: Path | None) -> Iterator[dict[str, Any]]:
    """Yield councillors under joint slates of Lib Dems and Greens, true and simulated.

    Their common votes are divided as at the general election before, as if both had stood full
    slates; the slates as they were are then simulated as a pact. The odds of transfers on joint
    tickets are estimated from all other elections.
    """
    known = {2022: read_wards(2022)} | (read_votes(results, {}) if results else {})
    for council, year in SLATES:
        if year in known:
            wards = known[year]
            named = np.array([slug(name) == council for name in wards.council])
            of = wards.take(named & (wards.top.sum(1) > 0))
            if len(of):
                yield _real_slate(of, [found for when, found in known.items() if when != year])


def _real_slate(wards: Wards, others: list[Wards]) -> dict[str, Any]:
    shared = [ward for one in others for ward in shared_wards(one, council_model())]
    model = council_model().with_joint(joint_odds(shared))
    contest, expected, slates = as_it_was(wards, "LD", "Green")
    counts = Elections(contest, expected, DRAWS, SEED, model=model).simulate([slates]).counts
    won, actual = counts.won.sum(2), wards.won.sum(0)
    row: dict[str, Any] = {
        "council": str(wards.council[0]),
        "year": wards.year,
        "seats": int(wards.seats.sum()),
        "joint": bool(joint_tickets(wards)),
        "odds": model.candidates.joint.value,
    }
    for party in ("LD", "Green", "Con"):
        p = PARTIES.index(party)
        low, high = np.quantile(won[:, 1, p], (0.05, 0.95))
        row[party] = [int(actual[p]), float(won[:, 1, p].mean()), float(low), float(high)]
        row[f"{party} apart"] = float(won[:, 0, p].mean())
    return row


def _dry_run(name: str, swing: str, results: Path | None) -> dict[str, Any]:
    path = str(results) if results and name == "london-2026" else None
    asked = Asked(name=name, swing=swing, results=path)
    elections = asked.elections(DRAWS, SEED)
    slates = chosen_slates(read_pact(PACT), RULES[0], {}, elections)
    run = tables_of(elections.simulate([slates]), asked)
    table = compare_table(run, run.scenarios[1])
    return {"title": run.manifest["title"], "pact": table.title, "rows": table.rows}


@contextmanager
def further(raw: Path) -> Iterator[Path]:
    """Yield a list for ``--results`` made of raw candidacies, of the sources in `SOURCES`."""
    columns = {"year": "year", "council": "council", "code": "ward_code", "ward": "ward"}
    columns |= {"votes": "votes", "seats": "seats", "elected": "elected"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "results.csv")
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, [*columns, "party"])
            writer.writeheader()
            for row in CsvFile(raw).rows():
                usable = row.text("ward_code") and row.text("seats") not in ("", "0")
                if usable and f"{row.text('source')} {row.text('year')}" in SOURCES:
                    other = row.text("party") == "Oth"
                    party = row.text("party_source" if other else "party")
                    cells = {key: row.text(name) for key, name in columns.items()}
                    writer.writerow({**cells, "votes": cells["votes"] or 0, "party": party})
        yield path


def main(arguments: list[str]) -> None:
    """Write the record; see the head of the module."""
    if arguments:
        with further(Path(arguments[0])) as results:
            record = build_record(results)
    else:
        record = build_record(None)
    text = json.dumps(record, indent=1, ensure_ascii=False, default=float)
    FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
