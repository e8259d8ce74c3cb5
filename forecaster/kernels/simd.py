"""Sixteen draws at once: a vector type for the kernels, and the few operations they need.

LLVM turns a loop over draws into vector instructions only if it can prove a good deal about it, and
gives up in silence. Written with vectors, the inner loops are vector code by construction, on any
machine: registers that are shorter take several. Every operation is IEEE arithmetic, lane by lane,
without contraction, so the numbers do not depend on the machine.

The operations take scalars as well: all scalars give a scalar, and a scalar beside a vector stands
for equal lanes. ``+ - * /`` and comparisons work on float32 vectors as they do on float32.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typeconv import Conversion
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, lower_cast, models, register_model
from numba.np.arrayobj import populate_array

WIDTH = 16
"""Lanes of a vector: one 512-bit register of float32."""
CACHE_LINE = 64
"""Bytes that memory and caches exchange."""
EVERY = np.uint64(2**WIDTH - 1)
"""What `truths` makes of a vector that is true in every lane."""
WORD = 64
"""Lanes whose truths fill a word of bits."""

_I32 = ir.IntType(32)
_I64 = ir.IntType(64)
_F32 = ir.FloatType()


class Vector(types.Type):
    """`WIDTH` numbers, or truth values, of the scalar type `element`."""

    def __init__(self, element: Any) -> None:
        self.element = element
        super().__init__(f"Vector({element}, {WIDTH})")

    def can_convert_from(self, context: Any, other: Any) -> Any:
        """Let the scalar stand for equal lanes."""
        return Conversion.promote if other == self.element else None


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        element = manager.lookup(kind.element).get_value_type()
        super().__init__(manager, kind, ir.VectorType(element, WIDTH))


@lower_cast(types.Any, Vector)
def _spread(context: Any, builder: Any, source: Any, wanted: Any, value: Any) -> Any:
    kind = ir.VectorType(value.type, WIDTH)
    nothing = ir.Constant(kind, ir.Undefined)
    first = builder.insert_element(nothing, value, _I32(0))
    zeros = ir.Constant(ir.VectorType(_I32, WIDTH), [0] * WIDTH)
    return builder.shuffle_vector(first, nothing, zeros)


def _like(args: Any, element: Any) -> Any:
    """Return the type that `element` has in an operation with these arguments."""
    return Vector(element) if any(isinstance(arg, Vector) for arg in args) else element


def _operation(
    operand: Any, build: Callable[..., Any], result: Any = None, spread: int | None = None
) -> Callable[..., Any]:
    """Return the typing of an intrinsic: operands of one scalar type, or vectors of it.

    Parameters
    ----------
    operand : numba type
        Scalar type of the operands.
    build : callable
        Makes the instruction from the builder and the operands.
    result : numba type, optional
        Scalar type of the result, if another.
    """

    def typed(*args: Any) -> Any:
        kind = _like(args, operand)

        def code(context: Any, builder: Any, sig: Any, values: Any) -> Any:
            return build(builder, *values)

        return signature(_like(args, result or operand), *[kind] * len(args)), code

    return typed


def _llvm(name: str) -> Callable[..., Any]:
    """Return a builder of calls of an LLVM intrinsic, all operands and the result of one type."""

    def build(builder: Any, *values: Any) -> Any:
        kind = values[0].type
        vector = isinstance(kind, ir.VectorType)
        element = kind.element if vector else kind
        suffix = (f"v{WIDTH}" if vector else "") + ("f32" if element == _F32 else "i32")
        declared = ir.FunctionType(kind, [kind] * len(values))
        called = cgutils.get_or_insert_function(builder.module, declared, f"llvm.{name}.{suffix}")
        return builder.call(called, values)

    return build


def _as(kind: Any, method: str) -> Callable[..., Any]:
    """Return a builder of conversions to an LLVM scalar type, or vectors of it."""

    def build(builder: Any, value: Any) -> Any:
        vector = isinstance(value.type, ir.VectorType)
        return getattr(builder, method)(value, ir.VectorType(kind, WIDTH) if vector else kind)

    return build


_fma = _operation(types.float32, _llvm("fma"))
_sqrt = _operation(types.float32, _llvm("sqrt"))
_floor = _operation(types.float32, _llvm("floor"))
_larger = _operation(types.float32, lambda b, x, y: b.select(b.fcmp_ordered(">", x, y), x, y))
_smaller = _operation(types.float32, lambda b, x, y: b.select(b.fcmp_ordered("<", x, y), x, y))
_add = _operation(types.uint32, lambda b, x, y: b.add(x, y))
_xor = _operation(types.uint32, lambda b, x, y: b.xor(x, y))
_rotate = _operation(types.uint32, lambda b, x, n: _llvm("fshl")(b, x, x, n))
_shift_right = _operation(types.uint32, lambda b, x, n: b.lshr(x, n))
_and = _operation(types.uint32, lambda b, x, y: b.and_(x, y))
_or = _operation(types.uint32, lambda b, x, y: b.or_(x, y))
_shift_left = _operation(types.uint32, lambda b, x, n: b.shl(x, n))
_bits = _operation(types.float32, _as(_I32, "bitcast"), types.uint32)
_from_bits = _operation(types.uint32, _as(_F32, "bitcast"), types.float32)
_truncate = _operation(types.float32, _as(_I32, "fptosi"), types.uint32)
_to_float = _operation(types.uint32, _as(_F32, "sitofp"), types.float32)


@intrinsic
def fma(_: Any, x: Any, y: Any, z: Any) -> Any:
    """Return ``x * y + z`` with one rounding."""
    return _fma(x, y, z)


@intrinsic
def sqrt(_: Any, x: Any) -> Any:
    """Return the square root."""
    return _sqrt(x)


@intrinsic
def floor(_: Any, x: Any) -> Any:
    """Return the largest integer that is not larger, as a float."""
    return _floor(x)


@intrinsic
def larger(_: Any, x: Any, y: Any) -> Any:
    """Return the larger of two, and `y` where one of them is not a number."""
    return _larger(x, y)


@intrinsic
def smaller(_: Any, x: Any, y: Any) -> Any:
    """Return the smaller of two, and `y` where one of them is not a number."""
    return _smaller(x, y)


@intrinsic
def add(_: Any, x: Any, y: Any) -> Any:
    """Return the sum of two words, modulo 2**32."""
    return _add(x, y)


@intrinsic
def xor(_: Any, x: Any, y: Any) -> Any:
    """Return the exclusive or of two words."""
    return _xor(x, y)


@intrinsic
def both(_: Any, x: Any, y: Any) -> Any:
    """Return the bits that two words share."""
    return _and(x, y)


@intrinsic
def either(_: Any, x: Any, y: Any) -> Any:
    """Return the bits of two words together."""
    return _or(x, y)


@intrinsic
def rotate(_: Any, x: Any, n: Any) -> Any:
    """Rotate a word to the left by `n` bits."""
    return _rotate(x, n)


@intrinsic
def shift_right(_: Any, x: Any, n: Any) -> Any:
    """Shift a word to the right by `n` bits, zeros coming in."""
    return _shift_right(x, n)


@intrinsic
def shift_left(_: Any, x: Any, n: Any) -> Any:
    """Shift a word to the left by `n` bits."""
    return _shift_left(x, n)


@intrinsic
def bits(_: Any, x: Any) -> Any:
    """Return the bits of a float32 as a word."""
    return _bits(x)


@intrinsic
def from_bits(_: Any, x: Any) -> Any:
    """Return the float32 of these bits."""
    return _from_bits(x)


@intrinsic
def truncate(_: Any, x: Any) -> Any:
    """Return a float cut to an integer, as a word in two's complement."""
    return _truncate(x)


