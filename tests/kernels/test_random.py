"""Random numbers: published answers, the plain twin, and the laws they should follow."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from forecaster.kernels import random
from forecaster.kernels import reference_random as twin
from forecaster.kernels.layout import FOURS, LANES, TURNS
from forecaster.kernels.machine import where, word

WORD = st.integers(0, 2**32 - 1)


def eight(m):
    return random.normals(m, 8, random.SEATS, m.item)


def four(m):
    return random.normals(m, 4, random.SEATS, m.item)


def four_of_regions(m):
    return random.normals(m, 4, random.REGIONS, m.item)


def seat_numbers(m):
    more, *others = random.words(m, random.MORE_OF_SEATS, m.item / 4)
    for place, w in enumerate(others, start=1):
        more = where(m.item % 4 == place, w, more)
    z, scale = random.seat_numbers(m, 10, m.item, word(m.dof), more)
    return [x for turn in range(TURNS) for x in [*random.turned(z, turn)[:10], scale]]


def luck(m):
    groups = [random.luck(m, m.item, group) for group in range(2)]
    return [
        x
        for turn in range(TURNS)
        for z, lots in groups
        for x in [*random.turned(z, turn), *(random.lot(lot, turn) for lot in lots)]
    ]


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


@given(st.lists(st.lists(WORD, min_size=6, max_size=6), min_size=1, max_size=200))
@settings(max_examples=5, deadline=None)
def test_jitted_threefry_is_the_twin_bit_for_bit(each, given):
    def threefry(*x):
        return random.threefry(list(x[:4]), x[4], x[5])

    got = each(threefry, *np.array(given, np.uint32).T, results=4)
    for counter, words in zip(given, got.T.tolist(), strict=True):
        assert words == twin.threefry(counter[:4], [*counter[4:], 0, 0])


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**40), st.integers(0, 649))
@settings(max_examples=50, deadline=None)
def test_normals_and_luck_are_those_of_the_twin_at_every_turn(drawn, seed, draw, item):
    sampling = random.independent(seed)
    got = drawn(eight, 8, 1, sampling, item=item, first=draw)[:, 0]
    assert got == pytest.approx(twin.normals(8, seed, draw, item, random.SEATS), abs=2e-5)
    draw -= draw % LANES - draw % FOURS  # the first of its four
    numbers = drawn(seat_numbers, TURNS * 11, 1, sampling, item=item, dof=4, first=draw)
    lucky = drawn(luck, TURNS * 16, 1, sampling, item=item, first=draw)
    numbers, lucky = numbers[:, 0].reshape(TURNS, 11), lucky[:, 0].reshape(TURNS, 2, 2, 4)
    order = random.luck_order(8)
    for turn in range(TURNS):
        z, scale = twin.seat_numbers(10, 4, seed, draw + turn * FOURS, item)
        assert numbers[turn] == pytest.approx([*z, scale], rel=1e-5, abs=2e-5)
        z, lots = twin.luck(8, seed, draw + turn * FOURS, item)
        assert lucky[turn, :, 0].ravel() == pytest.approx(z[order], abs=2e-5)
        assert (lucky[turn, :, 1].ravel() == lots[order]).all()


def test_the_polynomials_are_as_exact_as_they_say():
    t = np.linspace(-1, 1, 200_001)
    assert np.abs(np.polyval(random.SINE, t**2) * t - np.sin(np.pi / 2 * t)).max() < 1.3e-6
    assert np.abs(np.polyval(random.COSINE, t**2) - np.cos(np.pi / 2 * t)).max() < 1e-7
    t = np.linspace(np.sqrt(0.5), np.sqrt(2), 200_000) - 1
    assert np.abs(np.polyval(random.LOG, t) * t / np.log1p(t) - 1).max() < 1.2e-6


@pytest.mark.slow
def test_twenty_million_normals_have_the_moments_tails_and_shape_of_a_normal(drawn):
    parts, each = 4, 625_000  # 'make verify' takes twenty times as many
    sampling = random.independent(7)
    z = [drawn(eight, 8, each, sampling, item=3, first=part * each) for part in range(parts)]
    z = np.array(z).ravel()
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
    "other", [{"seed": 8}, {"seed": 7 + 2**40}, {"item": 4}, {"function": four_of_regions}]
)
def test_seeds_items_and_streams_are_independent(other, drawn):
    def normals(function=four, seed=7, item=3):
        return drawn(function, 4, 100_000, random.independent(seed), item=item)

    for a, b in zip(normals(), normals(**other), strict=True):
        assert abs(np.corrcoef(a, b)[0, 1]) < 4 / np.sqrt(100_000)


def test_the_columns_of_one_seat_are_independent(drawn):
    correlation = np.corrcoef(drawn(eight, 8, 200_000, random.independent(7), item=3)) - np.eye(8)
    assert np.abs(correlation).max() < 4.5 / np.sqrt(200_000)


@pytest.mark.slow
@pytest.mark.parametrize("dof", [4, 6, 8])
def test_the_scale_turns_normals_into_student_t_of_unit_variance(dof, drawn):
    sampling = random.independent(7)
    *z, scale = drawn(seat_numbers, TURNS * 11, 400_000, sampling, item=3, dof=dof)[:11]
    for row in z:
        t = row * scale * np.sqrt(dof / (dof - 2))
        assert stats.kstest(t.astype(float), stats.t(dof).cdf).pvalue > 0.001
    chi2 = (dof - 2) / scale.astype(float) ** 2
    assert stats.kstest(chi2, stats.chi2(dof).cdf).pvalue > 0.001
    expected = [twin.seat_numbers(10, dof, 7, draw, 3)[1] for draw in range(FOURS)]
    assert scale[:FOURS] == pytest.approx(expected, rel=1e-5)


def test_own_logarithm_and_exponential_are_as_good_as_float32_can_be(each):
    x = np.geomspace(1e-7, 60, 200_001).astype(np.float32)
    logs, exps = each(random.log, x), each(random.exp, x)
    exact = x.astype(float)
    assert np.abs(logs - np.log(exact)).max() < 2e-6
    # The spacing of float32 at x moves exp(x) by a relative x * 6e-8.
    assert np.abs(exps / np.exp(exact) - 1).max() < 6e-6
