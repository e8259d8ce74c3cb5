"""Runs: stored and read, asked, and the commands."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import forecaster
from forecaster.cli.main import forecast
from forecaster.councils.calibrate import model_file
from forecaster.councils.optimise import optimise_slates
from forecaster.councils.record import leaders, read_record
from forecaster.councils.simulate import Elections
from forecaster.errors import ConfigError, ResultsError
from forecaster.files import new_folder
from forecaster.resources import root
from forecaster.results.store import write_manifest


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return forecaster.simulate_councils(
        "london-2026",
        pacts=["progressive", "right"],
        swing="actual",
        draws=500,
        out=tmp_path_factory.mktemp("runs") / "london",
    )


def test_a_stored_run_is_the_same_when_read(run):
    again = forecaster.open_council_run(run.folder)
    for question in ("councils_controlled", "totals", "wards", "compare", "pact_effects"):
        assert again.table(question) == run.table(question), question
    assert again.table("tragedies") == run.table("tragedies")
    assert again.table("coalitions", "Barnet") == run.table("coalitions", "Barnet")


def test_a_damaged_run_is_refused(run, tmp_path):
    folder = tmp_path / "copy"
    folder.mkdir()
    for path in run.folder.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "wards.parquet").write_bytes((folder / "counts.parquet").read_bytes())
    with pytest.raises(ResultsError, match="truncated or changed"):
        forecaster.open_council_run(folder)
    with pytest.raises(ResultsError, match="council simulate"):
        forecaster.open_council_run(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"councils": ["Barnet"]}, "seats are not those of its councils"),
        ({"councils": ["Barnet"], "seats": {"Barnet": 63}}, "not as many rows"),
        ({"scenarios": ["no-pact"]}, "pacts are not those of its scenarios"),
        ({"parties": ["Con"]}, "parties are not those of councils"),
        ({"sitting": None}, "sitting is missing, or of another type"),
        ({"rows": {"wards": 1}}, "rows do not name the tables of a run of councils"),
        ({"schema_version": 3}, "stored with schema version 3, this program reads 4"),
    ],
)
def test_a_manifest_that_was_forged_is_refused_all_the_same(run, tmp_path, change, message):
    folder = tmp_path / "copy"
    folder.mkdir()
    for path in run.folder.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    manifest = json.loads((folder / "manifest.json").read_text("utf-8")) | change
    (folder / "manifest.json").unlink()
    write_manifest({k: v for k, v in manifest.items() if k not in ("files", "digest")}, folder)
    with pytest.raises(ResultsError, match=message):
        forecaster.open_council_run(folder).totals()


def test_other_commands_say_which_one_reads_it(run, tmp_path):
    with pytest.raises(ResultsError, match="forecast council show"):
        forecaster.open_run(run.folder)
    house = forecaster.simulate("next-election", draws=64, out=tmp_path / "house")
    with pytest.raises(ResultsError, match=r"a run of general elections\. 'forecast show"):
        forecaster.open_council_run(house.folder)


def test_notes_are_of_what_a_table_shows(run):
    """One on Richmond is not for Barnet's table, one on a pact not for that without."""
    notes = {
        what: " ".join(run.table(*question).notes)
        for what, question in {
            "all": ("councils_controlled",),
            "Barnet": ("totals", "Barnet"),
            "right": ("compare", "right"),
        }.items()
    }
    assert "Richmond upon Thames: LD and Green shared" in notes["all"]
    assert "Richmond" not in notes["Barnet"] and "right:" not in notes["Barnet"]
    assert "right: SNP is not told apart" in notes["right"]


def test_the_likeliest_control_by_another_party_has_its_name(run):
    councils = run.councils_controlled().set_index("council").control
    assert councils["Tower Hamlets"] == run.manifest["labels"]["Tower Hamlets"] == "ASP"


def test_tables_add_up(run):
    councils = run.councils_controlled()
    parties = [p for p in run.parties if p in councils]
    seats = councils[parties].to_numpy().sum(1)
    assert seats == pytest.approx(councils.seats.to_numpy(), abs=0.3)
    wards = run.wards()[parties].to_numpy().sum(0)
    assert wards == pytest.approx(councils[parties].to_numpy().sum(0), abs=1e-6)
    compared = run.compare("progressive").set_index("group").difference
    effects = run.pact_effects(scenario="progressive")
    assert effects.gain.sum() == pytest.approx(compared["Lab+LD+Green"], abs=1e-6)


