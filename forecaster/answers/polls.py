"""Answers from polls: national shares, pollsters, and the shares expected on an election day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np

from forecaster.arrays import Floats, Ints
from forecaster.columns import columns, table_of
from forecaster.config.config import OwnPoll, Polls, in_words
from forecaster.config.load import default_parameters
from forecaster.config.poll_file import read_poll_file
from forecaster.errors import ConfigError
from forecaster.polls.data import (
    AREAS,
    THREE,
    Poll,
    as_polls,
    last_day,
    last_result,
    read_results,
    read_shares,
)
from forecaster.polls.error import FINAL, ElectionDay, ErrorModel, fit_error, on_election_day
from forecaster.polls.model import (
    ESTIMATED,
    FIRST_ELECTION,
    HOLE,
    PollEstimate,
    britain_by_day,
    cautions,
    estimate,
    house_effects,
)
from forecaster.table import Column, Table
from forecaster.vocabulary import (
    BRITISH_PARTIES,
    ELECTIONS,
    GB_PARTIES,
    OWN_PARTY,
    PARTIES,
    POLLED,
    REFORM_AFTER_UKIP,
    places,
)

Z90 = NormalDist().inv_cdf(0.95)


@dataclass(frozen=True)
class Answer:
    """An estimate, and the shares that it predicts for an election."""

    estimate: PollEstimate
    then: ElectionDay
    error: ErrorModel
    """Error of the polls as known on the day of the estimate."""
    today: date
    """Day from which the age of the polls is counted."""
    result: Floats | None = None
    """Actual shares of the election, shape (3, 9)."""


def ask(as_of: date | None, day: date | None, file: Path | None = None) -> Answer:
    """Return the answer of the polls on a day.

    `as_of`: the last day of polls if None. `day`: election day to predict; the day after `as_of` if
    None, as in a run. `file`: CSV of further polls.

    Raises ConfigError if a day is outside the polls, or the file is wrong.
    """
    today = date.today()
    polls, notes = read_poll_file(file, today) if file else ([], [])
    own = as_polls(OwnPoll.model_validate(poll) for poll in polls)
    found = estimate(as_of or max([last_day(), *(poll.end for poll in own)]), own)
    return _answer(replace(found, notes=(*notes, *found.notes)), day, as_of or today)


def ask_as(source: Polls) -> Answer:
    """Return what the polls say that a config reads, on its day and with its own polls."""
    found = estimate(source.as_of, as_polls(source.file))
    return _answer(found, source.election_day, source.as_of)


def _answer(found: PollEstimate, day: date | None, today: date) -> Answer:
    national = default_parameters().national
    error = fit_error(found.as_of, regression=national.regression.value)
    then = on_election_day(found, error, day or found.as_of + timedelta(days=1), national)
    return Answer(found, then, error, today)


def ask_before(election: str) -> Answer:
    """Return the answer of the polls on the eve of an election, with its result.

    The polling error is estimated from earlier elections.

    Raises ConfigError if the data hold no polls and results by nation for that election.
    """
    results = {one.election: one for one in read_results(date.max)}
    known = [name for name in results if name in ELECTIONS and results[name].day > FIRST_ELECTION]
    if election not in known:
        raise ConfigError(
            f"--election {election!r}: expected one of {', '.join(known)}, for which the data hold "
            "polls of the parliament and results by nation."
        )
    result = results[election]
    answer = ask(result.day - timedelta(days=1), result.day)
    return replace(answer, result=read_shares(result.election).with_other())


@dataclass(frozen=True)
class Tracker:
    """The polls of Great Britain in one parliament, and their mean without house effects."""

    polls: list[Poll]
    days: list[date]
    """Days on which a poll ended."""
    mean: Floats
    """Mean by party of `BRITISH_PARTIES`, shape (day, party); NaN where no poll lists it yet."""
    reach: Floats
    """Half the width of the 90 % interval for votes, from the polls' errors on past eves."""
    results: dict[date, Floats]
    """Shares by party at the election before, and at the one after if the answer has it."""

    def pieces(self, party: str) -> list[Ints]:
        """Return the indices of days on which a party has a mean, as a list of unbroken pieces.

        There is a break if no poll ended for more than `HOLE` days, and where Reform follows UKIP.
        """
        k = BRITISH_PARTIES.index(party)
        listed = np.flatnonzero(~np.isnan(self.mean[:, k]))
        breaks = [
            d
            for d, (before, day) in enumerate(pairwise(self.days), start=1)
            if (day - before).days > HOLE
            or (party == "Reform" and before < REFORM_AFTER_UKIP <= day)
        ]
        return [piece for piece in np.split(listed, np.searchsorted(listed, breaks)) if piece.size]


