"""Majorities of sets of parties, compared with counting them one by one."""

import numpy as np
import pytest

from forecaster.answers.coalitions import TALKED_ABOUT, majorities


@pytest.fixture(scope="module")
def sets(pact_tables):
    return majorities(pact_tables)


def test_every_set_is_counted_as_by_hand(pact_tables, sets):
    names = pact_tables.manifest["parties"]
    for s, scenario in enumerate(pact_tables.manifest["scenarios"]):
        won = pact_tables.won(scenario).astype(int)
        for parties in TALKED_ABOUT:
            together = sum(won[:, names.index(party)] for party in parties)
            absent = sum(won[:, names.index(party)] for party in ("SF", "Spk"))
            for rule, voting in enumerate((650, 650 - absent)):
                majority = (2 * together > voting).mean()
                assert sets.chances[s, rule, sets.of(parties)] == pytest.approx(majority)


def test_another_party_never_costs_a_majority(sets):
    numbers = np.arange(sets.chances.shape[2])
    for k in range(len(sets.parties)):
        more = sets.chances[:, :, numbers | 1 << k]
        assert (more >= sets.chances).all()
    assert (sets.chances[:, :, 0] == 0).all()


def test_a_party_that_cannot_be_chosen_has_no_set(sets):
    assert sets.of(("Lab", "SF")) is None