def test_the_error_of_a_wards_gain_is_that_of_paired_draws(run):
    """Gain and its error go back to sums over the same draws."""
    row = run.pact_effects(scenario="progressive").iloc[0]
    w = run._run.code.tolist().index(row.code)
    squares = run._run.of_ward("squares")[run.scenarios.index("progressive"), w]
    assert row.gain_mcse > 0
    assert row.gain_mcse**2 * run.draws == pytest.approx(squares / run.draws - row.gain**2)


def test_two_pacts_at_once_are_counted_as_one_scenario():
    both = forecaster.simulate_councils(
        "barnet-2026", pacts=["progressive+right", "progressive", "right"], swing="none", draws=400
    )
    assert both.scenarios[1:] == ["progressive+right", "progressive", "right"]
    gain = both.compare("progressive+right").set_index("group").difference
    alone = both.compare("progressive").set_index("group").difference
    assert 0 < gain["Lab+LD+Green"] < alone["Lab+LD+Green"]
    together, left, right = (both._run.candidates[s] for s in (1, 2, 3))
    members = np.isin(both.parties, ["Lab", "LD", "Green"])
    assert (together[:, members] == left[:, members]).all()
    assert (together[:, ~members] == right[:, ~members]).all()


def test_coalitions_kept_apart_are_left_out(run):
    every = set(run.coalitions("Barnet").coalition)
    apart = set(run.coalitions("Barnet", apart="Lab+Con").coalition)
    assert every - apart == {c for c in every if {"Lab", "Con"} <= set(c.split("+"))}
    assert any({"Lab", "Con"} <= set(c.split("+")) for c in every)


def test_a_coalition_with_a_party_that_never_sits_has_its_others_seats(run):
    seats = run.coalitions("Barnet", ["Lab", "Lab+PC"]).set_index("coalition").seats
    assert seats["Lab+PC"] == seats["Lab"] > 0


@pytest.mark.parametrize("wrong", ["Lab", "Lab+Lab", "Lab+Labour+Con"])
def test_parties_kept_apart_are_two_or_more(run, wrong):
    with pytest.raises(ConfigError, match=r"is named twice|2 parties or more"):
        run.coalitions("Barnet", apart=wrong)


def test_names_that_are_not_in_the_run_are_refused(run):
    for wrong in (lambda: run.totals("Narnia"), lambda: run.compare("left")):
        with pytest.raises(ConfigError):
            wrong()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"guarantees": {"Green": 2}}, "give it with --pact"),
        ({"slates": "proportional"}, "give it with --pact"),
        ({"pacts": ["right"], "slates": "optimised", "guarantees": {"Reform": 1}}, "itself"),
        ({"pacts": ["right", "right"]}, "called the same"),
        ({"pacts": ["ld-green+progressive"]}, "LD, Green cannot be in two pacts at once"),
        ({"pacts": ["progressive+right"], "guarantees": {"PC": 1}}, "PC: not a member of prog"),
        ({"swing": "actual", "shares": {"Lab": 30}}, "give one of them"),
    ],
)
def test_options_that_would_have_no_effect_are_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        forecaster.simulate_councils("wandsworth-2026", draws=10, **options)


@pytest.mark.slow
def test_the_embedded_parameters_are_those_that_calibrate_writes():
    file = root() / "configs" / "models" / "councils.toml"
    assert file.read_text(encoding="utf-8") == model_file()


def test_the_record_beats_the_plain_rules_on_the_test_election():
    found = read_record()["leaders"]
    assert found["this model"] >= 0.76
    assert found["this model"] > max(v for k, v in found.items() if k != "this model")


@pytest.mark.parametrize("swing", ["actual", "polls"])
def test_ranges_of_the_record_hold_nine_of_ten_councils_seats(swing):
    rows = [row for row in read_record()["scores"] if row["swing"] == swing]
    inside = sum(row["coverage_90"] * row["cells"] for row in rows)
    assert 0.87 < inside / sum(row["cells"] for row in rows) < 0.95
    assert min(row["coverage_90"] for row in rows) > 0.84


def test_wards_split_as_often_as_they_did_by_lead():
    """Within three standard errors of the wards there were, where there were a hundred."""
    rows = [row for row in read_record()["splits"] if row["wards"] >= 100 and row["lead"] < 0.2]
    assert {row["seats"] for row in rows} == {2, 3}
    for row in rows:
        p = row["simulated"]
        assert abs(row["split"] / row["wards"] - p) < 3 * (p * (1 - p) / row["wards"]) ** 0.5, row


