"""What a user's function does, as plain data: the same in every process, another if changed."""

from __future__ import annotations

import dataclasses
import hashlib
import sysconfig
from collections.abc import Iterator, Mapping
from functools import partial
from types import CodeType, FunctionType, MethodType
from typing import Any

import numpy as np

_OWN = "mnexcite."
_LIBRARIES = tuple(sysconfig.get_path(key) for key in ("stdlib", "purelib", "platlib"))


def told(value: Any, within: tuple[int, ...] = ()) -> Any:
    """Return plain data for JSON that two functions share if they do the same.

    A function of this package is told by its name. Any other is told by its code, its
    defaults, what it encloses, and the functions and plain values that it takes from its
    module; what comes from installed libraries, by its name.
    """
    if value is None or isinstance(value, str | int | float):
        return value
    if id(value) in within:  # a function that calls itself
        return "itself"
    within = (*within, id(value))
    value = getattr(value, "py_func", value)  # of a function that numba compiles
    if isinstance(value, FunctionType) and not (value.__module__ or "").startswith(_OWN):
        return _of_function(value, within)
    if isinstance(value, np.ndarray | np.generic) and value.dtype != object:
        digest = hashlib.sha256(value.tobytes()).hexdigest()
        return [str(value.dtype), list(value.shape), digest]
    if isinstance(value, frozenset | set):  # in no order that lasts
        return sorted((told(inner, within) for inner in value), key=repr)
    if isinstance(value, Mapping):
        return [[told(key, within), told(inner, within)] for key, inner in value.items()]
    if isinstance(value, partial):
        value = (value.func, value.args, value.keywords)
    if isinstance(value, MethodType):
        value = (value.__func__, value.__self__)
    if isinstance(value, list | tuple):
        return [told(inner, within) for inner in value]
    if hasattr(value, "__name__"):  # a class, a module, a built-in function
        return f"{getattr(value, '__module__', '')}:{_name(value)}"
    return _of_object(value, within)


def _of_function(function: FunctionType, within: tuple[int, ...]) -> list[Any]:
    enclosed = [_content(cell) for cell in function.__closure__ or ()]
    outer = function.__globals__
    named = {
        name: outer[name]
        for name in sorted(set(_names(function.__code__)))
        if name in outer and _is_told(outer[name])
    }
    parts = (function.__defaults__, function.__kwdefaults__, enclosed, named)
    return [_of_code(function.__code__), *(told(part, within) for part in parts)]


def _of_object(value: Any, within: tuple[int, ...]) -> list[Any]:
    """Return what an object holds, and what it does if it is called."""
    kind = type(value)
    if dataclasses.is_dataclass(value):
        holds = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    else:
        holds = getattr(value, "__dict__", {})
    how = told(kind.__call__, within) if callable(value) else None
    return [f"{kind.__module__}:{kind.__qualname__}", how, told(holds, within)]


def _of_code(code: CodeType) -> list[Any]:
    constants = [
        _of_code(each) if isinstance(each, CodeType) else told(each) for each in code.co_consts
    ]
    return [code.co_code.hex(), list(code.co_names), constants]


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _is_told(value: Any) -> bool:
    """Tell whether a thing of a function's module decides what it does."""
    if isinstance(value, FunctionType):
        return not value.__code__.co_filename.startswith(("<frozen", *_LIBRARIES))
    if isinstance(value, list | tuple):
        return all(map(_is_told, value))
    return isinstance(value, str | int | float | np.ndarray | np.generic)


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not filled yet
        return None


def _name(value: Any) -> str:
    return getattr(value, "__qualname__", value.__name__)
