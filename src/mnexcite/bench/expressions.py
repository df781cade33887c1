"""Expressions: a cell's functions, called with a symbol and kept as a tree.

A tree is printed for any simulator (`Expression.text`), so that the equations are typed in
once. Two functions keep their singular point and their overflow to themselves and are
primitives: linoid(z) = z / (1 - exp(-z)) and sigmoid(z) = 1 / (1 + exp(-z)).
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray

from mnexcite.bench.dialects import DIALECTS, NUMPY
from mnexcite.errors import InputError, did_you_mean


class Untraceable(InputError):
    """Refuse a cell that a simulator, or any printed equation, cannot express."""


class Expression(NDArrayOperatorsMixin):
    """Hold an operation and what it works on; immutable, built with Python's operators.

    `op` is `number`, `symbol` or an operation of the dialects; `value` is the number or
    the symbol's name.
    """

    __slots__ = ("__dict__", "args", "op", "value")

    def __init__(
        self, op: str, args: tuple[Expression, ...] = (), value: float | str | None = None
    ) -> None:
        self.op, self.args, self.value = op, args, value

    @cached_property
    def key(self) -> str:
        """One text per distinct tree."""
        if self.op in ("number", "symbol"):
            return repr(self.value)
        return f"{self.op}({','.join(arg.key for arg in self.args)})"

    @property
    def symbols(self) -> frozenset[str]:
        """Names of all symbols in the tree."""
        return frozenset(str(node.value) for node in _nodes([self]) if node.op == "symbol")

    def text(self, dialect: str = "python") -> str:
        """Return the tree printed in a dialect: python, c, nmodl, arbor, brian2 or heyoka.

        Functions that the language lacks are in the dialect's prelude.

        Raises
        ------
        Untraceable
            If the language cannot express an operation.
        """
        return _printed(self, dialect, {})

    def renamed(self, names: Mapping[str, str]) -> Expression:
        """Return the tree with some symbols renamed."""
        return self.replaced({old: symbol(new) for old, new in names.items()})

    def replaced(self, values: Mapping[str, Expression | float]) -> Expression:
        """Return the tree with some symbols replaced, and numbers drawn together."""
        made: dict[int, Expression] = {}
        for node in _nodes([self]):
            if node.op == "symbol" and node.value in values:
                made[id(node)] = expression(values[str(node.value)])
            elif node.args:
                made[id(node)] = make(node.op, *(made[id(arg)] for arg in node.args))
            else:
                made[id(node)] = node
        return made[id(self)]

    def evaluate(self, **values: Any) -> Any:
        """Return the tree's value where its symbols have these values or arrays.

        >>> x = symbol("x")
        >>> float((x / 2 + 1).evaluate(x=3.0))
        2.5
        """
        with np.errstate(all="ignore"):
            return function([self], list(values))(*values.values())[0]

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any
    ) -> Expression:
        name = ufunc.__name__
        if method != "__call__" or options or name not in _UFUNCS:
            raise Untraceable(f"numpy's {name} is not among the operations that are traced")
        return _UFUNCS[name](*(expression(value) for value in inputs))

    def __array_function__(
        self, func: Callable[..., Any], types: object, args: Sequence[Any], kwargs: Any
    ) -> Expression:
        if func not in _FUNCTIONS:
            raise Untraceable(f"numpy's {func.__name__} is not among those that are traced")
        return _FUNCTIONS[func](*args, **kwargs)

    def __array__(self, *args: Any, **kwargs: Any) -> NDArray[np.float64]:
        raise Untraceable("a function turns its argument into an array of numbers")

    def __bool__(self) -> bool:
        raise Untraceable("a function decides by the value of its argument; use numpy's where")

    def __float__(self) -> float:
        raise Untraceable("a function turns its argument into one number; use numpy functions")

    __int__ = __float__  # type: ignore[assignment]

    def __iter__(self) -> Any:
        raise Untraceable("a function takes its argument apart; write it for a whole array")

    def __getitem__(self, index: Any) -> Any:
        raise Untraceable("a function takes its argument apart; write it for a whole array")

    def __repr__(self) -> str:
        return self.text("python")

    __hash__ = object.__hash__  # type: ignore[assignment]

    # NumPy's would write into what they are given
    __iadd__ = NDArrayOperatorsMixin.__add__
    __isub__ = NDArrayOperatorsMixin.__sub__
    __imul__ = NDArrayOperatorsMixin.__mul__
    __itruediv__ = NDArrayOperatorsMixin.__truediv__
    __ipow__ = NDArrayOperatorsMixin.__pow__


def symbol(name: str) -> Expression:
    """Return a symbol; its name must be an identifier in every dialect."""
    return Expression("symbol", value=name)


def expression(value: Any) -> Expression:
    """Return a value as an expression: itself, or a finite number."""
    if isinstance(value, Expression):
        return value
    if np.ndim(value) or not isinstance(value, int | float | np.generic | np.ndarray):
        raise Untraceable(f"a function uses {type(value).__name__} of shape {np.shape(value)}")
    if not np.isfinite(value):
        raise Untraceable(f"a function uses the number {value}")
    return Expression("number", value=float(value))


def make(op: str, *args: Expression) -> Expression:
    """Return the expression of an operation, with numbers drawn together."""
    if all(arg.op == "number" for arg in args):
        with np.errstate(all="ignore"):
            return expression(NUMPY[op](*(arg.value for arg in args)))
    simpler = _SIMPLER.get(op)
    simple = simpler(*args) if simpler else None
    return Expression(op, args) if simple is None else simple


def linoid(z: Any) -> Expression:
    """Return z / (1 - exp(-z)), 1 at z = 0, as a primitive."""
    return make("linoid", expression(z))


def sigmoid(z: Any) -> Expression:
    """Return 1 / (1 + exp(-z)) as a primitive."""
    return make("sigmoid", expression(z))


def where(condition: Any, chosen: Any = None, other: Any = None) -> Expression:
    """Return one expression where the condition holds, and another elsewhere."""
    if chosen is None or other is None:
        raise Untraceable("numpy's where is given a condition alone")
    return make("where", expression(condition), expression(chosen), expression(other))


def assignments(
    outputs: Mapping[str, Expression], dialect: str = "python", prefix: str = "u"
) -> list[tuple[str, str]]:
    """Return (name, text) to be assigned in order; shared work is done once.

    What several outputs share, such as an exponential, goes to names `prefix` + number.

    Examples
    --------
    >>> x = symbol("x")
    >>> assignments({"a": 2 * np.exp(x), "b": np.exp(x)})
    [('u0', 'exp(x)'), ('a', '(2.0 * u0)'), ('b', 'u0')]
    """
    distinct = {node.key: node for node in reversed(_nodes(outputs.values()))}
    used = Counter(arg.key for node in distinct.values() for arg in node.args)
    used.update(output.key for output in outputs.values())
    named: dict[str, str] = {}
    lines: list[tuple[str, str]] = []
    numbers = itertools.count()
    for node in reversed(distinct.values()):
        if node.args and used[node.key] > 1:
            name = f"{prefix}{next(numbers)}"
            lines.append((name, _printed(node, dialect, named)))
            named[node.key] = name
    lines += [(name, _printed(output, dialect, named)) for name, output in outputs.items()]
    return lines


def function(outputs: Iterable[Expression], names: Sequence[str]) -> Callable[..., list[Any]]:
    """Return a NumPy function of the named symbols that gives every output."""
    lines = assignments({f"_{i}": output for i, output in enumerate(outputs)}, "python", "_u")
    last = [name for name, _ in lines if not name.startswith("_u")]
    body = [f"    {name} = {text}\n" for name, text in lines]
    source = f"def f({', '.join(names)}):\n{''.join(body)}    return [{', '.join(last)}]\n"
    namespace: dict[str, Any] = dict(NUMPY)
    exec(source, namespace)
    return namespace["f"]


def operands(outputs: Iterable[Expression], *ops: str) -> list[Expression]:
    """Return what these operations work on, wherever they stand in the outputs.

    Examples
    --------
    >>> operands([linoid(2.0 * symbol("x")) + 1.0], "linoid")
    [(2.0 * x)]
    """
    found = {node.key: node for node in _nodes(outputs) if node.op in ops}
    return [arg for node in found.values() for arg in node.args]


def trace(
    kinetics: Callable[..., Any],
    numbers: Mapping[str, float | Expression],
    at: Expression | None = None,
) -> Expression:
    """Return a kinetics function as an expression, by calling it with a symbol.

    Parameters
    ----------
    kinetics
        A NumPy function of an array and named numbers; lambdas and functions that call
        others are followed.
    numbers
        Its named numbers, or expressions of them.
    at
        What it is called with; by default the symbol named like its first argument.

    Raises
    ------
    Untraceable
        If the function does something that no formula shows, such as looking values up.

    Examples
    --------
    >>> from mnexcite.channels import kinetics
    >>> trace(kinetics.boltzmann, {"half": -47.1, "slope": 4.0})
    sigmoid((0.25 * (v + 47.1)))
    """
    from mnexcite.bench.tracing import call

    return call(kinetics, numbers, at)


def _nodes(roots: Iterable[Expression]) -> list[Expression]:
    """Return every node once, what it works on before itself."""
    found: list[Expression] = []
    seen: set[int] = set()
    stack = [(root, False) for root in reversed(list(roots))]
    while stack:
        node, done = stack.pop()
        if done:
            found.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack += [(arg, False) for arg in reversed(node.args)]
    return found


def _printed(node: Expression, name: str, named: Mapping[str, str]) -> str:
    if name not in DIALECTS:
        raise InputError(f"no dialect {name!r}; {did_you_mean(name, DIALECTS)}")
    dialect = DIALECTS[name]
    texts: dict[int, str] = {}

    def show(node: Expression) -> str:
        if node.key in named:
            return named[node.key]
        if node.op == "number":
            shown = repr(node.value)
            return f"({shown})" if shown.startswith("-") else shown
        if node.op == "symbol":
            return str(node.value)
        template = dialect.operations.get(node.op)
        if template is None:
            raise Untraceable(f"{dialect.name} has no {node.op.replace('_', ' ')}")
        return template.format(*(texts[id(arg)] for arg in node.args))

    for part in _nodes([node]):
        texts[id(part)] = show(part)
    return texts[id(node)]


def _is(node: Expression, value: float) -> bool:
    return node.op == "number" and node.value == value


def _add(a: Expression, b: Expression) -> Expression | None:
    if _is(a, 0.0):
        return b
    if _is(b, 0.0):
        return a
    if b.op == "negative":
        return make("subtract", a, b.args[0])
    if b.op == "number" and b.value < 0:  # type: ignore[operator]
        return make("subtract", a, expression(-b.value))  # type: ignore[operator]
    return None


def _subtract(a: Expression, b: Expression) -> Expression | None:
    if _is(b, 0.0):
        return a
    if _is(a, 0.0):
        return make("negative", b)
    if b.op == "negative":
        return make("add", a, b.args[0])
    if b.op == "number" and b.value < 0:  # type: ignore[operator]
        return Expression("add", (a, expression(-b.value)))  # type: ignore[operator]
    return None


def _multiply(a: Expression, b: Expression) -> Expression | None:
    if b.op == "number":
        a, b = b, a
    if a.op != "number":
        return None
    if a.value == 0.0:
        return a
    if a.value == 1.0:
        return b
    if a.value == -1.0:
        return make("negative", b)
    if b.op == "negative":
        return make("multiply", make("negative", a), b.args[0])
    if b.op == "multiply" and b.args[0].op == "number":
        return make("multiply", make("multiply", a, b.args[0]), b.args[1])
    return Expression("multiply", (a, b))


def _divide(a: Expression, b: Expression) -> Expression | None:
    if b.op == "number" and b.value:
        return make("multiply", expression(1.0 / b.value), a)  # type: ignore[operator]
    if b.op == "divide" and b.args[0].op == "number":  # x / (number / y)
        return make("multiply", make("divide", expression(1.0), b.args[0]), a * b.args[1])
    return a if _is(a, 0.0) else None


def _negative(a: Expression) -> Expression | None:
    if a.op == "negative":
        return a.args[0]
    if a.op == "multiply" and a.args[0].op == "number":
        return make("multiply", make("negative", a.args[0]), a.args[1])
    if a.op == "subtract":
        return make("subtract", a.args[1], a.args[0])
    return None


def _power(a: Expression, b: Expression) -> Expression | None:
    """Return products for whole exponents: no language's power function is as fast."""
    if b.op != "number":
        return None
    exponent = b.value
    if exponent == 0.0:
        return expression(1.0)
    if exponent == 0.5:
        return make("sqrt", a)
    if exponent not in (1, 2, 3, 4, 5, 6, 7, 8):
        return None
    product, square, left = None, a, int(exponent)
    while left:
        if left % 2:
            product = square if product is None else make("multiply", product, square)
        left //= 2
        square = make("multiply", square, square) if left else square
    return product


