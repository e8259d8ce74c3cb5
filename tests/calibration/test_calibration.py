"""Swing rule and seat error: planted parameters come back, and an election left out is unread."""

import tomllib

import numpy as np
import pytest

from forecaster.calibration import estimate as estimation
from forecaster.calibration import laws
from forecaster.calibration import model_file as model_calibration
from forecaster.calibration.estimate import START, calibrate, calibrate_other, estimate
from forecaster.calibration.residuals import Carried, PartyResiduals, Past, Pull, elections_but
from forecaster.cli.main import run
from forecaster.config.load import load_config, parse_changes
from forecaster.errors import ConfigError
from forecaster.plan.build import build_plan
from forecaster.polls.by_elections import Squeeze
from forecaster.resources import root
from forecaster.swing import tactical
from forecaster.swing.base import growth_with_share
from forecaster.vocabulary import GB_PARTIES, PARTIES

pytestmark = pytest.mark.slow

PARAMETERS = load_config("next-election").parameters


@pytest.fixture(scope="module")
def found():
    return {one.key: one for one in model_calibration.estimates(None)}


# --- Planted parameters ---------------------------------------------------------------------

TRUE_LAMBDA = (0.3, 0.8)
LAMBDA_SD = 0.2
SLOPES = (1.5, 0.8, 0.0, 0.6, 0.3, 0.3)
STRENGTH, REGION, INCUMBENCY, OWN, EXPONENT, CORRELATION = 2.0, 1.0, 2.0, 3.0, 0.5, -0.4
LOCAL = 0.3
SEATS, ELECTIONS = 600, 8


def planted_contest(random, own, slopes, local):
    """One party whose residuals follow the model, in nine regions of one nation."""
    expected = np.exp(random.normal(np.log(0.2), 0.5, SEATS)).clip(0.05, 0.7)
    size = growth_with_share(expected, expected.mean(), EXPONENT)
    covariates = random.normal(size=(SEATS, len(SLOPES)))
    region = random.integers(0, 9, SEATS)
    sitting = (random.random(SEATS) < 0.4).astype(float)
    together = random.normal(0, STRENGTH) + random.normal(0, REGION, 9)[region]
    shared = size * (covariates @ slopes + together)
    alone = INCUMBENCY * sitting
    residual = shared - shared.mean() + alone - alone.mean() + size * own + LOCAL * local
    return PartyResiduals(
        seat=np.arange(SEATS),
        residual=residual,
        expected=expected,
        actual=expected,
        covariates=covariates,
        region=region,
        nation=np.zeros(SEATS, int),
        weight=np.full(SEATS, 1 / SEATS),
        sitting=sitting,
        by_lambda=np.zeros((SEATS, 2)),
    )


def planted_pull(random):
    """Shares whose lambdas lie around `TRUE_LAMBDA`; the swing they were compared with erred."""
    rises = np.array([0, 0, 1, 1, 1])
    by_lambda = np.zeros((5 * SEATS, 5))
    for unit in range(5):
        by_lambda[unit * SEATS : (unit + 1) * SEATS, unit] = random.normal(0, 4, SEATS)
    truth = random.normal(np.array(TRUE_LAMBDA)[rises], LAMBDA_SD)
    noise = random.normal(0, 3, 5 * SEATS)
    sitting = (random.random((5 * SEATS, 1)) < 0.4).astype(float)
    return rises, by_lambda, truth, noise + 2 * sitting[:, 0], sitting


KAPPA_SLOPE, KAPPA_SD = 0.8, 0.05
BETWEEN, WITHIN, BY_ELECTIONS = 0.3, 0.1, 12


def planted_signal(random):
    """Kappa that follows the squeeze of a parliament, and by-elections that show it."""
    squeeze = random.normal(0.3, BETWEEN)
    part = random.uniform(0.1, 0.8, BY_ELECTIONS)
    moved = squeeze + WITHIN * random.normal(size=BY_ELECTIONS) / np.sqrt(part)
    kappa = KAPPA_SLOPE * squeeze + random.normal(0, KAPPA_SD)
    return kappa, [Squeeze(None, "", p, p * (1 - m)) for p, m in zip(part, moved, strict=True)]


