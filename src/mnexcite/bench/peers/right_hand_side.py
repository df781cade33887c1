"""A work's equations as one compiled function, for solvers that call a right-hand side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import FunctionType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.bench.dialects import DIALECTS
from mnexcite.bench.expressions import assignments
from mnexcite.bench.pieces import Piece
from mnexcite.bench.system import System, system
from mnexcite.bench.work import Work
from mnexcite.equations.right_hand_side import error_scale

Array = NDArray[np.float64]

_FILL = "void(f8, f8[:], f8[::1], f8[:])"
_RETURN = "f8[::1](f8, f8[:], f8[::1])"


@dataclass(frozen=True, eq=False)
class RightHandSide:
    """Hold the compiled y' of a work.

    States are divided by `scale` (100 mV, a pool's own, 1 for gates), so that one absolute
    tolerance suits them all. `values`: parameters x sets; `numbers(place, piece)` are what
    a set and a piece of the stimulus put into the equations. `derivative(t, y, numbers)`
    returns y'; `fill(t, y, numbers, dy)` writes it.
    """

    values: Array
    initial: Array
    scale: Array
    threshold: float
    derivative: Callable[..., Array]
    fill: Callable[..., None]

    def numbers(self, place: int, piece: Piece) -> Array:
        """Return parameters, and offset and slope of each injected current."""
        return np.concatenate([self.values[:, place], piece.offset, piece.slope])


def right_hand_side(work: Work) -> RightHandSide:
    """Return the compiled equations of a work.

    Raises
    ------
    Untraceable
        If a gate's function cannot be written as a formula.
    """
    s = system(work.cell, tuple(work.parameters))
    scale = error_scale(work.cell)
    fill, derivative = _compiled(source(s, scale))
    return RightHandSide(
        values=s.values(work.parameters),
        initial=s.initial / scale,
        scale=scale,
        threshold=work.cell.spike_threshold / scale[0],
        derivative=derivative,
        fill=fill,
    )


def source(s: System, scale: Array) -> str:
    """Return the equations as the text of a Python function that writes y'."""
    lines = [f"{name} = {float(scale[i])!r} * _y[{i}]" for i, name in enumerate(s.names)]
    lines += [f"{name} = _p[{i}]" for i, name in enumerate(s.parameters)]
    first = len(s.parameters)
    for i, name in enumerate(s.injected):
        lines.append(f"{name} = _p[{first + i}] + _p[{first + len(s.injected) + i}] * _t")
    outputs = {f"_dy[{i}]": y / float(scale[i]) for i, y in enumerate(s.derivatives)}
    lines += [f"{name} = {text}" for name, text in assignments(outputs)]
    body = "\n".join(f"    {line}" for line in lines)
    return f"def fill(_t, _y, _p, _dy):\n{body}\n"


@lru_cache(maxsize=8)
def _compiled(text: str) -> tuple[Any, Any]:
    import numba

    options: Mapping[str, Any] = {"error_model": "numpy"}
    namespace: dict[str, Any] = {}
    exec(DIALECTS["python"].prelude, namespace)
    for name, value in list(namespace.items()):
        if isinstance(value, FunctionType):
            namespace[name] = numba.njit(**options)(value)
    exec(text, namespace)
    fill = numba.njit(_FILL, **options)(namespace["fill"])

    @numba.njit(_RETURN, **options)
    def derivative(t: float, y: Array, p: Array) -> Array:
        dy = np.empty(len(y))
        fill(t, y, p, dy)
        return dy

    return fill, derivative
