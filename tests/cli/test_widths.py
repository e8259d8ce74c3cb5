"""The tables of every command at the widths of terminals and in a pipe."""

import io
import re
from contextlib import redirect_stdout
from dataclasses import replace

import pytest

from forecaster.cli import terminal
from forecaster.cli.main import COMMANDS, run
from forecaster.report.wording import cell

pytestmark = pytest.mark.slow

FEW = ("--draws", "128")
SWEEP = """
title = "Rates [a title with brackets]"
config = "next-election"
pacts = ["progressive"]
draws = 128
[vary]
"pacts.progressive.strength.refusal" = [0.0, 0.5]
"""

CALLS = {
    "audit": [("audit", "sealed.json", "2024")],
    "backtest": [("backtest", "2019", *FEW)],
    "calibrate": [("calibrate", "tactical"), ("calibrate", "transfers", "--show", "absences")],
    "coalitions": [("coalitions", "RUN"), ("coalitions", "2010")],
    "compare": [("compare", "RUN"), ("compare", "RUN", "RUN")],
    "config": [("config", "explain")],
    "council": [
        ("council", "list"),
        ("council", "simulate", "wandsworth-2026", "--pact", "progressive", "--out", "W", *FEW),
        ("council", "show", "W", "--wards"),
        ("council", "pact", "W"),
        ("council", "coalitions", "W", "--council", "Wandsworth"),
        ("council", "tragedies", "W"),
    ],
    "data": [("data", "list")],
    "frontier": [("frontier", "next-election", "--pact", "progressive", "--seats", "20", *FEW)],
    "history": [("history", "--from", "2026-09-20", "--every", "week", "--pact", "right", *FEW)],
    "ledger": [("ledger", "RUN"), ("ledger", "RUN", "--regions")],
    "list": [("list",)],
    "optimise": [("optimise", "next-election", "--pact", "negotiated", *FEW)],
    "pact": [("pact", "RUN"), ("pact", "RUN", "--deals")],
    "polls": [("polls",), ("polls", "--election", "2019")],
    "pr": [("pr", "RUN"), ("pr", "2019")],
    "query": [("query", "RUN", "seats.Lab > 200", "--show", show) for show in ("totals", "seats")],
    "replicate": [("replicate",)],
    "seat": [("seat", "RUN", "Lewes")],
    "sensitivity": [("sensitivity", "RUN", "--outcome", "majority:Lab:progressive", *FEW)],
    "show": [("show", "RUN"), ("show", "RUN", "seats", "--party", "Reform")],
    "simulate": [("simulate", "next-election", *FEW)],
    "sweep": [("sweep", "rates.toml")],
    "transfers": [("transfers",), ("transfers", "--evidence")],
    "tragedies": [("tragedies", "2019"), ("tragedies", "RUN", "--definition", "con-reform")],
    "whatif": [("whatif", "Lab=30", *FEW)],
}
WITHOUT_TABLES = {"build", "export", "plot", "register", "report"}
ROWS = 12
ANSI = re.compile(r"\x1b\[[\d;]*m")


def test_every_command_is_looked_at():
    assert set(CALLS) | WITHOUT_TABLES == set(COMMANDS)


@pytest.fixture(scope="module")
def tables(stored_with_pacts, tmp_path_factory):
    """Return a function: the tables that the calls of a command print, with their first rows."""
    folder = tmp_path_factory.mktemp("widths")
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()):
        patch.chdir(folder)
        assert run(["register", stored_with_pacts, "--out", "sealed.json"]) == 0
    (folder / "rates.toml").write_text(SWEEP)

    def printed(command):
        found = []
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()):
            patch.chdir(folder)
            patch.setattr(terminal, "print_table", found.append)
            for words in CALLS[command]:
                assert run([stored_with_pacts if w == "RUN" else w for w in words]) == 0
        assert found
        return [replace(table, rows=table.rows[:ROWS]) for table in found]

    return printed


def lines_of(table, width):
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out):
        if width:
            for name, value in (("COLUMNS", str(width)), ("FORCE_COLOR", "1"), ("TERM", "xterm")):
                patch.setenv(name, value)
        terminal.print_table(table)
    return ANSI.sub("", out.getvalue()).splitlines()


def left_out(lines):
    """Return the headings of columns that were left out, as the table names them."""
    said = " ".join(line.strip() for line in lines).partition("Not shown for want of width: ")[2]
    return said.partition(". A wider terminal")[0]


@pytest.mark.parametrize("command", CALLS)
def test_tables_fit_and_no_number_is_broken(tables, command):
    for table in tables(command):
        shown = [column for column in table.columns if not column.data_only]
        for width in (80, 100, 140):
            lines = lines_of(table, width)
            assert max(map(len, lines)) <= width, (table.title, width)
            missing = left_out(lines)
            for column in shown:
                if column.kind == "text" or column.heading in missing:
                    continue
                for row in table.rows:
                    words = cell(column, row)
                    assert words == "–" or any(words in line for line in lines), (column, width)
            assert shown[0].heading not in missing
        piped = lines_of(table, None)
        assert not any(line != line.rstrip() for line in piped)
        assert not left_out(piped)
        for column in shown:
            assert any(column.heading in line for line in piped)
            for row in table.rows:
                assert any(terminal.visible(cell(column, row)) in line for line in piped)
        assert all(any(note in line for line in piped) for note in table.notes)
