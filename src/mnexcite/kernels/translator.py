"""Translate the text of kernels to LLVM IR.

The text is a small part of Python whose meaning is Python's own, so that it runs uncompiled
too. A module is imports, constants and functions. In a function:

- kinds: `real` (float), `whole` (int), `truth` (bool), `vector` (of lanes), arrays, and packs
  (tuples of values). A name has one kind; an array's name stands for one array.
- statements: assignment to names, tuples of names and elements of arrays, also with an
  operator; `if`, `while`, `for ... in range(...)`, `break`, `continue`, `return`, calls.
- expressions: numbers, names, arithmetic, bits of whole numbers, comparisons, `and`, `or`,
  `not`, `... if ... else ...`, tuples and their sums, elements, sizes of arrays.
- calls: operations on vectors, other functions of the module that take and return numbers,
  `int`, `float`, `abs`, `min`, `max`, some of `math`, and `np.zeros` of a stated length.

`//` and `%` are of what is not negative, an index counts from the front within its array, and
arrays that a function takes do not overlap.
What is not in this list is a `TextError`, which names the line.
"""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from llvmlite import ir

from mnexcite.kernels.vector_code import F64, I1, I64, Array, Value, VectorCode, call, whole
from mnexcite.kernels.vector_ops import OPERATIONS, WIDTH_FROM

TYPES = {"real": F64, "whole": I64, "truth": I1}
ANNOTATIONS = {"float": "real", "int": "whole", "bool": "truth"}
COMPARED = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
#: Instructions of an operator: on whole numbers, and on real ones.
ARITHMETIC = {
    ast.Add: ("add", "fadd"),
    ast.Sub: ("sub", "fsub"),
    ast.Mult: ("mul", "fmul"),
    ast.Div: (None, "fdiv"),
    ast.FloorDiv: ("sdiv", None),
    ast.Mod: ("srem", None),
    ast.BitAnd: ("and_", None),
    ast.BitOr: ("or_", None),
    ast.LShift: ("shl", None),
    ast.RShift: ("ashr", None),
}
#: Lines of a text from which on what it looks up is a call and not written out each time.
LARGE = 1000
MATH = ("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tanh")


class TextError(ValueError):
    """A kernel's text has something in it that its grammar has not."""


class Module:
    """Put functions of a kernel's text into an LLVM module, once per kinds of arguments."""

    def __init__(self, text: str, module: Any, name: str = "kernel") -> None:
        self.module, self.name = module, name
        self.functions: dict[str, ast.FunctionDef] = {}
        self.constants: dict[str, Any] = {}
        self.width = 1
        self.large = text.count("\n") > LARGE
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef):
                self.functions[node.name] = node
            elif isinstance(node, ast.Assign):
                self._constant(node)
            elif not isinstance(node, (ast.Import, ast.ImportFrom, ast.Expr)):
                raise _refused(node, "a module has imports, constants and functions")

    def _constant(self, node: ast.Assign) -> None:
        (target,) = node.targets
        if isinstance(node.value, ast.Call) and _dotted(node.value.func) == WIDTH_FROM:
            self.width = ast.literal_eval(node.value.args[0])
            return
        # constants may be worked out from earlier ones and `math`
        code = compile(ast.Expression(node.value), self.name, "eval")
        value = eval(code, {"math": math}, self.constants)
        names = target.elts if isinstance(target, ast.Tuple) else [target]
        values = value if isinstance(target, ast.Tuple) else [value]
        for name, one in zip(names, values, strict=True):
            self.constants[ast.unparse(name)] = one

    def function(self, name: str, given: Sequence[Value | Array]) -> tuple[Any, str | None]:
        """Return the function for arguments of these kinds, and the kind of its result."""
        kinds = [
            f"{x.element}{len(x.sizes)}" if isinstance(x, Array) else x.kind for x in given
        ]
        label = ".".join([self.name, name, *kinds])
        node = self.functions[name]
        kind = ANNOTATIONS.get(ast.unparse(node.returns)) if node.returns else None
        found = self.module.globals.get(label)
        if found is not None:
            return found, kind
        made = ir.Function(
            self.module,
            ir.FunctionType(
                TYPES[kind] if kind else ir.VoidType(), [x.type for x in flat(given)]
            ),
            label,
        )
        made.linkage = "internal"
        for argument in made.args:
            if isinstance(argument.type, ir.PointerType):
                argument.add_attribute("noalias")
        _Function(self, node, made, given, kind).translate()
        return made, kind


