"""Curves of a sweep, one for each point along its only dimension."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

from mnexcite.errors import InputError
from mnexcite.plots.sweep_axes import coordinate

if TYPE_CHECKING:
    from xarray import Dataset

#: Lines are told apart by colour and legend up to so many.
MOST = 12


class Line(NamedTuple):
    """Hold one point of the sweep: its place, its colour and what the legend says."""

    point: int
    color: tuple[float, float, float, float]
    label: str | None


class Family(NamedTuple):
    """Hold the points in the order of their values; `title` is of the legend, if any."""

    lines: list[Line]
    title: str | None


def family_of(ds: Dataset, variable: str, *, factor: bool) -> Family:
    """Return the lines of a dataset that has one point, or one dimension of up to 12."""
    dims, size = ds[variable].dims, ds[variable].size
    if len(dims) > 1 or size > MOST:
        raise InputError(
            f"the sweep has {size} points along {', '.join(map(str, dims))}; allowed: one "
            f"dimension of up to {MOST} points: choose some, as in ds.isel(...)"
        )
    colors = mpl.colormaps["viridis"](np.linspace(0.0, 0.82, size))
    if not dims:
        return Family([Line(0, tuple(colors[0]), None)], None)
    by = coordinate(ds, str(dims[0]), factor=factor)
    lines = [
        Line(int(i), tuple(color), f"{by.values[i]:.4g}")
        for i, color in zip(by.order, colors, strict=True)
    ]
    return Family(lines, by.label)


def numbered(ds: Dataset, begin: str, end: str = "") -> dict[float, str]:
    """Return number -> name of the variables whose names hold one between `begin` and `end`."""
    found = {}
    for name in map(str, ds.data_vars):
        if name.startswith(begin) and name.endswith(end):
            try:
                found[float(name.removeprefix(begin).removesuffix(end))] = name
            except ValueError:
                continue
    return dict(sorted(found.items()))


def rows(ds: Dataset, names: Sequence[str]) -> NDArray[np.float64]:
    """Return values of shape (names, points)."""
    return np.stack([np.atleast_1d(ds[name].values).astype(float) for name in names])
