"""The machine under the kernel: many draws at once, memory, loops, and compiling by numba.

Nothing here knows an election. The model files (`factors`, `swing`, `seat`, `pacts`, `counting`)
are written as for a single draw, in plain Python that runs once, when the kernel is compiled. What
they calculate with are not numbers but a `Number`, which stands for one that the kernel will have
when it runs, and every operation leaves an instruction behind. So a ``for`` over a Python ``range``
is unrolled, a ``for`` over `loop` becomes a loop of the kernel, and what Python already knows folds
into the code. numba compiles the instructions, as one intrinsic inside one jitted function; what it
makes of them is kept on disk, and called without it.

Most numbers are vectors of `WIDTH` draws. All is IEEE arithmetic, lane by lane, without contraction
(a fused operation is one that is written, `fma`), so results depend neither on the machine nor on
the length of its registers.
"""

from __future__ import annotations

import ctypes
import hashlib
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import binding, ir
from platformdirs import user_cache_path

from forecaster.kernels.layout import FOURS, LANES, Declared, sized

_FEATURES = os.environ.get("NUMBA_CPU_FEATURES") or binding.get_host_cpu_features().flatten()
WIDTH = 16 if "+avx512f" in _FEATURES.split(",") else 8
"""Lanes of a vector: a register of float32 with AVX-512, or else with AVX2."""
REGISTERS = 16 // WIDTH
"""Of a vector in the loops where steps wait for one another, or that read much of what all draws
share: sixteen lanes. Elsewhere all registers are needed for the numbers of one."""
PARTS_OF_BLOCK = LANES, LANES // 2, FOURS
"""Lengths of an axis that is lanes."""
CACHE_LINE = 64
"""Bytes that memory and caches exchange."""
SECONDS = 6
"""What compiling takes, roughly; for the notice."""

F32 = ir.FloatType()
I1, I8, I16, I32, I64 = (ir.IntType(bits) for bits in (1, 8, 16, 32, 64))
KINDS = {
    "float32": F32, "int8": I8, "uint8": I8, "int16": I16, "uint16": I16,
    "int32": I32, "uint32": I32, "int64": I64, "uint64": I64,
}  # fmt: skip

_log = logging.getLogger(__name__)


class _Now:
    """Where instructions go, and which lanes `Array` reads and writes; one kernel at a time."""

    builder: Any = None
    lane: Any = 0
    registers: int = 1


def _b() -> Any:
    return _Now.builder


def _width() -> int:
    """Return the lanes of a vector here."""
    return WIDTH * _Now.registers


# --- Numbers ------------------------------------------------------------------------------------
_KNOWN = {("fadd", 0): True, ("fmul", 1): True, ("fmul", 0): False}
"""Operations whose result Python knows: whether it is the number or what it is combined with."""


def _operation(floats: str, integers: str, swapped: bool = False) -> Callable[[Any, Any], Number]:
    def operation(self: Number, other: Any) -> Number:
        if not isinstance(other, Number) and (floats, other) in _KNOWN:
            return self if _KNOWN[floats, other] else other
        x, y = _alike(self, other)
        x, y = (y, x) if swapped else (x, y)
        return Number(getattr(_b(), floats if x.kind == F32 else integers)(x.value, y.value))

    return operation


def _comparison(how: str) -> Callable[[Any, Any], Any]:
    def comparison(self: Number, other: Any) -> Number:
        x, y = _alike(self, other)
        build = _b().fcmp_ordered if x.kind == F32 else _b().icmp_unsigned
        return Number(build(how, x.value, y.value))

    return comparison


