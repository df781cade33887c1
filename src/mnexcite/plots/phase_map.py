"""Classes of a sweep's points over two of its axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.artist import Artist
from matplotlib.axes import Axes

from mnexcite.errors import checked
from mnexcite.plots import canvas
from mnexcite.plots.classes import draw_signs, legend_beside, sign_size
from mnexcite.plots.plane import Plane, plane
from mnexcite.plots.style import styled
from mnexcite.plots.sweep_axes import entitle, fixed_values
from mnexcite.plots.sweep_states import States, classes
from mnexcite.plots.tiles import draw_areas

if TYPE_CHECKING:
    from xarray import Dataset


@checked
def phase_map(
    ds: Dataset,
    *,
    x: str | None = None,
    y: str | None = None,
    variable: str = "phase",
    ax: Axes | None = None,
    hatching: bool = True,
    factor: bool = False,
) -> Axes:
    """Draw the class of each point of a sweep over two axes, a colour and a hatch for each.

    A point of a grid fills the cell around it, never more; single points (random, zipped and
    other designs) are signs. Failed points are grey with a cross hatch, points that have not
    been run white.

    Parameters
    ----------
    ds
        What `mnexcite.sweep` returned, reduced to two dimensions or to `point`.
    x, y
        Axes of the sweep; the first two by default.
    variable
        A flag variable after the CF conventions, such as `phase` or `status`.
    ax
        Where to draw; a new figure by default.
    hatching
        Whether areas are hatched besides their colour.
    factor
        Show factors in place of absolute values where an axis has them.

    Raises
    ------
    InputError
        If the variable has no flags, an axis is unknown, or there are not two dimensions.

    Examples
    --------
    >>> import xarray
    >>> from matplotlib.figure import Figure
    >>> flags = {"flag_values": [0, 1], "flag_meanings": "silent tonic"}
    >>> ds = xarray.Dataset(
    ...     {"phase": (("NaP.g", "K.g"), [[0, 0], [0, 1]], flags)},
    ...     {"NaP.g": [1.0, 2.0], "K.g": ("K.g", [0.5, 1.0], {"units": "uS"})},
    ... )
    >>> ax = phase_map(ds, ax=Figure().subplots())
    >>> [text.get_text() for text in ax.get_legend().get_texts()], ax.get_ylabel()
    (['silent', 'tonic'], 'K.g [uS]')
    """
    states = classes(ds, variable)
    over = plane(ds, states.data, x, y, factor=factor)
    with styled(ax):
        ax = canvas.single(ax, 8.5, 5.5)
        draw = _cells if over.grid else _points
        handles = draw(ax, over, states, hatching)
        over.frame(ax)
        entitle(ax, fixed_values(ds, factor=factor))
        legend_beside(ax, handles, states.title)
    return ax


def _cells(ax: Axes, over: Plane, states: States, hatching: bool) -> list[Artist]:
    return draw_areas(ax, over, states, states.present(), hatching=hatching)


def _points(ax: Axes, over: Plane, states: States, hatching: bool) -> list[Artist]:
    size = sign_size(states.index.size)
    return [*draw_signs(ax, over.x.values, over.y.values, states, states.present(), size)]
