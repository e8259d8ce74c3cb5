"""The page in a real browser: what it does, and whether everybody can use it."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from forecaster.answers.deals import deals_table
from forecaster.answers.seat import why_table
from forecaster.report.layers import party_levels
from forecaster.report.page import write_report
from forecaster.report.wording import chance
from forecaster.results.precision import monte_carlo_error
from forecaster.results.store import read_tables

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def files(pact_run, plain_run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name, run in {"pacts": pact_run, "plain": plain_run}.items():
        write_report(read_tables(run), folder / f"{name}.html")
    return folder


@pytest.fixture
def opened(tab, files):
    """Return a function that opens one of the pages."""
    return lambda name="pacts", width="desktop", **how: tab(files / f"{name}.html", width, **how)


def data_of(page):
    return json.loads(page.locator("#data").text_content())


def rows_of(page, table):
    return page.locator(f"#{table} tbody tr")


def test_search_finds_lewes_at_once(opened):
    page = opened()
    page.fill("#search", "lewes")
    assert rows_of(page, "table").count() == 1
    assert "Lewes" in rows_of(page, "table").first.inner_text()
    assert page.locator("#count").inner_text() == "1 of 650 seats"
    page.fill("#search", "ynys mon")
    assert "Ynys Môn" in rows_of(page, "table").first.inner_text()
    page.fill("#search", "nowhere")
    assert page.locator("#count").inner_text() == "No seats fit."


def test_sorting_and_filtering(opened):
    page = opened()
    page.select_option("#region", label="London")
    page.click("#more")
    assert rows_of(page, "table").count() == 75
    chances = page.locator("#table thead button", has_text="Chance")
    chances.click()
    assert chances.locator("..").get_attribute("aria-sort") == "descending"
    chances.click()
    assert chances.locator("..").get_attribute("aria-sort") == "ascending"
    shown = [
        int(text.strip("<> %")) for text in page.locator("#table td:nth-child(5)").all_inner_texts()
    ]
    assert shown == sorted(shown)
    page.select_option("#status", label="toss-up")
    assert all(number <= 60 for number in [
        int(text.strip("<> %")) for text in page.locator("#table td:nth-child(5)").all_inner_texts()
    ])  # fmt: skip


def test_scenario_changes_answer_table_and_map(opened):
    page = opened()
    data = data_of(page)
    for number, scenario in enumerate(data["scenarios"]):
        page.select_option("#scenario", label=scenario["label"])
        visible = page.locator("#answer [data-scenario]:visible")
        assert visible.count() == 1
        assert visible.get_attribute("data-scenario") == str(number)
        drawn = page.eval_on_selector_all(
            "#map g[data-i]", "all => all.map(g => [Number(g.dataset.i), g.getAttribute('class')])"
        )
        assert [cls for _, cls in sorted(drawn)] == data["layers"]["winner"][number]
        page.fill("#search", "lewes")
        favourite = data["layers"]["winner"][number][
            [seat[1] for seat in data["seats"]].index("Lewes")
        ].split("-")[0]
        assert rows_of(page, "table").first.locator("td").nth(2).inner_text() == favourite
        assert page.locator("#targets").is_visible() == bool(scenario["pacts"])


def test_map_layers(opened, pact_tables):
    page = opened()
    data = data_of(page)
    page.select_option("#scenario", label="Con + Reform stand aside")
    page.check("input[name=layer][value=party]")
    page.select_option("#map-party", "Reform")
    lewes = [seat[1] for seat in data["seats"]].index("Lewes")
    hexagon = page.locator(f"#map g[data-i='{lewes}']")
    levels = party_levels(pact_tables.chances, 2, "Reform")
    classes = page.eval_on_selector_all(
        "#map g[data-i]", "all => all.map(g => [Number(g.dataset.i), g.getAttribute('class')])"
    )
    painted = ["e-3" if level < 0 else f"c-{level}" for level in levels]
    assert [cls for _, cls in sorted(classes)] == painted
    page.check("input[name=layer][value=changes]")
    changed = [
        i
        for i, seat in enumerate(data["seats"])
        if data["layers"]["winner"][2][i].split("-")[0] != data["parties"][seat[3]][0]
    ]
    assert page.locator("#map g[data-i]:not(.e-3)").count() == len(changed)
    assert f"{len(changed)} seats whose likely winner" in page.locator("#legend").inner_text()
    page.check("input[name=layer][value=pact]")
    level = data["layers"]["pact"][2][0][lewes]
    assert hexagon.get_attribute("class") == f"e-{level}"
    assert hexagon.locator("text").inner_html() == data["layers"]["signs"][int(level)]
    page.check("input[name=layer][value=tragedy]")
    assert hexagon.get_attribute("class") == f"c-{data['layers']['tragedy'][0][lewes]}"
    assert data["tragedies"][0]["statement"] in page.locator("#legend").inner_text()


def test_a_seat_opens_from_table_search_and_map(opened):
    page = opened()
    dialog = page.locator("#seat")
    page.fill("#search", "lewes")
    page.click("#table button.name")
    assert dialog.locator("h2").inner_text() == "Lewes"
    assert "Won in 2024 by Lib Dem, 12,624 votes ahead." in dialog.inner_text()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == "Lewes"
    page.fill("#find", "ynys mon")
    page.keyboard.press("Enter")
    assert dialog.locator("h2").inner_text() == "Ynys Môn"
    page.keyboard.press("Escape")
    page.fill("#find", "south west surrey")
    page.keyboard.press("Enter")
    assert dialog.locator("h2").inner_text() == "Farnham and Bordon"
    assert "was a seat from 2010 to 2024" in dialog.inner_text()
    page.keyboard.press("Escape")
    page.focus("#map-box")
    page.keyboard.press("ArrowRight")
    chosen = page.locator("#readout h3").inner_text()
    page.keyboard.press("Enter")
    assert dialog.locator("h2").inner_text() == chosen
    page.keyboard.press("Escape")
    assert not dialog.is_visible()


def test_where_several_seats_fit_a_choice_is_offered_as_on_the_command_line(opened):
    page = opened()
    dialog = page.locator("#seat")
    page.fill("#find", "Manchester")
    page.keyboard.press("Enter")
    choices = dialog.locator("button[data-seat]")
    assert choices.all_inner_texts() == [
        "Manchester Central",
        "Manchester Rusholme",
        "Manchester Withington",
    ]
    choices.nth(1).click()
    assert dialog.locator("h2").inner_text() == "Manchester Rusholme"
    page.keyboard.press("Escape")
    page.fill("#find", "Nowhere")
    page.keyboard.press("Enter")
    assert page.evaluate("document.getElementById('find').validationMessage")
    assert not dialog.is_visible()


def test_a_link_leads_to_a_seat_and_a_scenario(opened):
    page = opened()
    page.select_option("#scenario", label="Con + Reform stand aside")
    page.fill("#find", "Ynys Mon")
    page.keyboard.press("Enter")
    link = page.evaluate("location.hash")
    page.keyboard.press("Escape")
    assert page.evaluate("location.hash") == "#scenario=right"
    other = opened(address=link)
    assert other.locator("#seat h2").inner_text() == "Ynys Môn"
    assert other.locator("#scenario option:checked").inner_text() == "Con + Reform stand aside"
    assert opened(address="#seat=W07000112").locator("#seat h2").inner_text() == "Ynys Môn"
    assert not opened(address="#seat=Manchester").locator("#seat").is_visible()


def test_a_seat_shows_shares_with_every_scenario_and_who_stands_aside(opened):
    page = opened(address="#seat=Lewes")
    data = data_of(page)
    lewes = [seat[1] for seat in data["seats"]].index("Lewes")
    at = sum(map(len, data["stands"][:lewes]))
    first = page.locator("#seat table.shares tbody tr").first.locator("td")
    assert page.locator("#seat table.shares tbody th").first.inner_text().split()[0] == "LD"
    k = data["stands"][lewes].index([p[0] for p in data["parties"]].index("LD"))
    without = data["mean"][0][at + k]
    for s in range(len(data["scenarios"])):
        share = without + (data["mean"][s][at + k] if s else 0)
        assert f"{share / 10:.1f} %" in first.nth(1 + s).inner_text()
    green = page.locator("#seat table.shares tbody tr", has_text="Green").locator("td")
    assert green.nth(2).inner_text() == "stands aside"
    assert "stands aside" not in green.nth(1).inner_text() + green.nth(3).inner_text()
    assert page.locator("#seat table.shares thead text").first.text_content() == "0 %"
    assert page.locator("#seat .note", has_text="A tragedy").count() == 2


def test_why_adds_up_to_the_shares_of_the_command_line(opened, pact_tables):
    page = opened(address="#seat=Lewes")
    page.click("#seat summary")
    table = why_table(pact_tables, "Lewes")
    expected = {row["party_name"]: row["expected"] for row in table.rows}
    rows = page.locator("#seat details tbody tr").all()
    assert len(rows) >= 5
    for row in rows:
        party = row.locator("th").inner_text()
        named = {"LD": "Lib Dem", "Con": "Conservative", "Lab": "Labour"}.get(party, party)
        last = row.locator("td").last.inner_text()
        if named in expected:
            assert float(last) == pytest.approx(expected[named], abs=0.3)


def test_target_list_is_filtered_and_summed(opened):
    page = opened()
    data = data_of(page)
    page.select_option("#target-region", label="South East")
    page.select_option("#target-county", label="Kent")
    page.select_option("#target-back", label="Lib Dem")
    kent, ld = data["counties"].index("Kent"), 2
    wanted = [
        e for e in data["effects"]["progressive"] if data["seats"][e[0]][7] == kent and e[2] == ld
    ]
    assert 0 < len(wanted) < 18
    assert rows_of(page, "target-table").count() == len(wanted)
    gain = sum(e[4] - e[5] for e in wanted) / 10_000
    said = page.locator("#target-count").inner_text()
    assert f"together {gain:+.1f} seats".replace("-", "−") in said
    page.select_option("#target-aside", label="Lib Dem")
    assert rows_of(page, "target-table").count() == 0
    page.select_option("#target-region", label="Wales")
    assert page.locator("#target-county option").count() == 1


def test_deals_are_those_of_the_run(opened, pact_tables):
    page = opened()
    page.select_option("#deal-region", label="Counties of South East")
    kent = page.locator("#deals tbody tr", has_text="Kent").locator("td").first.inner_text()
    (row,) = (
        row
        for row in deals_table(pact_tables, "progressive").rows
        if (row["county"], row["member"]) == ("Kent", "Lab")
    )
    assert f"({row['bearer']} / {row['aside']})" in kent
    assert kent.startswith(f"{row['balance']:+d}".replace("-", "−"))


def test_on_a_phone_the_columns_of_the_pact_are_in_sight(opened):
    page = opened(width="phone")
    for table in ("table", "target-table", "deals"):
        wide = page.evaluate(f"document.getElementById('{table}').scrollWidth")
        assert wide <= 390, table
    assert page.locator("nav a", has_text="Targets").is_visible()


def test_every_seat_of_the_map_is_reached_by_arrow_keys(opened):
    page = opened()
    reached = page.evaluate(
        """() => {
            const box = document.getElementById("map-box");
            const on = () => box.querySelector(".on").dataset.i;
            const press = (key) => box.dispatchEvent(new KeyboardEvent("keydown", { key }));
            const seen = new Set(), steps = ["ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"];
            const go = (i) => box.querySelector(`g[data-i="${i}"]`).dispatchEvent(
                new PointerEvent("pointermove", { bubbles: true, pointerType: "mouse" }));
            const todo = ["0"];
            while (todo.length) {
                const i = todo.pop();
                if (seen.has(i)) continue;
                seen.add(i);
                for (const key of steps) { go(i); press(key); todo.push(on()); }
            }
            return seen.size;
        }"""
    )
    assert reached == 650


def test_tab_goes_through_the_page_in_order(opened):
    page = opened()
    seen = []
    for _ in range(45):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate("document.activeElement.id || document.activeElement.textContent")
        )
    order = ["To the answer", "scenario", "find", "away", "map-box", "search"]
    places = [seen.index(name) for name in order]
    assert places == sorted(places)


def test_parties_can_be_put_together(opened):
    page = opened()
    data = data_of(page)
    for box in page.locator("#sets input").all():
        box.uncheck()
    assert page.locator("#majority").inner_text() == "Choose at least one party."
    parties = [data["parties"][p][1] for p in data["majorities"]["parties"]]
    for name in ("Conservative", "Reform UK"):
        page.locator("#sets").get_by_label(name, exact=True).check()
    number = sum(1 << parties.index(name) for name in ("Conservative", "Reform UK"))
    p = data["majorities"]["chances"][2][0][number] / 10_000
    error = float(monte_carlo_error(p * data["draws"], data["draws"]))
    line = page.locator("#majority div").nth(2).inner_text()
    assert line.split() == f"{chance(p, error)} % Con + Reform stand aside".split()


def test_numbers_are_rounded_as_in_the_sentences(opened):
    page = opened()
    draws = data_of(page)["draws"]
    wins = range(0, draws + 1, 13)
    script = f"wins => wins.map(n => forecastReport.chance(n / {draws}))"
    said = page.evaluate(script, list(wins))
    assert said == [chance(n / draws, float(monte_carlo_error(n, draws))) for n in wins]


def test_target_list_is_taken_away_as_csv(opened):
    page = opened()
    page.select_option("#scenario", label="Con + Reform stand aside")
    with page.expect_download() as waiting:
        page.click("#target-controls [data-save]")
    text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert waiting.value.suggested_filename == "targets-right.csv"
    assert len(rows) == len(data_of(page)["effects"]["right"])
    assert [int(row["rank"]) for row in rows] == list(range(1, len(rows) + 1))
    gains = np.array([float(row["gain"]) - float(row["backfire"]) for row in rows])
    assert (np.diff(gains) < 2.5e-4).all()  # both are rounded to four digits
    assert {"Ayr, Carrick and Cumnock", "Ynys Môn"} <= {row["name"] for row in rows}


@pytest.mark.parametrize(("name", "scheme"), [("pacts", "light"), ("plain", "dark")])
def test_no_accessibility_violations(opened, violations, name, scheme):
    page = opened(name, color_scheme=scheme, bypass_csp=True)
    found = violations(page, "html")
    page.click("#table button.name")
    found += violations(page, "#seat")
    assert found == []


@pytest.mark.parametrize(("width", "pixels"), [("phone", 390), ("tablet", 820), ("desktop", 1280)])
def test_nothing_runs_over_the_edge(opened, width, pixels):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page = opened(width=width)
    page.screenshot(path=SCREENSHOTS / f"{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= pixels


def test_all_scenarios_are_on_the_first_screen(opened):
    page = opened()
    page.set_viewport_size({"width": 1280, "height": 800})
    rows = page.locator(".matrix tbody tr")
    assert all(rows.nth(k).bounding_box()["y"] < 750 for k in range(4))
    page.select_option("#scenario", label="Con + Reform stand aside")
    assert page.locator(".matrix thead .shown").inner_text().startswith("Con + Reform stand aside")


def test_the_map_is_whole_on_a_small_screen(opened):
    page = opened()
    page.set_viewport_size({"width": 1280, "height": 800})
    bar = page.locator(".bar").bounding_box()["height"]
    assert page.locator("#map").bounding_box()["height"] <= 800 - bar


def test_the_map_can_be_shown_as_it_lies_on_the_ground(opened):
    page = opened()
    page.check("#ground")
    assert page.locator("#map g[data-i] path").count() == 650
    # From Lewes the next seat to the north is in Sussex too, and one to the south is not far.
    page.fill("#find", "Lewes")
    page.locator("#find").press("Enter")
    page.locator("#seat button.close").click()
    page.focus("#map-box")
    page.keyboard.press("ArrowUp")
    assert "Sussex" in page.locator("#readout h3").inner_text()
    page.uncheck("#ground")
    assert page.locator("#map g[data-i] path").count() == 0
    assert page.locator("#map g[data-i] use").count() == 650
    assert opened("plain").locator("#ground").count() == 0


def test_on_paper_there_are_no_controls(opened):
    page = opened(color_scheme="dark")
    page.emulate_media(media="print")
    assert not page.locator("#filters").is_visible()
    assert page.locator("#map").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.evaluate("location.hash = '#seat=Lewes'")
    page.locator("#seat").wait_for()
    assert not page.locator("main").is_visible()


def test_without_javascript_the_figures_are_there(opened):
    page = opened(java_script_enabled=False)
    assert page.locator("#answer [data-scenario]:visible").count() == 5
    assert page.locator("#all-seats tbody tr").count() == 650
    assert not page.locator("#filters").is_visible()


def test_no_advice_with_several_pacts_at_once(opened):
    page = opened()
    advice = page.locator("#target-table thead", has_text="Advice")
    assert advice.count() == 1
    page.select_option("#target-show", label="do not")
    page.select_option("#scenario", label="Lab + LD + Green stand aside; Con + Reform stand aside")
    assert advice.count() == 0
    assert page.locator("#targets .warning").is_visible()
    assert rows_of(page, "target-table").count() == 60
    page.select_option("#target-pact", label="Con + Reform stand aside")
    assert "Reform" in rows_of(page, "target-table").first.inner_text()


def test_on_a_phone_the_larger_map_has_seats_that_can_be_tapped(opened):
    page = opened(width="phone")
    page.get_by_label("Larger map").check()
    hexagon = page.locator("#map g[data-i] use").first
    box = hexagon.bounding_box()
    assert min(box["width"], box["height"]) >= 24
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.locator("#map g[data-i]").nth(600).click()
    assert page.locator("#readout h3").is_visible()
