"""Runs for reports: four scenarios with pacts, and one without."""

import shutil
from pathlib import Path

import pytest

from forecaster.config.load import load_config, parse_changes
from forecaster.pipeline import simulate_to
from forecaster.results.store import read_tables

PROGRESSIVE, RIGHT, TACTICAL = (
    f"configs/pacts/{name}.toml" for name in ("progressive", "right", "tactical")
)
PACTS = (PROGRESSIVE, RIGHT, f"{PROGRESSIVE}+{RIGHT}", TACTICAL)

CHROMIUM = shutil.which("chromium")
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""A browser for tests in a closed network, also as root."""

WIDTHS = {"phone": (390, 844), "tablet": (820, 1180), "desktop": (1280, 900)}


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip("no browser: '.ci/browser' installs Chromium and axe-core")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def tab(browser):
    """Return a function that opens a page; at the end, nothing was logged and nothing asked for."""
    contexts, complaints, requests = [], [], []

    def open_page(file, width="desktop", address="", prepare="", **options):
        size = dict(zip(("width", "height"), WIDTHS[width], strict=True))
        context = browser.new_context(viewport=size, **options)
        contexts.append(context)
        context.add_init_script(prepare)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(file.as_uri() + address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
    assert all(url.startswith(("file:", "blob:")) for url in requests)


@pytest.fixture(scope="session")
def violations():
    """Return a function that lists what a part of a page keeps from people with disabilities.

    The page has to be opened with ``bypass_csp``.
    """
    if not AXE.is_file():
        pytest.skip("no axe-core: '.ci/browser' installs it")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

    def look(page, where):
        if page.evaluate("typeof axe") == "undefined":
            page.add_script_tag(path=str(AXE))
        check = "([where, tags]) => axe.run(where, { runOnly: tags })"
        found = page.evaluate(check, [where, tags])["violations"]
        return [(v["id"], v["nodes"][0]["html"][:200]) for v in found]

    return look


@pytest.fixture(scope="session")
def pact_run(tmp_path_factory):
    """Return the folder of a run with four scenarios besides no-pact."""
    folder = tmp_path_factory.mktemp("report") / "pacts"
    simulate_to(folder, load_config("next-election", parse_changes(["draws=2048"]), PACTS))
    return folder


@pytest.fixture(scope="session")
def plain_run(tmp_path_factory):
    """Return the folder of a small run without pacts, on the boundaries of 2010.

    Its title has what HTML, CSV and people trip over.
    """
    folder = tmp_path_factory.mktemp("report") / "plain"
    title = 'title="Ynys Môn, </script><b>& others</b>"'
    simulate_to(
        folder,
        load_config("election-2019-from-2017", parse_changes([title, "scenarios=[]", "draws=128"])),
    )
    return folder


@pytest.fixture(scope="session")
def pact_tables(pact_run):
    return read_tables(pact_run)


@pytest.fixture(scope="session")
def plain_tables(plain_run):
    return read_tables(plain_run)
