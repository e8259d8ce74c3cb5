"""A run simulated again: the votes of regions are those of the same elections."""

import numpy as np
import pyarrow as pa
import pytest

from forecaster.answers.proportional import count_proportionally, results_of_run
from forecaster.config.load import load_config, parse_changes
from forecaster.elections.election import read_election
from forecaster.errors import ResultsError
from forecaster.pipeline import regional_shares, simulate_run
from forecaster.results.run import RunTables
from forecaster.vocabulary import PARTIES, REGIONS


@pytest.fixture(scope="module")
def tables(given_shares):
    return simulate_run(
        load_config("next-election", parse_changes([given_shares, "draws=40"])), keep_winners=True
    )


@pytest.fixture(scope="module")
def shares(tables):
    return regional_shares(tables, threads=2)


def test_means_are_those_that_the_run_stores_by_seat(tables, shares):
    election = read_election("2024")
    votes = dict(zip(election.seats.code.tolist(), election.valid_votes.tolist(), strict=True))
    expected = np.zeros(shares.shape[1:])
    for row in tables.tables["seats"].to_pylist():
        where = REGIONS.index(row["region"]), PARTIES.index(row["party"])
        expected[where] += row["mean_share"] * votes[row["seat"]]
    expected /= np.bincount(election.seats.region, election.valid_votes)[:, None]
    # The run adds shares up in units of 2 ** -22, cut off.
    np.testing.assert_allclose(shares.mean(0), expected, atol=2.0**-22)


def test_every_draw_sums_to_one_and_scotland_comes_out_as_drawn(tables, shares):
    np.testing.assert_allclose(shares.sum(2), 1, atol=1e-5)
    nation = results_of_run(tables, "nation").shares[:, 1]
    party = PARTIES.index("SNP")
    # Scotland is a nation and a region; incumbency and seat error have a national mean of nil.
    np.testing.assert_allclose(shares[:, 9, party], nation[:, party], atol=0.02)
    assert np.corrcoef(shares[:, 9, party], nation[:, party])[0, 1] > 0.95


def test_regional_lists_give_650_seats_in_every_draw(tables, shares):
    results = results_of_run(tables, "region", shares)
    for system in ("dhondt", "ams"):
        assert (count_proportionally(results, system, 0.05).sum(1) == 650).all()


def test_a_run_that_cannot_be_repeated_is_refused(tables):
    seats = tables.tables["totals"].column("seats").to_numpy() + 1
    place = tables.tables["totals"].column_names.index("seats")
    totals = tables.tables["totals"].set_column(place, "seats", pa.array(seats))
    changed = RunTables(tables.manifest, {**tables.tables, "totals": totals})
    with pytest.raises(ResultsError, match="does not come out as it was stored"):
        regional_shares(changed, threads=1)


def test_a_run_of_another_version_is_refused(tables):
    config = {**tables.manifest["config"], "swings": {}}
    older = RunTables(tables.manifest | {"config": config}, tables.tables)
    with pytest.raises(ResultsError, match=r"another version .* differs at swings"):
        regional_shares(older, threads=1)
