"""Plan, simulate and store a run, and simulate a stored run again from its seed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import numpy.typing as npt

from forecaster.arrays import Floats
from forecaster.config.config import Config
from forecaster.errors import ResultsError
from forecaster.files import new_folder
from forecaster.kernels.layout import SHARES_EVERY, Tally
from forecaster.plan.build import Plan, build_plan
from forecaster.plan.scenarios import build_scenarios
from forecaster.results.build import (
    build_tables,
    parties_standing,
    party_of,
    seats_by_party,
    winning_parties,
)
from forecaster.results.manifest import build_manifest
from forecaster.results.run import RunTables
from forecaster.results.store import input_name, stored_file, write_inputs, write_tables
from forecaster.simulation.simulate import KEEP_DRAWS, simulate
from forecaster.simulation.workers import Execution
from forecaster.vocabulary import BALLOT, NATIONS, PARTIES, REGIONS

if TYPE_CHECKING:
    import xarray as xr


def simulate_run(
    config: Config,
    *,
    keep_draws: int = KEEP_DRAWS,
    keep_winners: bool = False,
    keep_shares: bool = False,
    all_shares: bool = False,
    **how: Unpack[Execution],
) -> RunTables:
    """Simulate a run and return its tables.

    The config is a checked one; the other parameters are those of `forecaster.api.simulate`.
    """
    started = perf_counter()
    plan = build_plan(config)
    scenarios = build_scenarios(plan)
    planned = perf_counter()
    counts = simulate(
        plan,
        scenarios,
        keep_draws=keep_draws,
        keep_winners=keep_winners,
        keep_shares=keep_shares,
        shares_every=1 if all_shares else SHARES_EVERY,
        **how,
    )
    simulated = perf_counter()
    timings = {"plan_s": planned - started, "simulate_s": simulated - planned}
    manifest = build_manifest(plan, scenarios, parties_standing(plan), counts, timings)
    return build_tables(plan, scenarios, counts, manifest)


def simulate_to(folder: Path, config: Config, *, force: bool = False, **how: Any) -> RunTables:
    """Simulate a run and store it, whole or not at all; see `simulate_run` for the options `how`.

    With `force` it replaces a run in the folder.

    Raises ResultsError before anything is simulated, if `folder` exists or cannot be written.
    """
    with new_folder(folder, force) as partial:
        write_inputs(config.base.seats, partial)
        tables = simulate_run(config, **how)
        write_tables(tables, partial)
    return tables


def stored_config(run: RunTables) -> Config:
    """Return the config of a run, with paths of the copies of input files in the run's folder.

    As a stored run may come from somebody else, no other files that the config names are opened.

    Raises ResultsError if the config does not fit this version of the program, or a copy is missing
    or was changed.
    """
    from pydantic import ValidationError

    try:
        config = Config.model_validate(run.manifest["config"])
    except ValidationError as error:
        key = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise ResultsError(
            f"the run was stored by another version of the program (its config differs at {key}). "
            "Simulate it again."
        ) from None
    if run.folder is None or not config.base.seats:
        return config
    for one in config.base.seats:
        stored_file(run.folder, run.manifest, input_name(one))
    seats = tuple(
        one.model_copy(update={"file": str(run.folder / input_name(one))})
        for one in config.base.seats
    )
    return config.model_copy(update={"base": config.base.model_copy(update={"seats": seats})})


def plan_again(config: Config) -> Plan:
    """Return the plan of a stored run, without its pacts."""
    return build_plan(config.model_copy(update={"scenarios": ()}))


def check_same(found: Any, stored: Any) -> None:
    """Raise ResultsError if seats won differ from the stored ones."""
    if np.any(found != stored):
        raise ResultsError(
            "the run does not come out as it was stored: data or program have changed since. "
            "Simulate it again."
        )


def _simulated_again(
    run: RunTables, draws: int, pacts: bool = False, sampling: str | None = None, **how: Any
) -> tuple[Plan, Tally]:
    """Simulate the first draws of a stored run again; return its plan and what was counted.

    `pacts` says whether in all scenarios or only in the one without, `sampling` whether with other
    random numbers, `how` what is kept.

    Raises ResultsError if the run does not come out as stored, since data or program have changed.
    """
    config = stored_config(run)
    config = config.model_copy(update={"draws": draws, "sampling": sampling or config.sampling})
    plan = build_plan(config) if pacts else plan_again(config)
    tally = simulate(plan, build_scenarios(plan), keep_draws=draws, shares_every=0, **how).tally
    if sampling is None or run.cluster == 1:
        found = seats_by_party(tally, run.parties)[: run.kept]
        check_same(found, run.seats_won[:draws, : found.shape[1]])
    return plan, tally


def winners_again(run: RunTables, draws: int) -> npt.NDArray[np.int8]:
    """Return who wins each seat in the first draws of a stored run, simulated again.

    They are indices of `vocabulary.PARTIES`, shape (draw, scenario, seat).

    Raises ResultsError if the run does not come out as stored, since data or program have changed.
    """
    plan, tally = _simulated_again(run, draws, True, keep_winners=True)
    return winning_parties(plan, tally)


@dataclass(frozen=True)
class DrawnSeats:
    """The first draws of a run without pacts, seat by seat."""

    plan: Plan
    shares: npt.NDArray[np.float32]
    """Shape (draw, seat, column)."""
    winners: npt.NDArray[np.int8]
    """Column of the winner, shape (draw, seat)."""

    def to_array(self) -> xr.DataArray:
        """Return the shares by draw, seat name and party; NaN where a party does not stand."""
        import xarray as xr

        stands, seats = self.plan.base.stands, self.plan.base.seats
        out = np.full((*self.shares.shape[:2], len(PARTIES)), np.nan, np.float32)
        rows = np.arange(len(stands))[:, None]
        out[:, rows, party_of(self.plan)] = np.where(stands, self.shares, np.nan)
        parties = parties_standing(self.plan)
        coords = {"seat": seats.name, "party": parties, "seat_code": ("seat", seats.code)}
        about = {"units": "1", "long_name": "Share of the seat's valid votes"}
        kept = out[:, :, [PARTIES.index(party) for party in parties]]
        return xr.DataArray(kept, coords, ("draw", "seat", "party"), "share", about)


def drawn_seats(run: RunTables, draws: int) -> DrawnSeats:
    """Simulate the first draws of a stored run again, and keep the shares of every seat.

    For a run with Sobol points, of which a few are not a sample, these are random draws with the
    same config and seed.

    Raises ResultsError if the run does not come out as stored, since data or program have changed.
    """
    plan, tally = _simulated_again(
        run, draws, sampling="random", keep_winners=True, keep_shares=True
    )
    return DrawnSeats(plan, tally.seat_shares, tally.winners[:, 0])


def regional_shares(run: RunTables, **how: Unpack[Execution]) -> Floats:
    """Return the shares of every region in every stored draw, without pacts.

    They are parts of its valid votes at the turnout of the base, shape (draw, region, party), by
    party of `vocabulary.PARTIES`.

    Raises ResultsError if the run does not come out as stored, since data or program have changed.
    """
    plan, tally = _simulated_again(run, run.kept, keep_regions=True, **how)
    votes = tally.regional.astype(float)
    total = np.bincount(plan.base.seats.region, plan.arrays.weight)
    out = np.zeros((run.kept, len(REGIONS), len(PARTIES)))
    for r, a in enumerate(plan.arrays.region_nation):
        for column, party in enumerate(BALLOT[NATIONS[a]]):
            out[:, r, PARTIES.index(party)] += votes[:, r, column] / total[r]
    return out
