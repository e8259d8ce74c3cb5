"""Sobol indices: a function solved on paper, and elections in which only one thing can err."""

import numpy as np
import pytest

from forecaster.config.load import load_config, parse_changes
from forecaster.experiments.outcomes import all_outcomes, parse_outcome
from forecaster.experiments.sensitivity import (
    SOURCES,
    grid_indices,
    hypercube_indices,
    sensitivity,
    sensitivity_table,
    sobol_indices,
)
from forecaster.kernels import random
from forecaster.plan.build import build_plan
from forecaster.plan.scenarios import build_scenarios

PACT = "pacts/progressive-on-last-votes.toml"


def test_every_stream_belongs_to_one_source():
    streams = [stream for source in SOURCES.values() for stream in source.streams]
    assert sorted(streams) == list(range(random.STREAMS))


def test_indices_of_the_ishigami_function_are_those_on_paper():
    # Ishigami and Homma 1990; closed forms as in Saltelli et al. 2008, p. 179.
    c, d = 7, 0.1
    parts = [0.5 * (1 + d * np.pi**4 / 5) ** 2, c**2 / 8, 0]
    joint = d**2 * np.pi**8 * (1 / 18 - 1 / 50)
    variance = sum(parts) + joint
    first = np.array(parts) / variance
    total = first + np.array([joint, 0, joint]) / variance

    def ishigami(x):
        return np.sin(x[0]) + c * np.sin(x[1]) ** 2 + d * x[2] ** 4 * np.sin(x[0])

    generator = np.random.default_rng(3)
    a, b = generator.uniform(-np.pi, np.pi, (2, 3, 20_000))
    mixed = []
    for i in range(3):
        x = a.copy()
        x[i] = b[i]
        mixed.append(ishigami(x))
    got = sobol_indices(ishigami(a), ishigami(b), np.array(mixed))
    assert (np.abs(got.first - first) < 4 * got.first_error).all()
    assert (np.abs(got.total - total) < 4 * got.total_error + 1e-12).all()
    assert got.first_error.max() < 0.02
    assert np.std(np.concatenate([ishigami(a), ishigami(b)])) == pytest.approx(got.sd)


@pytest.mark.slow
def test_bootstrap_errors_are_those_of_repeated_samples():
    generator = np.random.default_rng(5)

    def one():
        a, b = generator.normal(size=(2, 2, 500))
        swapped = np.array([b[0] + 2 * a[1], a[0] + 2 * b[1]])
        return sobol_indices(a[0] + 2 * a[1], b[0] + 2 * b[1], swapped)

    many = [one() for _ in range(60)]
    for name, exact in (("first", [0.2, 0.8]), ("total", [0.2, 0.8])):
        values = np.array([getattr(sobol, name) for sobol in many])
        reported = np.array([getattr(sobol, f"{name}_error") for sobol in many]).mean(axis=0)
        spread = values.std(axis=0, ddof=1)
        assert reported == pytest.approx(spread, rel=0.35)
        assert (np.abs(values.mean(axis=0) - exact) < 4 * spread / np.sqrt(60)).all()


def test_an_outcome_that_never_varies_has_no_indices():
    got = sobol_indices(np.ones(100), np.ones(100), np.ones((2, 100)))
    assert np.isnan(got.first).all()
    assert np.isnan(got.total).all()
    assert got.sd == 0


@pytest.fixture(scope="module")
def taken_apart(certain, given_shares):
    """Return a function: indices by source of Con's seats with some errors switched on again."""

    def take(*switched_on, outcomes=("seats:Con",), pacts=()):
        overrides = [given_shares, "draws=1000", *certain, *(f"errors.{e}=1" for e in switched_on)]
        plan = build_plan(load_config("next-election", parse_changes(overrides), pacts))
        wanted = [parse_outcome(text, all_outcomes(plan)) for text in outcomes]
        found = sensitivity(plan, build_scenarios(plan), wanted, threads=2)
        return found, sensitivity_table(plan.config, wanted, found)

    return take


@pytest.mark.slow
@pytest.mark.parametrize(
    ("error", "source"),
    [
        ("national", "national"),
        ("swing", "lambda"),
        ("tactical", "kappa"),
        ("slopes", "slopes"),
        ("regions", "regions"),
        ("incumbency", "incumbency"),
        ("seats", "seats"),
    ],
)
def test_where_only_one_source_errs_it_makes_all_the_variance(taken_apart, error, source):
    (found,), table = taken_apart(error)
    place = list(SOURCES).index(source)
    others = np.delete(np.arange(len(SOURCES)), place)
    # Of all others sample A is left as it is: no difference at all.
    assert (found.total[others] == 0).all()
    assert found.first[place] == 1
    assert abs(found.total[place] - 1) < 4 * found.total_error[place]
    assert (np.abs(found.first[others]) < 4 * found.first_error[others]).all()
    assert table.rows[0]["source"] == source


def test_without_other_errors_the_effect_of_a_pact_is_all_due_to_transfers(taken_apart):
    (effect, without), _ = taken_apart(
        outcomes=("difference:Lab+LD+Green", "seats:Lab"), pacts=[PACT]
    )
    place = list(SOURCES).index("transfers")
    assert effect.first[place] == 1
    assert (np.delete(effect.total, place) == 0).all()
    assert without.sd == 0


def test_first_order_and_total_indices_bracket_one(taken_apart):
    names = ("national", "swing", "tactical", "slopes", "regions", "incumbency", "seats")
    (found,), _ = taken_apart(*names)
    error = np.sqrt((found.first_error**2).sum())
    assert found.first.sum() < 1 + 4 * error
    assert found.total.sum() > 1 - 4 * np.sqrt((found.total_error**2).sum())
    assert (found.first < found.total + 4 * np.hypot(found.first_error, found.total_error)).all()


def test_indices_of_a_grid_are_those_on_paper():
    # x + y on {-1, 1} x {-1, 1}: halves. x y: nothing alone, all of it together.
    design = [
        {"x": x, "y": y, "idle": i} for x in (-1, 1) for y in (-1, 1) for i in ("a", "b", "c")
    ]
    x, y = np.array([(point["x"], point["y"]) for point in design]).T
    np.testing.assert_allclose(grid_indices(design, x + y), [(0.5, 0.5), (0.5, 0.5), (0, 0)])
    np.testing.assert_allclose(grid_indices(design, x * y), [(0, 1), (0, 1), (0, 0)], atol=1e-12)
    assert np.isnan(grid_indices(design, np.ones(12))).all()


def test_indices_of_a_latin_hypercube_are_near_those_on_paper():
    from scipy.stats import qmc

    u = qmc.LatinHypercube(3, rng=2).random(800)
    design = [{"x": a, "y": b, "kind": "low" if c < 0.5 else "high"} for a, b, c in u.tolist()]
    values = 1 * u[:, 0] + 2 * u[:, 1] + 0.5 * (u[:, 2] < 0.5)
    # Variances 1/12, 4/12 and 1/16; slices of x and y hide 1/14**2 of theirs.
    variances = np.array([1 / 12, 4 / 12, 1 / 16])
    found = np.array(hypercube_indices(design, values))
    # An index is a correlation ratio: its standard error is at most 2 sqrt(S) (1 - S) / sqrt(n).
    exact = variances / variances.sum()
    error = 2 * np.sqrt(exact) * (1 - exact) / np.sqrt(800)
    assert (np.abs(found - exact) < 4 * error).all()
