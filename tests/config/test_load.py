"""Config files: what is refused and how it is said, and what decides the numbers."""

from pathlib import Path

import pytest

from forecaster.config.config import Config
from forecaster.config.load import digest, load_config, parse_changes
from forecaster.errors import ConfigError
from forecaster.plan.build import build_plan

GOOD = """
title = "Mine"
draws = 100
seed = 1

[base]
election = "2024"

[national]
source = "shares"

[national.percent.GB]
Con = 20
Lab = 25
LD = 13
Reform = 25
Green = 10
SNP = 3
PC = 1
Other = 3
"""


@pytest.fixture
def config(tmp_path):
    """Return a function that writes a config, perhaps with one text replaced by another."""

    def write(old="", new=""):
        assert old in GOOD
        path = tmp_path / "mine.toml"
        path.write_text(GOOD.replace(old, new, 1) if old else GOOD)
        return str(path)

    return write


def message(name, overrides=()):
    with pytest.raises(ConfigError) as caught:
        load_config(name, parse_changes(overrides))
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "key", "mend"),
    [
        ("draws = 100", "drews = 100", "drews", "Did you mean 'draws'?"),
        ('election = "2024"', 'electoin = "2024"', "base.electoin", "Did you mean 'election'?"),
        ('election = "2024"', 'election = "2042"', "base.election", "Known: 2005-notional"),
        ("LD = 13", "LibDm = 13", "national.percent.GB.LibDm", "Did you mean 'LD'?"),
        ("percent.GB", "percent.Walse", "national.percent.Walse", "Did you mean 'Wales'?"),
        ("Lab = 25", "Lab = 60", "national", "percent.GB: the shares sum to 135 %, expected about"),
        ("Lab = 25", "Lab = 140", "national.percent.GB.Lab", "less than or equal to 100"),
        ("Lab = 25", "Lab = nan", "national.percent.GB.Lab", "a finite number (found nan)"),
        ("percent.GB", "percent.England", "national", "give GB, or each of England, Scotland"),
        ("draws = 100", "draws = 0", "draws", "greater than or equal to 1 (found 0)"),
        ("draws = 100", "draws = -5", "draws", "greater than or equal to 1 (found -5)"),
        ("draws = 100", "draws = 1_000_000_000_000", "draws", "less than or equal to 4000000000"),
        ("draws = 100", 'draws = "many"', "draws", "valid integer"),
        ("Lab = 25", "Lab = true", "national.percent.GB.Lab", "a valid number (found True)"),
        ("Lab = 25", "Lab = '25'", "national.percent.GB.Lab", "a valid number (found '25')"),
        ("seed = 1", "seed = false", "seed", "expected a number (found False)"),
        ("seed = 1", "seed = -1", "seed", "greater than or equal to 0"),
        ("[base]", "[swing]\nrule = 'unifrom'\n[base]", "swing.rule", "'uniform'"),
        ("[base]", "[errors]\nseats = -1\n[base]", "errors.seats", "greater than or equal to 0"),
        ("[base]", "[errors]\nseats = inf\n[base]", "errors.seats", "a finite number (found inf)"),
        ('source = "shares"', 'source = "share"', "national", "'polls', 'shares', 'election'"),
        ('source = "shares"', "", "national", "'polls', 'shares', 'election'"),
        ('source = "shares"', 'source = "election"', "national.election", "missing"),
    ],
)
def test_a_wrong_config_is_refused_with_file_key_and_mend(config, old, new, key, mend):
    text = message(config(old, new))
    line = next(line for line in text.splitlines() if f": {key}: " in line)
    assert "mine.toml" in line
    assert mend in line


def test_every_mistake_has_its_own_line(config):
    lines = message(config("draws = 100", "draws = 0\nnonsense = 1"), ["seed=-1"]).splitlines()
    assert len(lines) == 3
    assert all("mine.toml" in line for line in lines)


