"""Random numbers: published answers, the plain twin, and the laws they should follow."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from forecaster.kernels import random
from forecaster.kernels import reference_random as twin
from forecaster.kernels.jit import jit

WORD = st.integers(0, 2**32 - 1)


@jit
def call_threefry(c, k):
    return random.threefry(c[0], c[1], c[2], c[3], k[0], k[1])


@jit
def call_normals(out, first, item, stream, k):
    random.fill_normals(out, first, item, stream, k[0], k[1])


@jit
def call_wanted(out, wanted, first, item, stream, k):
    random.fill_wanted_normals(out, wanted, first, item, stream, k[0], k[1])


@jit
def call_uniforms(out, first, item, stream, k):
    random.fill_uniforms(out, first, item, stream, k[0], k[1])


@jit
def call_scale(out, dof, first, item, stream, k):
    random.fill_t_scale(out, dof, first, item, stream, k[0], k[1])


@jit
def call_log_exp(x, logs, exps):
    for i in range(len(x)):
        logs[i] = random.log(x[i])
        exps[i] = random.exp(x[i])


def key(seed):
    return np.array(random.keys.py_func(random.independent(seed).seeds))


def normals(n, draws, seed=7, item=3, stream=random.SEATS, first=0):
    out = np.empty((n, draws), np.float32)
    call_normals(out, np.uint64(first), np.uint32(item), np.uint32(stream), key(seed))
    return out


@pytest.mark.parametrize("wanted", [0b10100, 0b1, 0b11001000])
def test_wanted_rows_are_those_of_all_normals_and_others_stay(wanted):
    out = np.full((8, 40), np.nan, np.float32)
    item, stream = np.uint32(3), np.uint32(random.SEATS)
    call_wanted(out, np.int64(wanted), np.uint64(0), item, stream, key(7))
    pairs = np.array([bool(wanted >> row // 2 * 2 & 3) for row in range(8)])
    np.testing.assert_array_equal(out[pairs], normals(8, 40)[pairs])
    assert np.isnan(out[~pairs]).all()


# Known-answer vectors of Random123 for threefry4x32.
@pytest.mark.parametrize(
    ("counter", "with_key", "rounds", "expected"),
    [
        ([0] * 4, [0] * 4, 13, "531c7e4f 39491ee5 2c855a92 3d6abf9a"),
        ([0] * 4, [0] * 4, 20, "9c6ca96a e17eae66 fc10ecd4 5256a7d8"),
        ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 4, 20, "2a881696 57012287 f6c7446e a16a6732"),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0, 0x082EFA98, 0xEC4E6C89],
            20,
            "59cd1dbb b8879579 86b5d00c ac8b6d84",
        ),
    ],
)
def test_threefry_gives_the_published_answers(counter, with_key, rounds, expected):
    assert twin.threefry(counter, with_key, rounds) == [int(w, 16) for w in expected.split()]


@given(st.lists(WORD, min_size=4, max_size=4), st.lists(WORD, min_size=2, max_size=2))
@settings(max_examples=200, deadline=None)
def test_jitted_threefry_is_the_twin_bit_for_bit(counter, with_key):
    got = call_threefry(np.array(counter, np.uint32), np.array(with_key, np.uint32))
    assert [int(word) for word in got] == twin.threefry(counter, [*with_key, 0, 0])


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**40), st.integers(0, 649))
@settings(max_examples=50, deadline=None)
def test_normals_and_uniforms_are_those_of_the_twin(seed, draw, item):
    got = normals(8, 1, seed, item, first=draw)[:, 0]
    assert got == pytest.approx(twin.normals(8, seed, draw, item, random.SEATS), abs=2e-5)
    out = np.empty((8, 1), np.float32)
    call_uniforms(out, np.uint64(draw), np.uint32(item), np.uint32(random.REFUSALS), key(seed))
    assert (out[:, 0] == twin.uniforms(8, seed, draw, item, random.REFUSALS)).all()


def test_a_hundred_million_normals_have_the_moments_tails_and_shape_of_a_normal():
    parts, each = 20, 625_000
    z = np.array([normals(8, each, first=part * each) for part in range(parts)]).ravel()
    z.sort()
    n, cuts = z.size, np.array([1, 2, 3, 4, 5])
    moments, farthest = np.zeros(6), 0.0
    # In pieces, for the powers and the law in float64 would take gigabytes.
    for at in range(0, n, n // parts):
        piece = z[at : at + n // parts].astype(float)
        moments += [(piece**power).sum() / n for power in range(1, 7)]
        law = special.ndtr(piece)
        rank = np.arange(at, at + len(piece))
        farthest = max(farthest, (law - rank / n).max(), ((rank + 1) / n - law).max())
    expected, variance = np.array([0, 1, 0, 3, 0, 15]), np.array([1, 2, 15, 96, 945, 10170])
    assert (np.abs(moments - expected) < 4 * np.sqrt(variance / n)).all()
    p = 2 * stats.norm.sf(cuts)
    beyond = np.searchsorted(z, -cuts) + n - np.searchsorted(z, cuts)
    assert (np.abs(beyond / n - p) < 4 * np.sqrt(p * (1 - p) / n)).all()
    assert stats.kstwobign.sf(farthest * np.sqrt(n)) > 0.001


@pytest.mark.parametrize(
    "other", [{"seed": 8}, {"seed": 7 + 2**40}, {"item": 4}, {"stream": random.REGIONS}]
)
def test_seeds_items_and_streams_are_independent(other):
    one, two = normals(4, 100_000), normals(4, 100_000, **other)
    for a, b in zip(one, two, strict=True):
        assert abs(np.corrcoef(a, b)[0, 1]) < 4 / np.sqrt(100_000)


def test_the_columns_of_one_seat_are_independent():
    correlation = np.corrcoef(normals(8, 200_000)) - np.eye(8)
    assert np.abs(correlation).max() < 4.5 / np.sqrt(200_000)


@pytest.mark.parametrize("dof", [4, 6, 8])
def test_the_scale_turns_normals_into_student_t_of_unit_variance(dof):
    scale = np.empty(400_000, np.float32)
    call_scale(scale, dof, np.uint64(0), np.uint32(3), np.uint32(random.SEAT_SCALE), key(7))
    t = normals(4, 400_000)[0] * scale * np.sqrt(dof / (dof - 2))
    assert stats.kstest(t.astype(float), stats.t(dof).cdf).pvalue > 0.001
    assert scale[:20] == pytest.approx(
        [twin.t_scale(dof, 7, draw, 3, random.SEAT_SCALE) for draw in range(20)], rel=1e-5
    )


def test_own_logarithm_and_exponential_are_as_good_as_float32_can_be():
    x = np.geomspace(1e-7, 60, 200_001).astype(np.float32)
    logs, exps = np.empty_like(x), np.empty_like(x)
    call_log_exp(x, logs, exps)
    exact = x.astype(float)
    assert np.abs(logs - np.log(exact)).max() < 2e-6
    # The spacing of float32 at x moves exp(x) by a relative x * 6e-8.
    assert np.abs(exps / np.exp(exact) - 1).max() < 6e-6
