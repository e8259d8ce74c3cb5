"""Configs at the edge: the kernel must count every draw, whatever the errors."""

import subprocess
import sys

import pytest

# In a process of its own: a count beside its array can end the process.
SCRIPT = """
import sys
from forecaster.config.load import load_run
from forecaster.errors import ConfigError
from forecaster.simulation.plan import build_plan
from forecaster.simulation.run import simulate
from forecaster.simulation.scenarios import build_scenarios
try:
    plan = build_plan(load_run("next-election", sys.argv[1:]))
except ConfigError:
    sys.exit(0)
tally = simulate(plan, build_scenarios(plan)).tally
assert (tally.histogram[0].sum(2) == plan.arrays.stands * plan.run.draws).all()
"""


@pytest.mark.parametrize(
    "overrides",
    [
        ["errors.seats=100"],
        ["errors.national=100", "parameters.national.floor.value=0"],
        pytest.param(
            ["errors.seats=3", "parameters.seat.share_floor.value=0"],
            marks=pytest.mark.xfail(strict=True, reason="0/0 in a seat: NaN is no bin"),
        ),
        pytest.param(
            ["errors.seats=1e6"],
            marks=pytest.mark.xfail(strict=True, reason="inf/inf in a seat: NaN is no bin"),
        ),
    ],
    ids=" ".join,
)
def test_every_draw_is_counted_or_the_config_refused(overrides, given_shares):
    command = [sys.executable, "-c", SCRIPT, given_shares, "draws=640", *overrides]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, (done.returncode, done.stderr[-500:])
