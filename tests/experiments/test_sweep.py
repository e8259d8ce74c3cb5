"""Sweeps: the same figures as single runs, points that are kept, only missing ones computed."""

import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from forecaster.answers.compare import compare_table
from forecaster.answers.summary import outcome_table
from forecaster.config.sweep_file import points_of, read_sweep
from forecaster.errors import ConfigError, ResultsError
from forecaster.experiments import sweep as module
from forecaster.experiments.outcomes import all_outcomes, parse_outcome
from forecaster.experiments.sweep import point_folder, read_points, run_sweep, sweep_table
from forecaster.pipeline import simulate_run
from forecaster.plan.build import build_plan
from forecaster.simulation.workers import Workers

KEY = "pacts.progressive-on-last-votes.strength.transfers"


@pytest.fixture(scope="module")
def points(tmp_path_factory, given_shares):
    file = tmp_path_factory.mktemp("sweep") / "s.toml"
    file.write_text(
        f"""
        title = "t"
        config = "next-election"
        pacts = ["pacts/progressive-on-last-votes.toml"]
        draws = 500
        [set]
        national = {given_shares.removeprefix("national=").replace("'", '"')}
        [vary]
        "{KEY}" = [0.2, 0.9]
        """
    )
    return points_of(read_sweep(str(file)))


@pytest.fixture(scope="module")
def swept(points, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sweep") / "out"
    assert run_sweep(points, folder) == 2
    return folder


def test_a_point_has_the_figures_of_a_run_of_its_own(points, swept):
    run = points[1].config
    tables = simulate_run(run)
    scenario = run.scenarios[0].name
    rows = read_points(swept, [points[1].digest]).to_pylist()
    found = {(r["outcome"], r["group"], r["scenario"]): (r["value"], r["mcse"]) for r in rows}
    for row in compare_table(tables, scenario).rows:
        where = (row["group"], scenario)
        for name in ("difference", "fewer"):
            assert found[name, *where] == pytest.approx((row[name], row[f"{name}_mcse"]))
        majority = (row["majority_with"], row["majority_with_mcse"])
        assert found["majority", *where] == pytest.approx(majority)
    table = outcome_table(tables, "no-pact")
    for row in table.rows:
        where = (row["party"], "no-pact")
        assert found["seats", *where][0] == pytest.approx(row["mean"])
        assert found["largest", *where] == pytest.approx((row["largest"], row["largest_mcse"]))
    hung = found["hung", "", "no-pact"][0]
    majorities = [found["majority", p, "no-pact"][0] for p in tables.manifest["parties"]]
    assert hung == pytest.approx(1 - sum(majorities))


def test_points_are_the_same_elections_and_a_higher_rate_gives_the_side_more(points, swept):
    known = all_outcomes(build_plan(points[0].config))
    wanted = [parse_outcome(t, known) for t in ("seats:Lab", "difference:Lab+LD+Green", "hung")]
    table = sweep_table(points, swept, wanted)
    low, high = table.rows
    assert low["seats:Lab:no-pact"] == high["seats:Lab:no-pact"]
    name = f"difference:Lab+LD+Green:{points[0].config.scenarios[0].name}"
    assert low[name] < high[name]
    assert [row[KEY] for row in table.rows] == ["0.2", "0.9"]


def test_only_missing_points_are_computed_and_what_was_finished_is_kept(
    points, tmp_path, monkeypatch
):
    computed = []
    real = module.point_rows

    def counted(run, threads):
        if len(computed) == 1:
            raise KeyboardInterrupt
        computed.append(run)
        return real(run, threads)

    monkeypatch.setattr(module, "point_rows", counted)
    with pytest.raises(KeyboardInterrupt):
        run_sweep(points, tmp_path)
    assert point_folder(tmp_path, points[0].digest).is_dir()
    monkeypatch.setattr(module, "point_rows", real)
    finished = []
    assert run_sweep(points, tmp_path, progress=finished.append) == 1
    assert finished == [1, 1]
    assert run_sweep(points, tmp_path) == 0
    assert [p.name for p in tmp_path.rglob(".*")] == []


def test_workers_give_the_same_points(points, swept, tmp_path):
    distributed = pytest.importorskip("distributed", reason="needs the optional extra 'workers'")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        assert run_sweep(points, tmp_path, workers=Workers(client)) == 2
    digests = [point.digest for point in points]
    assert read_points(tmp_path, digests).equals(read_points(swept, digests))


def test_a_full_disk_loses_nothing_that_was_finished(points, tmp_path, monkeypatch):
    write, written = pq.write_table, []

    def full(table, path, **options):
        write(table, path, **options)
        if written:
            raise OSError(28, "No space left on device")
        written.append(path)

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(ResultsError, match=r"no space left.*finished before are kept"):
        run_sweep(points, tmp_path)
    assert sum(1 for _ in tmp_path.rglob("outcomes.parquet")) == 1
    assert list(tmp_path.rglob("*.partial")) == []


def test_folders_of_others_are_refused(points, swept, tmp_path):
    (tmp_path / "mine.txt").write_text("")
    with pytest.raises(ResultsError, match="holds no sweep"):
        run_sweep(points, tmp_path)
    about = json.loads((swept / "sweep.json").read_text())
    about["program"]["code"] = "another"
    other = tmp_path / "other"
    other.mkdir()
    (other / "sweep.json").write_text(json.dumps(about))
    with pytest.raises(ResultsError, match=r"another version of the program: code another \(here"):
        run_sweep(points, other)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("majorty:Lab", "Did you mean 'majority'"),
        ("majority:Labuor", "not known here"),
        ("majority:Lab:progresive", "progressive-on-last-votes"),
        ("majority", "expected a party or bloc and a scenario, as majority:Lab:"),
        ("largest:Lab+LD+Green", "not known here"),
        ("difference:Lab:no-pact", "not known here"),
    ],
)
def test_an_unknown_outcome_is_named(points, text, message):
    with pytest.raises(ConfigError, match=message):
        parse_outcome(text, all_outcomes(build_plan(points[0].config)))


