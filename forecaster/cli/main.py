"""The command ``forecast``: its subcommands, and how every error ends."""

from __future__ import annotations

import atexit
import gc
import io
import os
import signal
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any

import click

from forecaster.errors import ForecastError, ResultsError, reason, shortened
from forecaster.version import VERSION

ABOUT: dict[str, dict[str, str]] = {
    "simulating": {
        "backtest": "past elections forecast with what was known before them, and scored",
        "frontier": "what a pact does by the number of seats it is made in",
        "history": "the forecast as it would have been on past days",
        "optimise": "the best pact under its rules: who should stand aside where",
        "sensitivity": "how much of an outcome's variance comes from which source of error",
        "simulate": "simulate elections and store the run",
        "sweep": "a config at many points: what comes out as its options change",
        "whatif": "national shares of your own beside the forecast of the day",
    },
    "reading": {
        "audit": "score a sealed forecast against what came",
        "build": "a page in which a pact is built and counted on a run at once",
        "coalitions": "which coalitions have a majority, and who is pivotal",
        "compare": "every scenario against no-pact, or two runs: seats, majorities, what changes "
        "and why",
        "export": "the tables of a run as CSV, a workbook, Parquet or GeoJSON",
        "ledger": "what a pact costs and brings each member, and what each brings the pact",
        "list": "the runs stored in runs/, the newest first",
        "pact": "what a pact does, seat by seat",
        "plot": "one picture of a run for a slide, as SVG or PNG",
        "pr": "the same votes counted proportionally, beside first past the post",
        "query": "tables of a stored run, given that something happened",
        "register": "seal a forecast before an election, to be audited after it",
        "report": "a run as one page: the answer, a map, every seat, targets, how far to trust it",
        "seat": "one seat: its last result and every party's chances",
        "show": "tables of a stored run",
        "tragedies": "seats of an election that a divided side lost although it had more votes",
    },
    "evidence": {
        "calibrate": "estimate parameters of the model from the embedded data",
        "config": "check a config file, explain every option, print the schema of a file",
        "data": "list, verify and export the embedded data",
        "polls": "national shares from the polls, pollsters, the vote on an election day to come",
        "replicate": "published results beside our own figures, and why they differ",
        "transfers": "where the votes of a party that stands aside go, and how that is known",
    },
    "councils": {"council": "council elections: wards, slates of candidates, who governs"},
}
"""One line of help for each command, by the module of its function, which is imported when the
command is called."""

COMMANDS = dict(
    sorted((name, (module, line)) for module, of in ABOUT.items() for name, line in of.items())
)

OBJECTS_BETWEEN_COLLECTIONS = 100_000
"""Threshold of the garbage collector; Python's default is 700."""


class LazyGroup(click.Group):
    """A group that knows its commands' names without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        import_module("forecaster.cli.output").show_notices()
        module = import_module(f"forecaster.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name, None) or getattr(module, f"{cmd_name}_")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from their one-line descriptions, importing none."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
        "show_default": True,
    },
    epilog="Start with: forecast simulate configs/next-election.toml",
)
@click.option("-v", "--verbose", is_flag=True, help="Show the traceback of an error.")
@click.version_option(VERSION, prog_name="forecast")
@click.pass_context
def forecast(ctx: click.Context, verbose: bool) -> None:
    """Simulate UK general elections, and what an electoral pact would change, seat by seat."""
    ctx.obj = {"verbose": verbose}


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 a bug, 2 usage or config, 3 data, 4 results."""
    prepare_process()
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def prepare_process() -> None:
    """Set what holds for a whole process; before NumPy and numba are imported."""
    # Our matrices are small: threads of BLAS gain nothing on a free machine, and on a busy one they
    # wait for each other for many times as long as they work.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # numba's highest level makes the kernel of councils no faster, and takes a fifth longer.
    os.environ.setdefault("NUMBA_OPT", "2")
    # Numba's own threads are never used, and with a number like 0 it refuses to be imported.
    os.environ.pop("NUMBA_NUM_THREADS", None)
    # A letter that the console or pipe cannot encode is written as its code, so no name gets lost.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    # Imports make many objects and hardly any garbage, and collecting it, during the run and at its
    # end, took a fifth of a warm run.
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    atexit.register(gc.freeze)
    # On SIGTERM, or if the terminal is closed, partial files are removed as on Ctrl-C.
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit code."""
    verbose = bool({"-v", "--verbose"} & set(arguments))
    try:
        result: Any = forecast.main(arguments, prog_name="forecast", standalone_mode=False)
        sys.stdout.flush()
    except ForecastError as error:
        if verbose:
            raise
        _say(f"Error: {error}")
        return error.exit_code
    except click.ClickException as error:
        told = io.StringIO()
        error.show(told)
        _say(told.getvalue().rstrip())
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("\nInterrupted: nothing unfinished was stored.", err=True)
        return 130
    except BrokenPipeError:
        # The reader of the pipe (head, less) has ended; this is not an error.
        sys.stderr.close()
        return 0
    except (OSError, MemoryError, RecursionError) as error:
        if verbose:
            raise
        return _refuse(error)
    except Exception as error:
        if verbose:
            raise
        _say(
            f"Error: a bug in the program: {type(error).__name__}: {error}\n"
            "Run the command again as 'forecast -v …' and report what it prints."
        )
        return 1
    return result if isinstance(result, int) else 0


def _refuse(error: Exception) -> int:
    """Report an error of the system that no reader or writer of files caught; return the exit code.

    An example is a full disk behind standard output.
    """
    if isinstance(error, OSError):
        what, mend = error.filename or "output", "Choose another name or place."
    elif isinstance(error, MemoryError):
        what, mend = "memory", "Simulate fewer elections, or store fewer with --keep-draws."
    else:
        what, mend = "input", "Write it flatter."
    _say(f"Error: {what}: {reason(error)}. {mend}")
    if what == "output":
        # Otherwise Python would try to write the rest at exit, and print a traceback.
        with suppress(OSError):
            sys.stdout.close()
    return ResultsError.exit_code


def _say(message: str) -> None:
    """Print a message on standard error, shortened and without control characters."""
    from forecaster.cli.terminal import visible

    click.echo("\n".join(map(visible, shortened(message).split("\n"))), err=True)
