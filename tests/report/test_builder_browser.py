"""The page in which a pact is built, in a real browser, against the run that it is made of."""

import base64
import csv
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest

from forecaster.cli.main import run as forecast
from forecaster.config.load import load_config, parse_changes, read_pact
from forecaster.pipeline import plan_again, simulate_run, stored_config
from forecaster.plan.pacts import resolve_pact
from forecaster.plan.scenarios import pilot_chances
from forecaster.report.building.page import write_builder
from forecaster.vocabulary import PARTIES

pytestmark = pytest.mark.slow

VECTORS = Path(__file__).parents[1] / "kernels" / "vectors.json"


IDLE = """async () => {
    while (!pactBuilder.idle()) await new Promise((done) => setTimeout(done, 10));
}"""


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
    page.evaluate(IDLE)


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
    np.testing.assert_array_equal(totals(page, data, 0)[:, own], pact_tables.won()[: data["draws"]])
    stored = pact_tables.won("+".join(names))[: data["draws"]]
    found = totals(page, data, 1)[:, own]
    assert np.abs(found - stored).mean(0).max() < 0.2
    assert (found.sum(1) == 650).all()


def test_every_pact_to_start_from_is_resolved_as_in_a_simulation(opened, data, pact_tables):
    plan = plan_again(stored_config(pact_tables))
    likely = pilot_chances(plan)
    page = opened()
    for place, name in enumerate(pact["name"] for pact in data["pacts"]):
        page.select_option("#preset", str(place))
        counted(page)
        seats = resolve_pact(read_pact(name), plan.base, plan.expected, likely)
        expected = [
            [int(flag), np.flatnonzero(donors).tolist()] if flag >= 0 else None
            for flag, donors in zip(seats.flag, seats.donors, strict=True)
        ]
        found = page.evaluate(
            "pactBuilder.answer().actions[0].map((seat) => seat && [seat.flag, seat.donors])"
        )
        assert found == expected, name


MOVED = """(v) => {
  const random = { seed: v.seed, streams: v.streams, fours: v.fours, order: v.order };
  const house = Object.assign(Object.create(House.prototype), {
    D: { draws: 128, random }, luck: new Map(), drawn: new Map(),
  });
  const words = v.threefry.map(({ counter, key }) => {
    threefry(...counter, ...key, WORDS);
    return Array.from(WORDS);
  });
  const factors = v.factors.map(({ draw, item, stream }) =>
    house.factor(4, item, stream).map((z) => z[draw]));
  const luck = v.luck.map(({ draw, seat }) => v.order.map((_, c) => {
    const [luck, lot] = house.luckOf(seat, c, 1);
    return [Math.log(luck[draw]), lot[draw]];
  }));
  const moves = v.moves.map(({ draw, actions }) => {
    const places = v.shares.flatMap((share, c) => share > 0 ? [c] : []);
    const rows = places.map((c, place) => {
      const votes = new Float64Array(128).fill(v.shares[c]);
      return { place, votes, best: votes };
    });
    const made = actions.map((a) => {
      const [refusal, backlash, kappa, gain] = house.strength(a.item, a.strength);
      return {
        flag: a.flag, backlash, kappa, gain,
        opponents: places.map((c) => a.opponents[c]),
        donors: places.flatMap((c, place) => {
          if (a.clarity[c] > 0) return [{ place, clarity: a.clarity[c] }];
          const rate = v.rates[a.transfer[c]];
          if (!rate) return [];
          const [luck, lot] = house.luckOf(0, c, rate.seat_sd);
          const parts = house.parts(rate.donor, [...rate.weight, ...rate.sd]);
          return [{ place, parts, luck, kept: standAside(rows[place].votes, lot, refusal) }];
        }),
      };
    });
    const room = roomFor(rows.length, 128);
    moveVotes(room, { rows, of: [...rows.keys()] }, made, 1);
    return [...room.moved, room.lost].map((votes) => votes[draw]);
  });
  return { words, factors, luck, moves };
}"""


