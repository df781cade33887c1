"""The axes on which kinetics are tabulated: voltage, and concentration by octaves.

A row of a table spans one cell of the axis and holds a quadratic through the values at
its start, middle and end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class VoltageAxis:
    """Cut `lowest` to `highest` [mV] into equal rows of `width` [mV]."""

    lowest: float = -150.0
    highest: float = 100.0
    width: float = 0.25

    @property
    def rows(self) -> int:
        """Number of rows."""
        return round((self.highest - self.lowest) / self.width)

    @property
    def points(self) -> Array:
        """Starts and middles of all rows and the end of the last, shape (2 rows + 1,)."""
        return self.lowest + 0.5 * self.width * np.arange(2.0 * self.rows + 1.0)

    def locate(self, x: ArrayLike) -> tuple[NDArray[np.int64], Array]:
        """Return the row of each x and the place in it, 0 to 1; x beyond the axis is held."""
        place = (np.asarray(x, dtype=float) - self.lowest) / self.width
        place = np.clip(place, 0.0, self.rows)
        row = np.minimum(place.astype(np.int64), self.rows - 1)
        return row, place - row


@dataclass(frozen=True)
class ConcentrationAxis:
    """Cut each octave from 2^`first` to 2^`last` into `parts` equal rows.

    The row is read off the bits of a float: exponent and leading bits of the mantissa.
    """

    first: int = -40
    last: int = 7
    parts: int = 64

    @property
    def lowest(self) -> float:
        """Start of the first row; smaller concentrations count as this one."""
        return 2.0**self.first

    @property
    def highest(self) -> float:
        """End of the last row."""
        return 2.0**self.last

    @property
    def rows(self) -> int:
        """Number of rows."""
        return (self.last - self.first) * self.parts

    @property
    def points(self) -> Array:
        """Starts and middles of all rows and the end of the last, shape (2 rows + 1,)."""
        steps = np.arange(2 * self.rows)
        octave, part = np.divmod(steps, 2 * self.parts)
        inner = 2.0 ** (self.first + octave) * (1.0 + part / (2 * self.parts))
        return np.append(inner, self.highest)

    def locate(self, x: ArrayLike) -> tuple[NDArray[np.int64], Array]:
        """Return the row of each x and the place in it, 0 to 1; x beyond the axis is held."""
        x = np.clip(np.asarray(x, dtype=float), self.lowest, self.highest)
        mantissa, exponent = np.frexp(x)  # x = mantissa 2^exponent, mantissa in [0.5, 1)
        place = (2.0 * mantissa - 1.0) * self.parts
        row = (exponent.astype(np.int64) - 1 - self.first) * self.parts + place.astype(np.int64)
        place = place - np.floor(place)
        at_end = row >= self.rows
        return np.where(at_end, self.rows - 1, row), np.where(at_end, 1.0, place)


VOLTAGE = VoltageAxis()
CONCENTRATION = ConcentrationAxis()


def axis_of(pool: str | None) -> VoltageAxis | ConcentrationAxis:
    """Return the axis of a gate that reads `pool`, or the voltage for None."""
    return VOLTAGE if pool is None else CONCENTRATION


def quadratics(values: Array) -> Array:
    """Return the rows' coefficients from values at `points` along the last axis.

    Shape (..., 2 rows + 1) -> (..., rows, 3): value = c0 + u (c1 + u c2), u in [0, 1].
    """
    start, middle, end = values[..., 0:-1:2], values[..., 1::2], values[..., 2::2]
    return np.stack(
        [start, 4.0 * middle - 3.0 * start - end, 2.0 * (start + end) - 4.0 * middle], axis=-1
    )
