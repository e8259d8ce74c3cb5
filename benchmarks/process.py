"""Whole processes: start-up, a run by command, the first call, memory, the run folder."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from time import perf_counter

from benchmarks.measure import Line, Size, interleave
from benchmarks.whole import planned
from forecaster.config.load import load_config, parse_changes
from forecaster.files import new_folder
from forecaster.pipeline import simulate_run
from forecaster.results.store import read_tables, write_tables
from forecaster.simulation.simulate import simulate

DRAWS = 10_000

FORECAST = "import sys; from forecaster.cli.main import main; sys.argv[0] = 'forecast'; main()"

MODULES = """
import sys
from forecaster.cli.main import run
assert run(sys.argv[1:]) == 0
print(*(name for name, module in sys.modules.items() if getattr(module, "__spec__", None)))
"""
"""A run that says in its last line what it has imported."""

IMPORTS = """
import importlib, sys
from forecaster.cli.main import prepare_process
prepare_process()
for name in sys.argv[1:]:
    importlib.import_module(name)
"""
"""An empty program that starts as a run does, and imports what it is told to."""

FIRST = """
from forecaster.cli.main import prepare_process
prepare_process()
from benchmarks.whole import planned
from forecaster.simulation.simulate import simulate
simulate(*planned(256, ()))
"""
"""A first run, by command."""

MEMORY = """
import sys
from pathlib import Path
from benchmarks.whole import planned
from forecaster.simulation.simulate import simulate
tally = simulate(*planned(int(sys.argv[1]), ())).tally
stored = sum(getattr(tally, name).nbytes for name in ("seats_won", "national", "tragedies_in_draw"))
peak = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
print(int(peak) * 1024 - stored)
"""
"""The largest memory since the program began; `getrusage` would count that of who started it."""


def measure(size: Size) -> list[Line]:
    """Measure processes; a smoke run leaves out what takes more than a second."""
    if size.smoke:
        return _folder(size)
    return [*_start(size), *_folder(size), *_growth(), *_memory(), _first_call()]


def run_python(code: str, *arguments: str, **environment: str) -> str:
    """Run a program in a process of its own, and return what it prints.

    Raises
    ------
    subprocess.CalledProcessError
        If it fails.
    """
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=os.environ | environment,
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def _start(size: Size) -> list[Line]:
    plan, scenarios = planned(DRAWS, ())
    with tempfile.TemporaryDirectory() as folder:
        numbers = iter(range(1000))

        def command(code: str) -> str:
            out = str(Path(folder) / str(next(numbers)))
            arguments = ["simulate", "next-election", "--draws", str(DRAWS), "--threads", "1"]
            return run_python(code, *arguments, "--out", out)

        modules = command(MODULES).splitlines()[-1].split()
        times = interleave(
            {
                "help": lambda: run_python(FORECAST, "--help"),
                "run": lambda: command(FORECAST),
                "imports": lambda: run_python(IMPORTS, *modules),
                "engine": lambda: simulate(plan, scenarios, threads=1),
            },
            size.rounds,
            wall=True,
        )
    both = zip(times.seconds["imports"], times.seconds["engine"], strict=True)
    times.seconds["least"] = [imports + engine for imports, engine in both]
    return [
        times.line("help", "forecast --help", goal="at most 0.2"),
        times.line("run", f"forecast simulate, {DRAWS:,} draws, one thread", goal="at most 1.5"),
        times.line("imports", "an empty program with its imports"),
        times.ratio("run", "least", "the same / its imports and the engine", goal="at most 1.2"),
    ]


def _folder(size: Size) -> list[Line]:
    certain = "national={source='election', election='2024'}"
    tables = simulate_run(
        load_config("next-election", parse_changes([f"draws={size.draws}", certain])), threads=1
    )
    with tempfile.TemporaryDirectory() as folder:
        numbers = iter(range(1000))
        there = Path(folder) / "there"

        def write(to: Path) -> None:
            with new_folder(to) as hidden:
                write_tables(tables, hidden)

        write(there)
        times = interleave(
            {
                "write": lambda: write(Path(folder) / str(next(numbers))),
                "read": lambda: read_tables(there),
            },
            size.rounds,
            wall=True,
        )
    what = f"a run of {size.draws:,} draws"
    return [times.line("write", f"write {what}"), times.line("read", f"read {what}")]


def _memory() -> list[Line]:
    if sys.platform != "linux":
        print("memory is read from Linux's /proc: left out")
        return []
    few, many = (float(run_python(MEMORY, str(draws))) for draws in (10_000, 1_000_000))
    note = f"peak {few / 2**20:.0f} and {many / 2**20:.0f} MiB without the stored per-draw totals"
    ratio = many / few
    return [
        Line("memory, 10⁶ draws / 10⁴", ratio, ratio, ratio, "×", goal="at most 1.2", note=note)
    ]


def _growth() -> list[Line]:
    lines = []
    for draws in (1_000, 10_000, 100_000, 1_000_000):
        plan, scenarios = planned(draws, ())
        work = partial(simulate, plan, scenarios, threads=1)
        times = interleave({"run": work}, 3, calls=1)
        lines.append(times.line("run", f"engine, {draws:,} draws", per=draws / 1e6, unit="µs"))
    return lines


def _first_call() -> Line:
    with tempfile.TemporaryDirectory() as folder:
        started = perf_counter()
        run_python(FIRST, NUMBA_CACHE_DIR=folder)
        seconds = perf_counter() - started
    return Line("first call, nothing compiled", seconds, seconds, seconds, "s", goal="at most 6")
