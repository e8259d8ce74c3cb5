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
from forecaster.polls.data import as_polls, last_day, read_britain
from forecaster.polls.model import estimate

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
    same = read_britain(date(2026, 9, 1), as_of)[-3:]
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
        (HEADER + "20/10/2026,YouGov,,GB,20,30,10,,,,\n", "line 2: end: '20/10/2026' is no day"),
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


def test_a_missing_file_is_named():
    with pytest.raises(ConfigError, match="no file 'nowhere"):
        load_config("next-election", parse_changes(["national.file=nowhere.csv"]))
    assert run(["polls", "--file", "nowhere.csv"]) == 3
