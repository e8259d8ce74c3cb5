"""How far nations lie from their polls: planted values come back; what is left out is unread."""

import numpy as np
import pytest

from forecaster.calibration import nation_errors as nations
from forecaster.config.load import load_config
from forecaster.polls.model import ESTIMATED

NATIONAL = load_config("next-election").parameters.national


def test_planted_response_and_own_errors_come_back():
    random = np.random.default_rng(3)
    response, sd, known = {"Scotland": 0.3, "Wales": 0.8}, 2.5, 1.5
    eves = []
    for _ in range(400):
        error = np.zeros((3, len(ESTIMATED)))
        error[0] = random.normal(0, 3, len(ESTIMATED))
        for a, part in enumerate(response.values(), start=1):
            # The polls' own number blurs what is seen by `known`, and that is taken off again.
            own = random.normal(0, np.hypot(sd, known), len(ESTIMATED))
            shared = [party in nations.ERRING for party in ESTIMATED]
            error[a] = own + part * error[0] * shared
        eves.append(nations._Eve(error, np.full((3, len(ESTIMATED)), known**2)))
    found = nations._values(eves)
    for nation, part in response.items():
        # Standard error: 2.9 / (3 sqrt(1200)) = .03.
        assert found["national.response"][nation] == pytest.approx(part, abs=0.12)
        for value in found[f"national.{nation.lower()}_sd"].values():
            assert value == pytest.approx(sd, rel=0.2)


def test_scotland_was_out_by_known_figures():
    # 2015: SNP 50.0 in the result, 48 to 49 in the final polls; Lab 24.3 and 25 to 28.
    eve = nations._eve("2015")
    snp, lab = ESTIMATED.index("SNP"), ESTIMATED.index("Lab")
    assert -1 < eve.error[1, snp] < 3
    assert -3 < eve.error[1, lab] < 1


def test_only_the_elections_asked_for_are_read(monkeypatch):
    read = []
    real = nations.read_shares
    monkeypatch.setattr(nations, "read_shares", lambda name: read.append(name) or real(name))
    found = {one.key: one for one in nations.calibrate_nations(["2010", "2019", "2024"], NATIONAL)}
    assert set(read) == {"2010", "2019", "2024"}
    # What is not estimated stays as the model file has it.
    assert found["national.scotland_sd"].value["Green"] == NATIONAL.scotland_sd.value["Green"]
    assert "Green" not in found["national.scotland_sd"].error
