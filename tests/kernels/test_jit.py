"""What is said before the kernel is compiled."""

import logging

from forecaster.kernels import jit


def entry():
    """Do nothing."""


def test_a_line_is_logged_before_the_kernel_is_compiled_and_none_after(
    tmp_path, monkeypatch, caplog
):
    caplog.set_level(logging.INFO, logger="forecaster")
    monkeypatch.setattr(jit, "_FOLDER", tmp_path)
    jit.announce(jit.jit(entry))
    assert "Compiling the kernel, once (about" in caplog.text
    caplog.clear()
    (tmp_path / "test_jit.entry-9.py311.nbi").touch()
    jit.announce(jit.jit(entry))
    assert not caplog.text
