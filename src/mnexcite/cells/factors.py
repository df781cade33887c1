"""Values relative to a cell's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnexcite.errors import InputError, array, checked, number, shown, whole

#: Most factors of one axis; more lanes are more calls.
MOST = 10_000_000


@dataclass(frozen=True)
class Factors:
    """Hold factors that multiply a number's own value, one per lane."""

    values: tuple[float, ...]

    def __post_init__(self) -> None:
        allowed = "one or more finite numbers"
        values = array("factors", self.values, allowed, least=1)
        object.__setattr__(self, "values", tuple(values.tolist()))

    def times(self, own: float) -> NDArray[np.float64]:
        """Return the absolute values, shape (n,)."""
        return own * np.array(self.values)


@checked
def factors(
    lo: float | Iterable[float], hi: float | None = None, n: int | None = None
) -> Factors:
    """Return `n` factors from `lo` to `hi` in equal steps, or those of a list.

    Raises
    ------
    InputError
        If a factor is not finite, or not all of lo, hi and n are given.

    Examples
    --------
    >>> factors(0.5, 1.0, 3).values
    (0.5, 0.75, 1.0)
    >>> factors([1, 2]).values
    (1.0, 2.0)
    """
    return _spaced("factors", np.linspace, lo, hi, n)


@checked
def log_factors(
    lo: float | Iterable[float], hi: float | None = None, n: int | None = None
) -> Factors:
    """Return `n` factors from `lo` to `hi` in equal ratios, or those of a list.

    Raises
    ------
    InputError
        If a factor is not finite and above 0, or not all of lo, hi and n are given.

    Examples
    --------
    >>> log_factors(0.25, 4.0, 3).values
    (0.25, 1.0, 4.0)
    """
    made = _spaced("log_factors", _geometric, lo, hi, n)
    if not all(value > 0 for value in made.values):
        raise InputError(f"log_factors: {made.values!r}; allowed: numbers above 0")
    return made


def _geometric(lo: float, hi: float, n: int) -> NDArray[np.float64]:
    if lo <= 0 or hi <= 0:
        raise InputError(f"log_factors: lo {lo!r}, hi {hi!r}; allowed: numbers above 0")
    return np.geomspace(lo, hi, n)


def _spaced(name: str, space: Any, lo: Any, hi: Any, n: Any) -> Factors:
    if hi is None and n is None and not isinstance(lo, int | float):
        return Factors(lo)
    if hi is None or n is None:
        raise InputError(
            f"{name}: lo {shown(lo)}, hi {shown(hi)}, n {shown(n)}; give all three, or one list"
        )
    lo, hi = number(f"{name}: lo", lo), number(f"{name}: hi", hi)
    n = whole(f"{name}: n", n, f"1 to {MOST}", highest=MOST)
    return Factors(tuple(space(lo, hi, n).tolist()))
