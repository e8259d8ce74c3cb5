"""Pages that are written from the code are up to date, and the README tells the truth."""

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def generator():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["cli.md", "options.md", "council-record.md"])
def test_generated_page_is_up_to_date(name):
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == generator().PAGES[name]()


def test_figures_of_the_record_are_those_of_the_backtest_that_reports_show():
    for path in generator().FIGURES:
        page = path.read_text(encoding="utf-8")
        assert page == generator().with_record(page), path.name


def test_examples_are_renewed_line_by_line():
    old = "$ forecast tragedies 2019\n\n  lab-ld-green   1   old\n…\n"
    command, blank, row, rest = generator().examples(old).splitlines()
    assert (command, blank, rest) == ("$ forecast tragedies 2019", "", "…")
    assert row.split()[:2] == ["lab-ld-green", "56"] and "old" not in row


def test_readme_gives_a_line_to_every_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.match(r"[\w-]+", text).group() for text in project["dependencies"]}
    table = re.findall(r"^\| (\w[\w-]*) \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert names == set(table) - {"package"}


def test_links_between_pages_lead_somewhere():
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "data" / "README.md"]
    broken = [
        (page.name, link)
        for page in pages
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
        if not link.startswith("http") and not (page.parent / link).exists()
    ]
    assert broken == []
