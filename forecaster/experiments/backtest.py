"""The record: forecast past elections with what was known before them, and score the forecasts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from forecaster.answers import scores
from forecaster.arrays import Bools, Floats, Ints
from forecaster.calibration import model_file as model_calibration
from forecaster.calibration.published import PARTY_OF_COLUMN, Published, last_until, read_published
from forecaster.columns import columns, table_of
from forecaster.config.config import Config
from forecaster.config.load import load_config
from forecaster.elections.election import Election, read_election
from forecaster.elections.tragedy import DEFINITIONS, SIDES, tragic_seats
from forecaster.errors import ConfigError
from forecaster.pipeline import simulate_run
from forecaster.plan.build import build_plan
from forecaster.polls.data import day_of
from forecaster.results.build import party_of
from forecaster.results.run import RunTables
from forecaster.swing.base import OTHER, build_base
from forecaster.swing.spread import rule_named, swing_seats
from forecaster.swing.tactical import PAIRS
from forecaster.table import Table
from forecaster.vocabulary import NO_ONE_PARTY, PARTIES, places, suggest

BASELINES = ("uniform", "proportional", "strong-transition")
SOURCES = ("polls", "truth")
OURS = "forecaster"
PUBLISHED_AS_DRAWS = 1000
"""Published chances are rounded, so one of zero is scored as half a win in this many draws."""

TABLES = ("summary", "published", "bands", "reliability")
METHODS = (OURS, *BASELINES)
PARTS: dict[str, dict[str, Any]] = {
    "the model": {},
    "polls taken as they are": {"parameters.national.regression.value": 0},
    "polls drawn half as far": {"parameters.national.regression.value": 0.5},
    "Other as strong as it was": {"parameters.seat.other_retention.value": 1},
    "by-elections not read": {"swing.by_elections": False},
    "no surprise carried over": {"parameters.seat.by_election.value": 0},
    "local elections not read": {"parameters.seat.local_elections.value": {}},
    "no change of tactical voting": {"errors.tactical": 0},
    "without sitting MPs": {"errors.incumbency": 0},
    "sitting MPs alike at every election": {"parameters.seat.incumbency_sd.value": {}},
    "without slopes on covariates": {"errors.slopes": 0},
    "without the slope on strength": {"parameters.seat.strength_sd.value": {}},
    "without regional error": {"errors.regions": 0},
    "without inflation of shared error": {"parameters.seat.shared_inflation.value": 1},
    "with λ fixed": {"errors.swing": 0},
    "with normal seat errors": {"parameters.seat.dof.value": 0},
    "uniform swing": {"swing.rule": "uniform"},
}
"""Parts of the model to leave out in turn, as changes of a config, to show what each is worth."""

EARNED = (
    "called",
    "brier",
    "log_score",
    "crps",
    "energy_score",
    "totals_coverage_90",
    "share_coverage_90",
)
"""Scores that show what a part of the model is worth."""

TRAGEDIES = {name: name.replace("-", "_") for name in SIDES}
"""Column with the tragedies of a side, by definition; ``_expected`` is added for the forecast."""

SUMS = (
    "seats",
    "called",
    *(f"{key}{of}" for key in TRAGEDIES.values() for of in ("", "_expected")),
)
"""Scores that are summed over elections; the others are averaged."""

COMPARED = ("called", "brier", "log_score")
"""Scores of ours to show beside those of a published forecast."""


@dataclass(frozen=True)
class Scored:
    """One method's forecast of the scored seats of one election."""

    election: str
    method: str
    chances: Floats
    """Zeros and ones if the method only calls a winner, shape (seat, party)."""
    winner: Ints
    """Party that won, as an index of `vocabulary.PARTIES`, shape (seat,)."""
    row: dict[str, Any]
    """The scores, by column of `summary_table`."""


