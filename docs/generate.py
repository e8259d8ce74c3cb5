"""Write the generated pages of the documentation, and the figures in those written by hand.

``make figures`` rewrites them; tests compare them with what they should be.
"""

from __future__ import annotations

import json
import re
import shlex
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import click
from click.testing import CliRunner

from forecaster.answers.explain import FILES, options_table, parameters_table
from forecaster.cli.main import forecast
from forecaster.councils.record import read_record
from forecaster.experiments.pact_record import LEVELS
from forecaster.table import Table
from forecaster.vocabulary import VARIABLES

HERE = Path(__file__).parent
ROOT = HERE.parent
README = ROOT / "README.md"
CHANGELOG = ROOT / "CHANGELOG.md"
RECORD = ROOT / "forecaster" / "report" / "record.json"


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
    """Return the page of the command line, with what many commands take said once."""
    pages = list(commands(forecast, "forecast"))
    blocks = [OPTION.findall(f"{text}\n") for _, text in pages]
    often = Counter(_words(block) for of_command in blocks for block in of_command)
    common = {words: block for of in blocks for block in of if often[words := _words(block)] > MANY}
    parts = [CLI.format(options="".join(common.values()))]
    for name, text in pages:
        rest = OPTION.sub(lambda m: "" if _words(m[0]) in common else m[0], f"{text}\n")
        rest = re.sub(r"^Options:\n(?!  )", "", rest, flags=re.MULTILINE)
        parts.append(f"## {name}\n\n```text\n{rest.strip()}\n```\n")
    return "\n".join(parts)


OPTION = re.compile(r"^  -.*\n(?: {6,}\S.*\n)*", re.MULTILINE)
"""An option in the help of a command, with the lines that go on."""

MANY = 20
"""An option that more commands than this have is told of once."""

CLI = """\
# Command line

Every command, as its `--help` prints it. What many of them take stands here and not again below:
`--help` everywhere, the others wherever a command prints tables.

```text
{options}```
"""


def _words(block: str) -> str:
    return " ".join(block.split())


def option_list(table: Table) -> str:
    """Return a table as a list of the options that a person sets."""
    return "\n".join(option_line(row) for row in table.rows if "filled in" not in row["meaning"])


def option_line(row: dict[str, Any]) -> str:
    """Return the line of an option, with its type, default and unit."""
    name, _, condition = row["key"].partition(" ")
    without = {"required": "required", "None": "optional", "()": "optional", "": "optional"}
    default = without.get(row["default"], f"default {row['default']}")
    takes = "; ".join(words for words in (row["type"], default, row["unit"]) if words != "–")
    meaning = re.sub(r"docs/([\w-]+)\.md", r"[\1](\1.md)", row["meaning"])
    return f"- {f'`{name}` {condition}'.strip()}: {meaning} *({takes})*"


def options_page() -> str:
    """Return the page of options, parameters and result variables."""
    variables = "\n".join(
        f"| `{name}` | {', '.join(v.dims)} | {v.unit} | {v.description} |"
        for name, v in VARIABLES.items()
    )
    options = "".join(f"## {t.title}\n\n{option_list(t)}\n\n" for t in map(options_table, FILES))
    return (
        "# Options, parameters and variables\n\n"
        "What the files of a config, a pact and a sweep may hold, the parameters of the model\n"
        "with their sources, and the variables of a run. `forecast config explain` prints the\n"
        "options, and [an editor can complete them](how-to/editor.md).\n\n"
        f"{options}"
        f"## Parameters of the model\n\n{option_list(parameters_table())}\n\n"
        "## Variables of a run\n\n| variable | dimensions | unit | meaning |\n|---|---|---|---|\n"
        f"{variables}\n"
    )


SCORES = {
    "seats called": ("called", "{:,}"),
    "Brier": ("brier", "{:.3f}"),
    "log score": ("log_score", "{:.3f}"),
    "CRPS of the parties' seats": ("crps", "{:.1f}"),
    "energy score of their seats": ("energy_score", "{:.1f}"),
    "parties' seats in 90 % intervals": ("totals_coverage_90", "{:.0%}"),
    "shares in 90 % intervals": ("share_coverage_90", "{:.0%}"),
}
"""Rows of the page of the record: column of a backtest, and how it is written."""

CHANGELOG_SCORES = {"called": "{:,}", "brier": "{:.4f}", "log_score": "{:.4f}", "crps": "{:.1f}"}
"""Columns of the changelog's table that are of the record, likewise."""

