"""What several folders of tests need."""

import fcntl
import os
import pickle
from functools import cache, wraps

import numpy as np
import pytest
from hypothesis import settings

from forecaster.calibration import model_file
from forecaster.config.load import load_config, parse_changes
from forecaster.kernels import random
from forecaster.kernels.layout import LANES, inputs
from forecaster.kernels.machine import compiled, lanes, loop
from forecaster.kernels.packing import pack_sampling
from forecaster.plan.build import build_plan
from forecaster.plan.scenarios import build_scenarios
from forecaster.simulation.simulate import simulate

# The same examples every time: a failure on one machine is a failure on all.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("thorough", derandomize=True, deadline=None, max_examples=4000)
settings.load_profile("repeatable")

ERRORS = ("national", "swing", "tactical", "slopes", "regions", "seats", "incumbency")


def pytest_collection_modifyitems(items):
    """Put files with slow tests first, so that no worker is left alone with a long one.

    The longest of all is that of the documents' commands.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path not in slow, item.path.parent.name != "docs"))


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """Return a function that makes something once in a session, whichever worker needs it first.

    It takes a name and a function that makes it.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent

    def once(name, make):
        path = folder / f"{name}.pickle"
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                path.write_bytes(pickle.dumps(make()))
        return pickle.loads(path.read_bytes())

    return once


@pytest.fixture(scope="session", autouse=True)
def estimated_once(made_once):
    """Estimate the model without an election once: it takes seconds, and every backtest wants it.

    A test that changes what is estimated from calls `model_file.estimates.__wrapped__`.
    """
    real = model_file.estimates

    @wraps(real)
    def estimates(leave_out):
        return made_once(f"estimates-without-{leave_out}", lambda: real(leave_out))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model_file, "estimates", estimates)
        yield


@pytest.fixture(scope="session")
def certain():
    """Overrides that switch off every source of error."""
    return [f"errors.{name}=0" for name in ERRORS]


@pytest.fixture(scope="session")
def given_shares():
    """Override that takes national shares from here, so that no poll or model of polls matters."""
    percent = "Con=17, Lab=19, LD=13, Reform=28, Green=14, SNP=3, PC=1, Other=5"
    return f"national={{source='shares', percent={{GB={{{percent}}}}}}}"


@pytest.fixture(scope="session")
def counted():
    """Return a function that simulates a config: its plan, scenarios and counts."""

    def count(overrides, config="next-election", pacts=(), **options):
        plan = build_plan(load_config(config, parse_changes(overrides), pacts))
        scenarios = build_scenarios(plan)
        return plan, scenarios, simulate(plan, scenarios, **options)

    return count


@pytest.fixture(scope="session")
def each():
    """Return a function that applies one of the kernel's to arrays, number by number."""

    def apply(function, *arrays, results=1):
        given = {f"x{place}": array for place, array in enumerate(arrays)}
        blocks = -(-len(arrays[0]) // LANES)

        def body(m, first, count):
            for block in loop(count):
                for _ in lanes():
                    found = function(*(getattr(m, name)[block] for name in given))
                    for row, x in enumerate(found if results > 1 else [found]):
                        m.out[row, block] = x

        kind = "uint32" if results > 1 else "float32"
        shapes = {name: (str(x.dtype), ("blocks", LANES)) for name, x in given.items()}
        shapes["out"] = (kind, (results, "blocks", LANES))
        memory = {"out": np.empty((results, blocks, LANES), kind)}
        for name, array in given.items():
            memory[name] = np.resize(array, (blocks, LANES))
        compiled(body, shapes)(memory, {"blocks": blocks}, 0, blocks)
        out = memory["out"].reshape(results, -1)[:, : len(arrays[0])]
        return out if results > 1 else out[0]

    return apply


@cache
def _drawing(function, rows, sobol):
    streams = inputs(8, random.STREAMS)
    names = ("keys", "start", "rows", "shift", "direction", "log_scale")
    shapes = {name: streams[name] for name in names}
    shapes["out"] = ("float32", (rows, "blocks", LANES))

    def body(m, first, count):
        m.sobol, m.columns = sobol, 8
        for block in loop(m.blocks):
            m.draw = first + block * LANES
            for _ in lanes():
                for row, x in enumerate(function(m)):
                    m.out[row, block] = x

    return compiled(body, shapes, ("each", "item", "dof"))


@pytest.fixture(scope="session")
def drawn():
    """Return a function that draws random numbers as the kernel does.

    It takes a function of the kernel's memory that gives `rows` vectors.
    """

    def draw(function, rows, draws, sampling, *, item=0, dof=0, first=0):
        arrays = pack_sampling(sampling)
        blocks = -(-draws // LANES)
        arrays["out"] = np.empty((rows, blocks, LANES), np.float32)
        sizes = dict(
            zip(("scrambles", "dimensions", "bits"), sampling.direction.shape, strict=True)
        )
        sizes |= {"terms": len(sampling.log_scale), "blocks": blocks}
        known = {"each": sampling.each, "item": item, "dof": dof}
        sobol = len(sampling.shift) > 0
        _drawing(function, rows, sobol)(arrays, sizes | known, first, draws)
        return arrays["out"].reshape(rows, -1)[:, :draws]

    return draw
