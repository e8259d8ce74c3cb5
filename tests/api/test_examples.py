"""The examples in the docstrings of the public names are true."""

import doctest

import pytest

import forecaster

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL


@pytest.mark.parametrize("name", [name for name in forecaster.__all__ if name != "__version__"])
def test_examples_of(name, tmp_path):
    public = {other: getattr(forecaster, other) for other in forecaster.__all__}
    finder = doctest.DocTestFinder(recurse=True, exclude_empty=True)
    found = finder.find(public[name], name, globs={**public, "folder": tmp_path})
    assert any(test.examples for test in found), f"{name} has no example"
    for test in found:
        result = doctest.DocTestRunner(optionflags=FLAGS).run(test)
        assert result.failed == 0


def test_every_method_of_a_run_is_documented():
    public = [name for name in vars(forecaster.Run) if not name.startswith("_")]
    assert all(getattr(forecaster.Run, name).__doc__ for name in public)
