"""The same numbers from machine code for an older processor."""

import hashlib
import os
import subprocess
import sys

import pytest
from llvmlite import binding

from forecaster.config.load import load_config, parse_changes
from forecaster.plan.build import build_plan
from forecaster.plan.scenarios import build_scenarios
from forecaster.simulation.simulate import simulate

pytestmark = pytest.mark.slow

HASWELL = {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx2,+fma"}
"""The first processor with AVX2, half the vector length of AVX-512."""

# Without FMA a fused operation is a call for each lane, which LLVM would optimise for 40 s.
NEHALEM = {"NUMBA_CPU_NAME": "nehalem", "NUMBA_CPU_FEATURES": "+sse4.2", "NUMBA_OPT": "0"}
"""One before, with neither that nor FMA."""

WITHIN = "from tests.kernels.test_machines import digest; print(digest())"

LONGER = (
    "from forecaster.kernels import machine; machine.WIDTH, machine.REGISTERS = 16, 1; " + WITHIN
)


def digest():
    """Return a digest of everything that a run with a pact counts."""
    certain = "national={source='election', election='2024'}"
    plan = build_plan(
        load_config(
            "next-election", parse_changes([certain, "draws=512"]), ["pacts/progressive.toml"]
        )
    )
    counts = simulate(plan, build_scenarios(plan), keep_winners=True)
    out = hashlib.sha256()
    for counter in counts.tally:
        out.update(counter.tobytes())
    return out.hexdigest()


@pytest.fixture
def digest_of(pytestconfig):
    """Return a function that gives the digest that a program of its own prints.

    Code that was compiled for another processor is kept apart, from one session to the next.
    """

    def of(kind, program, **environment):
        folder = pytestconfig.cache.mkdir(f"kernels-{kind}")
        found = subprocess.run(
            [sys.executable, "-c", program],
            cwd=pytestconfig.rootpath,
            env=os.environ | environment | {"NUMBA_CACHE_DIR": str(folder)},
            capture_output=True,
            text=True,
            check=True,
        )
        return found.stdout.strip()

    return of


def test_a_processor_without_fma_counts_the_same(digest_of):
    assert digest_of("nehalem", WITHIN, **NEHALEM) == digest()


def test_vectors_of_another_length_count_the_same(digest_of):
    if binding.get_host_cpu_features().get("avx512f"):
        assert digest_of("haswell", WITHIN, **HASWELL) == digest()
    else:
        assert digest_of("longer", LONGER) == digest()