@pytest.mark.parametrize(
    ("override", "key", "mend"),
    [
        ("parameters.seat.sd.value.Labr=3", "parameters.seat.sd.value.Labr", "Did you mean 'Lab'?"),
        ("parameters.seat.dof.value=5", "parameters.seat.dof.value", "multiple of 2"),
        ("parameters.seat.dof.value=2", "parameters.seat.dof.value", "take 0 (normal), 4, 6 or 8"),
        ("parameters.seat.doff.value=4", "parameters.seat.doff", "Did you mean 'dof'?"),
        ("parameters.seat.dof={value=4, unit='1'}", "parameters.seat.dof.source", "missing"),
        ("parameters.seat.dof.source=''", "parameters.seat.dof.source", "at least 5 characters"),
        (
            "parameters.seat.correlation.value={Con-Lob=0.1}",
            "parameters.seat.correlation.value.Con-Lob",
            "unknown party 'Lob'. Known: Con, Lab",
        ),
        (
            "parameters.seat.correlation.value={Con=0.1}",
            "parameters.seat.correlation.value.Con",
            "write for example 'Con-Lab'",
        ),
        (
            "parameters.swing.lambda_rising.value.low=2",
            "parameters.swing.lambda_rising.value",
            "low (2.0) is above high",
        ),
        (
            "parameters.seat.slope_sd.value.leaf={Con=1}",
            "parameters.seat.slope_sd.value.leaf",
            "Known: leave",
        ),
    ],
)
def test_a_wrong_parameter_is_refused_with_its_model_file(config, override, key, mend):
    text = message(config(), [override])
    assert "mine.toml with models/default.toml: " in text
    assert f": {key}: " in text
    assert mend in text


@pytest.mark.parametrize(
    ("override", "mend"),
    [
        ("swing.rule", "expected key=value, for example swing.rule=uniform"),
        ("=3", "expected key=value"),
        ("swing..rule=uniform", "expected key=value"),
        ("draws.of=3", "option draws.of: draws is a value, not a table of options"),
    ],
)
def test_a_malformed_override_is_shown_as_written(config, override, mend):
    text = message(config(), [override])
    assert f"{override.partition('=')[0]}" in text
    assert mend in text


