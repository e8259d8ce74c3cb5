"""The distribution has a name of its own, and the command knows its own package from another's."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from forecaster.version import VERSION
from uk_election_forecaster import package_is_ours

ROOT = Path(__file__).parents[2]
TEXTS = ("*.md", "docs/**/*.md", "forecaster/**/*.py", "benchmarks/*.py")


def test_our_own_package_is_known():
    assert package_is_ours()


@pytest.mark.parametrize("over_ours", [False, True], ids=["before it", "written over it"])
@pytest.mark.parametrize("content", ["", f"__version__ = '{VERSION}.1'"])
def test_another_package_of_the_name_is_refused(tmp_path, over_ours, content):
    package = tmp_path / "forecaster"
    if over_ours:
        ours = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "forecaster", package, ignore=ours)
    package.mkdir(exist_ok=True)
    (package / "__init__.py").write_text(content)
    shutil.copy(ROOT / "uk_election_forecaster.py", tmp_path)
    start = "import uk_election_forecaster; uk_election_forecaster.main()"
    done = subprocess.run(
        [sys.executable, "-c", start], cwd=tmp_path, env={}, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "pip uninstall forecaster" in done.stderr and "Traceback" not in done.stderr


def test_no_page_or_message_installs_the_other_project():
    texts = {path: path.read_text("utf-8") for pattern in TEXTS for path in ROOT.glob(pattern)}
    assert len(texts) > 100
    foreign = [
        p.name for p, text in texts.items() if re.search(r"install[^\n`]* '?forecaster\b", text)
    ]
    assert foreign == []


def test_the_citation_has_the_version():
    assert f"\nversion: {VERSION}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
