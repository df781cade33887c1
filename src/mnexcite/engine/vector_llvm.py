"""The operations of `vector_ops` as machine code, by numba's documented extension points.

A vector is LLVM's <4 x double>. The compiler may not reorder any sum; `fma` is one
rounding where the processor has it and two where it has not, and nothing else is fused. So
a lane's bits do not depend on how its kernel was compiled around it.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic, lower_builtin, models, register_model, type_callable

from mnexcite.engine.vector_ops import EIGHTH, EXPONENT, WIDTH

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
        return _fused(builder, *_both(builder, args, *sig.args))

    return vector(a, b, c), code


@intrinsic
def clamp(typing, x, low, high):
    """See `vector_ops.clamp`."""

    def code(context, builder, sig, args):
        return _clamped(builder, *args)

    return vector(vector, types.float64, types.float64), code


def _clamped(builder: Any, x: Any, low: Any, high: Any) -> Any:
    low, high = _spread(builder, low), _spread(builder, high)
    x = builder.select(builder.fcmp_ordered(">", x, low), x, low)
    return builder.select(builder.fcmp_ordered("<", x, high), x, high)


def _rows(context: Any, builder: Any, lanes: Any, starts: Any, width: Any) -> Any:
    """Return start + row width of each lane."""
    rows = []
    for lane in _LANES:
        row = builder.extract_element(lanes, ir.Constant(_I32, lane))
        row = row if row.type == _I64 else builder.sext(row, _I64)
        start = builder.extract_value(starts, lane)
        rows.append(builder.add(start, builder.mul(row, width)))
    return context.make_tuple(builder, integers, rows)


@intrinsic
def row_starts(typing, array, at):
    """See `vector_ops.row_starts`."""

    def code(context, builder, sig, args):
        values = []
        for lane in _LANES:
            index = builder.add(args[1], ir.Constant(_I64, lane))
            values.append(builder.load(_at(context, builder, sig.args[0], args[0], index)))
        return context.make_tuple(builder, integers, values)

    return integers(array, types.int64), code


@intrinsic
def locate(typing, x, lowest, scale, last, starts, width):
    """See `vector_ops.locate`."""
    real, answer = types.float64, types.Tuple((integers, vector))

    def code(context, builder, sig, args):
        x, lowest, scale, last, starts, width = args
        x = builder.fmul(builder.fsub(x, _spread(builder, lowest)), _spread(builder, scale))
        x = _clamped(builder, x, ir.Constant(ir.DoubleType(), 0.0), last)
        row = builder.fptosi(x, _WHOLE)
        place = builder.fsub(x, builder.sitofp(row, _VECTOR))
        rows = _rows(context, builder, row, starts, width)
        return context.make_tuple(builder, answer, [rows, place])

    return answer(vector, real, real, real, integers, types.int64), code


@intrinsic
def locate_octave(typing, x, lowest, highest, shift, bias, parts, starts, width):
    """See `vector_ops.locate_octave`."""
    real, whole = types.float64, types.int64
    answer = types.Tuple((integers, vector, vector))

    def code(context, builder, sig, args):
        x, lowest, highest, shift, bias, parts, starts, width = args

        def spread(number):
            lanes = ir.Constant(_BITS, ir.Undefined)
            for lane in _LANES:
                lanes = builder.insert_element(lanes, number, ir.Constant(_I32, lane))
            return lanes

        def constant(number):
            return ir.Constant(_BITS, [number] * WIDTH)

        bits = builder.bitcast(_clamped(builder, x, lowest, highest), _BITS)
        row = builder.sub(builder.lshr(bits, spread(shift)), spread(bias))
        rows = _rows(context, builder, row, starts, width)
        # the other mantissa bits, moved to the front under the exponent of 1: 1 + place
        left = builder.sub(ir.Constant(_I64, 52), shift)
        front = builder.and_(builder.shl(bits, spread(left)), constant((1 << 52) - 1))
        front = builder.or_(front, constant(0x3FF0000000000000))
        one = ir.Constant(_VECTOR, [1.0] * WIDTH)
        place = builder.fsub(builder.bitcast(front, _VECTOR), one)
        octave = builder.bitcast(builder.and_(bits, constant(EXPONENT)), _VECTOR)
        scale = builder.fdiv(_spread(builder, builder.sitofp(parts, ir.DoubleType())), octave)
        return context.make_tuple(builder, answer, [rows, place, scale])

    return answer(vector, real, real, whole, whole, whole, integers, whole), code


@intrinsic(prefer_literal=True)
def load_all(typing, array, at, count):
    """See `vector_ops.load_all`."""
    if not isinstance(count, types.IntegerLiteral):
        return None
    number = count.literal_value
    answer = types.UniTuple(vector, number)

    def code(context, builder, sig, args):
        values = []
        for k in range(number):
            index = builder.add(args[1], ir.Constant(_I64, WIDTH * k))
            values.append(_load(builder, _at(context, builder, sig.args[0], args[0], index)))
        return context.make_tuple(builder, answer, values)

    return answer(array, types.int64, count), code


def _members(builder: Any, pack: Any, kind: Any) -> list[Any]:
    return [builder.extract_value(pack, k) for k in range(kind.count)]


@intrinsic
def store_all(typing, array, at, xs):
    """See `vector_ops.store_all`."""

    def code(context, builder, sig, args):
        for k, x in enumerate(_members(builder, args[2], sig.args[2])):
            index = builder.add(args[1], ir.Constant(_I64, WIDTH * k))
            pointer = _at(context, builder, sig.args[0], args[0], index)
            builder.store(x, builder.bitcast(pointer, _VECTOR.as_pointer()), align=8)
        return context.get_dummy_value()

    return types.void(array, types.int64, xs), code


@intrinsic
def add_all(typing, xs, weight, array, at):
    """See `vector_ops.add_all`."""

    def code(context, builder, sig, args):
        (weight,) = _both(builder, args[1:2], sig.args[1])
        sums = []
        for k, x in enumerate(_members(builder, args[0], sig.args[0])):
            index = builder.add(args[3], ir.Constant(_I64, WIDTH * k))
            y = _load(builder, _at(context, builder, sig.args[2], args[2], index))
            sums.append(_fused(builder, y, weight, x))
        return context.make_tuple(builder, sig.return_type, sums)

    return xs(xs, weight, array, types.int64), code


@intrinsic
def choose_all(typing, x, limit, a, b):
    """See `vector_ops.choose_all`."""

    def code(context, builder, sig, args):
        x, limit = _both(builder, args[:2], *sig.args[:2])
        first = builder.fcmp_ordered("<=", x, limit)
        pairs = zip(*(_members(builder, args[i], sig.args[i]) for i in (2, 3)), strict=True)
        chosen = [builder.select(first, *pair) for pair in pairs]
        return context.make_tuple(builder, sig.return_type, chosen)

    return a(x, limit, a, b), code


@intrinsic
def square_sum(typing, xs, weights):
    """See `vector_ops.square_sum`."""

    def code(context, builder, sig, args):
        total = ir.Constant(_VECTOR, [0.0] * WIDTH)
        for k, x in enumerate(_members(builder, args[0], sig.args[0])):
            pointer = _at(context, builder, sig.args[1], args[1], ir.Constant(_I64, k))
            scaled = builder.fmul(x, _spread(builder, builder.load(pointer)))
            total = _fused(builder, scaled, scaled, total)
        return total

    return vector(xs, weights), code


def _fused(builder: Any, a: Any, b: Any, c: Any) -> Any:
    kind = ir.FunctionType(c.type, [c.type] * 3)
    name = f"llvm.fmuladd.v{c.type.count}f64"
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [a, b, c])


def _turned(builder: Any, rows: list[Any]) -> list[Any]:
    """Return the columns of four vectors."""

    def shuffle(a: Any, b: Any, order: list[int]) -> Any:
        return builder.shuffle_vector(a, b, ir.Constant(_WHOLE, order))

    even, odd = [0, 4, 2, 6], [1, 5, 3, 7]
    low, high = [0, 1, 4, 5], [2, 3, 6, 7]
    pairs = [shuffle(rows[i], rows[i + 1], order) for i in (0, 2) for order in (even, odd)]
    return [shuffle(pairs[i], pairs[i + 2], half) for half in (low, high) for i in (0, 1)]


def _coefficients(context: Any, builder: Any, sig: Any, args: Any, count: int) -> Iterator[Any]:
    """Return each lane's place in its row, and its group's coefficients there."""
    for lane in _LANES:
        row = builder.add(builder.extract_value(args[1], lane), args[2])
        c = []
        for i in range(count):
            at = builder.add(row, ir.Constant(_I64, 4 * i))
            c.append(_load(builder, _at(context, builder, sig.args[0], args[0], at)))
        undefined = ir.Constant(_VECTOR, ir.Undefined)
        spread = ir.Constant(_WHOLE, [lane] * WIDTH)
        yield builder.shuffle_vector(args[3], undefined, spread), c


def _looked_up(
    context: Any, builder: Any, sig: Any, args: Any, count: int, sloped: bool
) -> list[Any]:
    """Return values, and slopes, of a group: each lane evaluates all, then lanes turn."""
    values, slopes = [], []
    for x, c in _coefficients(context, builder, sig, args, count):
        value, slope = c[-1], None
        for lower in reversed(c[:-1]):
            if sloped:
                slope = value if slope is None else _fused(builder, x, slope, value)
            value = _fused(builder, x, value, lower)
        values.append(value)
        slopes.append(slope)
    answer = _turned(builder, values)
    if sloped:
        (scale,) = _both(builder, args[4:], sig.args[4])
        answer += [builder.fmul(slope, scale) for slope in _turned(builder, slopes)]
    return answer


def _curves(count: int) -> Callable[..., Any]:
    answer = types.UniTuple(vector, 4)

    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        values = _looked_up(context, builder, sig, args, count, sloped=False)
        return context.make_tuple(builder, answer, values)

    return code


def _sloped_curves(count: int) -> Callable[..., Any]:
    answer = types.UniTuple(vector, 8)

    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        values = _looked_up(context, builder, sig, args, count, sloped=True)
        return context.make_tuple(builder, answer, values)

    return code


@intrinsic
def cubics(typing, table, rows, column, u):
    """See `vector_ops.cubics`."""
    return types.UniTuple(vector, 4)(table, integers, types.int64, vector), _curves(4)


@intrinsic
def quintics(typing, table, rows, column, u):
    """See `vector_ops.quintics`."""
    return types.UniTuple(vector, 4)(table, integers, types.int64, vector), _curves(6)


@intrinsic
def lines(typing, table, rows, column, u):
    """See `vector_ops.lines`."""
    answer = types.UniTuple(vector, 4)

    def code(context, builder, sig, args):
        found = _coefficients(context, builder, sig, args, 2)
        values = [_fused(builder, x, c[1], c[0]) for x, c in found]
        return context.make_tuple(builder, answer, _turned(builder, values))

    return answer(table, integers, types.int64, vector), code


@intrinsic
def sloped_cubics(typing, table, rows, column, u, scale):
    """See `vector_ops.sloped_cubics`."""
    answer = types.UniTuple(vector, 8)
    return answer(table, integers, types.int64, vector, scale), _sloped_curves(4)


@intrinsic
def sloped_quintics(typing, table, rows, column, u, scale):
    """See `vector_ops.sloped_quintics`."""
    answer = types.UniTuple(vector, 8)
    return answer(table, integers, types.int64, vector, scale), _sloped_curves(6)


@intrinsic
def choose(typing, x, limit, a, b):
    """See `vector_ops.choose`."""

    def code(context, builder, sig, args):
        x, limit, a, b = _both(builder, args, *sig.args)
        return builder.select(builder.fcmp_ordered("<=", x, limit), a, b)

    return vector(vector, limit, a, b), code


@intrinsic
def least(typing, a, b):
    """See `vector_ops.least`."""

    def code(context, builder, sig, args):
        a, b = _both(builder, args, *sig.args)
        return builder.select(builder.fcmp_ordered("<", a, b), a, b)

    return vector(a, b), code


@intrinsic
def greatest(typing, a, b):
    """See `vector_ops.greatest`."""

    def code(context, builder, sig, args):
        a, b = _both(builder, args, *sig.args)
        return builder.select(builder.fcmp_ordered(">", a, b), a, b)

    return vector(a, b), code


@intrinsic
def inverse_root(typing, x):
    """See `vector_ops.inverse_root`."""

    def code(context, builder, sig, args):
        kind = ir.FunctionType(_VECTOR, [_VECTOR])
        name = f"llvm.sqrt.v{WIDTH}f64"
        root = builder.call(
            cgutils.get_or_insert_function(builder.module, kind, name), list(args)
        )
        return builder.fdiv(ir.Constant(_VECTOR, [1.0] * WIDTH), root)

    return vector(vector), code


@intrinsic
def inverse_eighth_root(typing, x):
    """See `vector_ops.inverse_eighth_root`."""

    def code(context, builder, sig, args):
        bits = builder.lshr(builder.bitcast(args[0], _BITS), ir.Constant(_BITS, [3] * WIDTH))
        return builder.bitcast(builder.sub(ir.Constant(_BITS, [EIGHTH] * WIDTH), bits), _VECTOR)

    return vector(vector), code


def _compared(operator: str) -> Callable[..., Any]:
    def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        x, limit = _both(builder, args, *sig.args)
        return _mask(builder, builder.fcmp_ordered(operator, x, limit))

    return code


@intrinsic
def at_most(typing, x, limit):
    """See `vector_ops.at_most`."""
    return types.int64(vector, limit), _compared("<=")


@intrinsic
def at_least(typing, x, limit):
    """See `vector_ops.at_least`."""
    return types.int64(vector, limit), _compared(">=")


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
    return types.int64(vector, level), _compared("<")


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
