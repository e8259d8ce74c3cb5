"""Sweep files: designs, keys that reach everywhere, and mistakes named before anything runs."""

import numpy as np
import pytest

from forecaster.config.load import load_config, parse_changes
from forecaster.config.pact import StandAside, Tactical
from forecaster.config.sweep_file import points_of, read_sweep
from forecaster.errors import ConfigError

HEAD = 'title = "t"\nconfig = "next-election"\npacts = ["pacts/progressive.toml"]\n'


def points(tmp_path, text, head=HEAD):
    file = tmp_path / "sweep.toml"
    file.write_text(head + text)
    return points_of(read_sweep(str(file)))


def test_a_grid_is_every_value_with_every_other(tmp_path):
    text = """
    [set.swing]
    rule = "uniform"
    [vary]
    errors.national = { from = 0, to = 1, steps = 3 }
    "base.election" = ["2024", "2019-notional"]
    """
    got = points(tmp_path, text)
    assert [tuple(point.values.values()) for point in got] == [
        (e, base) for e in (0.0, 0.5, 1.0) for base in ("2024", "2019-notional")
    ]
    assert [(p.config.errors.national, p.config.base.election) for p in got] == [
        tuple(point.values.values()) for point in got
    ]
    assert {(p.config.swing.rule, p.config.seed) for p in got} == {("uniform", 1)}


def test_a_latin_hypercube_has_one_point_in_every_slice_of_every_option(tmp_path):
    text = """
    design = "latin-hypercube"
    points = 20
    [vary]
    errors.national = { from = 0, to = 2 }
    errors.seats = { from = 1, to = 3 }
    swing.rule = ["uniform", "logit"]
    """
    got = points(tmp_path, text)
    for key, low in (("errors.national", 0), ("errors.seats", 1)):
        slices = np.floor((np.array([p.values[key] for p in got]) - low) / 2 * 20)
        assert sorted(slices) == list(range(20))
    assert [p.values["swing.rule"] for p in got].count("logit") == 10


def test_options_reach_into_pacts_lists_and_the_model():
    run = load_config(
        "next-election",
        parse_changes(
            [
                "pacts.progressive.strength.transfers={arrive=0.5, opponent=0.1}",
                "pacts.progressive.strength.transfers.arrive=0.7",
                "pacts.progressive.strength.refusal=0.25",
                "pacts.tactical.strength.kappa=0.4",
                "parameters.swing.tactical.value.0.kappa.mean=0.3",
            ]
        ),
        ["pacts/progressive.toml", "pacts/tactical.toml"],
    )
    first, second = (scenario.pacts[0].strength for scenario in run.scenarios)
    assert isinstance(first, StandAside)
    assert (first.transfers.arrive, first.transfers.opponent, first.refusal) == (0.7, 0.1, 0.25)
    assert isinstance(second, Tactical)
    assert second.kappa == 0.4
    assert run.parameters.swing.tactical.value[0].kappa.mean == 0.3


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("pacts.progresive.strength.refusal=0", "Did you mean 'progressive'"),
        ("pacts.progressive=0", "expected pacts.NAME.KEY"),
        ("pacts.progressive.strength.refusl=0", "Did you mean 'refusal'"),
        ("pacts.progressive.members.7='PC'", "members is a list of 3; expected a number from 0"),
        ("pacts.progressive.title.x=1", "title is a value, not a table"),
    ],
)
def test_a_wrong_option_of_a_pact_is_named(override, message):
    with pytest.raises(ConfigError, match=message):
        load_config("next-election", parse_changes([override]), ["pacts/progressive.toml"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[vary]\nerrors.nationl = [0, 1]", "point errors.nationl=0:\n.*Did you mean 'national'"),
        ("[vary]\nerrors.national = [0, 99]", "at the point errors.national=99:"),
        ("[vary]\nerrors.national = { from = 0, to = 1 }", "'grid' needs 'steps'"),
        ("[vary]\nerrors.national = { from = 1, to = 0, steps = 2 }", r"from \(1\) must be below"),
        ("[vary]\nerrors.national = []", "vary.errors.national: no value"),
        ("points = 3\n[vary]\nerrors.national = [0]", "'grid' does not take 'points'"),
        ('design = "latin-hypercube"\n[vary]\nerrors.national = [0]', "needs 'points'"),
        ("[vary]", "vary: "),
        ("[vary]\nerrors.national = 3", "vary.errors.national: "),
        ("draw = 3\n[vary]\nerrors.national = [0]", "Did you mean 'draws'"),
        ("[vary]\n" + "\n".join(f"a.k{i} = {{ from = 0, to = 1, steps = 99 }}" for i in range(3)),
         "970,299 points, at most"),
    ],
)  # fmt: skip
def test_a_wrong_sweep_is_refused(tmp_path, text, message):
    with pytest.raises(ConfigError, match=message):
        points(tmp_path, text)


def test_an_unknown_sweep_or_config_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"Did you mean 'transfer-rate\.toml'"):
        read_sweep("transfer-rates")
    with pytest.raises(ConfigError, match=r"config: no file 'nowhere\.toml'"):
        points(tmp_path, "[vary]\nerrors.national = [0]", 'title = "t"\nconfig = "nowhere"\n')
