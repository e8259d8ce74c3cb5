"""Parameters: what is estimated, and what the plan makes of it."""

import numpy as np
import pytest

from forecaster.councils.calibrate import Slate, candidate_spread
from forecaster.councils.contest import read_contest
from forecaster.councils.data import LONDON, PARTIES
from forecaster.councils.model import VARIANCE_BEST, council_model
from forecaster.councils.plan import Shares, expect


def test_errors_have_the_deviations_that_are_stated():
    """Correlations estimated pair by pair are no correlation matrix; the nearest one is used."""
    model = council_model()
    sd = model.errors.ward.value
    root = model.covariance_root(sd)
    covariance = root.T @ root
    assert np.sqrt(np.diag(covariance)) == pytest.approx([sd[party] for party in PARTIES])
    con, reform = PARTIES.index("Con"), PARTIES.index("Reform")
    correlation = covariance[con, reform] / (sd["Con"] * sd["Reform"])
    assert correlation == pytest.approx(model.errors.correlation.value["Con-Reform"], abs=0.12)


def test_the_best_of_several_varies_as_stated():
    normals = np.random.default_rng(1).normal(size=(100_000, len(VARIANCE_BEST) - 1))
    for size in range(1, len(VARIANCE_BEST)):
        best = normals[:, :size].max(1)
        assert best.var() == pytest.approx(VARIANCE_BEST[size], abs=0.02)


def test_the_spread_of_candidates_is_that_by_party_size_and_place():
    """Three seats bring .8 of the spread, London .5 of it, whatever parties stand where."""
    spread = {"Con": 0.1, "Green": 0.2}
    slates = [
        Slate(party, size, london, x * (0.8 if size == 3 else 1) * (0.5 if london else 1))
        for party, x in spread.items()
        for size in (2, 3)
        for london in (False, True)
        for _ in range(3 if party == "Con" else size)
    ]
    usual, three, london = candidate_spread(slates)
    assert [usual[PARTIES.index(party)] for party in spread] == pytest.approx([0.1, 0.2])
    assert (three, london) == pytest.approx((0.8, 0.5))


def test_welsh_wards_follow_the_polls_of_wales():
    """The same polls, English wards: Plaid's point in Britain is some twenty points in Wales."""
    cardiff = read_contest("cardiff-2027")
    assert set(cardiff.last.kind.tolist()) == {"Welsh"}
    level = expect(cardiff, Shares("polls")).level[0]
    base = expect(cardiff, Shares("none")).level[0]
    plaid = PARTIES.index("PC")
    assert level[plaid] > base[plaid] + 0.05
    assert LONDON not in cardiff.last.kind
    assert "Cardiff" not in read_contest("unitary-2027").councils
