"""The seat error: the shipped parameters are what the command gives, and planted ones come back."""

import numpy as np
import pytest

from forecaster.analysis import seat_calibration
from forecaster.config.load import load_run
from forecaster.errors import ConfigError
from forecaster.resources import root
from forecaster.simulation.plan import build_plan
from forecaster.swing import calibration
from forecaster.swing.calibration import _fit, _root_mean_square, calibrate

PARAMETERS = load_run("next-election").parameters


def test_the_shipped_model_is_what_the_command_writes():
    shipped = (root() / "configs" / "models" / "default.toml").read_text(encoding="utf-8")
    assert seat_calibration.seats_model(None) == shipped


def test_a_calibration_without_an_election_never_reads_its_result(monkeypatch):
    expected = calibrate("2019", PARAMETERS)
    real = calibration.read_election

    def refusing(name):
        assert name != "2019"
        return real(name)

    monkeypatch.setattr(calibration, "read_election", refusing)
    assert calibrate("2019", PARAMETERS) == expected
    with pytest.raises(AssertionError):
        calibrate("2017", PARAMETERS)


def test_planted_slopes_regions_and_incumbency_come_back():
    random = np.random.default_rng(4)
    n = 600
    covariates = random.normal(size=(n, 2))
    region = random.integers(0, 9, n)
    sitting = (random.random(n) < 0.4).astype(float)
    # Points of the sitting MP do not grow with size, so at the reference they weigh 1 / size.
    size = random.uniform(0.3, 0.6, n)
    effect = random.normal(0, 1, 12)
    effect[:9] -= effect[:9].mean()
    noise = random.normal(0, 3, n)
    values = covariates @ [1.5, -0.7] + effect[region] + 2.0 * sitting / size + noise
    got = _fit(values, covariates, region, sitting, size, np.arange(n))
    error = 3 / np.sqrt(n)
    assert got.slopes == pytest.approx([1.5, -0.7], abs=4 * error)
    assert got.slope_errors == pytest.approx([error, error], rel=0.15)
    assert got.incumbency == pytest.approx(2.0, abs=4 * error / np.std(sitting / size))
    assert np.nanstd(got.own) == pytest.approx(3.0, rel=0.1)
    assert got.regions == pytest.approx(effect[:9], abs=4 * 3 / np.sqrt(n / 9))


def test_the_root_mean_square_is_cleared_of_sampling_noise():
    random = np.random.default_rng(5)
    values = random.normal(0, np.hypot(1.2, 0.5), 20_000)
    root_, error = _root_mean_square(values, np.full(20_000, 0.5))
    assert root_ == pytest.approx(1.2, abs=0.03)
    assert error == pytest.approx(0.01, abs=0.005)


def test_a_calibration_is_a_model_that_runs():
    run = load_run("next-election", ["draws=64", *seat_calibration.overrides("2024")])
    assert np.isfinite(build_plan(run).expected).all()


def test_stand_again_is_the_share_of_sitting_mps_who_stood():
    found = {one.key: one for one in calibrate(None, PARAMETERS)}
    assert found["seat.stand_again"].value == pytest.approx(0.85, abs=0.03)


def test_an_unknown_election_is_refused():
    with pytest.raises(ConfigError, match="Did you mean"):
        calibrate("2018", PARAMETERS)
