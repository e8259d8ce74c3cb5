"""``forecast ledger``."""

from __future__ import annotations

from pathlib import Path

import click

from forecaster.cli.output import format_option


@click.command("ledger")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--scenario", "wanted", multiple=True, help="Only this scenario. May be repeated.")
@click.option("--regions", is_flag=True, help="By region instead of by party.")
@click.option("--threads", type=click.IntRange(min=1), help="Threads [default: all processors].")
@format_option
def command(
    run: Path, wanted: tuple[str, ...], regions: bool, threads: int | None, style: str
) -> None:
    """Print what the pacts of the stored run RUN cost and bring each member.

    Seats it stands aside in, votes forgone, seats gained and lost, the chance of ending worse off,
    and its Shapley value: what it brings the pact. The run is simulated again for that.
    """
    from forecaster.answers.compare import scenarios_of
    from forecaster.cli.output import emit_all
    from forecaster.experiments import ledger
    from forecaster.pipeline import processors
    from forecaster.results.store import read_tables

    tables = read_tables(run)
    found = [
        one
        for scenario in scenarios_of(tables, wanted)
        for one in ledger.build_ledgers(tables, scenario, threads or processors())
    ]
    table = ledger.regions_table if regions else ledger.parties_table
    emit_all([table(one) for one in found], style)