BANDS = {
    "safe, from 95 %": "safe",
    "likely, from 75 %": "likely",
    "leaning, from 60 %": "leaning",
    "toss-up": "toss-up",
}


FORECASTS = {
    "BBC/ITV/Sky exit poll": "exit poll",
    "Economist": "The Economist",
    "Electoral Calculus": "Electoral Calculus",
    "Manifold": "Manifold (a market)",
    "YouGov MRP": "YouGov MRP",
    "YouGov MRP 2017-06 (final published)": "YouGov MRP, final",
    "britainpredicts": "Britain Predicts",
    "electionmaps": "Election Maps UK",
    "electoralcalculusmrp": "Electoral Calculus MRP",
    "focaldata": "Focaldata MRP",
    "ft": "Financial Times",
    "ipsos": "Ipsos MRP",
    "jlp": "JL Partners MRP",
    "moreincommon": "More in Common MRP",
    "savanta": "Savanta MRP",
    "survation": "Survation MRP",
    "wethink": "We Think MRP",
    "yougov": "YouGov MRP",
}
"""Names of published forecasts by their names in the record; others there are the same again."""

SOURCES = {
    "from polls": "summary",
    "uniform swing from the same shares": "uniform",
    "from true national shares": "truth",
}
"""Tables of the record by what their rows are called."""

PARTS = (
    "| | called | Brier | log | CRPS | totals | shares | called | Brier | log | CRPS | totals | "
    "shares |"
)
EARNED = {
    "called": "{:,}",
    "brier": "{:.4f}",
    "log_score": "{:.4f}",
    "crps": "{:.1f}",
    "totals_coverage_90": "{:.0%}",
    "share_coverage_90": "{:.1%}",
}
"""Heading of the table of what each part earns, and its columns."""

SHARES = "| published | forecast | kind | seats called | this one | Brier | this one |"
CHANCES = (
    "| published | forecast | seats | called | this one | Brier | this one | log score | this one |"
)
"""Headings of the tables of published forecasts: one of each, and chances day by day."""


ABSENCES = (
    "| absent | for | seats | of the vote | gain said | that came | part said | that came | "
    "seats in 90 % | left out |"
)
NAIVE = (
    "| | rule | cases | mean error of cases | more than the law's | law nearer in | case means in "
    "90 % | mean error of seats | more than the law's | seats in 50 % | in 80 % | in 90 % |"
)
WARDS = (
    "| | party | for | wards | of the vote | part said | from other councils | part that came | "
    "wards in 90 % |"
)
HEADLINE = "| rates from | Conservative seats 2019 | Lab+LD+Green gain | Con+Reform gain |"
FRANCE = (
    "| rule | seats said | 90 % interval | came | called | share's error | shares in 50 % "
    "| in 80 % | in 90 % |"
)
"""Headings of the tables of absences: cases, rules, wards, what pacts come to, and France."""
UKIP = {"2010": "UKIP", "2015": "UKIP", "2017": "UKIP", "2019": "Brexit Party"}
"""Names of the column of Reform."""


def absence_rows(record: dict[str, Any]) -> dict[str, list[str]]:
    """Return the lines of the tables of absences, by the heading of the table."""
    cases = [
        f"| {row['donor'].replace('Reform', UKIP.get(row['election'], 'Reform'))} "
        f"{row['election']} | {row['recipient']}{'' if row['named'] == 'yes' else ' (not named)'} "
        f"| {row['seats']} | {row['donated']:.1%} | {row['gain']:+.1f} | {row['gain_actual']:+.1f} "
        f"| {row['part']:.2f} | {row['part_actual']:.2f} ± {row['part_error']:.2f} "
        f"| {row['coverage_90']:.0%} | {row['left_out']} |\n"
        for row in sorted(record["pacts"], key=lambda row: row["named"] == "no")
    ]
    pact_rules = sorted(record["pact_rules"], key=lambda row: row["class"].startswith("not"))
    wards = [
        f"| {row['election'].removeprefix('wards, ')} | {row['donor']} | {row['recipient']} "
        f"| {row['seats']} | {row['donated']:.1%} | {row['part']:.2f} "
        f"| {row['part_elsewhere']:.2f} | {row['part_actual']:.2f} ± {row['part_error']:.2f} "
        f"| {row['coverage_90']:.0%} |\n"
        for row in record["wards"]
    ]
    france = [
        f"| {row['rule']} | {row['mean']:.0f} | {row['p5']:.0f} to {row['p95']:.0f} "
        f"| {row['wins']} | {row['called']} of {row['contests']} | {row['error']:+.1f} "
        f"| {held_cells(row)} |\n"
        for row in record["france"]
    ]
    headline = [
        f"| {row['evidence']} | {row['seats_2019']:.0f} ({row['seats_2019_range']}) "
        f"| {row['progressive']:+.0f} ({row['progressive_range']}) "
        f"| {row['right']:+.0f} ({row['right_range']}) |\n"
        for row in record["headline"]
    ]
    rules = [rule_line(row) for row in [*pact_rules, *record["ward_rules"]]]
    tables = {ABSENCES: cases, NAIVE: rules, WARDS: wards, FRANCE: france, HEADLINE: headline}
    return {
        heading: [line.replace("%", " %") for line in lines] for heading, lines in tables.items()
    }


