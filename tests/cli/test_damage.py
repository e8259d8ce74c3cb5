"""Damaged files of every kind: one clear, short error or a right answer, and never a bug.

``make verify`` tries many more of them and prints the count by kind.
"""

import contextlib
import io
import re
import shutil
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecaster.cli.main import run as cli
from forecaster.elections.election import read_election
from forecaster.resources import root

pytestmark = pytest.mark.slow

ENDINGS = {0: "answered", 2: "refused", 3: "refused", 4: "refused"}
"""How a command may end, by exit code."""

LONGEST = 10_000
"""Characters that a command may print about what is wrong."""

HOSTILE = (
    *(b"", b"true", b"nan", b"-inf", b"1e308", b"-1", b"0", b"1e400", b"9" * 5000, b'""', b"{}"),
    *(b"[[[]]]", b"[" * 3000, b"9999-12-31", b"0001-01-01", b"\0", b"\x1b[2J", b"\xff", b"=1+1"),
    *(b"../../etc/passwd", b"/dev/zero", b"x" * 200_000, b'"' + b"y" * 300 + b'"', b"\xff\xfeA\0"),
)
"""What takes the place of a word or a number."""


@dataclass(frozen=True)
class Kind:
    """A kind of file: an intact one, and the command that reads it as ``FILE``.

    Attributes
    ----------
    path : Path
    command : tuple of str
    seals : bool
        Whether what is changed in it must be found out, or not be read.
    """

    path: Path
    command: tuple[str, ...]
    seals: bool = False

    @property
    def name(self) -> str:
        """The file's name, with the folder's for a run of councils."""
        folder = self.path.parent.name
        return f"{folder}/{self.path.name}" if folder == "councils" else self.path.name


def inputs(folder: Path) -> list[Kind]:
    """Write the files that users write into a folder, and return their kinds."""
    configs = root() / "configs"

    def copied(name: str) -> Path:
        return Path(shutil.copy(configs / name, folder))

    def written(name: str, text: str) -> Path:
        (folder / name).write_text(text)
        return folder / name

    def checked(path: Path, option: str, *others: str) -> Kind:
        sets = (word for change in (f"{option}=FILE", *others) for word in ("--set", change))
        return Kind(path, ("config", "check", "next-election", *sets))

    polls = (
        "start,end,pollster,sample,area,Con,Lab,LD,Reform,Green\n"
        "2026-09-01,2026-09-03,Mine,1000,GB,17,19,13,28,14\n"
        "8 Sep 2026,10 Sep 2026,Mine & Sons,2005,GB,18,18,13,29,13\n"
    )
    candidates = "seat,party,stands,sitting\nLewes,Green,no,no\nBath,Lab,no,no\n"
    bearers = "seat,party,aside\nLewes,LD,Lab+Green\nBath,LD,Lab\n"
    codes = (code for code in read_election("2024").seats.code.tolist() if code[0] != "N")
    rows = "".join(f"{code},18,12,47,12,6,,,5\n" for code in codes)
    estimates = f"code,Con,Lab,LD,Reform,Green,SNP,PC,Other\n{rows}"
    return [
        Kind(copied("next-election.toml"), ("config", "check", "FILE")),
        checked(copied("models/default.toml"), "model"),
        Kind(
            copied("pacts/progressive.toml"), ("config", "check", "next-election", "--pact", "FILE")
        ),
        Kind(copied("transfers/formal.toml"), ("transfers", "FILE")),
        Kind(copied("sweeps/transfer-rate.toml"), ("sweep", "FILE", "--outcome", "none:such")),
        Kind(written("polls.csv", polls), ("polls", "--file", "FILE")),
        checked(written("candidates.csv", candidates), "ballot.candidates"),
        checked(written("estimates.csv", estimates), "base.seats", "national.source=seats"),
        Kind(
            written("bearers.csv", bearers),
            (
                *("config", "check", "next-election", "--pact", "progressive"),
                *("--set", "pacts.progressive.flag_bearer={rule='file', file='FILE'}"),
            ),
        ),
    ]