def backtest(
    elections: Sequence[str] = (),
    source: str = "polls",
    draws: int = 10_000,
    published: Path | None = None,
    changes: Mapping[str, Any] | None = None,
    progress: Callable[[int], object] | None = None,
) -> list[Scored]:
    """Forecast past elections with what was known before them, and score the forecasts.

    The parameters are those of `forecaster.api.backtest`. If `source` is a day, which must be
    before a single election, only the last forecast by each provider until then is scored with
    ours. `changes` are applied last. `progress` is called with the number of elections just
    finished.

    Raises ConfigError if an election or the source is not known. Raises DataError if `published` is
    no folder, or a file in it is damaged.
    """
    names = known_elections(elections)
    check_before(names, source, draws, changes)
    others = read_published(published, names) if published is not None else []
    out = []
    for name in names:
        config = run_before(name, source, draws, changes)
        after = read_election(name)
        ours = _score_run(simulate_run(config), after)
        rivals = [one for one in others if one.election == name]
        if source not in SOURCES:
            rivals = last_until(_day(source, day_of(name)), rivals)
        out.append(ours)
        out += [_score_baseline(config, rule, after) for rule in BASELINES]
        out += [_score_published(one, after, ours, draws) for one in rivals]
        if progress is not None:
            progress(1)
    return out


def known_elections(named: Sequence[str]) -> tuple[str, ...]:
    """Return the named elections, or all of them if there are none.

    Raises ConfigError if one is not known.
    """
    for name in named:
        if name not in PAIRS:
            raise ConfigError(f"backtest {name!r}: not an election here. {suggest(name, PAIRS)}")
    return tuple(named) or tuple(PAIRS)


def backtest_published(folder: Path, draws: int) -> list[Scored]:
    """Score every published forecast, and ours from the polls of the same day.

    If that day is not known, or is the day of the election, ours is from the polls of the eve.

    `draws`: draws of each of our forecasts.

    Raises DataError if `folder` is no folder, or a file in it is damaged.
    """

    @cache
    def ours(election: str, source: str) -> Scored:
        run = simulate_run(run_before(election, source, draws))
        return _score_run(run, read_election(election))

    out = []
    for one in read_published(folder, tuple(PAIRS)):
        before = one.day is not None and one.day < day_of(one.election)
        mine = ours(one.election, str(one.day) if before else "polls")
        out.append(_score_published(one, read_election(one.election), mine, draws))
    return out


def backtest_parts(draws: int) -> list[dict[str, Any]]:
    """Score the model without each of `PARTS`, over all elections, from truth and from polls.

    There is a row per part and source, with the scores of `EARNED`: the sum of the seats called,
    and means of the others.
    """
    known = {name: model_calibration.changes_without(name) for name in PAIRS}
    rows = []
    for part, changes in PARTS.items():
        for source in SOURCES:
            scored = [
                _score_run(
                    simulate_run(run_before(name, source, draws, changes, known[name])),
                    read_election(name),
                ).row
                for name in PAIRS
            ]
            scores_of = {key: float(np.mean([row[key] for row in scored])) for key in EARNED}
            called = {"called": sum(row["called"] for row in scored)}
            rows.append({"part": part, "source": source, **scores_of, **called})
    return rows


def run_before(
    election: str,
    source: str,
    draws: int,
    changes: Mapping[str, Any] | None = None,
    known: Mapping[str, Any] | None = None,
) -> Config:
    """Return the config of a run that does not know the result of an election.

    Polls, by-elections and the elections behind the polling error end before it. All other
    parameters are estimated from the other elections; a caller that has these can pass `known`.
    """
    options: dict[str, Any] = {
        "title": f"General election of {election} from {source}",
        "draws": draws,
        "base.election": PAIRS[election],
        "ballot.candidates": election,
    }
    day = day_of(election)
    if source == "truth":
        options |= {"national": {"source": "election", "election": election}, "errors.national": 0}
    else:
        as_of = day - timedelta(days=1) if source == "polls" else _day(source, day)
        options["national"] = {"source": "polls", "as_of": as_of, "election_day": day}
    if known is None:
        known = model_calibration.changes_without(election)
    return load_config("next-election", {**options, **known, **(changes or {})})


def check_before(
    elections: Sequence[str], source: str, draws: int, changes: Mapping[str, Any] | None
) -> None:
    """Raise what `run_before` would, without the time that its estimates take."""
    for name in elections:
        run_before(name, source, draws, changes, known={})


