"""The operations of `vector_ops` as machine code, by numba's documented extension points.

A vector is LLVM's <4 x double>. The compiler may not reorder any sum; `fma` is one
rounding where the processor has it and two where it has not, and nothing else is fused. So
a lane's bits do not depend on how its kernel was compiled around it.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic, lower_builtin, models, register_model, type_callable

from mnexcite.engine.vector_ops import WIDTH

_I1, _I32, _I64 = (ir.IntType(bits) for bits in (1, 32, 64))
_VECTOR = ir.VectorType(ir.DoubleType(), WIDTH)
_WHOLE = ir.VectorType(_I32, WIDTH)
_BITS = ir.VectorType(_I64, WIDTH)
_LANES = range(WIDTH)


class VectorType(types.Type):
    """The numba type of four doubles."""

    def __init__(self) -> None:
        super().__init__(name="double4")


vector = VectorType()
integers = types.UniTuple(types.int64, WIDTH)


@register_model(VectorType)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: VectorType) -> None:
        super().__init__(dmm, fe_type, _VECTOR)


def _spread(builder: Any, x: Any) -> Any:
    first = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), x, ir.Constant(_I32, 0))
    return builder.shuffle_vector(
        first, ir.Constant(_VECTOR, ir.Undefined), ir.Constant(_WHOLE, [0] * WIDTH)
    )


def _arithmetic(operation: Callable[..., Any], instruction: str) -> None:
    @type_callable(operation)
    def typing(context: Any) -> Any:
        def answer(a: Any, b: Any) -> Any:
            if vector in (a, b) and all(t in (vector, types.float64) for t in (a, b)):
                return vector
            return None

        return answer

    for kinds in ((vector, vector), (vector, types.float64), (types.float64, vector)):

        @lower_builtin(operation, *kinds)
        def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            a, b = (
                value if kind is vector else _spread(builder, value)
                for kind, value in zip(sig.args, args, strict=True)
            )
            return getattr(builder, instruction)(a, b)


for _operation, _instruction in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _arithmetic(_operation, _instruction)


def _at(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    data = context.make_array(kind)(context, builder, array).data
    return builder.gep(data, [index])


def _load(builder: Any, pointer: Any) -> Any:
    return builder.load(builder.bitcast(pointer, _VECTOR.as_pointer()), align=8)


def _mask(builder: Any, lanes: Any) -> Any:
    return builder.zext(builder.bitcast(lanes, ir.IntType(WIDTH)), _I64)


def _both(builder: Any, args: Any, *kinds: Any) -> list[Any]:
    return [
        value if kind is vector else _spread(builder, value)
        for kind, value in zip(kinds, args, strict=True)
    ]


@intrinsic
def load(typing, array, at):
    """See `vector_ops.load`."""

    def code(context, builder, sig, args):
        return _load(builder, _at(context, builder, sig.args[0], args[0], args[1]))

    return vector(array, types.int64), code


@intrinsic
def store(typing, array, at, x):
    """See `vector_ops.store`."""

    def code(context, builder, sig, args):
        pointer = _at(context, builder, sig.args[0], args[0], args[1])
        builder.store(args[2], builder.bitcast(pointer, _VECTOR.as_pointer()), align=8)
        return context.get_dummy_value()

    return types.void(array, types.int64, vector), code


@intrinsic
def fill(typing, x):
    """See `vector_ops.fill`."""
    return vector(types.float64), lambda context, builder, sig, args: _spread(builder, args[0])


@intrinsic
def gather(typing, array, at, offsets):
    """See `vector_ops.gather`."""

    def code(context, builder, sig, args):
        out = ir.Constant(_VECTOR, ir.Undefined)
        for lane in _LANES:
            index = builder.add(args[1], builder.extract_value(args[2], lane))
            value = builder.load(_at(context, builder, sig.args[0], args[0], index))
            out = builder.insert_element(out, value, ir.Constant(_I32, lane))
        return out

    return vector(array, types.int64, integers), code


@intrinsic
def fma(typing, a, b, c):
    """See `vector_ops.fma`."""

    def code(context, builder, sig, args):
        kind = ir.FunctionType(_VECTOR, [_VECTOR] * 3)
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.fmuladd.v4f64")
        return builder.call(function, _both(builder, args, *sig.args))

    return vector(a, b, c), code


@intrinsic
def clamp(typing, x, low, high):
    """See `vector_ops.clamp`."""

    def code(context, builder, sig, args):
        x, low, high = _both(builder, args, vector, types.float64, types.float64)
        x = builder.select(builder.fcmp_ordered(">", x, low), x, low)
        return builder.select(builder.fcmp_ordered("<", x, high), x, high)

    return vector(vector, types.float64, types.float64), code


def _integers(context: Any, builder: Any, lanes: Any) -> Any:
    values = [builder.extract_element(lanes, ir.Constant(_I32, lane)) for lane in _LANES]
    values = [value if value.type == _I64 else builder.sext(value, _I64) for value in values]
    return context.make_tuple(builder, integers, values)


@intrinsic
def whole(typing, x):
    """See `vector_ops.whole`."""

    def code(context, builder, sig, args):
        return _integers(context, builder, builder.fptosi(args[0], _WHOLE))

    return integers(vector), code


@intrinsic
def fraction(typing, x):
    """See `vector_ops.fraction`."""

    def code(context, builder, sig, args):
        below = builder.sitofp(builder.fptosi(args[0], _WHOLE), _VECTOR)
        return builder.fsub(args[0], below)

    return vector(vector), code


@intrinsic
def octave_rows(typing, x, shift, bias):
    """See `vector_ops.octave_rows`."""

    def code(context, builder, sig, args):
        bits = builder.bitcast(args[0], _BITS)
        values = []
        for lane in _LANES:
            value = builder.extract_element(bits, ir.Constant(_I32, lane))
            values.append(builder.sub(builder.lshr(value, args[1]), args[2]))
        return context.make_tuple(builder, integers, values)

    return integers(vector, types.int64, types.int64), code


@intrinsic
def octave_fraction(typing, x, shift):
    """See `vector_ops.octave_fraction`."""

    def code(context, builder, sig, args):
        # the other mantissa bits, moved to the front under the exponent of 1: 1 + fraction
        bits = builder.bitcast(args[0], _BITS)
        one = ir.Constant(_I64, 0x3FF0000000000000)
        left = builder.sub(ir.Constant(_I64, 52), args[1])
        lanes = ir.Constant(_BITS, ir.Undefined)
        for lane in _LANES:
            place = ir.Constant(_I32, lane)
            value = builder.shl(builder.extract_element(bits, place), left)
            value = builder.and_(value, ir.Constant(_I64, (1 << 52) - 1))
            lanes = builder.insert_element(lanes, builder.or_(value, one), place)
        return builder.fsub(
            builder.bitcast(lanes, _VECTOR), ir.Constant(_VECTOR, [1.0] * WIDTH)
        )

    return vector(vector, types.int64), code


@intrinsic
def columns(typing, table, rows, column):
    """See `vector_ops.columns`: four loads and a transposition."""
    answer = types.UniTuple(vector, WIDTH)

    def code(context, builder, sig, args):
        rows = []
        for lane in _LANES:
            index = builder.add(builder.extract_value(args[1], lane), args[2])
            rows.append(_load(builder, _at(context, builder, sig.args[0], args[0], index)))

        def shuffle(a, b, order):
            return builder.shuffle_vector(a, b, ir.Constant(_WHOLE, order))

        even, odd = [0, 4, 2, 6], [1, 5, 3, 7]
        low, high = [0, 1, 4, 5], [2, 3, 6, 7]
        pairs = [shuffle(rows[i], rows[i + 1], order) for i in (0, 2) for order in (even, odd)]
        turned = [shuffle(pairs[i], pairs[i + 2], half) for half in (low, high) for i in (0, 1)]
        return context.make_tuple(builder, answer, turned)

    return answer(table, integers, types.int64), code


@intrinsic
def crossed(typing, old, new, threshold):
    """See `vector_ops.crossed`."""

    def code(context, builder, sig, args):
        old, new, level = _both(builder, args, vector, vector, types.float64)
        before = builder.fcmp_ordered("<", old, level)
        return _mask(builder, builder.and_(before, builder.fcmp_ordered(">=", new, level)))

    return types.int64(vector, vector, types.float64), code


@intrinsic
def below(typing, x, level):
    """See `vector_ops.below`."""

    def code(context, builder, sig, args):
        x, level = _both(builder, args, vector, types.float64)
        return _mask(builder, builder.fcmp_ordered("<", x, level))

    return types.int64(vector, types.float64), code


@intrinsic
def outside(typing, x, low, high):
    """See `vector_ops.outside`."""

    def code(context, builder, sig, args):
        x, low, high = _both(builder, args, vector, types.float64, types.float64)
        above = builder.fcmp_ordered(">", x, low)
        inside = builder.and_(above, builder.fcmp_ordered("<", x, high))
        return _mask(builder, builder.not_(inside))

    return types.int64(vector, types.float64, types.float64), code


@intrinsic
def minus_expm1(typing, x):
    """See `vector_ops.minus_expm1`."""

    def code(context, builder, sig, args):
        expm1 = context.get_function(math.expm1, types.float64(types.float64))
        out = args[0]
        for lane in _LANES:
            place = ir.Constant(_I32, lane)
            value = builder.fneg(builder.extract_element(args[0], place))
            value = builder.fneg(expm1(builder, [value]))
            out = builder.insert_element(out, value, place)
        return out

    return vector(vector), code


@intrinsic
def quotient(typing, a, b, otherwise):
    """See `vector_ops.quotient`."""

    def code(context, builder, sig, args):
        a, b, otherwise = _both(builder, args, vector, vector, types.float64)
        good = builder.fcmp_ordered(">", b, ir.Constant(_VECTOR, [1e-12] * WIDTH))
        return builder.select(good, builder.fdiv(a, b), otherwise)

    return vector(vector, vector, types.float64), code
