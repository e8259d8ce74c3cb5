"""``forecast report``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("report")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default="report.html",
    show_default=True,
    help="File to write; it must not exist.",
)
def command(run: Path, out: Path) -> None:
    """Write the stored run RUN as one page that opens in any browser.

    The answer, seats by party, a map, every seat, the target list of the pacts, and how far to
    trust it all. The file needs no network and can be sent by e-mail or printed.
    """
    from forecaster.files import refuse_existing
    from forecaster.report.page import write_report
    from forecaster.results.store import read_tables

    refuse_existing(out)
    write_report(read_tables(run), out)
    click.echo(f"Written: {out}")
