"""From counts to the tables of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from forecaster.elections.read import Floats
from forecaster.kernels.engine import BINS, SHARE_UNIT, Tally
from forecaster.simulation.plan import Plan
from forecaster.simulation.run import Counts
from forecaster.vocabulary import BALLOT, NATIONS, NO_PACT, PARTIES, REGIONS, VARIABLES

QUANTILES = {"share_p5": 0.05, "share_p50": 0.50, "share_p95": 0.95}


@dataclass(frozen=True)
class Tables:
    """What a run folder holds.

    Attributes
    ----------
    manifest : dict
        Provenance; see `forecaster.results.manifest`.
    seats : pyarrow.Table
        A row per scenario, seat and party on the ballot paper.
    totals : pyarrow.Table
        A row per scenario, draw and party.
    national : pyarrow.Table
        A row per draw, area and party.
    winners : pyarrow.Table or None
        A row per scenario, draw and seat, if the run kept them.
    """

    manifest: dict[str, Any]
    seats: pa.Table
    totals: pa.Table
    national: pa.Table
    winners: pa.Table | None


def seats_table(plan: Plan, counts: Counts) -> pa.Table:
    """Return win probabilities and shares, a row per scenario, seat and standing party."""
    seat, column = np.nonzero(plan.base.stands)
    seats = plan.base.seats
    tally = counts.tally
    wins = tally.wins[0, seat, column]
    values: dict[str, Any] = {
        "scenario": _repeat(NO_PACT, len(seat)),
        "seat": pa.array(seats.code[seat].tolist()),
        "name": pa.array(seats.name[seat].tolist()),
        "nation": _dictionary(seats.nation[seat], NATIONS),
        "region": _dictionary(seats.region[seat], REGIONS),
        "party": _dictionary(_party_of(plan)[seat, column], PARTIES),
        "win_probability": wins / counts.draws,
        "win_probability_mcse": monte_carlo_error(wins, counts.draws),
        "mean_share": tally.share_sum[0, seat, column] / (SHARE_UNIT * counts.draws),
    }
    histogram = tally.histogram[0, seat, column]
    for name, q in QUANTILES.items():
        values[name] = histogram_quantile(histogram, q)
    return _described(values)


def totals_table(counts: Counts, parties: list[str]) -> pa.Table:
    """Return seats won, a row per scenario, draw and party."""
    won = seats_by_party(counts.tally, parties)
    draws = won.shape[1]
    return _described(
        {
            "scenario": _repeat(NO_PACT, won.size),
            "draw": np.repeat(np.arange(draws, dtype=np.int32), len(parties)),
            "party": _dictionary(np.tile(np.arange(len(parties)), draws), tuple(parties)),
            "seats": won[0].ravel(),
        }
    )


def national_table(plan: Plan, counts: Counts) -> pa.Table:
    """Return drawn national shares, a row per draw, area (nations, then GB) and party."""
    draws = counts.draws
    areas, parties, shares = [], [], []
    nations = {name: counts.tally.national[:, a] for a, name in enumerate(NATIONS)}
    for name, drawn in nations.items():
        for column, party in enumerate(BALLOT[name]):
            if plan.base.stands[plan.base.seats.nation == NATIONS.index(name), column].any():
                areas.append(name)
                parties.append(party)
                shares.append(drawn[:, column])
    for party in PARTIES:
        parts = [
            plan.britain_weight[a] * shares[i]
            for a, nation in enumerate(NATIONS[:3])
            for i in range(len(areas))
            if areas[i] == nation and parties[i] == party
        ]
        if parts:
            areas.append("GB")
            parties.append(party)
            shares.append(np.sum(parts, axis=0, dtype=np.float32))
    return _described(
        {
            "draw": np.repeat(np.arange(draws, dtype=np.int32), len(areas)),
            "area": pa.array(np.tile(areas, draws).tolist()).dictionary_encode(),
            "party": pa.array(np.tile(parties, draws).tolist()).dictionary_encode(),
            "national_share": np.column_stack(shares).astype(np.float32).ravel(),
        }
    )


def winners_table(plan: Plan, counts: Counts) -> pa.Table | None:
    """Return who won each seat in each draw, or None if the run did not keep it."""
    winners = counts.tally.winners[0]
    if winners.size == 0:
        return None
    draws, seats = winners.shape
    party = _party_of(plan)[np.arange(seats), winners].astype(np.int8)
    codes = np.tile(np.arange(seats, dtype=np.int16), draws)
    return _described(
        {
            "scenario": _repeat(NO_PACT, winners.size),
            "draw": np.repeat(np.arange(draws, dtype=np.int32), seats),
            "seat": _dictionary(codes, tuple(plan.base.seats.code.tolist())),
            "winner": party.ravel(),
        }
    )


def seats_by_party(tally: Tally, parties: list[str]) -> npt.NDArray[np.int16]:
    """Add the nations' columns up to parties: seats won, shape ``(scenario, draw, party)``."""
    scenarios, draws = tally.seats_won.shape[:2]
    out = np.zeros((scenarios, draws, len(parties)), np.int16)
    for a, nation in enumerate(NATIONS):
        for column, party in enumerate(BALLOT[nation]):
            if party in parties:
                out[:, :, parties.index(party)] += tally.seats_won[:, :, a, column]
    return out


def monte_carlo_error(successes: npt.NDArray[Any], draws: int) -> Floats:
    """Return the standard error of a probability estimated by counting.

    ``sqrt(p (1 - p) / n)`` with ``p = (successes + 1/2) / (n + 1)`` (the mean under Jeffreys'
    prior), so that it is not zero where something always or never happened.
    """
    p = (successes + 0.5) / (draws + 1)
    return np.asarray(np.sqrt(p * (1 - p) / draws))


def histogram_quantile(histogram: npt.NDArray[Any], q: float) -> Floats:
    """Return the `q` quantile of each row of a histogram on [0, 1], linear inside a bin."""
    cumulative = np.cumsum(histogram, axis=1)
    wanted = q * cumulative[:, -1]
    at = (cumulative < wanted[:, None]).sum(1)
    rows = np.arange(len(histogram))
    below = np.where(at > 0, cumulative[rows, at - 1], 0)
    return np.asarray((at + (wanted - below) / histogram[rows, at]) / BINS)


def parties_standing(plan: Plan) -> list[str]:
    """Return the parties on any ballot paper of the run, in the order of the vocabulary."""
    on_paper = set(_party_of(plan)[plan.base.stands].tolist())
    return [party for i, party in enumerate(PARTIES) if i in on_paper]


def _party_of(plan: Plan) -> npt.NDArray[np.int64]:
    codes = np.array([[PARTIES.index(party) for party in BALLOT[n]] for n in NATIONS])
    return np.asarray(codes[plan.base.seats.nation])


def _dictionary(codes: npt.NDArray[Any], names: tuple[str, ...]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(codes.astype(np.int16), list(names))


def _repeat(name: str, n: int) -> pa.Array:
    return _dictionary(np.zeros(n), (name,))


def _described(values: dict[str, Any]) -> pa.Table:
    """Make a table whose fields carry unit and description where the vocabulary knows them."""
    arrays = [v if isinstance(v, pa.Array) else pa.array(np.asarray(v)) for v in values.values()]
    fields = []
    for name, array in zip(values, arrays, strict=True):
        known = VARIABLES.get(name)
        about = {"unit": known.unit, "description": known.description} if known else None
        fields.append(pa.field(name, array.type, nullable=False, metadata=about))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))
