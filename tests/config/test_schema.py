"""Every bundled file fits the published schema, and slips do not."""

import json
import tomllib

import pytest
from jsonschema import Draft202012Validator

from forecaster.cli.main import run
from forecaster.config.schema import config_schema, pact_schema
from forecaster.resources import root

CONFIGS = sorted(root().glob("configs/*.toml"))
PACTS = sorted(root().glob("configs/pacts/*.toml"))
MINE = """
[base]
seats = ["a.csv", {file = "b.csv", weight = 0.5, date = 2026-10-01}]
[national]
source = "polls"
as_of = 2026-10-05
file = "mine.csv"
"""


def mistakes(schema, text):
    """Return the mistakes of a TOML document, whose days are texts to JSON."""
    document = json.loads(json.dumps(tomllib.loads(text), default=str))
    return [error.json_path for error in Draft202012Validator(schema).iter_errors(document)]


def test_the_schemas_are_schemas():
    Draft202012Validator.check_schema(config_schema())
    Draft202012Validator.check_schema(pact_schema())


@pytest.mark.parametrize("path", [*CONFIGS, *PACTS], ids=lambda path: path.stem)
def test_bundled_files_fit(path):
    schema = pact_schema() if path in PACTS else config_schema()
    assert mistakes(schema, path.read_text("utf-8")) == []


def test_files_may_stand_where_reading_them_puts_what_they_hold():
    assert mistakes(config_schema(), MINE) == []
    assert mistakes(config_schema(), MINE.replace('["a.csv", ', "").replace("}]", "}")) == []
    assert mistakes(config_schema(), MINE.replace("weight", "wieght")) == ["$.base.seats"]
    assert (
        mistakes(config_schema(), "[base]\nseats = 'mrp.csv'\n[national]\nsource = 'seats'") == []
    )


@pytest.mark.parametrize(
    ("slip", "place"),
    [
        ("drawz = 1", "$"),
        ("draws = 0", "$.draws"),
        ("[swing]\nrule = 'unifrom'", "$.swing.rule"),
        ("[parameters]", "$"),
    ],
)
def test_slips_are_found_where_they_are(slip, place):
    head, *table = slip.split("\n", 1) if not slip.startswith("[") else ("", slip)
    text = "\n".join([head, "national = {source = 'election', election = '2019'}", *table])
    assert mistakes(config_schema(), text) == [place]


def test_the_command_prints_them(capsys):
    for kind, schema in (("config", config_schema()), ("pact", pact_schema())):
        assert run(["config", "schema", kind]) == 0
        assert json.loads(capsys.readouterr().out) == schema
