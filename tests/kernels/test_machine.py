"""What the kernel is written in: its numbers, its memory, and the compiled code on disk."""

import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from forecaster.kernels import machine
from forecaster.kernels.layout import LANES
from forecaster.kernels.machine import (
    Variable,
    add_up,
    aligned,
    compiled,
    in_parts,
    lanes,
    loop,
    ones,
    side_by_side,
    this_lane,
    truths,
    when,
    word,
)

PAIR = {"x": ("float32", ("rows", LANES)), "out": ("float32", ("rows", LANES))}


def double(m, first, count):
    for row in loop(m.rows):
        for _ in lanes():
            m.out[row] = m.x[row] * 2.0


def run_double(kernel):
    x = np.arange(2 * LANES, dtype=np.float32).reshape(2, LANES)
    out = np.zeros_like(x)
    kernel({"x": x, "out": out}, {"rows": 2}, 0, 0)
    np.testing.assert_array_equal(out, 2 * x)


def test_arrays_begin_at_a_cache_line_and_hold_zeros():
    for rows in range(1, 30):
        array = aligned((rows, 3, 16), "float32")
        assert array.shape == (rows, 3, 16)
        assert array.dtype == np.float32
        assert array.ctypes.data % machine.CACHE_LINE == 0
        assert array.flags.c_contiguous
        assert not array.any()


def test_vectors_read_and_write_the_lanes_of_their_loop():
    run_double(compiled(double, PAIR))


def test_an_array_of_another_shape_or_type_is_refused():
    kernel = compiled(double, PAIR)
    x = np.zeros((2, LANES), np.float32)
    for wrong in (x[:1], x.astype(float), np.asfortranarray(x)):
        with pytest.raises(TypeError, match=rf"out: float32 \(2, {LANES}\) expected"):
            kernel({"x": x, "out": wrong}, {"rows": 2}, 0, 0)


def test_a_number_of_the_kernel_is_no_truth_for_python():
    def body(m, first, count):
        if m.rows > 0:
            m.out[0] = m.x[0]

    with pytest.raises(Exception, match="use 'when' or 'where'"):
        compiled(body, PAIR)


def test_bits_are_gone_through_from_the_lowest():
    def body(m, first, count):
        place = Variable(m.zero)
        for bit in ones(first):
            m.out[place.value] = word(bit)
            place.value = place.value + 1

    out = np.zeros(64, np.int32)
    number = 2**63 + 2**40 + 2**5 + 1
    compiled(body, {"out": ("int32", (64,))}, ("zero",))({"out": out}, {"zero": 0}, number, 0)
    assert out[:5].tolist() == [0, 5, 40, 63, 0]


def test_truths_are_bits_lane_by_lane():
    def body(m, first, count):
        m.out[0] = truths(m.x.block(0) == 3)

    x = np.random.default_rng(1).integers(2, 5, LANES).astype(np.uint8)
    out = np.zeros(1, np.int64)
    compiled(body, {"x": ("uint8", (LANES,)), "out": ("int64", (1,))})(
        {"x": x, "out": out}, {}, 0, 0
    )
    expected = np.packbits(x == 3, bitorder="little").view(np.int64)
    np.testing.assert_array_equal(out, expected)


def test_what_follows_a_condition_is_done_where_it_holds():
    def body(m, first, count):
        for place in loop(count):
            with when(m.x[place] > 1):
                m.out.add(10, place)

    x, out = np.array([0, 1, 2, 3], np.int32), np.zeros(4, np.int32)
    shapes = {"x": ("int32", ("n",)), "out": ("int32", ("n",))}
    compiled(body, shapes)({"x": x, "out": out}, {"n": 4}, 0, 4)
    assert out.tolist() == [0, 0, 10, 10]


