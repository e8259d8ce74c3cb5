"""``forecast transfers``."""

from __future__ import annotations

import click

from forecaster.cli.output import format_option


@click.command("transfers")
@click.argument("name", default="formal")
@click.option(
    "--evidence", is_flag=True, help="The published rates themselves, not those in force."
)
@click.option("--donor", help="Only this party's voters, such as LD.")
@format_option
def command(name: str, evidence: bool, donor: str | None, style: str) -> None:
    """Print where the votes of a party that stands aside go, and how that is known.

    NAME is formal (the party recommends the flag bearer), informal, or a file.
    """
    from forecaster.answers.transfers import evidence_table, rates_table
    from forecaster.cli.output import emit
    from forecaster.table import one_of
    from forecaster.vocabulary import PARTIES

    party = one_of(donor, PARTIES, "--donor") if donor else None
    if evidence:
        emit(evidence_table(party), style)
        return
    table = rates_table(name)
    emit(table.where(lambda row: party in (None, row["donor"])), style)
