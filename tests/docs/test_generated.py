"""Pages that are written from the code are up to date, and the README tells the truth."""

import ast
import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

import forecaster

ROOT = Path(__file__).parents[2]


def loaded(name):
    """Return a module of docs/, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def generator():
    return loaded("generate")


@pytest.mark.parametrize("name", ["cli.md", "options.md", "council-record.md"])
def test_generated_page_is_up_to_date(name):
    # Releases of click write an argument that may be left out as [a|b] or as [[a|b]].
    made, stored = (
        re.sub(r"\[\[([a-z|]+)\]\]", r"[\1]", page)
        for page in (generator().PAGES[name](), (ROOT / "docs" / name).read_text("utf-8"))
    )
    assert made == stored


def test_figures_of_the_record_are_those_of_the_backtest_that_reports_show():
    for path in generator().FIGURES:
        page = path.read_text(encoding="utf-8")
        assert page == generator().with_record(page), path.name


def test_headline_figures_of_the_changelog_are_those_of_record_and_readme():
    page = generator().CHANGELOG.read_text(encoding="utf-8")
    assert page == generator().with_headline(page)
    releases = re.findall(r"^## (\S+)$", page, re.MULTILINE)
    assert "Unreleased" in releases
    assert all(f"\n| {release} | " in page for release in releases)


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


@pytest.mark.slow
def test_examples_of_the_readme_and_the_picture_are_what_the_program_makes():
    make = generator()
    readme = make.README.read_text("utf-8")
    assert readme == make.with_examples(readme)
    assert make.PICTURE.read_text("utf-8") == make.picture()


def test_the_method_page_shows_the_whole_twin():
    page = (ROOT / "docs" / "model.md").read_text("utf-8")
    shown = set(re.findall(r"kernels/reference.py\n:pyobject: (\w+)", page))
    twin = ast.parse((ROOT / "forecaster" / "kernels" / "reference.py").read_text("utf-8"))
    assert shown == {node.name for node in twin.body if isinstance(node, ast.FunctionDef)}


def test_the_api_pages_have_every_public_name():
    pages = "".join(path.read_text("utf-8") for path in (ROOT / "docs" / "api").glob("*.md"))
    shown = set(re.findall(r"auto(?:function|class|exception):: (\w+)", pages))
    assert shown == set(forecaster.__all__) - {"__version__"}


def test_every_page_is_reached_from_the_start():
    docs = ROOT / "docs"
    pages = {path.resolve() for path in docs.rglob("*.md")}
    listed = {
        (path.parent / f"{name}.md").resolve()
        for path in pages
        for tree in re.findall(r"```\{toctree\}\n(.*?)```", path.read_text("utf-8"), re.DOTALL)
        for name in re.findall(r"^[\w./-]+$", tree, re.MULTILINE)
    }
    assert listed == pages - {(docs / "index.md").resolve()}


def test_a_link_that_leads_nowhere_is_found(tmp_path):
    links = loaded("links")
    (tmp_path / "a.html").write_text('<h1 id="top"></h1><a href="b.html#x"></a><a href="#top">')
    (tmp_path / "b.html").write_text('<a href="a.html#top"></a><a href="c.html"></a><p id="y">')
    assert links.broken(tmp_path) == ["a.html: b.html#x", "b.html: c.html"]


def test_links_between_pages_lead_somewhere():
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "data" / "README.md"]
    broken = [
        (page.name, link)
        for page in pages
        for link in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
        if not link.startswith("http") and not (page.parent / link).exists()
    ]
    assert broken == []
