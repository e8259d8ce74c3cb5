"""The examples in docstrings are true."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import forecaster

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL

PACKAGE = Path(forecaster.__file__).parent
OF_PUBLIC_NAMES = ("api.py", "council_api.py", "errors.py", "config/pact.py")


def modules():
    """Yield the modules that hold examples besides those of public names."""
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE)
        if place.as_posix() not in OF_PUBLIC_NAMES and ">>> " in path.read_text("utf-8"):
            yield ".".join(["forecaster", *place.with_suffix("").parts]).removesuffix(".__init__")


def run(tests):
    for test in tests:
        assert doctest.DocTestRunner(optionflags=FLAGS).run(test).failed == 0, test.name


SLOW = ("backtest", "backtest_pacts")
NAMES = [
    pytest.param(name, marks=pytest.mark.slow if name in SLOW else ())
    for name in forecaster.__all__
    if name != "__version__"
]


@pytest.mark.parametrize("name", NAMES)
def test_examples_of(name, tmp_path):
    public = {other: getattr(forecaster, other) for other in forecaster.__all__}
    finder = doctest.DocTestFinder(recurse=True, exclude_empty=True)
    found = finder.find(public[name], name, globs={**public, "folder": tmp_path})
    assert any(test.examples for test in found), f"{name} has no example"
    run(found)


@pytest.mark.parametrize("name", list(modules()))
def test_examples_in(name):
    found = doctest.DocTestFinder().find(import_module(name), name)
    assert any(test.examples for test in found)
    run(found)


def test_every_method_of_a_run_is_documented():
    public = [name for name in vars(forecaster.Run) if not name.startswith("_")]
    assert all(getattr(forecaster.Run, name).__doc__ for name in public)