class Number:
    """A number that the kernel will have when it runs, a truth, or a vector of either.

    Integers are unsigned in comparisons, divisions and shifts to the right. A sum with zero and a
    product with zero or one, where Python knows it, leave no instruction.
    """

    __slots__ = ("value",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: Any) -> None:
        self.value = value

    @property
    def kind(self) -> Any:
        """LLVM type of one number."""
        kind = self.value.type
        return kind.element if isinstance(kind, ir.VectorType) else kind

    @property
    def lanes(self) -> int:
        """Length of the vector, 0 for a single number."""
        kind = self.value.type
        return int(kind.count) if isinstance(kind, ir.VectorType) else 0

    def __bool__(self) -> bool:
        raise TypeError("known only when the kernel runs: use 'when' or 'where' in place of 'if'")

    __add__, __radd__ = _operation("fadd", "add"), _operation("fadd", "add", True)
    __sub__, __rsub__ = _operation("fsub", "sub"), _operation("fsub", "sub", True)
    __mul__, __rmul__ = _operation("fmul", "mul"), _operation("fmul", "mul", True)
    __truediv__, __rtruediv__ = _operation("fdiv", "udiv"), _operation("fdiv", "udiv", True)
    __mod__ = _operation("frem", "urem")
    __and__, __or__, __xor__ = (_operation("", name) for name in ("and_", "or_", "xor"))
    __lshift__, __rshift__ = _operation("", "shl"), _operation("", "lshr")
    __lt__, __le__, __gt__, __ge__ = map(_comparison, ("<", "<=", ">", ">="))
    __eq__, __ne__ = _comparison("=="), _comparison("!=")

    def __neg__(self) -> Number:
        return self * -1.0

    def __invert__(self) -> Number:
        return self ^ -1


def constant(kind: Any, value: float) -> Number:
    """Return a number that is known already; integers wrap as two's complement does."""
    if kind == F32:
        return Number(ir.Constant(F32, float(np.float32(value))))
    return Number(ir.Constant(kind, int(value) & ((1 << kind.width) - 1)))


def word(x: Any) -> Number:
    """Return an integer, known or not, as a word of 32 bits."""
    if not isinstance(x, Number):
        return constant(I32, x)
    return x if x.kind == I32 else convert(x, I32, "trunc")


def spread(x: Number, lanes: int = 0) -> Number:
    """Return a vector with the same number in every lane, of the usual length if none is given."""
    lanes = lanes or _width()
    kind = ir.VectorType(x.kind, lanes)
    if isinstance(x.value, ir.Constant):
        return Number(ir.Constant(kind, [x.value.constant] * lanes))
    nothing = ir.Constant(kind, ir.Undefined)
    first = _b().insert_element(nothing, x.value, I32(0))
    zeros = ir.Constant(ir.VectorType(I32, lanes), [0] * lanes)
    return Number(_b().shuffle_vector(first, nothing, zeros))


def vector(value: float) -> Number:
    """Return a vector of one known float."""
    return spread(constant(F32, value))


def _alike(*given: Any) -> list[Number]:
    """Turn Python's numbers into ours, and all into vectors if one is."""
    known = [x for x in given if isinstance(x, Number)]
    lanes = max(x.lanes for x in known)
    each = [x if isinstance(x, Number) else constant(known[0].kind, x) for x in given]
    return [spread(x, lanes) if lanes and not x.lanes else x for x in each]


def _call(name: str, *given: Any) -> Number:
    """Call an LLVM intrinsic whose operands and result are of one type."""
    each = _alike(*given)
    kind, lanes = each[0].value.type, each[0].lanes
    suffix = (f"v{lanes}" if lanes else "") + (
        "f32" if each[0].kind == F32 else f"i{each[0].kind.width}"
    )
    return Number(_b().call(_declared(f"llvm.{name}.{suffix}", kind, *[kind] * len(each)),
                            [x.value for x in each]))  # fmt: skip


def _declared(name: str, result: Any, *operands: Any) -> Any:
    module = _b().module
    return module.globals.get(name) or ir.Function(module, ir.FunctionType(result, operands), name)


def fma(x: Any, y: Any, z: Any) -> Number:
    """Return ``x * y + z`` with one rounding, or `z` where Python knows that a factor is zero."""
    if any(not isinstance(factor, Number) and factor == 0 for factor in (x, y)):
        return z
    return _call("fma", x, y, z)


def sqrt(x: Number) -> Number:
    """Return the square root."""
    return _call("sqrt", x)


def floor(x: Number) -> Number:
    """Return the largest integer that is not larger, as a float."""
    return _call("floor", x)


def rotate(x: Number, bits: int) -> Number:
    """Rotate a word to the left."""
    return _call("fshl", x, x, bits)


def count_ones(x: Number) -> Number:
    """Return the number of bits that are set."""
    return _call("ctpop", x)


def lowest_one(x: Number) -> Number:
    """Return the place of the lowest bit that is set in an integer other than zero."""
    kind = x.value.type
    called = _declared(f"llvm.cttz.i{kind.width}", kind, kind, I1)
    return Number(_b().call(called, [x.value, I1(1)]))