def rule_line(row: dict[str, Any]) -> str:
    """Return the line of a rule over a class of cases."""

    def more(key: str) -> str:
        if row[key] is None:
            return "–"
        error = row[f"{key}_error"]
        return f"{row[key]:+.2f}" + (f" ± {error:.2f}" if error is not None else "")

    return (
        f"| {row['class']} | {row['rule']} | {row['cases']} | {row['case_error']:.1f} "
        f"| {more('more')} | {row['nearer'] or '–'} | {row['mean_inside']:.0%} "
        f"| {row['absolute_error']:.2f} | {more('seat_more')} | {held_cells(row)} |\n"
    )


def held_cells(row: dict[str, Any]) -> str:
    """Return how many shares lay inside each interval, as cells."""
    return " | ".join(f"{row[f'coverage_{level}']:.0%}" for level in LEVELS)


def published_rows(rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Return the lines of the tables of published forecasts, by the heading of the table."""
    named = [row for row in rows if row["provider"] in FORECASTS]
    days = [row for row in named if row["kind"] == "chances"]
    last = {row["provider"]: row for row in sorted(days, key=_day)}
    single = [row for row in named if row["kind"] != "chances"] + list(last.values())
    single.sort(key=lambda row: (row["election"], row["brier"]))
    several = [row for row in days if sum(row["provider"] == d["provider"] for d in days) > 1]
    return {
        SHARES: [
            f"| {_day(row)} | {FORECASTS[row['provider']]} | {row['kind']} | {row['called']} | "
            f"{row['our_called']} | {row['brier']:.3f} | {row['our_brier']:.3f} |\n"
            for row in single
        ],
        CHANCES: [
            f"| {_day(row)} | {FORECASTS[row['provider']]} | {row['seats']} | {row['called']} | "
            f"{row['our_called']} | {row['brier']:.3f} | {row['our_brier']:.3f} | "
            f"{row['log_score']:.3f} | {row['our_log_score']:.3f} |\n"
            for row in sorted(several, key=_day)
        ],
    }


def part_rows(rows: list[dict[str, Any]]) -> list[str]:
    """Return the lines of the table of what each part earns: from truth, then from polls."""
    by_part: dict[str, dict[str, Any]] = {}
    for row in rows:
        by_part.setdefault(row["part"], {})[row["source"]] = row
    lines = []
    for part, of in by_part.items():
        cells = [
            style.format(of[source][key])
            for source in ("truth", "polls")
            for key, style in EARNED.items()
        ]
        lines.append(f"| {part} | {' | '.join(cells)} |\n".replace("%", " %"))
    return lines


def _day(row: dict[str, Any]) -> str:
    return row["published"] or row["election"]


def with_record(page: str) -> str:
    """Return a page with the figures of the record that reports are made with."""
    record = json.loads(RECORD.read_text("utf-8"))
    rows = {
        f"{source}: {name}": [style.format(row[key]) for row in record[table] if key in row]
        for source, table in SOURCES.items()
        for name, (key, style) in SCORES.items()
        if record[table][0].get(key) is not None
    }
    bands = {row["band"]: row for row in record["bands"]}
    for name, band in BANDS.items():
        row = bands[band]
        rows[name] = [f"{row['seats']:,}", f"{row['forecast']:.0%}", f"{row['observed']:.0%}"]
    for name, cells in rows.items():
        line = f"| {name} | {' | '.join(cells)} |".replace("%", " %").replace("  %", " %")
        page = re.sub(rf"^\| {re.escape(name)} \|.*$", line, page, flags=re.MULTILINE)
    tables = {
        PARTS: part_rows(record["parts"]),
        **published_rows(record["published"]),
        **absence_rows(record),
    }
    for heading, lines in tables.items():
        table = rf"^({re.escape(heading)}\n\|[-:| ]+\n)(?:\|.*\n)*"
        page = re.sub(table, rf"\1{''.join(lines)}", page, flags=re.MULTILINE)
    every = record["summary"][-1]
    called = f"called {every['called']:,} of {every['seats']:,} seats"
    page = re.sub(r"called [\d,]+ of [\d,]+ seats", called, page)
    likely = bands["likely"]
    won, said = (round(100 * likely[key]) for key in ("observed", "forecast"))
    held = f"75 to 95 %, {won} % won\n(said: {said} %)"
    return re.sub(r"75 to 95 %, \d+ % won\n\(said: \d+ %\)", held, page)


def with_headline(page: str) -> str:
    """Return the changelog with the headline figures of record and README as they are."""
    record = json.loads(RECORD.read_text("utf-8"))["summary"][-1]
    readme = README.read_text("utf-8")
    hung = re.search(r"Hung parliament, no party has one: (\S+ %)", readme)
    lab = re.search(r"^Lab +(\d+) +\d+ +(\+\d+)", readme, re.MULTILINE)
    assert hung and lab
    figures = [style.format(record[key]) for key, style in CHANGELOG_SCORES.items()]
    line = " | ".join(["| Unreleased | ", *figures, hung[1], lab[1], lab[2]]) + " |"
    return re.sub(r"^\| Unreleased \|.*$", line, page, flags=re.MULTILINE)


def with_examples(page: str) -> str:
    """Return a page whose console blocks hold what their commands print, line by line."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        return re.sub(
            r"(?<=```console\n).*?(?=```)", lambda m: examples(m[0]), page, flags=re.DOTALL
        )