def _extreme(op: str) -> Callable[[Expression, Expression], Expression | None]:
    """Put a bound last: where both are equal a language takes the first, which may move."""
    return lambda a, b: make(op, b, a) if a.op == "number" else None


def _where(condition: Expression, a: Expression, b: Expression) -> Expression | None:
    if condition.op == "number":
        return a if condition.value else b
    return a if a.key == b.key else None


def _logical_and(a: Expression, b: Expression) -> Expression | None:
    for one, other in ((a, b), (b, a)):
        if one.op == "number":
            return other if one.value else one
    return None


def _logical_or(a: Expression, b: Expression) -> Expression | None:
    for one, other in ((a, b), (b, a)):
        if one.op == "number":
            return one if one.value else other
    return None


_SIMPLER: dict[str, Callable[..., Expression | None]] = {
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": _divide,
    "negative": _negative,
    "power": _power,
    "maximum": _extreme("maximum"),
    "minimum": _extreme("minimum"),
    "where": _where,
    "logical_and": _logical_and,
    "logical_or": _logical_or,
}


def _plain(op: str) -> Callable[..., Expression]:
    return lambda *args: make(op, *args)


def _logaddexp(a: Expression, b: Expression) -> Expression:
    return make("maximum", a, b) + np.log1p(np.exp(-abs(a - b)))