def test_vectors_are_added_up_side_by_side():
    def body(m, first, count):
        m.out.add(add_up([m.x.block(row, 0) for row in range(4)]), 0)
        m.out.add(side_by_side([word(10), word(20)]), 2)

    x, out = np.arange(4 * LANES, dtype=np.int32).reshape(4, LANES), np.ones(4, np.int32)
    shapes = {"x": ("int32", (4, LANES)), "out": ("int32", (4,))}
    compiled(body, shapes)({"x": x, "out": out}, {}, 0, 0)
    np.testing.assert_array_equal(out, 1 + x.sum(1) + np.array([0, 0, 10, 20]))


def test_rows_have_names_that_no_method_has():
    def body(m, first, count):
        m.out.second[2, 1] = m.out.first[1, 0] + 1

    out = np.arange(12, dtype=np.int32).reshape(3, 2, 2)
    compiled(body, {"out": ("int32", (3, ("first", "second"), 2))})({"out": out}, {}, 0, 0)
    assert out[2, 1, 1] == out[1, 0, 0] + 1
    with pytest.raises(Exception, match="a row cannot be called part"):
        compiled(body, {"out": ("int32", (3, ("part", "second"), 2))})


def test_parts_of_lanes_are_gone_through_in_turn():
    def body(m, first, count):
        for _ in lanes(registers=2):
            for _ in in_parts(1):
                m.out[0] = m.x[0] + word(this_lane())

    x, out = np.ones((1, LANES), np.int32), np.zeros((1, LANES), np.int32)
    shapes = dict.fromkeys(("x", "out"), ("int32", (1, LANES)))
    compiled(body, shapes)({"x": x, "out": out}, {}, 0, 0)
    lane = np.arange(LANES)
    np.testing.assert_array_equal(out[0], 1 + lane - lane % machine.WIDTH)


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """The file of a compiled kernel."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    run_double(compiled(double, PAIR, name="double"))
    return machine.cached("double")


def test_a_line_is_logged_before_the_kernel_is_compiled_and_none_after(
    tmp_path, monkeypatch, caplog
):
    caplog.set_level(logging.INFO, logger="forecaster")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    compiled(double, PAIR, name="double")
    assert "Compiling the kernel, once (about" in caplog.text
    caplog.clear()
    run_double(compiled(double, PAIR, name="double"))
    assert not caplog.text


@pytest.mark.parametrize("left", [0, 100, -1])
def test_a_truncated_file_of_the_cache_is_compiled_again_with_a_line(stored, left, caplog):
    caplog.set_level(logging.INFO, logger="forecaster")
    stored.write_bytes(stored.read_bytes()[:left])
    run_double(compiled(double, PAIR, name="double"))
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "is damaged: deleted" in caplog.text
    caplog.clear()
    run_double(compiled(double, PAIR, name="double"))
    assert not caplog.text


def test_a_kernel_that_is_kept_is_called_without_numba(stored):
    program = (
        "import sys; from tests.kernels.test_machine import *; "
        "run_double(compiled(double, PAIR, name='double')); assert 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_without_a_folder_to_write_to_the_kernel_is_compiled_all_the_same_and_it_is_said_once(
    tmp_path, monkeypatch, caplog
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    for _ in range(2):
        run_double(compiled(double, PAIR, name="double"))
    assert caplog.text.count("Compiled code cannot be kept in") == 1


def test_without_a_home_no_folder_of_that_name_is_made(tmp_path, monkeypatch, caplog):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    # What the library of folders gives where there is no home.
    monkeypatch.setattr(machine, "user_cache_path", lambda name: Path("~/.cache") / name)
    run_double(compiled(double, PAIR, name="double"))
    assert "the user has no home folder" in caplog.text
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_under_the_cache_is_said_and_the_run_goes_on(tmp_path, monkeypatch, caplog):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(Path, "replace", full)
    run_double(compiled(double, PAIR, name="double"))
    assert "(No space left on device): every run compiles it anew" in caplog.text
    assert not any(path.is_file() for path in tmp_path.rglob("*"))
