"""Find the draws of a run in which a condition holds, and make tables of them alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from forecaster.answers import summary
from forecaster.answers.expression import evaluate
from forecaster.arrays import Bools
from forecaster.errors import ConfigError
from forecaster.results.build import count_totals, distribution_table
from forecaster.results.precision import monte_carlo_error, probability
from forecaster.results.run import RunTables, column, positions
from forecaster.table import Table
from forecaster.vocabulary import NO_PACT, PARTIES, SEATS_IN_THE_COMMONS, find_party, one_of


@dataclass(frozen=True)
class RunDraws:
    """The values of the names in a condition, each an array over a run's draws in one scenario."""

    run: RunTables
    scenario: str

    def party(self, name: str) -> int:
        """Return a party's index in `vocabulary.PARTIES`."""
        return PARTIES.index(find_party(name, self.run.parties, "party"))

    def seats(self, party: str) -> np.ndarray:
        """Return seats won by a party."""
        return self.run.won(self.scenario, (PARTIES[self.party(party)],))

    def share(self, area: str, party: str) -> np.ndarray:
        """Return the share drawn for a party in a nation or in Great Britain."""
        areas, parties, drawn = self.run.drawn_shares
        where = one_of(area, dict.fromkeys(areas), "area")
        here = [p for a, p in zip(areas, parties, strict=True) if a == where]
        place = here.index(find_party(party, here, f"share in {where}"))
        return np.asarray(drawn[:, areas.index(where) + place])

    def winner(self, seat: str) -> np.ndarray:
        """Return who won a seat, as indices of `vocabulary.PARTIES`."""
        place = self.run.seat(seat)
        return np.asarray(self.run.winners[:, self.run.scenarios.index(self.scenario), place])


def holds(run: RunTables, scenario: str, condition: str) -> Bools:
    """Return a mask of the stored draws in which a condition holds, shape (draw,).

    `scenario`: scenario in which the elections are counted. `condition`: see
    `forecaster.answers.expression`.

    Raises ConfigError if the condition is wrong. Raises ResultsError if winners are needed and the
    run did not keep them.
    """
    return np.broadcast_to(evaluate(condition, RunDraws(run, scenario)), run.kept)


def query_table(run: RunTables, scenario: str, condition: str, show: str = "totals") -> Table:
    """Return a table over the draws in which a condition holds.

    `run`, `scenario` and `condition`: as in `holds`; the table is counted in the same scenario.
    `show`: one of {"totals", "seats", "national"}.

    Raises ConfigError if the condition is wrong or holds in no draw, or there is no such table.
    Raises ResultsError if winners are needed and the run did not keep them.
    """
    one_of(show, ("totals", "seats", "national"), "--show")
    keep = holds(run, scenario, condition)
    left, every = int(keep.sum()), len(keep)
    if left == 0:
        raise ConfigError(
            f"query: {condition}: in none of the {every:,} simulated elections, so its chance is "
            f"below {300 / every:.2g} % (95 % confidence). Simulate more, or ask for less."
        )
    some = restrict(run, keep)
    if show == "seats":
        seats = _seat_rows(run, scenario, keep)
        some = RunTables(some.manifest, {**some.tables, "seats": seats}, run.folder)
        table = summary.favourites_table(some, scenario)
    elif show == "national":
        national = {"national": _draws_kept(run.tables["national"], keep)}
        table = summary.national_table(RunTables(some.manifest, {**some.tables, **national}))
    else:
        table = summary.outcome_table(some, scenario)
    error = probability(keep, run.cluster)[1]
    pacts = "" if scenario == NO_PACT else f" With {run.named(scenario)}."
    note = (
        f"Given {condition}: {left:,} of {every:,} elections, {100 * left / every:.1f} % (standard "
        f"error {100 * error:.2g} points).{pacts}"
    )
    return replace(table, title=f"{table.title}, given that", notes=(note, *table.notes))


def restrict(run: RunTables, keep: Bools) -> RunTables:
    """Return a run with only some of the draws, and only its seats won and their distribution.

    Draws are treated as independent; for clusters of draws, this overstates standard errors.
    """
    left = int(keep.sum())
    tables = {"totals": _draws_kept(run.tables["totals"], keep)}
    won = column(tables["totals"], "seats").reshape(left, len(run.scenarios), len(run.parties))
    counted = count_totals(won, SEATS_IN_THE_COMMONS + 1)
    tables["distribution"] = distribution_table(*counted, run.scenarios, run.parties)
    manifest = {**run.manifest, "draws": left, "draws_kept": left, "cluster": 1}
    return RunTables(manifest, tables, run.folder)


def _draws_kept(table: pa.Table, keep: Bools) -> pa.Table:
    """Return the rows of some draws of a table with equally many for each."""
    return table.filter(pa.array(np.repeat(keep, len(table) // len(keep))))


def _seat_rows(run: RunTables, scenario: str, keep: Bools) -> pa.Table:
    """Return the chances of every seat and party over the draws kept."""
    winners = run.winners[keep, run.scenarios.index(scenario)]
    rows = run.tables["seats"].filter(pa.array(run.column("seats", "scenario") == scenario))
    seats = positions(rows, "seat", run.places.code.tolist())
    parties = positions(rows, "party", PARTIES)
    of_seat = np.ascontiguousarray(winners.T)
    times = np.array([np.bincount(one, minlength=len(PARTIES)) for one in of_seat])
    won = times[seats, parties]
    return (
        rows.select(["scenario", "seat", "name", "nation", "region", "party"])
        .append_column("win_probability", pa.array(won / len(winners)))
        .append_column("win_probability_mcse", pa.array(monte_carlo_error(won, len(winners))))
    )
