"""Lines through a sweep: one measure along one axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from mnexcite.errors import InputError, array, checked, did_you_mean, whole
from mnexcite.plots import canvas
from mnexcite.plots.classes import legend_beside
from mnexcite.plots.labels import in_lines
from mnexcite.plots.style import GREY, styled
from mnexcite.plots.sweep_axes import Coordinate, coordinate, entitle, fixed_values, say_empty
from mnexcite.plots.sweep_states import numbers

if TYPE_CHECKING:
    from xarray import DataArray, Dataset

_MARKERS = "osD^vP"
#: So many signs stand on a line, at most.
SIGNS = 24
#: Signs of failed points stand in rows so far apart, in fractions of the axes' height.
ROW = 0.028


#: Most lines of one figure.
MOST = 1000


@checked
def slices(
    ds: Dataset,
    variable: str,
    along: str,
    *,
    at: int | Sequence[float] = 5,
    ax: Axes | None = None,
    factor: bool = False,
) -> Axes:
    """Draw a measure along one axis of a sweep, a line for each of some values of another.

    Points that failed are crosses at the foot of the axes, in their line's colour; a line
    has a gap wherever it has no number.

    Parameters
    ----------
    ds
        What `mnexcite.sweep` returned for a grid, reduced to one or two dimensions.
    variable
        A measure, such as `rate`.
    along
        The axis to draw along.
    at
        Values of the other axis (factors if `factor`), the nearest of the grid is taken; or
        how many, evenly chosen.
    ax
        Where to draw; a new figure by default.
    factor
        Show factors in place of absolute values where an axis has them.

    Raises
    ------
    InputError
        If the variable is no measure, `along` is no dimension, more than one other
        dimension is left, or a value lies outside the other axis.

    Examples
    --------
    >>> import xarray
    >>> from matplotlib.figure import Figure
    >>> ds = xarray.Dataset(
    ...     {"rate": (("NaP.g", "K.g"), [[0.0, 0.0], [5.0, 9.0]], {"units": "Hz"})},
    ...     {"NaP.g": [1.0, 2.0], "K.g": [0.5, 1.0]},
    ... )
    >>> ax = slices(ds, "rate", "NaP.g", ax=Figure().subplots())
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['0.5', '1']
    """
    states = numbers(ds, variable)
    other = _other(states.data, along)
    x = coordinate(ds, along, factor=factor)
    by = None if other is None else coordinate(ds, other, factor=factor)
    chosen = np.zeros(1, int) if by is None else _chosen(by, at)
    dims = (along,) if other is None else (other, along)
    values, codes = (
        np.atleast_2d(data.transpose(*dims).values)[:, x.order]
        for data in (states.data, states.index)
    )
    places = x.values[x.order]
    with styled(ax):
        ax = canvas.single(ax, 8.5, 5.0)
        colors = mpl.colormaps["viridis"](np.linspace(0.0, 0.82, chosen.size))
        lines = []
        for row, (i, color) in enumerate(zip(chosen, colors, strict=True)):
            (line,) = ax.plot(
                places,
                values[i],
                color=color,
                marker=_MARKERS[row % len(_MARKERS)],
                markevery=max(1, places.size // SIGNS),
                markersize=5.5,
                label=None if by is None else f"{by.values[i]:.4g}",
            )
            lines.append(line)
            _crosses(ax, places[codes[i] == 1], row, color)
        x.scale(ax.xaxis)
        ax.set_ylabel(in_lines(states.title))
        ax.margins(x=0.03, y=0.06)
        entitle(ax, fixed_values(ds, factor=factor))
        if not np.isfinite(values[chosen]).any():
            say_empty(ax)
        if (codes[chosen] == 1).any():
            low, high = ax.get_ylim()
            # the crosses stand below all that is measured, where no number belongs
            ax.set_yticks([tick for tick in ax.get_yticks() if low <= tick <= high])
            ax.set_ylim(low - ROW * (chosen.size + 0.5) * (high - low), high)
            lines.append(
                Line2D([], [], color=GREY, marker="x", linestyle="", label=states.names[1])
            )
        if by is not None or len(lines) > 1:
            legend_beside(ax, lines[0 if by is not None else 1 :], by.label if by else "")
    return ax


def _crosses(ax: Axes, places: NDArray[np.float64], row: int, color: NDArray) -> None:
    ax.plot(
        places,
        np.full(places.size, ROW * (row + 0.7)),
        "x",
        color=color,
        markersize=6.0,
        transform=ax.get_xaxis_transform(),
    )


def _other(data: DataArray, along: str) -> str | None:
    """Return the one dimension that is left beside `along`, if any."""
    dims = [str(dim) for dim in data.dims]
    if along not in dims:
        raise InputError(f"axis {along!r} is not there; {did_you_mean(along, dims)}")
    left = [dim for dim in dims if dim != along]
    if len(left) > 1:
        places = ", ".join(f"{name!r}: 0" for name in left[1:])
        raise InputError(
            f"beside {along!r} the sweep has the dimensions {', '.join(map(repr, left))}; "
            f"allowed: one: choose a value of the others, as in ds.isel({{{places}}})"
        )
    return left[0] if left else None


def _chosen(by: Coordinate, at: int | Sequence[float]) -> NDArray[np.intp]:
    """Return the places of the values to draw, evenly chosen or nearest to those given."""
    if isinstance(at, int | np.integer):
        count = min(whole("at", at, f"values, or 1 to {MOST}", highest=MOST), by.values.size)
        return by.order[np.linspace(0, by.values.size - 1, count).round().astype(int)]
    low, high = by.edges[[0, -1]]
    allowed = f"{low:.4g} to {high:.4g}, the range of {by.name}"
    given = array("at", at, allowed, least=1, lowest=low, highest=high)
    return np.array([np.argmin(np.abs(by.values - value)) for value in given])
