"""Read a config file into a `Run`, or say exactly where it is wrong."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from forecaster.config.run import Run
from forecaster.errors import ConfigError
from forecaster.resources import root
from forecaster.vocabulary import suggest


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


def load_run(name: str, overrides: Iterable[str] = ()) -> Run:
    """Read and check a config and its model file.

    Parameters
    ----------
    name : str
        Path of a TOML file, or name of an embedded config.
    overrides : iterable of str
        ``"key.of.option=value"``; the value is read as TOML, or else as text.
        ``parameters.…`` reaches into the model file.

    Returns
    -------
    Run

    Raises
    ------
    ConfigError
        With every mistake on a line of its own: file, key, what was expected, how to mend it.
    """
    path = find_config(name)
    document = read_toml(path)
    changes = [_parse_override(text) for text in overrides]
    for keys, value in changes:
        if keys[0] != "parameters":
            _put(document, keys, value)
    if "parameters" in document:
        raise ConfigError(
            f"{path}: parameters: belong in a model file. Copy configs/models/default.toml, "
            "change it, and name it under 'model'."
        )
    model = document.get("model", "models/default.toml")
    document["parameters"] = read_toml(_find_model(path, str(model)))
    for keys, value in changes:
        if keys[0] == "parameters":
            _put(document, keys, value)
    try:
        return Run.model_validate(document)
    except ValidationError as error:
        where = f"{path} with {model}"
        lines = [f"{where}: {line}" for line in _explain(error)]
        raise ConfigError("\n".join(lines)) from None


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file, or raise ConfigError with the line of the mistake."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None


def digest(run: Run) -> str:
    """Return the SHA-256 of everything that decides the numbers: the checked config, whole."""
    text = json.dumps(run.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _find_model(config: Path, name: str) -> Path:
    for path in (config.parent / name, root() / "configs" / name):
        if path.is_file():
            return path
    raise ConfigError(
        f"{config}: model: no file {name!r} beside the config or among the embedded configs. "
        "The embedded one is 'models/default.toml'."
    )


def _parse_override(text: str) -> tuple[list[str], Any]:
    key, equals, value = text.partition("=")
    keys = key.strip().split(".")
    if not equals or not all(keys):
        raise ConfigError(f"--set {text}: expected key=value, for example swing.rule=uniform")
    try:
        return keys, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return keys, value.strip()


def _put(document: dict[str, Any], keys: list[str], value: Any) -> None:
    table = document
    for key in keys[:-1]:
        table = table.setdefault(key, {})
        if not isinstance(table, dict):
            raise ConfigError(f"--set {'.'.join(keys)}: {key} is a value, not a table of options")
    table[keys[-1]] = value


def _explain(error: ValidationError) -> Iterator[str]:
    for item in error.errors(include_url=False):
        where = ".".join(_keys(item["loc"]))
        message = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            known = _options_beside(item["loc"])
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


def _options_beside(location: tuple[int | str, ...]) -> list[str]:
    model: Any = Run
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
