"""Measure the speed, as ratios side by side in one run, and put them beside the goals.

``python -m benchmarks.run`` takes some minutes; ``--smoke`` does as little as shows that every part
still runs and every contender still agrees; parts can be named. Only ratios mean anything from one
machine to another.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from benchmarks import core, councils, precision, process, whole
from benchmarks.measure import SMOKE, WHOLE, Line, Size, machine, write

PARTS: dict[str, Callable[[Size], list[Line]]] = {
    "core": core.measure,
    "whole": whole.measure,
    "precision": precision.measure,
    "councils": councils.measure,
    "process": process.measure,
}


def main(arguments: list[str] | None = None) -> list[Line]:
    """Measure, print the table, store it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("part", nargs="*", choices=[*PARTS, []], help="default: all")
    parser.add_argument("--smoke", action="store_true", help="as little as possible")
    parser.add_argument("--out", type=Path, default=Path("runs/benchmark.json"), help="JSON file")
    options = parser.parse_args(arguments)
    size = SMOKE if options.smoke else WHOLE
    before = machine()
    lines: list[Line] = []
    for name in options.part or PARTS:
        for line in PARTS[name](size):
            print(_row(line), flush=True)
            lines.append(line)
    write(options.out, lines, {**before, "load_after": machine()["load"], "smoke": size.smoke})
    print(f"load {before['load']:.1f} at the start; stored in {options.out}")
    return lines


def _row(line: Line) -> str:
    verdict = {None: "", True: "met", False: "missed"}[line.met]
    spread = f"{line.low:.3g} to {line.high:.3g}"
    return (
        f"{line.what:52} {line.median:9.3g} {line.unit:3} {spread:>18}  {line.goal:14} {verdict:7}"
        f"{line.note}"
    )


if __name__ == "__main__":
    main()
