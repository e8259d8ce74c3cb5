"""An installed wheel works from any folder, with its own data and configs, and holds no more."""

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from forecaster.resources import catalogue
from forecaster.version import VERSION

ROOT = Path(__file__).parents[2]
KINDS = {".py", ".json", ".csv", ".toml", ".html", ".css", ".js", ".md", ".typed"}


def quietly(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = ("-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    quietly(sys.executable, *build)
    return next(folder.glob("*.whl"))


@pytest.mark.slow
def test_nothing_stray_is_in_it(wheel):
    assert wheel.name == f"uk_election_forecaster-{VERSION}-py3-none-any.whl"
    names = [PurePosixPath(name) for name in zipfile.ZipFile(wheel).namelist()]
    tops = {name.parts[0] for name in names}
    about = f"uk_election_forecaster-{VERSION}.dist-info"
    assert tops == {"forecaster", "uk_election_forecaster.py", about}
    own = [name for name in names if name.parts[0] != about]
    assert {name.suffix for name in own} <= KINDS
    assert not [name for name in own if "builder" in name.parts or "__pycache__" in name.parts]
    files = [path for path in (ROOT / "forecaster").rglob("*") if path.is_file()]
    here = [str(path.relative_to(ROOT)) for path in files if path.parent.name != "__pycache__"]
    code = [str(name) for name in own if "_bundled" not in name.parts]
    assert sorted(code) == sorted([*here, "uk_election_forecaster.py"])


@pytest.mark.slow
def test_the_installed_command_reads_its_own_data_where_there_is_no_checkout(wheel, tmp_path):
    """Dependencies come from this environment, behind the new one's own packages.

    ``make dist`` simulates, with dependencies of its own, for which the kernel is compiled anew.
    """
    quietly(sys.executable, "-m", "venv", "--without-pip", tmp_path / "env")
    python = tmp_path / "env" / "bin" / "python"
    here = (sys.executable, "-m", "pip", "--python", python)
    quietly(*here, "install", "--no-deps", "--no-index", wheel)
    site = Path(
        quietly(python, "-c", "import sysconfig as s; print(s.get_path('purelib'))").stdout.strip()
    )
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    outside = {"cwd": tmp_path, "env": {"HOME": str(tmp_path.home()), "PATH": "/usr/bin:/bin"}}
    where = quietly(python, "-c", "import forecaster; print(forecaster.__file__)", **outside).stdout
    assert where.strip() == str(site / "forecaster" / "__init__.py")
    forecast = python.with_name("forecast")
    assert f"{len(catalogue())} tables" in quietly(forecast, "data", "verify", **outside).stdout
    quietly(forecast, "config", "check", "next-election", "--pact", "progressive", **outside)
