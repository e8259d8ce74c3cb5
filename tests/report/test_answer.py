"""The sentences say what the draws say."""

import numpy as np
import pytest

from forecaster.answers.coalitions import majorities
from forecaster.report.answer import answers, figures, matrix
from forecaster.report.wording import percent
from forecaster.results.precision import monte_carlo_error


@pytest.fixture(scope="module")
def won(pact_tables):
    manifest = pact_tables.manifest
    shape = (manifest["draws"], len(manifest["scenarios"]), len(manifest["parties"]))
    seats = pact_tables.tables["totals"].column("seats").to_numpy().reshape(shape).astype(int)

    def of(scenario, *parties):
        columns = [manifest["parties"].index(party) for party in parties]
        return seats[:, manifest["scenarios"].index(scenario), columns].sum(axis=1)

    return of


def test_the_forecast_in_three_sentences_and_four_numbers(pact_tables, won):
    sentences = answers(pact_tables)["no-pact"]
    labour = won("no-pact", "Lab")
    assert len(sentences) == 3
    assert f"Labour would win about {np.median(labour):.0f} seats" in sentences[0]
    assert f"majority in {100 * (labour >= 326).mean():.0f} of 100" in sentences[0]
    numbers = [figure.number for figure in figures(pact_tables)]
    assert len(numbers) == 4
    assert numbers[1] == f"{100 * (labour >= 326).mean():.0f} %"


def test_a_pact_is_answered_with_paired_differences(pact_tables, won):
    _, sentence, risk = answers(pact_tables)["right"]
    without, with_it = (won(name, "Con", "Reform") for name in ("no-pact", "right"))
    difference = with_it - without
    low, high = np.quantile(difference, (0.05, 0.95))
    assert "the Conservatives and Reform UK would win about" in sentence
    assert f"about {difference.mean():.0f} seats more" in sentence
    ends = (f"{end:+.0f}".replace("-", "−").replace("+0", "0") for end in (low, high))
    assert f"({' to '.join(ends)})" in sentence
    assert f"in {100 * (with_it >= 326).mean():.0f} of 100" in sentence
    assert risk.startswith(f"In {100 * (difference < 0).mean():.0f} of 100 it leaves its members")
    reform = won("right", "Reform") < won("no-pact", "Reform")
    assert f"and Reform UK alone in {100 * reform.mean():.0f};" in risk.replace(" of 100;", ";")


def test_two_pacts_at_once_are_each_spoken_of(pact_tables):
    _, *each, risk = answers(pact_tables)["progressive+right"]
    assert [text.startswith("With both pacts at once, ") for text in each] == [True, True]
    assert "“Lab + LD + Green stand aside” in" in risk
    assert "“Con + Reform stand aside” in" in risk


def test_without_pacts_nothing_is_said_of_them(plain_tables):
    (sentences,) = answers(plain_tables).values()
    text = " ".join(sentences + [figure.title for figure in figures(plain_tables)])
    assert "pact" not in text.lower()


def test_the_matrix_tells_what_a_pact_does_to_each_member(pact_tables, won):
    cells = matrix(pact_tables)
    at = pact_tables.scenarios.index("right")
    for name, parties in {"Con + Reform": ("Con", "Reform"), "Reform UK": ("Reform",)}.items():
        without, with_it = (won(scenario, *parties) for scenario in ("no-pact", "right"))
        assert cells[name][at].seats == f"{np.median(with_it):.0f}"
        assert cells[name][at].fewer == f"{100 * (with_it < without).mean():.0f} %"
        assert cells[name][0].fewer == cells[name][0].change == ""


def test_the_matrix_has_every_scenario_for_every_side_and_party(pact_tables, plain_tables):
    cells = matrix(pact_tables)
    assert {"Lab + LD + Green", "Labour", "Lib Dem", "Green", "Con + Reform"} <= set(cells)
    assert {len(row) for row in cells.values()} == {len(pact_tables.scenarios)}
    assert matrix(plain_tables) == {}


def test_the_same_parties_have_one_chance_of_a_majority_on_the_page(pact_tables):
    cells, sets, draws = matrix(pact_tables), majorities(pact_tables), pact_tables.draws
    named = {"Labour": ("Lab",), "Lab + LD + Green": ("Lab", "LD", "Green")}
    for name, parties in named.items():
        for s, cell in enumerate(cells[name]):
            p = sets.chances[s, 0, sets.of(parties)]
            assert cell.majority == percent(p, float(monte_carlo_error(p * draws, draws)))
