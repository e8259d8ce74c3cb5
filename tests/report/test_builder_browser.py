"""The page in which a pact is built, in a real browser, against the run that it is made of."""

import base64
import json
import re

import numpy as np
import pytest

from forecaster.report.builder.page import write_builder
from forecaster.vocabulary import PARTIES


@pytest.fixture(scope="module")
def file(pact_tables, tmp_path_factory):
    path = tmp_path_factory.mktemp("builder") / "pact.html"
    write_builder(pact_tables, path)
    return path


@pytest.fixture(scope="module")
def data(file):
    text = file.read_text(encoding="utf-8")
    return json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])


@pytest.fixture
def opened(tab, file, data):
    """Return a function that opens the page with some pacts and waits until they are counted."""

    def open_page(*pacts, given=(), run=None, **how):
        state = {"run": run or data["run"], "pacts": list(pacts), "given": list(given)}
        text = base64.urlsafe_b64encode(json.dumps(state).encode()).decode().rstrip("=")
        page = tab(file, address=f"#{text}" if pacts else "", **how)
        counted(page)
        return page

    return open_page


def counted(page):
    page.locator("#results[aria-busy=false]").wait_for()


def preset(data, name):
    return next(pact for pact in data["pacts"] if pact["name"] == name)


def totals(page, data, which):
    """Return seats by draw and party, without (0) or with (1) the pacts."""
    flat = page.evaluate(f"Array.from(pactBuilder.answer().totals[{which}])")
    return np.reshape(flat, (data["draws"], len(PARTIES)))


@pytest.mark.parametrize(
    "names", [("progressive",), ("right",), ("progressive", "right"), ("tactical",)]
)
def test_at_its_defaults_it_is_the_stored_run_draw_by_draw(opened, data, pact_tables, names):
    page = opened(*(preset(data, name) for name in names))
    own = [PARTIES.index(party) for party in pact_tables.parties]
    np.testing.assert_array_equal(
        totals(page, data, 0)[:, own], pact_tables.won()[: data["draws"]]
    )
    stored = pact_tables.won("+".join(names))[: data["draws"]]
    found = totals(page, data, 1)[:, own]
    print(names, np.abs(found - stored).mean(0), (found - stored).mean(0))
    assert np.abs(found - stored).mean(0).max() < 0.2
    assert (found.sum(1) == 650).all()
