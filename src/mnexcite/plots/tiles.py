"""Cells of a grid as areas with a hatch, and the edges between classes of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path
from numpy.typing import NDArray

from mnexcite.plots.classes import looks
from mnexcite.plots.plane import Plane
from mnexcite.plots.sweep_axes import Array
from mnexcite.plots.sweep_states import States


def area(mask: NDArray[np.bool_], x: Array, y: Array) -> Path:
    """Return the cells where `mask` is true as one path; cells in a row are joined.

    Parameters
    ----------
    mask
        Shape (rows, columns).
    x, y
        Edges of columns and of rows, shapes (columns + 1,) and (rows + 1,).

    Examples
    --------
    >>> area(np.array([[True, True, False]]), np.arange(4.0), np.arange(2.0)).get_extents()
    Bbox([[0.0, 0.0], [2.0, 1.0]])
    """
    closed = np.pad(mask.astype(np.int8), ((0, 0), (1, 1)))
    change = np.diff(closed, axis=1)
    row, left = np.nonzero(change == 1)
    _, right = np.nonzero(change == -1)
    corners = np.empty((row.size, 5, 2))
    corners[:, :, 0] = x[np.stack([left, right, right, left, left], axis=1)]
    corners[:, :, 1] = y[np.stack([row, row, row + 1, row + 1, row], axis=1)]
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    return Path(corners.reshape(-1, 2), codes * row.size)


def draw_areas(
    ax: Axes, over: Plane, states: States, places: Sequence[int], *, hatching: bool
) -> list[Artist]:
    """Draw the cells of some classes; return what a legend shows of them."""
    codes, styles = over.arranged(states.index), looks(states.names)
    handles: list[Artist] = []
    for place in places:
        look, path = styles[place], area(codes == place, over.x.edges, over.y.edges)
        filling: dict[str, Any] = {
            "facecolor": look.color,
            "edgecolor": look.hatch_color,
            "hatch": look.hatch if hatching else "",
            "label": states.names[place],
        }
        # without antialiasing neighbours meet without a seam
        ax.add_patch(PathPatch(path, linewidth=0.0, antialiased=False, snap=False, **filling))
        handles.append(Patch(linewidth=0.7, **filling))
    return handles


def steps(codes: NDArray, x: Array, y: Array, apart: Sequence[int] = ()) -> NDArray:
    """Return the edges between cells of different codes, shape (n, 2 ends, x and y).

    Cells with a code in `apart` have no such edge.
    """
    known = ~np.isin(codes, list(apart))
    row, column = np.nonzero((codes[:, 1:] != codes[:, :-1]) & known[:, 1:] & known[:, :-1])
    upright = np.stack(
        [
            np.stack([x[column + 1], y[row]], axis=1),
            np.stack([x[column + 1], y[row + 1]], axis=1),
        ],
        axis=1,
    )
    row, column = np.nonzero((codes[1:] != codes[:-1]) & known[1:] & known[:-1])
    level = np.stack(
        [
            np.stack([x[column], y[row + 1]], axis=1),
            np.stack([x[column + 1], y[row + 1]], axis=1),
        ],
        axis=1,
    )
    return np.concatenate([upright, level])


def draw_lines(ax: Axes, segments: NDArray, name: str, width: float = 1.8) -> LineCollection:
    """Draw segments in black on white, seen on every colour; return the upper ones."""
    pair = [
        LineCollection(list(segments), colors=color, linewidths=wide, capstyle="round")
        for color, wide in (("white", width + 1.8), ("black", width))
    ]
    for lines in pair:
        lines.set_zorder(4)
        ax.add_collection(lines, autolim=False)
    pair[1].set_label(name)
    return pair[1]
