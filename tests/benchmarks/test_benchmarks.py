"""The benchmarks still run, and their contenders give the same answers."""

import json
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture
def benchmarks(monkeypatch):
    """Return the benchmarks, which are no part of the package."""
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks import run

    yield run
    for name in [name for name in sys.modules if name.split(".")[0] == "benchmarks"]:
        del sys.modules[name]


def test_a_smoke_run_measures_every_part_and_stores_it(benchmarks, tmp_path):
    out = tmp_path / "benchmark.json"
    lines = benchmarks.main(["--smoke", "--out", str(out)])
    stored = json.loads(out.read_text(encoding="utf-8"))
    assert {line["what"] for line in stored["lines"]} == {line.what for line in lines}
    assert all(0 < line.low <= line.median <= line.high for line in lines)
    assert stored["machine"]["versions"]["numba"]


def test_contenders_that_disagree_are_found_out(benchmarks):
    import numpy as np

    from benchmarks.core import agree

    chance = np.full((1, 50, 8), 0.3)
    agree(chance, 1000, chance, 1000)
    with pytest.raises(AssertionError, match="disagree"):
        agree(chance, 1000, chance + 0.2, 1000)
