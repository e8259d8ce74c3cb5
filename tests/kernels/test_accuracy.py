"""How exact the kernels' own functions are, and how independent their numbers."""

import numba
import numpy as np
import pytest
from scipy import stats

from forecaster.kernels import random
from forecaster.kernels.layout import LANES
from forecaster.kernels.random import SEATS, STREAMS


@numba.njit
def each_log(x):
    out = np.empty_like(x)
    for i in range(x.size):
        out[i] = random.log(x[i])
    return out


@numba.njit
def each_exp(x):
    out = np.empty_like(x)
    for i in range(x.size):
        out[i] = random.exp(x[i])
    return out


@numba.njit
def each_uniform(words):
    out = np.empty(words.size, np.float32)
    for i in range(words.size):
        out[i] = random.uniform(words[i])
    return out


@numba.njit
def fill(out, uniforms, item, stream, seeds, first):
    k0, k1 = random.keys(seeds)
    for block in range(out.shape[0]):
        draw = first + np.uint64(block * LANES)
        if uniforms:
            random.fill_uniforms(out[block], draw, item, stream, k0, k1)
        else:
            random.fill_normals(out[block], draw, item, stream, k0, k1)


def numbers(draws, n=4, uniforms=False, item=0, stream=SEATS, seed=1, first=0):
    """Numbers of shape ``(n, draw)``."""
    out = np.empty((draws // LANES, n, LANES), np.float32)
    seeds = random.independent(seed).seeds
    fill(out, uniforms, np.uint32(item), np.uint32(stream), seeds, np.uint64(first))
    return out.transpose(1, 0, 2).reshape(n, -1).astype(float)


def ulps(found, exact):
    return np.abs(found - exact) / np.spacing(np.abs(exact).astype(np.float32))


def test_log_is_within_one_ulp_on_every_uniform_the_kernel_can_draw():
    x = ((np.arange(2**23) + 0.5) * 2.0**-23).astype(np.float32)
    assert ulps(each_log(x), np.log(x.astype(float))).max() <= 1


def test_exp_is_within_one_ulp_between_minus_80_and_80_and_stays_there_beyond():
    x = np.linspace(-80, 80, 1_000_001).astype(np.float32)
    assert ulps(each_exp(x), np.exp(x.astype(float))).max() <= 1
    beyond = each_exp(np.array([-1e30, 1e30], np.float32))
    np.testing.assert_allclose(beyond, np.exp([-80.0, 80.0]), rtol=1e-6)


def test_uniforms_lie_strictly_inside_zero_and_one_and_are_flat():
    first, last = each_uniform(np.array([0, 2**32 - 1], np.uint32))
    assert 0 < first < last < 1
    assert stats.kstest(numbers(2**17, uniforms=True).ravel(), "uniform").pvalue > 0.001


@pytest.mark.parametrize("power", [1, 2])
def test_places_streams_items_seeds_and_far_draws_are_independent(power):
    n = 2**16
    others = [
        *({"stream": stream} for stream in range(STREAMS) if stream != SEATS),
        *({"item": item} for item in (1, 2, 649)),
        *({"seed": seed} for seed in (2, 1 + 2**32, 1 + 2**63)),
        *({"first": first} for first in (n, 2**32, 2**40)),
    ]
    rows = [*numbers(n, n=8), *(row for other in others for row in numbers(n, **other))]
    correlation = np.corrcoef(np.array(rows) ** power) - np.eye(len(rows))
    # 4,186 pairs: one such test in 400 has a pair beyond 5 standard errors by chance.
    assert np.abs(correlation).max() < 5 / np.sqrt(n)
