"""What the map shows is what the run says."""

import numpy as np
import pytest

from forecaster.report import layers
from forecaster.vocabulary import PARTIES


@pytest.fixture(scope="module")
def chances(pact_tables):
    return pact_tables.chances


def test_levels_have_the_ends_that_their_words_name():
    values = np.array([0, 0.009, 0.01, 0.1, 0.25, 0.5, 0.75, 0.95, 1, np.nan])
    assert layers.levels(values) == [0, 0, 1, 2, 3, 4, 5, 6, 6, -1]
    assert len(layers.CHANCE_WORDS) == len(layers.CHANCE_LEVELS) + 1
    assert len(layers.EFFECT_WORDS) == len(layers.EFFECT_LEVELS) + 1 == len(layers.EFFECT_SIGNS)


def test_winner_and_band_of_every_seat(pact_tables, chances):
    best = {}
    for row in pact_tables.tables["seats"].to_pylist():
        if row["scenario"] == "right":
            best.setdefault(row["seat"], []).append((row["win_probability"], row["party"]))
    scenario = pact_tables.manifest["scenarios"].index("right")
    shown = dict(zip(sorted(best), layers.winners(chances, scenario), strict=True))
    for seat, contenders in best.items():
        p = max(chance for chance, _ in contenders)
        party, band = shown[seat].split("-")
        assert (p, party) in contenders
        assert int(band) == sum(p < lowest for lowest in (0.95, 0.75, 0.60))


def test_effects_are_gain_less_backfire_where_the_pact_holds(pact_tables):
    found = layers.effect_levels(pact_tables, "right", "right")
    net = {
        row["seat"]: row["gain"] - row["backfire"]
        for row in pact_tables.tables["pact_effects"].to_pylist()
        if row["scenario"] == "right"
    }
    assert sum(level >= 0 for level in found) == len(net)
    assert sum(level == 6 for level in found) == sum(value >= 0.25 for value in net.values())


def test_a_party_has_no_level_where_it_does_not_stand(chances):
    found = layers.party_levels(chances, 0, "SNP")
    assert sum(level >= 0 for level in found) == 57
    assert chances.stands[:, PARTIES.index("SNP")].sum() == 57
