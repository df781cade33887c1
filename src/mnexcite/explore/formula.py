"""Follow what Python computes of a slider's number, so that a page computes the same.

A `Formula` is put in the place of a number and remembers what is done with it. So a page
repeats no rule of a cell: it is told them by the code that holds them.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Formula:
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

    def __add__(self, other: Any) -> Formula:
        return Formula(("+", self, _plain(other)))

    def __radd__(self, other: Any) -> Formula:
        return Formula(("+", _plain(other), self))

    def __sub__(self, other: Any) -> Formula:
        return Formula(("-", self, _plain(other)))

    def __rsub__(self, other: Any) -> Formula:
        return Formula(("-", _plain(other), self))

    def __mul__(self, other: Any) -> Formula:
        return Formula(("*", self, _plain(other)))

    def __rmul__(self, other: Any) -> Formula:
        return Formula(("*", _plain(other), self))

    def __truediv__(self, other: Any) -> Formula:
        return Formula(("/", self, _plain(other)))

    def __rtruediv__(self, other: Any) -> Formula:
        return Formula(("/", _plain(other), self))

    def __pow__(self, other: Any) -> Formula:
        return Formula(("^", self, _plain(other)))

    def __rpow__(self, other: Any) -> Formula:
        return Formula(("^", _plain(other), self))

    def __neg__(self) -> Formula:
        return Formula(("-", 0.0, self))


def slider(name: str) -> Formula:
    """Return the number of a slider."""
    return Formula(("x", name))


def _plain(x: Any) -> Formula | float:
    return x if isinstance(x, Formula) else float(x)


_OPERATIONS: dict[str, Any] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
    "ln": math.log,
}