def tracker(answer: Answer) -> Tracker:
    """Return the polls of an answer, and their daily mean without house effects."""
    polls, column = answer.estimate.polls["GB"], places(BRITISH_PARTIES, POLLED)
    effects = {pollster: effect for pollster, (effect, _) in house_effects(polls).items()}
    level = [poll._replace(shares=poll.shares - effects[poll.pollster]) for poll in polls]
    days = sorted({poll.end for poll in polls})
    nothing = np.full(len(POLLED), np.nan)
    mean = np.array([one[column] for one in britain_by_day(level, days, nothing).values()])
    since, last = last_result(answer.estimate.as_of)
    results = {since: last.shares[0, column]}
    if answer.result is not None:
        results[answer.then.day] = answer.result[0, column]
    return Tracker(polls, days, mean, Z90 * answer.error.rms(mean, FINAL), results)


def shares_table(answer: Answer) -> Table:
    """Return a row per area and party: polled share, expected share with 90 % interval, result."""
    rows = [
        _row(answer, a, ESTIMATED.index(party))
        for a, area in enumerate(AREAS)
        for party in sorted(ESTIMATED, key=PARTIES.index)
        if area == "GB" or party not in OWN_PARTY.values() or OWN_PARTY[area] == party
    ]
    shown = [*columns("area | party | share=Polls | expected:share=Vote | p5:share | p95:share")]
    if answer.result is not None:
        shown += columns("result")
    shown += [*columns("-polls | -first:text=First | -last")]
    polls, election = in_words(answer.estimate.as_of), in_words(answer.then.day)
    title = f"National shares, polls to {polls}, election on {election}"
    return table_of(title, tuple(shown), rows, *_notes(answer))


def houses_table(answer: Answer) -> Table:
    """Return a row per pollster: its house effects in points."""
    polls, rows = answer.estimate.polls["GB"], []
    for pollster, (effect, error) in house_effects(polls).items():
        ends = [poll.end for poll in polls if poll.pollster == pollster]
        row: dict[str, Any] = {"pollster": pollster, "polls": len(ends)}
        row["last"] = ends[-1].isoformat()
        for key, values in (("{}", effect), ("{}_se", error)):
            for party, value in zip(POLLED, 100 * values, strict=True):
                row[key.format(party)] = None if np.isnan(value) else float(value)
        rows.append(row)
    return table_of(
        f"Pollsters, polls to {in_words(answer.estimate.as_of)}: difference from all, in points",
        (
            *columns("pollster | polls | last=Last poll"),
            *(Column(party, party, "difference") for party in GB_PARTIES),
            *(Column(f"{p}_se", f"{p} standard error", "number", True) for p in GB_PARTIES),
        ),
        sorted(rows, key=lambda row: -row["polls"]),
        "Mean over a pollster's polls of the difference from the shares of their day, in which "
        "its own poll counts too. Of few polls it is mostly chance; csv and json give the "
        "standard error from two on, as if the polls were independent.",
    )


def _row(answer: Answer, a: int, p: int) -> dict[str, Any]:
    polls, then = answer.estimate.polls[AREAS[a]], answer.then
    expected = float(then.shares[a, p])
    reach = Z90 * float(np.sqrt(max(then.covariance[a, p, a, p], 0)))
    row: dict[str, Any] = {
        "area": AREAS[a],
        "party": ESTIMATED[p],
        "share": float(answer.estimate.shares[a, p]),
        "expected": expected,
        "p5": max(expected - reach, 0.0),
        "p95": min(expected + reach, 1.0),
    }
    if answer.result is not None:
        row["result"] = float(answer.result[a, p])
    row["polls"] = len(polls)
    for key, poll in (("first", polls[:1]), ("last", polls[-1:])):
        row[key] = poll[0].end.isoformat() if poll else None
    return row


def _notes(answer: Answer) -> tuple[str, ...]:
    found, error, then = answer.estimate, answer.error, answer.then
    notes = []
    for area, polls in found.polls.items():
        if polls:
            number = "1 poll" if len(polls) == 1 else f"{len(polls)} polls"
            span = f"{in_words(polls[0].end)} to {in_words(polls[-1].end)}"
            notes.append(
                f"{area}: {', '.join([number, span, *cautions(area, polls, answer.today)])}."
            )
        else:
            since = in_words(found.since)
            notes.append(f"{area}: no polls of its own since {since}, moved with GB.")
    notes += found.notes
    ahead = (then.day - found.as_of).days
    sizes = error.rms(then.shares[0, places(THREE, ESTIMATED)], ahead)
    rms = ", ".join(f"{100 * x:.1f} ({party})" for party, x in zip(THREE, sizes, strict=True))
    first, last = error.elections[0], error.elections[-1]
    notes.append(
        "Votes lie nearer to the last result than polls do. Intervals hold the polls' error "
        f"{'on the eve' if ahead == 1 else f'{ahead} days ahead'}: {rms} points, fitted to "
        f"{len(error.elections)} elections, {first} to {last}."
    )
    return tuple(notes)
