"""JSON Schemas of config and pact files, with which editors complete and check them.

They are the schemas of the checked documents, except that a file holds names of other files where
the checked document holds their contents (pacts, polls, flag bearers).
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
"""Keys that the program fills in when it reads a file."""
OPTIONAL = {"Scenario": ("name",), "Pact": ("name",), "Tactical": ("kappa",)}
"""Keys that a file may leave out, as their value follows from others."""


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
    """Return the schema of a document as people write it."""
    schema = {"$schema": DIALECT, **model.model_json_schema()}
    of = {**schema["$defs"], model.__name__: schema}
    for option in (one for table in of.values() for one in table.get("properties", {}).values()):
        if "description" in option:
            option["description"] = described(option["description"])
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


def described(text: str | None) -> str:
    """Return the description of an option on one line; it may take several in the code."""
    return " ".join((text or "").split())


def _free(of: Schema, keys: tuple[str, ...]) -> None:
    of["required"] = [key for key in of.get("required", ()) if key not in keys]


def _or(schema: Schema, *others: Schema) -> Schema:
    """Return a schema that also accepts `others`, under the same title and description."""
    about: Schema = {key: schema[key] for key in ("title", "description") if key in schema}
    inner = {key: value for key, value in schema.items() if key not in about}
    return {**about, "anyOf": [inner, *others]}
