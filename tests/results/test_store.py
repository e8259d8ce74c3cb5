"""Run folders: whole or not at all, and the same figures however they are read."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import forecaster
from forecaster.errors import DataError, ResultsError
from forecaster.files import json_digest, new_folder
from forecaster.resources import checksum
from forecaster.results.build import break_even_quantile, histogram_quantile
from forecaster.results.precision import monte_carlo_error
from forecaster.results.store import read_tables
from forecaster.vocabulary import PARTIES, VARIABLES


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "one"
    pacts = ["progressive", "progressive+right"]
    run = forecaster.simulate(
        "next-election", pacts=pacts, draws=300, out=folder, keep_winners=True
    )
    return folder, run


def test_a_run_reads_back_as_it_was_simulated(stored):
    folder, run = stored
    assert forecaster.open_run(folder).dataset.equals(run.dataset)


def test_every_variable_has_a_unit_and_a_description(stored):
    _, run = stored
    assert set(run.dataset.data_vars) == set(VARIABLES)
    for name, variable in run.dataset.data_vars.items():
        assert variable.dims == VARIABLES[name].dims
        assert variable.attrs["units"]
        assert variable.attrs["long_name"]


def test_tables_agree_with_one_another(stored):
    _, run = stored
    wins = run.win_probability.sum("seat").sel(scenario="no-pact")
    seats = run.seats.mean("draw").sel(scenario="no-pact")
    assert wins.values == pytest.approx(seats.values)
    assert run.mean_share.sum("party").values == pytest.approx(1, abs=1e-4)
    by_hand = (run.winner == run.parties.index("Lab")).sum("seat")
    assert (by_hand == run.seats.sel(party="Lab")).all()
    inside = (run.share_p5 <= run.share_p50) & (run.share_p50 <= run.share_p95)
    assert (inside | run.share_p50.isnull()).all()


@pytest.mark.slow
def test_shares_are_stored_on_demand_and_those_that_are_simulated_again(stored, tmp_path):
    _, run = stored
    folder = tmp_path / "shares"
    again = forecaster.simulate("next-election", draws=300, out=folder, keep_shares=True)
    assert (again.seats == run.seats.sel(scenario=["no-pact"])).all()
    table = pq.read_table(folder / "shares.parquet").to_pandas()
    table = table.astype({"seat": str, "party": str})
    expected = run.seat_shares(300).set_index(seat="seat_code").to_series().dropna()
    found = table.set_index(["draw", "seat", "party"]).share
    assert len(found) == len(expected)
    np.testing.assert_array_equal(found.reindex(expected.index).to_numpy(), expected.to_numpy())
    assert forecaster.open_run(folder).dataset.equals(again.dataset)


def damaged(folder, tmp_path, change):
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in folder.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    change(copy)
    return copy


def truncate(copy):
    file = copy / "seats.parquet"
    file.write_bytes(file.read_bytes()[:-100])


def flip(copy):
    file = copy / "totals.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 0xFF
    file.write_bytes(content)


def change_manifest(copy, values, sealed=False):
    path = copy / "manifest.json"
    manifest = json.loads(path.read_text()) | values
    if sealed:
        manifest["files"] = {
            one.name: {"bytes": one.stat().st_size, "sha256": checksum(one)}
            for one in copy.glob("*.parquet")
        }
        manifest.pop("digest")
        manifest["digest"] = json_digest(manifest)
    path.write_text(json.dumps(manifest))


def change_table(copy, name, change, **values):
    """Write another table in place of one, and a manifest that vouches for it."""
    table = change(pq.read_table(copy / f"{name}.parquet"))
    pq.write_table(table, copy / f"{name}.parquet")
    change_manifest(copy, values, sealed=True)


def put(key, value, at=0):
    def change(table):
        values = table.column(key).to_pylist()
        values[at] = value
        kind = table.schema.field(key).type
        column = pa.array(values, kind if value is None or not isinstance(value, str) else None)
        return table.set_column(table.column_names.index(key), key, column)

    return change


def fewer_rows(copy):
    table = pq.read_table(copy / "totals.parquet")
    pq.write_table(table.slice(0, 5), copy / "totals.parquet")


def read_everything(folder):
    tables = read_tables(folder).tables
    return [tables[name] for name in tables]


def swap(copy):
    """Put a file of the same size in place of another."""
    path = copy / "totals.parquet"
    path.write_bytes(path.read_bytes()[::-1])


def link(copy):
    path = copy / "totals.parquet"
    path.rename(copy / "elsewhere")
    path.symlink_to(copy / "elsewhere")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (truncate, "seats.parquet: truncated or changed; it has"),
        (flip, "totals.parquet: was changed since it was stored. Take the folder as"),
        (swap, "totals.parquet: was changed since it was stored"),
        (link, "totals.parquet: missing. Take the folder as"),
        (fewer_rows, "totals.parquet: truncated or changed"),
        (lambda copy: change_manifest(copy, {"schema_version": 99}), "schema version 99"),
        (lambda copy: change_manifest(copy, {"draws": 10**9}), "manifest.json: was changed since"),
        (lambda copy: change_manifest(copy, {"parties": []}), "manifest.json: was changed since"),
        (lambda copy: (copy / "national.parquet").unlink(), "missing. Take the folder as"),
        (lambda copy: (copy / "manifest.json").unlink(), "no run is stored here"),
        (lambda copy: (copy / "manifest.json").write_text("{"), "cannot be read: "),
        (
            lambda copy: (copy / "manifest.json").write_text("[" * 10**5),
            "cannot be read: ",
        ),
    ],
)
def test_a_damaged_run_is_refused(stored, tmp_path, change, message):
    copy = damaged(stored[0], tmp_path, change)
    with pytest.raises(ResultsError, match=message):
        read_everything(copy)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("seats", put("win_probability", np.nan), "win_probability lies outside 0 to 1"),
        ("seats", put("win_probability", 1.5), "win_probability lies outside 0 to 1"),
        ("seats", put("share_p5", -0.1), "share_p5 lies outside 0 to 1"),
        ("seats", put("win_probability", None), "win_probability has blanks"),
        ("totals", put("seats", -1), "seats lies outside 0 to inf"),
        ("totals", lambda table: table.drop_columns("seats"), "its columns are not those of a run"),
        ("totals", lambda table: table.slice(1), "holds 15299 rows, not 15300"),
        ("national", lambda table: table.drop_columns("area"), "its columns are not those"),
        ("national", put("area", "Atlantis"), "area are not names"),
        ("winners", put("winner", 127), "winner lies outside 0 to"),
        ("distribution", put("elections", 299), "does not count as many elections"),
        ("distribution", put("elections", -1), "elections lies outside 0 to inf"),
    ],
)
def test_a_run_that_was_forged_is_refused_all_the_same(stored, tmp_path, name, change, message):
    copy = damaged(stored[0], tmp_path, lambda copy: change_table(copy, name, change))
    with pytest.raises(ResultsError, match=rf"{name}.parquet: damaged \(.*{message}"):
        read_everything(copy)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"title": None}, "title is missing, or of another type"),
        ({"draws": True}, "draws is missing, or of another type"),
        ({"draws": "many"}, "draws is missing, or of another type"),
        ({"draws": 0}, "draws_kept is not between 1 and draws"),
        ({"draws_kept": 10**6}, "draws_kept is not between 1 and draws"),
        ({"scenarios": ["other"]}, "the first of scenarios is not no-pact"),
        ({"scenarios": ["no-pact", "no-pact"]}, "scenarios are not distinct names"),
        ({"parties": ["Nobody"]}, "parties has one that is unknown"),
        ({"base": "1832"}, "base is no election of the data"),
        ({"config": {}}, "config has no national"),
        ({"rows": []}, "rows is missing, or of another type"),
        ({"rows": {"seats": 1}}, "rows do not name the tables of a run"),
    ],
)
def test_a_manifest_that_was_forged_is_refused_all_the_same(stored, tmp_path, values, message):
    copy = damaged(stored[0], tmp_path, lambda copy: change_manifest(copy, values, sealed=True))
    with pytest.raises(ResultsError, match=f"not the manifest of a run: {message}"):
        read_tables(copy)


def test_scenarios_that_were_renamed_are_refused(stored, tmp_path):
    values = {"scenarios": ["no-pact", "a", "b"]}
    copy = damaged(stored[0], tmp_path, lambda copy: change_manifest(copy, values, sealed=True))
    with pytest.raises(ResultsError, match="scenario has a name that is not one of the run's"):
        read_everything(copy)


def test_a_run_from_before_the_checksums_is_read(stored, tmp_path):
    def unseal(copy):
        manifest = json.loads((copy / "manifest.json").read_text())
        older = {k: v for k, v in manifest.items() if k not in ("files", "digest")}
        (copy / "manifest.json").write_text(json.dumps(older | {"schema_version": 2}))

    folder, run = stored
    assert forecaster.open_run(damaged(folder, tmp_path, unseal)).dataset.equals(run.dataset)


def test_a_run_whose_definitions_were_called_otherwise_is_read(stored, tmp_path):
    def renamed(table):
        place = table.column_names.index("definition")
        column = table.column("definition").combine_chunks()
        names = pa.array([f"once {name}" for name in column.dictionary.to_pylist()])
        column = pa.DictionaryArray.from_arrays(column.indices, names)
        return table.set_column(place, "definition", column)

    copy = damaged(stored[0], tmp_path, lambda copy: change_table(copy, "tragedies", renamed))
    assert read_tables(copy).tables["tragedies"].num_rows > 0


def test_a_table_is_read_when_it_is_asked_for_and_once(stored, tmp_path):
    copy = damaged(stored[0], tmp_path, lambda copy: None)
    tables = read_tables(copy).tables
    first = tables["seats"]
    (copy / "seats.parquet").unlink()
    swap(copy)
    assert tables["seats"] is first
    assert "winners" in tables
    with pytest.raises(ResultsError, match=r"totals.parquet: was changed"):
        tables["totals"]
    with pytest.raises(KeyError):
        tables["nothing"]


def test_a_run_that_fails_leaves_nothing_behind(tmp_path):
    with pytest.raises(ZeroDivisionError), new_folder(tmp_path / "run") as partial:
        (partial / "half").write_text("half")
        1 / 0  # noqa: B018
    assert list(tmp_path.iterdir()) == []


def test_an_existing_or_unwritable_folder_is_refused_before_anything_runs(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "file").write_text("")
    for folder, message in (("run", "exists already"), ("file/run", "cannot be written")):
        with pytest.raises(ResultsError, match=message):
            forecaster.simulate("next-election", draws=10**6, out=tmp_path / folder)


@given(st.lists(st.integers(0, 50), min_size=10, max_size=10), st.floats(0.01, 0.99))
@settings(max_examples=100, deadline=None)
def test_histogram_quantiles_lie_in_the_right_bin(counts, q):
    if sum(counts) == 0:
        counts[3] = 1
    values = np.repeat((np.arange(10) + 0.5) / 10, counts)
    got = histogram_quantile(np.array([counts]), q)[0]
    exact = np.quantile(values, q, method="inverted_cdf")
    assert abs(got - exact) <= 0.05 + 1e-9


def test_a_break_even_beyond_all_votes_is_missing():
    histogram = np.zeros((2, 101), int)
    histogram[0, 30], histogram[0, 100] = 60, 40
    histogram[1, 100] = 10
    assert break_even_quantile(histogram, 0.5)[0] == pytest.approx(0.308, abs=0.01)
    assert np.isnan(break_even_quantile(histogram, 0.95)[0])
    assert np.isnan(break_even_quantile(histogram, 0.05)[1])


def test_monte_carlo_errors_are_never_zero():
    error = monte_carlo_error(np.array([0, 500, 1000]), 1000)
    assert (error > 0).all()
    assert error[1] == pytest.approx(np.sqrt(0.25 / 1000), rel=1e-3)


def test_an_election_is_a_labelled_dataset():
    election = forecaster.load_election("2019")
    assert election.identical(forecaster.load_election(2019))  # as a config takes it
    assert election.votes.sel(seat="Lewes", party="LD").item() == 23811
    assert election.votes.attrs == {"units": "votes", "long_name": "Valid votes"}
    assert list(election.party.values) == list(PARTIES)
    with pytest.raises(DataError, match=r"no election '2018' in the data. Known: "):
        forecaster.load_election("2018")


def test_a_changed_data_file_is_refused(tmp_path, monkeypatch):
    import shutil

    from forecaster import resources
    from forecaster.resources import read_table

    shutil.copytree(resources.root() / "data", tmp_path / "data")
    wales = tmp_path / "data" / "polls" / "wales.csv"
    wales.write_text(wales.read_text() + "2026-01-01,1,2,3,4,5,6\n")
    monkeypatch.setattr(resources, "root", lambda: tmp_path)
    with pytest.raises(DataError, match="the file was changed"):
        read_table("polls/wales.csv")
    wales.unlink()
    with pytest.raises(DataError, match="missing"):
        read_table("polls/wales.csv")
