"""The plane that a map is drawn over: a grid of cells, or single points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from mnexcite.errors import InputError, did_you_mean
from mnexcite.plots.sweep_axes import Coordinate, axis_names, coordinate

if TYPE_CHECKING:
    from xarray import DataArray, Dataset

POINT = "point"


@dataclass(frozen=True)
class Plane:
    """Hold the two axes that a map is drawn over; `grid` is false for single points."""

    x: Coordinate
    y: Coordinate
    grid: bool

    def arranged(self, data: DataArray) -> NDArray:
        """Return values as rows of rising y and columns of rising x; points as they are."""
        if not self.grid:
            return data.values
        rows = data.transpose(self.y.name, self.x.name).values
        return rows[self.y.order][:, self.x.order]

    def frame(self, ax: Axes) -> None:
        """Label the axes and give them their scales and limits."""
        self.x.scale(ax.xaxis, ticks=self.grid)
        self.y.scale(ax.yaxis, ticks=self.grid)
        if self.grid:
            ax.set_xlim(self.x.edges[0], self.x.edges[-1])
            ax.set_ylim(self.y.edges[0], self.y.edges[-1])
        else:
            ax.margins(0.05)


def plane(
    ds: Dataset,
    data: DataArray,
    x: str | None = None,
    y: str | None = None,
    *,
    factor: bool = False,
) -> Plane:
    """Return the two axes that a variable can be drawn over.

    Raises
    ------
    InputError
        If it has not two dimensions left, an axis is unknown, or its values are equal.
    """
    dims = tuple(str(dim) for dim in data.dims)
    grid = dims != (POINT,)
    known = list(dims) if grid else axis_names(ds, dims)
    for name in (x, y):
        if name is not None and name not in known:
            raise InputError(f"axis {name!r} is not there; {did_you_mean(name, known)}")
    if len(known) < 2 or (grid and len(dims) > 2):
        raise InputError(_other_than_two(ds, known, [x, y]))
    x = x or next(name for name in known if name != y)
    y = y or next(name for name in known if name != x)
    if x == y:
        raise InputError(f"x and y are both {x!r}; give two of {', '.join(known)}")
    both = [coordinate(ds, name, factor=factor) for name in (x, y)]
    for axis in both:
        if grid and np.unique(axis.values).size < axis.values.size:
            raise InputError(
                f"axis {axis.name} has a value twice; drop one with ds.isel, or draw "
                f"{'absolute values' if factor else 'factors with factor=True'}"
            )
    return Plane(both[0], both[1], grid)


def _other_than_two(ds: Dataset, dims: list[str], wanted: list[str | None]) -> str:
    if len(dims) < 2:
        have = f"one axis left, {dims[0]!r}" if dims else "no axis left"
        kept = next(iter(axis_names(ds, ())), "K.g")
        return (
            f"the sweep has {have}; a map needs 2: keep another as a dimension, as in "
            f"ds.isel({{{kept!r}: [0]}}), or draw slices"
        )
    keep = [name for name in wanted if name] + [d for d in dims if d not in wanted]
    extra = [name for name in dims if name not in keep[:2]]
    listed = ", ".join(f"{name} ({ds.sizes[name]})" for name in dims)
    first = ", ".join(f"{name!r}: {_shown(ds, name)}" for name in extra)
    places = ", ".join(f"{name!r}: 0" for name in extra)
    return (
        f"the sweep has {len(dims)} dimensions left: {listed}; a map has 2: choose a value, "
        f"as in ds.sel({{{first}}}) or ds.isel({{{places}}})"
    )


def _shown(ds: Dataset, name: str) -> str:
    return f"{ds[name].values[0]!s}" if name in ds.coords else "0"