def flat(given: Sequence[Value | Array]) -> list[Any]:
    """Return what arguments are made of: numbers, and of arrays their place and sizes."""
    parts: list[Any] = []
    for x in given:
        parts += [x.data, *x.sizes] if isinstance(x, Array) else [x.ir]
    return parts


class _Function:
    """Translate one function."""

    def __init__(
        self,
        module: Module,
        node: ast.FunctionDef,
        made: Any,
        given: Sequence[Value | Array],
        answer: str | None,
    ) -> None:
        self.module, self.node, self.made, self.answer = module, node, made, answer
        # room for names is made ahead of everything, where LLVM turns it into registers
        self.ahead: Any = ir.IRBuilder(made.append_basic_block("names"))
        self.builder: Any = ir.IRBuilder(made.append_basic_block("body"))
        self.body = self.builder.block
        self.code = VectorCode(self.builder, module.width, module.large)
        self.names: dict[str, Any] = {}
        self.loops: list[tuple[Any, Any]] = []
        # what names hold at this place of a block: each reading is an instruction less
        self.known: tuple[Any, dict[Any, Any]] = (None, {})
        parts = iter(made.args)
        for argument, x in zip(node.args.args, given, strict=True):
            if isinstance(x, Array):
                data, *sizes = (next(parts) for _ in range(1 + len(x.sizes)))
                self.names[argument.arg] = Array(x.element, data, tuple(sizes))
            else:
                self._bind(argument, argument.arg, Value(x.kind, next(parts)))

    def translate(self) -> None:
        """Fill the function."""
        self._run(self.node.body)
        if not self.builder.block.is_terminated:
            if self.answer:
                self.builder.unreachable()
            else:
                self.builder.ret_void()
        self.ahead.branch(self.body)

    # statements ------------------------------------------------------------------
    def _run(self, body: Sequence[ast.stmt]) -> None:
        for node in body:
            if self.builder.block.is_terminated:
                return  # behind a `break`
            self._method("do", node)(node)

    def do_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a sentence for people
            self._value(node.value)

    def do_Pass(self, node: ast.Pass) -> None:
        pass

    def do_Assign(self, node: ast.Assign) -> None:
        value = self._value(node.value)
        for target in node.targets:
            self._assign(target, value)

    def do_AugAssign(self, node: ast.AugAssign) -> None:
        old = self._value(_read(node.target))
        self._assign(node.target, self._operated(node, node.op, old, self._value(node.value)))

    def do_Return(self, node: ast.Return) -> None:
        if node.value is None:
            self.builder.ret_void()
        else:
            value = self._value(node.value)
            self.builder.ret(self._as(node, value, self.answer or "nothing").ir)

    def do_Break(self, node: ast.Break) -> None:
        self.builder.branch(self.loops[-1][1])

    def do_Continue(self, node: ast.Continue) -> None:
        self.builder.branch(self.loops[-1][0])

    def do_If(self, node: ast.If) -> None:
        then, other, after = self._blocks("then", "else", "endif")
        self._branch(node.test, then, other if node.orelse else after)
        for block, body in ((then, node.body), (other, node.orelse)):
            self.builder.position_at_end(block)
            self._run(body)
            self._go(after)
        self.builder.position_at_end(after)

    def do_While(self, node: ast.While) -> None:
        head, body, after = self._blocks("while", "do", "endwhile")
        self.builder.branch(head)
        self.builder.position_at_end(head)
        self._branch(node.test, body, after)
        self._loop(node, body, head, after)
        self.builder.position_at_end(after)

    def do_For(self, node: ast.For) -> None:
        if not (isinstance(node.iter, ast.Call) and _dotted(node.iter.func) == "range"):
            raise _refused(node, "a loop goes over a range")
        limits = [self._as(node, self._value(x), "whole").ir for x in node.iter.args]
        start, stop = (whole(0), limits[0]) if len(limits) == 1 else limits[:2]
        step = limits[2] if len(limits) == 3 else whole(1)
        counter = self.ahead.alloca(I64)
        head, body, on, after = self._blocks("for", "do", "next", "endfor")
        self.builder.store(start, counter)
        self.builder.branch(head)
        self.builder.position_at_end(head)
        now = self.builder.load(counter)
        self.builder.cbranch(self.builder.icmp_signed("<", now, stop), body, after)
        self.builder.position_at_end(body)
        self._assign(node.target, Value("whole", now))
        self._loop(node, body, on, after)
        self.builder.position_at_end(on)
        self.builder.store(self.builder.add(now, step), counter)
        self.builder.branch(head)
        self.builder.position_at_end(after)

    def _loop(self, node: ast.For | ast.While, body: Any, on: Any, after: Any) -> None:
        if node.orelse:
            raise _refused(node, "a loop has no else")
        self.loops.append((on, after))
        self.builder.position_at_end(body)
        self._run(node.body)
        self._go(on)
        self.loops.pop()

    # names and elements ----------------------------------------------------------
    def _assign(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Name):
            self._bind(target, target.id, value)
        elif isinstance(target, ast.Tuple):
            if not isinstance(value, tuple) or len(value) != len(target.elts):
                raise _refused(target, "a tuple of names takes a tuple as long")
            for one, part in zip(target.elts, value, strict=True):
                self._assign(one, part)
        elif isinstance(target, ast.Subscript):
            array = self._value(target.value)
            number = self._as(target, value, array.element)
            self.builder.store(number.ir, self._element(array, target.slice))
        else:
            raise _refused(target, "what is assigned to is a name or an element")

    def _bind(self, node: ast.AST, name: str, value: Any) -> None:
        if name == "_":
            return
        if isinstance(value, Array):
            if name in self.names:
                raise _refused(node, f"{name} stands for another array already")
            self.names[name] = value
            return
        if name not in self.names:
            self.names[name] = self._room(name, value)
        self._fill(node, name, self.names[name], value)

    def _room(self, name: str, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(self._room(name, part) for part in value)
        return Value(value.kind, self.ahead.alloca(value.ir.type, name=name))

    def _fill(self, node: ast.AST, name: str, room: Any, value: Any) -> None:
        if _kind(room) != _kind(value):
            raise _refused(node, f"{name} has another kind before")
        if isinstance(room, tuple):
            for place, part in zip(room, value, strict=True):
                self._fill(node, name, place, part)
        else:
            self.builder.store(value.ir, room.ir)
            self._known()[room.ir] = value.ir

    def _known(self) -> dict[Any, Any]:
        if self.known[0] is not self.builder.block:
            self.known = (self.builder.block, {})
        return self.known[1]

    def _element(self, array: Array, index: ast.expr) -> Any:
        parts = index.elts if isinstance(index, ast.Tuple) else [index]
        place = None
        for part, size in zip(parts, array.sizes, strict=True):
            number = self._as(index, self._value(part), "whole").ir
            if place is not None:
                number = self.builder.add(self.builder.mul(place, size), number)
            place = number
        return self.builder.gep(array.data, [place])

    # expressions -----------------------------------------------------------------
    def _value(self, node: ast.expr) -> Any:
        return self._method("of", node)(node)

    def _method(self, start: str, node: ast.AST) -> Callable[[Any], Any]:
        found = getattr(self, f"{start}_{type(node).__name__}", None)
        if found is None:
            raise _refused(node, "no such thing is in the grammar")
        return found

    def of_Constant(self, node: ast.Constant) -> Value:
        return _constant(node, node.value)

    def of_Name(self, node: ast.Name) -> Any:
        if node.id not in self.names:
            if node.id in self.module.constants:
                return _constant(node, self.module.constants[node.id])
            raise _refused(node, f"{node.id} has no value yet")
        return self._held(self.names[node.id])

    def _held(self, room: Any) -> Any:
        if isinstance(room, Array):
            return room
        if isinstance(room, tuple):
            return tuple(map(self._held, room))
        known = self._known()
        if room.ir not in known:
            known[room.ir] = self.builder.load(room.ir)
        return Value(room.kind, known[room.ir])

    def of_Tuple(self, node: ast.Tuple) -> Any:
        return tuple(self._value(part) for part in node.elts)

    def of_Attribute(self, node: ast.Attribute) -> Value:
        name = _dotted(node)
        if name in ("np.inf", "math.inf"):
            return _constant(node, math.inf)
        if node.attr == "size":
            array = self._value(node.value)
            size = array.sizes[0]
            for other in array.sizes[1:]:
                size = self.builder.mul(size, other)
            return Value("whole", size)
        raise _refused(node, "no such attribute is in the grammar")

    def of_Subscript(self, node: ast.Subscript) -> Any:
        held = self._value(node.value)
        if isinstance(held, tuple):
            return held[ast.literal_eval(node.slice)]
        return Value(held.element, self.builder.load(self._element(held, node.slice)))

    def of_UnaryOp(self, node: ast.UnaryOp) -> Value:
        if isinstance(node.op, ast.Not):
            return Value("truth", self.builder.not_(self._truth(node.operand)))
        x = self._value(node.operand)
        if isinstance(node.op, ast.Invert):
            return Value("whole", self.builder.not_(self._as(node, x, "whole").ir))
        if isinstance(node.op, ast.USub) and x.kind != "truth":
            constant = isinstance(x.ir, ir.Constant)
            if constant:
                return Value(x.kind, ir.Constant(x.ir.type, -x.ir.constant))
            negate = self.builder.neg if x.kind == "whole" else self.builder.fneg
            return Value(x.kind, negate(x.ir))
        raise _refused(node, "no such sign is in the grammar")

    def of_BinOp(self, node: ast.BinOp) -> Any:
        return self._operated(node, node.op, self._value(node.left), self._value(node.right))

    def _operated(self, node: ast.AST, op: ast.operator, a: Any, b: Any) -> Any:
        if isinstance(a, tuple) and isinstance(b, tuple) and isinstance(op, ast.Add):
            return a + b
        if isinstance(a, tuple | Array) or isinstance(b, tuple | Array):
            raise _refused(node, "this is of numbers")
        on_whole, on_real = ARITHMETIC.get(type(op), (None, None))
        kinds = {a.kind, b.kind}
        if kinds == {"whole"} and on_whole:
            return Value("whole", getattr(self.builder, on_whole)(a.ir, b.ir))
        if on_real and "truth" not in kinds:
            kind = "vector" if "vector" in kinds else "real"
            parts = (self._as(node, x, kind).ir for x in (a, b))
            return Value(kind, getattr(self.builder, on_real)(*parts))
        raise _refused(node, f"no such operation of {a.kind} and {b.kind}")

    def of_Compare(self, node: ast.Compare) -> Value:
        values = [self._value(x) for x in (node.left, *node.comparators)]
        found = None
        for op, a, b in zip(node.ops, values, values[1:], strict=False):
            sign = COMPARED[type(op)]
            if a.kind == b.kind == "whole":
                one = self.builder.icmp_signed(sign, a.ir, b.ir)
            else:
                sides = (self._as(node, x, "real").ir for x in (a, b))
                compare = (
                    self.builder.fcmp_unordered if sign == "!=" else self.builder.fcmp_ordered
                )
                one = compare(sign, *sides)
            found = one if found is None else self.builder.and_(found, one)
        return Value("truth", found)

    def of_BoolOp(self, node: ast.BoolOp) -> Value:
        # what comes after is looked at only where it decides
        both = isinstance(node.op, ast.And)
        (after,) = self._blocks("decided")
        found = []
        for part in node.values[:-1]:
            (on,) = self._blocks("and" if both else "or")
            self._branch(part, *((on, after) if both else (after, on)))
            found.append((Value("truth", ir.Constant(I1, not both)), self.builder.block))
            self.builder.position_at_end(on)
        found.append((Value("truth", self._truth(node.values[-1])), self.builder.block))
        self.builder.branch(after)
        self.builder.position_at_end(after)
        return self._merged(node, *found)

    def of_IfExp(self, node: ast.IfExp) -> Any:
        then, other, after = self._blocks("then", "else", "either")
        self._branch(node.test, then, other)
        found = []
        for block, expression in ((then, node.body), (other, node.orelse)):
            self.builder.position_at_end(block)
            found.append((self._value(expression), self.builder.block))
            self.builder.branch(after)
        self.builder.position_at_end(after)
        return self._merged(node, *found)

    def _merged(self, node: ast.AST, *found: tuple[Any, Any]) -> Any:
        first = found[0][0]
        if len({_kind(value) for value, _ in found}) > 1:
            raise _refused(node, "all sides have one kind")
        if isinstance(first, tuple):
            parts = ([(value[k], at) for value, at in found] for k in range(len(first)))
            return tuple(self._merged(node, *part) for part in parts)
        phi = self.builder.phi(first.ir.type)
        for value, at in found:
            phi.add_incoming(value.ir, at)
        return Value(first.kind, phi)

    def of_Call(self, node: ast.Call) -> Any:
        name = _dotted(node.func)
        if node.keywords:
            raise _refused(node, "a call has no keywords")
        if name == "np.zeros":
            return self._zeros(node)
        given = [self._value(x) for x in node.args]
        if name in OPERATIONS:
            wanted = _arguments(name)
            if len(given) != len(wanted):
                raise _refused(node, f"{name} takes {', '.join(wanted)}")
            return getattr(self.code, name)(*given)
        if name in self.module.functions:
            made, kind = self.module.function(name, given)
            return Value(kind or "nothing", self.builder.call(made, flat(given)))
        found = getattr(self, f"_{name.replace('.', '_')}", None)
        if name.startswith("math.") and name[5:] in MATH:
            x = self._as(node, given[0], "real")
            return Value("real", call(self.builder, name[5:], F64, x.ir))
        if found is None:
            raise _refused(node, "no such function is in the grammar")
        return found(node, *given)

    def _zeros(self, node: ast.Call) -> Array:
        size = ast.literal_eval(node.args[0])
        element = "whole" if len(node.args) == 2 else "real"
        kind = ir.ArrayType(TYPES[element], size)
        room = self.ahead.alloca(kind)
        self.builder.store(ir.Constant(kind, None), room)
        data = self.builder.bitcast(room, TYPES[element].as_pointer())
        return Array(element, data, (whole(size),))

    def _int(self, node: ast.AST, x: Value) -> Value:
        if x.kind == "real":
            return Value("whole", self.builder.fptosi(x.ir, I64))
        return Value("whole", self.builder.zext(x.ir, I64) if x.kind == "truth" else x.ir)

    def _float(self, node: ast.AST, x: Value) -> Value:
        return self._as(node, self._int(node, x) if x.kind == "truth" else x, "real")

    def _abs(self, node: ast.AST, x: Value) -> Value:
        return Value(
            "real", call(self.builder, "llvm.fabs.f64", F64, self._as(node, x, "real").ir)
        )

    def _max(self, node: ast.AST, a: Value, b: Value) -> Value:
        return self._first(node, ">", a, b)

    def _min(self, node: ast.AST, a: Value, b: Value) -> Value:
        return self._first(node, "<", a, b)

    def _first(self, node: ast.AST, sign: str, a: Value, b: Value) -> Value:
        one, other = (self._as(node, x, "real").ir for x in (a, b))
        better = self.builder.fcmp_ordered(sign, other, one)
        return Value("real", self.builder.select(better, other, one))

    def _math_isfinite(self, node: ast.AST, x: Value) -> Value:
        number = self._as(node, x, "real").ir
        nothing = self.builder.fsub(number, number)
        zero = ir.Constant(F64, 0.0)
        return Value("truth", self.builder.fcmp_ordered("==", nothing, zero))

    # pieces ----------------------------------------------------------------------
    def _as(self, node: ast.AST, x: Any, kind: str) -> Value:
        """Return a value as one of another kind, where nothing is lost."""
        if isinstance(x, Value):
            if x.kind == kind:
                return x
            if kind == "vector" and x.kind in ("real", "whole"):
                return self.code.fill(x)
            if (x.kind, kind) == ("whole", "real"):
                if isinstance(x.ir, ir.Constant):
                    return Value("real", ir.Constant(F64, float(x.ir.constant)))
                return Value("real", self.builder.sitofp(x.ir, F64))
        raise _refused(node, f"this must be a {kind}")

    def _truth(self, node: ast.expr) -> Any:
        x = self._value(node)
        if isinstance(x, Value) and x.kind == "truth":
            return x.ir
        return self.builder.icmp_signed("!=", self._as(node, x, "whole").ir, whole(0))

    def _branch(self, test: ast.expr, then: Any, other: Any) -> None:
        self.builder.cbranch(self._truth(test), then, other)

    def _go(self, block: Any) -> None:
        if not self.builder.block.is_terminated:
            self.builder.branch(block)

    def _blocks(self, *names: str) -> list[Any]:
        return [self.made.append_basic_block(name) for name in names]


@cache
def _arguments(operation: str) -> tuple[str, ...]:
    _, *names = inspect.signature(getattr(VectorCode, operation)).parameters
    return tuple(names)


def _constant(node: ast.AST, value: Any) -> Value:
    if isinstance(value, bool):
        return Value("truth", ir.Constant(I1, value))
    if isinstance(value, int):
        return Value("whole", whole(value))
    if isinstance(value, float):
        return Value("real", ir.Constant(F64, value))
    raise _refused(node, "a constant is a number")


def _kind(x: Any) -> Any:
    """Return what a name must keep: the kind of a value, or of each of a pack's."""
    if isinstance(x, tuple):
        return tuple(map(_kind, x))
    return "array" if isinstance(x, Array) else x.kind


def _dotted(node: ast.expr) -> str:
    return ast.unparse(node)


def _read(target: ast.expr) -> Any:
    return ast.parse(ast.unparse(target), mode="eval").body


def _refused(node: ast.AST, why: str) -> TextError:
    return TextError(f"line {getattr(node, 'lineno', '?')}: `{ast.unparse(node)}`: {why}")
