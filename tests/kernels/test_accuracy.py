"""How exact the kernels' own functions are, and how independent their numbers."""

import numpy as np
import pytest
from scipy import stats

from forecaster.kernels import random
from forecaster.kernels.random import SEATS, STREAMS


def normals(m):
    return random.normals(m, 8, SEATS, m.item)


def uniforms(m):
    return [random.uniform(w) for w in random.words(m, SEATS, m.item)]


def ulps(found, exact):
    return np.abs(found - exact) / np.spacing(np.abs(exact).astype(np.float32))


def test_log_is_within_one_ulp_on_every_uniform_the_kernel_can_draw(each):
    x = ((np.arange(2**23) + 0.5) * 2.0**-23).astype(np.float32)
    assert ulps(each(random.log, x), np.log(x.astype(float))).max() <= 1


def test_exp_is_within_one_ulp_between_minus_80_and_80_and_stays_there_beyond(each):
    x = np.linspace(-80, 80, 1_000_001).astype(np.float32)
    assert ulps(each(random.exp, x), np.exp(x.astype(float))).max() <= 1
    beyond = each(random.exp, np.array([-1e30, 1e30], np.float32))
    np.testing.assert_allclose(beyond, np.exp([-80.0, 80.0]), rtol=1e-6)


def test_uniforms_lie_strictly_inside_zero_and_one_and_are_flat(each, drawn):
    first, last = each(random.uniform, np.array([0, 2**32 - 1], np.uint32))
    assert 0 < first < last < 1
    assert (
        stats.kstest(drawn(uniforms, 4, 2**17, random.independent(1)).ravel(), "uniform").pvalue
        > 0.001
    )


STREAM_NORMALS = [
    lambda m, number=number: random.normals(m, 4, number, m.item) for number in range(STREAMS)
]


@pytest.mark.slow
@pytest.mark.parametrize("power", [1, 2])
def test_places_streams_items_seeds_and_far_draws_are_independent(power, drawn):
    n = 2**16

    def numbers(function, rows=4, seed=1, **where):
        return drawn(function, rows, n, random.independent(seed), **where)

    seats = STREAM_NORMALS[SEATS]
    rows = [
        *numbers(normals, 8),
        *(row for k in range(STREAMS) if k != SEATS for row in numbers(STREAM_NORMALS[k])),
        *(row for item in (1, 2, 649) for row in numbers(seats, item=item)),
        *(row for seed in (2, 1 + 2**32, 1 + 2**63) for row in numbers(seats, seed=seed)),
        *(row for first in (n, 2**32, 2**40) for row in numbers(seats, first=first)),
    ]
    correlation = np.corrcoef(np.array(rows, float) ** power) - np.eye(len(rows))
    # 4,186 pairs: one such test in 400 has a pair beyond 5 standard errors by chance.
    assert np.abs(correlation).max() < 5 / np.sqrt(n)
