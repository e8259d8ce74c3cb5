"""What ``!command`` does in a tutorial: print as on a terminal, and stop the page if it fails."""

import os
import pty
import subprocess
import tempfile
import termios

from IPython import get_ipython

WIDTH = 80
"""Columns of the terminal; so many letters fit beside the two side bars of the site."""

PLAIN = {name: value for name, value in os.environ.items() if "COLOR" not in name} | {
    "NO_COLOR": "1"
}
"""The environment without colours, which Jupyter forces on all that it starts."""


def system(command: str) -> None:
    """Run a command and print what it printed; IPython's own takes no notice of a failure.

    What it says beside its answer comes after it; so it sees no terminal there, and draws no bar.
    """
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (50, WIDTH))
    with tempfile.TemporaryFile() as beside:
        process = subprocess.Popen(
            command, shell=True, stdin=theirs, stdout=theirs, stderr=beside, env=PLAIN
        )
        os.close(theirs)
        printed = b"".join(iter(lambda: _read(ours), b""))
        os.close(ours)
        failed = process.wait()
        beside.seek(0)
        printed += beside.read()
    print(printed.decode().replace("\r\n", "\n").strip("\n"))  # noqa: T201
    if failed:
        raise subprocess.CalledProcessError(failed, command)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # how Linux says that nobody writes any more
        return b""


get_ipython().system = system
