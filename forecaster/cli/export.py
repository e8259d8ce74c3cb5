"""``forecast export``."""

from __future__ import annotations

from pathlib import Path

import click

STYLES = ("csv", "xlsx", "parquet", "geojson")


@click.command("export")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder to write; it must not exist.",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(STYLES),
    default="csv",
    show_default=True,
    help="A file a table (csv, parquet), one workbook (xlsx), or seats as points (geojson).",
)
def command(run: Path, folder: Path, style: str) -> None:
    """Write the tables of the stored run RUN as files for other programs.

    Seats, totals, national shares and tragedies of every scenario, and what the pacts change,
    unrounded. In a workbook percentages are percentages and the headings stay in sight.
    """
    from forecaster.files import refuse_existing
    from forecaster.report.export import export
    from forecaster.results.store import read_tables

    refuse_existing(folder)
    files = export(read_tables(run), folder, style)
    click.echo(f"Written to {folder}: {', '.join(files)}")
