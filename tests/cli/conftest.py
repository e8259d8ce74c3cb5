"""A small stored run with pacts and winners, for the commands that read one."""

import json

import pytest

from forecaster.cli.main import run


@pytest.fixture(scope="session")
def stored_with_pacts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pacts") / "run"
    arguments = ["simulate", "next-election", "--pact", "pacts/progressive.toml", "--draws", "600"]
    assert run([*arguments, "--keep-winners", "--out", str(folder), "-q"]) == 0
    return str(folder)


@pytest.fixture
def rows_of(capsys):
    """Return a function that runs a command and reads the rows that it prints."""

    def rows(*arguments):
        assert run([*arguments, "--format", "json"]) == 0
        return json.loads(capsys.readouterr().out)

    return rows
