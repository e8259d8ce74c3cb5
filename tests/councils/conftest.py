"""One contest, its expectation and a small plan, made once."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecaster.config.load import read_pact
from forecaster.councils.contest import read_contest
from forecaster.councils.model import council_model
from forecaster.councils.plan import Shares, build_plan, expect
from forecaster.councils.slates import slates_of


@pytest.fixture(scope="session")
def raw():
    """The folder of the raw files, of which the project may not hold all rows."""
    default = Path(__file__).resolve().parents[3] / "shared" / "data"
    folder = Path(os.environ.get("FORECASTER_RAW", default))
    if not folder.is_dir():
        pytest.skip(f"the raw files are not at {folder}; FORECASTER_RAW says where they are")
    return folder


@pytest.fixture(scope="session")
def london():
    return read_contest("london-2026")


@pytest.fixture(scope="session")
def expected(london):
    return expect(london, Shares("actual"))


@pytest.fixture(scope="session")
def pact():
    return read_pact("progressive")


@pytest.fixture(scope="session")
def plan(london, expected, pact):
    rules = ("best-placed", "proportional")
    pacts = [slates_of(pact, rule, {}, london, expected.shares) for rule in rules]
    right = slates_of(read_pact("right"), "proportional", {}, london, expected.shares)
    pacts.append(replace(pacts[1], also=(right,)))
    return build_plan(london, council_model(), expected, pacts)


@pytest.fixture
def toy(plan):
    """Return a function that makes a plan of one ward without any error but that of candidates."""

    def make(shares, candidates, seats, spread=0.1, **changes):
        parties = plan.share.shape[1]
        share = np.zeros((1, parties), np.float32)
        slates = np.zeros((1, 1, parties), np.int32)
        share[0, : len(shares)], slates[0, 0, : len(shares)] = shares, candidates
        slot = np.cumsum(slates[0], 1) - slates[0]
        nothing = np.zeros_like
        return plan._replace(
            seats=np.array([seats], np.int32),
            council=np.zeros(1, np.int32),
            place=np.zeros(1, np.int32),
            share=share,
            fall=nothing(share),
            rise=nothing(share),
            scale=nothing(share),
            slates=slates,
            slot=slot.astype(np.int32),
            spread=np.full_like(share, spread),
            ahead=nothing(share),
            place_root=plan.place_root[:1],
            scenario=plan.scenario[:0],
            lead=plan.lead[:0],
            member=plan.member[:0],
            opponent=plan.opponent[:0],
            rate=np.zeros((0, 1, parties), np.int32),
            luck=plan.luck[:0],
            strength=plan.strength[:0],
            **changes,
        )

    return make
