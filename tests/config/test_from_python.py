"""What a modeller passes from Python: pacts, options, polls and shares as values."""

from datetime import date, datetime

import numpy as np
import pytest

from forecaster import simulate
from forecaster.config.load import build_config, change, digest, load_config, parse_changes
from forecaster.config.pact import Pact, StandAside
from forecaster.errors import ConfigError, DataError
from forecaster.experiments.whatif import with_shares

SIDES = {"members": ["Lab", "LD", "Green"], "opponents": ["Con", "Reform"]}
POLL = {"end": "2026-06-01", "pollster": "YouGov", "Con": 18, "Lab": 20, "LD": 14, "Reform": 28}
PERCENT = {"Con": 17, "Lab": 19, "LD": 13, "Reform": 28, "Green": 14, "SNP": 3, "PC": 1, "Other": 5}


def pact_of(tmp_path, text, **values):
    """Return a pact as a file and as code give it."""
    path = tmp_path / "pact.toml"
    lines = (f"{side} = {list(parties)}\n" for side, parties in SIDES.items())
    path.write_text("".join(lines) + text)
    return load_config("next-election", pacts=[path]).scenarios[0].pacts[0], Pact(**SIDES, **values)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('[strength]\nform = "stand-aside"\ntransfers = 0.7\n', {"transfers": 0.7}),
        ('[strength]\nform = "stand-aside"\ntransfers = "formal"\n', {"transfers": "formal"}),
        (
            '[strength]\nform = "tactical"\nkappa = { low = 0.2, high = 0.6 }\n',
            {"kappa": {"low": 0.2, "high": 0.6}},
        ),
        (
            '[strength]\nform = "non-aggression"\n',
            {"strength": {"form": "non-aggression"}},
        ),
        ('[strength]\nform = "campaign"\ngain = 0.02\n', {"gain": 0.02}),
        (
            '[flag_bearer]\nrule = "file"\nfile = [{ seat = "Lewes", party = "LD" }]\n'
            '[strength]\nform = "stand-aside"\ntransfers = 0.7\nrefusal = 0.0\n',
            {
                "transfers": 0.7,
                "refusal": 0,
                "flag_bearer": {"rule": "file", "file": [{"seat": "Lewes", "party": "LD"}]},
            },
        ),
    ],
)
def test_a_pact_in_code_is_the_pact_of_a_file(tmp_path, text, values):
    read, built = pact_of(tmp_path, text, **values)
    assert read == built


def test_a_pact_in_code_reads_the_files_that_it_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.csv").write_text("seat,party,aside\nLewes,LD,Lab+Green\nHove,Lab,\n")
    pact = Pact(**SIDES, flag_bearer={"rule": "file", "file": "list.csv"}, transfers="informal")
    assert [choice.aside for choice in pact.flag_bearer.file] == [("Lab", "Green"), None]
    assert isinstance(pact.strength, StandAside)
    assert pact.strength.transfers.title
    (tmp_path / "list.csv").write_text("seat,aside\nLewes,Lab\n")
    with pytest.raises(DataError, match=r"list\.csv: line 1: no column 'party'"):
        Pact(**SIDES, flag_bearer={"rule": "file", "file": "list.csv"}, transfers=0.5)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"transfers": 1.2}, "pact: strength.transfers.arrive: .*less than or equal to 1"),
        ({"transfers": "formel"}, "transfers: no file 'formel'. Did you mean 'formal'?"),
        ({"transfers": 0.5, "members": ["Lab", "Libral"]}, r"pact: members.1: .*Did you mean 'LD'"),
        ({"transfers": 0.5, "name": "mine", "where": {"seats": 3}}, "mine: where.seats: "),
        ({}, "pact: strength: missing"),
    ],
)
def test_a_wrong_pact_in_code_is_refused_as_a_file_is(values, message):
    with pytest.raises(ConfigError, match=message):
        Pact(**(SIDES | values))


def test_pacts_go_by_name_path_text_and_object():
    mine = Pact(**SIDES, name="mine", transfers=0.7)
    config = build_config(
        "next-election",
        pacts=["progressive", "lab-ld+pacts/tactical.toml", mine, ("right", mine)],
    )
    names = [scenario.name for scenario in config.scenarios]
    assert names == ["progressive", "lab-ld+tactical", "mine", "right+mine"]
    by_path = build_config("next-election", pacts=["configs/pacts/progressive.toml"])
    assert digest(by_path) == digest(build_config("next-election", pacts="progressive"))
    assert build_config("next-election", pacts=mine).scenarios[0].pacts == (mine,)


def test_an_unknown_pact_suggests_the_nearest_bundled_one():
    with pytest.raises(ConfigError, match=r"no file 'progresive'\. Did you mean 'progressive'\?"):
        build_config("next-election", pacts=["progresive"])
    with pytest.raises(ConfigError, match="expected a pact's name, its file or a Pact, not 3"):
        build_config("next-election", pacts=[[3]])


