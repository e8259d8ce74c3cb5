"""The page in which slates are built, in a real browser, against the run that it is made of."""

import base64
import csv
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest

from forecaster.cli.main import run as forecast
from forecaster.config.load import read_pact
from forecaster.council_api import open_council_run, simulate_councils
from forecaster.councils.contest import read_contest
from forecaster.councils.data import PARTIES
from forecaster.councils.plan import Shares, expect
from forecaster.councils.run import read_council_tables
from forecaster.councils.slates import slates_of
from forecaster.errors import ConfigError, ResultsError
from forecaster.report.building import wards

pytestmark = pytest.mark.slow

IDLE = """async () => {
    while (!pactBuilder.idle()) await new Promise((done) => setTimeout(done, 10));
}"""


@pytest.fixture(scope="module")
def london_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slates") / "london"
    simulate_councils("london-2026", pacts=["progressive", "right"], draws=1200, out=folder)
    return folder


@pytest.fixture(scope="module")
def london_file(london_run):
    return open_council_run(london_run).build(london_run.with_suffix(".html"))


@pytest.fixture(scope="module")
def keynes_run(tmp_path_factory):
    """Return a run of one council with an election that took place, by another rule."""
    folder = tmp_path_factory.mktemp("slates") / "keynes"
    how = {"slates": "proportional", "guarantees": {"Green": 2}}
    simulate_councils("milton-keynes-2024", pacts=["progressive"], draws=1024, out=folder, **how)
    return folder


def content(file):
    text = file.read_text(encoding="utf-8")
    return json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])


@pytest.fixture
def opened(tab, london_file):
    """Return a function that opens the page, with a pact or as it is, and waits until it counts."""

    def open_page(pact=None, run=None, **how):
        address = ""
        if pact is not None:
            state = {"run": run, "pacts": [pact], "given": []}
            address = "#" + base64.urlsafe_b64encode(json.dumps(state).encode()).decode().rstrip(
                "="
            )
        page = tab(london_file, address=address, **how)
        page.evaluate(IDLE)
        return page

    return open_page


def councillors(page, which):
    """Return councillors by draw, council and party, without (0) or with (1) the pact."""
    text = page.evaluate(f"pactBuilder.answer().totals[{which}].join(' ')")
    return np.reshape(
        [int(x) for x in text.split()], (page.evaluate("pactBuilder.D.draws"), -1, len(PARTIES))
    )


def check_same(page, tables, scenario=1):
    """Without a pact every draw is the run's; with it, rounding moves half a councillor a draw."""
    draws = page.evaluate("pactBuilder.D.draws")
    np.testing.assert_array_equal(councillors(page, 0), tables.won[:draws, 0])
    moved = councillors(page, 1) - tables.won[:draws, scenario]
    assert np.abs(moved).sum((1, 2)).mean() < 2 * 0.5
    assert np.abs(moved.sum(1).mean(0)).max() < 0.05


def test_at_its_defaults_it_is_the_stored_run_draw_by_draw(opened, london_run, london_file):
    page, tables = opened(), read_council_tables(london_run)
    check_same(page, tables)
    page.select_option("#preset", label="right")
    page.evaluate(IDLE)
    check_same(page, tables, 2)


def test_one_council_with_guaranteed_places_is_its_run(tab, keynes_run):
    page = tab(open_council_run(keynes_run).build(keynes_run.with_suffix(".html")))
    page.evaluate(IDLE)
    check_same(page, read_council_tables(keynes_run))
    assert page.input_value("#rule") == "proportional"
    assert page.locator("#chambers tbody tr").count() == 1
    held = read_council_tables(keynes_run).held[:, 0, 0]
    assert held.sum(1)[0] > read_council_tables(keynes_run).seats.sum()
    hung = round(100 * (2 * held <= held.sum(1, keepdims=True)).all(1).mean())
    said = page.locator("#chambers tbody td").last.inner_text().split(" → ")[0]
    assert int(said) == pytest.approx(hung, abs=1)


@pytest.mark.parametrize("rule", ["best-placed", "proportional"])
@pytest.mark.parametrize("guarantees", [{}, {"Green": 3, "LD": 1}])
def test_rules_give_the_slates_of_a_simulation(opened, london_file, rule, guarantees):
    contest = read_contest("london-2026")
    shares = expect(contest, Shares()).shares
    slates = slates_of(read_pact("progressive"), rule, guarantees, contest, shares)
    pact = content(london_file)["pacts"][0] | {
        "rule": rule,
        "guarantees": [[PARTIES.index(party), n] for party, n in guarantees.items()],
    }
    page = opened(pact)
    found = page.evaluate("pactBuilder.answer().actions[0].map((ward) => ward && ward.slate)")
    for w, slate in enumerate(found):
        assert (slate is not None) == slates.holds[w]
        stands = contest.candidates[w] > 0
        if slate is not None:
            assert slate == slates.candidates[w, stands].tolist(), contest.last.name[w]


def ward(page, council, name):
    """Return the choices of candidates of a ward in the list, by party."""
    page.select_option("#council", label=council)
    page.select_option("#show", "")
    page.fill("#search", name)
    selects = page.locator("#table select")
    found = {}
    for place in range(selects.count()):
        one = selects.nth(place)
        found[PARTIES[int(one.get_attribute("data-party"))]] = f"#{one.get_attribute('id')}"
    return found


