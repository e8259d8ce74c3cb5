"""Explain every option of a config and every parameter of the model, from their definitions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from forecaster.columns import columns, table_of
from forecaster.config.config import Config
from forecaster.config.load import default_model
from forecaster.config.pact import Pact, Range, TransferTable
from forecaster.config.schema import described
from forecaster.config.sweep_file import Span, Sweep
from forecaster.config.toml import is_model
from forecaster.resources import catalogue
from forecaster.table import Table

COLUMNS = columns("key | type | default | unit | meaning")

FILES: dict[str, type[BaseModel]] = {"config": Config, "pact": Pact, "sweep": Sweep}

LEAVES = (Range, Span, TransferTable)
"""Tables that are values or files rather than groups of options."""


def options_table(kind: str) -> Table:
    """Return a row per option of a config, pact or sweep file."""
    return table_of(f"Options of a {kind} file", COLUMNS, list(_options(FILES[kind], "")))


def parameters_table() -> Table:
    """Return a row per parameter of the bundled model file, with its source."""
    rows = [
        {
            "key": f"parameters.{group}.{name}.value",
            "type": "table" if isinstance(quantity["value"], dict) else "number",
            "default": json.dumps(quantity["value"], ensure_ascii=False).replace('"', ""),
            "unit": quantity["unit"],
            "meaning": quantity["source"],
        }
        for group, quantities in default_model().items()
        for name, quantity in quantities.items()
    ]
    return table_of("Parameters of the model (models/default.toml)", COLUMNS, rows)


def all_tables() -> tuple[Table, ...]:
    """Return the tables of all options of configs, pacts and sweeps, and of all parameters."""
    return *map(options_table, FILES), parameters_table()


def data_table() -> Table:
    """Return a row per table of the data: what it holds, its source and licence."""
    return table_of(
        "Embedded data",
        "path | title | rows | source | licence | -sha256",
        list(catalogue().values()),
    )


def _options(model: type[BaseModel], prefix: str) -> Iterator[dict[str, Any]]:
    for name, field in model.model_fields.items():
        key = f"{prefix}{name}"
        members = [m for m in _members(field.annotation) if is_model(m) and m not in LEAVES]
        if key in ("parameters", "scenarios.pacts"):
            continue  # these have files of their own
        if not members:
            yield _row(key, field, described(model).get(name, field.description or ""))
        for member in members:
            branch, tag = _branch(member) if len(members) > 1 else ("", "")
            for row in _options(member, f"{key}."):
                row["key"] += tag if not row["key"].endswith(f".{branch}") else ""
                yield row


def _row(key: str, field: FieldInfo, meaning: str) -> dict[str, Any]:
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    return {
        "key": key,
        "type": _type_name(field.annotation),
        "default": "required" if field.is_required() else str(field.default),
        "unit": str(extra.get("unit", "")) or "–",
        "meaning": meaning,
    }


def _members(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, UnionType, tuple):
        return tuple(m for a in get_args(annotation) if a is not Ellipsis for m in _members(a))
    return (annotation,)


def _branch(member: type[BaseModel]) -> tuple[str, str]:
    """Return the option that identifies a branch of a union, and a note with its values."""
    for name, field in member.model_fields.items():
        if get_origin(field.annotation) is Literal:
            values = " or ".join(repr(value) for value in get_args(field.annotation))
            return name, f" ({name} = {values})"
    return "", ""


def _type_name(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _type_name(get_args(annotation)[0])
    if origin is Literal:
        return " | ".join(f"'{value}'" for value in get_args(annotation))
    if origin in (Union, UnionType):
        named = [_type_name(m) for m in get_args(annotation) if m is not type(None)]
        return " | ".join(dict.fromkeys(named))
    if origin is dict or is_model(annotation):
        return "table"
    if origin is tuple:
        return "list"
    name = str(annotation.__name__)
    plain = {"str": "text", "int": "whole number", "float": "number", "bool": "true or false"}
    return plain.get(name, name)
