"""Forecasts by others: read from whatever tables they come in, and scored on the same seats."""

import gzip
import os
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from forecaster.answers.scores import brier
from forecaster.calibration import model_file
from forecaster.calibration.published import PARTY_OF_COLUMN, last_until, read_published
from forecaster.elections.election import read_election
from forecaster.errors import DataError
from forecaster.experiments import backtest as record
from forecaster.experiments.backtest import Scored, backtest, backtest_published, scored_seats
from forecaster.vocabulary import PARTIES

pytestmark = pytest.mark.slow

RAW = Path(os.environ.get("FORECASTER_RAW", Path(__file__).parents[2].parent / "shared" / "data"))


def write(folder, rows, name="one.csv", header="election,snapshot,ons,Con,Lab,LD,OTH"):
    (folder / name).write_text("\n".join([header, *rows]) + "\n")


def perfect(after, day="2019-12-01"):
    for code, winner in zip(after.seats.code.tolist(), after.winner, strict=True):
        others = {"Con": 10.0, "Lab": 9.0, "LD": 8.0}
        values = [60.0 if PARTIES[winner] == party else of for party, of in others.items()]
        yield f"2019,{day},{code},{values[0]},{values[1]},{values[2]},5"


def test_a_forecast_is_scored_beside_ours(tmp_path):
    after = read_election("2019")
    write(tmp_path, perfect(after))
    results = backtest(("2019",), "truth", 64, tmp_path)
    theirs = next(one for one in results if one.method == "Electoral Calculus 2019-12-01")
    named = [PARTIES.index(party) for party in ("Con", "Lab", "LD")]
    assert theirs.row["seats"] == 631
    assert theirs.row["called"] == sum(int(w in named) for w in after.winner)
    assert theirs.row["brier"] == pytest.approx(2 * (1 - theirs.row["called"] / 631))


def test_a_forecast_made_after_the_election_is_another_ones(tmp_path):
    write(tmp_path, perfect(read_election("2019"), day="2020-01-01"))
    assert read_published(tmp_path, ("2019",)) == []


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DataError, match="no such folder"):
        read_published(tmp_path / "forecasts", ("2019",))


def test_a_folder_without_forecasts_is_refused(tmp_path):
    (tmp_path / "other.csv").write_text("seat,party,share\nE14000786,Con,40\n")
    with pytest.raises(DataError, match="no forecasts here; expected CSV files with a column ons"):
        read_published(tmp_path, ("2019",))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2019,2019-12-01,E14000786,x,1,1,1", "line 2: Con: 'x': expected per cent"),
        ("2019,2019-12-01,E14000786,many,1,1,1", "line 2: Con: 'many': expected per cent"),
        ("2019,2019-12-01,E14000786,-1,1,1,1", "line 2: Con: '-1': expected per cent"),
        ("2019,2019-12-01,E14000786,60,60,20,0", "line 2: the figures sum to 140"),
        ("2019,2019-12-01,E14000786,,,,", "line 2: the figures sum to 0"),
        ("2019,2019-12-01,E14000786,40", "line 2: expected 7 cells, as the header has; found 4"),
        (
            "2019,2019-12-01,E14000786,40,30,20,5,5",
            "line 2: expected 7 cells, as the header has; found 8",
        ),
        ("2019,1 December,E14000786,40,30,20,5", "line 2: snapshot: '1 December' is no day"),
        ("2019,2019-12-01,E14000786,40,30,20,5", "1 seats of the election of 2019, expected at"),
        ("2019,2019-12-01,X99999999,40,30,20,5", "0 seats of the election of 2019, expected at"),
    ],
)
def test_a_wrong_row_is_refused(tmp_path, row, message):
    write(tmp_path, [row])
    with pytest.raises(DataError, match=message):
        read_published(tmp_path, ("2019",))


def test_a_seat_given_twice_is_refused(tmp_path):
    rows = list(perfect(read_election("2019")))
    write(tmp_path, [*rows, rows[0]])
    with pytest.raises(DataError, match="a second time"):
        read_published(tmp_path, ("2019",))


def test_an_unknown_quantity_is_refused(tmp_path):
    text = "published,quantity,code,Con,Lab,LD\n2019-12-01,win_prob,E14000786,40,30,20\n"
    (tmp_path / "one.csv").write_text(text)
    with pytest.raises(DataError, match="'win_prob' is not known here"):
        read_published(tmp_path, ("2019",))


def write_chances(folder, rows):
    text = "\n".join(["provider,date,code,party,prob", *rows]) + "\n"
    (folder / "chances.csv.gz").write_bytes(gzip.compress(text.encode()))


def rather_sure(after, day, chance, seats=650):
    """Yield a chance of every winner in the first so many seats, the rest for somebody else."""
    for code, winner in zip(after.seats.code[:seats].tolist(), after.winner, strict=False):
        party = PARTIES[winner] if PARTIES[winner] in PARTY_OF_COLUMN else "Other"
        yield f"Them,{day},{code},{party},{chance}"
        yield f"Them,{day},{code},{'Con' if party == 'Lab' else 'Lab'},{1 - chance}"


