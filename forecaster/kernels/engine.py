"""The jitted core: simulated elections from draws to counts, in one kernel.

A call simulates draws in blocks of `LANES`, which lie in SIMD lanes; every inner loop runs over
them. Only counts leave the kernel (integers, so the order in which blocks and threads finish cannot
matter), never draws x seats x parties.

The steps of the model are in files of their own: `factors`, `swing`, `seat` and `pacts`, and in
`counting` what comes of them. `forecaster.kernels.reference` is the same model in plain NumPy, and
the place to read it first; `forecaster.kernels.machine` is what all of them are written in.
"""

from __future__ import annotations

from functools import cache
from threading import local
from typing import Any

import numpy as np

from forecaster.kernels import counting, factors, pacts, random, seat, swing
from forecaster.kernels.layout import (
    LANES,
    RULES,
    SIX,
    KernelPlan,
    PactPlan,
    Sampling,
    Tally,
    TragedyPlan,
    inputs,
    memory,
    outputs,
    sized,
    widths,
)
from forecaster.kernels.machine import (
    I1,
    I32,
    REGISTERS,
    Kernel,
    Number,
    aligned,
    compiled,
    convert,
    lane_numbers,
    lanes,
    larger,
    long,
    loop,
    spread,
    when,
    where,
    word,
)
from forecaster.kernels.packing import pack

INTEGERS = ("rakes", "seat_dof", "target_dof", "each", "eights", "every")
"""What the kernel knows besides the sizes of its arrays."""


