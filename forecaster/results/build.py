"""Turn counts into the tables of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from forecaster.arrays import Floats, Ints
from forecaster.elections.tragedy import DEFINITIONS
from forecaster.kernels.layout import (
    BACKFIRED,
    BINS,
    BREAK_EVEN_BINS,
    EXCEEDED,
    GAINED,
    SHARE_UNIT,
    TIE,
    WITH,
    WITHOUT,
    Tally,
)
from forecaster.results.precision import cluster_error, monte_carlo_error
from forecaster.results.run import QUANTILES, RunTables
from forecaster.vocabulary import BALLOT, NATIONS, PARTIES, REGIONS, VARIABLES

# Imported for types only, so that reading a stored run does not load numba.
if TYPE_CHECKING:
    from forecaster.plan.build import Plan
    from forecaster.plan.scenarios import Scenarios
    from forecaster.simulation.blocks import Counts


def build_tables(
    plan: Plan, scenarios: Scenarios, counts: Counts, manifest: dict[str, Any]
) -> RunTables:
    """Turn the counts of a run into its tables."""
    names, parties, tally = manifest["scenarios"], manifest["parties"], counts.tally
    tables = {
        "seats": seats_table(plan, scenarios, counts),
        "distribution": distribution_table(tally.totals, tally.largest, names, PARTIES),
        "totals": totals_table(counts, names, parties),
        "national": national_table(plan, counts),
        "tragedies": tragedies_table(plan, counts),
        "tragedy_totals": tragedy_totals_table(counts),
    }
    if scenarios.actions:
        tables["pact_effects"] = pact_effects_table(plan, scenarios, counts)
    if len(counts.tally.winners):
        tables["winners"] = winners_table(plan, scenarios, counts)
    if len(counts.tally.seat_shares):
        tables["shares"] = shares_table(plan, counts)
    return RunTables(manifest, tables)


def seats_table(plan: Plan, scenarios: Scenarios, counts: Counts) -> pa.Table:
    """Return a row per scenario, seat and standing party: win probability and shares."""
    seat, column = np.nonzero(plan.base.stands)
    seats = plan.base.seats
    tally = counts.tally
    times = len(scenarios.names)
    wins = tally.wins[:, seat, column].ravel()
    values: dict[str, Any] = {
        "scenario": dictionary(np.repeat(np.arange(times), len(seat)), scenarios.names),
        "seat": dictionary(np.tile(seat, times), seats.code.tolist()),
        "name": dictionary(np.tile(seat, times), seats.name.tolist()),
        "nation": dictionary(np.tile(seats.nation[seat], times), NATIONS),
        "region": dictionary(np.tile(seats.region[seat], times), REGIONS),
        "party": dictionary(np.tile(party_of(plan)[seat, column], times), PARTIES),
        "win_probability": wins / counts.draws,
        "win_probability_mcse": _errors(counts, "wins", (slice(None), seat, column)),
        "mean_share": tally.share_sum[:, seat, column].ravel() / (SHARE_UNIT * counts.draws),
    }
    histogram = tally.histogram[:, seat, column].reshape(-1, BINS)
    for name, q in QUANTILES.items():
        # The bins are equal in the square root of the share.
        values[name] = histogram_quantile(histogram, q) ** 2
    return described(values)


def distribution_table(
    totals: Ints, largest: Ints, scenarios: list[str], parties: Sequence[str]
) -> pa.Table:
    """Return a row per scenario, party and number of seats that occurred: in how many draws.

    `totals` and `largest`, shape (scenario, party, seats): as in
    `forecaster.kernels.layout.Tally`. `scenarios` and `parties`: labels of the first two axes.
    """
    scenario, party, total = np.nonzero(totals)
    return described(
        {
            "scenario": dictionary(scenario, scenarios),
            "party": dictionary(party, parties),
            "total": total.astype(np.int16),
            "elections": totals[scenario, party, total],
            "elections_largest": largest[scenario, party, total] / TIE,
        }
    )


def count_totals(won: npt.NDArray[np.int16], size: int) -> tuple[Ints, Ints]:
    """Count draws by the number of seats that each party won.

    `won` has shape (draw, scenario, party). `size`: number of seats, plus one.

    Returns
    -------
    tuple of ndarray, shape (scenario, party, size)
        `Tally.totals` and `Tally.largest`.
    """
    shape = (*won.shape[1:], size)
    rows = np.arange(shape[0] * shape[1]).reshape(shape[:2])
    # Parties first: neighbours in memory are then of one party, and compared many at a time.
    won = np.ascontiguousarray(np.moveaxis(won, 2, 0))
    place = rows.T[:, None] * size + won
    first = won == won.max(axis=0)
    parts = np.broadcast_to(TIE // first.sum(axis=0), first.shape)[first]
    length = rows.size * size
    totals = np.bincount(place.ravel(), minlength=length)
    # The sums are whole numbers, which float64 represents exactly.
    largest = np.bincount(place[first], parts, length).astype(np.int64)
    return totals.reshape(shape), largest.reshape(shape)


def totals_table(counts: Counts, scenarios: list[str], parties: list[str]) -> pa.Table:
    """Return a row per draw, scenario and party: seats won."""
    won = seats_by_party(counts.tally, parties)
    kept, times = len(won), len(scenarios) * len(parties)
    return described(
        {
            "scenario": _tiled([name for name in scenarios for _ in parties], kept),
            "draw": np.repeat(np.arange(kept, dtype=np.int32), times),
            "party": _tiled(parties * len(scenarios), kept),
            "seats": won.ravel(),
        }
    )


def pact_effects_table(plan: Plan, scenarios: Scenarios, counts: Counts) -> pa.Table:
    """Return a row per scenario, pact and seat in which it holds: paired probabilities."""
    actions = scenarios.actions
    pacts = [scenarios.pacts[action.pact] for action in actions]
    seats = np.array([action.seat for action in actions])
    ballots = [plan.base.seats.ballot(i) for i in seats]
    effects, break_even = counts.tally.effects, counts.tally.break_even
    chances = {
        "opponent_wins_without": WITHOUT,
        "opponent_wins_with": WITH,
        "gain": GAINED,
        "backfire": BACKFIRED,
    }
    names = [scenarios.names[action.scenario] for action in actions]
    donors = [
        "+".join(party for party, moves in zip(b, p.donors[i], strict=True) if moves)
        for p, i, b in zip(pacts, seats, ballots, strict=True)
    ]
    flags = [b[p.flag[i]] for p, i, b in zip(pacts, seats, ballots, strict=True)]
    values: dict[str, Any] = {
        "scenario": _tiled(names, 1),
        "pact": _tiled([p.pact.name for p in pacts], 1),
        "form": _tiled([p.pact.strength.form for p in pacts], 1),
        "seat": dictionary(seats, plan.base.seats.code.tolist()),
        "name": dictionary(seats, plan.base.seats.name.tolist()),
        "region": dictionary(plan.base.seats.region[seats], REGIONS),
        "flag_bearer": _tiled(flags, 1),
        "donors": _tiled(donors, 1),
    }
    for name, what in chances.items():
        values[name] = effects[:, what] / counts.draws
        values[f"{name}_mcse"] = _errors(counts, "effects", (slice(None), what))
    exceeded, lost = (slice(None), EXCEEDED), (slice(None), WITHOUT)
    values["exceeds"] = np.full(len(actions), np.nan)
    np.divide(effects[exceeded], effects[lost], values["exceeds"], where=effects[lost] > 0)
    values["exceeds_mcse"] = _errors(counts, "effects", exceeded, lost)
    for name, q in (("p5", 0.05), ("p50", 0.5), ("p95", 0.95)):
        values[f"break_even_{name}"] = break_even_quantile(break_even, q)
    return described(values)


def _errors(
    counts: Counts, counter: str, part: tuple[Any, ...], whole: tuple[Any, ...] | None = None
) -> Floats:
    """Return standard errors of a part of a counter, divided by the draws or by another part."""
    if not counts.scrambles:
        counted = getattr(counts.tally, counter)
        if whole is not None:
            return monte_carlo_error(counted[part].ravel(), counted[whole].ravel())
        twice = getattr(counts.tally, f"{counter}_twice")[part].ravel()
        return monte_carlo_error(counted[part].ravel(), counts.draws, twice)
    scrambles = counts.scrambles[counter]
    number = len(scrambles)
    one = (slice(None), *part)
    if whole is None:
        return cluster_error(scrambles[one].reshape(number, -1), counts.draws // number)
    every = (slice(None), *whole)
    return cluster_error(scrambles[one].reshape(number, -1), scrambles[every].reshape(number, -1))


def break_even_quantile(histogram: npt.NDArray[Any], q: float) -> Floats:
    """Return a quantile of the transfer that flips a seat; NaN if no transfer is enough."""
    total = histogram.sum(1)
    shares = np.where(total[:, None] > 0, histogram, 1)
    quantile = histogram_quantile(shares, q) * BREAK_EVEN_BINS / 100
    return np.asarray(np.where((total > 0) & (quantile <= 1), quantile, np.nan))


def tragedies_table(plan: Plan, counts: Counts) -> pa.Table:
    """Return a row per definition and seat: how often it is a tragedy."""
    happened = counts.tally.tragedies
    definition, seat = axes(happened.shape)
    return described(
        {
            "definition": dictionary(definition, list(DEFINITIONS)),
            "seat": dictionary(seat, plan.base.seats.code.tolist()),
            "name": dictionary(seat, plan.base.seats.name.tolist()),
            "tragedy": happened.ravel() / counts.draws,
            "tragedy_mcse": _errors(counts, "tragedies", (slice(None), slice(None))),
        }
    )


def tragedy_totals_table(counts: Counts) -> pa.Table:
    """Return a row per draw and definition: the number of tragedies."""
    number = counts.tally.tragedies_in_draw
    draw, definition = axes(number.shape)
    return described(
        {
            "draw": draw,
            "definition": dictionary(definition, list(DEFINITIONS)),
            "tragedies": number.ravel(),
        }
    )


def national_table(plan: Plan, counts: Counts) -> pa.Table:
    """Return a row per draw, area (nations, then GB) and party: the national share."""
    draws, base = counts.kept, plan.base
    found = [
        (nation, party, counts.tally.national[:, a, column])
        for a, nation in enumerate(NATIONS)
        for column, party in enumerate(BALLOT[nation])
        if base.stands[base.seats.nation == a, column].any()
    ]
    weight = dict(zip(NATIONS, plan.britain_weight, strict=False))
    for party in PARTIES:
        parts = [weight[area] * of for area, p, of in found if p == party and area in weight]
        if parts:
            found.append(("GB", party, np.sum(parts, axis=0, dtype=np.float32)))
    areas, parties, shares = zip(*found, strict=True)
    return described(
        {
            "draw": np.repeat(np.arange(draws, dtype=np.int32), len(areas)),
            "area": _tiled(areas, draws),
            "party": _tiled(parties, draws),
            "national_share": np.column_stack(shares).astype(np.float32, copy=False).ravel(),
        }
    )


def winners_table(plan: Plan, scenarios: Scenarios, counts: Counts) -> pa.Table:
    """Return a row per stored draw, scenario and seat: the winner."""
    winners = winning_parties(plan, counts.tally)
    draw, scenario, seat = axes(winners.shape)
    return described(
        {
            "scenario": dictionary(scenario, scenarios.names),
            "draw": draw,
            "seat": dictionary(seat, plan.base.seats.code.tolist()),
            "winner": winners.ravel(),
        }
    )


def winning_parties(plan: Plan, tally: Tally) -> npt.NDArray[np.int8]:
    """Return kept winners as indices of `vocabulary.PARTIES`, shape (draw, scenario, seat)."""
    winners = tally.winners
    return party_of(plan).astype(np.int8)[np.arange(winners.shape[2]), winners]


def shares_table(plan: Plan, counts: Counts) -> pa.Table:
    """Return a row per stored draw, seat and standing party: the share without pacts."""
    seat, column = np.nonzero(plan.base.stands)
    shares = counts.tally.seat_shares[:, seat, column]
    draws = len(shares)
    return described(
        {
            "draw": np.repeat(np.arange(draws, dtype=np.int32), len(seat)),
            "seat": dictionary(np.tile(seat, draws), plan.base.seats.code.tolist()),
            "party": dictionary(np.tile(party_of(plan)[seat, column], draws), PARTIES),
            "share": shares.ravel(),
        }
    )


def seats_by_party(tally: Tally, parties: list[str]) -> npt.NDArray[np.int16]:
    """Return seats won by some parties in the stored draws, shape ``(draw, scenario, party)``."""
    from forecaster.simulation.blocks import party_seats

    return party_seats(tally.seats_won)[:, :, [PARTIES.index(party) for party in parties]]


def histogram_quantile(histogram: npt.NDArray[Any], q: float) -> Floats:
    """Return the `q` quantile of each row of a histogram on [0, 1], linear inside a bin."""
    cumulative = np.cumsum(histogram, axis=1)
    wanted = q * cumulative[:, -1]
    at = (cumulative < wanted[:, None]).sum(1)
    rows = np.arange(len(histogram))
    below = np.where(at > 0, cumulative[rows, at - 1], 0)
    return np.asarray((at + (wanted - below) / histogram[rows, at]) / histogram.shape[1])


def parties_standing(plan: Plan) -> list[str]:
    """Return the parties on any ballot paper of a run, in the order of the vocabulary."""
    on_paper = set(party_of(plan)[plan.base.stands].tolist())
    return [party for i, party in enumerate(PARTIES) if i in on_paper]


def party_of(plan: Plan) -> npt.NDArray[np.int64]:
    """Return the party in every column of every seat's ballot paper, shape (seat, column)."""
    codes = np.array([[PARTIES.index(party) for party in BALLOT[n]] for n in NATIONS])
    return np.asarray(codes[plan.base.seats.nation])