@pytest.mark.slow
def test_the_record_of_london_is_that_of_its_candidacies(raw):
    from forecaster.councils.contest import read_contest
    from forecaster.councils.record import further

    with further(raw / "councils" / "candidates-2016-2026.csv.gz") as results:
        contest = read_contest("london-2026", results=results)
    assert leaders(contest) == pytest.approx(read_record()["leaders"])


@pytest.mark.slow
@pytest.mark.parametrize("width", [80, 140])
def test_commands_print_what_was_asked(run, width, monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", str(width))
    folder = str(run.folder)
    for words in (
        ["list"],
        ["list", "milton-keynes-2024"],
        ["show", folder],
        ["show", folder, "--council", "barnet", "--wards"],
        ["show", folder, "--council", "barnet"],
        ["compare", folder],
        ["pact", folder, "--scenario", "right"],
        ["tragedies", folder],
        ["coalitions", folder, "--council", "Barnet"],
        ["report", folder, "--out", str(tmp_path / "page.html")],
    ):
        result = CliRunner().invoke(forecast, ["council", *words], catch_exceptions=False)
        assert result.exit_code == 0, words
        assert len(result.output.splitlines()) > 3 or words[0] == "report", words
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count("<details") == 32 and "Who could govern Barnet" in page


def test_a_council_is_named_by_its_likeliest_control(run, tmp_path):
    page = run.report(tmp_path / "page.html").read_text(encoding="utf-8")
    councils = run.councils_controlled()
    hung = councils[councils.control == "none"].iloc[0]
    assert f"no overall control in {100 * hung.chance:.0f} of 100" in page
    assert f"{hung.council}</strong> · {hung.seats} seats · no overall control" in page


def test_the_title_of_one_council_has_its_own_seats(run):
    title = run.table("totals", "Barnet").title
    assert title == "Councillors, Barnet, May 2026, 63 seats: at the shares that came, no-pact"


@pytest.mark.slow
def test_simulate_and_optimise_write_what_they_say(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = ["--swing", "none", "--draws", "250"]
    words = ["optimise", "Wandsworth 2026", "--pact", "progressive", *options]
    result = CliRunner().invoke(forecast, ["council", *words], catch_exceptions=False)
    assert "wandsworth-2026.slates.csv: written" in result.output
    words = ["simulate", "wandsworth-2026", "--pact", "progressive", *options]
    words += ["--slates", "wandsworth-2026.slates.csv"]
    result = CliRunner().invoke(forecast, ["council", *words], catch_exceptions=False)
    assert "runs/councils/wandsworth-2026-1" in result.output
    assert np.isclose(len(list((tmp_path / "runs" / "councils").iterdir())), 1)


def test_errors_of_mean_councillors_are_those_of_the_draws():
    alone = forecaster.simulate_councils("wandsworth-2026", swing="none", draws=400)
    row = alone.wards().iloc[0]
    counts = alone._run.elected[0, 0, alone.parties.index("Lab")]
    seats = np.repeat(np.arange(len(counts)), counts)
    assert row.Lab == pytest.approx(seats.mean())
    assert row.Lab_mcse == pytest.approx(seats.std() / 400**0.5)


@pytest.mark.parametrize(
    "command", [["simulate"], ["optimise", "--pact", "progressive"]], ids=lambda words: words[0]
)
def test_a_target_that_is_taken_is_refused_before_anything_is_simulated(
    tmp_path, monkeypatch, command
):
    monkeypatch.setattr(Elections, "simulate", lambda *_: 1 / 0)
    taken = tmp_path / "taken"
    taken.write_text("")
    found = CliRunner().invoke(
        forecast, ["council", *command, "wandsworth-2026", "--out", str(taken)]
    )
    assert isinstance(found.exception, ResultsError)
    assert "exists already" in str(found.exception)


@pytest.mark.parametrize("losses", [-1.0, float("nan")])
def test_losses_are_a_number_from_zero(pact, london, expected, losses):
    with pytest.raises(ConfigError, match=f"--losses {losses:g}: expected a number"):
        optimise_slates(pact, Elections(london, expected, 10), losses=losses)


def test_two_runs_at_once_get_folders_of_their_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = Path("runs/councils/wandsworth-2026-1")
    with new_folder(first):
        found = CliRunner().invoke(
            forecast, ["council", "simulate", "wandsworth-2026", "--draws", "10", "-q"]
        )
    assert found.exit_code == 0, found.output
    assert found.output == "runs/councils/wandsworth-2026-2\n"