def where(condition: Number, x: Any, y: Any) -> Number:
    """Return `x` where a condition holds, else `y`."""
    x, y = _alike(x, y)
    if condition.lanes and not x.lanes:
        x, y = spread(x, condition.lanes), spread(y, condition.lanes)
    return Number(_b().select(condition.value, x.value, y.value))


def masked(x: Number, mask: Any) -> Any:
    """Return a float where all bits of a mask are set, and zero where none is."""
    if not isinstance(mask, Number):
        return x if mask else 0.0
    mask = bits(mask) if mask.kind == F32 else mask
    return from_bits(bits(x) & mask)


def larger(x: Any, y: Any) -> Number:
    """Return the larger of two, and `y` where one of them is not a number."""
    x, y = _alike(x, y)
    return where(x > y, x, y)


def smaller(x: Any, y: Any) -> Number:
    """Return the smaller of two, and `y` where one of them is not a number."""
    x, y = _alike(x, y)
    return where(x < y, x, y)


def convert(x: Number, kind: Any, how: str) -> Number:
    """Convert by an LLVM instruction, as ``trunc``, ``zext``, ``sext`` or ``bitcast``."""
    return Number(getattr(_b(), how)(x.value, ir.VectorType(kind, x.lanes) if x.lanes else kind))


def shift_signed(x: Number, bits: int) -> Number:
    """Shift to the right, the sign coming in."""
    x, y = _alike(x, bits)
    return Number(_b().ashr(x.value, y.value))


def bits(x: Number) -> Number:
    """Return the bits of a float as a word."""
    return convert(x, I32, "bitcast")


def from_bits(x: Number) -> Number:
    """Return the float of these bits."""
    return convert(x, F32, "bitcast")


def truncate(x: Number) -> Number:
    """Return a float cut to an integer, as a word in two's complement."""
    return convert(x, I32, "fptosi")


def to_float(x: Number) -> Number:
    """Return a word in two's complement as a float."""
    return convert(x, F32, "sitofp")


def long(x: Number) -> Number:
    """Return an unsigned integer in 64 bits."""
    return x if x.kind == I64 else convert(x, I64, "zext")


def lane_numbers() -> Number:
    """Return the vector ``0, 1, 2, …``."""
    return Number(ir.Constant(ir.VectorType(I32, _width()), list(range(_width()))))


def truths(x: Number) -> Number:
    """Return at most 64 truths as the bits of a 64-bit integer, the first in the lowest."""
    return long(Number(_b().bitcast(x.value, ir.IntType(x.lanes))))


def from_truths(x: Number, kind: Any) -> Number:
    """Return -1 and 0 for the bits of a 64-bit integer, as a vector."""
    return convert(Number(_b().bitcast(x.value, ir.VectorType(I1, LANES))), kind, "sext")


def add_up(each: list[Number]) -> Number:
    """Return the sums of the lanes of vectors of words, a power of two of them, as one vector."""
    count = len(each)
    while each[0].lanes > 1 and (len(each) > 1 or each[0].lanes > count):
        # The second of two vectors, or else the second half of the only one.
        both, stop = (2, 2 * each[0].lanes) if len(each) > 1 else (1, each[0].lanes)
        halves = [
            [_lanes_of(*each[n : n + both], range(first, stop, 2)) for first in range(2)]
            for n in range(0, len(each), both)
        ]
        each = [even + odd for even, odd in halves]
    return each[0]


def _lanes_of(*given: Any) -> Number:
    """Return some lanes of one vector, or of two that are numbered through."""
    *each, places = given
    mask = ir.Constant(ir.VectorType(I32, len(places)), list(places))
    return Number(_b().shuffle_vector(each[0].value, each[-1].value, mask))


def side_by_side(each: list[Number]) -> Number:
    """Return single numbers as the lanes of one vector."""
    out = ir.Constant(ir.VectorType(each[0].kind, len(each)), ir.Undefined)
    for lane, x in enumerate(each):
        out = _b().insert_element(out, x.value, I32(lane))
    return Number(out)


