"""The operations of `vector_ops` as LLVM instructions, on vectors of any number of lanes.

The compiler may not reorder any sum; `fma` is one rounding where the processor has it and two
where it has not, and nothing else is fused. So a lane's bits do not depend on how its kernel
was compiled around it.
"""

# what each operation means stands in `vector_ops`
# ruff: noqa: D102

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from llvmlite import ir

from mnexcite.kernels.vector_ops import EIGHTH, EXPONENT, GROUP

I1, I32, I64, F64 = ir.IntType(1), ir.IntType(32), ir.IntType(64), ir.DoubleType()
MANTISSA, ONE = (1 << 52) - 1, 0x3FF0000000000000  # bits of a float's fraction, and of 1.0


@dataclass(frozen=True)
class Value:
    """Hold a value of an LLVM type: `real`, `whole`, `truth` or `vector`."""

    kind: str
    ir: Any


@dataclass(frozen=True)
class Array:
    """Hold an array: where its numbers of a kind are, side by side, and its sizes."""

    element: str
    data: Any
    sizes: tuple[Any, ...]


#: A pack is a tuple of values.
Pack = tuple[Value, ...]


# there is one of each constant, which keeps the text that it is printed as
@cache
def whole(number: int) -> Any:
    """Return a constant."""
    return ir.Constant(I64, number)


@cache
def _at(lane: int) -> Any:
    return ir.Constant(I32, lane)


@cache
def _order(*lanes: int) -> Any:
    return ir.Constant(ir.VectorType(I32, len(lanes)), lanes)


@cache
def _undefined(kind: Any) -> Any:
    return ir.Constant(kind, ir.Undefined)


def call(builder: Any, name: str, kind: Any, *args: Any) -> Any:
    """Call an intrinsic, or a function of the C library, whose arguments are of its `kind`."""
    found = builder.module.globals.get(name)
    if found is None:
        found = ir.Function(builder.module, ir.FunctionType(kind, [kind] * len(args)), name)
    return builder.call(found, args)


