"""The law of four hundred million normals: `make verify`, for it takes some minutes.

Not collected with the other tests.
"""

import numpy as np
import pytest
from scipy import special, stats

from forecaster.kernels import random

PARTS = 40
EACH = 1_250_000
"""Draws of eight numbers in a part."""

BINS = 2**16
"""Of equal probability, between which the law is compared."""

CUTS = np.array([1, 2, 3, 4, 5])
POWERS = range(1, 9)


def eight(m):
    return random.normals(m, 8, random.SEATS, m.item)


@pytest.fixture(scope="module")
def counted(drawn):
    """Sums of powers, numbers beyond the cuts, and numbers in every bin."""
    moments, beyond, bins = np.zeros(len(POWERS)), np.zeros(len(CUTS)), np.zeros(BINS, np.int64)
    for part in range(PARTS):
        sampling = random.independent(part)
        z = drawn(eight, 8, EACH, sampling, item=part).ravel().astype(float)
        moments += [(z**power).sum() for power in POWERS]
        beyond += [(np.abs(z) > cut).sum() for cut in CUTS]
        place = np.minimum((special.ndtr(z) * BINS).astype(np.int64), BINS - 1)
        bins += np.bincount(place, minlength=BINS)
    return moments, beyond, bins


N = PARTS * EACH * 8


def moment(power):
    """Return the moment of a standard normal."""
    return 0 if power % 2 else special.factorial2(power - 1)


def test_moments_up_to_the_eighth(counted):
    expected = np.array([moment(power) for power in POWERS])
    variance = np.array([moment(2 * power) - moment(power) ** 2 for power in POWERS])
    z = (counted[0] / N - expected) / np.sqrt(variance / N)
    assert (np.abs(z) < 4).all()


def test_tails_up_to_five_standard_deviations(counted):
    p = 2 * stats.norm.sf(CUTS)
    z = (counted[1] / N - p) / np.sqrt(p * (1 - p) / N)
    assert (np.abs(z) < 4).all()


def test_law_by_kolmogorov_and_smirnov(counted):
    below = np.cumsum(counted[2])[:-1] / N
    farthest = np.abs(below - np.arange(1, BINS) / BINS).max()
    p = stats.kstwobign.sf(farthest * np.sqrt(N))
    assert p > 0.001
