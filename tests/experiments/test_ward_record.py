"""The record of pacts in wards: what is planted in made-up council elections is found."""

import csv
from dataclasses import replace

import numpy as np
import pytest

from forecaster.errors import DataError
from forecaster.experiments.absences import Case, Prediction
from forecaster.experiments.pact_record import score
from forecaster.experiments.ward_record import own_gain, read_wards, ward_record, ward_tables

PART = 0.5
RULES = {"law": 0.5, "every vote": 1.0, "no vote": 0.0}


@pytest.fixture(scope="module")
def wards(tmp_path_factory):
    """Thirty councils of eight wards; in every fourth the Greens leave, half of them for Labour."""
    random, path = np.random.default_rng(1), tmp_path_factory.mktemp("wards") / "wards.csv"
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["year", "council", "ward_code", "party", "votes"])
        for council in range(30):
            swing = random.normal(0, 30)
            for ward in range(8):
                luck = random.normal(0, 15, 3)
                first = {"Con": 400, "Lab": 350 + luck[0], "LD": 150, "Green": 100}
                second = {**first, "Lab": 350 + luck[0] + swing + luck[1]}
                second["Con"] -= swing + luck[1]
                if ward % 4 == 0:
                    gone = second.pop("Green")
                    second["Lab"] += PART * gone
                    second["Con"] += (1 - PART) * gone
                for year, votes in (("2018", first), ("2022", second)):
                    out.writerows([year, council, f"{council}-{ward}", *v] for v in votes.items())
                # A party's other candidates change nothing.
                out.writerow(["2018", council, f"{council}-{ward}", "Con", 10])
    return path


@pytest.mark.slow
def test_a_planted_part_is_found_and_predicted_from_other_councils(wards):
    found = ward_record(wards, None, 400)
    assert {one.case.election for one in found} == {"wards, withdrawal"}
    rows = {(row["recipient"], row["rule"]): row for one in found for row in score(one)}
    assert {recipient for recipient, _ in rows} == {"Con", "Lab", "LD"}
    row = rows["Lab", "other wards"]
    assert row["seats"] == 60
    assert row["donated"] == pytest.approx(0.1, abs=0.003)
    assert abs(row["part_actual"] - PART) < 3 * row["part_error"]
    assert abs(row["part"] - PART) < 3 * row["part_error"]
    assert row["mean_inside"] == 1 and row["coverage_90"] >= 0.75
    assert rows["LD", "every vote"]["mean_inside"] == 0


@pytest.mark.slow
def test_who_joined_is_who_left_looked_at_backwards(wards, tmp_path):
    rows = list(csv.reader(wards.read_text().splitlines()))
    path, years = tmp_path / "back.csv", {"2018": "2022", "2022": "2018"}
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([years.get(year, year), *row] for year, *row in rows)
    (left,), (joined,) = (
        [one for one in ward_record(at, None, 50) if one.case.recipient == "Lab"]
        for at in (wards, path)
    )
    assert joined.case.election == "wards, entry"
    np.testing.assert_allclose(joined.shares["no vote"], left.shares["no vote"])
    np.testing.assert_allclose(joined.actual, left.actual)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("year,council,ward_code,party\n2018,A,A1,Con\n", "votes"),
        ("year,council,ward_code,party,votes\n2018,A,A1,Con,many\n", "line 2.*expected numbers"),
        ("year,council,ward_code,party,votes\n2018,A,A1,Con,9\n", "no ward has two elections"),
    ],
)
def test_a_file_that_does_not_do_is_refused(tmp_path, text, message):
    path = tmp_path / "wards.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        read_wards(path)


def test_what_own_voters_do_is_told_from_what_arrives():
    random = np.random.default_rng(3)
    given, place = random.uniform(0.05, 0.25, 400), np.arange(400) % 40
    had = random.uniform(0.2, 0.4, 400)
    actual = had - 0.01 + 0.6 * given + random.normal(0, 0.02, 400)
    case = Case("wards", "wards, withdrawal", ("Green",), "Lab", False)
    shares = {rule: had[None] + part * given for rule, part in RULES.items()}
    one = Prediction(case, given, shares, {}, actual, None, place)
    loss, error = own_gain(one)
    # 0.02 in 400 wards whose shares spread by .06 about .15: 2 * sqrt(1 + (.15/.06)^2) / sqrt(400).
    assert error == pytest.approx(0.27, rel=0.25)
    assert abs(loss + 1) < 3 * error
    assert "absent party's side gained" in " ".join(ward_tables([one, one])[0].notes)
    other = replace(one, case=replace(case, recipient="Con"))
    assert "absent party's side gained" not in " ".join(ward_tables([other, other])[0].notes)
