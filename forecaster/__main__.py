"""Start the command line, as ``python -m forecaster`` does too."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; to interrupt it while it is imported is no error either."""
    try:
        from forecaster.cli.main import main as command_line

        command_line()
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted.\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