def _day(text: str, election_day: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ConfigError(
            f"--from {text!r}: expected {', '.join(SOURCES)} or a day such as 2019-11-01."
        ) from None
    if day >= election_day:
        raise ConfigError(
            f"--from {text}: not before the election of {election_day}; nothing would be forecast."
        )
    return day


def scored_seats(after: Election) -> Bools:
    """Return the seats that are scored: Great Britain without the Speaker's."""
    return np.asarray(after.seats.in_britain & ~after.speaker)


def _winners(after: Election, standing: Bools) -> Ints:
    """Return the winners; Other if the forecast does not know the candidate."""
    known = standing[np.arange(len(after.winner)), after.winner]
    return np.where(known, after.winner, PARTIES.index("Other"))


def _tragedies(run: RunTables, after: Election) -> dict[str, float]:
    """Return the numbers of seats that were tragedies of each side, and the expected numbers."""
    out: dict[str, float] = {}
    for name, key in TRAGEDIES.items():
        likely = run.rows("tragedies", "definition", name)
        out[f"{key}_expected"] = float(sum(row["tragedy"] for row in likely))
        out[key] = int(tragic_seats(DEFINITIONS[name], after).sum())
    return out


def _score_run(run: RunTables, after: Election) -> Scored:
    found, standing, seats = run.chances, run.chances.stands, scored_seats(after)
    chances = np.where(standing, found.win[0], 0.0)[seats]
    winner = _winners(after, standing)[seats]
    named = [party not in NO_ONE_PARTY for party in PARTIES]
    judged = standing & seats[:, None] & np.array(named)
    held = ((found.low[0] <= after.shares) & (after.shares <= found.high[0]))[judged]
    scored = _scored(after.name, OURS, chances, winner, run.draws)
    scored.row.update(
        share_coverage_90=float(held.mean()), **_totals(run, after), **_tragedies(run, after)
    )
    return scored


def _totals(run: RunTables, after: Election) -> dict[str, Any]:
    """Score the distributions of seats won in the United Kingdom."""
    judged = [party for party in run.parties if party not in ("UKIP", *NO_ONE_PARTY)]
    won = [run.won(parties=(party,)) for party in judged]
    actual = [int((after.winner == code).sum()) for code in places(judged)]
    out = {
        "crps": sum(map(scores.crps, won, actual)),
        "energy_score": scores.energy_score(np.stack(won, axis=1), np.array(actual)),
    }
    for level in (50, 80, 90):
        right = (scores.inside(w, a, level / 100) for w, a in zip(won, actual, strict=True))
        out[f"totals_coverage_{level}"] = sum(right) / len(judged)
    return out


def _score_baseline(config: Config, rule: str, after: Election) -> Scored:
    """Score the winners called by a swing rule from the same expected national shares."""
    plan, seat, swing = build_plan(config), config.parameters.seat, config.parameters.swing
    base = build_base(read_election(config.base.election), after, seat)
    shares = swing_seats(base, plan.targets.shares, rule_named(rule, swing), swing)
    known = ~np.isnan(base.best_other)
    shares[:, OTHER] *= np.where(known, base.best_other, seat.best_other.value)
    called, standing = np.zeros(after.votes.shape), np.zeros(after.votes.shape, bool)
    np.put_along_axis(called, party_of(plan), scores.favourites(shares), axis=1)
    np.put_along_axis(standing, party_of(plan), base.stands, axis=1)
    seats = scored_seats(after)
    return _scored(after.name, rule, called[seats], _winners(after, standing)[seats])


def _score_published(forecast: Published, after: Election, ours: Scored, draws: int) -> Scored:
    """Score a forecast by others, and ours (with this many draws), on the seats that it covers."""
    scored_in = scored_seats(after)
    seats, same = scored_in & forecast.covered, forecast.covered[scored_in]
    known = np.isin(PARTIES, list(PARTY_OF_COLUMN.values()))
    winner = _winners(after, np.tile(known, (len(seats), 1)))[seats]
    values = forecast.values[seats]
    if forecast.chances:
        chances = values / np.maximum(values.sum(1, keepdims=True), 1e-9)
        scored = _scored(after.name, forecast.name, chances, winner, PUBLISHED_AS_DRAWS)
    else:
        values[:, PARTIES.index("Other")] *= 0.5  # a pooled Other is several candidates
        scored = _scored(after.name, forecast.name, scores.favourites(values), winner)
    beside = _scored(after.name, OURS, ours.chances[same], ours.winner[same], draws).row
    scored.row.update(
        {f"our_{key}": beside[key] for key in COMPARED},
        provider=forecast.provider,
        published=forecast.day and forecast.day.isoformat(),
    )
    return scored


def _scored(
    election: str, method: str, chances: Floats, winner: Ints, draws: int | None = None
) -> Scored:
    """Score chances; a hard call, without draws, has no log score."""
    row = {
        "election": election,
        "method": method,
        "kind": "chances" if draws else "hard call",
        "seats": len(winner),
        "called": scores.called(chances, winner),
        "brier": scores.brier(chances, winner),
        "log_score": scores.log_score(chances, winner, draws) if draws else None,
    }
    return Scored(election, method, chances, winner, row)


def tables(results: list[Scored], source: str) -> dict[str, Table]:
    """Return every table of a backtest by its name, one of `TABLES`."""
    return {
        "summary": summary_table(results, source),
        "published": published_table(results, source),
        "bands": bands_table(results),
        "reliability": reliability_table(results),
    }


def summary_table(results: list[Scored], source: str) -> Table:
    """Return a row per election and method, and one over all elections for each method."""
    shown = columns(
        "election | method | -kind | seats | called | brier | log_score | crps | energy_score | "
        "-totals_coverage_50 | -totals_coverage_80 | totals_coverage_90 | share_coverage_90 | "
        "lab_ld_green_expected | lab_ld_green | con_reform_expected | con_reform"
    )
    keys = [column.key for column in shown]
    rows = [{key: one.row.get(key) for key in keys} for one in results if one.method in METHODS]
    elections = {one.election for one in results}
    for method in METHODS if len(elections) > 1 else ():
        rows.append(_over_all([row for row in rows if row["method"] == method]))
    return table_of(
        f"Backtest from {source}",
        shown,
        rows,
        "Seats of Great Britain without the Speaker's; totals (CRPS, energy score, intervals) "
        "are of all parties in the United Kingdom, so with Northern Ireland's. Brier from 0 to "
        "2; log score: minus the logarithm of the winner's chance; both means over seats, "
        "smaller is better. A hard call has a Brier score of twice its part of wrong seats and "
        "no log score; of parties level in a seat, the first in our order is its call. CRPS: "
        "summed over parties, in seats; energy score: of their seats together, as one vector.",
        "Polls, by-elections, and elections from which the polls' error is learnt, end before "
        "the election. All other parameters are estimated from how the other four came out, of "
        "which the next one starts from this one's result; what the model consists of was "
        "chosen knowing all five.",
        f"Tragedies by the definitions {' and '.join(SIDES)} of 'forecast tragedies'.",
    )


def published_table(results: list[Scored], source: str) -> Table:
    """Return a row per forecast by others, with ours on the same seats beside it."""
    return table_of(
        f"Published forecasts, beside ours from {source}",
        "election | provider | published | kind | seats | called | our_called | brier | "
        "our_brier | log_score | our_log_score",
        [one.row for one in results if one.method not in METHODS],
        "As found in the folder. Ours is scored on the seats that each forecast covers. "
        + (
            "Some are weeks older than the eve, and an exit poll asks people who have voted."
            if source in SOURCES
            else f"Of each provider the last one published by {source}, where its day is known."
        ),
        "Their chances are rounded, and in the log score one of zero counts as half a win in "
        f"{PUBLISHED_AS_DRAWS:,}.",
    )


def _over_all(rows: list[dict[str, Any]]) -> dict[str, Any]:
    out = {**rows[0], "election": "all"}
    for key in list(out)[3:]:  # after election, method and kind
        values = [row[key] for row in rows if row[key] is not None]
        if values:
            out[key] = sum(values) if key in SUMS else float(np.mean(values))
    return out


def _ours(results: list[Scored]) -> tuple[Floats, Ints]:
    """Return our chances and the winners, concatenated over elections."""
    ours = [(one.chances, one.winner) for one in results if one.method == OURS]
    chances, winner = map(np.concatenate, zip(*ours, strict=True))
    return chances, winner


def bands_table(results: list[Scored]) -> Table:
    """Return a row per band of chances: how often favourites won, over all elections."""
    return table_of(
        "Favourites that won",
        "band | seats | forecast | observed",
        scores.band_rows(*_ours(results)),
        "Safe from 95 %, likely from 75 %, leaning from 60 %, toss-up below.",
    )


def reliability_table(results: list[Scored]) -> Table:
    """Return a row per bin of chances: forecast and observed frequency, over all elections."""
    return table_of(
        "Reliability",
        "from | to | chances | forecast=Forecast | observed=Observed | -sampling_error",
        scores.reliability_rows(*_ours(results)),
        "Every party in every seat is one chance; those below 0.1 % are left out. Seats of one "
        "election are not independent, so a bin may be off by more than its sampling error.",
    )
