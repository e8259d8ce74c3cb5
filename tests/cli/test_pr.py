"""``forecast pr``, as people use it."""

import pytest

from forecaster.cli.main import run


def test_an_election_beside_first_past_the_post(rows_of):
    rows = {row["party"]: row for row in rows_of("pr", "2019", "--level", "uk")}
    assert (rows["Con"]["fptp"], rows["Con"]["pr"]) == (365, 287)
    assert rows["LD"]["fptp_votes_per_mp"] == 336_038
    assert rows["Reform"]["fptp_votes_per_mp"] is None


@pytest.mark.parametrize("system", ["dhondt", "sainte-lague", "ams"])
def test_a_run_gives_650_seats_in_every_system(system, stored_with_pacts, rows_of):
    rows = rows_of("pr", stored_with_pacts, "--system", system)
    assert sum(row["pr"] for row in rows) == pytest.approx(650)
    first, second = rows_of("pr", stored_with_pacts, "--system", system, "--index")
    assert second["gallagher"] < first["gallagher"] / 3


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["2019", "--threshold", "200%"], 2, "--threshold '200%'"),
        (["2019", "--system", "stv"], 2, "'dhondt', 'sainte-lague', 'ams'"),
    ],
)
def test_wrong_use_ends_with_what_would_be_right(arguments, code, message, capsys):
    assert run(["pr", *arguments]) == code
    assert message in capsys.readouterr().err


def test_additional_members_by_nation_need_stored_winners(tmp_path, capsys):
    folder = str(tmp_path / "run")
    assert run(["simulate", "next-election", "--draws", "64", "--out", folder, "-q"]) == 0
    assert run(["pr", folder, "--system", "ams"]) == 4
    assert "--keep-winners" in capsys.readouterr().err
    assert run(["pr", folder, "--system", "ams", "--level", "uk"]) == 0
