"""JSON Schemas of config and pact files, with which editors complete and check them.

They are the schemas of the checked documents, except that a file holds names of other files where
the checked document holds their contents (pacts, polls, flag bearers).
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from itertools import pairwise
from typing import Any

from pydantic import BaseModel

from forecaster.config.config import Config
from forecaster.config.pact import Pact
from forecaster.config.parameters import Closed

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

    >>> pact_schema()["required"]
    ['members', 'opponents', 'strength']
    """
    return _written(Pact)


def _written(model: type[BaseModel]) -> Schema:
    """Return the schema of a document as people write it."""
    schema = {"$schema": DIALECT, **model.model_json_schema()}
    of = {**schema["$defs"], model.__name__: schema}
    for kind in _kinds(Closed):
        options = of.get(kind.__name__, {}).get("properties", {})
        for name, text in described(kind).items():
            if name in options:
                options[name] = dict(sorted({**options[name], "description": text}.items()))
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


def described(model: type[BaseModel]) -> dict[str, str]:
    """Return what the options of a model mean, by name: the texts that stand below them.

    They are read from the code when they are asked for; pydantic would read them at every start.
    """
    own = [_texts(kind.__module__).get(kind.__name__, {}) for kind in model.__mro__[::-1]]
    return {name: text for texts in own for name, text in texts.items()}


@cache
def _texts(module: str) -> dict[str, dict[str, str]]:
    """Return the text below each field of the classes of a module."""
    if not module.startswith("forecaster."):
        return {}
    return {
        kind.name: {
            field.target.id: " ".join(below.value.value.split())
            for field, below in pairwise(kind.body)
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
            if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
            if isinstance(below.value.value, str)
        }
        for kind in ast.parse(inspect.getsource(import_module(module))).body
        if isinstance(kind, ast.ClassDef)
    }


def _kinds(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _kinds(below)


def _free(of: Schema, keys: tuple[str, ...]) -> None:
    of["required"] = [key for key in of.get("required", ()) if key not in keys]


def _or(schema: Schema, *others: Schema) -> Schema:
    """Return a schema that also accepts `others`, under the same title and description."""
    about: Schema = {key: schema[key] for key in ("title", "description") if key in schema}
    inner = {key: value for key, value in schema.items() if key not in about}
    return {**about, "anyOf": [inner, *others]}