# --- Control ------------------------------------------------------------------------------------
class Variable:
    """A number that changes while the kernel runs, as a sum over a `loop` does."""

    def __init__(self, start: Number) -> None:
        with _b().goto_entry_block():
            self._place = _b().alloca(start.value.type)
        self.value = start

    @property
    def value(self) -> Number:
        """The number it has here."""
        return Number(_b().load(self._place))

    @value.setter
    def value(self, x: Number) -> None:
        _b().store(x.value, self._place)


def repeat(condition: Callable[[], Number]) -> Iterator[None]:
    """Loop in the kernel for as long as a condition holds; it cannot be left early."""
    builder = _b()
    head, body, after = (builder.append_basic_block(name) for name in ("head", "body", "after"))
    builder.branch(head)
    builder.position_at_end(head)
    builder.cbranch(condition().value, body, after)
    builder.position_at_end(body)
    yield
    _keep_as_it_is(builder.branch(head))
    builder.position_at_end(after)


def _keep_as_it_is(jump: Any) -> None:
    """Let LLVM neither unroll nor vectorise the loop that a jump closes.

    Who writes a kernel has done both where they pay; elsewhere they only take time to compile.
    """
    module = _b().module
    alone = module.add_metadata(["llvm.loop.disable_nonforced"])
    # LLVM knows what is said of a loop by its referring to itself.
    loop = module.add_metadata([f"loop {len(module.metadata)}"])
    loop.operands = loop, alone
    jump.set_metadata("llvm.loop", loop)


def loop(start: Any, stop: Any = None, step: int = 1) -> Iterator[Any]:
    """Loop in the kernel, as ``range`` does in Python; it cannot be left early."""
    start, stop = (0, start) if stop is None else (start, stop)
    last = _index(stop)
    place = Variable(Number(_index(start)))
    for _ in repeat(lambda: Number(_b().icmp_signed("<", place.value.value, last))):
        number = place.value
        yield number
        place.value = number + step


def ones(x: Number) -> Iterator[Number]:
    """Loop over the places of the bits that are set in a 64-bit integer."""
    left = Variable(x)
    for _ in repeat(lambda: left.value != 0):
        at = left.value
        yield lowest_one(at)
        left.value = at & (at - 1)


@contextmanager
def when(condition: Number, likely: bool | None = None) -> Iterator[None]:
    """Do what follows only if a condition holds; numbers made there are unknown afterwards."""
    with _b().if_then(condition.value, likely):
        yield


@contextmanager
def at_lane(lane: Any) -> Iterator[None]:
    """Let `Array` read and write the vector that begins at a lane."""
    before, _Now.lane = _Now.lane, lane
    try:
        yield
    finally:
        _Now.lane = before


def beyond(lanes: Any) -> Any:
    """Let `Array` read and write so many lanes further on."""
    return at_lane(_Now.lane + lanes)


def lanes(stop: int = LANES, registers: int = 1) -> Iterator[Any]:
    """Loop over the lanes, a vector at a time: `Array` reads and writes there."""
    before, _Now.registers = _Now.registers, registers
    for lane in loop(0, stop, _width()):
        with at_lane(lane):
            yield lane
    _Now.registers = before


def in_parts(registers: int) -> Iterator[None]:
    """Loop over the lanes that are read and written here, in shorter vectors."""
    whole, before = _width(), _Now.registers
    if registers == before:
        yield
        return
    _Now.registers = registers
    for lane in loop(0, whole, _width()):
        with beyond(lane):
            yield
    _Now.registers = before


def this_lane() -> Any:
    """Return the first lane of those that are read and written here."""
    return _Now.lane


# --- Memory -------------------------------------------------------------------------------------
def _index(x: Any) -> Any:
    return long(x).value if isinstance(x, Number) else I64(int(x))