def test_the_page_gives_the_vectors_of_kernel_and_twin(tab, file, tmp_path):
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    page = tab(file, bypass_csp=True)
    page.add_script_tag(content=page.locator("#worker").text_content())
    found = page.evaluate(MOVED, vectors)
    assert found["words"] == [case["words"] for case in vectors["threefry"]]
    for got, case in zip(found["factors"], vectors["factors"], strict=True):
        assert got == pytest.approx(case["z"], abs=1e-12)
    for got, case in zip(found["luck"], vectors["luck"], strict=True):
        z, lots = np.transpose(got)
        assert z == pytest.approx(case["z"], abs=1e-6)
        assert lots == pytest.approx(case["lots"], abs=1e-7)
    standing = sum(share > 0 for share in vectors["shares"])
    for got, case in zip(found["moves"], vectors["moves"], strict=True):
        expected = [*case["moved"][:standing], case["lost"]]
        assert got == pytest.approx(expected, abs=1e-7), case["name"]


def saved(page, tmp_path):
    """Save the pact that is edited, and return its file."""
    with page.expect_download() as waiting:
        page.click("#save-pact")
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def set_slider(page, key, percent):
    page.locator(f"#rate-{key}").evaluate(
        """(box, value) => {
            box.value = value;
            for (const kind of ["input", "change"]) {
                box.dispatchEvent(new Event(kind, { bubbles: true }));
            }
        }""",
        percent,
    )
    counted(page)


@pytest.mark.parametrize("name", ["progressive", "right", "tactical", "campaign"])
def test_a_pact_left_as_it_is_is_saved_as_it_is(opened, data, tmp_path, name):
    kept = read_pact(saved(opened(preset(data, name)), tmp_path))
    bundled = read_pact(name)
    assert kept.model_dump(exclude={"name"}) == bundled.model_dump(exclude={"name"})


def test_a_pact_built_here_gives_the_same_figures_on_the_command_line(
    opened, data, pact_tables, tmp_path
):
    page = opened(preset(data, "progressive"))
    page.select_option("#rates", "-1")
    set_slider(page, "arrive", 62)
    set_slider(page, "refusal", 5)
    set_slider(page, "gain", 2)
    choose(page, "Lewes")
    page.select_option("#seat-flag", "none")
    choose(page, "Torridge and Tavistock")
    page.select_option("#seat-flag", label="Lib Dem")
    page.uncheck(f"#aside-{PARTIES.index('Lab')}")
    counted(page)
    path = saved(page, tmp_path)
    pact = read_pact(path)
    places = {choice.seat: choice for choice in pact.flag_bearer.file}
    assert "Lewes" not in places
    assert places["Torridge and Tavistock"].aside == ("Green",)
    assert pact.strength.transfers.arrive == 0.62
    assert pact.strength.refusal == 0.05
    assert pact.strength.gain == 0.02
    config = load_config("next-election", parse_changes(["draws=1024"]), [str(path)])
    run = simulate_run(config)
    own = [PARTIES.index(party) for party in run.parties]
    difference = totals(page, data, 1)[:, own] - run.won(run.scenarios[1])
    assert np.abs(difference).mean(0).max() < 0.2


def choose(page, name):
    page.fill("#search", name)
    page.select_option("#show", "")
    page.get_by_role("button", name=name, exact=True).click()


def test_a_seat_that_is_left_out_counts_as_without_the_pact_and_undo_brings_it_back(opened, data):
    page = opened(preset(data, "progressive"))
    before = totals(page, data, 1)
    choose(page, "Torridge and Tavistock")
    page.select_option("#seat-flag", "none")
    counted(page)
    after, without = totals(page, data, 1), totals(page, data, 0)
    differs = (before != after).any(1)
    assert differs.mean() > 0.1
    assert (np.abs(after - before).sum(1)[differs] == 2).all()
    assert (after != without).any()
    page.click("#undo")
    counted(page)
    np.testing.assert_array_equal(totals(page, data, 1), before)
    page.click("#redo")
    counted(page)
    np.testing.assert_array_equal(totals(page, data, 1), after)
    address = page.url
    page.click("#reset")
    counted(page)
    np.testing.assert_array_equal(totals(page, data, 1), before)
    page.goto(address)
    counted(page)
    np.testing.assert_array_equal(totals(page, data, 1), after)


