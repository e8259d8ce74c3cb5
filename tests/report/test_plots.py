"""Pictures for slides: each is drawn, whole, and refuses what it cannot show."""

import struct
from xml.etree import ElementTree

import numpy as np
import pytest

from forecaster.answers.summary import favourites_table
from forecaster.cli import reading
from forecaster.cli.main import run as forecast
from forecaster.errors import DataError
from forecaster.report import plots
from forecaster.report.export import STYLES
from forecaster.report.plots import PICTURES, Choice, plot

SVG = "{http://www.w3.org/2000/svg}"


def test_commands_offer_what_there_is():
    (style,) = (p for p in reading.export.params if p.name == "style")
    assert tuple(PICTURES) == reading.PICTURES
    assert tuple(STYLES) == tuple(style.type.choices)


@pytest.mark.parametrize("name", PICTURES)
def test_picture_is_a_whole_svg_of_its_own(pact_tables, name, tmp_path):
    plot(pact_tables, name, Choice(party="Reform", definition="con-reform"), tmp_path / "x.svg")
    root = ElementTree.parse(tmp_path / "x.svg").getroot()
    assert (root.get("width"), root.get("height")) == ("1600", "900")
    assert root.get("aria-label")
    links = [value for e in root.iter() for key, value in e.items() if key.endswith("href")]
    assert set(links) <= {"#hex"}
    hexagons = [e for e in root.iter(f"{SVG}g") if e.get("data-i")]
    assert len(hexagons) == (650 if name.startswith("map") else 0)


def title_of(tables, name, folder, **choice):
    plot(tables, name, Choice(**choice), folder / f"{name}.svg")
    return ElementTree.parse(folder / f"{name}.svg").getroot().get("aria-label")


def test_titles_state_what_is_found(pact_tables, tmp_path):
    won = np.median(pact_tables.won("right", ("Lab",)))
    title = title_of(pact_tables, "seats", tmp_path, scenario="right")
    assert title.startswith("Labour would win about ")
    assert abs(int(title.split()[4]) - won) <= 5
    assert title.endswith(", if Con + Reform stand aside")
    ahead = sum(row["favourite"] == "Lab" for row in favourites_table(pact_tables, "no-pact").rows)
    assert title_of(pact_tables, "map-winner", tmp_path) == f"Labour ahead in {ahead} of 650 seats"
    net = [
        row["gain"] - row["backfire"]
        for row in pact_tables.effect_rows("right")
        if row["pact"] == "right"
    ]
    better, worse = sum(n >= 0.01 for n in net), sum(n < -0.01 for n in net)
    title = title_of(pact_tables, "map-pact", tmp_path, scenario="right")
    assert title.endswith(f"better by a point or more in {better} seats, worse in {worse}")


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_fills_its_slide_and_its_title_fits(pact_tables, name, tmp_path):
    plot(pact_tables, name, Choice(party="Reform", definition="con-reform"), tmp_path / "x.svg")
    root = ElementTree.parse(tmp_path / "x.svg").getroot()
    inside = root.find(f"{SVG}svg")
    _, _, width, height = map(float, inside.get("viewBox").split())
    if name != "reliability":  # which is a square
        shape = float(inside.get("width")) / float(inside.get("height"))
        assert width / height == pytest.approx(shape, rel=0.02)
    title = root.find(f"{SVG}text")
    assert 0.62 * float(title.get("font-size")) * len(title.text) <= 1504 + 1


def test_dot_and_line_lie_at_median_and_interval(pact_tables, tmp_path):
    plot(pact_tables, "party", Choice(party="Lab"), tmp_path / "x.svg")
    root = ElementTree.parse(tmp_path / "x.svg").getroot()
    ticks = {e.text: float(e.get("x")) for e in root.iter(f"{SVG}text") if e.text in ("0", "100")}
    dots = [float(e.get("cx")) for e in root.iter(f"{SVG}circle")]
    lines = [e for e in root.iter(f"{SVG}line") if e.get("stroke-width") == "2"]
    scenarios = pact_tables.manifest["scenarios"]
    assert len(dots) == len(lines) == len(scenarios)
    for scenario, dot, line in zip(scenarios, dots, lines, strict=True):
        won = pact_tables.won(scenario)[:, pact_tables.manifest["parties"].index("Lab")]
        drawn = [float(line.get("x1")), dot, float(line.get("x2"))]
        seats = [100 * (x - ticks["0"]) / (ticks["100"] - ticks["0"]) for x in drawn]
        assert seats == pytest.approx(np.quantile(won, (0.05, 0.5, 0.95)), abs=0.05)


