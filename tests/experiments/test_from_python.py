"""Experiments as a modeller calls them: configs and pacts by name or as values."""

import json

import numpy as np
import pytest

from forecaster.config.load import build_config
from forecaster.config.pact import Pact
from forecaster.errors import ConfigError, ResultsError
from forecaster.experiments.choosing.alternatives import read_question
from forecaster.experiments.choosing.optimise import optimise, tables
from forecaster.experiments.sensitivity import run_sensitivity
from forecaster.experiments.sweep import sweep, sweep_folder, sweep_table
from forecaster.experiments.whatif import with_shares
from forecaster.pipeline import simulate_to

pytestmark = pytest.mark.slow

SHARES = {"Con": 17, "Lab": 19, "LD": 13, "Reform": 28, "Green": 14, "SNP": 3, "PC": 1, "Other": 5}
MINE = Pact(name="mine", members=["Lab", "LD"], opponents=["Con", "Reform"], transfers=0.7)


@pytest.fixture(scope="module")
def config():
    return with_shares(build_config("next-election", draws=64, pacts="progressive"), SHARES)


def test_a_pact_of_code_is_optimised_as_one_by_name(config):
    by_name, by_value = optimise(config, "lab-ld"), optimise(*read_question(config, "lab-ld"))
    np.testing.assert_array_equal(by_name.choice, by_value.choice)
    assert tables(by_name)["comparison"] == tables(by_value)["comparison"]
    assert list(tables(by_name)) == ["comparison", "members", "promises", "seats"]


def test_a_question_has_one_pact_and_no_scenarios_of_its_config(config):
    run, pact = read_question(config, MINE, options={"errors.seats": 0}, draws=32, seed=5)
    assert (run.scenarios, run.draws, run.seed, run.errors.seats) == ((), 32, 5, 0)
    assert pact == MINE
    with pytest.raises(ConfigError, match="one pact is chosen at a time"):
        read_question(config, "lab-ld+right")


def test_sensitivity_takes_a_config_a_name_or_a_stored_run(config, tmp_path):
    wanted = ["seats:Lab:progressive"]
    of_config = run_sensitivity(config, wanted)
    national = {"source": "shares", "percent": {"GB": SHARES}}
    of_name = run_sensitivity(
        "next-election", wanted, options={"national": national}, pacts="progressive", draws=64
    )
    simulate_to(tmp_path / "run", config)
    of_run = run_sensitivity(tmp_path / "run", wanted)
    assert of_config.rows == of_name.rows == of_run.rows
    assert {row["outcome"] for row in of_config.rows} == set(wanted)


@pytest.mark.parametrize(
    ("what", "arguments", "message"),
    [
        ("transfer-rate", {"draws": 10}, "a sweep's draws"),
        ("transfer-rate", {"pacts": "right"}, "a sweep's draws"),
        ("STORED", {"options": {"seed": 2}}, "a run's options"),
        ("next-election", {"out": "x"}, "goes with a sweep"),
    ],
)
def test_what_does_not_go_together_is_refused(what, arguments, message, tmp_path):
    with pytest.raises(ConfigError, match=message):
        run_sensitivity(tmp_path if what == "STORED" else what, **arguments)


def test_a_sweep_is_one_call_and_its_points_are_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    percent = ", ".join(f"{party} = {share}" for party, share in SHARES.items())
    (tmp_path / "mine.toml").write_text(
        f'title = "t"\nconfig = "next-election"\npacts = ["progressive"]\ndraws = 64\n'
        f'[set]\nnational = {{ source = "shares", percent.GB = {{ {percent} }} }}\n'
        '[vary]\n"pacts.progressive.strength.refusal" = [0.0, 1.0]\n'
    )
    seen = []

    class Bar:
        def __init__(self, total):
            seen.append(total)

        def __enter__(self):
            return seen.append

        def __exit__(self, *error):
            pass

    table = sweep_table(*sweep("mine.toml", ["difference:Lab"], progress=Bar))
    assert seen == [2, 0, 1, 1]
    some, none = (row["difference:Lab:progressive"] for row in table.rows)
    assert abs(none) < abs(some)
    assert len(list((sweep_folder("mine.toml") / "outcomes").iterdir())) == 2
    again = sweep_table(*sweep("mine.toml", ["difference:Lab"], progress=Bar))
    assert again.rows == table.rows
    assert seen[4:] == [2, 2]


def test_a_run_is_replaced_only_if_asked(config, tmp_path):
    folder = tmp_path / "run"
    simulate_to(folder, config)
    with pytest.raises(ResultsError, match="--force"):
        simulate_to(folder, config)
    simulate_to(folder, config.model_copy(update={"seed": 3}), force=True)
    assert json.loads((folder / "manifest.json").read_text())["seed"] == 3
    assert list(tmp_path.iterdir()) == [folder]