def test_every_figure_of_the_table_is_that_of_the_draws(opened, data):
    page = opened(preset(data, "progressive"))
    seats = [totals(page, data, k)[:, places_of("Lab", "LD", "Green")].sum(1) for k in (0, 1)]
    gain = seats[1] - seats[0]
    cells = page.locator("#sides tbody tr").first.locator("th, td").all_inner_texts()
    assert cells[0] == "Labour + Lib Dem + Green"
    numbers = [int(x) for x in re.findall(r"[-+]?\d+", cells[3].replace("−", "-"))]
    assert numbers == pytest.approx([gain.mean(), *np.quantile(gain, (0.05, 0.95))], abs=1)
    majority = [round(100 * (x >= 326).mean()) for x in seats]
    assert [int(x) for x in re.findall(r"\d+", cells[4])] == pytest.approx(majority, abs=1)


def places_of(*parties):
    return [PARTIES.index(party) for party in parties]


def test_conditions_leave_draws_and_too_few_of_them_no_percentage(opened, data):
    page = opened(preset(data, "progressive"))
    page.click("#conditions summary")
    page.select_option("#if-party", label="Reform UK")
    page.fill("#if-seats", "100")
    page.click("#add-seats")
    counted(page)
    left = int((totals(page, data, 0)[:, PARTIES.index("Reform")] >= 100).sum())
    assert f"({left} of 1,024 elections)" in page.locator("#answer").inner_text()
    assert not page.locator("#few").is_visible()
    page.fill("#if-seats", "230")
    page.click("#add-seats")
    counted(page)
    few = int((totals(page, data, 0)[:, PARTIES.index("Reform")] >= 230).sum())
    assert 0 < few < 100
    assert f"Only {few} of 1,024 elections fit" in page.locator("#few").inner_text()
    assert "of 100" not in page.locator("#answer").inner_text() + page.inner_text("#short")
    assert page.locator("#map g.e-3").count() == 650
    assert page.locator("#sides tbody tr").first.locator("td").last.inner_text() == "–"
    page.locator("#given button").last.click()
    page.locator("#given button").last.click()
    page.fill("#if-seat", "lewes")
    page.select_option("#if-winner", label="Lib Dem")
    page.click("#add-seat")
    counted(page)
    assert "Lewes goes to Lib Dem" in page.locator("#answer").inner_text()


def test_what_cannot_be_is_said_and_the_last_figures_stay(opened, data):
    page = opened(preset(data, "progressive"))
    page.uncheck(f"#members [value='{PARTIES.index('Lab')}']")
    counted(page)
    stood = page.locator("#answer").inner_text()
    page.uncheck(f"#members [value='{PARTIES.index('Green')}']")
    counted(page)
    assert "needs two members" in page.locator("#error").inner_text()
    assert page.locator("#answer").inner_text() == stood
    page.click("#reset")
    page.click("#tab-1")
    page.select_option("#preset", label="lab-ld")
    counted(page)
    assert "Both pacts would move" in page.locator("#error").inner_text()


def test_a_table_to_take_away_has_every_seat(opened, data):
    page = opened(preset(data, "right"))
    with page.expect_download() as waiting:
        page.click("#save-csv")
    text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 650
    ayr = next(row for row in rows if row["name"] == "Ayr, Carrick and Cumnock")
    assert ayr["flag_bearer"] in ("Con", "Reform")
    with page.expect_download() as waiting:
        page.click("#save-picture")
    assert Path(waiting.value.path()).read_bytes().startswith(b"\x89PNG")


def test_a_table_asked_for_while_the_page_counts_is_of_the_answer_to_come(opened, data):
    page = opened(preset(data, "right"))
    page.select_option("#rates", "-1")
    counted(page)
    texts = []
    for moves in (False, True, False):
        with page.expect_download() as waiting:
            page.evaluate(
                """(moves) => {
                    const box = document.getElementById("rate-arrive");
                    const slide = (kind) => {
                        box.value = 5;
                        box.dispatchEvent(new Event(kind, { bubbles: true }));
                    };
                    if (moves) for (const kind of ["input", "change"]) slide(kind);
                    document.getElementById("save-csv").click();
                }""",
                moves,
            )
        texts.append(Path(waiting.value.path()).read_text(encoding="utf-8-sig"))
        counted(page)
    assert texts[0] != texts[1] == texts[2]