class Array:
    """An array in memory. An index on all axes is one number.

    An array whose last axis is the lanes of a block, or of a part of it, is read and written
    without that axis: what is meant are the lanes of the loop over `lanes` that it is in.
    """

    def __init__(self, pointer: Any, kind: Any, shape: tuple[Any, ...]) -> None:
        self._pointer, self.kind, self.shape = pointer, kind, shape

    def _at(self, index: tuple[Any, ...]) -> Any:
        # What Python knows of the place is one number, added once.
        known, place, stride = 0, 0, 1
        for axis, length in reversed(list(enumerate((*self.shape[1:], 1)))):
            stride = stride * length
            x = index[axis] if axis < len(index) else 0
            if isinstance(x, Number) or isinstance(stride, Number):
                place = place + (long(x) if isinstance(x, Number) else int(x)) * stride
            else:
                known += x * stride
        return _b().gep(self._pointer, [_index(place + known)])

    def _place(self, index: Any, value: Number | None = None) -> tuple[Any, bool]:
        """Return where an index is, and whether a vector is meant."""
        index = index if isinstance(index, tuple) else (index,)
        if len(index) == len(self.shape):
            return self._at(index), False
        if len(index) != len(self.shape) - 1 or self.shape[-1] not in PARTS_OF_BLOCK:
            raise IndexError(f"{len(index)} indices of an array of shape {self.shape}")
        return self._at((*index, _Now.lane)), True

    def __getitem__(self, index: Any) -> Number:
        place, whole = self._place(index)
        if not whole:
            return Number(_b().load(place))
        return self._load(place, _width())

    def __setitem__(self, index: Any, value: Any) -> None:
        place, whole = self._place(index)
        value = value if isinstance(value, Number) else constant(self.kind, value)
        if not whole:
            _b().store(value.value, place)
        else:
            self._store(place, value if value.lanes else spread(value))

    def _load(self, place: Any, lanes: int) -> Number:
        place = _b().bitcast(place, ir.VectorType(self.kind, lanes).as_pointer())
        return Number(_b().load(place, align=self._align))

    def _store(self, place: Any, value: Number) -> None:
        place = _b().bitcast(place, value.value.type.as_pointer())
        _b().store(value.value, place, align=self._align)

    @property
    def _align(self) -> int:
        return 4 if self.kind == F32 else int(self.kind.width) // 8

    def add(self, value: Any, *index: Any) -> None:
        """Add to one number, or a vector to those from an index on."""
        place = self._at(index)
        if isinstance(value, Number) and value.lanes:
            self._store(place, self._load(place, value.lanes) + value)
        else:
            _b().store((Number(_b().load(place)) + value).value, place)

    def block(self, *index: Any) -> Number:
        """Return all lanes as one long vector."""
        return self._load(self._at(index), LANES)

    def set_block(self, value: Number, *index: Any) -> None:
        """Write all lanes as one long vector."""
        self._store(self._at(index), value)

    def part(self, *index: Any) -> Array:
        """Return the array that is left when the first indices are given."""
        return Array(self._at(index), self.kind, self.shape[len(index) :])

    def prefetch(self, count: int, *index: Any) -> None:
        """Ask for numbers, from an index on, that will soon be written."""
        start = _b().bitcast(self._at(index), I8.as_pointer())
        called = _declared("llvm.prefetch.p0", ir.VoidType(), start.type, I32, I32, I32)
        for line in range(0, count * self._align, CACHE_LINE):
            # To be written, to stay in all caches, data.
            _b().call(called, [_b().gep(start, [I64(line)]), I32(1), I32(3), I32(1)])


class Row(Array):
    """What is at one place of an axis of an array, without that axis."""

    def __init__(self, whole: Array, axis: int, place: int) -> None:
        shape = whole.shape[:axis] + whole.shape[axis + 1 :]
        super().__init__(whole._pointer, whole.kind, shape)
        self._whole, self._axis, self._its_place = whole, axis, place

    def _at(self, index: tuple[Any, ...]) -> Any:
        if len(index) < self._axis:
            raise IndexError(f"{len(index)} indices, at least {self._axis} needed")
        before, after = index[: self._axis], index[self._axis :]
        return self._whole._at((*before, self._its_place, *after))


# --- Compiling ----------------------------------------------------------------------------------
FLAGS: dict[str, Any] = {
    "nogil": True, "fastmath": False, "error_model": "numpy", "no_cfunc_wrapper": True,
    "no_cpython_wrapper": True, "_nrt": False,
}  # fmt: skip
"""No fastmath: it folds NaN checks away and breaks bit identity between machines."""


