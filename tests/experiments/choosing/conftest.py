"""An invented country of twelve seats and two members, small enough to try every pact."""

from types import SimpleNamespace

import numpy as np
import pytest

from forecaster.config.load import load_config, parse_changes
from forecaster.experiments.choosing.alternatives import OptionDraws, Question
from forecaster.vocabulary import PARTIES

SEATS, DRAWS = 12, 300
CON, LAB, LD = (PARTIES.index(party) for party in ("Con", "Lab", "LD"))


@pytest.fixture(scope="session")
def progressive():
    return (
        load_config("next-election", parse_changes(["draws=64"]), ["pacts/lab-ld.toml"])
        .scenarios[0]
        .pacts[0]
    )


@pytest.fixture
def country(progressive):
    """Return the question and draws of twelve seats, and the rows of all 3**12 choices."""
    rng = np.random.default_rng(7)
    mood = rng.normal(0, 0.07, (DRAWS, 1))
    lead = rng.normal(0.05, 0.1, SEATS) + mood + rng.normal(0, 0.05, (DRAWS, SEATS))
    split = rng.uniform(0.02, 0.2, (2, SEATS))
    winners = np.empty((DRAWS, 3, SEATS), np.int8)
    winners[:, 0] = np.where(lead > 0, CON, np.where(split[0] > split[1], LD, LAB))
    for option, party in ((1, LAB), (2, LD)):
        brought = split[option - 1] * rng.uniform(-0.2, 1, (DRAWS, SEATS))
        winners[:, option] = np.where(lead > brought, CON, party)
    stands = np.ones((2, SEATS), bool)
    stands[1, 3] = False
    winners[:, 2, 3] = winners[:, 0, 3]
    question = Question(
        plan=SimpleNamespace(expected=np.zeros((SEATS, 8))),
        pact=progressive,
        scope=np.arange(SEATS),
        members=("Lab", "LD"),
        stands=stands,
        holds=np.zeros((2, SEATS), bool),
        rules={},
    )
    every = np.stack(np.meshgrid(*[[0, 1, 2]] * SEATS, indexing="ij"), -1).reshape(-1, SEATS)
    return question, OptionDraws(winners, {}), every[every[:, 3] != 2]
