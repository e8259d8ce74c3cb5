"""Read a config file into a `Config`."""

from __future__ import annotations

import csv
import hashlib
import json
import tomllib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from forecaster.config.config import DEFAULT_MODEL, Config
from forecaster.config.files import check, find_beside, find_config, read_toml
from forecaster.config.pact import Pact, TransferTable
from forecaster.config.parameters import Parameters
from forecaster.config.poll_file import read_poll_file
from forecaster.errors import ConfigError
from forecaster.resources import checksum, root
from forecaster.vocabulary import suggest

Change = tuple[list[str], Any]
"""The keys that lead to an option, and what is put there."""


def load_config(name: str, overrides: Iterable[str] = (), pacts: Iterable[str] = ()) -> Config:
    """Read and check a config, its model file and its pact files.

    Parameters
    ----------
    name : str
        Path of a TOML file, or name of an embedded config.
    overrides : iterable of str
        ``"key.of.option=value"``; the value is read as TOML, or else as text. A number as a key
        counts the places of a list from 0. ``parameters.…`` reaches into the model file,
        ``pacts.NAME.…`` into the pact of that name.
    pacts : iterable of str
        Further scenarios: a pact file each, or several joined by ``+`` for one scenario with all
        of them.

    Returns
    -------
    Config

    Raises
    ------
    ConfigError
        With every mistake on a line of its own: file, key, what was expected, how to mend it.
    """
    path = find_config(name)
    document = read_toml(path)
    changes = [_parse_override(text) for text in overrides]
    for keys, value in changes:
        if keys[0] not in ("parameters", "pacts"):
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
    model = document.get("model", DEFAULT_MODEL)
    document["parameters"] = read_toml(find_beside(path, str(model), "model"))
    scenarios = document.get("scenarios", [])
    if not isinstance(scenarios, list):
        raise ConfigError(f"{path}: scenarios: expected [[scenarios]], each with its pacts")
    scenarios = [*scenarios, *({"pacts": text.split("+")} for text in pacts)]
    in_pacts = [change for change in changes if change[0][0] == "pacts"]
    read = [_read_scenario(scenario, path, in_pacts) for scenario in scenarios]
    _check_pact_names(in_pacts, [pact.name for scenario in read for pact in scenario["pacts"]])
    if read:
        document["scenarios"] = read
    for keys, value in changes:
        if keys[0] == "parameters":
            _put(document, keys, value)
    return check(Config, document, f"{path} with {model}")


def default_model() -> dict[str, Any]:
    """Return the embedded model file as it is written."""
    return read_toml(root() / "configs" / DEFAULT_MODEL)


def default_parameters() -> Parameters:
    """Return the parameters of the embedded model file."""
    return check(Parameters, default_model(), DEFAULT_MODEL)


def read_pact(path: Path, changes: Iterable[Change] = ()) -> Pact:
    """Read and check a pact file, its transfer rates and its seats.

    Parameters
    ----------
    path : Path
    changes : iterable of (list of str, value)
        ``["pacts", name, key, …]`` and what is put there; those of other names are left alone.

    Raises
    ------
    ConfigError
        If any of them is wrong, with file, key and how to mend it.
    """
    document = read_toml(path)
    document.setdefault("name", path.stem)
    for keys, value in changes:
        if keys[1:2] == [document["name"]]:
            _put({"pacts": {document["name"]: document}}, keys, value)
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


def _read_scenario(scenario: Any, config: Path, changes: list[Change]) -> dict[str, Any]:
    """Replace the names of pact files by the pacts, and give the scenario a name."""
    if not isinstance(scenario, dict) or not isinstance(scenario.get("pacts"), list):
        raise ConfigError(f'{config}: scenarios: each needs pacts = ["pacts/….toml"]')
    files = [find_beside(config, str(name), "pacts") for name in scenario["pacts"]]
    pacts = [read_pact(file, changes) for file in files]
    return {"name": "+".join(pact.name for pact in pacts), **scenario, "pacts": pacts}


def _check_pact_names(changes: list[Change], known: list[str]) -> None:
    for keys, _ in changes:
        if len(keys) < 3 or keys[1] not in known:
            hint = suggest(keys[1], known) if len(keys) > 1 and known else ""
            raise ConfigError(
                f"--set {'.'.join(keys)}: expected pacts.NAME.KEY with the name of one of the "
                f"run's pacts. {hint}".strip()
            )


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


def digest(config: Config) -> str:
    """Return the SHA-256 of everything that decides the numbers: the checked config, whole."""
    text = json.dumps(config.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _parse_override(text: str) -> Change:
    key, equals, value = text.partition("=")
    keys = key.strip().split(".")
    if not equals or not all(keys):
        raise ConfigError(f"--set {text}: expected key=value, for example swing.rule=uniform")
    try:
        return keys, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return keys, value.strip()


def _put(document: dict[str, Any], keys: list[str], value: Any) -> None:
    inside: Any = document
    for depth, key in enumerate(keys):
        place = _place(inside, keys, depth)
        if depth == len(keys) - 1:
            inside[place] = value
        else:
            inside = inside.setdefault(key, {}) if isinstance(inside, dict) else inside[place]


def _place(inside: Any, keys: list[str], depth: int) -> str | int:
    """Return the key of a table or the index of a list to which the keys lead."""
    if isinstance(inside, dict):
        return keys[depth]
    where = f"--set {'.'.join(keys)}: {keys[depth - 1]}"
    if not isinstance(inside, list):
        raise ConfigError(f"{where} is a value, not a table of options")
    if not keys[depth].isdecimal() or int(keys[depth]) >= len(inside):
        raise ConfigError(
            f"{where} is a list of {len(inside)}; expected a number from 0, not {keys[depth]!r}"
        )
    return int(keys[depth])
