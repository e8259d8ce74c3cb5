"""Real elections through the whole pipeline."""

import pytest

from forecaster.config.load import load_config, parse_changes
from forecaster.elections.election import read_election
from forecaster.pipeline import simulate_run
from forecaster.vocabulary import ELECTIONS, PARTIES

QUIET = [
    f"errors.{name}=0"
    for name in ("national", "swing", "tactical", "slopes", "regions", "seats", "incumbency")
]


@pytest.mark.parametrize("name", ELECTIONS)
def test_without_change_or_error_all_650_winners_come_back(name):
    run = load_config(
        "election-2019",
        parse_changes([
            "draws=2", "scenarios=[]", f"base.election={name}", f"ballot.candidates={name}",
            f"national.election={name}", *QUIET,
        ]),
    )  # fmt: skip
    tables = simulate_run(run)
    won = {
        row["seat"]: row["party"]
        for row in tables.tables["seats"].to_pylist()
        if row["win_probability"] == 1.0
    }
    election = read_election(name)
    expected = {
        code: PARTIES[winner]
        for code, winner in zip(election.seats.code.tolist(), election.winner, strict=True)
    }
    assert won == expected


def test_every_vote_of_the_three_to_the_best_placed_in_2019():
    run = load_config("election-2019", parse_changes(["draws=2"]))
    tables = simulate_run(run)
    seats = {
        row["party"]: row["seats"]
        for row in tables.tables["totals"].to_pylist()
        if row["draw"] == 1 and row["scenario"] == "progressive-every-vote"
    }
    expected = {"Con": 309, "Lab": 241, "LD": 28, "Green": 1, "SNP": 48, "PC": 4}
    assert {party: seats[party] for party in expected} == expected
