"""What is put together from single options is what simulating the pact gives, draw by draw."""

import numpy as np
import pytest

from forecaster.config.load import load_config, parse_changes
from forecaster.experiments.choosing.alternatives import ask, count_options
from forecaster.experiments.choosing.optimise import pact_text
from forecaster.plan.build import build_plan
from forecaster.plan.scenarios import build_scenarios
from forecaster.results.build import party_of
from forecaster.simulation.simulate import simulate


@pytest.fixture(scope="module")
def overrides(given_shares):
    return [given_shares, "draws=300"]


def question_of(name, overrides):
    run = load_config("next-election", parse_changes(overrides), [name])
    return ask(run, run.scenarios[0].pacts[0])


def winners_of(seed, pact, overrides):
    plan = build_plan(
        load_config("next-election", parse_changes([*overrides, f"seed={seed}"]), [pact])
    )
    columns = simulate(plan, build_scenarios(plan), keep_winners=True).tally.winners
    return party_of(plan)[np.arange(columns.shape[2]), columns[:, 1]]


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["progressive", "right", "tactical", "campaign", "progressive-every-vote"]
)
def test_a_composed_choice_is_the_simulated_pact(name, overrides, tmp_path):
    question = question_of(f"pacts/{name}.toml", overrides)
    rng = np.random.default_rng(3)
    choice = rng.integers(0, len(question.members) + 1, len(question.scope))
    able = np.vstack([np.ones(len(choice), bool), question.stands])
    choice = np.where(able[choice, np.arange(len(choice))], choice, 0)
    composed = count_options(question, 11, threads=1).compose(question.whole(choice))
    path = tmp_path / "written.toml"
    pact = question.allocation(choice)
    path.write_text(pact_text(pact, question.plan.base.seats, ["A test."], {}), encoding="utf-8")
    np.testing.assert_array_equal(composed, winners_of(11, str(path), overrides))
    unchanged = count_options(question, 11, threads=1).winners[:, 0]
    assert (composed != unchanged).any()


@pytest.mark.slow
def test_rules_are_counted_as_the_pact_file_is(overrides):
    question = question_of("pacts/progressive.toml", overrides)
    ruled = count_options(question, 1, threads=2).ruled
    np.testing.assert_array_equal(
        ruled["the file's rule"], winners_of(1, "pacts/progressive.toml", overrides)
    )


def test_a_list_that_names_who_stands_aside_is_kept(overrides, tmp_path):
    # Here only one of two donors gives way, so the rule is none of the options.
    (tmp_path / "seats.csv").write_text(
        "seat,party,aside\nLewes,LD,Green\nAldershot,Lab,LD+Green\n"
    )
    path = tmp_path / "few.toml"
    path.write_text(
        'members = ["Lab", "LD", "Green"]\nopponents = ["Con", "Reform"]\n'
        '[flag_bearer]\nrule = "file"\nfile = "seats.csv"\n'
        '[strength]\nform = "stand-aside"\ntransfers = 0.7\n'
    )
    question = question_of(str(path), overrides)
    names = question.plan.base.seats.name[question.scope].tolist()
    assert sorted(names) == ["Aldershot", "Lewes"]
    asides = {
        choice.seat: choice.aside for choice in question.rules["the file's rule"].flag_bearer.file
    }
    lewes, aldershot = (
        question.plan.base.seats.code[question.scope[names.index(n)]]
        for n in ("Lewes", "Aldershot")
    )
    assert (asides[lewes], asides[aldershot]) == (("Green",), None)
    # Other rules choose in the same seats, though they would reach further.
    assert all(len(rule.flag_bearer.file) == 2 for rule in question.rules.values())
    ruled = count_options(question, 1, threads=1).ruled["the file's rule"]
    np.testing.assert_array_equal(ruled, winners_of(1, str(path), overrides))