class Election:
    """A plan as the kernel reads it, to be simulated by any number of threads.

    Parameters
    ----------
    plan : KernelPlan
        The election without pacts.
    pact_plan : PactPlan
        The scenarios counted on the same draws.
    tragedies : TragedyPlan
        Definitions counted without pacts.
    sampling : Sampling
        What the draws are made of.
    """

    def __init__(
        self,
        plan: KernelPlan,
        pact_plan: PactPlan,
        tragedies: TragedyPlan,
        sampling: Sampling,
    ) -> None:
        columns = plan.base.shape[1]
        self._arrays, narrow = pack(plan, pact_plan, tragedies, sampling)
        self._inputs = inputs(columns, random.STREAMS)
        self._memory = memory(columns, seen_dtype(columns))
        self._outputs = outputs(columns)
        self._own = local()
        self._absent = np.nonzero(plan.stands == 0)
        loadings, covariates = plan.target_loading.shape[2], plan.covariates.shape[1]
        self._integers = {
            **self._sizes(self._arrays, self._inputs),
            "scenarios": pact_plan.scenarios,
            "every_party": int(plan.party.max()) + 1,
            "padded": -(-covariates // SIX) * SIX,
            "seats_in_fours": -(-len(plan.nation) // 4) * 4,
            "eights": -(-loadings // 8),
            "normals_kept": max(8 * -(-loadings // 8), 2 * columns),
            "sets_and_winner": self._arrays["in_set"].shape[1] + 1,
            "rakes": plan.rakes,
            "seat_dof": plan.seat_dof,
            "target_dof": plan.target_dof,
            "each": sampling.each,
        }
        self._kernel = kernel(plan.rule, len(sampling.shift) > 0, columns, narrow)

    @staticmethod
    def _sizes(arrays: Any, declared: Any) -> dict[str, int]:
        """Return the sizes that arrays give to the names in their declared shapes."""
        named = (
            (size, arrays[name].shape[axis])
            for name, (_, shape) in declared.items()
            for axis, size in enumerate(shape)
            if isinstance(size, str)
        )
        return dict(named)

    def simulate(self, first: int, count: int, tally: Tally, every: int = 1) -> None:
        """Simulate `count` elections from draw `first` on, and add them to `tally`.

        Parameters
        ----------
        first, count : int
            They need not be multiples of anything.
        tally : Tally
            Added to in place; its per-draw arrays hold `count` draws.
        every : int
            The histogram is counted in every block whose number is a multiple of this.
        """
        out = tally._asdict()
        # What the plan says of a size, a tally cannot say otherwise.
        integers = {
            **self._sizes(out, self._outputs),
            **self._integers,
            "every": every if len(tally.histogram) else 0,
        }
        addresses = self._kernel.addresses(out, integers)
        if not hasattr(self._own, "addresses"):
            # Each thread has its own; a call leaves it as it was, all zeros where it counts.
            self._own.memory = {
                name: aligned(sized(shape, integers), dtype)
                for name, (dtype, shape) in self._memory.items()
            }
            known = {**self._arrays, **self._own.memory}
            self._own.addresses = self._kernel.addresses(known, integers)
        self._kernel.run({**addresses, **self._own.addresses}, integers, first, count)
        if len(tally.histogram):
            seat, column = self._absent
            # Who does not stand has been counted with a share of zero.
            tally.histogram[:, seat, column, 0] = 0


def simulate(
    plan: KernelPlan,
    pact_plan: PactPlan,
    tragedies: TragedyPlan,
    sampling: Sampling,
    first: int,
    count: int,
    tally: Tally,
) -> None:
    """Simulate elections once; parameters as of `Election` and its `simulate`."""
    Election(plan, pact_plan, tragedies, sampling).simulate(int(first), int(count), tally)


def seen_dtype(columns: int) -> str:
    """Return the smallest type with a bit for every column.

    Raises
    ------
    ValueError
        If there is none.
    """
    for dtype, most in (("uint8", 8), ("uint16", 16), ("uint32", 31)):
        if columns <= most:
            return dtype
    raise ValueError(f"{columns} columns on a ballot paper, at most 31")


@cache
def kernel(rule: int, sobol: bool, columns: int, narrow: int) -> Kernel:
    """Return the kernel of a swing rule, a kind of random numbers and two widths of seats."""
    arrays = {
        **inputs(columns, random.STREAMS),
        **memory(columns, seen_dtype(columns)),
        **outputs(columns),
    }

    def body(m: Any, first: Number, count: Number) -> None:
        m.rule, m.sobol, m.columns = rule, sobol, columns
        m.narrow = narrow
        _blocks(m, first, count)

    name = f"{RULES[rule]}-{'sobol' if sobol else 'random'}-{narrow}-{columns}"
    return compiled(body, arrays, INTEGERS, name)


def _blocks(m: Any, first: Number, count: Number) -> None:
    m.first, m.end = first, first + count
    # Blocks always begin at a multiple of their length, whatever part of them is asked for.
    for block in loop(first & -LANES, m.end, LANES):
        m.binned = where(m.every == 0, Number(I1(0)), block / LANES % larger(m.every, 1) == 0)
        m.draw = block
        _block(m)


def _block(m: Any) -> None:
    for _ in lanes():
        since = spread(word(random.draw_of_lane(m) - m.first)) + lane_numbers()
        m.drawn[()] = convert(since < word(m.end - m.first), I32, "sext")
        factors.draw(m)
        pacts.draw(m)
    seat.draw_more(m)
    for _ in lanes(registers=REGISTERS):
        swing.rake(m)
    for a in loop(m.nations):
        for c in loop(m.columns):
            for lane, draw in counting.drawn(m):
                m.national[draw, a, c] = m.nation.target[a, c, lane]
    for run in loop(m.n_runs):
        nation = m.runs[run, 2]
        for group, width in widths(m):
            with when(m.runs[run, 3] == group):
                # Sets of parties are added up with those of longer ballot papers in them.
                for _ in lanes():
                    for c in range(width, m.columns):
                        m.shares[c] = 0.0
                for n in loop(m.runs[run, 0], m.runs[run, 1]):
                    seat.simulate(m, n, long(nation), width)
        counting.end_run(m, nation)
    counting.end_block(m)
