"""The law of transfers: planted rates come back, and the bundled file is what it writes."""

import tomllib

import numpy as np
import pytest
from scipy.special import expit, logit

from forecaster.calibration import transfer_evidence
from forecaster.calibration.transfer_evidence import HOME, OTHER, Piece, pieces
from forecaster.calibration.transfer_file import (
    evidence_for,
    parts_drawn,
    rates_file,
    rates_wanted,
)
from forecaster.calibration.transfer_law import Rate, fit_law, relation
from forecaster.config.pact import Range, TransferTable, middle, read_transfers
from forecaster.errors import DataError
from forecaster.plan.scenarios import log_odds, transfer_law
from forecaster.resources import root

pytestmark = pytest.mark.slow

GB = ("Con", "Lab", "LD", "Reform", "Green")
PARTIES = (*GB, "SNP", "PC")
MEANS = {"own side": -0.4, "other side": -1.8, "home": -1.2, "others": -2.0}
BIAS = {"poll": 0.5, "ballot": -0.5, "withdrawal": 0.3, "entry": -0.3}
SD = {"rate": 0.4, "period": 0.2, "poll": 0.5, "ballot": 0.3, "withdrawal": 0.2, "entry": 0.2}


def planted(seed):
    """Return simulated evidence, and the true log-odds of every rate."""
    random = np.random.default_rng(seed)
    truth, out = {}, []
    for donor in PARTIES:
        for to in sorted({*PARTIES, HOME, OTHER} - {donor}):
            own = MEANS[relation(donor, to)] + random.normal(0, SD["rate"])
            truth[donor, to] = own
    for (donor, to), own in sorted(truth.items()):
        for kind, bias in BIAS.items():
            shown = own + bias * (relation(donor, to) == "own side") + random.normal(0, SD[kind])
            for period in ("2019", "2024"):
                rate = expit(shown + random.normal(0, SD["period"])) + random.normal(0, 0.02)
                out.append(Piece(kind, donor, to, None, rate, 0.02, None, None, period, "planted"))
    return out, truth


@pytest.fixture(scope="module")
def recovered():
    evidence, truth = planted(5)
    return fit_law(evidence), truth


@pytest.mark.slow
def test_planted_means_of_relations_come_back(recovered):
    law, _ = recovered
    for name, mean in MEANS.items():
        assert abs(law.fixed[name] - mean) < 3 * law.fixed_error[name], name


def test_planted_rates_come_back_with_their_errors(recovered):
    law, truth = recovered
    mean, covariance = law.predict([Rate(*names) for names in truth])
    away = (mean - list(truth.values())) / np.sqrt(np.diag(covariance))
    assert np.abs(away).max() < 4
    assert (np.abs(away) < 1.645).mean() > 0.8


def test_planted_biases_of_the_kinds_come_back(recovered):
    law, _ = recovered
    for kind, bias in BIAS.items():
        # 22 rates to the own side, each with the kind's own difference.
        error = np.hypot(SD[kind], SD["rate"]) / 22**0.5
        assert abs(law.bias[kind, "own side"] - bias) < 2 * error, kind


@pytest.mark.slow
def test_planted_spreads_come_back():
    found = [fit_law(planted(seed)[0]).sd for seed in range(4)]
    for term, sd in SD.items():
        # Some 50 rates: a relative error of 1 / sqrt(2 * 50) in each of four.
        mean = np.mean([one[term] for one in found])
        assert mean == pytest.approx(sd, rel=0.2), term


def test_a_rate_without_evidence_is_its_donors_mean(recovered):
    law, truth = recovered
    drawn = law.draw([Rate("Green", None), Rate("Green", "Lab")], 4000, 1)
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
    own = [
        own
        for (donor, to), own in truth.items()
        if donor == "Green" and relation(donor, to) == "own side"
    ]
    assert logit(np.median(drawn[:, 0])) == pytest.approx(np.mean(own), abs=0.4)
    assert high[0] - low[0] > high[1] - low[1]


@pytest.fixture(scope="module", params=["formal", "informal"])
def name(request):
    return request.param


@pytest.fixture(scope="module")
def written(name):
    return rates_file(name)


@pytest.mark.slow
def test_the_bundled_file_is_what_the_command_writes(name, written):
    assert (root() / f"configs/transfers/{name}.toml").read_text(encoding="utf-8") == written


def test_informal_rates_are_those_of_absences_in_which_nobody_was_named():
    found = evidence_for("informal")
    assert {p.kind for p in found} == {"withdrawal", "entry", "absence"}
    absences = {p.source for p in found if p.kind == "absence"}
    assert "UKIP 2017" in absences and "Brexit Party 2019" not in absences
    assert not any("Unite" in source or source.startswith("LD 2019") for source in absences)