def examples(block: str) -> str:
    """Return a console block with the same lines of the same commands as they are now."""
    out: list[str] = []
    printed: Iterator[str] = iter(())
    for line in block.splitlines():
        if line.startswith("$ "):
            command = line[2:].replace("make forecast", "forecast simulate next-election")
            printed = iter(
                CliRunner().invoke(forecast, shlex.split(command)[1:]).output.split("\n")
            )
        elif line.strip() not in ("", "…"):
            # A line is known by its first cell, or by what is before a colon.
            key = re.split(r"  |:|─", line.strip())[0]
            line = next(new for new in printed if _begins(new.strip(), key)).rstrip()
        out.append(line)
    return "\n".join(out) + "\n"


def _begins(line: str, key: str) -> bool:
    return re.split(r"  |:|─", line)[0] == key and (key != "" or line != "")


SWINGS = {"actual": "as they came", "polls": "from polls"}


def council_record_page() -> str:
    """Return the page of the record of council forecasts."""
    record = read_record()
    parts = [COUNCIL_RECORD.format(draws=record["draws"])]
    parts += [SCORE_HEAD, *map(_score_line, record["scores"]), ""]
    if record["leaders"]:
        parts += [LEADERS_HEAD]
        parts += [f"| {name} | {part:.1%} |" for name, part in record["leaders"].items()]
    parts += [SPLITS_HEAD, *map(_split_line, record["splits"]), SLATES_HEAD]
    parts += [_slate_line(row) for row in record["slates"]]
    parts += [DRY_RUN_HEAD]
    for run in record["dry_runs"]:
        pact = run["pact"].removesuffix(f", {run['title']}")
        parts += [f"### {run['title']}", "", f"{pact}.", "", COMPARE_HEAD]
        parts += [_compare_line(row) for row in run["rows"]] + [""]
    return re.sub(r"(\d)%", r"\1 %", "\n".join(parts))


def _score_line(row: dict[str, Any]) -> str:
    return (
        f"| {row['election']} | {SWINGS[row['swing']]} | {row['councils']} "
        f"| {row['coverage_90']:.0%} | {row['control_called']:.0%} | {row['control_brier']:.2f} "
        f"| {row['control_log']:.2f} | {row['wards']} | {row['called']:.1%} | {row['brier']:.2f} "
        f"| {row['log_score']:.2f} |"
    )


def _split_line(row: dict[str, Any]) -> str:
    part = row["split"] / max(row["wards"], 1)
    return (
        f"| {row['place']} | {row['seats']} | {100 * row['lead']:.0f} | {row['wards']} "
        f"| {part:.0%} | {row['simulated']:.0%} |"
    )


def _slate_line(row: dict[str, Any]) -> str:
    cells = []
    for party in ("LD", "Green", "Con"):
        came, mean, low, high = row[party]
        cells.append(f"{came:.0f} | {mean:.1f} ({low:.0f} to {high:.0f})")
    return f"| {row['council']} {row['year']} | {row['seats']} | {' | '.join(cells)} |"


