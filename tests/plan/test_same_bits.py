"""What enters the kernel, and what comes out, has the same bits under every library's settings."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from forecaster.config.load import load_config
from forecaster.plan.build import build_plan
from forecaster.plan.scenarios import build_scenarios
from forecaster.simulation.sampling import DEGREE, GRID, log_scale, sampling_of
from forecaster.simulation.simulate import simulate

pytestmark = pytest.mark.slow

RUNS = [
    ("next-election", {"draws": 512}, ("progressive", "tactical")),
    ("next-election", {"draws": 8192, "sampling": "sobol"}, ()),
    ("next-election", {"draws": 128, "swing.rule": "logit"}, ()),
    ("election-2019", {"draws": 128}, ()),
]

SETTINGS = {
    "two threads, Haswell, no AVX-512": {
        "OPENBLAS_NUM_THREADS": "2",
        "OPENBLAS_CORETYPE": "Haswell",
        "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_SKX AVX512_ICL AVX512_SPR",
    },
    "one thread, Prescott, no AVX2, no FMA": {
        "OPENBLAS_NUM_THREADS": "1",
        "OPENBLAS_CORETYPE": "Prescott",
        "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX2 FMA3 AVX512_SKX AVX512_ICL AVX512_SPR",
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2,-AVX512F",
    },
}
"""Of BLAS, NumPy and the C library: each to differ from the usual, and from one another."""

WITHIN = "from tests.plan.test_same_bits import digests; print(*digests(), sep='\\n')"


def digests():
    """Yield a digest of everything that enters and leaves the kernel, array by array."""
    for name, options, pacts in RUNS:
        plan = build_plan(load_config(name, options, pacts))
        scenarios = build_scenarios(plan)
        groups = [plan.arrays, scenarios.arrays, sampling_of(plan)]
        if plan.config.draws < 1000:
            groups.append(simulate(plan, scenarios).tally)
        for group in groups:
            for key, value in group._asdict().items():
                yield f"{name} {key} {hashlib.sha256(np.asarray(value).tobytes()).hexdigest()}"


@pytest.fixture(scope="module")
def usual():
    return list(digests())


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_bits_do_not_depend_on_blas_simd_or_threads(usual, settings, pytestconfig):
    left = {k: v for k, v in os.environ.items() if not k.startswith(("OPENBLAS", "NPY_"))}
    asked = [sys.executable, "-W", "ignore", "-c", WITHIN]
    found = subprocess.run(
        asked, cwd=pytestconfig.rootpath, env=left | settings, capture_output=True, text=True
    )
    assert len(usual) > 200
    assert found.stdout.splitlines() == usual, found.stderr


def distance_to_edge(values):
    steps = values / GRID
    return np.abs(steps - np.floor(steps) - 0.5).min() * GRID


@pytest.mark.parametrize("dof", [4, 6, 8])
def test_no_scale_lies_near_an_edge_of_the_grid(dof):
    """Else the last digit of another library's function might round it to the other side."""
    order = np.arange(DEGREE + 1)
    angles = np.pi * (order + 0.5) / (DEGREE + 1)
    assert distance_to_edge(log_scale(np.cos(angles), dof)) > 1e-13
    assert distance_to_edge(np.cos(order[:, None] * angles)) > 1e-13