def dictionary(codes: npt.NDArray[Any], names: Sequence[str]) -> pa.Array:
    """Return names by their codes."""
    narrow = codes.astype(_narrow(names), copy=False)
    return pa.DictionaryArray.from_arrays(_numbers(narrow), _strings(names))


def _narrow(names: Sequence[str]) -> type[np.signedinteger[Any]]:
    """Return the smallest integer type for codes of names; some tables have millions of rows."""
    return np.int8 if len(names) <= 127 else np.int16


def _tiled(names: Sequence[str], times: int) -> pa.Array:
    """Return a list of strings, repeated a number of times, as a dictionary array."""
    distinct = list(dict.fromkeys(names))
    codes = np.array([distinct.index(name) for name in names], _narrow(distinct))
    return dictionary(np.tile(codes, times), distinct)


def axes(shape: tuple[int, ...]) -> npt.NDArray[np.int32]:
    """Return the index on each axis of every element of a flattened array."""
    return np.indices(shape, np.int32).reshape(len(shape), -1)


# pa.array() imports pandas to check its input, which takes a quarter of a second in every run.
# Arrays made from buffers avoid that.
def _numbers(values: npt.NDArray[Any]) -> pa.Array:
    kind = pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(
        kind, len(values), [None, pa.py_buffer(np.ascontiguousarray(values))]
    )


def _strings(values: Sequence[str]) -> pa.Array:
    encoded = [value.encode() for value in values]
    ends = np.cumsum([0, *(len(value) for value in encoded)], dtype=np.int32)
    return pa.StringArray.from_buffers(
        len(encoded), pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))
    )


def described(values: dict[str, Any]) -> pa.Table:
    """Return a table whose fields have the unit and description of `vocabulary.VARIABLES`."""
    arrays = [v if isinstance(v, pa.Array) else _numbers(v) for v in values.values()]
    fields = []
    for name, array in zip(values, arrays, strict=True):
        known = VARIABLES.get(name)
        about = {"unit": known.unit, "description": known.description} if known else None
        fields.append(pa.field(name, array.type, nullable=False, metadata=about))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))