@intrinsic
def to_float(_: Any, x: Any) -> Any:
    """Return a word in two's complement as a float."""
    return _to_float(x)


@intrinsic
def select(_: Any, where: Any, x: Any, y: Any) -> Any:
    """Return `x` where a condition holds, else `y`."""
    element = next(getattr(arg, "element", arg) for arg in (x, y))
    kind = _like((where, x, y), element)
    condition = _like((where, x, y), types.boolean)

    def code(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        return builder.select(*values)

    return signature(kind, condition, kind, kind), code


@intrinsic
def equal(_: Any, x: Any, y: Any) -> Any:
    """Return whether two words are equal."""

    def code(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        return builder.icmp_unsigned("==", *values)

    kind = _like((x, y), types.uint32)
    return signature(_like((x, y), types.boolean), kind, kind), code


@intrinsic
def vector(_: Any, x: Any) -> Any:
    """Return a vector with `x` in every lane."""

    def code(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        return _spread(context, builder, x, sig.return_type, values[0])

    return signature(Vector(x), x), code


@intrinsic
def lanes(_: Any, first: Any) -> Any:
    """Return the vector ``first, first + 1, …`` of words, modulo 2**32."""

    def code(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        every = ir.Constant(ir.VectorType(_I32, WIDTH), list(range(WIDTH)))
        kind = sig.return_type
        return builder.add(_spread(context, builder, sig.args[0], kind, values[0]), every)

    return signature(Vector(types.uint32), types.uint32), code


@intrinsic
def below(_: Any, x: Any, y: Any) -> Any:
    """Return whether a word is smaller than another."""

    def code(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        return builder.icmp_unsigned("<", *values)

    kind = _like((x, y), types.uint32)
    return signature(_like((x, y), types.boolean), kind, kind), code


@intrinsic
def truths(_: Any, x: Any) -> Any:
    """Return a vector of truth values as the bits of a uint64, the first lane in the lowest."""

    def code(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        return builder.zext(builder.bitcast(values[0], ir.IntType(WIDTH)), _I64)

    return signature(types.uint64, Vector(types.boolean)), code


@intrinsic
def lowest(_: Any, x: Any) -> Any:
    """Return the place of the lowest bit that is set in a uint64 other than zero."""

    def code(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        place = builder.cttz(values[0], ir.Constant(ir.IntType(1), 1))
        return builder.trunc(place, _I32)

    return signature(types.uint32, types.uint64), code


@intrinsic
def drop_lowest(_: Any, x: Any) -> Any:
    """Return a uint64 without the lowest of its bits that is set."""

    def code(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        return builder.and_(values[0], builder.sub(values[0], _I64(1)))

    return signature(types.uint64, types.uint64), code


@intrinsic
def add_up(_: Any, x: Any) -> Any:
    """Return the sum of the lanes of a vector of words."""

    def code(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        declared = ir.FunctionType(_I32, [values[0].type])
        name = f"llvm.vector.reduce.add.v{WIDTH}i32"
        return builder.call(cgutils.get_or_insert_function(builder.module, declared, name), values)

    return signature(types.uint32, Vector(types.uint32)), code


def _address(context: Any, builder: Any, sig: Any, values: Any, element: Any) -> Any:
    kind, index = sig.args[:2]
    array = context.make_array(kind)(context, builder, values[0])
    each = [
        context.cast(builder, value, of, types.intp)
        for value, of in zip(cgutils.unpack_tuple(builder, values[1]), index, strict=True)
    ]
    pointer = cgutils.get_item_pointer2(
        context,
        builder,
        array.data,
        cgutils.unpack_tuple(builder, array.shape),
        cgutils.unpack_tuple(builder, array.strides),
        kind.layout,
        each,
    )
    return builder.bitcast(pointer, ir.VectorType(element, WIDTH).as_pointer())


def _word_of(array: Any) -> Any:
    """Return the type of a vector from an array: floats, or 32-bit integers as words."""
    if array.layout != "C" or array.dtype.bitwidth != 32:
        raise TypeError(f"vectors come from C-contiguous arrays of 32-bit numbers, not {array}")
    return types.float32 if array.dtype == types.float32 else types.uint32


@intrinsic
def load(_: Any, array: Any, index: Any) -> Any:
    """Return `WIDTH` neighbours on the last axis of an array, the first of them at `index`."""
    element = _word_of(array)

    def code(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        scalar = _F32 if element == types.float32 else _I32
        return builder.load(_address(context, builder, sig, values, scalar), align=4)

    return signature(Vector(element), array, index), code


@intrinsic
def store(_: Any, array: Any, index: Any, vector: Any) -> Any:
    """Write a vector to `WIDTH` neighbours on the last axis of an array."""
    element = _word_of(array)

    def code(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        scalar = _F32 if element == types.float32 else _I32
        builder.store(values[2], _address(context, builder, sig, values, scalar), align=4)
        return context.get_dummy_value()

    return signature(types.void, array, index, Vector(element)), code


@intrinsic
def zeros(_: Any, shape: Any, kind: Any) -> Any:
    """Return an array of zeros whose first number begins a cache line.

    A vector that reaches from one line into the next costs as much as two, and numba's own arrays
    begin at any 32 bytes: some processes then take a fifth longer than others.
    """
    made = types.Array(kind.dtype, len(shape), "C")

    def code(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        given = zip(cgutils.unpack_tuple(builder, values[0]), shape, strict=True)
        lengths = [context.cast(builder, value, of, types.intp) for value, of in given]
        strides = [context.get_constant(types.intp, kind.dtype.bitwidth // 8)]
        for length in reversed(lengths):
            strides.insert(0, builder.mul(strides[0], length))
        line = context.get_constant(types.uint32, CACHE_LINE)
        memory = context.nrt.meminfo_alloc_aligned(builder, strides[0], line)
        data = context.nrt.meminfo_data(builder, memory)
        cgutils.memset(builder, data, strides[0], 0)
        array = context.make_array(made)(context, builder)
        populate_array(
            array,
            data=builder.bitcast(data, array.data.type),
            shape=cgutils.pack_array(builder, lengths),
            strides=cgutils.pack_array(builder, strides[1:]),
            itemsize=strides[-1],
            meminfo=memory,
        )
        return array._getvalue()

    return signature(made, shape, kind), code


@intrinsic
def borrow(_: Any, arrays: Any) -> Any:
    """Return a tuple of arrays that does not count references to them.

    numba counts them, with an atomic operation, whenever an array is taken out of a tuple: in loops
    as tight as ours a quarter of the time. Somebody must hold the arrays for as long as they are in
    use: the caller of a function holds its arguments, and `keep` what the function made.
    """

    def code(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        whole = values[0]
        for place, kind in enumerate(arrays.types):
            if isinstance(kind, types.Array):
                value = builder.extract_value(whole, place)
                array = context.make_array(kind)(context, builder, value)
                array.meminfo = cgutils.get_null_value(array.meminfo.type)
                whole = builder.insert_value(whole, array._getvalue(), place)
        return whole

    return signature(arrays, arrays), code


@intrinsic
def keep(_: Any, held: Any) -> Any:
    """Hold arrays up to here, though nothing else is done with them."""

    def code(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        return context.get_dummy_value()

    return signature(types.void, held), code


@intrinsic
def prefetch(_: Any, array: Any, index: Any, count: Any) -> Any:
    """Ask for `count` numbers, from the start of the part of a C-contiguous array at `index`."""
    words = 64 // (array.dtype.bitwidth // 8)

    def code(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        whole = types.UniTuple(types.intp, array.ndim)
        zero = context.get_constant(types.intp, 0)
        given = cgutils.unpack_tuple(builder, values[1])
        start = [context.cast(builder, v, k, types.intp) for v, k in zip(given, index, strict=True)]
        start += [zero] * (array.ndim - len(start))
        place = context.make_tuple(builder, whole, start)
        first = signature(types.void, array, whole)
        pointer = _address(context, builder, first, [values[0], place], _I32)
        kinds = [pointer.type, _I32, _I32, _I32]
        called = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(ir.VoidType(), kinds), "llvm.prefetch.p0"
        )
        step = context.get_constant(types.intp, words)
        stop = context.cast(builder, values[2], count, types.intp)
        line = builder.bitcast(pointer, ir.VectorType(_I32, WIDTH).as_pointer())
        with cgutils.for_range_slice(builder, zero, stop, step, stop.type) as (k, _):
            at = builder.gep(line, [builder.udiv(k, step)])
            # To be written, to stay in all caches, data.
            builder.call(called, [at, _I32(1), _I32(3), _I32(1)])
        return context.get_dummy_value()

    return signature(types.void, array, index, count), code


@intrinsic
def store_some(_: Any, array: Any, index: Any, vector: Any, where: Any) -> Any:
    """Write the lanes of a float vector for which a condition holds."""

    def code(context: Any, builder: Any, sig: Any, values: Any) -> Any:
        pointer = _address(context, builder, sig, values, _F32)
        kinds = [values[2].type, pointer.type, _I32, values[3].type]
        name = f"llvm.masked.store.v{WIDTH}f32.p0"
        called = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(ir.VoidType(), kinds), name
        )
        builder.call(called, [values[2], pointer, _I32(4), values[3]])
        return context.get_dummy_value()

    kinds = Vector(types.float32), Vector(types.boolean)
    return signature(types.void, array, index, *kinds), code


def _let_operators_work() -> None:
    """Teach numba ``+ - * /`` and comparisons of float32 vectors."""
    number, truth = Vector(types.float32), Vector(types.boolean)
    builders: dict[Any, tuple[Any, Callable[..., Any]]] = {
        operator.add: (number, lambda b, x, y: b.fadd(x, y)),
        operator.sub: (number, lambda b, x, y: b.fsub(x, y)),
        operator.mul: (number, lambda b, x, y: b.fmul(x, y)),
        operator.truediv: (number, lambda b, x, y: b.fdiv(x, y)),
        operator.lt: (truth, lambda b, x, y: b.fcmp_ordered("<", x, y)),
        operator.le: (truth, lambda b, x, y: b.fcmp_ordered("<=", x, y)),
        operator.gt: (truth, lambda b, x, y: b.fcmp_ordered(">", x, y)),
    }
    for key, (result, build) in builders.items():
        _teach(key, result, build, number)
        in_place = {
            operator.add: operator.iadd,
            operator.sub: operator.isub,
            operator.mul: operator.imul,
        }.get(key)
        if in_place is not None:
            _teach(in_place, result, build, number)


def _teach(key: Any, result: Any, build: Callable[..., Any], operand: Any) -> None:
    def generic(self: Any, args: Any, kws: Any) -> Any:
        vectors = any(isinstance(arg, Vector) for arg in args)
        return signature(result, operand, operand) if vectors else None

    infer_global(key)(type("VectorOperator", (AbstractTemplate,), {"generic": generic}))
    lower_builtin(key, Vector, Vector)(lambda context, builder, sig, args: build(builder, *args))


_let_operators_work()
