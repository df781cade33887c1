"""The boundary between classes that an adaptive refinement found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from mnexcite.errors import InputError, checked
from mnexcite.plots import canvas
from mnexcite.plots.classes import draw_signs, legend_beside, sign_size
from mnexcite.plots.plane import plane
from mnexcite.plots.style import styled
from mnexcite.plots.sweep_axes import entitle, fixed_values
from mnexcite.plots.sweep_states import PENDING, classes
from mnexcite.plots.tiles import draw_lines

if TYPE_CHECKING:
    from xarray import Dataset


@checked
def front(
    ds: Dataset,
    *,
    variable: str = "phase",
    ax: Axes | None = None,
    factor: bool = False,
) -> Axes:
    """Draw the front between classes over the points that were run to find it.

    Parameters
    ----------
    ds
        What the refinement returned: a grid of which most points are pending, and the
        front's segments `front_x` and `front_y` over (`segment`, `end`), absolute values of
        the grid's first and second axis.
    variable
        The flag variable whose classes are parted.
    ax
        Where to draw; a new figure by default.
    factor
        Show factors in place of absolute values where an axis has them.

    Raises
    ------
    InputError
        If the segments are missing, or the grid has not two dimensions.

    Examples
    --------
    >>> import xarray
    >>> from matplotlib.figure import Figure
    >>> flags = {"flag_values": [0, 1], "flag_meanings": "silent tonic"}
    >>> ds = xarray.Dataset(
    ...     {
    ...         "phase": (("NaP.g", "K.g"), [[0, -1], [0, 1]], flags),
    ...         "front_x": (("segment", "end"), [[1.5, 1.5]]),
    ...         "front_y": (("segment", "end"), [[0.5, 1.0]]),
    ...     },
    ...     {"NaP.g": [1.0, 2.0], "K.g": [0.5, 1.0]},
    ... )
    >>> ax = front(ds, ax=Figure().subplots())
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['silent', 'tonic', 'front']
    """
    for name in ("front_x", "front_y"):
        if name not in ds:
            raise InputError(f"ds has no {name!r}; give what the refinement returned")
    states = classes(ds, variable)
    over = plane(ds, states.data, factor=factor)
    axes = zip(("front_x", "front_y"), (over.x, over.y), strict=True)
    segments = np.stack(
        [ds[name].transpose("segment", "end").values * axis.scaled(ds) for name, axis in axes],
        -1,
    )
    pending = states.names.index(PENDING)
    run = [place for place in states.present() if place != pending]
    with styled(ax):
        ax = canvas.single(ax, 8.5, 5.5)
        x, y = np.meshgrid(over.x.values, over.y.values, indexing="ij")
        count = int(np.sum(states.index.values != pending))
        handles = draw_signs(ax, x.ravel(), y.ravel(), states, run, sign_size(2 * count))
        line = draw_lines(ax, segments, "front") if len(segments) else None
        over.frame(ax)
        entitle(ax, fixed_values(ds, factor=factor))
        legend_beside(ax, [*handles, *([line] if line else [])], states.title)
    return ax
