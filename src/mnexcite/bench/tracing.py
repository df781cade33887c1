"""Call a user's function with a symbol where it expects an array.

Operators and NumPy's functions lead back to the symbol by themselves. Conversions such as
`np.asarray` do not, so the function runs as a twin of itself: the same code, in whose
surroundings the conversions return their argument. Nothing outside the twin is touched.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mnexcite.bench.expressions import (
    Expression,
    Untraceable,
    expression,
    linoid,
    make,
    sigmoid,
    symbol,
)
from mnexcite.channels import kinetics


def call(
    function: Callable[..., Any],
    numbers: Mapping[str, float | Expression],
    at: Expression | None,
) -> Expression:
    """Return `function` of `at` and those of the numbers that it takes."""
    names = list(inspect.signature(function).parameters)
    at = symbol(names[0]) if at is None else at
    given = {name: numbers[name] for name in names[1:] if name in numbers}
    shown = getattr(function, "__name__", type(function).__name__)
    try:
        return expression(_twin(function)(at, **given))
    except Untraceable as error:
        raise Untraceable(f"{shown} cannot be printed: {error}") from None
    except (ArithmeticError, AttributeError, TypeError, ValueError) as error:
        raise Untraceable(f"{shown} cannot be traced: {error}") from error


def _same(value: Any, *args: Any, **kwargs: Any) -> Any:
    return value


def _linoid(x: Any, y: Any) -> Expression:
    return expression(y) * linoid(expression(x) / y)


def _boltzmann(v: Any, half: Any, slope: Any) -> Expression:
    return sigmoid((expression(v) - half) / slope)


def _hill(c: Any, half: Any, order: Any) -> Expression:
    ratio = make("maximum", expression(c), expression(0.0)) / half
    power = make("power", ratio, expression(order))
    return power / (1.0 + power)


def _array(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a conversion that leaves an expression as it is, and converts the rest."""

    @functools.wraps(function)
    def convert(value: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(value, Expression):
            return value
        return function(value, *args, **kwargs)

    return convert


#: What stands in for a function inside a twin.
_STANDS_IN: dict[Any, Callable[..., Any]] = {
    **{
        function: _array(function)
        for function in (
            *(np.asarray, np.array, np.asanyarray, np.ascontiguousarray),
            *(np.atleast_1d, np.broadcast_to),
        )
    },
    kinetics.linoid: _linoid,
    kinetics.boltzmann: _boltzmann,
    kinetics.hill: _hill,
}


class _Module:
    """Show a module whose functions are twins."""

    def __init__(self, module: types.ModuleType) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return _substitute(getattr(self._module, name))


def _substitute(value: Any) -> Any:
    """Return what a twin sees in place of a value of its surroundings."""
    if isinstance(value, types.ModuleType):
        return _Module(value)
    try:
        if value in _STANDS_IN:
            return _STANDS_IN[value]
    except TypeError:  # not hashable
        return value
    followed = types.FunctionType, types.MethodType, functools.partial
    if isinstance(value, followed):  # but only if it is called
        return lambda *args, **kwargs: _twin(value)(*args, **kwargs)
    return value


def _twin(function: Any) -> Callable[..., Any]:
    """Return the same code in surroundings that let a symbol pass."""
    if function in _STANDS_IN:
        return _STANDS_IN[function]
    if isinstance(function, functools.partial):
        return functools.partial(_twin(function.func), *function.args, **function.keywords)
    if isinstance(function, types.MethodType):
        return functools.partial(_twin(function.__func__), function.__self__)
    if not isinstance(function, types.FunctionType):
        called = vars(type(function)).get("__call__")
        if isinstance(called, types.FunctionType):
            return functools.partial(_twin(called), function)
        return function
    names = set(_names(function.__code__))
    surroundings = {
        name: _substitute(value) if name in names else value
        for name, value in function.__globals__.items()
    }
    cells = tuple(_cell(cell) for cell in function.__closure__ or ())
    twin = types.FunctionType(
        function.__code__, surroundings, function.__name__, function.__defaults__, cells
    )
    twin.__kwdefaults__ = function.__kwdefaults__
    return twin


def _names(code: types.CodeType) -> list[str]:
    inner = [c for c in code.co_consts if isinstance(c, types.CodeType)]
    return [*code.co_names, *(name for part in inner for name in _names(part))]


def _cell(cell: types.CellType) -> types.CellType:
    try:
        return types.CellType(_substitute(cell.cell_contents))
    except ValueError:  # a name that is not bound yet
        return cell