def _compare_line(row: dict[str, Any]) -> str:
    return (
        f"| {row['group']} | {row['without']:.1f} | {row['with']:.1f} | {row['difference']:+.1f} "
        f"| {row['difference_p5']:+d} to {row['difference_p95']:+d} | {row['fewer']:.0%} "
        f"| {row['councils_without']:.1f} | {row['councils_with']:.1f} |"
    )


COUNCIL_RECORD = """\
# The record of council forecasts

How forecasts of past council elections, of {draws:,} draws each, came out.
[Councils](councils.md) says how they are made.

- **Without its own result.** Each year is scored with parameters estimated from the other years.
  The exception is 2025, the only one with a general election since the wards' last vote: from it
  come the weight of that election and the errors of wards. No parameter has seen London in 2026.
- **Known beforehand.** The form of the model was chosen with the results of 2024 in sight: that
  shares follow only part of the polls' change, and a wider error as there are so few years.
- **Shares** of all wards together are those that came, or what the polls made expect. From polls,
  London went wrong over Reform, of which they expected far more than came.
- **In 90 % ranges**: how many of the parties that won councillors, or were expected to, won a
  number inside their range. *Control* counts councillors who are not up for election, where they
  are known.
- **Brier scores** are summed over the parties, and for control over "nobody" too; smaller is
  better, as it is for the log score.

Of 2023 only wards of one seat are scored.

"""
SCORE_HEAD = """\
| election | shares | councils | in 90 % ranges | control called | Brier | log | wards | leader \
called | Brier | log |
|---|---|---|---|---|---|---|---|---|---|---|"""
LEADERS_HEAD = """\
## Which party leads a ward, from the true shares

London in 2026: how many wards each rule calls when it moves the ward's last shares to the true
ones, without any error.

| rule | wards called |
|---|---|"""
SPLITS_HEAD = """
## Wards that elect several parties

How often wards of two and three seats elect councillors of several parties, in the data (all
years but 2023) and when the same wards are simulated at the shares that came. A row holds wards
in which the first party leads by at least so many points, up to the next row's.

| place | seats | lead | wards | split | simulated |
|---|---|---|---|---|---|"""
SLATES_HEAD = """
## Joint slates as they were

In these councils Lib Dems and Greens divided the places between them. The model splits their
common votes as it does for a forecast, puts up the slates as they were, and adds the usual error
of wards. The table has the councillors who came, and the model's mean with its 90 % range. Who
would have won without the ticket nobody knows.

How many more votes arrive where a party stays on the slate is estimated from another ticket: for
Richmond in 2022 from Richmond in 2018, for all others from Richmond. There the Greens had stood
aside at the general election too, so that their part of the common vote is a guess from other
London wards.

| council | seats | LD | expected | Green | expected | Con | expected |
|---|---|---|---|---|---|---|---|"""
DRY_RUN_HEAD = """
## What a pact would have changed

Labour, Lib Dems and Greens leave each ward to the best placed of the three, wherever a
Conservative or Reform councillor was expected. Shares are those that came; London has the
candidates who stood. *Fewer*: how often the pact costs the party councillors.
"""
COMPARE_HEAD = """\
| party | without | with | difference | 90 % range | fewer | councils held: without | with |
|---|---|---|---|---|---|---|---|"""


def picture() -> str:
    """Return the picture of the README and of the site: what a pact does, seat by seat."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        simulated = "simulate next-election --pact progressive --out pact -q"
        for command in (simulated, "plot pact map-pact --out pact.svg"):
            CliRunner().invoke(forecast, command.split(), catch_exceptions=False)
        return Path("pact.svg").read_text("utf-8")


PAGES = {
    "cli.md": cli_page,
    "options.md": options_page,
    "council-record.md": council_record_page,
}
PICTURE = HERE / "pictures" / "pact.svg"
FIGURES = (README, *(HERE / name for name in ("record.md", "pact-record.md", "pacts.md")))


if __name__ == "__main__":
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")
    for path in FIGURES:
        path.write_text(with_record(path.read_text("utf-8")), encoding="utf-8")
    PICTURE.write_text(picture(), encoding="utf-8")
    README.write_text(with_examples(README.read_text("utf-8")), encoding="utf-8")
    CHANGELOG.write_text(with_headline(CHANGELOG.read_text("utf-8")), encoding="utf-8")
