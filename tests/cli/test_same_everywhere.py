"""What people give to commands means the same in all of them."""

import json

import click
import pytest
from click.shell_completion import ShellComplete

from forecaster.cli import options, reading
from forecaster.cli.main import forecast, run
from forecaster.files import made_here
from forecaster.vocabulary import ALL_NAMES, PARTIES, find_party


def commands(group, words=()):
    """Yield every command below a group, with the words that call it."""
    for name in group.list_commands(click.Context(group)):
        found = group.get_command(click.Context(group), name)
        below = (*words, name)
        yield from commands(found, below) if isinstance(found, click.Group) else [(below, found)]


def kinds_of(option):
    """Return the types that an option has, by the words of each command that takes it."""
    every = ((words, one) for words, command in commands(forecast) for one in command.params)
    return {words: one.type for words, one in every if option in one.opts}


@pytest.mark.parametrize("option", ["--draws", "--seed", "--threads", "--limit", "--keep-draws"])
def test_numbers_may_be_written_as_1e5_in_every_command(option):
    kinds = kinds_of(option)
    assert kinds
    for kind in kinds.values():
        assert kind.convert("1e5", None, None) == 100_000


@pytest.mark.parametrize(
    ("option", "kinds"),
    [
        ("--draws", {options.DRAWS}),
        ("--seed", {options.SEED}),
        ("--pact", {options.PACT}),
        ("--scenario", {options.SCENARIO, options.COUNCIL_SCENARIO}),
        ("--party", {options.PARTY}),
        ("--out", {options.FILE}),
        ("--sort", {click.STRING}),
    ],
)
def test_an_option_has_one_type(option, kinds):
    assert set(kinds_of(option).values()) == kinds


def test_choices_are_the_names_that_are_known():
    """Commands name them again, so that their help imports nothing heavy."""
    from forecaster.answers.proportional import LEVELS, SYSTEMS
    from forecaster.experiments.backtest import TABLES
    from forecaster.report.export import STYLES
    from forecaster.report.plots import PICTURES

    def choices(option, command):
        return set(kinds_of(option)[command].choices)

    assert choices("--system", ("pr",)) == set(SYSTEMS)
    assert choices("--level", ("pr",)) == set(LEVELS)
    assert choices("--format", ("export",)) == set(STYLES)
    assert choices("--table", ("backtest",)) == set(TABLES)
    assert set(reading.PICTURES) == set(PICTURES)


def test_whatever_writes_a_file_can_replace_its_own():
    resumed = {("sweep",), ("sensitivity",)}
    assert set(kinds_of("--force")) == set(kinds_of("--out")) - resumed