def test_without_pacts_nothing_can_be_compared(given_shares):
    from forecaster.config.load import load_config, parse_changes

    known = all_outcomes(build_plan(load_config("next-election", parse_changes([given_shares]))))
    with pytest.raises(ConfigError, match="the run has no pacts"):
        parse_outcome("difference:Lab", known)


def test_an_outcomes_party_may_have_any_of_its_names(points):
    known = all_outcomes(build_plan(points[0].config))
    assert parse_outcome("majority:Labour", known) == parse_outcome("majority:Lab", known)


def test_a_folder_is_held_by_one_sweep_at_a_time(points, swept):
    with (
        module.open_sweep(swept),
        pytest.raises(ResultsError, match="another process is writing it now"),
    ):
        run_sweep(points, swept)


def edited(path):
    """Write a sweep's Parquet file anew with other figures, and no damage that Arrow could see."""
    table = pq.read_table(path / "outcomes.parquet", partitioning=None)
    values = pa.array(table.column("value").to_numpy() + 1)
    place = table.column_names.index("value")
    pq.write_table(table.set_column(place, "value", values), path / "outcomes.parquet")


def moved(path):
    """Give a point the files of another one."""
    other = next(one for one in path.parent.glob("point=*") if one != path)
    shutil.rmtree(path)
    shutil.copytree(other, path)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (edited, r"outcomes.parquet: (was changed since it was stored|truncated or changed)"),
        (moved, "holds another point"),
        (lambda path: (path / "outcomes.parquet").unlink(), "outcomes.parquet: missing"),
        (lambda path: (path / "_manifest.json").unlink(), "_manifest.json: cannot be read"),
        (
            lambda path: (path / "_manifest.json").write_text('{"point": ""}'),
            "_manifest.json: was changed since it was stored",
        ),
    ],
)
def test_a_point_vouches_for_itself(points, swept, tmp_path, monkeypatch, damage, message):
    shutil.copytree(swept, tmp_path / "copy")
    damage(point_folder(tmp_path / "copy", points[1].digest))
    # Before the first point, which is missing, is simulated.
    shutil.rmtree(point_folder(tmp_path / "copy", points[0].digest))
    monkeypatch.setattr(module, "point_rows", lambda *_: 1 / 0)
    with pytest.raises(ResultsError, match=rf"{message}.* Remove the folder that it lies in"):
        run_sweep(points, tmp_path / "copy")


def test_points_are_a_parquet_dataset(swept):
    table = pq.read_table(swept / "outcomes")
    assert {"point", "outcome", "value"} <= {*table.column_names}


@pytest.mark.parametrize("content", ["[]", "{", "[" * 10**5, '{"program": []}'])
def test_a_damaged_description_of_a_sweep_is_refused(points, tmp_path, content):
    (tmp_path / "sweep.json").write_text(content)
    with pytest.raises(ResultsError, match=r"sweep.json: cannot be read: "):
        run_sweep(points, tmp_path)
