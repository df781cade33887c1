"""The axes on which kinetics are tabulated: voltage, and concentration by octaves.

A row of a table spans one cell of the axis and holds a cubic or a quintic. Curvatures join
from row to row: a cell that is slowly losing its stability amplifies what little a rougher
table adds, and fires too early.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class VoltageAxis:
    """Cut `lowest` to `highest` [mV] into equal rows of `width` [mV]."""

    lowest: float = -150.0
    highest: float = 100.0
    width: float = 0.0625

    @property
    def rows(self) -> int:
        """Number of rows."""
        return round((self.highest - self.lowest) / self.width)

    @property
    def nodes(self) -> Array:
        """Starts of all rows and the end of the last, shape (rows + 1,)."""
        return self.lowest + self.width * np.arange(self.rows + 1.0)

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
    last: int = 10
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
    def nodes(self) -> Array:
        """Starts of all rows and the end of the last, shape (rows + 1,)."""
        octave, part = np.divmod(np.arange(self.rows), self.parts)
        starts = 2.0 ** (self.first + octave) * (1.0 + part / self.parts)
        return np.append(starts, self.highest)

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


def cubics(nodes: Array, values: Array) -> Array:
    """Return the rows' coefficients of a smooth function known at an axis' `nodes`.

    Values along the last axis, shape (..., rows + 1) -> (..., rows, 4):
    c0 + u (c1 + u (c2 + u c3)) with u from 0 to 1 within a row. The cubics are a spline:
    values, slopes and curvatures join. Each end has the curvature of its last three nodes.
    """
    from scipy.linalg import solve_banded

    width, rise = np.diff(nodes), np.diff(values, axis=-1)
    turn = np.diff(rise / width, axis=-1)
    bends = np.zeros_like(values)  # second derivatives at the nodes
    bends[..., 0] = 2.0 * turn[..., 0] / (width[0] + width[1])
    bends[..., -1] = 2.0 * turn[..., -1] / (width[-1] + width[-2])
    bands = np.zeros((3, width.size - 1))
    bands[0, 1:], bands[2, :-1] = width[1:-1], width[1:-1]
    bands[1] = 2.0 * (width[:-1] + width[1:])
    wanted = 6.0 * turn
    wanted[..., 0] -= width[0] * bends[..., 0]
    wanted[..., -1] -= width[-1] * bends[..., -1]
    inner = solve_banded((1, 1), bands, np.moveaxis(wanted, -1, 0))
    bends[..., 1:-1] = np.moveaxis(inner, 0, -1)
    start, end = bends[..., :-1] * width**2, bends[..., 1:] * width**2
    linear = rise - (2.0 * start + end) / 6.0
    return np.stack([values[..., :-1], linear, 0.5 * start, (end - start) / 6.0], axis=-1)


def quintics(nodes: Array, values: Array) -> Array:
    """Return what `cubics` does, of degree 5: shape (..., rows + 1) -> (..., rows, 6).

    Derivatives join up to the fourth. Near an end, three rows share one polynomial.
    """
    from scipy.interpolate import make_interp_spline

    spline = make_interp_spline(nodes, np.moveaxis(values, -1, 0), k=5)
    starts, widths = nodes[:-1], np.diff(nodes)
    taylor = [
        np.moveaxis(spline(starts, nu=order), 0, -1) * widths**order / math.factorial(order)
        for order in range(6)
    ]
    taylor[0] = values[..., :-1]  # to the bit
    return np.stack(taylor, axis=-1)


def bernstein(rows: Array) -> Array:
    """Return numbers between whose least and largest each row's polynomial stays."""
    degree = rows.shape[-1] - 1
    weights = [
        [math.comb(j, i) / math.comb(degree, i) for i in range(degree + 1)]
        for j in range(degree + 1)
    ]
    return rows @ np.array(weights).T
