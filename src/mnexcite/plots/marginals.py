"""What each axis of a sweep does to a measure, whatever the others are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from mnexcite.errors import InputError, checked
from mnexcite.plots import canvas
from mnexcite.plots.canvas import ManyAxes
from mnexcite.plots.plane import POINT
from mnexcite.plots.style import CYCLE, styled
from mnexcite.plots.sweep_axes import Array, Coordinate, axis_names, coordinate, say_empty
from mnexcite.plots.sweep_states import States, numbers

if TYPE_CHECKING:
    from xarray import Dataset

#: Panels in a row of a new figure, at most.
COLUMNS = 3
#: The band holds so much of the points in its middle [%].
BAND = (10.0, 90.0)


@checked
def marginals(
    ds: Dataset,
    variable: str,
    *,
    axes: ManyAxes | None = None,
    factor: bool = False,
) -> list[Axes]:
    """Draw a measure over each axis of a sweep, a panel for each.

    For a grid: the mean over all other axes, and the band that holds the middle 80 % of the
    points. For a design of points: every point. Points without a number do not count.

    Parameters
    ----------
    ds
        What `mnexcite.sweep` returned.
    variable
        A measure, such as `rate`.
    axes
        As many as the sweep has axes; a new figure by default.
    factor
        Show factors in place of absolute values where an axis has them.

    Raises
    ------
    InputError
        If the variable is no measure, the sweep has no axis, or `axes` are not as many.

    Examples
    --------
    >>> import xarray
    >>> from matplotlib.figure import Figure
    >>> ds = xarray.Dataset(
    ...     {"rate": (("NaP.g", "K.g"), [[0.0, 0.0], [5.0, 9.0]], {"units": "Hz"})},
    ...     {"NaP.g": [1.0, 2.0], "K.g": [0.5, 1.0]},
    ... )
    >>> panels = marginals(ds, "rate", axes=Figure().subplots(1, 2))
    >>> panels[0].lines[0].get_ydata().tolist()
    [0.0, 7.0]
    """
    states = numbers(ds, variable)
    dims = tuple(str(dim) for dim in states.data.dims)
    grid = dims != (POINT,)
    names = list(dims) if grid else axis_names(ds, dims)
    if not names:
        raise InputError(f"{variable} has no axis left; give a sweep that is not reduced so")
    with styled(axes):
        panels = _panels(axes, len(names))
        for i, (ax, name) in enumerate(zip(panels, names, strict=True)):
            x = coordinate(ds, name, factor=factor)
            (_band if grid else _scatter)(ax, x, states, CYCLE[i % len(CYCLE)])
            x.scale(ax.xaxis, ticks=grid)
            ax.margins(x=0.04, y=0.06)
            if not np.isfinite(states.data.values).any():
                say_empty(ax)
                ax.set_xlim(x.edges[0], x.edges[-1])
            place = ax.get_subplotspec()
            if place is None or place.is_first_col():
                ax.set_ylabel(states.title)
        if grid:
            _name_band(panels[0])
    return panels


def _panels(axes: ManyAxes | None, count: int) -> list[Axes]:
    if axes is not None:
        return canvas.stacked(axes, count)
    import matplotlib.pyplot as plt

    columns = min(count, COLUMNS)
    rows = -(-count // columns)
    figure = plt.figure(figsize=(1.0 + 3.6 * columns, 0.5 + 3.2 * rows), layout="constrained")
    panels = list(np.ravel(canvas.grid(figure, rows, columns, sharey=True)))
    for unused in panels[count:]:
        unused.remove()
    return panels[:count]


def _band(ax: Axes, x: Coordinate, states: States, color: str) -> None:
    data = states.data.transpose(x.name, ...).values
    rows = [row[np.isfinite(row)] for row in data.reshape(data.shape[0], -1)[x.order]]
    middle = np.array([row.mean() if row.size else np.nan for row in rows])
    low, high = np.array([_percentiles(row) for row in rows]).T
    places = x.values[x.order]
    ax.fill_between(places, low, high, color=color, alpha=0.25, linewidth=0)
    ax.plot(places, middle, "-o" if places.size <= 20 else "-", color=color, markersize=5)


def _percentiles(row: Array) -> NDArray[np.float64]:
    return np.percentile(row, BAND) if row.size else np.full(2, np.nan)


def _scatter(ax: Axes, x: Coordinate, states: States, color: str) -> None:
    known = np.isfinite(states.data.values)
    size = float(np.clip(6000.0 / max(known.size, 1), 2.0, 36.0))
    # dots that overlap add up, so that crowds are seen
    ax.scatter(
        x.values[known],
        states.data.values[known],
        s=size,
        color=color,
        alpha=0.8 if known.size <= 200 else 0.35,
        linewidths=0,
        rasterized=known.size > 10_000,
    )


def _name_band(ax: Axes) -> None:
    low, high = BAND
    names = [f"{low:g} to {high:g} % of points", "mean"]
    canvas.legend_above(ax, [ax.collections[0], ax.lines[0]], names)
