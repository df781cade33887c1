"""Follow what Python computes of a slider's number, so that a page computes the same.

A `Formula` is put in the place of a number and remembers what is done with it. So a page
repeats no rule of a cell: it is told them by the code that holds them.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin


@dataclass(frozen=True)
class Formula(NDArrayOperatorsMixin):
    """Hold an expression: `("x", slider)`, or an operation and its arguments."""

    parts: tuple[Any, ...]

    @property
    def json(self) -> list[Any]:
        """Nested lists, as a page reads them."""
        return [part.json if isinstance(part, Formula) else part for part in self.parts]

    def at(self, values: dict[str, float]) -> float:
        """Return its value, by the same operations that the page has."""
        operation, *given = self.parts
        if operation == "x":
            return values[given[0]]
        numbers = [x.at(values) if isinstance(x, Formula) else x for x in given]
        return _OPERATIONS[operation](*numbers)

    def log(self) -> Formula:
        """Return the natural logarithm."""
        return Formula(("ln", self))

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any
    ) -> Formula:
        if ufunc is np.negative:
            return 0.0 - self
        if method != "__call__" or options or ufunc not in _SIGNS:
            return NotImplemented
        return Formula((_SIGNS[ufunc], *map(_plain, inputs)))


def slider(name: str) -> Formula:
    """Return the number of a slider."""
    return Formula(("x", name))


def _plain(x: Any) -> Formula | float:
    return x if isinstance(x, Formula) else float(x)


_SIGNS = {
    np.add: "+",
    np.subtract: "-",
    np.multiply: "*",
    np.divide: "/",
    np.power: "^",
}
_OPERATIONS: dict[str, Any] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
    "ln": math.log,
}
