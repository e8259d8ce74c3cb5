"""The page: one file that asks for nothing, holds the run's figures, and refuses bad input."""

import json
import re
from datetime import date
from html.parser import HTMLParser

import numpy as np
import pytest

from forecaster import Pact, simulate
from forecaster.answers.polls import ask_as
from forecaster.cli.main import run as forecast
from forecaster.config.config import Polls
from forecaster.errors import ResultsError
from forecaster.experiments.history import history
from forecaster.report import hexmap
from forecaster.report.page import report_page, write_report
from forecaster.report.record import digest_in_force, read_record
from forecaster.results.store import read_tables
from forecaster.vocabulary import BRITISH_PARTIES, POLLED, places

pytestmark = pytest.mark.slow

MOST_BYTES = 1_500_000


class Reader(HTMLParser):
    """Collects ids, attributes that load something, and the texts of scripts and styles."""

    def __init__(self, page):
        super().__init__()
        self.ids, self.loads, self.texts, self.tags, self.inside = [], [], {}, [], ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.tags.append(tag)
        self.ids.append(given.get("id"))
        self.loads += [given[name] for name in ("src", "href", "action", "data") if name in given]
        self.inside = given.get("id", tag)

    def handle_data(self, data):
        self.texts[self.inside] = self.texts.get(self.inside, "") + data

    def handle_endtag(self, tag):
        self.inside = ""


@pytest.fixture(scope="module")
def pages(pact_tables, plain_tables):
    return {"pacts": report_page(pact_tables), "plain": report_page(plain_tables)}


@pytest.mark.parametrize("name", ["pacts", "plain"])
def test_nothing_is_asked_of_the_network(pages, name):
    reader = Reader(pages[name])
    assert all(link.startswith("#") for link in reader.loads)
    assert not re.search(r"(https?:)?//[\w-]+\.\w|@import|url\(", pages[name])
    assert not set(reader.tags) & {"link", "img", "iframe", "object", "embed", "base"}
    assert "default-src 'none'" in pages[name]


def test_a_page_of_650_seats_and_four_scenarios_is_small(pact_run, tmp_path):
    write_report(read_tables(pact_run), tmp_path / "report.html")
    assert (tmp_path / "report.html").stat().st_size < MOST_BYTES


def test_data_hold_the_run(pages, pact_tables):
    data = json.loads(Reader(pages["pacts"]).texts["data"])
    names = [seat[1] for seat in data["seats"]]
    i = names.index("Lewes")
    at = sum(map(len, data["stands"][:i])) + data["stands"][i].index(2)
    row = next(
        row
        for row in pact_tables.tables["seats"].to_pylist()
        if (row["name"], row["party"], row["scenario"]) == ("Lewes", "LD", "right")
    )
    scenario = [s["name"] for s in data["scenarios"]].index("right")
    assert data["parties"][2][0] == "LD"
    for key, scale, column in (("win", 10_000, "win_probability"), ("mean", 1000, "mean_share")):
        without, more = data[key][0][at], data[key][scenario][at]
        assert without + more == round(scale * row[column])
    assert len(data["layers"]["winner"][scenario]) == 650


def test_majority_is_that_of_the_result(pages):
    data = json.loads(Reader(pages["plain"]).texts["data"])
    by_name = {seat[1]: seat for seat in data["seats"]}
    assert by_name["Lewes"][4] == 5508  # 2017, official results
    assert by_name["Kensington"][4] == 20


@pytest.mark.parametrize(
    ("name", "elsewhere", "here"),
    [
        ("pacts", "South West Surrey", "Farnham and Bordon"),
        ("plain", "Farnham and Bordon", "South West Surrey"),
    ],
)
def test_names_of_the_other_boundaries_lead_to_a_seat(pages, name, elsewhere, here):
    data = json.loads(Reader(pages[name]).texts["data"])
    seats = [seat[1] for seat in data["seats"]]
    found = {old: (seats[i], note) for old, i, note in data["elsewhere"]}
    assert found[elsewhere][0] == here
    assert elsewhere in found[elsewhere][1]
    assert not set(found) & set(seats)
    assert len(found) > 150


def test_a_card_for_sharing_says_the_answer(pages):
    for page in pages.values():
        said = re.findall(
            r'(?:name="description"|property="og:description") content="([^"]+)"', page
        )
        assert len(said) == 2
        assert "would win about" in said[0]
        assert said[0] == said[1]


def test_a_published_page_has_a_picture_for_links_to_it(plain_run, tmp_path, capsys):
    out, url = tmp_path / "mine.html", "https://example.org/a/page.html"
    assert forecast(["report", str(plain_run), "--out", str(out), "--url", url]) == 0
    text = out.read_text("utf-8")
    assert f'property="og:url" content="{url}"' in text
    assert 'property="og:image" content="https://example.org/a/mine.png"' in text
    assert out.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    bad = ["report", str(plain_run), "--out", str(tmp_path / "other.html"), "--url", "page.html"]
    assert forecast(bad) == 2
    assert "--url page.html" in capsys.readouterr().err
    assert not (tmp_path / "other.html").exists()