class VectorCode:
    """Print operations into a builder; the names are those of `vector_ops`."""

    def __init__(self, builder: Any, width: int, apart: bool = False) -> None:
        self.builder, self.width, self.apart = builder, width, apart
        self.type = ir.VectorType(F64, width)
        self.bits = ir.VectorType(I64, width)

    # memory ----------------------------------------------------------------------
    def load(self, array: Array, at: Value) -> Value:
        return self._vector(self._read(self._place(array, at.ir), self.type))

    def store(self, array: Array, at: Value, x: Value) -> None:
        self._write(self._place(array, at.ir), self.lanes(x))

    def load_all(self, array: Array, at: Value, count: Value) -> Pack:
        return tuple(self.load(array, self._after(at, k)) for k in range(count.ir.constant))

    def store_all(self, array: Array, at: Value, xs: Pack) -> None:
        for k, x in enumerate(xs):
            self.store(array, self._after(at, k), x)

    def add_all(self, xs: Pack, weight: Value, array: Array, at: Value) -> Pack:
        return tuple(
            self.fma(self.load(array, self._after(at, k)), weight, x) for k, x in enumerate(xs)
        )

    def gather(self, array: Array, at: Value, offsets: Pack) -> Value:
        places = [self.builder.add(at.ir, offset.ir) for offset in offsets]
        return self._collected(
            [self.builder.load(self._place(array, place)) for place in places]
        )

    def row_starts(self, array: Array, at: Value) -> Pack:
        places = [self.builder.add(at.ir, whole(lane)) for lane in range(self.width)]
        return tuple(
            Value("whole", self.builder.load(self._place(array, place))) for place in places
        )

    # arithmetic ------------------------------------------------------------------
    def fill(self, x: Value) -> Value:
        return self._vector(self.lanes(x))

    def fma(self, a: Value, b: Value, c: Value) -> Value:
        return self._vector(self._fused(*map(self.lanes, (a, b, c))))

    def square_sum(self, xs: Pack, weights: Array) -> Value:
        total = self._constant(0.0)
        for k, x in enumerate(xs):
            weight = self.builder.load(self._place(weights, whole(k)))
            scaled = self.builder.fmul(self.lanes(x), self._spread(weight, self.type))
            total = self._fused(scaled, scaled, total)
        return self._vector(total)

    def clamp(self, x: Value, low: Value, high: Value) -> Value:
        low_, high_ = self.lanes(low), self.lanes(high)
        least = self.builder.select(self._compared(">", x.ir, low_), x.ir, low_)
        return self._vector(
            self.builder.select(self._compared("<", least, high_), least, high_)
        )

    def choose(self, x: Value, limit: Value, a: Value, b: Value) -> Value:
        return self.choose_all(x, limit, (a,), (b,))[0]

    def choose_all(self, x: Value, limit: Value, a: Pack, b: Pack) -> Pack:
        first = self._compared("<=", self.lanes(x), self.lanes(limit))
        return tuple(
            self._vector(self.builder.select(first, self.lanes(one), self.lanes(other)))
            for one, other in zip(a, b, strict=True)
        )

    def least(self, a: Value, b: Value) -> Value:
        return self._better("<", a, b)

    def greatest(self, a: Value, b: Value) -> Value:
        return self._better(">", a, b)

    def inverse_root(self, x: Value) -> Value:
        root = call(self.builder, f"llvm.sqrt.v{self.width}f64", self.type, x.ir)
        return self._vector(self.builder.fdiv(self._constant(1.0), root))

    def inverse_eighth_root(self, x: Value) -> Value:
        bits = self.builder.lshr(self.builder.bitcast(x.ir, self.bits), self._whole(3))
        root = self.builder.sub(self._whole(EIGHTH), bits)
        return self._vector(self.builder.bitcast(root, self.type))

    def minus_expm1(self, x: Value) -> Value:
        lanes = []
        for lane in range(self.width):
            minus = self.builder.fneg(self._lane(x.ir, lane))
            lanes.append(self.builder.fneg(call(self.builder, "expm1", F64, minus)))
        return self._collected(lanes)

    def quotient(self, a: Value, b: Value, otherwise: Value) -> Value:
        over, under = self.lanes(a), self.lanes(b)
        good = self._compared(">", under, self._constant(1e-12))
        return self._vector(
            self.builder.select(good, self.builder.fdiv(over, under), self.lanes(otherwise))
        )

    # masks -----------------------------------------------------------------------
    def at_most(self, x: Value, limit: Value) -> Value:
        return self._mask(self._compared("<=", self.lanes(x), self.lanes(limit)))

    def at_least(self, x: Value, limit: Value) -> Value:
        return self._mask(self._compared(">=", self.lanes(x), self.lanes(limit)))

    def below(self, x: Value, level: Value) -> Value:
        return self._mask(self._compared("<", self.lanes(x), self.lanes(level)))

    def crossed(self, old: Value, new: Value, threshold: Value) -> Value:
        level = self.lanes(threshold)
        before = self._compared("<", self.lanes(old), level)
        return self._mask(
            self.builder.and_(before, self._compared(">=", self.lanes(new), level))
        )

    def outside(self, x: Value, low: Value, high: Value) -> Value:
        above = self._compared(">", self.lanes(x), self.lanes(low))
        under = self._compared("<", self.lanes(x), self.lanes(high))
        return self._mask(self.builder.not_(self.builder.and_(above, under)))

    # tables ----------------------------------------------------------------------
    def locate(
        self, x: Value, lowest: Value, scale: Value, last: Value, starts: Pack, width: Value
    ) -> tuple[Pack, Value]:
        place = self.builder.fsub(self.lanes(x), self.lanes(lowest))
        place = self._vector(self.builder.fmul(place, self.lanes(scale)))
        clamped = self.clamp(place, Value("real", ir.Constant(F64, 0.0)), last).ir
        row = self.builder.fptosi(clamped, ir.VectorType(I32, self.width))
        rest = self.builder.fsub(clamped, self.builder.sitofp(row, self.type))
        return self._rows(row, starts, width), self._vector(rest)

    def locate_octave(
        self,
        x: Value,
        lowest: Value,
        highest: Value,
        shift: Value,
        bias: Value,
        parts: Value,
        starts: Pack,
        width: Value,
    ) -> tuple[Pack, Value, Value]:
        builder = self.builder
        bits = builder.bitcast(self.clamp(x, lowest, highest).ir, self.bits)
        row = builder.lshr(bits, self._spread(shift.ir, self.bits))
        rows = self._rows(builder.sub(row, self._spread(bias.ir, self.bits)), starts, width)
        # the other mantissa bits, moved to the front under the exponent of 1: 1 + place
        left = self._spread(builder.sub(whole(52), shift.ir), self.bits)
        front = builder.and_(builder.shl(bits, left), self._whole(MANTISSA))
        front = builder.bitcast(builder.or_(front, self._whole(ONE)), self.type)
        octave = builder.bitcast(builder.and_(bits, self._whole(EXPONENT)), self.type)
        parts_ = self._spread(builder.sitofp(parts.ir, F64), self.type)
        return (
            rows,
            self._vector(builder.fsub(front, self._constant(1.0))),
            self._vector(builder.fdiv(parts_, octave)),
        )

    def lines(self, table: Array, rows: Pack, column: Value, u: Value) -> Pack:
        return self._curves(table, rows, column, u, 2)

    def cubics(self, table: Array, rows: Pack, column: Value, u: Value) -> Pack:
        return self._curves(table, rows, column, u, 4)

    def quintics(self, table: Array, rows: Pack, column: Value, u: Value) -> Pack:
        return self._curves(table, rows, column, u, 6)

    def sloped_cubics(
        self, table: Array, rows: Pack, column: Value, u: Value, scale: Value
    ) -> Pack:
        return self._curves(table, rows, column, u, 4, scale)

    def sloped_quintics(
        self, table: Array, rows: Pack, column: Value, u: Value, scale: Value
    ) -> Pack:
        return self._curves(table, rows, column, u, 6, scale)

    def _curves(
        self,
        table: Array,
        rows: Pack,
        column: Value,
        u: Value,
        count: int,
        scale: Value | None = None,
    ) -> Pack:
        """Return values, and slopes, of a group: each lane evaluates all, then lanes turn."""
        if self.apart:
            return self._called(table, rows, column, u, count, scale)
        values, slopes = [], []
        for x, c in self._coefficients(table, rows, column, u, count):
            value, slope = c[-1], None
            for lower in reversed(c[:-1]):
                if scale is not None:
                    slope = value if slope is None else self._fused(x, slope, value)
                value = self._fused(x, value, lower)
            values.append(value)
            slopes.append(slope)
        answer = self._turned(values)
        if scale is not None:
            by = self.lanes(scale)
            answer += [self.builder.fmul(slope, by) for slope in self._turned(slopes)]
        return tuple(map(self._vector, answer))

    def _called(
        self,
        table: Array,
        rows: Pack,
        column: Value,
        u: Value,
        count: int,
        scale: Value | None,
    ) -> Pack:
        """Return what `_curves` does, by a function of its own that all places call.

        In a large kernel the same instructions over and over take their time to compile.
        """
        given = [table.data, *(row.ir for row in rows), column.ir, u.ir]
        given += [] if scale is None else [self.lanes(scale)]
        name = f"{'sloped_' * (scale is not None)}curves_{count}_{self.width}"
        made = self.builder.module.globals.get(name)
        if made is None:
            answers = GROUP * (1 if scale is None else 2)
            kind = ir.LiteralStructType([self.type] * answers)
            made = ir.Function(
                self.builder.module, ir.FunctionType(kind, [x.type for x in given]), name
            )
            made.linkage = "internal"
            made.attributes.add("noinline")
            builder = ir.IRBuilder(made.append_basic_block("body"))
            data, *starts, place, x = made.args[: 3 + self.width]
            inside = VectorCode(builder, self.width)
            found = inside._curves(
                Array(table.element, data, table.sizes),
                tuple(Value("whole", start) for start in starts),
                Value("whole", place),
                Value("vector", x),
                count,
                None if scale is None else Value("vector", made.args[-1]),
            )
            answer = _undefined(kind)
            for k, part in enumerate(found):
                answer = builder.insert_value(answer, part.ir, k)
            builder.ret(answer)
        answer = self.builder.call(made, given)
        answers = len(made.function_type.return_type.elements)
        return tuple(
            self._vector(self.builder.extract_value(answer, k)) for k in range(answers)
        )

    def _coefficients(
        self, table: Array, rows: Pack, column: Value, u: Value, count: int
    ) -> Iterator[tuple[Any, list[Any]]]:
        """Return each lane's place in its row, and its group's coefficients there."""
        group = ir.VectorType(F64, GROUP)
        for lane, start in enumerate(rows):
            row = self.builder.add(start.ir, column.ir)
            c = []
            for i in range(count):
                place = self.builder.add(row, whole(GROUP * i))
                c.append(self._read(self._place(table, place), group))
            order, undefined = _order(*[lane] * GROUP), _undefined(self.type)
            yield self.builder.shuffle_vector(u.ir, undefined, order), c

    def _turned(self, rows: list[Any]) -> list[Any]:
        """Return the columns of a group's vectors, one of each lane."""
        if self.width == GROUP == 4:
            even, odd, low, high = [0, 4, 2, 6], [1, 5, 3, 7], [0, 1, 4, 5], [2, 3, 6, 7]
            pairs = [
                self._shuffle(rows[i], rows[i + 1], order)
                for i in (0, 2)
                for order in (even, odd)
            ]
            return [
                self._shuffle(pairs[i], pairs[i + 2], half)
                for half in (low, high)
                for i in (0, 1)
            ]
        return [
            self._collected([self._lane(row, column) for row in rows]).ir
            for column in range(GROUP)
        ]

    # pieces ----------------------------------------------------------------------
    def lanes(self, x: Value) -> Any:
        """Return a vector's lanes, or a number in each of them."""
        if x.kind == "vector":
            return x.ir
        number = self.builder.sitofp(x.ir, F64) if x.kind == "whole" else x.ir
        return self._spread(number, self.type)

    def _vector(self, lanes: Any) -> Value:
        return Value("vector", lanes)

    def _spread(self, number: Any, kind: Any) -> Any:
        undefined = _undefined(kind)
        first = self.builder.insert_element(undefined, number, _at(0))
        return self.builder.shuffle_vector(first, undefined, _order(*[0] * self.width))

    def _shuffle(self, a: Any, b: Any, order: Sequence[int]) -> Any:
        return self.builder.shuffle_vector(a, b, _order(*order))

    def _collected(self, numbers: Sequence[Any]) -> Value:
        out = _undefined(self.type)
        for lane, number in enumerate(numbers):
            out = self.builder.insert_element(out, number, _at(lane))
        return self._vector(out)

    def _lane(self, vector: Any, lane: int) -> Any:
        return self.builder.extract_element(vector, _at(lane))

    def _constant(self, number: float) -> Any:
        return ir.Constant(self.type, [number] * self.width)

    def _whole(self, number: int) -> Any:
        return ir.Constant(self.bits, [number] * self.width)

    def _after(self, at: Value, vectors: int) -> Value:
        return Value("whole", self.builder.add(at.ir, whole(self.width * vectors)))

    def _place(self, array: Array, index: Any) -> Any:
        return self.builder.gep(array.data, [index])

    def _read(self, place: Any, kind: Any) -> Any:
        return self.builder.load(place, align=8, typ=kind)

    def _write(self, place: Any, x: Any) -> None:
        self.builder.store(x, self.builder.bitcast(place, x.type.as_pointer()), align=8)

    def _fused(self, a: Any, b: Any, c: Any) -> Any:
        return call(self.builder, f"llvm.fmuladd.v{c.type.count}f64", c.type, a, b, c)

    def _compared(self, sign: str, a: Any, b: Any) -> Any:
        return self.builder.fcmp_ordered(sign, a, b)

    def _better(self, sign: str, a: Value, b: Value) -> Value:
        one, other = self.lanes(a), self.lanes(b)
        return self._vector(self.builder.select(self._compared(sign, one, other), one, other))

    def _mask(self, lanes: Any) -> Value:
        bits = self.builder.bitcast(lanes, ir.IntType(self.width))
        return Value("whole", self.builder.zext(bits, I64))

    def _rows(self, row: Any, starts: Pack, width: Value) -> Pack:
        """Return start + row width of each lane."""
        rows = []
        for lane, start in enumerate(starts):
            number = self._lane(row, lane)
            number = number if number.type == I64 else self.builder.sext(number, I64)
            rows.append(self.builder.add(start.ir, self.builder.mul(number, width.ir)))
        return tuple(Value("whole", number) for number in rows)
