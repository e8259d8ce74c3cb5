"""What the program logs, on the terminal."""

import logging
import sys

import pytest

from forecaster.cli.output import Notices


@pytest.mark.parametrize("terminal", [True, False])
def test_warnings_are_always_printed_and_all_else_on_a_terminal(terminal, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    logger = logging.Logger("forecaster.test")
    logger.addHandler(Notices())
    logger.info("compiling, about %d s", 10)
    logger.warning("damaged")
    printed = capsys.readouterr().err.splitlines()
    assert printed == (["compiling, about 10 s", "damaged"] if terminal else ["damaged"])
