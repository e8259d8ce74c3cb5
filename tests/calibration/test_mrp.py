"""How far seat estimates missed: planted misses come back as the factors that were planted."""

import numpy as np
import pytest

from forecaster.calibration import model_file as model_calibration
from forecaster.calibration.mrp import (
    FACTORS,
    Miss,
    correlations,
    misses,
    mrp_table,
    pooled,
    seat_factors,
    seat_miss,
)
from forecaster.calibration.residuals import Lambdas, compare
from forecaster.calibration.squeeze import by_elections_before
from forecaster.cli.main import run
from forecaster.config.load import load_config, parse_changes
from forecaster.elections.election import read_election
from forecaster.elections.estimates import SeatEstimates
from forecaster.errors import ConfigError
from forecaster.swing.base import (
    build_base,
    column_shares,
    error_size,
    fixed_columns,
    standardised_covariates,
)
from forecaster.swing.tactical import PAIRS
from forecaster.vocabulary import BALLOT, GB_PARTIES, NATIONS, PARTIES, REGIONS

pytestmark = pytest.mark.slow

PARAMETERS = load_config("next-election").parameters
SEAT = PARAMETERS.seat
AFTER = read_election("2019")


def planted(shared, own, seed):
    """Estimates of 2019 that miss it by the errors of the model, times factors."""
    random = np.random.default_rng(seed)
    base = build_base(read_election("2017"), AFTER, SEAT)
    shares = column_shares(AFTER)
    names = PARAMETERS.seat.covariates
    covariates = standardised_covariates(AFTER.seats, names, AFTER.seats.nation != 3)
    size = error_size(base, shares, SEAT)
    error = np.zeros_like(shares)
    for party in (*GB_PARTIES, "SNP", "PC"):
        slopes = [random.normal(0, SEAT.slope_sd.value[n].get(party, 0)) for n in names]
        regions = random.normal(0, SEAT.region_sd.value.get(party, 0), len(REGIONS))
        regions[REGIONS.index("Scotland") :] = 0  # given with the nation's share
        strength = random.normal(0, SEAT.strength_sd.value.get(party, 0))
        mean = covariates @ slopes + regions[AFTER.seats.region] + strength
        # The kernel's t with four degrees of freedom, of unit variance.
        alone = random.standard_t(4, len(shares)) / 2**0.5 * SEAT.sd.value[party]
        for a, nation in enumerate(NATIONS[:3]):
            if party in BALLOT[nation]:
                seats = AFTER.seats.nation == a
                error[seats, BALLOT[nation].index(party)] = (shared * mean + own * alone)[seats]
    found = np.where(base.stands & ~fixed_columns()[AFTER.seats.nation], shares, 0)
    found = np.maximum(found + 0.01 * size * error * (found > 0), 1e-4 * (found > 0))
    given = (AFTER.seats.nation != 3) & (AFTER.votes[:, PARTIES.index("Spk")] == 0)
    return SeatEstimates(found / found.sum(1, keepdims=True) * given[:, None], given)


def factors(shared, own, seed):
    found = seat_miss("2019", [planted(shared, own, seed)], PARAMETERS)
    return np.array([found.shared, found.own])


def test_misses_half_as_large_have_half_the_factor():
    # The same errors: what closing the seats to one takes away is taken from both.
    half, shared, own = np.mean(
        [
            [factors(*planted_as, seed) / factors(1, 1, seed) for seed in range(3)]
            for planted_as in ((0.5, 0.5), (0.5, 1), (1, 0.5))
        ],
        axis=1,
    )
    assert half == pytest.approx([0.5, 0.5], rel=0.1)
    # What seats share and what is their own cannot quite be told apart.
    assert shared == pytest.approx([0.5, 1], rel=0.2)
    assert own == pytest.approx([1, 0.5], rel=0.2)


@pytest.mark.slow
def test_the_misses_of_the_swing_model_have_factors_of_one():
    swing = PARAMETERS.swing
    mean = [swing.lambda_falling.value.mean, swing.lambda_rising.value.mean]
    lambdas = Lambdas(np.array(mean), np.full(2, 0.3))
    pasts = [
        compare(name, lambdas, PARAMETERS, by_elections_before(name, PARAMETERS)) for name in PAIRS
    ]
    found = [seat_factors(past.contests, PARAMETERS) for past in pasts]
    mean_square = (np.array(found) ** 2).mean(0)
    # Five elections tell a root mean square to a tenth or two.
    assert mean_square**0.5 == pytest.approx([1, 1], abs=0.15)


