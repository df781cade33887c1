"""Designs: which points a sweep visits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mnexcite.errors import InputError, checked
from mnexcite.sweeps.designs.axes import Array, Axis, axis_of
from mnexcite.sweeps.designs.csv_table import read_columns

IntArray = NDArray[np.int64]
Kind = Literal["grid", "zipped", "random", "latin_hypercube", "sobol", "saltelli", "table"]


@dataclass(frozen=True)
class Design:
    """Hold the points of a sweep.

    Attributes
    ----------
    kind
        Name of the function that made it.
    axes
        A grid's axes have one value per step, all others one per point.
    seed
        Of a design that is drawn; None for others.

    Raises
    ------
    InputError
        If there is no axis, two have one name, or their values do not fit.
    """

    kind: Kind
    axes: tuple[Axis, ...]
    seed: int | None = None

    def __post_init__(self) -> None:
        if not self.axes:
            raise InputError("the design has no axis; give at least one")
        names = self.names
        if twice := [name for name in names if names.count(name) > 1]:
            raise InputError(f"axis {twice[0]!r} is given twice; keep one")
        sizes = {axis.name: axis.values.size for axis in self.axes}
        if self.kind != "grid" and len(set(sizes.values())) > 1:
            listed = ", ".join(f"{name} has {size}" for name, size in sizes.items())
            raise InputError(f"axes differ in length: {listed}; give as many values to each")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the axes."""
        return tuple(axis.name for axis in self.axes)

    @property
    def dims(self) -> tuple[str, ...]:
        """Names of the dimensions: the axes of a grid, else `point`."""
        return self.names if self.kind == "grid" else ("point",)

    @property
    def shape(self) -> tuple[int, ...]:
        """Points along each dimension."""
        sizes = tuple(axis.values.size for axis in self.axes)
        return sizes if self.kind == "grid" else sizes[:1]

    @property
    def size(self) -> int:
        """Number of points."""
        return math.prod(self.shape)

    def at(self, points: ArrayLike) -> dict[str, Array]:
        """Return the given values of each axis at flat points, counted in C order.

        Raises
        ------
        InputError
            If a point is not in the design.

        Examples
        --------
        >>> design = grid({"NaP.g": [0.05, 0.1], "C": [0.04, 0.05, 0.06]})
        >>> design.at([0, 4])["C"].tolist()
        [0.04, 0.05]
        """
        flat = np.asarray(points)
        if flat.dtype.kind not in "iu" and flat.size:
            raise InputError(f"points are {flat.dtype}; allowed: whole numbers")
        flat = flat.astype(np.int64)
        if flat.size and not (flat.min() >= 0 and flat.max() < self.size):
            raise InputError(
                f"points from {flat.min()} to {flat.max()}; allowed: 0 to {self.size - 1}"
            )
        if self.kind == "grid":
            places = np.unravel_index(flat, self.shape)
        else:
            places = (flat,) * len(self.axes)
        return {
            axis.name: axis.values[place] for axis, place in zip(self.axes, places, strict=True)
        }


@checked
def grid(axes: Mapping[Any, Any]) -> Design:
    """Return every combination of the axes' values.

    Parameters
    ----------
    axes
        Path (or group, tuple of paths, `temperature`, `conditions.<name>`,
        `stimulus.<argument>`) -> values, or `mnexcite.factors` of the cell's own value.
        A path followed by `:factor` takes a plain list as factors; one followed by a unit
        in brackets, such as `NaP.g [uS]`, has it checked.

    Raises
    ------
    InputError
        If an axis is empty, not finite, or has one value twice.

    Examples
    --------
    >>> import mnexcite as mx
    >>> grid({"NaP.g": mx.factors(1, 4, 40), "ions.K_o": [4.0, 5.0]}).shape
    (40, 2)
    """
    made = _axes(axes)
    for axis in made:
        values, counts = np.unique(axis.values, return_counts=True)
        if (counts > 1).any():
            raise InputError(
                f"axis {axis.name!r} has {values[counts.argmax()]:g} {counts.max()} times; "
                "allowed: different values"
            )
    return Design("grid", made)


@checked
def zipped(axes: Mapping[Any, Any]) -> Design:
    """Return one point per place in lists of one length.

    Raises
    ------
    InputError
        If lists differ in length, are empty or not finite.

    Examples
    --------
    >>> zipped({"NaP.g": [0.05, 0.1], "Kdr.g": [1.3, 0.9]}).shape
    (2,)
    """
    return Design("zipped", _axes(axes))


@checked
def table(source: str | Path | Mapping[Any, Any], *, decimal: str = ".") -> Design:
    r"""Return one point per line of a CSV file, or per place in a mapping's columns.

    Parameters
    ----------
    source
        A file whose header names the axes: `NaP.g` for values, `NaP.g:factor` for
        factors, `NaP.g [uS]` to have the unit checked. Columns are separated as
        `mnexcite.spikes.read_csv` says. Or the columns, as for `zipped`.
    decimal
        Decimal mark of the file, '.' or ','.

    Raises
    ------
    InputError
        If a line or column does not fit; the message names it.
    StorageError
        If the file cannot be read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name, "points.csv")
    >>> _ = path.write_text("NaP.g:factor,ions.K_o\n1,4\n2,4.5\n3,5\n")
    >>> table(path).at([1])["ions.K_o"]
    array([4.5])
    >>> folder.cleanup()
    """
    columns = source if isinstance(source, Mapping) else read_columns(Path(source), decimal)
    return Design("table", _axes(columns))


def _axes(given: Mapping[Any, Any]) -> tuple[Axis, ...]:
    if not isinstance(given, Mapping):
        raise InputError(
            f"axes are {type(given).__name__}; allowed: a mapping path -> values or factors"
        )
    return tuple(axis_of(key, values) for key, values in given.items())