def test_chances_by_seat_and_day_are_scored_beside_ours_on_the_same_seats(tmp_path):
    after = read_election("2019")
    days = {"2019-11-20": (0.5625, 300), "2019-12-01": (0.75,)}
    write_chances(tmp_path, [row for day in days for row in rather_sure(after, day, *days[day])])
    ours, *_, part, whole = backtest(("2019",), "truth", 64, tmp_path)
    assert (whole.method, whole.row["seats"], whole.row["called"]) == ("Them 2019-12-01", 631, 631)
    assert whole.row["brier"] == pytest.approx(2 * 0.25**2)
    assert whole.row["log_score"] == pytest.approx(-np.log(750.5 / 1001))
    assert whole.row["our_log_score"] == ours.row["log_score"]
    same = np.flatnonzero(scored_seats(after)) < 300
    assert part.row["seats"] == same.sum() < 300
    assert part.row["our_brier"] == brier(ours.chances[same], ours.winner[same])


def test_until_a_day_the_last_of_each_provider_is_left(tmp_path):
    after = read_election("2019")
    days = ("2019-11-01", "2019-11-09", "2019-11-10")
    write_chances(tmp_path, [row for day in days for row in rather_sure(after, day, 0.75)])
    write(tmp_path, perfect(after, day="2019-11-03"))
    write(tmp_path, perfect(after, day=""), "undated.csv")
    found = read_published(tmp_path, ("2019",))
    assert len(found) == 5
    left = [one.name for one in last_until(date(2019, 11, 9), found)]
    assert left == ["Electoral Calculus 2019-11-03", "Them 2019-11-09"]


def test_the_record_has_ours_from_the_polls_of_the_day_of_each_forecast(tmp_path, monkeypatch):
    after = read_election("2019")
    for i, day in enumerate(("2019-12-11", "2019-12-12", "", "2019-12-11")):
        rows = [row.replace("2019,", f"2019,Them {i},", 1) for row in perfect(after, day)]
        write(tmp_path, rows, f"{i}.csv", "election,model,snapshot,ons,Con,Lab,LD,OTH")
    runs, called = [], np.eye(len(PARTIES))[np.zeros(631, int)]
    ours = Scored("2019", "forecaster", called, called.argmax(1), {})
    monkeypatch.setattr(record, "run_before", lambda *run: runs.append(run))
    monkeypatch.setattr(record, "simulate_run", lambda config: None)
    monkeypatch.setattr(record, "_score_run", lambda run, after: ours)
    rows = [one.row for one in backtest_published(tmp_path, 64)]
    assert [row["published"] for row in rows] == ["2019-12-11", "2019-12-12", None, "2019-12-11"]
    assert runs == [("2019", "2019-12-11", 64), ("2019", "polls", 64)]
    assert {row["our_called"] for row in rows} == {631}


def test_a_seat_without_any_chance_is_not_covered(tmp_path):
    rows = list(rather_sure(read_election("2019"), "2019-12-01", 1))
    write_chances(tmp_path, [rows[0].replace(",1", ",0"), *rows[1:]])
    (found,) = read_published(tmp_path, ("2019",))
    assert np.flatnonzero(~found.covered).tolist() == [0]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["Them,2019-12-01,E14000786,Con,62"], "line 2: prob: '62': expected a fraction from 0"),
        (["Them,2019-12-01,E14000786,Tory,1"], "line 2: party: 'Tory' is not known here"),
        (2 * ["Them,2019-12-01,E14000786,Con,1"], "line 3: Them 2019-12-01 has Con in the seat"),
        (["Them,2019-12-01,E14000786,Con,1"], "1 seats of the election of 2019, expected at"),
    ],
)
def test_a_wrong_chance_is_refused(tmp_path, rows, message):
    write_chances(tmp_path, rows)
    with pytest.raises(DataError, match=message):
        read_published(tmp_path, ("2019",))


def test_a_file_without_seats_is_refused_in_any_encoding(tmp_path):
    (tmp_path / "one.csv").write_bytes(b"election,ons,Con,Lab,LD\n2019,\xff\xfe,1,1,1\n")
    with pytest.raises(DataError, match="0 seats of the election of 2019"):
        read_published(tmp_path, ("2019",))


@pytest.fixture(scope="module")
def scored(made_once):
    """Return seats called and Brier score of every published forecast, by election and name."""

    def score():
        with pytest.MonkeyPatch.context() as patch:
            # Ours beside them is not looked at: no model has to be estimated without an election.
            patch.setattr(model_file, "estimates", lambda leave_out: [])
            results = backtest(
                ("2015", "2017", "2019", "2024"), "truth", 64, RAW / "seat-forecasts"
            )
        rows = [(one.election, one.method, one.row) for one in results]
        return {(e, m): (row["called"], round(row["brier"], 3)) for e, m, row in rows}

    return made_once("published-scores", score)


@pytest.mark.skipif(
    not (RAW / "seat-forecasts").is_dir(), reason="the published forecasts are not at hand"
)
@pytest.mark.parametrize(
    ("year", "known"),
    [
        ("2015", {"Electoral Calculus 2015-04-20": (562, 0.219)}),
        ("2017", {"YouGov MRP 2017-06 (final published)": (589, 0.133)}),
        (
            "2019",
            {
                "YouGov MRP 2019-12-10": (590, 0.122),
                "Electoral Calculus 2019-11-25": (587, 0.138),
            },
        ),
        (
            "2024",
            {
                "Electoral Calculus 2024-05-21": (523.5, 0.340),
                "Economist 2024-07-03": (554, 0.182),
                "Electoral Calculus 2024-07-01": (538.5, 0.212),
                "BBC/ITV/Sky exit poll 2024-07-04": (556.5, 0.176),
            },
        ),
    ],
)
def test_known_forecasts_score_as_counted_apart(year, known, scored):
    """Seats whose leading parties tie, as rounded shares do, count in parts."""
    assert {name: scored[year, name] for name in known} == known
