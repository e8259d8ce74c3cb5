"""Read a config, change its options and check it."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from forecaster.config.candidates_file import read_candidates
from forecaster.config.config import DEFAULT_MODEL, MAIN_PARTIES, Config
from forecaster.config.pact import Pact
from forecaster.config.parameters import Parameters
from forecaster.config.poll_file import own_polls, read_poll_file
from forecaster.config.toml import check, find_beside, find_config, read_toml, split_names
from forecaster.errors import ConfigError, DataError, readable
from forecaster.resources import checksum, root
from forecaster.vocabulary import suggest

PactLike = str | Path | Pact
"""A pact: its bundled name, its file, or the pact itself; as text, several joined by ``+``."""

Pacts = PactLike | Iterable[PactLike | Iterable[PactLike]]
"""One scenario, or several; pacts that are in force at once are a text with ``+`` or a tuple."""

Change = tuple[list[str], Any]
"""The keys that lead to an option, and its new value."""


def build_config(
    config: str | Path | Config,
    *,
    pacts: Pacts = (),
    options: Mapping[str, Any] | None = None,
    polls: Any = None,
    draws: int | None = None,
    seed: int | None = None,
) -> Config:
    """Return a checked config from everything that the caller may give.

    The parameters are those of `forecaster.api.simulate`. `polls` take the place of those of
    ``national.file``; later ones than ``national.as_of`` are ignored. `draws` and `seed` take
    precedence over the config and `options`.

    Raises ConfigError with every mistake on a line of its own, or DataError if a poll or a file of
    seats is wrong.

    >>> config = build_config(
    ...     "next-election",
    ...     pacts=["progressive", "lab-ld+tactical"],
    ...     options={"national.as_of": "2026-06-15", "swing.rule": "uniform"},
    ...     draws=1000,
    ... )
    >>> [scenario.name for scenario in config.scenarios]
    ['progressive', 'lab-ld+tactical']
    >>> config.national.as_of.isoformat(), config.draws
    ('2026-06-15', 1000)
    """
    changes: dict[str, Any] = {}
    if polls is not None:
        found, notes = own_polls(polls, date.today())
        changes |= {"national.file": found, "national.notes": notes}
    changes |= {**(options or {}), **given(draws=draws, seed=seed)}
    if isinstance(config, Config):
        return change(config, changes, pacts)
    return load_config(str(config), changes, pacts)


def given(**values: Any) -> dict[str, Any]:
    """Return the values that are not None."""
    return {key: value for key, value in values.items() if value is not None}


def load_config(
    name: str | Path, changes: Mapping[str, Any] | None = None, pacts: Pacts = ()
) -> Config:
    """Read and check a config, its model file and its pact files.

    `name`: path of a TOML file, or name of a bundled config. `changes`: new values by dotted key,
    applied in order. A number in a key is an index of a list, from 0. ``parameters.…`` changes the
    model file, ``pacts.NAME.…`` the pact of that name. `pacts`: further scenarios, each a pact or
    several.

    Raises ConfigError with every mistake on a line of its own: file, key, what was expected, how to
    mend it. Raises DataError if a file of polls or flag bearers is wrong.

    >>> load_config("next-election", {"errors.national": 0.5}).errors.national
    0.5
    """
    path = find_config(str(name))
    return _changed(read_toml(path), path, changes or {}, pacts)


def change(config: Config, changes: Mapping[str, Any], pacts: Pacts = ()) -> Config:
    """Return a checked config with changed options and further pacts; see `load_config`.

    Paths of files in the changes are relative to the working folder.

    Raises ConfigError if a change is wrong.

    >>> config = load_config("next-election")
    >>> change(config, {"seed": 7}, ["progressive"]).scenarios[-1].name
    'progressive'
    """
    return _changed(_plain(config.model_dump()), None, changes, pacts)


def parse_changes(texts: Iterable[str]) -> dict[str, Any]:
    """Return the changes that a user wrote as ``key.of.option=value``.

    A value that is not valid TOML is taken as text.

    Raises ConfigError if a text has no key or no equals sign, or holds a list or table that is not
    valid TOML.

    >>> parse_changes(["draws=1000", "swing.rule=uniform", "base={election='2019'}"])
    {'draws': 1000, 'swing.rule': 'uniform', 'base': {'election': '2019'}}
    """
    out: dict[str, Any] = {}
    for text in texts:
        name, equals, written = text.partition("=")
        key = ".".join(part.strip() for part in name.split("."))
        if not equals or not all(key.split(".")):
            raise ConfigError(f"--set {text}: expected key=value, for example swing.rule=uniform")
        with readable(f"--set {text}", ConfigError):
            value = _value(text, written)
        out.pop(key, None)  # a key given again moves to the end: changes apply in order
        out[key] = value
    return out


def _value(text: str, written: str) -> Any:
    try:
        return tomllib.loads(f"value = {written}")["value"]
    except tomllib.TOMLDecodeError as error:
        value = written.strip()
        if value.startswith(("[", "{")):
            raise ConfigError(
                f"--set {text}: no list or table of TOML, in which texts stand in quotes: {error}"
            ) from None
        return value


def national_shares(shares: Mapping[str, Any]) -> dict[str, Any]:
    """Return a config's ``national`` table for shares in per cent.

    The shares are those of Great Britain by party, or are given by area and party.

    Raises ConfigError if `shares` mixes parties and areas.

    >>> national_shares({"Lab": 60, "Con": 40})
    {'source': 'shares', 'percent': {'GB': {'Lab': 60, 'Con': 40}}}
    """
    by_area = {hasattr(value, "items") for value in shares.values()}
    if len(by_area) > 1:
        raise ConfigError(
            "shares: expected a share for each party, or a table of shares for each area (GB, "
            "Scotland, …); found both."
        )
    percent = dict(shares.items())
    return {"source": "shares", "percent": percent if True in by_area else {"GB": percent}}


def _changed(
    document: dict[str, Any], path: Path | None, changes: Mapping[str, Any], pacts: Pacts
) -> Config:
    """Return the checked config of a document after `changes`.

    With a `path`, the document is what the file holds; without, it is a dumped `Config`.
    """
    parts = [(str(key).split("."), _plain(value)) for key, value in changes.items()]
    model = document.get("model", DEFAULT_MODEL)
    parameters = document.pop("parameters", None)
    for keys, value in parts:
        if keys[0] not in ("parameters", "pacts"):
            _put(document, keys, value)
    if (path is not None and parameters is not None) or "parameters" in document:
        raise ConfigError(
            f"{path}: parameters: belong in a model file. Copy configs/models/default.toml, "
            "change it, and name it under 'model'."
        )
    _read_files(document, path)
    if parameters is None or document.get("model", DEFAULT_MODEL) != model:
        model = document.get("model", DEFAULT_MODEL)
        parameters = read_toml(find_beside(path, str(model), "model"))
    document["parameters"] = parameters
    _read_scenarios(document, path, [part for part in parts if part[0][0] == "pacts"], pacts)
    for keys, value in parts:
        if keys[0] == "parameters":
            _put(document, keys, value)
    return check(Config, document, f"{path} with {model}" if path else "config")


def _read_files(document: dict[str, Any], path: Path | None) -> None:
    """Replace the names of files of polls, seats and candidates by their contents."""
    national, base = document.get("national"), document.get("base")
    ballot = document.get("ballot")
    if isinstance(ballot, dict) and str(ballot.get("candidates", "")).endswith((".csv", ".csv.gz")):
        file = find_beside(path, str(ballot["candidates"]), "ballot.candidates", kind=DataError)
        changes, notes = read_candidates(file)
        ballot |= {"candidates": MAIN_PARTIES, "changes": changes, "notes": notes}
    if isinstance(national, dict) and isinstance(national.get("file"), str | Path):
        file = find_beside(path, str(national["file"]), "national.file", kind=DataError)
        national["file"], national["notes"] = read_poll_file(file, date.today())
    if isinstance(base, dict) and "seats" in base:
        seats = base["seats"]
        listed = seats if isinstance(seats, list | tuple) else [seats]
        base["seats"] = [_seat_file(one, path) for one in listed]


def _seat_file(given: Any, path: Path | None) -> Any:
    """Return a file of seat estimates with its checksum, which is computed if missing."""
    entry = {"file": str(given)} if isinstance(given, str | Path) else given
    if not isinstance(entry, dict) or "file" not in entry or entry.get("sha256"):
        return entry
    file = find_beside(path, str(entry["file"]), "base.seats", kind=DataError)
    with readable(file, DataError):
        return {**entry, "file": str(file), "sha256": checksum(file)}


def _read_scenarios(
    document: dict[str, Any], path: Path | None, changes: list[Change], pacts: Pacts
) -> None:
    """Replace the names of pacts by the pacts, add further scenarios, and give each a name."""
    scenarios = document.get("scenarios", ())
    if not isinstance(scenarios, list | tuple):
        raise ConfigError(f"{path}: scenarios: expected [[scenarios]], each with its pacts")
    if _is_one(pacts):
        pacts = [pacts]
    further = [{"pacts": [one] if _is_one(one) else [*one]} for one in pacts]
    read = []
    for scenario in (*scenarios, *further):
        if not isinstance(scenario, dict) or not isinstance(scenario.get("pacts"), list | tuple):
            raise ConfigError(f'{path}: scenarios: each needs pacts = ["pacts/….toml"]')
        own = [
            read_pact(pact, changes, path)
            for one in scenario["pacts"]
            for pact in (split_names(path, one, "pacts") if isinstance(one, str) else [one])
        ]
        read.append({"name": "+".join(pact.name for pact in own), **scenario, "pacts": own})
    _check_pact_names(changes, [pact.name for scenario in read for pact in scenario["pacts"]])
    if read:
        document["scenarios"] = read


def _is_one(pacts: Any) -> bool:
    """Return whether something is one pact, or no pact at all, rather than several."""
    return isinstance(pacts, PactLike | Mapping) or not isinstance(pacts, Iterable)


def read_pact(
    pact: PactLike | Mapping[str, Any], changes: Iterable[Change] = (), config: Path | None = None
) -> Pact:
    """Read and check a pact, its transfer rates and its seats.

    `pact`: name of a bundled pact, path of a pact file, a pact, or the contents of a pact file.
    `changes`: ``["pacts", name, key, …]`` and a value; those for other pacts are ignored. `config`:
    the config that names it, beside which it is looked for.

    Raises ConfigError if any of them is wrong, with file, key and how to mend it. Raises DataError
    if its list of flag bearers is wrong.
    """
    path = None
    if isinstance(pact, str | Path):
        path = find_beside(config, str(pact), "pacts", "pacts")
        document = read_toml(path)
        document.setdefault("name", path.stem)
    elif isinstance(pact, Pact):
        document = _plain(pact.model_dump())
    elif isinstance(pact, Mapping):
        document = {"name": "pact", **_plain(pact)}
    else:
        raise ConfigError(f"pacts: expected a pact's name, its file or a Pact, not {pact!r}.")
    own = [(keys, value) for keys, value in changes if keys[1:2] == [document["name"]]]
    if isinstance(pact, Pact) and not own:
        return pact
    for keys, value in own:
        _put({"pacts": {document["name"]: document}}, keys, value)
    return check(Pact, document, str(path or document["name"]), path)


def default_model() -> dict[str, Any]:
    """Return the contents of the bundled model file."""
    return read_toml(root() / "configs" / DEFAULT_MODEL)


@cache
def default_parameters() -> Parameters:
    """Return the parameters of the bundled model file."""
    return check(Parameters, default_model(), DEFAULT_MODEL)


def digest(config: Config) -> str:
    """Return the SHA-256 of a config without notes and names of files, which change no result."""
    bearer = {"pacts": {"__all__": {"flag_bearer": {"notes": True}}}}
    ballot = {"notes": True, "changes": {"__all__": {"place": True}}}
    decides_nothing: Any = {
        "national": {"notes": True},
        "ballot": ballot,
        "base": {"seats": {"__all__": {"file": True}}},
        "scenarios": {"__all__": bearer},
    }
    text = json.dumps(config.model_dump(mode="json", exclude=decides_nothing), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _check_pact_names(changes: list[Change], known: list[str]) -> None:
    for keys, _ in changes:
        if len(keys) < 3 or keys[1] not in known:
            hint = suggest(keys[1], known) if len(keys) > 1 and known else ""
            raise ConfigError(
                f"option {'.'.join(keys)}: expected pacts.NAME.KEY with the name of one of the "
                f"run's pacts. {hint}".strip()
            )


def _plain(value: Any) -> Any:
    """Return a copy with mappings as dicts, tuples as lists and NumPy scalars as Python numbers."""
    if hasattr(value, "items"):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.item() if getattr(value, "ndim", None) == 0 else value


def _put(document: dict[str, Any], keys: list[str], value: Any) -> None:
    inside: Any = document
    for depth, key in enumerate(keys[:-1]):
        place = _place(inside, keys, depth)
        inside = inside.setdefault(key, {}) if isinstance(inside, dict) else inside[place]
    inside[_place(inside, keys, len(keys) - 1)] = value


def _place(inside: Any, keys: list[str], depth: int) -> str | int:
    """Return ``keys[depth]`` as the key of a table or the index of a list."""
    if isinstance(inside, dict):
        return keys[depth]
    where = f"option {'.'.join(keys)}: {keys[depth - 1]}"
    if not isinstance(inside, list):
        raise ConfigError(f"{where} is a value, not a table of options")
    places = [str(place) for place in range(len(inside))]
    if keys[depth] not in places:
        raise ConfigError(
            f"{where} is a list of {len(inside)}; expected a number from 0, not {keys[depth]!r}"
        )
    return int(keys[depth])
