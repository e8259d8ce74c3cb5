"""``forecast frontier``, as people use it."""

import pytest

from forecaster.cli.main import run


def test_a_row_for_every_size(rows_of, given_shares):
    question = ["next-election", "--pact", "pacts/lab-ld.toml", "--set", given_shares]
    rows = rows_of("frontier", *question, "--draws", "200", "--seats", "9", "--seats", "3")
    assert [row["size"] for row in rows] == [3, 9, 574]
    assert rows[0]["withdrawn"] == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["next-election"], "Missing option '--pact'"),
        (["next-election", "--pact", "pacts/labld.toml"], "Did you mean 'lab-ld.toml'?"),
        (["next-election", "--pact", "pacts/lab-ld.toml", "--seats", "0"], "--seats"),
    ],
)
def test_wrong_use_ends_with_what_would_be_right(arguments, message, capsys):
    assert run(["frontier", *arguments]) == 2
    assert message in capsys.readouterr().err
