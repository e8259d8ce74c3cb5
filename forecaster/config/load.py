"""Read a config file into a `Run`."""

from __future__ import annotations

import csv
import hashlib
import json
import tomllib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from forecaster.config.files import check, find_beside, find_config, read_toml
from forecaster.config.pact import Pact, TransferTable
from forecaster.config.poll_file import read_poll_file
from forecaster.config.run import Run
from forecaster.errors import ConfigError
from forecaster.resources import checksum


def load_run(name: str, overrides: Iterable[str] = (), pacts: Iterable[str] = ()) -> Run:
    """Read and check a config, its model file and its pact files.

    Parameters
    ----------
    name : str
        Path of a TOML file, or name of an embedded config.
    overrides : iterable of str
        ``"key.of.option=value"``; the value is read as TOML, or else as text.
        ``parameters.…`` reaches into the model file.
    pacts : iterable of str
        Further scenarios: a pact file each, or several joined by ``+`` for one scenario with all
        of them.

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
    national = document.get("national")
    if isinstance(national, dict) and isinstance(national.get("file"), str):
        file = find_beside(path, national["file"], "national.file")
        national["file"] = read_poll_file(file, date.today())
    base = document.get("base")
    if isinstance(base, dict) and isinstance(base.get("seats"), str):
        base["seats"] = _seat_file(find_beside(path, base["seats"], "base.seats"))
    model = document.get("model", "models/default.toml")
    document["parameters"] = read_toml(find_beside(path, str(model), "model"))
    scenarios = document.get("scenarios", [])
    if not isinstance(scenarios, list):
        raise ConfigError(f"{path}: scenarios: expected [[scenarios]], each with its pacts")
    scenarios = [*scenarios, *({"pacts": text.split("+")} for text in pacts)]
    if scenarios:
        document["scenarios"] = [_read_scenario(scenario, path) for scenario in scenarios]
    for keys, value in changes:
        if keys[0] == "parameters":
            _put(document, keys, value)
    return check(Run, document, f"{path} with {model}")


def read_pact(path: Path) -> Pact:
    """Read and check a pact file, its transfer rates and its seats.

    Raises
    ------
    ConfigError
        If any of them is wrong, with file, key and how to mend it.
    """
    document = read_toml(path)
    document.setdefault("name", path.stem)
    strength = document.get("strength")
    if isinstance(strength, dict) and isinstance(strength.get("transfers"), str | int | float):
        strength["transfers"] = _read_transfers(strength["transfers"], path)
    bearer = document.get("flag_bearer")
    if isinstance(bearer, dict) and isinstance(bearer.get("file"), str):
        bearer["file"] = _read_choices(find_beside(path, bearer["file"], "flag_bearer.file"))
    return check(Pact, document, str(path))


def read_transfers(name: str, pact: Path | None = None) -> TransferTable:
    """Read and check a file of transfer rates, by path or by name (formal, informal).

    Parameters
    ----------
    name : str
    pact : Path, optional
        The pact file that names it; paths are seen from its folder.

    Raises
    ------
    ConfigError
        If there is no such file, or it is wrong.
    """
    file = name if name.endswith(".toml") else f"transfers/{name}.toml"
    path = find_beside(pact, file, "transfers")
    return check(TransferTable, read_toml(path), str(path))


def _seat_file(path: Path) -> dict[str, str]:
    try:
        return {"path": str(path), "sha256": checksum(path)}
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None


def _read_scenario(scenario: Any, config: Path) -> Any:
    """Replace the names of pact files by the pacts, and give the scenario a name."""
    if not isinstance(scenario, dict) or not isinstance(scenario.get("pacts"), list):
        raise ConfigError(f'{config}: scenarios: each needs pacts = ["pacts/….toml"]')
    pacts = [read_pact(find_beside(config, str(name), "pacts")) for name in scenario["pacts"]]
    return {"name": "+".join(pact.name for pact in pacts), **scenario, "pacts": pacts}


def _read_transfers(value: str | float, pact: Path) -> Any:
    """Return transfer rates given by name, by file, or as the one part that arrives."""
    if not isinstance(value, str):
        return {"arrive": value}
    return read_transfers(value, pact)


def _read_choices(path: Path) -> list[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    reader = csv.DictReader(text.splitlines())
    fields = set(reader.fieldnames or ())
    if not {"seat", "party"} <= fields <= {"seat", "party", "aside"}:
        raise ConfigError(
            f"{path}: line 1: expected the columns seat, party and optionally aside; found "
            f"{', '.join(sorted(fields)) or 'nothing'}"
        )
    rows = []
    for row in reader:
        aside = row.get("aside")
        rows.append(
            {
                "seat": (row["seat"] or "").strip(),
                "party": (row["party"] or "").strip(),
                "aside": [name.strip() for name in aside.split("+")] if aside else None,
            }
        )
    return rows


def digest(run: Run) -> str:
    """Return the SHA-256 of everything that decides the numbers: the checked config, whole."""
    text = json.dumps(run.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


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
