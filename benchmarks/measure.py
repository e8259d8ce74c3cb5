"""Measuring side by side: contenders in turn, in one process, medians and ratios with spread."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from time import perf_counter, process_time

from forecaster.kernels.machine import WIDTH

PACKAGES = ("numba", "llvmlite", "numpy", "xarray", "pyarrow")


@dataclass(frozen=True)
class Size:
    """How much to measure: whole, or as little as shows that everything still runs."""

    rounds: int
    draws: int
    smoke: bool


WHOLE = Size(rounds=7, draws=4_096, smoke=False)
SMOKE = Size(rounds=1, draws=256, smoke=True)


@dataclass(frozen=True)
class Line:
    """One row of the table.

    Attributes
    ----------
    what : str
    median, low, high : float
        Over the rounds; a ratio is taken in every round.
    unit : str
        ``×`` for a ratio.
    goal : str
        ``at least 3`` or ``at most 2.5``; empty where there is none.
    note : str
        What binds, or how it was measured.
    """

    what: str
    median: float
    low: float
    high: float
    unit: str
    goal: str = ""
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is met, None if there is none."""
        if not self.goal:
            return None
        side, bound = self.goal.rsplit(" ", 1)
        return self.median >= float(bound) if side == "at least" else self.median <= float(bound)


def at_least(ratio: float) -> str:
    """Return a goal for the kernel's speed, which is meant for AVX-512; without, 0.7 of it."""
    return f"at least {ratio * _VECTORS:.3g}"


def at_most(time: float) -> str:
    """Return a goal for the kernel's time, which is meant for AVX-512."""
    return f"at most {time / _VECTORS:.3g}"


_VECTORS = 1.0 if WIDTH == 16 else 0.7


@dataclass
class Times:
    """Seconds of every contender in every round."""

    seconds: dict[str, list[float]] = field(default_factory=dict)

    def line(self, name: str, what: str, *, per: float = 1, unit: str = "s", **more: str) -> Line:
        """Return the time of one contender, over `per` things."""
        values = [second / per for second in self.seconds[name]]
        return Line(what, statistics.median(values), min(values), max(values), unit, **more)

    def difference(
        self, more: str, less: str, what: str, *, per: float, unit: str, **other: str
    ) -> Line:
        """Return how much longer one takes than another, round by round, over `per` things."""
        pairs = zip(self.seconds[more], self.seconds[less], strict=True)
        values = [(a - b) / per for a, b in pairs]
        return Line(what, statistics.median(values), min(values), max(values), unit, **other)

    def ratio(self, slow: str, fast: str, what: str, *, scale: float = 1, **more: str) -> Line:
        """Return how many times as long one takes as another, round by round."""
        pairs = zip(self.seconds[slow], self.seconds[fast], strict=True)
        values = [scale * a / b for a, b in pairs]
        return Line(what, statistics.median(values), min(values), max(values), "×", **more)


def interleave(
    contenders: dict[str, Callable[[], object]], rounds: int, *, calls: int = 3, wall: bool = False
) -> Times:
    """Call every contender once to warm up, then all of them in turn, `rounds` times.

    In a round the shortest of some calls counts, so that what others do on the machine meanwhile
    counts less; for the same reason it is processor time, unless `wall`.
    """
    clock = perf_counter if wall else process_time
    for work in contenders.values():
        work()
    times = Times({name: [] for name in contenders})
    for _ in range(rounds):
        for name, work in contenders.items():
            times.seconds[name].append(min(_seconds(work, clock) for _ in range(calls)))
    return times


def _seconds(work: Callable[[], object], clock: Callable[[], float]) -> float:
    started = clock()
    work()
    return clock() - started


def machine() -> dict[str, object]:
    """Return the processor, versions, commit and load, for the record."""
    return {
        "cpu": _cpu(),
        "processors": os.cpu_count(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
        "commit": _commit(),
    }


def write(path: Path, lines: list[Line], about: dict[str, object]) -> None:
    """Store what was measured as JSON."""
    rows = [{**asdict(line), "met": line.met} for line in lines]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"machine": about, "lines": rows}, indent=1, ensure_ascii=False))


def _cpu() -> dict[str, object]:
    """Return the name LLVM gives the processor, and whether it has AVX2 and AVX-512."""
    from llvmlite import binding

    features = binding.get_host_cpu_features()
    name = binding.get_host_cpu_name()
    return {"name": name, "avx2": features.get("avx2"), "avx512": features.get("avx512f")}


def _commit() -> str | None:
    here = Path(__file__).parent
    command = ["git", "-C", str(here), "describe", "--always", "--dirty"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