def test_informal_rates_tell_recipients_apart():
    law = read_transfers("informal")
    to = {p: middle(law.find("Reform", p, None).arrive) for p in ("Con", "Lab", "LD", "Green")}
    assert to["Con"] > 2 * max(to["Lab"], to["LD"], to["Green"])
    against = {p: middle(law.find("LD", p, "Con").arrive) for p in ("Lab", "Green")}
    assert min(against.values()) > middle(law.find("LD", "Con", "Lab").arrive)


def test_where_nobody_is_named_a_donors_votes_are_divided_among_all_who_stand():
    law = fit_law(evidence_for("informal"))
    arrive = [parts_drawn(law, Rate("Reform", to), True)[:, 0] for to in GB[:3] + GB[4:]]
    home, rest = (
        parts_drawn(law, Rate("Reform", "Con"), True)[:, 2],
        law.draw([Rate("Reform", to) for to in (*GB[:3], GB[4], HOME, OTHER)], 4000, 1),
    )
    known = sum(one.mean() for one in arrive) + home.mean()
    other = (rest[:, -1] / rest.sum(1)).mean()
    assert known + other == pytest.approx(1, abs=0.01)
    # Alone, they would come to more than there is.
    assert rest.sum(1).mean() > 1.1


@pytest.mark.slow
def test_parts_are_fractions_that_leave_room_for_others(written):
    table = TransferTable.model_validate(tomllib.loads(written))
    for row in table.row:
        middles = [middle(rate) for rate in (row.arrive, row.opponent, row.abstain)]
        assert min(middles) > 0 and sum(middles) < 1
        assert row.kinds or row.source.startswith("judgement") or ": nothing" in row.source


def test_what_a_run_draws_has_the_ranges_of_every_row(name):
    random = np.random.default_rng(2).standard_normal((20_000, 3))
    for row in read_transfers(name).row:
        rates = (row.arrive, row.opponent, row.abstain)
        weight, sd = transfer_law(*rates)
        weights = np.column_stack(
            [np.exp(random * sd) * weight[:3], np.full(len(random), weight[3])]
        )
        drawn = weights / weights.sum(1, keepdims=True)
        # Logit-normal ranges are met in mean and variance; 20,000 draws tell a point of coverage.
        held = [np.mean((r.low < d) & (d < r.high)) for r, d in zip(rates, drawn.T, strict=False)]
        assert held == pytest.approx([0.9] * 3, abs=0.02), row
        low, middle_, high = np.quantile(drawn[:, 0], (0.05, 0.5, 0.95))
        stated = (row.arrive.low, middle(row.arrive), row.arrive.high)
        assert (low, middle_, high) == pytest.approx(stated, abs=0.015), row


def test_certain_rates_stay_as_they_are_and_a_lone_range_keeps_its_spread():
    assert transfer_law(0.6, 0.1, 0.0) == ([0.6, 0.1, 0.0, pytest.approx(0.3)], pytest.approx(0))
    weight, sd = transfer_law(Range(low=0.4, high=0.8), 0.2, 0.0)
    assert weight[0] == pytest.approx(middle(Range(low=0.4, high=0.8)), abs=1e-3)
    assert sd.tolist() == pytest.approx([log_odds(Range(low=0.4, high=0.8))[1], 0, 0], abs=1e-3)


def test_every_row_of_evidence_has_a_kind_that_is_known():
    found = pieces()
    assert {p.kind for p in found} == set(transfer_evidence.KINDS)
    assert all(0 <= p.rate <= 1 and p.error > 0 for p in found)
    assert len(rates_wanted(found, everyone=False)) > 40


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("kind", "rumour", "kind 'rumour' is none of poll"),
        ("to", "Whigs", "to 'Whigs' is no party"),
        ("error", 0.0, "a rate of [0-9.]+ with an error of 0.0"),
        ("rate", None, "a rate of None with"),
    ],
)
def test_a_wrong_row_of_evidence_is_named(monkeypatch, column, value, said):
    table = transfer_evidence.read_table(transfer_evidence.BEHAVIOUR)
    values = list(table[column])
    values[6] = value
    monkeypatch.setattr(transfer_evidence, "read_table", lambda _: table | {column: values})
    with pytest.raises(DataError, match=f"behaviour.csv, line 8: {said}"):
        list(transfer_evidence._behaviour())


def test_a_rate_beyond_the_possible_counts_as_the_bound_with_a_wider_error():
    about = {"kind": "absence", "donor": "Green", "to": "LD", "against": None, "period": "2019"}
    row = about | {"rate": 1.4, "error": 0.3, "spread": None, "cases": 1, "source": "x"}
    (piece,) = transfer_evidence._piece("x", row)
    assert (piece.rate, piece.error) == (1.0, pytest.approx(0.5))
