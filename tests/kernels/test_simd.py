"""Memory that vectors are read from."""

import numpy as np

from forecaster.kernels import simd
from forecaster.kernels.jit import jit


@jit
def made(rows):
    return simd.zeros((rows, 3, 16), np.float32), simd.zeros((rows, 16), np.int32)


def test_arrays_begin_at_a_cache_line_and_hold_zeros():
    # Freed memory would be given out again, at the same place and not empty.
    held = []
    for rows in range(1, 30):
        floats, words = made(rows)
        assert floats.shape == (rows, 3, 16)
        assert words.shape == (rows, 16)
        assert floats.dtype == np.float32
        assert words.dtype == np.int32
        for array in (floats, words):
            assert array.ctypes.data % simd.CACHE_LINE == 0
            assert array.flags.c_contiguous
            assert not array.any()
            array[:] = 7
        held += [floats] if rows % 2 else [words]