def test_broken_toml_is_refused_with_its_line(config):
    text = message(config("[base]", "[base"))
    assert "mine.toml: not valid TOML" in text
    assert "line 6" in text


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "mine.toml").write_bytes(b"\xff\xfe\x00")
    assert "mine.toml: cannot be read" in message(str(tmp_path / "mine.toml"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_config_is_read_whatever_its_encoding(config, encoding):
    path = Path(config('"Mine"', '"Ynys Môn"'))
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    assert load_config(str(path)).title == "Ynys Môn"


def test_a_path_below_the_users_folder_is_found(config, monkeypatch):
    path = Path(config())
    monkeypatch.setenv("HOME", str(path.parent))
    assert load_config(f"~/{path.name}") == load_config(str(path))
    (path.parent / "polls.csv").write_text("end,pollster,Con,Lab\n2026-06-01,Me,40,40\n")
    own = load_config("next-election", {"national.file": "~/polls.csv"}).national.file
    assert [poll.pollster for poll in own] == ["Me"]


def test_a_missing_config_is_refused_with_the_embedded_ones():
    text = message("next-electoin")
    assert "next-electoin: no such config file" in text
    assert "next-election" in text.partition("Embedded configs:")[2]


def test_a_missing_model_is_refused_with_its_config(config):
    text = message(config("seed = 1", 'model = "models/defualt.toml"'))
    assert "mine.toml: model: no file 'models/defualt.toml'" in text
    assert "Did you mean 'default.toml'?" in text


def test_parameters_belong_in_a_model_file(config):
    text = message(config("[base]", "[parameters.seat]\n[base]"))
    assert "mine.toml: parameters: belong in a model file" in text


@pytest.mark.parametrize(
    ("overrides", "fragments"),
    [
        (
            ["parameters.seat.correlation.value={Con-Lab=-0.9, Con-LD=-0.9, Lab-LD=-0.9}"],
            ["parameters.seat.correlation", "Move the strongest ones towards zero"],
        ),
        (
            ["ballot.candidates=2019"],
            ["ballot.candidates", "2019 was fought on the 2010 boundaries"],
        ),
        (
            ["national={source='election', election='2019'}"],
            ["national.election", "other boundaries", "national.percent"],
        ),
    ],
)
def test_parts_that_do_not_fit_together_are_refused(config, overrides, fragments):
    run = load_config(config(), parse_changes(overrides))
    with pytest.raises(ConfigError) as caught:
        build_plan(run)
    assert all(fragment in str(caught.value) for fragment in fragments)


@pytest.mark.parametrize(
    "override",
    [
        "parameters.swing.lambda_falling.value.mean=nan",
        "parameters.swing.lambda_falling.value.high=inf",
        "parameters.seat.size_floor.value=-1",
        "parameters.seat.size_reference.value.LD=0",
        "parameters.seat.correlation.value={Con-Lab=0.5, Lab-Con=-0.5}",
        "parameters.seat.imputed_from.value.2042={Reform={Con=1}}",
        "parameters.seat.imputed_from.value.2024={Reform={SNP=1}}",
        "parameters.seat.imputed_from.value.2024={Reform={Con=0}}",
        "national.percent={GB={DUP=100}}",
        "national.percent={GB={Con=50, Lab=25, Labour=25}}",
        "national.percent={GB={Con=true, Lab=99}}",
        "parameters.seat.size_reference.value={LD=10, 'Lib Dem'=12}",
        "draws=true",
        "errors.seats=false",
        "base.election=true",
    ],
)
def test_values_without_meaning_are_refused(config, override):
    with pytest.raises(ConfigError):
        build_plan(load_config(config(), parse_changes([override])))


@pytest.mark.parametrize("name", ["", ".", "/"])
def test_a_name_that_names_no_file_is_refused(name):
    assert "no such config file" in message(name)


@pytest.mark.parametrize(
    ("override", "field", "expected"),
    [
        ("draws=77", "draws", 77),
        ("base.election=2010", "base.election", "2010"),  # a year without quotes
        ("swing.rule=logit", "swing.rule", "logit"),  # text without quotes
        ("title='a = b'", "title", "a = b"),
        ("parameters.seat.dof.value=6", "parameters.seat.dof.value", 6),
        ("parameters.seat.sd.value.Lab=9.5", "parameters.seat.sd.value.Lab", 9.5),
    ],
)
def test_an_override_sets_one_value_and_nothing_else(config, override, field, expected):
    before, after = (
        load_config(config()).model_dump(),
        load_config(config(), parse_changes([override])).model_dump(),
    )
    *path, last = field.split(".")
    one, other = before, after
    for key in path:
        one, other = one[key], other[key]
    assert other[last] == expected != one[last]
    one[last] = expected
    assert after == before


def test_a_parameter_that_is_overridden_reaches_the_kernel(config):
    plain, wide = (
        build_plan(load_config(config(), parse_changes(overrides))).arrays
        for overrides in ([], ["parameters.seat.sd.value.Con=8", "parameters.seat.dof.value=8"])
    )
    assert (plain.seat_dof, wide.seat_dof) == (4, 8)
    assert wide.seat_cholesky[0, 0, 0] == pytest.approx(0.08)


def numbers(table, path=()):
    """Yield the path of every number in a nested table."""
    for key, value in table.items() if isinstance(table, dict) else enumerate(table):
        if isinstance(value, dict | list):
            yield from numbers(value, (*path, key))
        elif isinstance(value, int | float):
            yield (*path, key)


def another(value):
    """A value near by that the model allows too."""
    if isinstance(value, bool):
        return not value
    return value + 2 if isinstance(value, int) else value * 0.99 or 0.01


def test_the_digest_changes_with_every_number_of_the_config_and_the_model(config):
    run = load_config(config())
    seen = {digest(run)}
    paths = list(numbers(run.model_dump(mode="json")))
    for path in paths:
        document = run.model_dump(mode="json")
        table = document
        for key in path[:-1]:
            table = table[key]
        table[path[-1]] = another(table[path[-1]])
        seen.add(digest(Config.model_validate(document)))
    assert len(paths) > 100
    assert len(seen) == len(paths) + 1


def test_the_digest_does_not_depend_on_the_order_of_keys(config):
    run = load_config(config())
    document = run.model_dump(mode="json")
    turned = {key: document[key] for key in reversed(document)}
    turned["national"]["percent"]["GB"] = dict(
        reversed(document["national"]["percent"]["GB"].items())
    )
    assert list(turned) != list(document)
    assert digest(Config.model_validate(turned)) == digest(run)
