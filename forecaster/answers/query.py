"""Any table of a run, given that something happened: from the stored draws."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from forecaster.answers import summary
from forecaster.answers.expression import evaluate
from forecaster.arrays import Bools
from forecaster.elections.election import Seats, read_election
from forecaster.elections.names import find_seat
from forecaster.errors import ConfigError, ResultsError
from forecaster.results.build import Tables, column, distribution_table, positions
from forecaster.results.precision import monte_carlo_error, probability
from forecaster.simulation.blocks import count_totals
from forecaster.table import Table
from forecaster.vocabulary import NO_PACT, PARTIES, SEATS_IN_THE_COMMONS, suggest


@dataclass(frozen=True)
class RunDraws:
    """The draws of a run counted in one scenario, by the names of a query."""

    tables: Tables
    scenario: str

    @cached_property
    def winners(self) -> np.ndarray:
        """Who won, shape (draw, seat), as positions in `vocabulary.PARTIES`.

        Raises
        ------
        ResultsError
            If the run did not keep it.
        """
        manifest = self.tables.manifest
        if self.tables.winners is None:
            raise ResultsError(
                "the run does not store who won which seat in which election. Simulate it again "
                "with --keep-winners; the same config and seed give the same elections."
            )
        shape = (manifest["draws_kept"], len(manifest["scenarios"]), len(self.places.code))
        every = column(self.tables.winners, "winner").reshape(shape)
        return np.asarray(every[:, manifest["scenarios"].index(self.scenario)])

    @cached_property
    def places(self) -> Seats:
        """The seats of the run."""
        return read_election(self.tables.manifest["base"]).seats

    def party(self, name: str) -> int:
        """Return a party's position; see `expression.Draws`."""
        known = self.tables.manifest["parties"]
        if name not in known:
            raise ConfigError(f"unknown party {name!r}. {suggest(name, known)}")
        return PARTIES.index(name)

    def seats(self, party: str) -> np.ndarray:
        """Return seats won by a party."""
        self.party(party)
        position = self.tables.manifest["parties"].index(party)
        return summary.seats_won(self.tables, self.scenario)[:, position]

    def share(self, area: str, party: str) -> np.ndarray:
        """Return the share drawn for a party in a nation or in Great Britain."""
        areas, parties, drawn = summary.drawn_shares(self.tables)
        if area not in areas:
            raise ConfigError(f"unknown area {area!r}. {suggest(area, dict.fromkeys(areas))}")
        here = [p for a, p in zip(areas, parties, strict=True) if a == area]
        if party not in here:
            raise ConfigError(f"no share of {party!r} in {area}. {suggest(party, here)}")
        return np.asarray(drawn[:, areas.index(area) + here.index(party)])

    def winner(self, seat: str) -> np.ndarray:
        """Return who won a seat."""
        found = find_seat(self.places, seat)
        if found.note:
            raise ConfigError(f"not a seat of this run. {found.note}")
        return np.asarray(self.winners[:, found.index])


def query_table(tables: Tables, scenario: str, condition: str, show: str) -> Table:
    """Return a table over the draws in which a condition holds.

    Parameters
    ----------
    tables : Tables
    scenario : str
        How the elections are counted, in the condition and in the table.
    condition : str
        See `forecaster.answers.expression`.
    show : {"totals", "seats", "national"}

    Raises
    ------
    ConfigError
        If the condition is wrong, or holds in no draw.
    ResultsError
        If winners are needed and the run did not keep them.
    """
    draws = RunDraws(tables, scenario)
    keep = np.broadcast_to(evaluate(condition, draws), tables.manifest["draws_kept"])
    left, all_ = int(keep.sum()), len(keep)
    if left == 0:
        raise ConfigError(
            f"query: {condition}: in none of the {all_:,} simulated elections, so its chance is "
            f"below {300 / all_:.2g} % (95 % confidence). Simulate more, or ask for less."
        )
    some = _restrict(tables, keep)
    if show == "seats":
        some = replace(some, seats=_seat_rows(draws, keep))
        table = summary.seat_favourites(some, scenario)
    elif show == "national":
        table = summary.national_table(some)
    else:
        table = summary.outcome_table(some, scenario)
    error = probability(keep, tables.cluster)[1]
    counted = "" if scenario == NO_PACT else f" Counted with {scenario}."
    note = (
        f"Given {condition}: {left:,} of {all_:,} elections, {100 * left / all_:.1f} % (standard "
        f"error {100 * error:.2g} points).{counted}"
    )
    return replace(table, title=f"{table.title}, given that", notes=(note, *table.notes))


def _restrict(tables: Tables, keep: Bools) -> Tables:
    """Return the tables by draw with the draws kept only; the others are as they were.

    Clusters of draws are broken up. Standard errors as of independent draws are at most too large.
    """
    left, manifest = int(keep.sum()), tables.manifest
    out: dict[str, Any] = {
        "manifest": {**manifest, "draws": left, "draws_kept": left, "cluster": 1}
    }
    for name in ("totals", "national"):
        table = getattr(tables, name)
        out[name] = table.filter(pa.array(np.repeat(keep, len(table) // len(keep))))
    scenarios, parties = manifest["scenarios"], manifest["parties"]
    won = column(out["totals"], "seats").reshape(left, len(scenarios), len(parties))
    counted = count_totals(won, SEATS_IN_THE_COMMONS + 1)
    return replace(tables, **out, distribution=distribution_table(*counted, scenarios, parties))


def _seat_rows(draws: RunDraws, keep: Bools) -> pa.Table:
    """Return the chances of every seat and party over the draws kept."""
    winners, every = draws.winners[keep], draws.tables.seats
    rows = every.filter(pa.array(column(every, "scenario") == draws.scenario))
    seats = positions(rows, "seat", draws.places.code.tolist())
    parties = positions(rows, "party", PARTIES)
    won = np.array([(winners[:, s] == p).sum() for s, p in zip(seats, parties, strict=True)])
    return (
        rows.select(["scenario", "seat", "name", "nation", "region", "party"])
        .append_column("win_probability", pa.array(won / len(winners)))
        .append_column("win_probability_mcse", pa.array(monte_carlo_error(won, len(winners))))
    )
