"""Find and read TOML files, and say exactly where one is wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

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
    bare = Path(name).with_suffix(".toml")
    inside = Path(*bare.parts[1:]) if bare.parts[0] == "configs" else bare
    for path in (Path(name), embedded / inside):
        if path.is_file():
            return path
    known = sorted(path.stem for path in embedded.glob("*.toml"))
    raise ConfigError(f"{name}: no such config file. Embedded configs: {', '.join(known)}.")


def find_beside(config: Path, name: str, key: str) -> Path:
    """Return a file named in a config: as written, beside the config, or among the embedded."""
    bare = Path(*Path(name).parts[1:]) if Path(name).parts[:1] == ("configs",) else Path(name)
    for path in (config.parent / name, Path(name), root() / "configs" / bare):
        if path.is_file():
            return path
    folder = root() / "configs" / bare.parent
    known = sorted(path.name for path in folder.glob("*.toml")) if folder.is_dir() else []
    raise ConfigError(
        f"{config}: {key}: no file {name!r}. {suggest(bare.name, known) if known else ''}".strip()
    )


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
        where = ".".join(_keys(item["loc"]))
        message = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            known = _options_beside(model, item["loc"])
            message = f"unknown option. {suggest(str(item['loc'][-1]), known)}"
        elif item["type"] == "missing":
            message = "missing. 'forecast config explain' says what it should hold"
        elif item["type"] == "union_tag_not_found":
            message = "source is missing; expected one of 'polls', 'shares', 'election'"
        elif not message.endswith((".", "?")):
            message += f" (found {item['input']!r})" if _short(item["input"]) else ""
        yield f"{where}: {message}"


def _short(value: Any) -> bool:
    return not isinstance(value, dict | list) and len(repr(value)) < 60


def _keys(location: tuple[int | str, ...]) -> Iterator[str]:
    """Yield the keys a user wrote: pydantic puts the branch of a union among them."""
    before: int | str = ""
    for part in location:
        branch = (before == "national" and part in ("polls", "shares", "election")) or (
            before == "candidates"
        )
        if not branch:
            yield str(part)
        before = part


def _options_beside(root_model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    model: Any = root_model
    for part in location[:-1]:
        field = model.model_fields.get(part) if _is_model(model) else None
        model = _union_member(model, str(part)) if field is None else field.annotation
    return list(model.model_fields) if _is_model(model) else []


def _is_model(candidate: Any) -> bool:
    return isinstance(candidate, type) and issubclass(candidate, BaseModel)


def _union_member(union: Any, tag: str) -> Any:
    for member in getattr(union, "__args__", ()):
        if _is_model(member) and tag in str(member.model_fields["source"].annotation):
            return member
    return None