def test_png_has_the_size_of_a_slide(pact_tables, tmp_path):
    plot(pact_tables, "map-winner", Choice(scenario="RIGHT"), tmp_path / "x.png")
    data = (tmp_path / "x.png").read_bytes()
    assert data.startswith(b"\x89PNG")
    assert struct.unpack(">II", data[16:24]) == (1600, 900)


def test_a_png_without_its_words_is_not_written(monkeypatch):
    monkeypatch.setattr(plots, "_probe", lambda letters: plots.svg.slide("", 1, 1, "", []))
    with pytest.raises(DataError, match="no font is installed"):
        plots.as_png("")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["seats", "--out", "x.jpg"], 2, "ends in .svg or .png"),
        (["map-party", "--out", "x.svg"], 2, "name it with --party"),
        (["map-party", "--party", "Labor", "--out", "x.svg"], 2, "Did you mean 'Lab'?"),
        (["map-pact", "--out", "x.svg"], 4, "the run has no pacts"),
        (["map-tragedy", "--out", "x.svg"], 2, "say whose tragedies"),
        (["map-tragedy", "--definition", "engand", "--out", "x.svg"], 2, "Did you mean 'england'"),
        (["seats", "--scenario", "left", "--out", "x.svg"], 2, "Known: no-pact"),
        (["seats", "--out", "there.svg"], 4, "exists already"),
    ],
)
def test_bad_input_ends_with_one_clear_message(
    arguments, code, message, plain_run, tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.svg").touch()
    assert forecast(["plot", str(plain_run), *arguments]) == code
    assert message in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["there.svg"]


def frontier_rows(*effects):
    """Rows of a frontier: size, chosen by simulation, by the last result, with hindsight."""
    keys = ("size", "simulated", "last", "hindsight")
    return [dict(zip(keys, row, strict=True)) for row in effects]


def test_a_frontier_has_a_dot_for_every_figure_where_it_belongs():
    rows = frontier_rows((5, 1.0, 0.5, 5.0), (20, None, 2.0, 20.0), (80, 10.0, 8.0, 20.0))
    body, _, _ = plots.pictures.frontier(rows)
    root = ElementTree.fromstring(body)
    dots = {(round(float(e.get("cx"))), float(e.get("cy"))) for e in root.iter("circle")}
    assert len(list(root.iter("circle"))) == 8  # what no pact reaches has none
    left, right = min(x for x, _ in dots), max(x for x, _ in dots)
    # 20 lies half way from 5 to 80 on a logarithmic axis.
    assert {x for x, _ in dots} == {left, (left + right) // 2, right}
    ticks = {e.text: float(e.get("y")) - 4 for e in root.iter("text") if e.text in ("0", "+20")}
    a_seat = (ticks["0"] - ticks["+20"]) / 20
    expected = sorted(ticks["0"] - a_seat * value for value in (1, 10))
    found = sorted(y for x, y in dots if any(abs(y - want) < 0.01 for want in expected))
    assert found == pytest.approx(expected, abs=0.01)


def test_a_frontier_is_refused_a_name_before_anything_is_simulated(tmp_path, capsys):
    arguments = ["frontier", "next-election", "--pact", "pacts/progressive.toml"]
    assert forecast([*arguments, "--out", str(tmp_path / "x.jpg")]) == 2
    assert "ends in .svg or .png" in capsys.readouterr().err


def test_a_picture_of_transfers_has_a_letter_for_every_kind_of_evidence(tmp_path, capsys):
    out = tmp_path / "transfers.svg"
    assert forecast(["transfers", "--donor", "Green", "--out", str(out)]) == 0
    drawn = out.read_text(encoding="utf-8")
    assert "Green to Lab against Reform" in drawn
    assert "P: poll, B: ballot, L: left, J: joined, A: absent" in drawn
    assert (
        forecast(["transfers", "informal", "--donor", "PC", "--out", str(tmp_path / "PC.svg")]) == 2
    )
    assert "names a recipient: no picture" in capsys.readouterr().err
