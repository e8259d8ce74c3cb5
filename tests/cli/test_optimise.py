"""``forecast optimise``, as people use it."""

import csv
import io

import pytest

from forecaster.cli.main import run

HEAD = 'members = ["Lab", "LD"]\nopponents = ["Con", "Reform"]\n[where]\nregions = ["South West"]\n'
REST = '[strength]\nform = "stand-aside"\ntransfers = "formal"\n'


@pytest.fixture
def ask(tmp_path, monkeypatch, capsys, given_shares):
    """Return a function that optimises a pact with some rules, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def optimise(choose, *arguments):
        (tmp_path / "mine.toml").write_text(HEAD + REST + choose)
        question = ["next-election", "--pact", "mine.toml", "--draws", "300", "--set", given_shares]
        code = run(["optimise", *question, *arguments])
        return code, *capsys.readouterr()

    return optimise


def test_it_prints_what_it_chose_and_writes_it(ask, given_shares, tmp_path):
    code, out, _ = ask("[choose]\nmost_seats = 12\n")
    assert code == 0
    for text in ("Pacts compared", "What the optimised pact asks", "solver's gap", "most_seats"):
        assert text in out
    written = (tmp_path / "mine-optimised.toml").read_text()
    assert written.count("{ seat = ") == 12
    assert "next best" in written
    simulate = ["simulate", "next-election", "--pact", "mine-optimised.toml", "-q"]
    assert run([*simulate, "--draws", "64", "--set", given_shares]) == 0


def test_every_table_can_be_had_for_programs(ask, tmp_path):
    lengths = {}
    for name in ("members", "promises", "seats"):
        code, out, err = ask("[choose]\nmost_seats = 5\n", "--show", name, "--format", "csv",
                             "--out", f"{name}.toml")  # fmt: skip
        assert code == 0
        assert f"Written: {name}.toml" in err
        lengths[name] = len(list(csv.DictReader(io.StringIO(out))))
    assert lengths["members"] == 2
    assert lengths["promises"] == 1
    assert lengths["seats"] == 58


@pytest.mark.parametrize(
    ("choose", "message"),
    [
        ("[choose]\ngoal = 'win'\n", "choose.goal"),
        ("[choose]\nreach = 0.5\n", "does not take 'reach'"),
        (
            "[choose]\ngoal = 'majority'\nreach = 0.5\nmost_seats = 3\n",
            "does not take 'most_seats'",
        ),
        ("[choose]\nagainst = ['SNP']\n", "SNP is no opponent"),
        ("[choose]\nmost_seat = 4\n", "Did you mean 'most_seats'?"),
        ("[[choose.terms]]\nparty = 'Green'\nmost_lost = 0\n", "Green is no member"),
        ("[[choose.terms]]\nparty = 'LD'\n", "promises nothing"),
        ("[[choose.terms]]\nmost_lost = -1\n", "most_lost"),
        ("[[choose.terms]]\nregion = 'South Wes'\nmost_lost = 1\n", "Did you mean 'South West'?"),
        ("[[choose.terms]]\nparty = 'LD'\nexpected_seats = 600\n", "the most possible is"),
        ("[choose]\nmost_seats = 0\n", "nothing to write"),
        ("[choose]\ngoal = 'majority'\nreach = 1.0\n", "out of reach"),
    ],
)
def test_wrong_rules_are_refused_and_nothing_is_written(choose, message, ask, tmp_path):
    code, out, err = ask(choose)
    assert (code, out) == (2, "")
    assert message in err
    assert not (tmp_path / "mine-optimised.toml").exists()


def test_a_file_is_never_overwritten(ask, tmp_path):
    (tmp_path / "mine-optimised.toml").write_text("mine")
    assert ask("")[0] == 4
    assert (tmp_path / "mine-optimised.toml").read_text() == "mine"
    assert "--force" in ask("")[2]


def test_one_pact_at_a_time(capsys):
    assert run(["optimise", "next-election", "--pact", "pacts/lab-ld.toml+pacts/right.toml"]) == 2
    assert "one pact is chosen at a time" in capsys.readouterr().err
