"""What enters the kernel, and what comes out, has the same bits under every library's settings."""

import os
import subprocess
import sys

import numpy as np
import pytest

from forecaster.simulation.sampling import DEGREE, GRID, log_scale

pytestmark = pytest.mark.slow

DIGEST = """
import hashlib
import numpy as np
from forecaster.config.load import load_config
from forecaster.plan.build import build_plan
from forecaster.plan.scenarios import build_scenarios
from forecaster.simulation.sampling import sampling_of
from forecaster.simulation.simulate import simulate

runs = [
    ("next-election", {"draws": 512}, ("progressive", "tactical")),
    ("next-election", {"draws": 8192, "sampling": "sobol"}, ()),
    ("next-election", {"draws": 128, "swing.rule": "logit"}, ()),
    ("election-2019", {"draws": 128}, ()),
]
for name, options, pacts in runs:
    plan = build_plan(load_config(name, options, pacts))
    scenarios = build_scenarios(plan)
    groups = [plan.arrays, scenarios.arrays, sampling_of(plan)]
    if plan.config.draws < 1000:
        groups.append(simulate(plan, scenarios).tally)
    for group in groups:
        for key, value in group._asdict().items():
            print(name, key, hashlib.sha256(np.asarray(value).tobytes()).hexdigest())
"""

SETTINGS = {
    "threads": {"OPENBLAS_NUM_THREADS": "2"},
    "old processor": {"OPENBLAS_CORETYPE": "Prescott"},
    "other processor": {"OPENBLAS_CORETYPE": "Haswell"},
    "no AVX-512": {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_SKX AVX512_ICL AVX512_SPR"},
    "no AVX2": {
        "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX2 FMA3 AVX512_SKX AVX512_ICL AVX512_SPR"
    },
    "C library without FMA": {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2,-AVX512F"},
}


def digest(settings):
    left = {k: v for k, v in os.environ.items() if not k.startswith(("OPENBLAS", "NPY_"))}
    asked = [sys.executable, "-W", "ignore", "-c", DIGEST]
    found = subprocess.run(asked, env=left | settings, capture_output=True, text=True, check=True)
    return found.stdout.splitlines()


@pytest.fixture(scope="module")
def usual():
    return digest({})


@pytest.mark.slow
@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_bits_do_not_depend_on_blas_simd_or_threads(usual, settings):
    assert len(usual) > 200
    assert digest(settings) == usual


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
