"""A sweep's coordinates, ready to be drawn: label, scale, edges of cells, ticks."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullLocator
from numpy.typing import NDArray

from mnexcite.errors import InputError
from mnexcite.plots.labels import unit_of
from mnexcite.plots.style import BASE, GREY, points
from mnexcite.sweeps.designs.coordinates import FACTOR, FACTOR_OF, SALTELLI

if TYPE_CHECKING:
    from xarray import Dataset

Array = NDArray[np.float64]

#: Longer labels are broken into lines of so many letters.
WIDE = 42
#: Up to so many values of an axis each has its tick, unless two would touch.
TICKED = 8
SHOWN = "{:.4g}"
#: Size of the numbers beside ticks [points].
FONT = 12.5
#: Ratios and differences that differ by less are equal: coordinates are rounded products.
EQUAL = 1e-6


@dataclass(frozen=True)
class Coordinate:
    """Hold an axis of a sweep: its values [of `label`] in the dataset's order, shape (n,)."""

    name: str
    label: str
    values: Array
    log: bool

    @property
    def order(self) -> NDArray[np.intp]:
        """The places of the values from the lowest to the highest, shape (n,)."""
        return np.argsort(self.values, kind="stable")

    @property
    def edges(self) -> Array:
        """Where cells around the ordered values begin and end, shape (n + 1,)."""
        return edges(self.values[self.order], log=self.log)

    def scaled(self, ds: Dataset) -> float:
        """Return what values of the dataset are multiplied by on this axis, 1 or to factors."""
        own = coordinate(ds, self.name).values
        largest = int(np.argmax(np.abs(own)))
        return float(self.values[largest] / own[largest]) if own[largest] else 1.0

    def scale(self, axis: XAxis | YAxis, *, ticks: bool = True) -> None:
        """Give a Matplotlib axis this label, scale and, if asked, ticks at few values."""
        axis.set_label_text(self.label)
        length, name = _length(axis), axis.axis_name
        if self.log:
            axis.axes.set(**{f"{name}scale": "log"})
            axis.set_minor_locator(NullLocator())
        if ticks and self._fit(length, level=name == "x"):
            axis.set_major_locator(FixedLocator(self.values.tolist()))
        elif self.log and np.ptp(np.log10(self.values)) > 0.7:
            subs = (1.0, 2.0, 5.0) if np.ptp(np.log10(self.values)) < 2.5 else (1.0,)
            axis.set_major_locator(LogLocator(subs=subs))
        else:
            bins = np.clip(length / 60, 4, 6) if name == "x" else np.clip(length / 40, 4, 8)
            axis.set_major_locator(MaxNLocator(int(bins), steps=[1.0, 2.0, 2.5, 5.0, 10.0]))
            if not self.log:
                return
        axis.set_major_formatter(FuncFormatter(lambda value, _: SHOWN.format(value)))

    def _fit(self, length: float, level: bool) -> bool:
        """Say whether each value may have its tick on an axis of so many points."""
        places = np.unique(np.log(self.values) if self.log else self.values)
        gaps = np.diff(places)
        letters = max(len(SHOWN.format(value)) for value in self.values)
        room = 0.65 * FONT * letters + 8.0 if level else 1.5 * FONT
        return places.size <= TICKED and bool(np.all(gaps * length > room * gaps.sum()))


def coordinate(ds: Dataset, name: str, *, factor: bool = False) -> Coordinate:
    """Return an axis of a sweep, in factors where asked for and there.

    Raises
    ------
    InputError
        If its values are not finite numbers.
    """
    if name not in ds.coords:
        return Coordinate(name, wrapped(name), np.arange(float(ds.sizes[name])), False)
    own = ds.coords.get(name + FACTOR)
    factor = own is not None and (factor or _of_group(ds, name))
    data = own if own is not None and factor else ds.coords[name]
    values = np.atleast_1d(np.asarray(data.values))
    if values.dtype.kind not in "iuf" or not np.isfinite(values).all():
        raise InputError(f"axis {name} holds {values.dtype}; allowed: finite numbers")
    unit = "factor" if factor else unit_of(data)
    label = f"{wrapped(name)} [{unit}]" if unit else wrapped(name)
    values = values.astype(float)
    return Coordinate(name, label, values, _is_geometric(values))


