"""The tracker: its mean by hand, each poll a point, and lines that break where they must."""

from dataclasses import replace
from datetime import date, timedelta
from xml.etree import ElementTree

import numpy as np
import pytest

from forecaster.answers.polls import ask, ask_before, tracker
from forecaster.cli.main import run
from forecaster.polls.data import Poll
from forecaster.vocabulary import BRITISH_PARTIES, POLLED, REFORM_AFTER_UKIP, places

SVG = "{http://www.w3.org/2000/svg}"
LAB = BRITISH_PARTIES.index("Lab")


def poll(day, pollster, lab):
    shares = np.full(len(POLLED), np.nan)
    shares[POLLED.index("Lab")] = lab
    return Poll("GB", day, pollster, shares)


@pytest.fixture(scope="module")
def now():
    return ask(None, None)


def of_polls(answer, polls):
    return replace(answer, estimate=replace(answer.estimate, polls={"GB": polls}))


def test_two_pollsters_that_differ_by_the_same_each_week_move_as_one(now):
    day = date(2026, 9, 1)
    polls = [
        poll(day + timedelta(days=7 * week), name, 0.30 + 0.01 * week + apart)
        for week in range(4)
        for name, apart in (("A", 0.02), ("B", -0.02))
    ]
    found = tracker(of_polls(now, polls))
    assert found.mean[:, LAB] == pytest.approx([0.30, 0.31, 0.32, 0.33])
    assert np.isnan(np.delete(found.mean, LAB, axis=1)).all()


def test_without_houses_the_mean_is_that_of_the_forecast(now):
    polls = [poll(date(2026, 9, 1) + timedelta(days=d), "A", 0.3 + 0.001 * d) for d in range(9)]
    found = tracker(of_polls(now, polls))
    assert found.mean[:, LAB] == pytest.approx([p.shares[POLLED.index("Lab")] for p in polls])


def test_the_interval_is_how_far_the_polls_of_an_eve_have_been_out(now):
    found = tracker(now)
    reach = 1.645 * now.error.rms(found.mean, 1)
    assert found.reach == pytest.approx(reach, rel=1e-3, nan_ok=True)
    assert found.days[-1] == now.estimate.polls["GB"][-1].end
    last = found.mean[-1] - now.estimate.shares[0, places(BRITISH_PARTIES, POLLED)]
    assert np.abs(last).max() < 0.02


def test_lines_break_where_polls_are_missing_and_where_reform_follows_ukip(now):
    days = [date(2019, 2, 1), date(2019, 2, 20), date(2019, 4, 20), date(2019, 4, 25)]
    shares = np.full(len(POLLED), 0.1)
    found = tracker(of_polls(now, [Poll("GB", day, "A", shares) for day in days]))
    assert [piece.tolist() for piece in found.pieces("Lab")] == [[0, 1], [2, 3]]
    near = [REFORM_AFTER_UKIP + timedelta(days=d) for d in (-2, -1, 0, 1)]
    found = tracker(of_polls(now, [Poll("GB", day, "A", shares) for day in near]))
    assert [piece.tolist() for piece in found.pieces("Reform")] == [[0, 1], [2, 3]]
    assert [piece.tolist() for piece in found.pieces("Lab")] == [[0, 1, 2, 3]]


def test_the_picture_has_a_point_a_share_and_both_elections(tmp_path, capsys):
    target = tmp_path / "polls.svg"
    assert run(["polls", "--election", "2019", "--out", str(target)]) == 0
    root = ElementTree.parse(target).getroot()
    shares = np.array([p.shares for p in ask_before("2019").estimate.polls["GB"]])
    titles = [e.text for e in root.iter(f"{SVG}title")]
    assert len(titles) == (~np.isnan(shares[:, places(BRITISH_PARTIES, POLLED)])).sum()
    assert any(text.startswith("YouGov, 2019-12-") for text in titles)
    dashed = [e for e in root.iter(f"{SVG}line") if e.get("stroke-dasharray") == "4 3"]
    assert len(dashed) == 2
    words = [e.text for e in root.iter(f"{SVG}text")]
    assert {"UKIP until here", "Conservative", "YouGov", "14 others"} <= set(words)


@pytest.mark.parametrize(("name", "code"), [("polls.jpg", 2), ("there.svg", 4)])
def test_a_name_that_will_not_do_is_refused_before_anything_is_read(
    name, code, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.svg").write_text("mine")
    assert run(["polls", "--out", name]) == code
    assert capsys.readouterr().out == ""
    assert (tmp_path / "there.svg").read_text() == "mine"