CARRIED = 0.4


def planted_carried(random):
    """By-elections' surprises of which a part is left, beside the advantage of sitting MPs."""
    surprise, sitting = random.normal(0, 10, 60), (random.random(60) < 0.5).astype(float)
    residual = CARRIED * surprise + INCUMBENCY * sitting + random.normal(0, 3, 60)
    return Carried(["LD"] * 60, surprise, residual, sitting)


@pytest.fixture(scope="module")
def planted():
    random = np.random.default_rng(8)
    correlation = np.eye(5)
    correlation[0, 1] = correlation[1, 0] = CORRELATION
    factor = np.linalg.cholesky(correlation)
    elections = []
    for _ in range(ELECTIONS):
        tails = np.sqrt(2 / random.chisquare(4, SEATS)) * np.exp(random.normal(0, 0.15))
        own = OWN * tails[:, None] * (random.normal(size=(SEATS, 5)) @ factor.T)
        local = np.zeros((SEATS, len(PARTIES)))
        local[:300] = random.normal(0, 2, (300, len(PARTIES)))
        contests = {
            party: planted_contest(
                random, own[:, i], random.normal(0, SLOPES), local[:, PARTIES.index(party)]
            )
            for i, party in enumerate(GB_PARTIES)
        }
        elections.append((contests, planted_pull(random), local))

    signals = [(*planted_signal(random), planted_carried(random)) for _ in range(ELECTIONS)]

    def compare_all(lambdas):
        return [
            Past(
                str(e),
                contests,
                Pull(
                    by_lambda @ (truth - np.array(lambdas.mean)[rises]) + noise,
                    rises,
                    by_lambda,
                    sitting,
                ),
                {},
                0.85,
                *signals[e],
                local,
            )
            for e, (contests, (rises, by_lambda, truth, noise, sitting), local) in enumerate(
                elections
            )
        ]

    return {one.key: one for one in estimate(compare_all, PARAMETERS)}


def scores(one, truth):
    """Return how many standard errors the values of the parties lie off the truth."""
    return np.array([(one.value[p] - truth) / one.error[p] for p in GB_PARTIES])


@pytest.mark.parametrize(
    ("key", "truth"),
    [("seat.region_sd", REGION), ("seat.sd", OWN), ("seat.size_exponent", EXPONENT)],
)
def test_planted_errors_come_back_within_their_standard_errors(planted, key, truth):
    off = scores(planted[key], truth)
    # Errors from eight elections are Student t with seven degrees of freedom: 5 is one in 600.
    assert (abs(off) < 5).all()
    assert abs(off.mean()) < 2


def test_planted_slopes_come_back_within_their_standard_errors(planted):
    one = planted["seat.slope_sd"]
    for name, truth in zip(PARAMETERS.seat.covariates, SLOPES, strict=True):
        got = np.array([one.value[name][p] for p in GB_PARTIES])
        # A standard deviation from eight draws has a relative error of a quarter.
        assert np.sqrt((got**2).mean()) == pytest.approx(truth, abs=0.3 * truth + 0.1)
    got = np.array([planted["seat.strength_sd"].value[p] for p in GB_PARTIES])
    assert np.sqrt((got**2).mean()) == pytest.approx(STRENGTH, rel=0.3)


def test_planted_incumbency_and_correlation_come_back(planted):
    one = planted["seat.incumbency"]
    for party in ("Con", "Lab", "LD"):
        assert one.value[party] == pytest.approx(INCUMBENCY, abs=5 * one.error[party])
        assert one.error[party] < 0.3
        # The effect is the same at all elections; 600 seats tell it to a tenth or two.
        assert planted["seat.incumbency_sd"].value[party] < 0.5
    pairs = planted["seat.correlation"]
    assert pairs.value["Con-Lab"] == pytest.approx(CORRELATION, abs=5 * pairs.error["Con-Lab"])
    assert abs(pairs.value["LD-Green"]) < 5 * pairs.error["LD-Green"] + 0.01


