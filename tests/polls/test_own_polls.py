"""A user's own polls: they count like those of the data, and a wrong file is refused by line."""

from datetime import date

import numpy as np
import pytest

from forecaster.cli.main import run
from forecaster.config.config import OwnPoll
from forecaster.config.load import load_config, parse_changes
from forecaster.config.poll_file import read_poll_file
from forecaster.errors import ConfigError, DataError
from forecaster.plan.build import build_plan
from forecaster.polls.data import as_polls, last_day, read_area
from forecaster.polls.model import estimate
from forecaster.resources import data_file

TODAY = date(2026, 11, 1)
HEADER = "end,pollster,sample,area,Con,Lab,LD,Reform,Green,SNP,PC\n"


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "polls.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def polls_of(path):
    return as_polls(OwnPoll.model_validate(poll) for poll in read_poll_file(path, TODAY)[0])


def test_later_polls_move_the_estimate_towards_them(write):
    rows = [
        f"2026-10-{day},{house},2000,GB,20,10,10,40,12,,"
        for day in (20, 24, 28)
        for house in ("YouGov", "Opinium")
    ]
    own = polls_of(write(HEADER + "\n".join(rows)))
    before, after = estimate(last_day()), estimate(date(2026, 10, 28), own)
    assert len(after.polls["GB"]) == len(before.polls["GB"]) + 6
    reform = [found.shares[0, 3] for found in (before, after)]
    # Their last polls weigh 1 each; those of the 18 others, 23 days old or more, .103 at most.
    assert reform[0] + (0.4 - reform[0]) * 2 / (2 + 18 * 0.103) < reform[1] < 0.4
    with pytest.raises(ConfigError, match="after the last poll"):
        estimate(date(2026, 10, 30))


def test_polls_of_a_nation_count_in_that_nation(write):
    own = polls_of(write(HEADER + "2026-10-05,Survation,1000,Scotland,10,20,8,20,5,37,"))
    before, after = estimate(last_day()), estimate(last_day(), own)
    assert len(after.polls["Scotland"]) == len(before.polls["Scotland"]) + 1
    assert len(after.polls["GB"]) == len(before.polls["GB"])
    assert not np.allclose(before.shares[1], after.shares[1])


def test_a_poll_that_the_data_hold_counts_once():
    as_of = last_day()
    same = read_area("GB", date(2026, 9, 1), as_of)[-3:]
    assert estimate(as_of, same).shares == pytest.approx(estimate(as_of).shares, abs=0)


def test_a_run_reads_the_file_beside_its_config_and_keeps_the_polls(write):
    path = write(HEADER + "2026-10-20,YouGov,2000,GB,20,10,10,40,12,,")
    run_ = load_config(
        "next-election", parse_changes([f"national.file={path}", "national.as_of=2026-10-20"])
    )
    assert run_.national.file[0].percent["Reform"] == 40
    path.unlink()  # the checked config holds all that is needed
    plain = build_plan(load_config("next-election")).targets
    assert not np.allclose(build_plan(run_).targets.shares, plain.shares)


def test_the_command_reads_up_to_the_last_of_them(write, capsys):
    path = write(HEADER + "2026-10-20,YouGov,2000,GB,20,20,10,30,12,,")
    assert run(["polls", "--file", str(path), "--format", "csv"]) == 0
    assert "2026-10-20" in capsys.readouterr().out