def test_slates_built_here_give_the_same_figures_on_the_command_line(opened, tmp_path):
    page = opened()
    page.select_option("#rates", "-1")
    for key, percent in {"arrive": 62, "refusal": 5}.items():
        page.locator(f"#rate-{key}").fill(str(percent))
    page.select_option("#rule", "proportional")
    choices = ward(page, "Wandsworth", "West Hill")
    page.select_option(choices["LD"], "0")
    page.select_option(choices["Lab"], "1")
    page.select_option(choices["Green"], "2")
    page.evaluate(IDLE)
    assert [page.input_value(choices[party]) for party in ("Lab", "LD", "Green")] == ["1", "0", "2"]
    paths = []
    for button in ("#save-pact", "#save-slates"):
        with page.expect_download() as waiting:
            page.click(button)
        paths.append(tmp_path / waiting.value.suggested_filename)
        waiting.value.save_as(paths[-1])
    assert f"--pact {paths[0].name} --slates {paths[1].name}" in page.inner_text("#saved")
    run = simulate_councils("london-2026", pacts=paths[0], slates=paths[1], draws=1024)
    assert read_pact(paths[0]).strength.transfers.arrive == 0.62
    check_same(page, run._run)


def test_a_ward_that_is_set_moves_its_council_alone_and_can_be_undone(opened):
    page = opened()
    before = councillors(page, 1)
    choices = ward(page, "Wandsworth", "West Hill")
    page.select_option(choices["Lab"], "0")
    page.focus(choices["Green"])
    page.select_option(choices["Green"], "3")
    page.evaluate(IDLE)
    assert page.evaluate("document.activeElement.id") == choices["Green"][1:]
    after = councillors(page, 1)
    place = page.evaluate("pactBuilder.D.regions.indexOf('Wandsworth')")
    moved = (after != before).any((0, 2))
    assert moved[place] and moved.sum() == 1
    assert page.inner_text("#changed").startswith("1 ward as you set it")
    page.click("#undo")
    page.click("#undo")
    page.evaluate(IDLE)
    np.testing.assert_array_equal(councillors(page, 1), before)
    page.click("#redo")
    page.click("#redo")
    page.evaluate(IDLE)
    address = page.url
    page.click("#reset")
    page.evaluate(IDLE)
    np.testing.assert_array_equal(councillors(page, 1), before)
    page.goto(address)
    page.evaluate(IDLE)
    np.testing.assert_array_equal(councillors(page, 1), after)


def test_tables_of_councils_and_wards_are_those_of_the_draws(opened):
    page = opened()
    won = [
        councillors(page, k)[:, page.evaluate("pactBuilder.D.regions.indexOf('Barnet')")]
        for k in (0, 1)
    ]
    row = page.locator("#chambers tbody tr", has_text="Barnet").first
    hung = [round(100 * (2 * x <= x.sum(1, keepdims=True)).all(1).mean()) for x in won]
    said = re.findall(r"\d+", row.locator("td").last.inner_text())
    assert [int(x) for x in said] == pytest.approx(hung, abs=1)
    members = [PARTIES.index(party) for party in ("Lab", "LD", "Green")]
    change = (won[1] - won[0])[:, members].sum(1).mean()
    assert float(row.locator("strong").inner_text().replace("−", "-")) == pytest.approx(
        change, abs=1
    )
    with page.expect_download() as waiting:
        page.click("#save-csv")
    text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    rows = [one for one in csv.DictReader(io.StringIO(text)) if one["council"] == "Barnet"]
    for k, key in enumerate(("without", "with")):
        total = sum(float(one[f"councillors_{key}_Lab"]) for one in rows)
        assert total == pytest.approx(won[k][:, PARTIES.index("Lab")].mean(), abs=0.01)


def test_conditions_and_what_cannot_be_are_said(opened, london_file):
    page = opened(content(london_file)["pacts"][0] | {"seats": {"0": [[1, 1]]}}, run="0" * 16)
    assert page.locator("#other-run").is_visible()
    assert "other wards" in page.inner_text("#other-wards")
    assert page.evaluate("pactBuilder.state().pacts[0].seats") == {}
    page.click("#conditions summary")
    page.fill("#if-seat", "west hill wandsworth")
    page.select_option("#if-winner", label="Labour")
    page.click("#add-seat")
    page.evaluate(IDLE)
    assert "West Hill, Wandsworth elects Labour" in page.inner_text("#answer")
    for party in ("Lab", "Green"):
        page.uncheck(f"#members [value='{PARTIES.index(party)}']")
    page.evaluate(IDLE)
    assert "needs two members" in page.inner_text("#error")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_accessibility_violations(opened, violations, scheme):
    page = opened(color_scheme=scheme, bypass_csp=True)
    page.locator("#table [data-seat]").first.click()
    page.select_option("#rates", "-1")
    page.evaluate(IDLE)
    assert violations(page, "html") == []


def test_nothing_runs_over_the_edge(opened):
    page = opened(width="phone")
    page.locator("#table [data-seat]").first.click()
    for width, height in ((390, 844), (820, 1180), (1280, 900)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_command_writes_it(london_run, london_file, tmp_path, capsys):
    assert london_file.stat().st_size < 7e6
    out = tmp_path / "pact.html"
    assert forecast(["build", str(london_run), "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"Written: {out}\n"


def test_runs_that_come_out_otherwise_or_are_too_large_are_refused(london_run, monkeypatch):
    tables = read_council_tables(london_run)
    tables.won = tables.won + 1
    with pytest.raises(ResultsError, match="Simulate it again"):
        wards.drawn_wards(tables)
    monkeypatch.setattr(wards, "CASES", wards.FEWEST * len(tables.code) - 1)
    with pytest.raises(ConfigError, match="too many for a page"):
        wards.drawn_wards(tables)
