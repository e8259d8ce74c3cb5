"""A run as a Dataset, and what it takes to get the same run again."""

import numpy as np
import pytest

import forecaster
from forecaster.config.config import Config
from forecaster.config.load import load_config, parse_changes
from forecaster.errors import ConfigError
from forecaster.vocabulary import NATIONS


@pytest.mark.slow
def test_the_config_in_a_manifest_gives_the_same_run(given_shares, tmp_path):
    run = load_config(
        "next-election", parse_changes([given_shares, "draws=100", "seed=18446744073709551615"])
    )
    first = forecaster.simulate(run, out=tmp_path / "run")
    stored = forecaster.open_run(tmp_path / "run").manifest
    again = forecaster.simulate(Config.model_validate(stored["config"]))
    assert again.dataset.equals(first.dataset)
    assert again.manifest["config_digest"] == stored["config_digest"]
    assert again.config == first.config


def test_arguments_go_before_the_config(given_shares):
    run = load_config("next-election", parse_changes([given_shares]))
    small = forecaster.simulate(run, draws=3, seed=9)
    assert (small.draws, small.manifest["seed"], small.seats.sizes["draw"]) == (3, 9, 3)
    sobol = load_config(
        "next-election", parse_changes([given_shares, "sampling=sobol", "draws=8192"])
    )
    with pytest.raises(ConfigError, match="config: draws: sampling = 'sobol' takes 8,192"):
        forecaster.simulate(sobol, draws=3)


def test_a_party_that_does_not_stand_has_no_figures(given_shares):
    run = forecaster.simulate(
        load_config("next-election", parse_changes([given_shares, "draws=3"]))
    )
    scotland = run.mean_share.sel(seat=run.mean_share.nation == "Scotland")
    assert scotland.sel(party="SNP").notnull().all()
    assert scotland.sel(party="PC").isnull().all()


def test_britain_is_the_weighted_mean_of_its_nations(given_shares):
    run = forecaster.simulate(
        load_config("next-election", parse_changes([given_shares, "draws=50"]))
    )
    votes = forecaster.load_election("2024").valid_votes
    weights = [float(votes[votes.nation == nation].sum()) for nation in NATIONS[:3]]
    nations = run.national_share.sel(area=list(NATIONS[:3])).fillna(0).transpose("area", ...)
    mean = np.average(nations, axis=0, weights=weights)
    np.testing.assert_allclose(run.national_share.sel(area="GB").fillna(0), mean, atol=1e-6)