_UFUNCS: dict[str, Callable[..., Expression]] = {
    **{op: _plain(op) for op in NUMPY if op not in ("where", "linoid", "sigmoid")},
    "fabs": _plain("absolute"),
    "positive": lambda a: a,
    "conjugate": lambda a: a,
    "true_divide": _plain("divide"),
    "float_power": _plain("power"),
    "square": lambda a: a * a,
    "reciprocal": lambda a: 1.0 / a,
    "exp2": lambda a: np.exp(np.log(2.0) * a),
    "log2": lambda a: np.log(a) / np.log(2.0),
    "log10": lambda a: np.log(a) / np.log(10.0),
    "fmax": _plain("maximum"),
    "fmin": _plain("minimum"),
    "bitwise_and": _plain("logical_and"),
    "bitwise_or": _plain("logical_or"),
    "invert": _plain("logical_not"),
    "logaddexp": _logaddexp,
    "heaviside": lambda a, b: where(a < 0.0, 0.0, where(a > 0.0, 1.0, b)),
    "expit": sigmoid,
    "exprel": lambda a: 1.0 / linoid(-a),
}


def _clip(a: Any, low: Any = None, high: Any = None) -> Expression:
    a = expression(a)
    a = a if low is None else make("maximum", a, expression(low))
    return a if high is None else make("minimum", a, expression(high))


def _select(conditions: Sequence[Any], choices: Sequence[Any], default: Any = 0) -> Expression:
    chosen = expression(default)
    for condition, choice in reversed(list(zip(conditions, choices, strict=True))):
        chosen = where(condition, choice, chosen)
    return chosen


_FUNCTIONS: dict[Any, Callable[..., Expression]] = {
    np.where: where,
    np.clip: _clip,
    np.select: _select,
    np.zeros_like: lambda a, *args, **kwargs: expression(0.0),
    np.ones_like: lambda a, *args, **kwargs: expression(1.0),
    np.full_like: lambda a, value, *args, **kwargs: expression(value),
}