def test_polls_are_drawn_where_the_run_reads_them(pages, pact_tables):
    source = Polls.model_validate(pact_tables.manifest["config"]["national"])
    polls = ask_as(source).estimate.polls["GB"]
    (figure,) = re.findall(r'<figure class="broad">(.*?)</figure>', pages["pacts"], re.S)
    assert f'aria-label="Polls of Great Britain, {polls[0].end} to {polls[-1].end}"' in figure
    drawn = re.findall(r'd="((?:M\d+ \d+h0)+)"', figure)
    listed = np.array([poll.shares for poll in polls])[:, places(BRITISH_PARTIES, POLLED)]
    assert sum(path.count("M") for path in drawn) == (listed > 0).sum()


def test_past_days_are_drawn_of_a_history_of_the_same_run(pact_tables, tmp_path):
    small = {"draws": 64, "national.as_of": "2025-03-01"}
    run, folder = simulate("next-election", options=small), tmp_path / "history"
    history(run.config, [date(2025, 1, 1), date(2025, 3, 1)], folder)
    text = run.report(tmp_path / "report.html", history=folder).read_text("utf-8")
    assert "Seats as forecast from 2025-01-01 to 2025-03-01" in text
    with pytest.raises(ResultsError, match="holds no day of this run"):
        write_report(pact_tables, tmp_path / "other.html", history=folder)
    assert not (tmp_path / "other.html").exists()


def test_the_builder_offers_a_pact_of_chosen_seats_by_its_title(tmp_path):
    pact = Pact(
        name="mine",
        title="Best for Lewes",
        members=["Lab", "LD"],
        opponents=["Con", "Reform"],
        transfers=0.7,
        flag_bearer={"rule": "file", "file": [{"seat": "Lewes", "party": "LD"}]},
    )
    page = simulate("next-election", pacts=[pact, "right"], draws=64).build(tmp_path / "pact.html")
    offered = re.findall(r"<option value=\"\d+\">([^<]+)</option>", page.read_text("utf-8"))
    assert {"mine: Best for Lewes", "right"} <= set(offered)


def test_ids_are_there_once(pages):
    for page in pages.values():
        ids = [name for name in Reader(page).ids if name]
        assert len(ids) == len(set(ids))


def test_without_pacts_their_parts_are_not_there(pages):
    reader = Reader(pages["plain"])
    assert "targets" not in reader.ids
    assert "scenario" not in reader.ids
    assert 'value="pact"' not in pages["plain"]
    assert "targets" in Reader(pages["pacts"]).ids


def test_a_title_with_markup_stays_text(pages):
    reader = Reader(pages["plain"])
    assert "Ynys Môn, &lt;/script&gt;&lt;b&gt;&amp; others&lt;/b&gt;" in pages["plain"]
    assert reader.tags.count("script") == 2
    json.loads(reader.texts["data"])


def test_few_draws_are_said_to_be_few(pages):
    assert "only 128 simulated elections" in pages["plain"]
    assert "Few elections" not in pages["pacts"]


def test_a_seat_without_a_place_is_named_below_the_map(plain_tables, monkeypatch):
    whole = hexmap.read_table

    def without_lewes(name):
        table = whole(name)
        if name.startswith("map/"):
            i = table["seat"].index("E14000786")
            table = {key: values[:i] + values[i + 1 :] for key, values in table.items()}
        return table

    monkeypatch.setattr(hexmap, "read_table", without_lewes)
    page = report_page(plain_tables)
    assert re.search(r"Not on the map[^<]*: Lewes\.", page)
    assert page.count("data-i=") == 649


def test_the_record_is_of_the_model_in_force():
    record = read_record()
    assert record["parameters"] == digest_in_force(), "write it anew with 'make record'"
    every = next(row for row in record["summary"] if row["election"] == "all")
    assert sum(band["seats"] for band in record["bands"]) == every["seats"] == 5 * 631


def test_command_writes_once_and_refuses_the_second_time(plain_run, tmp_path, capsys):
    out = tmp_path / "new" / "report.html"
    assert forecast(["report", str(plain_run), "--out", str(out)]) == 0
    before = out.read_bytes()
    assert forecast(["report", str(plain_run), "--out", str(out)]) == 4
    assert "exists already" in capsys.readouterr().err
    assert out.read_bytes() == before
    assert list(out.parent.iterdir()) == [out]


def test_a_run_of_another_schema_is_refused(plain_run, tmp_path, capsys):
    manifest = json.loads((plain_run / "manifest.json").read_text())
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "manifest.json").write_text(json.dumps(manifest | {"schema_version": 0}))
    out = tmp_path / "report.html"
    assert forecast(["report", str(tmp_path / "old"), "--out", str(out)]) == 4
    assert "schema version 0" in capsys.readouterr().err
    assert not out.exists()
