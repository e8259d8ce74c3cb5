"""The JSON Schema of the files that people write, by which editors complete and check them.

It is that of the checked document, but for what reading a file puts in the place of what stands
there: a pact in the place of its file's name, polls in the place of theirs.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from forecaster.config.config import Config
from forecaster.config.pact import Pact

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TEXT: Schema = {"type": "string"}
FILLED_IN = {
    "SeatFile": ("sha256",),
    "Ballot": ("changes",),
    "Polls": ("notes",),
    "FlagBearer": ("notes",),
    "Choice": ("place",),
    "Config": ("parameters",),
}
"""Keys that nobody writes: they are filled in when a file is read."""
OPTIONAL = {"Scenario": ("name",), "Pact": ("name",), "Tactical": ("kappa",)}
"""Keys that a file may leave out, as what they are follows from others."""


def config_schema() -> Schema:
    """Return the JSON Schema of a config file.

    Examples
    --------
    >>> config_schema()["properties"]["sampling"]["enum"]
    ['random', 'sobol']
    """
    schema = _written(Config)
    of = schema["$defs"]
    base, scenario = of["Base"]["properties"], of["Scenario"]["properties"]
    file = [base["seats"]["items"], TEXT]
    base["seats"]["items"] = {"anyOf": file}
    base["seats"] = _or(base["seats"], *file)
    scenario["pacts"]["items"] = _or(scenario["pacts"]["items"], TEXT)
    of["Polls"]["properties"]["file"] = _or(of["Polls"]["properties"]["file"], TEXT)
    return schema


def pact_schema() -> Schema:
    """Return the JSON Schema of a pact file.

    Examples
    --------
    >>> pact_schema()["required"]
    ['members', 'opponents', 'strength']
    """
    return _written(Pact)


def _written(model: type[BaseModel]) -> Schema:
    """Return the schema of a document as a file holds it."""
    schema = {"$schema": DIALECT, **model.model_json_schema()}
    of = {**schema["$defs"], model.__name__: schema}
    for name in set(FILLED_IN) & set(of):
        for key in FILLED_IN[name]:
            del of[name]["properties"][key]
        _free(of[name], FILLED_IN[name])
    for name in set(OPTIONAL) & set(of):
        _free(of[name], OPTIONAL[name])
    bearer, rates = of["FlagBearer"]["properties"], of["StandAside"]["properties"]
    bearer["file"] = _or(bearer["file"], TEXT)
    rates["transfers"] = _or(rates["transfers"], TEXT, {"type": "number"})
    return schema


def _free(of: Schema, keys: tuple[str, ...]) -> None:
    of["required"] = [key for key in of.get("required", ()) if key not in keys]


def _or(schema: Schema, *others: Schema) -> Schema:
    """Return a schema that lets others pass too, under the same title and description."""
    about: Schema = {key: schema[key] for key in ("title", "description") if key in schema}
    inner = {key: value for key, value in schema.items() if key not in about}
    return {**about, "anyOf": [inner, *others]}