def test_a_pact_of_code_takes_options_too():
    mine = Pact(**SIDES, name="mine", transfers=0.7)
    config = build_config("next-election", pacts=mine, options={"pacts.mine.strength.refusal": 0})
    assert config.scenarios[0].pacts[0].strength.refusal == 0
    assert mine.strength.refusal != 0


@pytest.mark.parametrize("day", ["2026-06-15", date(2026, 6, 15)])
def test_options_are_values(day):
    changes = {"national.as_of": day, "errors.national": np.float64(0.1) * 3, "draws": np.int64(64)}
    config = build_config("next-election", options=changes)
    assert config.national.as_of == date(2026, 6, 15)
    assert config.errors.national == 0.30000000000000004
    assert config.draws == 64


def test_options_are_not_touched():
    table = {"source": "shares", "percent": {"GB": dict(PERCENT)}}
    changes = {"national": table, "national.percent.GB.Other": 4, "national.percent.GB.Lab": 20}
    assert build_config("next-election", options=changes).national.percent["GB"]["Lab"] == 20
    assert table["percent"]["GB"] == PERCENT


def test_text_and_values_are_the_same_config():
    texts = ["draws=77", "swing.rule=uniform", "base.election=2019-notional"]
    values = {"draws": 77, "swing.rule": "uniform", "base.election": "2019-notional"}
    assert parse_changes(texts) == values
    by_text = load_config("next-election", parse_changes(texts))
    assert digest(by_text) == digest(load_config("next-election", values))


def test_the_last_of_two_texts_counts():
    texts = ["errors.national=0", "errors={seats=2}", "errors.national=1"]
    assert list(parse_changes(texts).items()) == [
        ("errors", {"seats": 2}),
        ("errors.national", 1),
    ]


def test_a_checked_config_changes_as_its_file_does():
    config = load_config("next-election-pacts")
    assert digest(change(config, {})) == digest(config)
    changes = {
        "seed": 7,
        "parameters.swing.tactical.value.0.kappa.mean": 0.3,
        "pacts.progressive.strength.refusal": 0.1,
    }
    again = change(config, changes, ["ld-green"])
    assert digest(again) == digest(load_config("next-election-pacts", changes, ["ld-green"]))
    assert config.seed == 1
    with pytest.raises(ConfigError, match=r"config: sed: unknown option\. Did you mean 'seed'"):
        change(config, {"sed": 7})


def test_shares_are_of_great_britain_or_by_area():
    text = ", ".join(f"{party}={share}" for party, share in PERCENT.items())
    written = f"national={{source='shares', percent={{GB={{{text}}}}}}}"
    wanted = digest(load_config("next-election", parse_changes([written])))
    for shares in (PERCENT, {"GB": PERCENT}):
        assert digest(with_shares(load_config("next-election"), shares)) == wanted
    scotland = {"SNP": 35, "Lab": 25, "Con": 15, "Other": 25}
    config = with_shares(load_config("next-election"), {"GB": PERCENT, "Scotland": scotland})
    assert config.national.percent["Scotland"]["SNP"] == 35
    with pytest.raises(ConfigError, match="found both"):
        with_shares(load_config("next-election"), PERCENT | {"Scotland": scotland})


class Frame:
    """What we use of a pandas.DataFrame."""

    def __init__(self, records):
        self.records = records

    def to_dict(self, orient):
        assert orient == "records"
        return self.records


@pytest.mark.parametrize("day", ["2026-06-01", date(2026, 6, 1), datetime(2026, 6, 1)])
@pytest.mark.parametrize("table", [list, Frame])
def test_polls_of_code_are_those_of_a_file(tmp_path, day, table):
    path = tmp_path / "polls.csv"
    path.write_text("end,pollster,Con,Lab,LD,Reform,sample\n2026-06-01,YouGov,18,20,14,28,1000\n")
    wanted = digest(build_config("next-election", polls=path))
    # pandas has floats and nan where a column has blank cells.
    row = POLL | {"end": day, "sample": 1000.0, "Green": float("nan"), "start": None}
    assert digest(build_config("next-election", polls=table([row]))) == wanted
    assert digest(load_config("next-election", {"national.file": path})) == wanted


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"Lib": 3}, "poll 2: LD has 2 columns, 'LD' and 'Lib'"),
        ({"Lead": 3}, "poll 2: unknown column 'Lead'"),
        ({"Lab": "many"}, "poll 2: Lab: 'many': expected per cent"),
        ({"Lab": float("nan")}, "poll 2: Lab: expected a share"),
        ({"end": "yesterday"}, "poll 2: end: 'yesterday' is no day"),
        ({"pollster": "Opinium", "sample": 10.5}, "poll 2: sample: '10.5'"),
        ({}, "poll 2: the poll of poll 1 again"),
    ],
)
def test_a_wrong_poll_of_code_is_named(wrong, message):
    with pytest.raises(DataError, match=message):
        build_config("next-election", polls=[POLL, POLL | wrong])


def test_polls_and_shares_exclude_each_other():
    with pytest.raises(ConfigError, match="polls and shares: expected one of them"):
        simulate("next-election", polls=[POLL], shares=PERCENT)
