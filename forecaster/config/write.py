"""Write a model file: parameters with their units and sources, as TOML."""

from __future__ import annotations

import json
from datetime import date
from typing import Any


def model_text(document: dict[str, Any], head: str) -> str:
    """Return a model file as text.

    Parameters
    ----------
    document : dict
        ``document[group][name]`` holds ``value``, ``unit`` and ``source``.
    head : str
        Comment for the head of the file.
    """
    parts = ["\n".join(f"# {line}" for line in head.splitlines())]
    for group, quantities in document.items():
        for name, quantity in quantities.items():
            lines = [f"[{group}.{name}]"]
            lines += [f"{key} = {inline(quantity[key])}" for key in ("value", "unit", "source")]
            parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def inline(value: Any) -> str:
    """Return a value as TOML on one line.

    Examples
    --------
    >>> inline({"Con": 1.5, "2019": ["a", 2]})
    '{ Con = 1.5, 2019 = ["a", 2] }'
    """
    if isinstance(value, dict):
        inside = ", ".join(f"{_key(key)} = {inline(item)}" for key, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(inline(item) for item in value)}]"
    if isinstance(value, date):
        return value.isoformat()
    # TOML writes text, numbers and true or false as JSON does.
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    plain = name.replace("_", "").replace("-", "")
    return name if plain.isascii() and plain.isalnum() else json.dumps(name)
