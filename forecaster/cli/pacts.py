"""What the commands that choose a pact share: reading the question, writing the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forecaster.config.config import Config
    from forecaster.config.pact import Pact


def read_question(
    config: str, pact: str, draws: int | None, seed: int | None, overrides: tuple[str, ...]
) -> tuple[Config, Pact]:
    """Return a config without its own scenarios, and the one pact to be chosen."""
    from forecaster.config.load import load_config
    from forecaster.errors import ConfigError

    given = (("draws", draws), ("seed", seed))
    numbers = tuple(f"{key}={value}" for key, value in given if value is not None)
    run = load_config(config, (*overrides, *numbers, "scenarios=[]"), [pact])
    pacts = run.scenarios[0].pacts
    if len(pacts) > 1:
        raise ConfigError(f"--pact {pact}: one pact is chosen at a time; name one file.")
    return run.model_copy(update={"scenarios": ()}), pacts[0]


@contextmanager
def write_new(path: Path) -> Iterator[Callable[[str], object]]:
    """Yield what writes the text of a file that is new; refuse before any work if it cannot be."""
    from forecaster.errors import ResultsError

    if path.exists():
        raise ResultsError(f"{path}: exists already. Choose another --out, or remove it.")
    if not path.parent.is_dir():
        raise ResultsError(f"{path}: there is no folder {path.parent}. Choose another --out.")
    try:
        yield lambda text: path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ResultsError(f"{path}: cannot be written ({error.strerror}).") from None