class Memory:
    """What the kernel sees by name: its arrays, and integers that only a run knows."""

    def __init__(self, table: Any, arrays: Declared, integers: tuple[str, ...]) -> None:
        for place, name in enumerate(integers):
            value = _b().load(_b().gep(table, [I64(len(arrays) + place)]))
            setattr(self, name, Number(value))
        for place, (name, (dtype, shape)) in enumerate(arrays.items()):
            address = _b().load(_b().gep(table, [I64(place)]))
            pointer = _b().inttoptr(address, KINDS[dtype].as_pointer())
            array = Array(pointer, KINDS[dtype], sized(shape, vars(self)))
            setattr(self, name, array)
            for axis, names in enumerate(shape):
                for at, row in enumerate(names if isinstance(names, tuple) else ()):
                    if hasattr(array, row):
                        raise AttributeError(f"{name}: a row cannot be called {row}")
                    setattr(array, row, Row(array, axis, at))

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"the kernel has no array or integer {name}")


Body = Callable[[Any, Number, Number], None]
"""What writes a kernel: it takes the memory, a first draw and a number of draws."""


class Kernel:
    """A kernel in machine code. Threads may call it at the same time."""

    _type = ctypes.CFUNCTYPE(
        ctypes.c_int32, *[ctypes.c_void_p] * 3, ctypes.c_uint64, ctypes.c_int64
    )

    def __init__(self, code: bytes, arrays: Declared, integers: tuple[str, ...]) -> None:
        self._arrays, self._integers = arrays, integers
        name, _, linkable = code.partition(b"\n")
        binding.initialize_native_target()
        binding.initialize_native_asmprinter()
        target = binding.Target.from_default_triple().create_target_machine()
        library = binding.JITLibraryBuilder().add_object_img(linkable).add_current_process()
        library = library.export_symbol(name.decode())
        # The machine code is there for as long as this is.
        self._library = library.link(binding.create_lljit_compiler(target), name.decode())
        self._call = self._type(self._library[name.decode()])

    def addresses(
        self, arrays: Mapping[str, npt.NDArray[Any]], integers: Mapping[str, int]
    ) -> dict[str, int]:
        """Return where arrays are, by name.

        Raises
        ------
        TypeError
            If one is not as it was declared.
        """
        for name, array in arrays.items():
            dtype, shape = self._arrays[name]
            wanted = sized(shape, integers)
            if (array.dtype, array.shape) != (dtype, wanted) or not array.flags.c_contiguous:
                raise TypeError(
                    f"{name}: {dtype} {wanted} expected, not {array.dtype} {array.shape}"
                )
        return {name: array.ctypes.data for name, array in arrays.items()}

    def __call__(
        self,
        arrays: Mapping[str, npt.NDArray[Any]],
        integers: Mapping[str, int],
        first: int,
        count: int,
    ) -> None:
        """Run on arrays; raises TypeError as `addresses` does."""
        self.run(self.addresses(arrays, integers), integers, first, count)

    def run(
        self, addresses: Mapping[str, int], integers: Mapping[str, int], first: int, count: int
    ) -> None:
        """Run on arrays that are where `addresses` said, and still there."""
        values = [addresses[name] for name in self._arrays]
        table = np.array(values + [integers[name] for name in self._integers], np.int64)
        # Where a function of numba would leave its result, and what it raised.
        nowhere = ctypes.byref(ctypes.c_void_p())
        self._call(nowhere, nowhere, table.ctypes.data, first, count)


