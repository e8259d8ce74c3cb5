"""Where the command ``forecast`` starts: outside of the package, to see whether that is ours.

Another project on the package index is called ``forecaster``, and so is its package. Where it was
installed over this program, or comes before it on Python's path, it is imported in place of ours.
"""

from __future__ import annotations

import sys

SHADOWED = """\
Error: another package named 'forecaster' was installed over this program, or lies before it on
Python's path. Remove it, and install this program anew:
  pip uninstall forecaster
  pip install --force-reinstall uk-election-forecaster
"""


def main() -> None:
    """Run the command line; end with 2, as wrong use does, where the package is another's."""
    if not package_is_ours():
        sys.stderr.write(SHADOWED)
        sys.exit(2)
    from forecaster.__main__ import main as command_line

    command_line()


def package_is_ours() -> bool:
    """Say whether ``import forecaster`` gives this program, whole.

    Its ``__init__.py`` is what an installation of the other package writes over. It knows the
    version, which stands in a file that the other package does not have.
    """
    try:
        from forecaster import __version__
        from forecaster.version import VERSION
    except ImportError:
        return False
    return __version__ == VERSION
