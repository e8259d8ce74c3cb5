"""What past elections and by-elections say about transfers and tactical voting, as tables."""

from __future__ import annotations

from datetime import date, timedelta

from forecaster.calibration.natural_experiments import EVENTS, estimate
from forecaster.columns import columns
from forecaster.config.load import default_parameters
from forecaster.polls.by_elections import CONTENTION, Squeeze, squeezes
from forecaster.polls.data import read_results
from forecaster.resources import read_table
from forecaster.swing.tactical import PAIRS, estimate_kappa
from forecaster.table import Table
from forecaster.vocabulary import PARTY_NAMES


def transfers_table() -> Table:
    """Return a row per natural experiment and receiver: the part of the votes it got."""
    rows = []
    for event in EVENTS:
        found = estimate(event)
        if found is None:
            continue
        for receiver, part in found.part.items():
            rows.append(
                {
                    "event": event.name,
                    "donor": event.party,
                    "seats": found.seats,
                    "receiver": receiver,
                    "part": part,
                    "standard_error": found.error[receiver],
                    "caution": event.caution,
                }
            )
    cautions = {row["event"]: row["caution"] for row in rows}
    return Table(
        "Where the votes of an absent party went",
        columns("event | -donor=Party | seats | receiver | part | standard_error | -caution"),
        rows,
        (
            "Regression of changes since the election before, in shares of the electorate, on the "
            "share the absent party would have had; standard errors from resampled seats. Abstain: "
            "turnout lost. National: SNP or Plaid. Parts below 0 or above 1: noise or selection.",
            *(f"{event}: {caution}." for event, caution in cautions.items()),
        ),
    )


def kappa_table(members: tuple[str, ...], opponents: tuple[str, ...]) -> Table:
    """Return a row per election: how much more tactical voting it held than the one before.

    Parameters
    ----------
    members, opponents : tuple of str
        The bloc whose voters move, and the parties against whose lead they do.
    """
    parameters = default_parameters()
    rows = [
        {
            "election": found.election,
            "seats": found.seats,
            "kappa": found.kappa,
            "kappa_se": found.error,
            "plain": found.plain,
            "plain_se": found.plain_error,
        }
        for found in (estimate_kappa(name, members, opponents, parameters) for name in PAIRS)
    ]
    sides = " and ".join(
        ", ".join(PARTY_NAMES[party] for party in side) for side in (members, opponents)
    )
    return Table(
        f"Tactical voting: {'+'.join(members)} against {'+'.join(opponents)}",
        columns("election | seats | kappa | kappa_se | plain | plain_se"),
        rows,
        (
            f"Between {sides}.",
            "Kappa: part of the votes of the bloc's other parties that moved to its best placed "
            "one, times how clear that was (half at a lead of 5 points), in the seats where an "
            "opponent leads in the expected shares. All clear: as if it had been clear everywhere.",
            "Least squares of seat shares after the asymmetric swing to the true national shares, "
            "against the election before: a change of tactical voting, not its level. Standard "
            "errors as if seats were independent.",
        ),
    )


def squeeze_table() -> Table:
    """Return a row per by-election in which the first bloc of the model could gather."""
    parameters = default_parameters()
    bloc = parameters.swing.tactical.value[0]
    first = min(read_table("results/by-elections.csv")["date"])
    days = [one.day for one in read_results(date.max) if one.day > first]
    parliaments = [day - timedelta(days=1) for day in days] + [date.max]
    rows = [_row(one) for day in parliaments for one in squeezes(day, bloc, parameters)]
    return Table(
        f"Tactical voting at by-elections: {'+'.join(bloc.members)} against "
        f"{'+'.join(bloc.opponents)}",
        columns("day | -code | seat=Seat | best | expected | actual | squeeze"),
        rows,
        (
            "Others: the part of the bloc's votes that its other parties were expected to have, by "
            "the swing since the general election to the polls of the day, and had. Squeeze: the "
            "part of it that moved to the best.",
            "By-elections in which an opponent held the seat or led, or lay less than "
            f"{100 * CONTENTION:.0f} points behind the first, in the expected shares, and two of "
            "the bloc's parties stood.",
            "How the next general election follows: 'swing.squeeze' in 'forecast calibrate model'.",
        ),
    )


def _row(found: Squeeze) -> dict[str, object]:
    return {
        "day": found.contest.day.isoformat(),
        "code": found.contest.seat,
        "seat": found.contest.name,
        "best": found.best,
        "expected": found.expected,
        "actual": found.actual,
        "squeeze": found.moved,
    }
