"""Write the generated pages of the documentation: the command line and every option.

``make docs`` rewrites them; a test compares them with what they should be.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from forecaster.answers.explain import (
    options_table,
    pact_options_table,
    parameters_table,
    sweep_options_table,
)
from forecaster.cli.main import forecast
from forecaster.table import Table
from forecaster.vocabulary import VARIABLES

HERE = Path(__file__).parent


def commands(
    command: click.Command, name: str, parent: click.Context | None = None
) -> Iterator[tuple[str, str]]:
    """Yield the name and help text of a command and of all below it."""
    context = click.Context(command, parent, name, **command.context_settings)
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            member = command.get_command(context, below)
            assert member is not None
            yield from commands(member, below, context)


def cli_page() -> str:
    """Return the page of the command line."""
    parts = ["# Command line\n\nWritten by `make docs` from the commands' own help.\n"]
    parts += [
        f"## {name}\n\n```text\n{text}\n```\n" for name, text in commands(forecast, "forecast")
    ]
    return "\n".join(parts)


def grid(table: Table) -> str:
    """Return a table as Markdown."""
    lines = [
        "| " + " | ".join(c.heading for c in table.columns) + " |",
        "|---" * len(table.columns) + "|",
    ]
    for row in table.rows:
        cells = (str(row[c.key]).replace("|", "\\|") for c in table.columns)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def options_page() -> str:
    """Return the page of options, parameters and result variables."""
    variables = "\n".join(
        f"| `{name}` | {', '.join(v.dims)} | {v.unit} | {v.description} |"
        for name, v in VARIABLES.items()
    )
    return (
        "# Options, parameters and variables\n\nWritten by `make docs` from their definitions.\n\n"
        f"## Options of a config file\n\n{grid(options_table())}\n\n"
        f"## Options of a pact file\n\n{grid(pact_options_table())}\n\n"
        f"## Options of a sweep file\n\n{grid(sweep_options_table())}\n\n"
        f"## Parameters of the model\n\n{grid(parameters_table())}\n\n"
        "## Variables of a run\n\n| variable | dimensions | unit | meaning |\n|---|---|---|---|\n"
        f"{variables}\n"
    )


PAGES = {"cli.md": cli_page, "options.md": options_page}


if __name__ == "__main__":
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")
