"""The French second round: a made-up constituency counted by hand."""

import pytest

from forecaster.config.pact import TransferTable
from forecaster.experiments.french_record import french_rows, french_table

LAW = TransferTable(
    title="known",
    seat_sd=0,
    seat_sd_source="a test",
    row=[{"donor": "LD", "arrive": 0.5, "opponent": 0.2, "abstain": 0.3, "source": "a test"}],
)
FIRST = (
    "code,cand,bloc,votes,status\nA,1,RN,400,\nA,2,NFP,350,\nA,3,ENS,{votes},\nB,1,RN,900,elected\n"
)
SECOND = "code,cand,bloc,votes,elected\nA,1,RN,440,0\nA,2,NFP,460,1\n"


@pytest.mark.parametrize(("withdrew", "seats"), [(160, 2), (170, 1)])
def test_the_front_wins_once_what_arrives_makes_up_the_gap(tmp_path, withdrew, seats):
    # Three tenths of the votes, net, against a gap of 50: at 167 it is closed.
    (tmp_path / "first-round.csv").write_text(FIRST.format(votes=withdrew))
    (tmp_path / "second-round.csv").write_text(SECOND)
    rows = {row["rule"]: row for row in french_rows(tmp_path, LAW, 8)}
    assert rows["law, scale 1"]["mean"] == seats
    assert (rows["every vote"]["mean"], rows["no vote"]["mean"]) == (1, 2)
    assert rows["law, scale 2"]["mean"] == 1  # 2/3 arrive, 2/15 go to the RN
    assert {(row["wins"], row["contests"]) for row in rows.values()} == {(1, 1)}
    # The share that was predicted: 400 and two tenths of the votes, of what the two had then.
    ours, front = 400 + 0.2 * withdrew, 350 + 0.5 * withdrew
    error = 100 * (ours / (ours + front) - 440 / 900)
    assert rows["law, scale 1"]["error"] == pytest.approx(error)
    assert rows["law, scale 1"]["coverage_90"] in (0, 1)
    assert len(french_table(list(rows.values())).rows) == 7
