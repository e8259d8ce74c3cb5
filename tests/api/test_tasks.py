"""Ten tasks of a modeller, none over five lines."""

import inspect
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import forecaster
from forecaster import Pact, simulate, sweep
from forecaster.vocabulary import VARIABLES


@pytest.fixture(scope="module")
def run():
    return simulate("next-election", pacts=["progressive"], draws=600, keep_winners=True)


def probabilities(run):
    return run.win_probability.sel(scenario="no-pact", party="LD").to_series().nlargest(20)


def together(run):
    return run.chance("seats.Lab + seats.LD >= 326")


def two_seats(run):
    return run.chance("winner['Lewes'] == 'LD' and winner['Brighton Pavilion'] == 'Green'")


def own_pact(run):
    pact = Pact(members=["Lab", "LD"], opponents=["Con", "Reform"], transfers=0.7, refusal=0)
    return simulate("next-election", pacts=[pact], draws=600).compare()


def own_polls(run):
    polls = pd.DataFrame([{"end": "2026-10-05", "pollster": "Me", "Con": 20, "Lab": 30, "LD": 12}])
    return simulate("next-election", polls=polls, draws=600).national()


def difference(run):
    shares = {"Con": 17, "Lab": 19, "LD": 13, "Reform": 28, "Green": 14, "Other": 9}
    other = simulate("next-election", shares=shares, draws=600)
    return (other.win_probability - run.win_probability).sel(scenario="no-pact")


def histogram(run):
    import matplotlib

    matplotlib.use("agg")
    return run.seats.sel(scenario="no-pact", party="Lab").plot.hist(bins=range(0, 651, 10))


def swept(run):
    return sweep("next-election", {"errors.national": [0, 1]}, draws=64)


def mapped(run):
    import geopandas

    return geopandas.GeoDataFrame.from_features(run.geojson(), crs="EPSG:4326")


def in_arviz(run):
    import arviz

    draws = run.seats.sel(scenario="no-pact").expand_dims("chain")
    return arviz.convert_to_inference_data(draws.to_dataset(name="seats"))


TASKS = [
    probabilities, together, two_seats, own_pact, own_polls,
    difference, histogram, swept, mapped, in_arviz,
]  # fmt: skip


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.__name__)
def test_no_task_takes_more_than_five_lines(task):
    lines = [line for line in inspect.getsource(task).splitlines()[1:] if line.strip()]
    assert len(lines) <= 5


def test_probabilities_to_pandas(run):
    found = probabilities(run)
    assert len(found) == 20
    assert found.is_monotonic_decreasing
    seats = run.chances("Lib Dem").set_index("name").win_probability
    assert found.to_dict() == pytest.approx(seats[found.index].to_dict())


def test_chance_of_a_majority_together_is_counted_draw_by_draw(run):
    seats = run.seats.sel(scenario="no-pact")
    by_hand = float((seats.sel(party=["Lab", "LD"]).sum("party") >= 326).mean())
    assert together(run).probability == pytest.approx(by_hand)
    assert 0 < together(run).error < 0.03


def test_joint_chance_of_two_seats_is_of_the_same_draws(run):
    won = run.winner.sel(scenario="no-pact")
    liberal, green = (run.parties.index(party) for party in ("LD", "Green"))
    both = (won.sel(seat="Lewes") == liberal) & (won.sel(seat="Brighton Pavilion") == green)
    assert two_seats(run).probability == pytest.approx(float(both.mean()))


def test_a_pact_written_in_code_gains_its_members_seats(run):
    table = own_pact(run).set_index("group")
    assert table.loc["Lab+LD", "difference"] > 2 * table.loc["Lab+LD", "difference_mcse"]


def test_own_polls_move_the_national_shares(run):
    shares = [t.query("area == 'GB' and party == 'Lab'")["mean"].item() for t in
              (run.national(), own_polls(run))]  # fmt: skip
    assert shares[1] > shares[0]


def test_difference_of_two_runs_is_aligned_by_seat_and_party(run):
    found = difference(run)
    assert found.sizes["seat"] == 650
    # One of the two runs was given national shares, without Restore Britain.
    assert set(found["party"].values) == set(run.parties) - {"Restore"}
    assert float(found.sel(party="Reform").mean()) > 0.05


def test_histogram(run):
    counts, *_ = histogram(run)
    assert counts.sum() == 600


def test_a_sweep_is_a_frame_with_a_row_for_each_point_and_outcome(run):
    table = swept(run)
    spread = table.query("outcome == 'seats' and group == 'Lab'").set_index("errors.national")
    assert list(spread.index) == [0, 1]
    assert (spread["mcse"] > 0).all()


def test_a_map_holds_every_seat_with_its_chances(run):
    frame = mapped(run)
    assert len(frame) == 650
    assert frame.set_index("name").loc["Lewes", "no-pact: favourite"] == "LD"


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_arviz_reads_the_draws(run):
    posterior = in_arviz(run)["posterior"]
    assert dict(posterior.sizes) == {"chain": 1, "draw": 600, "party": len(run.parties)}
    np.testing.assert_array_equal(
        posterior["seats"].sel(party="Lab")[0], run.seats.sel(scenario="no-pact", party="Lab")
    )


def test_every_variable_is_an_array_by_name(run):
    for name, about in VARIABLES.items():
        found = run.dataset[name] if name == "tragedies" else getattr(run, name)
        assert found.dims == about.dims
        assert "seat" not in found.dims or {"Lewes", "Ynys Môn"} <= set(found["seat"].values)
    assert set(run.pact_effects().name) <= set(run.win_probability.seat.values)


@pytest.mark.parametrize(
    "mistake",
    [
        lambda run: run.proportional("stv"),
        lambda run: run.proportional(level="county"),
        lambda run: run.proportional(threshold=5),
        lambda run: run.query("seats.Lab > 0", "seat"),
        lambda run: run.export("tables", "pdf"),
        lambda run: run.plot("maps", "maps.svg"),
        lambda run: run.totals("left"),
        lambda run: simulate("next-election", draws=64, pacts=[3]),
        lambda run: forecaster.national_shares("2024-13-03"),
        lambda run: forecaster.sensitivity("next-election", "sets:Lab", draws=64),
        lambda run: forecaster.backtest(2018),
        lambda run: forecaster.history("next-election", "2030-01-01", draws=64),
        lambda run: forecaster.history("next-election", "2026-09-01", "year", draws=64),
    ],
)
def test_a_wrong_word_is_the_same_error_as_on_the_command_line(run, mistake, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(forecaster.ConfigError):
        mistake(run)
    assert not list(tmp_path.iterdir())


def test_the_public_surface_is_all():
    assert set(forecaster.__all__) <= set(dir(forecaster))
    assert forecaster.__version__


def test_importing_the_package_loads_nothing_heavy():
    script = (
        "import sys, forecaster; print(sorted({'numpy', 'numba', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
