"""What several folders of tests need."""

import pytest
from hypothesis import settings

from forecaster.config.load import load_config, parse_changes
from forecaster.plan.build import build_plan
from forecaster.plan.scenarios import build_scenarios
from forecaster.simulation.simulate import simulate

# The same examples every time: a failure on one machine is a failure on all.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

ERRORS = ("national", "swing", "tactical", "slopes", "regions", "seats", "incumbency")


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
