"""Runs for reports: four scenarios with pacts, and one without."""

import pytest

from forecaster.config.load import load_config, parse_changes
from forecaster.pipeline import simulate_to
from forecaster.results.store import read_tables

PROGRESSIVE, RIGHT, TACTICAL = (
    f"configs/pacts/{name}.toml" for name in ("progressive", "right", "tactical")
)
PACTS = (PROGRESSIVE, RIGHT, f"{PROGRESSIVE}+{RIGHT}", TACTICAL)


@pytest.fixture(scope="session")
def pact_run(tmp_path_factory):
    """Return the folder of a run with four scenarios besides no-pact."""
    folder = tmp_path_factory.mktemp("report") / "pacts"
    simulate_to(folder, load_config("next-election", parse_changes(["draws=2048"]), PACTS))
    return folder


@pytest.fixture(scope="session")
def plain_run(tmp_path_factory):
    """Return the folder of a small run without pacts, on the boundaries of 2010.

    Its title has what HTML, CSV and people trip over.
    """
    folder = tmp_path_factory.mktemp("report") / "plain"
    title = 'title="Ynys Môn, </script><b>& others</b>"'
    simulate_to(
        folder,
        load_config("election-2019-from-2017", parse_changes([title, "scenarios=[]", "draws=128"])),
    )
    return folder


@pytest.fixture(scope="session")
def pact_tables(pact_run):
    return read_tables(pact_run)


@pytest.fixture(scope="session")
def plain_tables(plain_run):
    return read_tables(plain_run)