def test_another_runs_address_and_a_broken_one_are_met(opened, data, tab, file):
    page = opened(preset(data, "right"), run="0" * 16)
    assert page.locator("#other-run").is_visible()
    assert "Conservative + Reform UK" in page.locator("#answer").inner_text()
    broken = preset(data, "right") | {"where": {"nations": "<b>"}}
    page = opened(broken)
    assert "Labour" in page.locator("#answer").inner_text()


def test_a_browser_that_cannot_unpack_says_so(tab, file):
    page = tab(file, prepare="delete window.DecompressionStream")
    assert page.locator("#unsupported").is_visible()


def test_the_keyboard_reaches_seats_and_a_toggle_is_said(opened, data):
    page = opened(preset(data, "progressive"))
    page.focus("#map-box")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "seat-flag"
    page.select_option("#seat-flag", "none")
    counted(page)
    assert page.locator("#changed").inner_text().startswith("1 seat as you set it")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_accessibility_violations(opened, data, violations, scheme):
    page = opened(preset(data, "progressive"), color_scheme=scheme, bypass_csp=True)
    choose(page, "Lewes")
    page.select_option("#rates", "-1")
    counted(page)
    assert violations(page, "html") == []


@pytest.mark.parametrize(("width", "pixels"), [("phone", 390), ("tablet", 820), ("desktop", 1280)])
def test_nothing_runs_over_the_edge(opened, data, width, pixels):
    page = opened(preset(data, "progressive"), width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= pixels


def test_the_file_is_of_a_size_that_can_be_sent_and_has_no_inline_permission(file):
    assert file.stat().st_size < 7e6
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', file.read_text("utf-8"))[1]
    assert "unsafe" not in policy


def test_the_command_writes_it(pact_run, tmp_path, capsys):
    out = tmp_path / "pact.html"
    assert forecast(["build", str(pact_run), "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"Written: {out}\n"
    assert forecast(["build", str(pact_run), "--out", str(out)]) == 4
    assert "exists already" in capsys.readouterr().err


def test_a_title_that_nobody_wrote_follows_the_pact(opened, data):
    page = opened(preset(data, "progressive"))
    page.uncheck(f"#members [value='{PARTIES.index('Green')}']")
    assert page.input_value("#title") == "Labour + Lib Dem against Conservative + Reform UK"
    page.fill("#title", "Ours")
    page.check(f"#members [value='{PARTIES.index('PC')}']")
    assert page.input_value("#title") == "Ours"


TIMED = """async ([selector, values]) => {
    const times = [], { answer } = window.pactBuilder;
    for (const value of values) {
        const box = document.querySelector(selector), before = answer();
        const started = performance.now();
        if (box.type === "range") box.value = value;
        else box.selectedIndex = value;
        for (const kind of ["input", "change"])
            box.dispatchEvent(new Event(kind, { bubbles: true }));
        while (answer() === before) await new Promise((done) => setTimeout(done));
        times.push(performance.now() - started);
    }
    return times.sort((a, b) => a - b)[times.length >> 1];
}"""
"""The median time from a change to its figures, in milliseconds."""


def test_a_seat_is_counted_anew_in_a_part_of_the_time_that_a_whole_house_takes(opened, data):
    """A ratio in one page, whatever the machine: a seat is one of 650."""
    page = opened(preset(data, "progressive"))
    page.select_option("#rates", "-1")
    counted(page)
    house = page.evaluate(TIMED, ["#rate-arrive", [40, 45, 50, 55, 60, 65, 70]])
    choose(page, "Torridge and Tavistock")
    seat = page.evaluate(TIMED, ["#seat-flag", [1, 2, 1, 2, 1, 2, 1]])
    assert seat < house / 2, f"{seat:.0f} ms for a seat, {house:.0f} ms for the House"
