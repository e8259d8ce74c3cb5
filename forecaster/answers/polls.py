"""What the polls say: national shares, pollsters, and the shares of an election day to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np

from forecaster.arrays import Floats
from forecaster.columns import columns
from forecaster.config.config import OwnPoll
from forecaster.config.load import default_parameters
from forecaster.config.poll_file import read_poll_file
from forecaster.errors import ConfigError
from forecaster.polls.data import AREAS, THREE, as_polls, last_day, read_results, read_shares
from forecaster.polls.error import ErrorModel, fit_error, on_election_day
from forecaster.polls.model import ESTIMATED, FIRST_ELECTION, PollEstimate, estimate
from forecaster.table import Column, Table
from forecaster.vocabulary import ELECTIONS, GB_PARTIES, OWN_PARTY, PARTIES, places

Z90 = NormalDist().inv_cdf(0.95)


@dataclass(frozen=True)
class Answer:
    """An estimate, and where a day was asked for the distribution on it.

    Attributes
    ----------
    estimate : PollEstimate
    sd : ndarray, shape (3, 8)
        Of every share: of what the polls say, or of the result on `day`.
    day : date or None
    error : ErrorModel or None
    result : ndarray of shape (3, 8) or None
        Shares of the election on `day` as they came out.
    """

    estimate: PollEstimate
    sd: Floats
    day: date | None = None
    error: ErrorModel | None = None
    result: Floats | None = None


def ask(as_of: date | None, day: date | None, file: Path | None = None) -> Answer:
    """Return what the polls say on a day, the last of the data if none is given.

    Parameters
    ----------
    as_of : date or None
        Later polls are not read.
    day : date or None
        Election day whose shares are wanted, later than `as_of`.
    file : Path, optional
        CSV of further polls.

    Raises
    ------
    ConfigError
        If a day is outside the polls, or the file is wrong.
    """
    polls = read_poll_file(file, date.today()) if file else []
    own = as_polls(OwnPoll.model_validate(poll) for poll in polls)
    found = estimate(as_of or max([last_day(), *(poll.end for poll in own)]), own)
    if day is None:
        return Answer(found, found.sd())
    national = default_parameters().national
    error = fit_error(found.as_of)
    then = on_election_day(found, error, day, national)
    return Answer(found, np.sqrt(np.maximum(np.einsum("apap->ap", then.covariance), 0)), day, error)


def ask_before(election: str) -> Answer:
    """Return what the polls said on the eve of an election, with the result.

    The polling error is learnt from earlier elections.

    Raises
    ------
    ConfigError
        If the data hold no polls and results by nation for that election.
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
    shares = read_shares(result.election).shares
    other = 1 - shares.sum(axis=1, keepdims=True)
    return Answer(answer.estimate, answer.sd, result.day, answer.error, np.hstack([shares, other]))


def shares_table(answer: Answer) -> Table:
    """Return a row per area and party: the share, its 90 % interval and the result if known."""
    found = answer.estimate
    rows = [
        _row(answer, a, ESTIMATED.index(party))
        for a, area in enumerate(AREAS)
        for party in sorted(ESTIMATED, key=PARTIES.index)
        if area == "GB" or party not in OWN_PARTY.values() or OWN_PARTY[area] == party
    ]
    shown = [*columns("area | party | share | p5:share | p95:share")]
    if answer.result is not None:
        shown += columns("result")
    shown += [*columns("-polls | -first:text=First | -last")]
    title = f"National shares, polls to {_day(found.as_of)}"
    if answer.day is not None:
        title += f", election on {_day(answer.day)}"
    return Table(title, tuple(shown), rows, _notes(answer))


def houses_table(answer: Answer) -> Table:
    """Return a row per pollster: how far it lies from the mean of all, in points."""
    found = answer.estimate
    rows = []
    for house in sorted(found.houses, key=lambda house: (-house.polls, house.pollster)):
        row: dict[str, Any] = {"pollster": house.pollster, "polls": house.polls}
        row["last"] = house.last.isoformat()
        for k, party in enumerate(GB_PARTIES):
            known = not np.isnan(house.effect[k])
            row[party] = 100 * float(house.effect[k]) if known else None
            row[f"{party}_sd"] = 100 * float(house.sd[k]) if known else None
        rows.append(row)
    return Table(
        f"Pollsters, polls to {_day(found.as_of)}: difference from the mean of all, in points",
        (
            *columns("pollster | polls | last=Last poll"),
            *(Column(party, party, "difference") for party in GB_PARTIES),
            *(Column(f"{party}_sd", f"{party} sd", "number", True) for party in GB_PARTIES),
        ),
        rows,
        (
            "Differences sum to zero over the pollsters and are drawn to zero where polls are "
            "few; csv and json give their standard deviations.",
        ),
    )


def _row(answer: Answer, a: int, p: int) -> dict[str, Any]:
    source = answer.estimate.sources[AREAS[a]]
    share, reach = float(answer.estimate.shares[a, p]), Z90 * float(answer.sd[a, p])
    row = {
        "area": AREAS[a],
        "party": ESTIMATED[p],
        "share": share,
        "p5": max(share - reach, 0.0),
        "p95": min(share + reach, 1.0),
    }
    if answer.result is not None:
        row["result"] = float(answer.result[a, p])
    return row | {
        "polls": source.polls,
        "first": source.first and source.first.isoformat(),
        "last": source.last and source.last.isoformat(),
    }


def _notes(answer: Answer) -> tuple[str, ...]:
    found = answer.estimate
    notes = []
    for area, source in found.sources.items():
        if source.first is None or source.last is None:
            notes.append(f"{area}: no polls of its own since {_day(found.since)}, moved with GB.")
        else:
            polls = "1 poll" if source.polls == 1 else f"{source.polls} polls"
            notes.append(f"{area}: {polls}, {_day(source.first)} to {_day(source.last)}.")
    if answer.day is None or answer.error is None:
        notes.append(
            "Intervals are of what all polls together say, without the error that they share; "
            "--on DAY adds it."
        )
        return tuple(notes)
    days = (answer.day - found.as_of).days
    shares = found.shares[0, places(THREE, ESTIMATED)]
    rms = ", ".join(
        f"{100 * error:.1f} ({party})"
        for party, error in zip(THREE, answer.error.rms(shares, days), strict=True)
    )
    first, last = answer.error.elections[0], answer.error.elections[-1]
    notes.append(
        f"Intervals hold the polls' error {'on the eve' if days == 1 else f'{days} days ahead'}: "
        f"{rms} points, fitted to {len(answer.error.elections)} elections, {first} to {last}."
    )
    return tuple(notes)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