def aligned(shape: tuple[int, ...], dtype: str) -> npt.NDArray[Any]:
    """Return an array of zeros that begins at a cache line: else half of all vectors cross one."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    memory = np.zeros(size + CACHE_LINE, np.uint8)
    start = -memory.ctypes.data % CACHE_LINE
    return memory[start : start + size].view(dtype).reshape(shape)


def compiled(
    body: Body, arrays: Declared, integers: Iterable[str] = (), name: str | None = None
) -> Kernel:
    """Compile a kernel, or with a name read it from the cache on disk where it is there.

    Parameters
    ----------
    body : callable
    arrays : dict
        What it finds in its memory.
    integers : iterable of str
        What it finds there besides the sizes of the arrays.
    name : str, optional
    """
    sizes = {size for _, shape in arrays.values() for size in shape if isinstance(size, str)}
    names = tuple(sorted(sizes | set(integers)))
    with _COMPILING:
        path = None if name is None else cached(name)
        code = None if path is None else _kept(path)
        if code is None:
            if path is not None:
                _log.info("Compiling the kernel, once (about %d s)", SECONDS)
            code = _machine_code(body, arrays, names)
            if path is not None:
                _keep(path, code)
        return Kernel(code, arrays, names)


_COMPILING = Lock()


def _machine_code(body: Body, arrays: Declared, integers: tuple[str, ...]) -> bytes:
    """Return what numba makes of a function whose only statement is the kernel, after its name."""
    # Here, as only who compiles needs it: loading numba is a good part of a short run.
    from numba import njit, types
    from numba.extending import intrinsic

    @intrinsic
    def emit(context: Any, table: Any, first: Any, count: Any) -> Any:
        def code(context: Any, builder: Any, sig: Any, values: Any) -> Any:
            before = _Now.builder, _Now.lane
            _Now.builder, _Now.lane = builder, 0
            try:
                table = builder.inttoptr(values[0], I64.as_pointer())
                body(Memory(table, arrays, integers), Number(values[1]), Number(values[2]))
            finally:
                _Now.builder, _Now.lane = before
            return context.get_dummy_value()

        return types.void(types.uint64, types.uint64, types.int64), code

    def simulate(table, first, count):  # type: ignore[no-untyped-def]
        emit(table, first, count)

    with _light_passes():
        jitted = njit(["void(uint64, uint64, int64)"], **FLAGS)(simulate)
    (made,) = jitted.overloads.values()
    linkable = made.library.serialize_using_object_code()[2][0]
    return bytes(made.fndesc.llvm_func_name.encode() + b"\n" + linkable)


@contextmanager
def _light_passes() -> Iterator[None]:
    """Have numba ask less of LLVM than for code that was not written with vectors.

    It saves a seventh of the time that a first call takes, and the kernel is as fast.
    """
    from numba import config

    names = ("OPT", "LOOP_VECTORIZE", "SLP_VECTORIZE")
    before = {name: getattr(config, name) for name in names}
    try:
        for name in names:
            setattr(config, name, 0)
        config.OPT = type(before["OPT"])(min(before["OPT"], 1))
        yield
    finally:
        for name, value in before.items():
            setattr(config, name, value)


# --- The cache on disk --------------------------------------------------------------------------
@cache
def _digest() -> str:
    """Return a digest of all that decides the code but for its name."""
    switches = {k: v for k, v in os.environ.items() if k.startswith("NUMBA_") and k != FOLDER}
    processor = binding.get_default_triple(), binding.get_host_cpu_name(), _FEATURES
    known = version("numba"), version("llvmlite"), *sorted(switches.items()), WIDTH, *processor
    digest = hashlib.sha256(repr(known).encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


FOLDER = "NUMBA_CACHE_DIR"
"""The environment variable that moves the cache."""


def cached(name: str) -> Path:
    """Return where a kernel's machine code is kept, named by all that decides it.

    That is: the kernels' sources, numba, its switches and the processor. numba's own cache would
    watch only the file of the jitted function, so an edited helper would leave stale code behind,
    that is, silently wrong numbers.
    """
    root = os.environ.get(FOLDER) or user_cache_path("forecaster")
    return Path(root) / f"kernels-{_digest()}" / name


def _seal(code: bytes) -> bytes:
    return hashlib.sha256(code).digest()


def _kept(path: Path) -> bytes | None:
    """Return the machine code of a file, unless there is none; a damaged one is deleted."""
    with suppress(OSError):
        kept = path.read_bytes()
        size = len(_seal(b""))
        if kept[:size] == _seal(kept[size:]):
            return kept[size:]
        _log.warning("Compiled code in %s is damaged: deleted, to be compiled again", path)
        path.unlink()
    return None


def _keep(path: Path, code: bytes) -> None:
    """Write a file as a whole, or say why it cannot be."""
    if path.parts[0] == "~":
        _say_not_kept(path.parent.parent, "the user has no home folder")
        return
    part = path.with_name(f"{path.name}-{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(_seal(code) + code)
        part.replace(path)
    except OSError as error:
        _say_not_kept(path.parent.parent, error.strerror)
        with suppress(OSError):
            part.unlink()


@cache
def _say_not_kept(folder: Path, why: str) -> None:
    """Warn, once in a process, that compiled code cannot be kept."""
    _log.warning(
        "Compiled code cannot be kept in %s (%s): every run compiles it anew, for some %d s. "
        "%s names another folder",
        *(folder, why, SECONDS, FOLDER),
    )