def test_planted_tails_spread_and_lambda_come_back(planted):
    assert planted["seat.dof"].value == 4
    assert planted["seat.dof"].error < 0.5
    assert planted["seat.spread"].value == pytest.approx(0.15, abs=0.1)
    for key, truth in zip(
        ("swing.lambda_falling", "swing.lambda_rising"), TRUE_LAMBDA, strict=True
    ):
        one = planted[key]
        assert one.value["mean"] == pytest.approx(truth, abs=5 * one.error["mean"])
        # From 16 and 24 draws: relative standard errors of 1 / sqrt(32) and 1 / sqrt(48), thrice.
        assert one.value["sd"] == pytest.approx(LAMBDA_SD, rel=3 / np.sqrt(32))


def test_a_planted_law_of_tactical_voting_comes_back(planted):
    law, errors = planted["swing.squeeze"].value, planted["swing.squeeze"].error
    assert law["slope"] == pytest.approx(KAPPA_SLOPE, abs=5 * errors["slope"])
    assert errors["slope"] < 0.2
    assert law["within"] == pytest.approx(WITHIN, rel=0.3)
    # From eight parliaments: relative standard errors of 1 / sqrt(14), thrice.
    assert law["between"] == pytest.approx(BETWEEN, rel=3 / np.sqrt(14))
    assert law["sd"] == pytest.approx(KAPPA_SD, rel=3 / np.sqrt(14))


def test_the_planted_part_of_a_surprise_comes_back(planted):
    one = planted["seat.by_election"]
    assert one.value == pytest.approx(CARRIED, abs=5 * one.error)
    assert one.error < 0.05


def test_the_planted_part_of_local_changes_comes_back(planted):
    one = planted["seat.local_elections"]
    assert sorted(one.value) == sorted(GB_PARTIES)
    assert (abs(scores(one, LOCAL)) < 5).all()
    assert max(one.error.values()) < 0.1


def test_no_inflation_is_needed_where_elections_are_alike(planted):
    one = planted["seat.shared_inflation"]
    # Variances known from seven elections call for sqrt(7 / 5) at most.
    assert 0.9 < one.value < 1.3


# --- Small laws -----------------------------------------------------------------------------


def test_a_mean_of_unlike_estimates_finds_mean_and_spread():
    random = np.random.default_rng(2)
    errors = random.uniform(0.1, 1.0, 4000)
    values = random.normal(1.5, np.hypot(0.7, errors))
    mean, spread, error = laws.random_mean(values, errors)
    assert error == pytest.approx((1 / (errors**2 + 0.7**2)).sum() ** -0.5, rel=0.05)
    assert mean == pytest.approx(1.5, abs=0.06)
    assert spread == pytest.approx(0.7, abs=0.06)
    alike = random.normal(1.5, 0.5 * errors)
    assert laws.random_mean(alike, errors)[1] == 0


@pytest.mark.parametrize("dof", [3.0, 6.0])
def test_the_tails_of_a_multivariate_t_are_found(dof):
    random = np.random.default_rng(3)
    squares, count = [], []
    for scale in (0.8, 1.3):
        z = random.normal(size=(4000, 3)) * scale
        squares.append((z**2).sum(1) * dof / random.chisquare(dof, 4000))
        count.append(np.full(4000, 3))
    assert laws.tail_dof(squares, count) == pytest.approx(dof, rel=0.08)


def test_the_growth_of_an_error_is_found_whatever_its_tails():
    random = np.random.default_rng(4)
    shares = [random.beta(1.5, 8, 2000).clip(0.005) for _ in range(3)]
    own = [(s * (1 - s)) ** 0.7 * random.standard_t(3, 2000) for s in shares]
    assert laws.growth(own, shares) == pytest.approx(0.7, abs=0.1)


def test_the_jackknife_of_a_mean_is_its_standard_error():
    values = np.random.default_rng(5).normal(size=9)
    fewer = np.array([np.delete(values, i).mean() for i in range(9)])
    assert laws.jackknife(fewer) == pytest.approx(values.std(ddof=1) / 3)


# --- The embedded elections -----------------------------------------------------------------


def test_the_shipped_model_is_what_the_command_writes():
    shipped = (root() / "configs" / "models" / "default.toml").read_text(encoding="utf-8")
    assert model_calibration.model_file(None) == shipped


