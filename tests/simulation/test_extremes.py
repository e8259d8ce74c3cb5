"""Configs at the edge: the kernel must count every draw, whatever the errors."""

import json
import subprocess
import sys

import pytest

# In a process of its own: a count beside its array can end the process.
SCRIPT = """
import json
import sys
from forecaster.config.load import load_config, parse_changes
from forecaster.errors import ConfigError
from forecaster.plan.build import build_plan
from forecaster.simulation.simulate import simulate
from forecaster.plan.scenarios import build_scenarios
for overrides in json.loads(sys.argv[2]):
    print(*overrides, flush=True)
    changes = parse_changes([sys.argv[1], "draws=6400", *overrides])
    try:
        plan = build_plan(load_config("next-election", changes))
        tally = simulate(plan, build_scenarios(plan), shares_every=1).tally
    except ConfigError:
        continue
    assert (tally.histogram[0].sum(2) == plan.arrays.stands * plan.config.draws).all()
"""


SEAT = "parameters.seat"
EDGES = [
    ["errors.seats=10", f"{SEAT}.share_floor.value=1e-6"],
    ["errors.national=10", "parameters.national.floor.value=0"],
    ["errors.seats=3", f"{SEAT}.share_floor.value=0"],
    ["errors.seats=1e6"],
    ["errors.seats=10", f"{SEAT}.share_floor.value=1e-300"],
    [f"{SEAT}.sd.value.Con=1e40"],
    [f"{SEAT}.sd.value.Con=1e5", f"{SEAT}.spread.value=1e5"],
    ["parameters.swing.lambda_rising.value={mean=1e38, sd=0, low=0, high=1e38}"],
]


@pytest.mark.slow
def test_every_draw_is_counted_or_the_config_refused(given_shares):
    command = [sys.executable, "-c", SCRIPT, given_shares, json.dumps(EDGES)]
    done = subprocess.run(command, capture_output=True, text=True)
    tried = done.stdout.splitlines()
    assert done.returncode == 0, (tried[-1], done.returncode, done.stderr[-500:])
    assert len(tried) == len(EDGES)