def edges(values: Array, *, log: bool = False) -> Array:
    """Return where cells around rising values begin and end, halfway between neighbours.

    Parameters
    ----------
    values
        The values, rising, shape (n,), n at least 1.
    log
        Take the geometric middle between neighbours.

    Returns
    -------
    Array
        n + 1 edges; the outer cells are as wide on both sides of their value.

    Examples
    --------
    >>> edges(np.array([1.0, 2.0, 4.0])).tolist()
    [0.5, 1.5, 3.0, 5.0]
    >>> edges(np.array([1.0, 4.0, 16.0]), log=True).round(9).tolist()
    [0.5, 2.0, 8.0, 32.0]
    """
    places = np.log(values) if log else values
    if places.size == 1:
        half = 0.5 * abs(float(places[0])) or 0.5
        return np.array([places[0] - half, places[0] + half])
    middles = 0.5 * places[1:] + 0.5 * places[:-1]
    first = places[0] - (middles[0] - places[0])
    last = places[-1] + (places[-1] - middles[-1])
    between = np.concatenate([[first], middles, [last]])
    return np.exp(between) if log else between


def axis_names(ds: Dataset, dims: tuple[str, ...]) -> list[str]:
    """Return the axes whose coordinates have just these dimensions.

    Factors, the members of a group and what numbers the points are no axes.
    """
    factors = [data for name, data in ds.coords.items() if str(name).endswith(FACTOR)]
    known: set[str] = {"point", "seed"}
    for data in factors:
        listed = str(data.attrs.get("long_name", "")).removeprefix(FACTOR_OF).split(", ")
        known |= {str(data.name), *listed} - {str(data.name).removesuffix(FACTOR)}
    return [
        str(name)
        for name, data in ds.coords.items()
        if data.dims == dims
        and data.dtype.kind in "iuf"
        and name not in known
        and not str(name).startswith(SALTELLI)
    ]


def fixed_values(ds: Dataset, *, factor: bool = False) -> str:
    """Return what the dataset was reduced to, as in "ions.K_o 4 mM, temperature 37 degC"."""
    said = []
    for name in axis_names(ds, ()):
        data, own = ds.coords[name], ds.coords.get(name + FACTOR)
        if own is not None and (factor or _of_group(ds, name)):
            said.append(f"{name} × {SHOWN.format(own.item())}")
        else:
            said.append(f"{name} {SHOWN.format(data.item())} {unit_of(data)}".rstrip())
    return ", ".join(said)


def _of_group(ds: Dataset, name: str) -> bool:
    """Say whether an axis has only factors: a group whose members' own values differ."""
    return str(ds.coords[name].attrs.get("long_name", "")).startswith(FACTOR_OF)


def entitle(ax: Axes, text: str, width: int = 60) -> None:
    """Write what was held fixed above the axes, smaller than a figure's own title."""
    if text:
        # as many letters as fit beside what stands on the right
        room = _length(ax.xaxis) / (0.55 * points(BASE))
        text = textwrap.fill(text, max(12, min(width, int(room))), break_long_words=False)
        ax.set_title(text, loc="left", fontsize="medium", fontweight="normal")


def say_empty(ax: Axes, why: str = "no point has a number") -> None:
    """Write that there is nothing to draw, in place of numbers that mean nothing."""
    ax.set_yticks([])
    ax.text(
        0.5,
        0.5,
        why,
        ha="center",
        va="center",
        color=GREY,
        transform=ax.transAxes,
    )


def _length(axis: XAxis | YAxis) -> float:
    """Return about how long an axis is [points]."""
    box = axis.axes.get_window_extent()
    pixels = box.width if axis.axis_name == "x" else box.height
    return 72.0 * pixels / axis.axes.figure.dpi


def _is_geometric(values: Array) -> bool:
    """Say whether the values rise or fall in equal ratios, and not in equal steps."""
    if values.size < 3 or values.min() <= 0.0:
        return False
    steps = np.diff(np.sort(values))
    ratios = np.diff(np.log(np.sort(values)))
    return bool(np.ptp(ratios) <= EQUAL * ratios.max() and np.ptp(steps) > EQUAL * steps.max())


def wrapped(path: str) -> str:
    """Break a long path after its dots and signs, or between its words."""
    parts = textwrap.wrap(re.sub(r"([.+_])(?=[A-Za-z])", r"\1\0 ", path), WIDE)
    return "\n".join(part.replace("\0 ", "").rstrip("\0") for part in parts)
