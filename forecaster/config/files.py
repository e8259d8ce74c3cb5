"""Find and read TOML files, and say exactly where one is wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError
from pydantic.fields import FieldInfo

from forecaster.errors import ConfigError
from forecaster.resources import root
from forecaster.vocabulary import suggest

M = TypeVar("M", bound=BaseModel)


def find_config(name: str) -> Path:
    """Return the path of a config: a file of the user's, or an embedded one by its path or name.

    Raises
    ------
    ConfigError
        If there is no such file; the message lists the embedded ones.
    """
    embedded = root() / "configs"
    parts = Path(name).parts
    inside = Path(*(parts[1:] if parts[:1] == ("configs",) else parts))
    if inside.name:
        inside = inside.with_suffix(".toml")
    for path in (Path(name), embedded / inside):
        if path.is_file():
            return path
    known = sorted(path.stem for path in embedded.glob("*.toml"))
    raise ConfigError(f"{name}: no such config file. Embedded configs: {', '.join(known)}.")


def find_beside(config: Path | None, name: str, key: str) -> Path:
    """Return a file named in a config: as written, beside the config, or among the embedded."""
    bare = Path(*Path(name).parts[1:]) if Path(name).parts[:1] == ("configs",) else Path(name)
    beside: tuple[Path, ...] = (config.parent / name,) if config else ()
    for path in (*beside, Path(name), root() / "configs" / bare):
        if path.is_file():
            return path
    folder = root() / "configs" / bare.parent
    known = sorted(path.name for path in folder.glob("*.toml")) if folder.is_dir() else []
    where = f"{config}: {key}" if config else key
    raise ConfigError(f"{where}: no file {name!r}. {suggest(bare.name, known)}".strip())


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file, or raise ConfigError with the line of the mistake."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None


def check(model: type[M], document: dict[str, Any], where: str) -> M:
    """Return the checked document.

    Raises
    ------
    ConfigError
        With every mistake on a line of its own: file, key, what was expected, how to mend it.
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        lines = [f"{where}: {line}" for line in _explain(error, model)]
        raise ConfigError("\n".join(lines)) from None


def _explain(error: ValidationError, model: type[BaseModel]) -> Iterator[str]:
    for item in error.errors(include_url=False):
        keys, beside = _follow(model, item["loc"])
        message = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            message = f"unknown option. {suggest(str(item['loc'][-1]), beside)}"
        elif item["type"] == "missing":
            message = "missing. 'forecast config explain' says what it should hold"
        elif item["type"] in ("union_tag_not_found", "union_tag_invalid"):
            message = f"expected a table with one of {', '.join(_tags(model, item['loc']))}"
        elif not message.endswith((".", "?")):
            message += f" (found {item['input']!r})" if _short(item["input"]) else ""
        yield f"{'.'.join(keys)}: {message}" if keys else message


def _short(value: Any) -> bool:
    return not isinstance(value, dict | list) and len(repr(value)) < 60


def _follow(model: Any, location: tuple[int | str, ...]) -> tuple[list[str], list[str]]:
    """Return the keys that a user wrote on the way to a mistake, and the options beside it.

    pydantic puts the branch of a union among the keys; those are left out.
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
        if _is_model(kind):
            options = list(kind.model_fields)
            field = kind.model_fields.get(part)
            kind = _with_metadata(field) if field is not None else None
        else:
            arguments = [a for a in get_args(kind) if a is not Ellipsis]
            kind = arguments[-1] if arguments else None
    return [key for key in keys if key != "[key]"], options


def _tags(model: Any, location: tuple[int | str, ...]) -> list[str]:
    kind: Any = model
    for part in location:
        kind, branches = _unwrap(kind)
        if branches:
            kind, _ = _unwrap(branches.get(str(part)))
        elif _is_model(kind):
            kind = _with_metadata(kind.model_fields[part])
        else:
            kind = get_args(kind)[0]
    return [repr(tag) for tag in _unwrap(kind)[1]]


def _with_metadata(field: FieldInfo) -> Any:
    tags = tuple(m for m in field.metadata if isinstance(m, Tag))
    return Annotated[field.annotation, *tags] if tags else field.annotation


def _unwrap(kind: Any) -> tuple[Any, dict[str, Any]]:
    """Return a type without its annotations and, for a union, its members by tag."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) not in (Union, UnionType):
        return kind, {}
    branches: dict[str, Any] = {}
    for member in get_args(kind):
        tags = [m.tag for m in getattr(member, "__metadata__", ()) if isinstance(m, Tag)]
        bare, _ = _unwrap(member)
        if not tags and _is_model(bare):
            tags = [
                value
                for field in bare.model_fields.values()
                if get_origin(field.annotation) is Literal
                for value in get_args(field.annotation)
            ]
        branches |= dict.fromkeys(tags, bare)
    return kind, branches


def _is_model(candidate: Any) -> bool:
    return isinstance(candidate, type) and issubclass(candidate, BaseModel)
