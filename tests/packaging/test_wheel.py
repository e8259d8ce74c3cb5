"""An installed wheel works from any folder, with its own data and configs."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_wheel_simulates_from_any_folder(tmp_path):
    quiet = {"check": True, "capture_output": True, "text": True}
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT],
        **quiet,
    )
    wheel = next(tmp_path.glob("*.whl"))
    site = tmp_path / "site"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--no-deps",
            "--no-index",
            "--target",
            site,
            wheel,
        ],
        **quiet,
    )
    assert not list(site.rglob("builder"))
    script = (
        "import forecaster; from forecaster.cli.main import run; print(forecaster.__file__);"
        "assert run(['data', 'verify']) == 0;"
        "assert run(['simulate', 'next-election', '--draws', '64', '-q']) == 0"
    )
    environment = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment, **quiet)
    assert done.stdout.startswith(str(site))
    assert (tmp_path / "runs" / "next-election-1" / "manifest.json").is_file()
