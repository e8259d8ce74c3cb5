"""Find, read and write TOML files, and say exactly where one is wrong."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError

from forecaster.errors import ConfigError, ForecastError, readable
from forecaster.files import SHOWN, decoded
from forecaster.resources import bundled, root
from forecaster.vocabulary import suggest

M = TypeVar("M", bound=BaseModel)

LARGEST = 2**20
"""Most bytes of a TOML file, fifty times as many as the bundled ones have (judgement)."""

DEEP = re.compile(r"""(?:\.\s*[\w"'-]{1,200}\s*){50}""")
"""A key with fifty parts or more, far more than any option has. The search looks at every character
a few times."""


def find_config(name: str) -> Path:
    """Return the path of a config: the user's file, or a bundled config by its path or name.

    Raises ConfigError if there is no such file; the message lists the bundled ones.
    """
    inside = root() / "configs" / _below_configs(name)
    with readable(name, ConfigError):
        for path in (Path(name).expanduser(), inside.parent / f"{inside.stem}.toml"):
            if path.is_file():
                return path
    raise ConfigError(f"{name}: no such config file. Embedded configs: {', '.join(bundled())}.")


def find_beside(
    file: Path | None,
    name: str,
    key: str,
    folder: str = "",
    kind: type[ForecastError] = ConfigError,
) -> Path:
    """Return the path of a file: beside another one, as written, or among the bundled ones.

    `file`: the file that names it, if any. `key`: the option that names it, for messages. `folder`:
    bundled folder in which a bare name is looked for: with "pacts", "progressive" finds
    ``configs/pacts/progressive.toml``.

    Raises `kind` if there is no such file; the message suggests the nearest bundled one.
    """
    names = _names(name, folder)
    with readable(f"{key}: {name}", kind):
        found = _first_file(file, names)
    if found is not None:
        return found
    bare = len(names) > 1
    near = bundled(str(_below_configs(names[-1]).parent)) if bare or name.endswith("toml") else []
    hint = suggest(Path(name).name, near if bare else [f"{one}.toml" for one in near])
    where = f"{file}: {key}" if file else key
    raise kind(f"{where}: no file {name!r}. {hint}".strip())


def split_names(file: Path | None, text: str, folder: str) -> list[str]:
    """Split a text at ``+`` into names of files, which may contain a ``+`` themselves.

    The longest name for which there is a file wins; parameters are those of `find_beside`.
    """
    parts, out = text.split("+"), list[str]()
    while parts:
        joined = ["+".join(parts[:n]) for n in range(len(parts), 0, -1)]
        found = (one for one in joined if _first_file(file, _names(one, folder)) is not None)
        out.append(next(found, parts[0]))
        del parts[: out[-1].count("+") + 1]
    return out


def _names(name: str, folder: str) -> list[str]:
    """Return the names to look for: as written, and a bare name in its bundled folder."""
    bare = bool(folder) and Path(name).name == name and not name.endswith(".toml")
    return [name, f"{folder}/{name}.toml"] if bare else [name]


def _first_file(file: Path | None, names: list[str]) -> Path | None:
    for name in names:
        path = Path(name).expanduser()
        places = [path, root() / "configs" / _below_configs(name)]
        for one in [file.parent / path, *places] if file is not None else places:
            if one.is_file():
                return one
    return None


def _below_configs(name: str) -> Path:
    parts = Path(name).parts
    return Path(*(parts[1:] if parts[:1] == ("configs",) else parts))


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file, or raise ConfigError with the line of the mistake."""
    with readable(path, ConfigError):
        size = path.stat().st_size
        if size > LARGEST:
            raise ConfigError(
                f"{path}: has {size:,} bytes; expected at most {LARGEST:,}. Put lists of seats and "
                "polls into CSV files, which a config names."
            )
        try:
            text = decoded(path.read_bytes())[0]
            if DEEP.search(text):
                raise RecursionError  # the parser would need minutes to raise it
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{path}: not valid TOML: {error}") from None


def check(model: type[M], document: Any, where: str, file: Path | None = None) -> M:
    """Return the checked document.

    `where`: put before every message. `file`: the file that holds the document; files that it names
    are looked for beside it.

    Raises ConfigError with every mistake on a line of its own: file, key, what was expected, how to
    mend it.
    """
    try:
        return model.model_validate(document, context={"file": file})
    except ValidationError as error:
        raise explained(error, model, where) from None


def explained(error: ValidationError, model: type[BaseModel], where: str) -> ConfigError:
    """Return a ConfigError with every mistake of a validation on a line of its own."""
    lines = [f"{where}: {line}" for line in islice(_explain(error, model), SHOWN)]
    more = error.error_count() - SHOWN
    return ConfigError("\n".join([*lines, f"and up to {more} more."] if more > 0 else lines))


def _explain(error: ValidationError, model: type[BaseModel]) -> Iterator[str]:
    items = error.errors(include_url=False)
    for item in items:
        inside = (one["loc"][: len(item["loc"])] for one in items if one is not item)
        if item["type"] == "too_short" and item["loc"] in inside:
            continue  # the list is too short only because one of its items was refused
        keys, beside, kind = _follow(model, item["loc"])
        message = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            message = f"unknown option. {suggest(str(item['loc'][-1]), beside)}"
        elif item["type"] == "missing":
            message = "missing. 'forecast config explain' says what it should hold"
        elif item["type"] in ("union_tag_not_found", "union_tag_invalid"):
            message = f"expected a table with one of {', '.join(map(repr, _unwrap(kind)[1]))}"
        elif not message.endswith((".", "?")):
            message += f" (found {item['input']!r})" if _short(item["input"]) else ""
        yield f"{'.'.join(keys)}: {message}" if keys else message


def _short(value: Any) -> bool:
    huge = isinstance(value, int) and abs(value) >= 10**60
    return not huge and not isinstance(value, dict | list) and len(repr(value)) < 60


def _follow(model: Any, location: tuple[int | str, ...]) -> tuple[list[str], list[str], Any]:
    """Return the user's keys that lead to a mistake, the options beside it, and its type.

    Pydantic also lists branches of unions among the keys; they are left out.
    """
    keys: list[str] = []
    options: list[str] = []
    kind: Any = model
    for part in location:
        kind, branches = _unwrap(kind)
        if branches:
            kind = branches.get(str(part))
            continue
        keys.append(str(part))
        if is_model(kind):
            options = list(kind.model_fields)
            kind = getattr(kind.model_fields.get(part), "annotation", None)
        else:
            kind = next((a for a in reversed(get_args(kind)) if a is not Ellipsis), None)
    return [key for key in keys if key != "[key]"], options, kind


def _unwrap(kind: Any) -> tuple[Any, dict[str, Any]]:
    """Strip annotations and None from a type; return it with the members by tag of a union."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) not in (Union, UnionType):
        return kind, {}
    members = [member for member in get_args(kind) if member is not type(None)]
    if len(members) == 1:
        return _unwrap(members[0])
    branches: dict[str, Any] = {}
    for member in members:
        tags = [m.tag for m in getattr(member, "__metadata__", ()) if isinstance(m, Tag)]
        bare, _ = _unwrap(member)
        if not tags and is_model(bare):
            tags = [
                value
                for field in bare.model_fields.values()
                if get_origin(field.annotation) is Literal
                for value in get_args(field.annotation)
            ]
        branches |= dict.fromkeys(tags, bare)
    return kind, branches


def is_model(candidate: Any) -> bool:
    """Return whether something is a pydantic model."""
    return isinstance(candidate, type) and issubclass(candidate, BaseModel)


def model_text(document: dict[str, Any], head: str) -> str:
    """Return a model file as text.

    `document`: ``document[group][name]`` holds ``value``, ``unit`` and ``source``. `head`: comment
    for the head of the file.
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
    # TOML writes text, numbers and booleans as JSON does.
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    plain = name.replace("_", "").replace("-", "")
    return name if plain.isascii() and plain.isalnum() else json.dumps(name)
