"""A sweep's own store as the map of a page."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnexcite import sweeps
from mnexcite.cells import Cell
from mnexcite.cells.changes import in_words
from mnexcite.cells.paths import resolve
from mnexcite.errors import InputError, place
from mnexcite.page.sliders import STIMULUS, TEMPERATURE, Slider, has, sliders_of
from mnexcite.sweeps.designs.coordinates import FACTOR

if TYPE_CHECKING:
    from xarray import Dataset

#: Phases in which a cell fires to the end.
FIRING = ("burst", "tonic", "irregular")
MOST = 90_000


@dataclass(frozen=True)
class Map:
    """Hold a sweep over two sliders: x across, y up, and what was found, as a page reads it."""

    sliders: tuple[Slider, ...]
    json: dict[str, Any]


def map_of(cell: Cell, store: str | os.PathLike[str], more: Sequence[str] = ()) -> Map:
    """Return the map in a store, and the sliders of a cell that reach all of it.

    Paths among its axes that are no sliders yet become sliders, after those of `more`.

    Raises
    ------
    InputError
        If it is of another cell, has not two axes, an axis is none that a page can move, or
        neither `rate` nor `phase` is in it.
    StorageError
        If it cannot be read.
    """
    path = place("map", store)
    ds = sweeps.load(path)
    _check(cell, ds, path)
    first, second = (str(dim) for dim in ds["status"].dims)
    own = sliders_of(cell, more)
    known = {one.id for one in own}
    new = [
        name
        for name in (first, second)
        if name not in known and has(cell, name) and not _same(cell, name, own)
    ]
    own = sliders_of(cell, (*more, *new))
    axes = [_axis(cell, ds, name, own) for name in (first, second)]
    order = [np.argsort(values) for _, values in axes]
    reach = {one.id: values for one, values in axes}
    found = {key: values[np.ix_(*order)].T for key, values in _values(ds).items()}
    x, y = ({"slider": one.id, "values": sorted(values.tolist())} for one, values in axes)
    told = {key: values.tolist() for key, values in found.items()}
    if "rate" in told:
        told["rate"] = [[_finite(one) for one in row] for row in told["rate"]]
    return Map(
        tuple(_reaching(one, reach.get(one.id)) for one in own),
        {
            "x": x,
            "y": y,
            "duration": float(ds.attrs["duration"]),
            "stimulus": ds.attrs["stimulus"],
            "source": path.name,
            "values": told,
        },
    )


def _check(cell: Cell, ds: Dataset, path: Any) -> None:
    given = (ds.attrs.get("cell"), ds.attrs.get("cell_changes"))
    if given != (cell.name, in_words(cell)):
        raise InputError(
            f"map is a sweep of {given[0]} ({given[1]}), in {path}; the page is of {cell.name} "
            f"({in_words(cell)}): give the sweep's own cell"
        )
    dims = ds["status"].dims
    if len(dims) != 2 or min(ds["status"].shape) < 2:
        raise InputError(
            f"map is a sweep over {', '.join(map(str, dims))}; give one of a grid over two "
            "axes of two values or more"
        )
    if ds["status"].size > MOST:
        raise InputError(f"map has {ds['status'].size} points; a page takes {MOST} at most")
    if not {"rate", "phase"} & set(ds.data_vars):
        raise InputError(
            f"map is a sweep of {', '.join(map(str, ds.data_vars))}; give one with the measure "
            "rate or phase"
        )


def _same(cell: Cell, name: str, sliders: Sequence[Slider]) -> Slider | None:
    """Return the slider that moves the numbers of a path, whatever it is called."""
    for one in sliders:
        if one.id == name:
            return one
        if has(cell, name) and has(cell, one.id):
            if set(resolve(cell, name)) == set(resolve(cell, one.id)):
                return one
    return None


def _axis(
    cell: Cell, ds: Dataset, name: str, sliders: Sequence[Slider]
) -> tuple[Slider, NDArray[np.float64]]:
    """Return the slider of an axis, and the axis' values as the slider has them."""
    one = _same(cell, name, sliders)
    allowed = [s.id for s in sliders if s.id != STIMULUS and s.kind != "drug"]
    if one is None or one.id not in allowed:
        raise InputError(
            f"map has the axis {name}, which a page cannot move; allowed: {TEMPERATURE} and "
            f"paths of the cell's numbers, such as {', '.join(allowed[:3])}"
        )
    factor = f"{name}{FACTOR}" in ds.coords
    values = np.asarray(ds[f"{name}{FACTOR}" if factor else name].values, dtype=float)
    wants_factor = one.kind == "factor"
    if factor == wants_factor:
        return one, values
    if one.own is None or one.own == 0.0:
        raise InputError(
            f"map has the axis {name} in numbers, but several numbers of the cell differ; "
            f"sweep over {name}:factor"
        )
    return one, values / one.own if wants_factor else values * one.own


def _values(ds: Dataset) -> dict[str, NDArray[Any]]:
    """Return rate, whether it fires, and the phase in words, each (first, second axis)."""
    dims, named = ds["status"].dims, sweeps.labelled(ds)
    said = named["status"].values
    good = said == "ok"
    found: dict[str, NDArray[Any]] = {}
    if "rate" in ds:
        found["rate"] = np.where(good, ds["rate"].transpose(*dims).values, math.nan)
        found["fires"] = (found["rate"] > 0.0).astype(int)
    if "phase" in ds:
        phases = named["phase"].transpose(*dims).values
        found["fires"] = np.isin(phases, FIRING).astype(int)
        said = np.where(good, phases, said)
    # a point without an answer is neither firing nor silent
    found["fires"] = np.where(good, found["fires"], -1)
    found["says"] = said
    return found


def _finite(x: float) -> float | None:
    return x if math.isfinite(x) else None


def _reaching(one: Slider, values: NDArray[np.float64] | None) -> Slider:
    """Return a slider that reaches all values, on the same steps."""
    if values is None:
        return one
    low, high = float(values.min()), float(values.max())
    below = max(0, math.ceil((one.low - low) / one.step - 1e-9))
    above = max(0, math.ceil((high - one.high) / one.step - 1e-9))
    return replace(one, low=one.low - below * one.step, high=one.high + above * one.step)
