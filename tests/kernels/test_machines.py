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

OLDER = {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx2,+fma"}
"""The first with AVX2: half the vector length of AVX-512."""

WITHIN = "from tests.kernels.test_machines import digest; print(digest())"


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


@pytest.mark.skipif(
    not binding.get_host_cpu_features().get("avx512f"),
    reason="without AVX-512 it would be the same code",
)
def test_an_older_processor_counts_the_same(tmp_path, pytestconfig):
    found = subprocess.run(
        [sys.executable, "-c", WITHIN],
        cwd=pytestconfig.rootpath,
        env=os.environ | OLDER | {"NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == digest()
