"""Speed of the engine against a floor: drawing as many normals with NumPy, and nothing else.

Both are measured in turn in one process on one thread, the median of seven rounds is quoted, and
only the ratio means anything: machines differ, and drift.
"""

from __future__ import annotations

import statistics
import sys
from time import process_time

import numpy as np

from forecaster.config.load import load_run
from forecaster.simulation.plan import build_plan
from forecaster.simulation.run import simulate
from forecaster.simulation.scenarios import build_scenarios

ROUNDS = 7


def seconds(work: object) -> float:
    """Return the processor time of one call."""
    started = process_time()
    work()  # type: ignore[operator]
    return process_time() - started


def main(draws: int) -> None:
    """Measure and print the ratio."""
    plan = build_plan(load_run("next-election", [f"draws={draws}"]))
    scenarios = build_scenarios(plan)
    normals = int(plan.base.stands.sum())
    generator = np.random.Generator(np.random.SFC64(1))
    row = np.empty(normals, np.float32)

    def engine() -> None:
        simulate(plan, scenarios, threads=1)

    def floor() -> None:
        for _ in range(draws):
            generator.standard_normal(out=row, dtype=np.float32)

    engine()
    pairs = [(seconds(floor), seconds(engine)) for _ in range(ROUNDS)]
    ratios = sorted(a / b for a, b in pairs)
    per_draw = statistics.median(b for _, b in pairs) / draws
    print(f"{draws:,} draws, {normals:,} standing seat-parties each, one thread")
    print(f"whole engine: {1e6 * per_draw:.0f} microseconds an election here")
    print(
        f"NumPy normals alone / whole engine: {statistics.median(ratios):.2f} "
        f"(from {ratios[0]:.2f} to {ratios[-1]:.2f} in {ROUNDS} rounds; above 1 is faster)"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