def outputs(folder: Path) -> list[Kind]:
    """Simulate a run, a sweep and councils, seal the run, and return the kinds of files left."""
    run, sealed, swept = folder / "run", folder / "sealed.json", folder / "swept"
    councils = folder / "councils"
    options = ("--draws", "64", "--pact", "progressive", "--keep-winners", "-q")
    assert cli(["simulate", "next-election", *options, "--out", str(run)]) == 0
    assert cli(["register", str(run), "--out", str(sealed)]) == 0
    sweep = folder / "small.toml"
    sweep.write_text(
        "title = 'x'\nconfig = 'next-election'\ndraws = 64\nvary = { 'errors.seats' = [0, 1] }\n"
    )
    again = ("sweep", str(sweep), "--out", str(swept), "--format", "csv")
    assert cli(list(again)) == 0
    options = ("--draws", "64", "--pact", "progressive", "--swing", "none", "-q")
    assert cli(["council", "simulate", "wandsworth-2026", *options, "--out", str(councils)]) == 0
    of_run = {
        "manifest.json": ("show", str(run), "totals"),
        "distribution.parquet": ("show", str(run), "totals", "--format", "csv"),
        "totals.parquet": ("query", str(run), "seats.Lab > 100"),
        "seats.parquet": ("show", str(run), "seats"),
        "national.parquet": ("show", str(run), "national"),
        "winners.parquet": ("query", str(run), "seats.Lab > 100", "--show", "seats"),
        "pact_effects.parquet": ("pact", str(run)),
        "tragedies.parquet": ("tragedies", str(run), "--definition", "lab-ld-green"),
    }
    point = min(swept.rglob("outcomes.parquet"))
    return [
        *(Kind(run / name, command, seals=True) for name, command in of_run.items()),
        Kind(sealed, ("audit", "FILE", "2024"), seals=True),
        Kind(swept / "sweep.json", again),
        Kind(point, again, seals=True),
        Kind(point.with_name("_manifest.json"), again, seals=True),
        *(
            Kind(path, ("council", "pact", str(councils), "--format", "csv"), seals=True)
            for path in sorted(councils.iterdir())
        ),
    ]


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """Return a file of which something was cut, doubled or changed, or that is hostile."""
    how = draw(st.sampled_from(["cut", "drop", "double", "flip", "word", "word", "word", "empty"]))
    at, length = draw(st.integers(0, len(content) - 1)), draw(st.integers(1, 40))
    words = [*re.finditer(rb"[\w.+-]+", content)]
    if how == "cut":
        return content[:at]
    if how == "drop":
        return content[:at] + content[at + length :]
    if how == "double":
        return content[: at + length] + content[at:]
    if how == "flip":
        byte = content[at] ^ 1 << draw(st.integers(0, 7))
        return content[:at] + bytes([byte]) + content[at + 1 :]
    if how == "word":
        word = words[draw(st.integers(0, len(words) - 1))]
        return content[: word.start()] + draw(st.sampled_from(HOSTILE)) + content[word.end() :]
    return b""


def ending(kind: Kind, content: bytes | None = None) -> tuple[str, str]:
    """Return how the command of a kind ends, and what it prints, if its file held this.

    Raises
    ------
    AssertionError
        If it ends as no command may: as a bug, at length, or with what steers a terminal.
    """
    intact = kind.path.read_bytes()
    out, error = io.StringIO(), io.StringIO()
    arguments = [word.replace("FILE", str(kind.path)) for word in kind.command]
    if content is not None:
        kind.path.write_bytes(content)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
            code = cli(arguments)
    finally:
        kind.path.write_bytes(intact)
    told = error.getvalue()
    assert code in ENDINGS, f"{kind.path.name}: exit code {code}: {told}"
    assert len(told) <= LONGEST, f"{kind.path.name}: {len(told):,} characters of {told[:200]}"
    assert "Traceback" not in told
    assert told.isprintable() or set(told) - {"\n"} <= {c for c in told if c.isprintable()}
    assert "\x1b" not in out.getvalue(), f"{kind.path.name}: an escape character is printed"
    assert code == 0 or told.strip(), f"{kind.path.name}: refused without a word"
    return ENDINGS[code], out.getvalue()


NAMES = (
    *("next-election.toml", "default.toml", "progressive.toml", "formal.toml"),
    *("transfer-rate.toml", "polls.csv", "candidates.csv", "estimates.csv", "bearers.csv"),
    *("manifest.json", "totals.parquet", "seats.parquet", "national.parquet", "winners.parquet"),
    *("pact_effects.parquet", "distribution.parquet", "tragedies.parquet", "sealed.json"),
    *("sweep.json", "outcomes.parquet", "_manifest.json", "councils/manifest.json"),
    *("councils/counts.parquet", "councils/councils.parquet", "councils/wards.parquet"),
)
EXAMPLES = settings.default.max_examples // 20
SOME = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("damage")
    found = {kind.name: kind for kind in (*inputs(folder), *outputs(folder))}
    assert {*found} == {*NAMES}
    return found


@pytest.fixture(scope="module")
def counts():
    """Return a counter of endings by file, which is printed at the end."""
    counter = Counter()
    yield counter
    for name in dict.fromkeys(name for name, _ in counter):
        refused, answered = (counter[name, how] for how in ("refused", "answered"))
        sys.stdout.write(
            f"\n{name}: {refused + answered} damaged files, {refused} refused in a clear error, "
            f"{answered} answered"
        )
    sys.stdout.write(f"\nall: {counter.total()} damaged files, every one survived\n")


@pytest.mark.parametrize("name", NAMES)
def test_an_intact_file_is_answered(kinds, name):
    # A sweep would be simulated: an outcome that it does not have ends it once the file is read.
    assert ending(kinds[name])[0] == ("refused" if name == "transfer-rate.toml" else "answered")


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@SOME
def test_a_damaged_file_ends_in_an_answer_or_in_one_clear_error(kinds, counts, name, data):
    kind = kinds[name]
    how, printed = ending(kind, data.draw(damaged(kind.path.read_bytes())))
    counts[name, how] += 1
    if kind.seals and how == "answered":
        # What has not been changed, or is not read, gives the same answer.
        assert printed == ending(kind)[1]
