"""Print a table for a person, or write it as CSV, JSON or Markdown."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import click

from forecaster.report.wording import cell
from forecaster.table import Column, Table, as_csv

FORMATS = ("table", "csv", "json", "markdown")

format_option = click.option(
    "--format",
    "style",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="How to write the table; csv and json carry every column, unrounded.",
)


def emit(table: Table, style: str) -> None:
    """Write a table to standard output in one of `FORMATS`."""
    {"table": _terminal, "csv": _csv, "json": _json, "markdown": _markdown}[style](table)


def emit_all(tables: list[Table], style: str) -> None:
    """Write tables of the same columns: one after the other for people, joined for programs."""
    if style in ("csv", "json"):
        rows = [row for table in tables for row in table.rows]
        tables = [replace(tables[0], rows=rows)]
    for table in tables:
        emit(table, style)


def _terminal(table: Table) -> None:
    from forecaster.cli.terminal import print_table

    print_table(table)


def _csv(table: Table) -> None:
    sys.stdout.write(as_csv(table))


def _json(table: Table) -> None:
    keys = [column.key for column in table.columns]
    rows = [{key: row[key] for key in keys} for row in table.rows]
    click.echo(json.dumps(rows, indent=1, ensure_ascii=False))


def _markdown(table: Table) -> None:
    shown = _shown(table)
    lines = [
        f"**{table.title}**\n",
        "| " + " | ".join(column.heading for column in shown) + " |",
        "|" + "|".join("---" if column.kind == "text" else "---:" for column in shown) + "|",
    ]
    for row in table.rows:
        cells = (cell(column, row).replace("|", "\\|") for column in shown)
        lines.append("| " + " | ".join(cells) + " |")
    click.echo("\n".join([*lines, "", *(f"{note}  " for note in table.notes)]))


def _shown(table: Table) -> list[Column]:
    return [column for column in table.columns if not column.data_only]