def test_strong_seats_of_other_come_nearer_to_their_nation():
    """An outside study found that a factor of .4 to .6 scores best."""
    found = calibrate_other(elections_but(None), PARAMETERS)
    assert 0.3 < found.value < 0.7
    unread = PARAMETERS.replaced({"seat.other_retention": 0.9})
    assert calibrate_other(elections_but(None), unread) == found


def test_an_election_left_out_is_compared_with_nothing(monkeypatch):
    real = tactical.read_election

    def refusing(name):
        assert name != "2019"
        return real(name)

    monkeypatch.setattr(tactical, "read_election", refusing)
    # The fit, which reads nothing, is left out.
    monkeypatch.setattr(estimation, "estimate", lambda compare_all, _: compare_all(START))
    *_, last = model_calibration.estimates.__wrapped__("2019")
    assert last.name == "2024"
    with pytest.raises(AssertionError):
        calibrate(elections_but("2017"), PARAMETERS)


def test_an_election_left_out_is_read_only_as_the_base_of_the_next(monkeypatch):
    monkeypatch.setattr(estimation, "compare", lambda name, *rest: name)
    monkeypatch.setattr(estimation, "estimate", lambda compare_all, _: compare_all(None))
    assert calibrate(elections_but("2017"), PARAMETERS) == ["2010", "2015", "2019", "2024"]


def test_what_the_model_file_estimates_today_does_not_matter(found):
    """Else an election left out would come back through the values that it helped to set."""
    changed = [
        "parameters.swing.lambda_falling.value.mean=0.9",
        "parameters.swing.lambda_rising.value.mean=0.1",
        "parameters.seat.size_exponent.value={ Con = 1.0 }",
        "parameters.seat.size_reference.value={ Con = 0.1 }",
        "parameters.seat.shared_inflation.value=3",
        "parameters.seat.dof.value=8",
        "parameters.seat.stand_again.value=0.1",
    ]
    parameters = load_config("next-election", parse_changes(changed)).parameters
    again = calibrate(elections_but(None), parameters)
    assert len(again) > 10
    assert {one.key: one for one in again}.items() <= found.items()


def test_the_estimates_agree_with_an_independent_study(found):
    """The study fixed other details: three standard errors, and a fifth for what it did else."""

    def near(key, known):
        one = found[key]
        for party, value in known.items():
            assert abs(one.value[party] - value) < 3 * one.error[party] + 0.2 * value, (key, party)

    near("seat.sd", {"Con": 3.1, "Lab": 3.9, "LD": 3.5, "Reform": 2.0, "Green": 1.6, "SNP": 3.0})
    near("seat.sd", {"DUP": 5.3, "SF": 4.9, "SDLP": 5.0, "UUP": 4.4, "Alliance": 6.4})
    near("seat.region_sd", {"Con": 0.88, "Lab": 1.20, "LD": 0.94, "Reform": 0.56, "Green": 0.26})
    near("seat.incumbency", {"Con": 1.5, "Lab": 2.3, "LD": 6.2, "SNP": 0.9})
    near("seat.size_exponent", {"Lab": 0.25, "LD": 0.7, "Reform": 0.65, "Green": 0.87, "PC": 0.65})
    assert found["seat.dof"].value == 4
    assert found["seat.correlation"].value["Lab-LD"] == pytest.approx(-0.37, abs=0.1)
    for key, known in (("swing.lambda_falling", 0.25), ("swing.lambda_rising", 0.88)):
        one = found[key]
        assert abs(one.value["mean"] - known) < 3 * one.error["mean"]


def test_a_written_file_is_a_model_that_runs(tmp_path):
    path = tmp_path / "model.toml"
    assert run(["calibrate", "model", "--leave-out", "2024", "--out", str(path)]) == 0
    text = path.read_text(encoding="utf-8")
    document = tomllib.loads(text)
    assert "2024 left out" in text
    assert "2010, 2015, 2017, 2019:" in document["seat"]["sd"]["source"]
    plan = build_plan(load_config("next-election", parse_changes([f"model={path}", "draws=64"])))
    assert np.isfinite(plan.expected).all()


def test_an_unknown_election_is_refused():
    with pytest.raises(ConfigError, match=r"no such election\. Known: 2010"):
        elections_but("2018")
