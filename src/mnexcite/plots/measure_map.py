"""A measure of a sweep over two of its axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from mnexcite.errors import checked, choice, number
from mnexcite.plots import canvas
from mnexcite.plots.classes import draw_signs, legend_above, sign_size
from mnexcite.plots.labels import FRACTION, in_lines
from mnexcite.plots.plane import Plane, plane
from mnexcite.plots.style import styled
from mnexcite.plots.sweep_axes import entitle, fixed_values
from mnexcite.plots.sweep_states import FAILED, PENDING, States, classes, numbers
from mnexcite.plots.tiles import draw_areas, draw_lines, steps

if TYPE_CHECKING:
    from xarray import DataArray, Dataset

#: From so many cells on, a vector file holds them as a picture.
MANY = 10_000


@checked
def measure_map(
    ds: Dataset,
    variable: str,
    *,
    x: str | None = None,
    y: str | None = None,
    front: str | None = None,
    ax: Axes | None = None,
    hatching: bool = True,
    factor: bool = False,
    cmap: str | None = None,
    vmin: float | None = None,
    vmax: float | None = None,
) -> Axes:
    """Draw a measure of each point of a sweep over two axes, with a colour bar.

    A point of a grid fills the cell around it, never more. Points without a number are grey
    with a cross hatch where they failed, white where they have not been run, dotted where
    the measure is undefined.

    Parameters
    ----------
    ds
        What `mnexcite.sweep` returned, reduced to two dimensions or to `point`.
    variable
        A measure, such as `rate`.
    x, y
        Axes of the sweep; the first two by default.
    front
        A flag variable, such as `phase`: cells of different classes are parted by a line
        along their edges. Only for grids.
    ax
        Where to draw; a new figure by default.
    hatching
        Whether areas without a number are hatched.
    factor
        Show factors in place of absolute values where an axis has them.
    cmap
        Matplotlib's name of a colour map. Default viridis; for a measure whose sign matters,
        such as `hysteresis`, one that is white at 0 and red above.
    vmin, vmax
        Numbers at the ends of the colour bar; lowest and highest by default, as far from 0
        on both sides where the sign matters. Shares of the fused force, and the fusion index,
        go from 0 to 1, or to the highest where that is above 1, so that maps compare.

    Raises
    ------
    InputError
        If the variable is no measure, an axis is unknown, there are not two dimensions, or
        a front is asked for without a grid.

    Examples
    --------
    >>> import xarray
    >>> from matplotlib.figure import Figure
    >>> ds = xarray.Dataset(
    ...     {"rate": (("NaP.g", "K.g"), [[0.0, 0.0], [5.0, 9.0]], {"units": "Hz"})},
    ...     {"NaP.g": [1.0, 2.0], "K.g": [0.5, 1.0]},
    ... )
    >>> ax = measure_map(ds, "rate", ax=Figure().subplots())
    >>> [panel.get_ylabel() for panel in ax.figure.axes]
    ['K.g', 'Rate [Hz]']
    """
    states = numbers(ds, variable)
    over = plane(ds, states.data, x, y, factor=factor)
    parted = None if front is None else _front(ds, front, over)
    with styled(ax):
        ax = canvas.single(ax, 8.5, 5.5)
        if cmap is not None:
            choice("cmap", cmap, colormaps)
        for name, end in (("vmin", vmin), ("vmax", vmax)):
            if end is not None:
                number(name, end)
        span = _colors(states.data, cmap, vmin, vmax)
        draw = _cells if over.grid else _points
        colored, handles = draw(ax, over, states, hatching, span)
        if parted is not None and len(parted):
            fine = max(over.x.values.size, over.y.values.size)
            width = float(np.clip(100.0 / fine, 0.8, 2.0))
            handles.append(draw_lines(ax, parted, f"front of {front}", width))
        over.frame(ax)
        bar = ax.figure.colorbar(colored, ax=ax, label=in_lines(states.title), pad=0.02)
        bar.outline.set_visible(False)  # type: ignore[operator]
        if 0 not in states.present():
            bar.set_ticks([])
        # the legend stands on the right
        entitle(ax, fixed_values(ds, factor=factor), 34)
        legend_above(ax, handles)
    return ax


def _colors(
    data: DataArray, cmap: str | None, vmin: float | None, vmax: float | None
) -> dict[str, Any]:
    """Return the colour map and its ends; of a signed measure, both as far from its centre."""
    centre = data.attrs.get("centre")
    if data.name == "fusion_index" or FRACTION in str(data.attrs.get("long_name", "")):
        vmin = 0.0 if vmin is None else vmin
        known = data.values[np.isfinite(data.values)]
        vmax = max(1.0, float(known.max(initial=0.0))) if vmax is None else vmax
    if centre is None:
        return {"cmap": cmap or "viridis", "vmin": vmin, "vmax": vmax}
    given = np.array([end for end in (vmin, vmax) if end is not None])
    ends = given if given.size else data.values[np.isfinite(data.values)]
    reach = float(np.max(np.abs(ends - centre), initial=0.0)) or 1.0
    return {
        "cmap": cmap or "RdBu_r",
        "vmin": centre - reach if vmin is None else vmin,
        "vmax": centre + reach if vmax is None else vmax,
    }


def _front(ds: Dataset, variable: str, over: Plane) -> np.ndarray:
    states = classes(ds, variable)
    unknown = [states.names.index(FAILED), states.names.index(PENDING)]
    return steps(over.arranged(states.index), over.x.edges, over.y.edges, unknown)


def _cells(
    ax: Axes, over: Plane, states: States, hatching: bool, span: dict[str, Any]
) -> tuple[Any, list[Artist]]:
    values = over.arranged(states.data)
    mesh = ax.pcolormesh(
        over.x.edges,
        over.y.edges,
        np.ma.masked_invalid(values),
        shading="flat",
        rasterized=values.size > MANY,
        **_ends(values, span),
    )
    unknown = [place for place in states.present() if place]
    return mesh, draw_areas(ax, over, states, unknown, hatching=hatching)


def _points(
    ax: Axes, over: Plane, states: States, hatching: bool, span: dict[str, Any]
) -> tuple[Any, list[Artist]]:
    size, known = sign_size(states.index.size), states.index.values == 0
    dots = ax.scatter(
        over.x.values[known],
        over.y.values[known],
        c=states.data.values[known],
        s=size,
        edgecolors="#404040",
        linewidths=0.4,
        zorder=3,
        **_ends(states.data.values, span),
    )
    rest = [place for place in states.present() if place]
    return dots, [*draw_signs(ax, over.x.values, over.y.values, states, rest, size)]


def _ends(values: np.ndarray, span: dict[str, Any]) -> dict[str, Any]:
    """Return the colour bar's ends, which need a number even where there is none."""
    return span if np.isfinite(values).any() else span | {"vmin": 0.0, "vmax": 1.0}
