"""``forecast pr``."""

from __future__ import annotations

import click

from forecaster.cli.output import format_option


@click.command("pr")
@click.argument("what")
@click.option(
    "--system",
    type=click.Choice(["dhondt", "sainte-lague", "ams"]),
    default="sainte-lague",
    show_default=True,
    help="Highest averages by d'Hondt or Sainte-Laguë, or additional members as in Scotland.",
)
@click.option(
    "--level",
    type=click.Choice(["uk", "nation", "region"]),
    default="nation",
    show_default=True,
    help="Where lists are counted.",
)
@click.option(
    "--threshold",
    default="0%",
    show_default=True,
    metavar="PERCENT",
    help="Part of an area's votes below which a list gets no seat there.",
)
@click.option("--index", is_flag=True, help="Only the table of disproportionality.")
@click.option("--threads", type=click.IntRange(min=1), help="Threads [default: all processors].")
@format_option
def command(
    what: str, system: str, level: str, threshold: str, index: bool, threads: int | None, style: str
) -> None:
    """Count the same votes proportionally, beside first past the post.

    WHAT is an election, such as 2019, or the folder of a run. A run stores no votes of regions: for
    --level region it is simulated again.
    """
    from forecaster.answers import proportional
    from forecaster.cli.output import emit_all
    from forecaster.cli.progress import progress_bar
    from forecaster.cli.source import read_source
    from forecaster.pipeline import processors
    from forecaster.results.build import Tables

    least = proportional.read_threshold(threshold)
    source = read_source(what)
    if isinstance(source, Tables):
        again = source.manifest["draws_kept"] if level == "region" else 0
        with progress_bar(again, quiet=again == 0) as advance:
            contest = proportional.contest_of_run(source, level, threads or processors(), advance)
    else:
        contest = proportional.contest_of_election(source, level)
    answers = [] if index else [proportional.parties_table(contest, system, least)]
    if index or style in ("table", "markdown"):
        answers.append(proportional.disproportionality_table(contest, system, least))
    emit_all(answers, style)
