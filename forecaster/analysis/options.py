"""Every option of a config and every parameter of the model, explained from their definitions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from forecaster.analysis.table import Column, Table
from forecaster.config.files import read_toml
from forecaster.config.run import Run
from forecaster.resources import root

COLUMNS = (
    Column("key", "Key"),
    Column("type", "Type"),
    Column("default", "Default"),
    Column("unit", "Unit"),
    Column("meaning", "Meaning or source"),
)


def options_table() -> Table:
    """Return a row per option of a config file."""
    rows = list(_options(Run, ""))
    return Table("Options of a config file", COLUMNS, rows)


def parameters_table() -> Table:
    """Return a row per parameter of the embedded model file, with its source."""
    document = read_toml(root() / "configs" / "models" / "default.toml")
    rows = [
        {
            "key": f"parameters.{group}.{name}.value",
            "type": "table" if isinstance(quantity["value"], dict) else "number",
            "default": json.dumps(quantity["value"], ensure_ascii=False).replace('"', ""),
            "unit": quantity["unit"],
            "meaning": quantity["source"],
        }
        for group, quantities in document.items()
        for name, quantity in quantities.items()
    ]
    return Table("Parameters of the model (models/default.toml)", COLUMNS, rows)


def _options(model: type[BaseModel], prefix: str) -> Iterator[dict[str, Any]]:
    for name, field in model.model_fields.items():
        key = f"{prefix}{name}"
        members = [member for member in _members(field.annotation) if _is_model(member)]
        if key == "parameters":
            continue
        if not members:
            yield _row(key, field)
        for member in members:
            source = member.model_fields.get("source")
            tag = f" (source = '{get_args(source.annotation)[0]}')" if source else ""
            for row in _options(member, f"{key}."):
                row["key"] += tag if not row["key"].endswith(".source") else ""
                yield row


def _row(key: str, field: FieldInfo) -> dict[str, Any]:
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    return {
        "key": key,
        "type": _type_name(field.annotation),
        "default": "required" if field.is_required() else str(field.default),
        "unit": str(extra.get("unit", "")) or "–",
        "meaning": field.description or "",
    }


def _members(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)


def _is_model(candidate: Any) -> bool:
    return isinstance(candidate, type) and issubclass(candidate, BaseModel)


def _type_name(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _type_name(get_args(annotation)[0])
    if origin is Literal:
        return " | ".join(f"'{value}'" for value in get_args(annotation))
    if origin in (Union, UnionType):
        return " | ".join(_type_name(member) for member in get_args(annotation))
    if origin is dict:
        return "table"
    name = str(annotation.__name__)
    return {"str": "text", "int": "whole number", "float": "number"}.get(name, name)