@pytest.fixture
def stored(stored_with_pacts, tmp_path, monkeypatch):
    """Go to a folder whose only run is the one that is stored."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "mine").symlink_to(stored_with_pacts)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "begun", "known"),
    [
        (["show"], "runs/m", "runs/mine"),
        (["simulate"], "next", "next-election"),
        (["sweep"], "tr", "transfer-rate"),
        (["simulate", "next-election", "--pact"], "Prog", "progressive"),
        (["pact", "--scenario"], "", "progressive"),
        (["coalitions", "runs/mine", "--scenario"], "p", "progressive"),
        (["show", "totals", "--scenario"], "p", "progressive"),
        (["show", "seats", "--party"], "la", "Lab"),
        (["seat"], "Lewe", "Lewes"),
    ],
)
def test_the_shell_completes_what_is_known(words, begun, known, stored):
    shell = ShellComplete(forecast, {}, "forecast", "_FORECAST_COMPLETE")
    found = [item.value for item in shell.get_completions(words, begun)]
    assert known in found
    assert all(name.lower().startswith(begun.lower()) for name in found)


@pytest.mark.parametrize("names", ALL_NAMES)
def test_parties_are_known_by_the_names_that_are_printed(names):
    for code, name in names.items():
        assert find_party(name, PARTIES, "--party") == code


@pytest.mark.parametrize(
    "words",
    [
        ["show", "seats", "--party", "Liberal Democrat"],
        ["coalitions", "--without", "Sinn Féin", "--coalition", "Labour+the Greens"],
        ["query", "share.scotland['Scottish National Party'] > 0% and seats.Labour > 0"],
        ["query", "winner['Lewes'] == 'Lib Dem'"],
        ["transfers", "--donor", "Labour"],
        ["sensitivity", "--outcome", "majority:Labour:progressive"],
        ["list"],
        ["compare"],
        ["pact", "--deals"],
        ["tragedies"],
        ["pr"],
    ],
)
def test_commands_take_names_of_parties_and_the_latest_run(words, stored, capsys):
    assert run([*words, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)


HEAD = "members = ['Lab', 'LD']\nopponents = ['Con']\nstrength = {form = 'stand-aside', "
POLL, SEATS = "end,pollster,Con,Lab\n2026-09-01,Me,", "seat,Con,Lab,LD,Reform,Green,SNP,PC\n"


@pytest.mark.parametrize(
    ("option", "name", "text", "code"),
    [
        # A wrong number, name, header or seat in a list is wrong data.
        ("--set national.file", "polls.csv", POLL + "many,30\n", 3),
        ("--set national.file", "polls.csv", "end,pollster,Con\n2026-09-01,Me,30\n", 3),
        ("--set base.seats", "mrp.csv", SEATS + "Lewes,many,1,1,1,1,,\n", 3),
        ("--set base.seats", "mrp.csv", SEATS + "Lewess,30,30,20,10,5,,\n", 3),
        ("--set base.seats", "mrp.csv", "seat,Con\nLewes,30\n", 3),
        ("--set ballot.candidates", "mine.csv", "seat,party,stands\nLewes,LD,perhaps\n", 3),
        ("--set ballot.candidates", "mine.csv", "seat,party,stands\nLewess,LD,no\n", 3),
        ("--set ballot.candidates", "mine.csv", "seat,party,stands\nLewes,Lobour,no\n", 3),
        # Lists that are named and not there are missing data, whoever names them.
        ("--set national.file", "gone.csv", None, 3),
        ("--set base.seats", "gone.csv", None, 3),
        ("--set ballot.candidates", "gone.csv", None, 3),
        # A wrong option is that wherever it is written.
        ("--pact", "mine.toml", HEAD + "transfers = 7}", 2),
        ("--pact", "mine.toml", HEAD + "transfers = 0.7, refusal = 'some'}", 2),
        ("--pact", "mine.toml", "members = [", 2),
        ("--pact", "gone.toml", None, 2),
        ("--set errors.national", "11", None, 2),
    ],
)
def test_a_kind_of_mistake_has_one_exit_code(option, name, text, code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if text is not None:
        (tmp_path / name).write_text(text)
    option, _, key = option.partition(" ")
    given = f"{key}={name}" if key else name
    assert run(["simulate", "next-election", "--draws", "64", option, given]) == code


@pytest.mark.parametrize("words", [["polls", "--file"], ["backtest", "--pacts", "--wards"]])
def test_a_list_that_is_named_alone_has_the_same_exit_code(words, tmp_path):
    assert run([*words, str(tmp_path / "gone.csv")]) == 3


def test_a_flag_bearer_list_that_is_not_there_has_the_same_exit_code(tmp_path):
    pact = tmp_path / "mine.toml"
    pact.write_text(HEAD + "transfers = 0.7}\nflag_bearer = {rule = 'file', file = 'gone.csv'}")
    assert run(["config", "check", "next-election", "--pact", str(pact)]) == 3


@pytest.mark.parametrize("command", ["pact", "compare", "ledger"])
def test_a_run_that_lacks_what_is_asked_for_has_one_exit_code(command, tmp_path, capsys):
    folder = str(tmp_path / "run")
    assert run(["simulate", "next-election", "--draws", "64", "--out", folder, "-q"]) == 0
    assert run([command, folder]) == 4
    assert run(["query", folder, "winner['Lewes'] == 'LD'"]) == 4
    assert "Simulate it again with --keep-winners" in capsys.readouterr().err


def test_force_replaces_what_the_same_command_wrote(stored, capsys):
    for words in (["register", "--out", "sealed.json"], ["plot", "seats", "--out", "seats.svg"]):
        assert [run(words), run(words), run([*words, "--force"])] == [0, 4, 0]
    for style in ("csv", "xlsx", "parquet", "geojson", "hexjson", "csv"):
        assert run(["export", "--out", "tables", "--format", style, "--force"]) == 0
        assert made_here(stored / "tables")
    (stored / "tables" / "notes.txt").write_text("mine")
    assert run(["export", "--out", "tables", "--force"]) == 4


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--members", "Lobour+LD"], "--members 'Lobour': no such party here. Did you mean 'Lab'?"),
        (["--members", "Lab"], "--members 'Lab': expected 2 parties or more"),
        (["--members", "Lab+Labour"], "Lab is named twice"),
        (["--opponents", "Lab"], "--opponents 'Lab': no such party here"),
    ],
)
def test_sides_of_tactical_voting_are_checked(words, message, capsys):
    assert run(["calibrate", "tactical", *words]) == 2
    assert message in capsys.readouterr().err


def test_tactical_voting_between_other_sides_is_estimated(rows_of):
    usual = rows_of("calibrate", "tactical")
    given = rows_of("calibrate", "tactical", "--members", "Labour+Lib Dem+the Greens",
                    "--opponents", "Conservative+Reform UK")  # fmt: skip
    fewer = rows_of("calibrate", "tactical", "--members", "Lab+LD", "--opponents", "Con")
    assert given == usual
    assert fewer != usual