def test_a_perfect_estimate_misses_nothing():
    found = seat_miss("2019", [planted(0, 0, 1)], PARAMETERS)
    assert [found.shared, found.own] == pytest.approx([0, 0], abs=0.01)
    np.testing.assert_allclose(found.britain[:5], 0, atol=1e-6)


def test_elections_count_alike_and_their_spread_is_the_standard_error():
    def miss(election, value):
        return Miss(election, "one", np.full(len(FACTORS), value))

    found = [miss("2017", 1.0), miss("2019", 2.0), miss("2024", 3.0), miss("2024", 3.0)]
    factors, errors, elections = pooled(found)
    assert elections == 3
    np.testing.assert_allclose(factors, (14 / 3) ** 0.5)
    without = np.sqrt([6.5, 5.0, 2.5])
    np.testing.assert_allclose(errors, (2 / 3 * ((without - without.mean()) ** 2).sum()) ** 0.5)
    assert np.isnan(pooled(found[:1])[1]).all()
    assert mrp_table(found[:1]).rows[-1]["own"] is None


def test_the_correlation_of_two_is_what_their_average_keeps():
    def miss(square, averaged=1):
        return Miss("2019", "one", np.full(len(FACTORS), square**0.5), averaged)

    # Four with a correlation of 0.2 have an average with 0.2 + 0.8 / 4 of their mean square.
    found = [miss(1.0), miss(2.0), miss(2.0), miss(3.0), miss(2.0 * 0.4, averaged=4)]
    np.testing.assert_allclose(correlations(found), 0.2)
    assert np.isnan(correlations(found[:4])).all()
    np.testing.assert_allclose(pooled(found)[0], 2**0.5)  # the average is none of them


def test_planted_errors_are_correlated_if_they_are_the_same():
    first, second = (planted(0, 1, seed) for seed in (1, 2))

    def correlation(*ones):
        square = [seat_miss("2019", some, PARAMETERS).own ** 2 for some in ([*ones], *zip(ones))]
        return 2 * square[0] / np.mean(square[1:]) - 1

    assert correlation(first, first) == pytest.approx(1, abs=0.02)
    # Not quite zero: an average has thinner tails than the law that is fitted.
    assert correlation(first, second) == pytest.approx(0, abs=0.15)


@pytest.fixture
def folder(tmp_path):
    """A folder with a forecast of each of two elections."""
    lines = ["election,model,ons,Con,Lab,LD,Reform,Green,SNP,PC,Other"]
    for year, model in (("2017", "First"), ("2019", "Second")):
        election = read_election(year)
        shares = 100 * election.shares
        for i, code in enumerate(election.seats.code.tolist()):
            if election.seats.nation[i] != 3:
                named = [shares[i, PARTIES.index(p)] for p in (*GB_PARTIES, "SNP", "PC")]
                named[0] *= 0.9
                lines.append(
                    f"{year},{model},{code},{','.join(f'{v:.2f}' for v in named)},"
                    f"{max(100 - sum(named), 0):.2f}"
                )
    (tmp_path / "mrp.csv").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_a_table_and_a_model_file_that_a_run_can_name(folder, tmp_path, capsys):
    assert run(["calibrate", "mrp", str(folder), "--format", "csv"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert [row.split(",")[1] for row in rows[1:]] == [
        "First",
        "Second",
        "each election once",
        "standard error",
        "correlation of two",
    ]
    model = tmp_path / "model.toml"
    arguments = ["--forecast", "Second", "--out", str(model)]
    assert run(["calibrate", "mrp", str(folder), *arguments]) == 0
    estimates = load_config("next-election", parse_changes([f"model={model}"])).parameters.estimates
    assert "2019: Second: root mean square over 1 elections" in estimates.own.source
    second = misses(folder, ("Second",), None)[0]
    assert estimates.own.value == pytest.approx(second.factors[2], abs=0.006)


def test_an_election_left_out_is_not_evaluated_nor_in_the_swing_model(folder, monkeypatch):
    left_out = []
    monkeypatch.setattr(
        model_calibration, "changes_without", lambda name: left_out.append(name) or {}
    )
    found = misses(folder, (), "2019")
    assert [one.election for one in found] == ["2017"]
    assert left_out == ["2019"]


@pytest.mark.parametrize(
    ("names", "leave_out", "message"),
    [
        (
            ("Secand",),
            None,
            "--forecast 'Secand': not among the forecasts .* Did you mean 'Second'",
        ),
        ((), "2018", "--leave-out '2018': no such election"),
    ],
)
def test_unknown_names_are_refused(folder, names, leave_out, message):
    with pytest.raises(ConfigError, match=message):
        misses(folder, names, leave_out)