def test_seat_models_and_blank_cells_are_passed_over(write):
    path = write("end,pollster,mrp,Con,Lab,Restore\n2026-10-20,YouGov,1,20,30,\n")
    assert read_poll_file(path, TODAY)[0] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("end,pollster,Con,Lab,Refrm\n", "line 1: unknown column 'Refrm'. Did you mean 'Reform'"),
        ("end,pollster,Con,LD\n", "line 1: no column 'Lab'"),
        (HEADER + "2026-10-20,YouGov,,GB,20,120,10,,,,\n", "line 2: Lab: '120': expected per cent"),
        (HEADER + "2026-10-20,YouGov,,GB,60,50,10,,,,\n", "line 2: the shares sum to 120 %"),
        (
            HEADER
            + "2026-10-20,YouGov,,GB,.2,.3,.1,.3,.1,,\n"
            + "2026-10-20,Opinium,,GB,20,30,10,30,10,,\n" * 1
            + "2026-10-21,Opinium,,GB,20,30,10,30,10,,\n",
            "line 2: the shares sum to 1 %.*given in per cent",
        ),
        (HEADER + "2026-10-20,YouGov,,GB,20,30,x,,,,\n", "line 2: LD: 'x': expected per cent"),
        (HEADER + "2026-10-20,YouGov,,GB,20,,10,,,,\n", "line 2: Lab: expected a share"),
        (HEADER + "20-10-26,YouGov,,GB,20,30,10,,,,\n", "line 2: end: '20-10-26' is no day"),
        (HEADER + "2026-12-20,YouGov,,GB,20,30,10,,,,\n", "line 2: ends on 2026-12-20, in the"),
        (HEADER + "2026-10-20,YouGov,-5,GB,20,30,10,,,,\n", "line 2: sample: '-5'"),
        (
            HEADER + "2026-10-20,YouGov,,Lundon,20,30,10,,,,\n",
            "line 2: area: 'Lundon' is not known",
        ),
        (HEADER + "2026-10-20,,,GB,20,30,10,,,,\n", "line 2: pollster: expected a name"),
        (HEADER + "2026-10-20,YouGov,,GB,20\n", "line 2: expected 11 cells"),
        (HEADER + 2 * "2026-10-20,YouGov,,GB,20,30,10,,,,\n", "line 3: the poll of line 2 again"),
        (
            "start,end,pollster,Con,Lab\n2026-10-21,2026-10-20,YouGov,30,40\n",
            "line 2: starts on 2026-10-21, after it ends on 2026-10-20",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(write, text, message):
    with pytest.raises(DataError, match=message):
        read_poll_file(write(text), TODAY)


@pytest.mark.parametrize("option", ["national.file", "ballot.candidates", "base.seats"])
def test_a_missing_file_is_named(option):
    with pytest.raises(DataError, match=rf"{option}: no file 'nowhere"):
        load_config("next-election", parse_changes([f"{option}=nowhere.csv"]))
    assert run(["polls", "--file", "nowhere.csv"]) == 3


# --- Each poll once, and none without a word ------------------------------------------------

LAST = "2026-10-05,{},20,27,11,22,11\n"
PLAIN = "end,pollster,Con,Lab,LD,Reform,Green\n"


@pytest.mark.parametrize(
    "house", ["YouGov", "yougov", "YouGov/Times", "You Gov", "YOUGOV (online)"]
)
def test_a_poll_counts_once_however_it_is_spelt_and_whatever_it_lists(write, house):
    found = estimate(last_day(), polls_of(write(PLAIN + LAST.format(house))))
    assert len(found.polls["GB"]) == len(estimate(last_day()).polls["GB"])
    assert found.notes == ("1 own poll, 0 of them used: 1 in the data already.",)


@pytest.mark.slow
def test_all_polls_of_the_data_as_an_own_file_count_once():
    polls, _ = read_poll_file(data_file("polls/national.csv"), TODAY)
    own = as_polls(OwnPoll.model_validate(poll) for poll in polls)
    for day in (date(2017, 6, 5), last_day()):
        mine, plain = estimate(day, own), estimate(day)
        assert len(mine.polls["GB"]) == len(plain.polls["GB"])
        np.testing.assert_array_equal(mine.shares, plain.shares)


def test_polls_that_are_not_used_are_counted_with_the_reason(write):
    rows = "2026-10-20,Wild,5,60,5,20,5\n2020-01-01,Wild,40,30,10,5,5\n"
    found = estimate(last_day(), polls_of(write(PLAIN + rows)))
    assert found.notes == (
        "2 own polls, 0 of them used: 1 ended after 2026-10-05; 1 ended by 2024-07-04, the "
        "election.",
    )


def test_a_poll_of_another_day_and_a_slip_of_a_pollster_are_named(write):
    own = polls_of(write(PLAIN + LAST.format("YouGov").replace("10-05", "10-04")))
    assert "the figures of its poll of 2026-10-05" in estimate(last_day(), own).notes[0]
    own = polls_of(write(PLAIN + "2026-10-04,Opinum,20,27,11,22,11\n"))
    assert "Did you mean 'Opinium'?" in estimate(last_day(), own).notes[0]


def test_the_same_figures_under_another_name_are_named(write):
    found = estimate(last_day(), polls_of(write(PLAIN + LAST.format("The Times"))))
    assert "The Times, 2026-10-05: the figures of the poll of YouGov" in found.notes[0]
    assert len(found.polls["GB"]) == len(estimate(last_day()).polls["GB"]) + 1


@pytest.mark.parametrize(("answer", "read"), [("no", 1), ("0.0", 1), ("False", 1), ("yes", 0)])
def test_a_seat_model_is_marked_by_yes_or_no(write, answer, read):
    text = PLAIN.replace("Con", "mrp,Con") + LAST.format("Mine").replace(",20,", f",{answer},20,")
    assert len(read_poll_file(write(text), TODAY)[0]) == read


@pytest.mark.parametrize(("party", "nation"), [("SNP", "Scotland"), ("PC", "Wales")])
def test_a_poll_of_a_nation_that_does_not_say_so_is_refused(write, party, nation):
    text = f"end,pollster,Con,Lab,LD,{party}\n2026-10-01,Mine,15,25,10,33\n"
    with pytest.raises(DataError, match=f"{party} has 33 %.* write {nation} under area"):
        read_poll_file(write(text), TODAY)
    said = text.replace("Con,", "area,Con,").replace("15,", f"{nation},15,")
    assert read_poll_file(write(said), TODAY)[0][0]["area"] == nation


@pytest.mark.parametrize(
    "names", [("YouGov", "You Gov"), ("Mine", "MINE"), ("R&W", "Redfield & Wilton")]
)
def test_a_poll_that_is_there_twice_counts_once_however_it_is_spelt(write, names):
    first, second = (f"2026-10-04,{name},21,26,12,22,11" for name in names)
    text = PLAIN.replace("Green", "Green,SNP") + f"{first},3\n{second},\n"
    own = polls_of(write(text))
    found = estimate(last_day(), own)
    assert len({poll.pollster for poll in own}) == 1
    assert len(found.polls["GB"]) == len(estimate(last_day()).polls["GB"]) + 1
    assert found.notes[0] == "2 own polls, 1 of them used: 1 there a second time."


def test_two_polls_of_one_house_and_day_both_count(write):
    rows = "2026-10-03,Mine,20,27,11,22,11\n2026-10-03,Mine,21,27,11,22,11\n"
    found = estimate(last_day(), polls_of(write(PLAIN + rows)))
    assert len(found.polls["GB"]) == len(estimate(last_day()).polls["GB"]) + 2


def test_an_overlapping_tracker_hardly_moves_the_estimate(write):
    rows = "".join(f"2026-09-{d:02},Track,20,26,11,23,12\n" for d in range(1, 31))
    last, all_ = (
        estimate(last_day(), polls_of(write(PLAIN + text))).shares
        for text in (rows.splitlines(keepends=True)[-1], rows)
    )
    assert np.abs(all_ - last).max() < 0.001


def test_rounded_shares_may_reach_104_and_no_more(write):
    head = "end,pollster,Lab,Con,Reform,LD,Green,SNP,PC,Other\n"
    row = "2024-09-12,More in Common,29,25,18,14,8,3,1,{}\n"
    assert len(read_poll_file(write(head + row.format(6)), TODAY)[0]) == 1
    with pytest.raises(DataError, match="sum to 105 %"):
        read_poll_file(write(head + row.format(7)), TODAY)


def test_days_of_a_british_spreadsheet_are_read_and_said(write):
    text = PLAIN + "5/10/2026,Mine,20,27,11,22,11\n28.09.2026,Mine,20,27,11,22,11\n"
    polls, notes = read_poll_file(write(text), TODAY)
    assert [poll["end"] for poll in polls] == [date(2026, 10, 5), date(2026, 9, 28)]
    assert "days such as 5/10/2026 are read as day, month, year" in notes[0]
    with pytest.raises(DataError, match="line 2: end: '2026-28-09' is no day"):
        read_poll_file(write(PLAIN + "9/28/2026,Mine,20,27,11,22,11\n"), TODAY)


def test_decimal_commas_are_read(write):
    text = PLAIN.replace(",", ";") + "2026-10-01;Mine;20,5;27;11,25;22;11\n"
    [poll], _ = read_poll_file(write(text), TODAY)
    assert (poll["percent"]["Con"], poll["percent"]["LD"]) == (20.5, 11.25)


def test_fieldwork_of_years_is_refused(write):
    text = "start,end,pollster,Con,Lab\n2006-10-05,2026-10-05,YouGov,40,40\n"
    with pytest.raises(DataError, match="too long before the end"):
        read_poll_file(write(text), TODAY)


def test_all_mistakes_of_a_poll_file_come_in_one_report(write):
    text = PLAIN + "x,YouGov,20,y,11,22,11\n2026-10-01,,20,27,11,22,11\n"
    with pytest.raises(DataError) as caught:
        read_poll_file(write(text), TODAY)
    for part in ("line 2: end: 'x'", "line 2: Lab: 'y'", "line 3: pollster: expected a name"):
        assert part in str(caught.value)


def test_a_file_without_polls_is_named(write):
    assert read_poll_file(write(PLAIN), TODAY)[1][0].endswith("no poll to use in it.")
