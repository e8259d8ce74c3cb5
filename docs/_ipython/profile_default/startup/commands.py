"""What ``!command`` does in a tutorial: print as on a terminal, and stop the page if it fails."""

import os
import pty
import subprocess
import termios

from IPython import get_ipython

WIDTH = 96
"""Columns of the terminal: as many as fit beside the site's two side bars."""


def system(command: str) -> None:
    """Run a command and print what it printed; IPython's own takes no notice of a failure."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (50, WIDTH))
    process = subprocess.Popen(command, shell=True, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    printed = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    print(printed.decode().replace("\r\n", "\n").strip("\n"))  # noqa: T201
    if process.wait():
        raise subprocess.CalledProcessError(process.returncode, command)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # how Linux says that nobody writes any more
        return b""


get_ipython().system = system
